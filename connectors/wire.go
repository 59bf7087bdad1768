package connectors

import (
	"context"
	"crypto/tls"
	"net"
	"net/url"
	"sync"
	"time"
)

// Limits of the wire.
const (
	dialTimeout    = 10 * time.Second
	maxHeaderBytes = 64 << 10
	maxBody        = 1 << 20 // of an answer
	maxRedirects   = 5
	maxRetryAfter  = 24 * time.Hour
	keptSessions   = 64 // of TLS: a new connection to a server that is known need not see its certificate again
)

// dialer opens connections.
type dialer func(ctx context.Context, network, address string) (net.Conn, error)

// wire is how a Performer speaks HTTP/1.1 (RFC 9112): one request, one answer, on a connection of its own, written and
// read by whoever calls. net/http's transport is not used: on a connection that it keeps, a server that hangs up just
// then leaves an unknown outcome where nothing happened, and it sends a read again by itself, uncounted, where only the
// engine may decide that (R8); and for a connection that it does not keep it starts four goroutines, each of which costs
// more than the request. No proxy, no transparent decompression: what was sent, and when, stays simple to reason about.
type wire struct {
	public, private dialer // the second may dial private ranges
	config          *tls.Config
	buffers         sync.Pool // of *buffers
}

func newWire(ex Exits) *wire {
	w := &wire{config: &tls.Config{RootCAs: ex.Roots, MinVersion: tls.VersionTLS12, ClientSessionCache: tls.NewLRUClientSessionCache(keptSessions)}}
	w.buffers.New = func() any { return newBuffers() }
	w.public, w.private = dialerOf(ex, false), dialerOf(ex, true)
	return w
}

func dialerOf(ex Exits, private bool) dialer {
	if ex.Dial != nil {
		return ex.Dial
	}
	return (&net.Dialer{Timeout: dialTimeout, Resolver: ex.Resolver, Control: guard(private)}).DialContext
}

// open connects to where an address leads. Nothing of a request has left when it fails.
func (w *wire) open(ctx context.Context, u *url.URL, private bool) (net.Conn, error) {
	host, err := asciiHost(u)
	if err != nil {
		return nil, err
	}
	port := u.Port()
	if port == "" {
		port = map[string]string{"http": "80", "https": "443"}[u.Scheme]
	}
	dial := w.public
	if private {
		dial = w.private
	}
	conn, err := dial(ctx, "tcp", net.JoinHostPort(host, port))
	if err != nil || u.Scheme != "https" {
		return conn, err
	}
	config := w.config.Clone()
	config.ServerName = host
	secure := tls.Client(conn, config)
	shake, cancel := context.WithTimeout(ctx, dialTimeout)
	defer cancel()
	if err := secure.HandshakeContext(shake); err != nil {
		_ = conn.Close() // the handshake's error says more
		return nil, err
	}
	return secure, nil
}

// timeoutOf is the context of one request.
func timeoutOf(ctx context.Context, d time.Duration) (context.Context, context.CancelFunc) {
	if d <= 0 {
		return context.WithCancel(ctx)
	}
	return context.WithTimeout(ctx, d)
}
