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
	return func(network, address string, _ syscall.RawConn) error {
		ap, err := netip.ParseAddrPort(address)
		if err != nil || network != "tcp4" && network != "tcp6" {
			return &blocked{kind: "special"}
		}
		if b := judge(ap.Addr()); b != nil && (!b.private || !allowPrivate) {
			return b
		}
		return nil
	}
}

// span is a range of addresses that is not the public internet.
type span struct {
	prefix  string
	kind    string
	private bool
}

// The ranges are those of the IANA special-purpose address registries (RFC 6890 and successors), plus the
// addresses at which clouds serve machine credentials. private ones are networks somebody may mean; the others
// are never a service that a flow should call.
func spans() []span {
	return []span{
		{"100.100.100.200/32", "metadata", false}, // Alibaba Cloud
		{"168.63.129.16/32", "metadata", false},   // Azure
		{"169.254.0.0/16", "link-local", false},   // and the metadata of most clouds
		{"192.0.0.0/24", "special", false},        // and Oracle's metadata
		{"fd00:ec2::/32", "metadata", false},      // AWS
		{"fd20:ce::/32", "metadata", false},       // Google
		{"0.0.0.0/8", "unspecified", false},
		{"127.0.0.0/8", "loopback", true},
		{"10.0.0.0/8", "private", true},
		{"172.16.0.0/12", "private", true},
		{"192.168.0.0/16", "private", true},
		{"100.64.0.0/10", "carrier", true},
		{"198.18.0.0/15", "benchmark", true},
		{"192.0.2.0/24", "documentation", false},
		{"198.51.100.0/24", "documentation", false},
		{"203.0.113.0/24", "documentation", false},
		{"192.88.99.0/24", "special", false},
		{"224.0.0.0/4", "multicast", false},
		{"240.0.0.0/4", "reserved", false},
		{"::1/128", "loopback", true},
		{"fc00::/7", "private", true},
		{"fe80::/10", "link-local", false},
		{"ff00::/8", "multicast", false},
		{"2001::/23", "special", false}, // Teredo and other tunnels
		{"2001:db8::/32", "documentation", false},
		{"3fff::/20", "documentation", false},
	}
}

// judge is nil for an address of the public internet.
func judge(ip netip.Addr) *blocked {
	if ip.Zone() != "" {
		return &blocked{kind: "link-local"}
	}
	ip = ip.Unmap()
	if v4, ok := embedded(ip); ok {
		return judge(v4)
	}
	for _, s := range spans() {
		if netip.MustParsePrefix(s.prefix).Contains(ip) {
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
