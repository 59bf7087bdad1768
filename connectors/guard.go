package connectors

import (
	"net/netip"
	"syscall"
)

// blocked is the guard's refusal of an address about to be dialled.
type blocked struct {
	kind    string // "loopback", "private", "link-local", …
	private bool   // allow_private would allow it
}

func (b *blocked) Error() string { return "refused to dial a " + b.kind + " address" }

// guard is a net.Dialer.Control: it sees the very address that is being connected to, after every resolution, so
// that no spelling of a URL, redirect or DNS answer gets around it.
func guard(allowPrivate bool) func(network, address string, _ syscall.RawConn) error {
	known := spans()
	return func(network, address string, _ syscall.RawConn) error {
		ap, err := netip.ParseAddrPort(address)
		if err != nil || network != "tcp4" && network != "tcp6" {
			return &blocked{kind: "special"}
		}
		if b := judge(known, ap.Addr()); b != nil && (!b.private || !allowPrivate) {
			return b
		}
		return nil
	}
}

// span is a range of addresses that is not the public internet.
type span struct {
	prefix  netip.Prefix
	kind    string
	private bool
}

// The ranges are those of the IANA special-purpose address registries (RFC 6890 and successors), plus the
// addresses at which clouds serve machine credentials. private ones are networks somebody may mean; the others
// are never a service that a flow should call.
func spans() []span {
	in := netip.MustParsePrefix
	return []span{
		{in("100.100.100.200/32"), "metadata", false}, // Alibaba Cloud
		{in("168.63.129.16/32"), "metadata", false},   // Azure
		{in("169.254.0.0/16"), "link-local", false},   // and the metadata of most clouds
		{in("192.0.0.0/24"), "special", false},        // and Oracle's metadata
		{in("fd00:ec2::/32"), "metadata", false},      // AWS
		{in("fd20:ce::/32"), "metadata", false},       // Google
		{in("0.0.0.0/8"), "unspecified", false},
		{in("127.0.0.0/8"), "loopback", true},
		{in("10.0.0.0/8"), "private", true},
		{in("172.16.0.0/12"), "private", true},
		{in("192.168.0.0/16"), "private", true},
		{in("100.64.0.0/10"), "carrier", true},
		{in("198.18.0.0/15"), "benchmark", true},
		{in("192.0.2.0/24"), "documentation", false},
		{in("198.51.100.0/24"), "documentation", false},
		{in("203.0.113.0/24"), "documentation", false},
		{in("192.88.99.0/24"), "special", false},
		{in("224.0.0.0/4"), "multicast", false},
		{in("240.0.0.0/4"), "reserved", false},
		{in("::1/128"), "loopback", true},
		{in("fc00::/7"), "private", true},
		{in("fe80::/10"), "link-local", false},
		{in("ff00::/8"), "multicast", false},
		{in("2001::/23"), "special", false}, // Teredo and other tunnels
		{in("2001:db8::/32"), "documentation", false},
		{in("3fff::/20"), "documentation", false},
	}
}

// judge is nil for an address of the public internet.
func judge(known []span, ip netip.Addr) *blocked {
	if ip.Zone() != "" {
		return &blocked{kind: "link-local"}
	}
	ip = ip.Unmap()
	if v4, ok := embedded(ip); ok {
		return judge(known, v4)
	}
	for _, s := range known {
		if s.prefix.Contains(ip) {
			return &blocked{kind: s.kind, private: s.private}
		}
	}
	if ip.Is6() && !netip.MustParsePrefix("2000::/3").Contains(ip) {
		return &blocked{kind: "special"} // outside global unicast (RFC 4291)
	}
	return nil
}

// embedded is the IPv4 address that a translator would send to: NAT64 (RFC 6052) and 6to4 (RFC 3056).
func embedded(ip netip.Addr) (netip.Addr, bool) {
	if !ip.Is6() {
		return ip, false
	}
	b := ip.As16()
	switch {
	case netip.MustParsePrefix("64:ff9b::/96").Contains(ip):
		return netip.AddrFrom4([4]byte(b[12:16])), true
	case netip.MustParsePrefix("2002::/16").Contains(ip):
		return netip.AddrFrom4([4]byte(b[2:6])), true
	}
	return ip, false
}
