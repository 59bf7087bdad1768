package connectors_test

import (
	"context"
	"errors"
	"net"
	"testing"

	"github.com/bretelle/bretelle/connectors"
	"github.com/bretelle/bretelle/engine"
)

// elsewhere is a connection to an address that the test chooses; it remembers whether it was used.
type elsewhere struct {
	net.Conn
	at     net.Addr
	said   int
	closed bool
}

func (e *elsewhere) RemoteAddr() net.Addr        { return e.at }
func (e *elsewhere) Write(p []byte) (int, error) { e.said += len(p); return len(p), nil }
func (e *elsewhere) Close() error                { e.closed = true; return nil }

type readable struct{}

func (readable) Open(context.Context, string) (engine.Credential, error) {
	return engine.Credential{Name: "box", Origin: "imap+insecure://mail.example.org", User: "ann", Value: engine.NewSecret("passw0rd")}, nil
}

// An account without TLS is used on this machine and in private networks, whatever its server's name leads to.
func TestNoPasswordOverTheInternet(t *testing.T) {
	for ip, wanted := range map[string]bool{"8.8.8.8": false, "2606:4700::1111": false, "::ffff:8.8.8.8": false, "127.0.0.1": true, "192.168.1.9": true, "fd00::1": true} {
		conn := &elsewhere{at: &net.TCPAddr{IP: net.ParseIP(ip), Port: 143}}
		line, err := connectors.OpenIMAP(t.Context(), connectors.Exits{Secrets: readable{}, Dial: func(context.Context, string, string) (net.Conn, error) { return conn, nil }}, "box", true)
		var f *connectors.Fault
		switch {
		case wanted && err != nil:
			t.Errorf("%s: %v", ip, err)
		case wanted:
			line.Close()
		case !errors.As(err, &f) || f.Class != engine.Forbidden || !conn.closed || conn.said > 0:
			t.Errorf("%s: %v, closed %v, %d bytes were said", ip, err, conn.closed, conn.said)
		}
	}
}
