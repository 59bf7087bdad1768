package connectors

import (
	"context"
	"crypto/tls"
	"net"
	"net/http"
	"time"
)

// Limits of the wire.
const (
	dialTimeout    = 10 * time.Second
	maxHeaderBytes = 64 << 10
	maxBody        = 1 << 20 // of an answer
	maxRedirects   = 5
	maxRetryAfter  = 24 * time.Hour
)

// wire holds the HTTP transports of a Performer: one that may dial private ranges, one that may not. Every call gets
// a connection of its own. On a kept one, a server that hangs up just then leaves an unknown outcome where nothing
// happened, and the transport sends a read again by itself, uncounted, where only the engine may decide that (R8).
// HTTP/1.1 only, no proxy, no transparent decompression: what was sent, and when, stays simple to reason about.
type wire struct {
	public, private *http.Transport
}

func newWire(ex Exits) *wire {
	return &wire{public: newTransport(ex, false), private: newTransport(ex, true)}
}

func newTransport(ex Exits, private bool) *http.Transport {
	dial := ex.Dial
	if dial == nil {
		dial = (&net.Dialer{Timeout: dialTimeout, Resolver: ex.Resolver, Control: guard(private)}).DialContext
	}
	t := &http.Transport{
		Proxy:                  nil, // the environment's proxy would dial for us, past the guard
		DialContext:            dial,
		TLSHandshakeTimeout:    dialTimeout,
		TLSClientConfig:        &tls.Config{RootCAs: ex.Roots, MinVersion: tls.VersionTLS12},
		TLSNextProto:           map[string]func(string, *tls.Conn) http.RoundTripper{},
		MaxResponseHeaderBytes: maxHeaderBytes,
		ReadBufferSize:         1 << 10, // a connection lives for one call
		WriteBufferSize:        1 << 10,
		DisableKeepAlives:      true,
		DisableCompression:     true,
	}
	return t
}

func (w *wire) transport(private bool) *http.Transport {
	if private {
		return w.private
	}
	return w.public
}

func (w *wire) close() {
	w.public.CloseIdleConnections()
	w.private.CloseIdleConnections()
}

// timeoutOf is the context of one request.
func timeoutOf(ctx context.Context, d time.Duration) (context.Context, context.CancelFunc) {
	if d <= 0 {
		return context.WithCancel(ctx)
	}
	return context.WithTimeout(ctx, d)
}
