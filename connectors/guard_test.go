package connectors_test

import (
	"context"
	"encoding/binary"
	"fmt"
	"net"
	"net/http"
	"net/netip"
	"os"
	"os/exec"
	"strings"
	"sync/atomic"
	"testing"

	"github.com/bretelle/bretelle/connectors"
	"github.com/bretelle/bretelle/engine"
)

// TestSSRF calls a canary on loopback under every spelling of its address, and addresses that no flow should call.
func TestSSRF(t *testing.T) {
	secret := newCanary(t, nil)
	port := secret.URL[strings.LastIndexByte(secret.URL, ':')+1:]
	// Spellings that are no address to Go are names; a resolver that reads them as the address is the worst case.
	dns := &fakeDNS{answers: []string{"127.0.0.1"}}
	p := rig(t, connectors.Exits{Resolver: dns.start(t)})
	for _, host := range []string{
		"127.0.0.1", "name.example", "localhost", "LOCALHOST.", "127.1", "127.0.1", "0x7f000001", "2130706433", "017700000001", "0177.0.0.1",
		"127.255.255.254", "0", "0.0.0.0", "0.1.2.3", "[::1]", "[::]", "[::ffff:127.0.0.1]", "[::ffff:7f00:1]", "[::127.0.0.1]",
		"[64:ff9b::127.0.0.1]", "[64:ff9b:1::7f00:1]", "[2002:7f00:1::]", "[2001:0:7f00:1::]", "[fe80::1]", "[fc00::1]", "[fd00:ec2::254]",
		"[fec0::1]", "[ff02::1]", "[2001:db8::1]", "[::ffff:0:127.0.0.1]", "[100::1]",
		"10.0.0.1", "172.16.0.1", "172.31.255.255", "192.168.1.1", "169.254.169.254", "100.64.0.1", "100.100.100.200", "192.0.0.192",
		"198.18.0.1", "224.0.0.1", "240.0.0.1", "255.255.255.255", "168.63.129.16", "192.0.2.1", "203.0.113.9", "[64:ff9b::a9fe:a9fe]",
	} {
		r := call(t, p, map[string]any{"method": "GET", "url": "http://" + host + ":" + port + "/", "timeout": "5s"})
		if r.Failure == nil || r.Failure.Class != engine.Forbidden && r.Failure.Class != engine.BadInput {
			t.Errorf("%s: %s %+v", host, r.Output, r.Failure)
		}
	}
	if n := secret.hits.Load(); n != 0 {
		t.Fatalf("the canary was hit %d times", n)
	}
}

func TestAllowPrivate(t *testing.T) {
	mine := newCanary(t, nil)
	p := rig(t, connectors.Exits{})
	if r := call(t, p, map[string]any{"method": "GET", "url": mine.URL, "allow_private": true}); r.Failure != nil {
		t.Errorf("%+v", r.Failure)
	}
	// A kept connection that was allowed is not used for a call that is not.
	r := call(t, p, map[string]any{"method": "GET", "url": mine.URL})
	wantClass(t, r, engine.Forbidden, engine.Denied)
	if !strings.Contains(r.Failure.Error().Error(), "allow_private: true") {
		t.Errorf("no way out is shown: %v", r.Failure.Error())
	}
	for _, host := range []string{"169.254.169.254", "[fe80::1]", "0.0.0.0", "[fd00:ec2::254]", "100.100.100.200", "224.0.0.1", "[::ffff:169.254.169.254]"} {
		r := call(t, p, map[string]any{"method": "GET", "url": "http://" + host + "/", "allow_private": true})
		wantClass(t, r, engine.Forbidden, engine.Denied)
	}
	if n := mine.hits.Load(); n != 1 {
		t.Errorf("%d hits", n)
	}
}

// TestRebinding has a name that is public when looked up first and private afterwards.
func TestRebinding(t *testing.T) {
	secret := newCanary(t, nil)
	port := secret.URL[strings.LastIndexByte(secret.URL, ':')+1:]
	dns := &fakeDNS{answers: []string{"192.0.2.1", "127.0.0.1"}}
	p := rig(t, connectors.Exits{Resolver: dns.start(t)})
	for range 4 {
		r := call(t, p, map[string]any{"method": "GET", "url": "http://rebind.example:" + port + "/"})
		wantClass(t, r, engine.Forbidden, engine.Denied)
	}
	if dns.asked.Load() < 4 {
		t.Errorf("the resolver was asked %d times", dns.asked.Load())
	}
	if n := secret.hits.Load(); n != 0 {
		t.Fatalf("the canary was hit %d times", n)
	}
}

func TestRedirects(t *testing.T) {
	inner := newCanary(t, nil)
	p := rig(t, connectors.Exits{})
	hop := newCanary(t, func(w http.ResponseWriter, r *http.Request) {
		var n int
		if _, err := fmt.Sscanf(r.URL.Path, "/left/%d", &n); err == nil && n > 0 {
			http.Redirect(w, r, fmt.Sprintf("/left/%d", n-1), http.StatusFound)
			return
		}
		if to := r.URL.Query().Get("to"); to != "" {
			http.Redirect(w, r, to, http.StatusTemporaryRedirect)
		}
	})
	get := func(path string) engine.Result {
		return call(t, p, map[string]any{"method": "GET", "url": hop.URL + path, "allow_private": true})
	}
	if r := get("/left/5"); r.Failure != nil {
		t.Errorf("five redirects: %+v", r.Failure)
	}
	wantClass(t, get("/left/6"), engine.Rejected, engine.Refused)
	for _, to := range []string{"http://169.254.169.254/latest", "http://[fe80::1]/", "http://0.0.0.0:1/"} {
		wantClass(t, get("/?to="+to), engine.Forbidden, engine.Denied)
	}
	wantClass(t, get("/?to=file:///etc/passwd"), engine.Rejected, engine.Refused)
	wantClass(t, get("/?to=http://user:pass@127.0.0.1/"), engine.Rejected, engine.Refused)
	for _, method := range []string{"POST", "PUT", "PATCH", "DELETE"} {
		r := call(t, p, map[string]any{"method": method, "url": hop.URL + "/?to=" + inner.URL, "allow_private": true})
		wantClass(t, r, engine.Rejected, engine.Refused)
	}
	if n := inner.hits.Load(); n != 0 {
		t.Errorf("%d redirected writes", n)
	}
}

// TestProxyEnvironmentIsIgnored runs itself again: net/http reads the environment once in a process.
func TestProxyEnvironmentIsIgnored(t *testing.T) {
	if os.Getenv("BRETELLE_TEST_PROXIED") != "" {
		p := rig(t, connectors.Exits{})
		wantClass(t, call(t, p, map[string]any{"method": "GET", "url": "http://192.0.2.1/", "allow_private": true}), engine.Forbidden, engine.Denied)
		return
	}
	proxy := newCanary(t, nil)
	cmd := exec.Command(os.Args[0], "-test.run=^TestProxyEnvironmentIsIgnored$")
	cmd.Env = append(os.Environ(), "BRETELLE_TEST_PROXIED=1")
	for _, name := range []string{"HTTP_PROXY", "http_proxy", "HTTPS_PROXY", "ALL_PROXY"} {
		cmd.Env = append(cmd.Env, name+"="+proxy.URL)
	}
	if out, err := cmd.CombinedOutput(); err != nil {
		t.Errorf("%v: %s", err, out)
	}
	if n := proxy.hits.Load(); n != 0 {
		t.Errorf("the proxy was used %d times", n)
	}
}

// fakeDNS is a name server on loopback that gives its answers in turn, to every question for an IPv4 address.
type fakeDNS struct {
	answers []string
	asked   atomic.Int64
}

func (d *fakeDNS) start(t *testing.T) *net.Resolver {
	t.Helper()
	conn, err := net.ListenPacket("udp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = conn.Close() })
	go func() {
		buf := make([]byte, 1500)
		for {
			n, from, err := conn.ReadFrom(buf)
			if err != nil {
				return
			}
			if reply := d.reply(buf[:n]); reply != nil {
				_, _ = conn.WriteTo(reply, from)
			}
		}
	}()
	return &net.Resolver{PreferGo: true, Dial: func(ctx context.Context, _, _ string) (net.Conn, error) {
		return (&net.Dialer{}).DialContext(ctx, "udp", conn.LocalAddr().String())
	}}
}

// reply answers one question (RFC 1035, 4.1).
func (d *fakeDNS) reply(q []byte) []byte {
	if len(q) < 12 {
		return nil
	}
	end := 12
	for end < len(q) && q[end] != 0 {
		end += int(q[end]) + 1
	}
	end += 5
	if end > len(q) {
		return nil
	}
	out := append([]byte{q[0], q[1], 0x81, 0x80, 0, 1, 0, 0, 0, 0, 0, 0}, q[12:end]...)
	if len(d.answers) == 0 { // no such name
		out[3] |= 3
		return out
	}
	if binary.BigEndian.Uint16(q[end-4:]) != 1 { // not A: no data
		return out
	}
	ip := netip.MustParseAddr(d.answers[int(d.asked.Add(1)-1)%len(d.answers)]).As4()
	out[7] = 1
	out = append(out, 0xc0, 12, 0, 1, 0, 1, 0, 0, 0, 0, 0, 4)
	return append(out, ip[:]...)
}
