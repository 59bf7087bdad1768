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

// wire holds the HTTP transports of a Performer. Connections dialled with private ranges allowed are never used
// for requests without. Writes get a connection of their own: on a kept one, a server that hangs up just then
// leaves an unknown outcome where nothing happened. Reads share kept ones, on which the transport may send a read
// again by itself when it finds the connection dead. HTTP/1.1 only, no proxy, no transparent decompression: what
// was sent, and when, stays simple to reason about.
type wire struct {
	kept, fresh [2]*http.Transport // by private ranges allowed
}

func newWire(ex Exits) *wire {
	w := &wire{}
	for i, private := range []bool{false, true} {
		w.kept[i] = newTransport(ex, private)
		w.fresh[i] = newTransport(ex, private)
		w.fresh[i].DisableKeepAlives = true
	}
	return w
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
		MaxIdleConns:           64,
		MaxIdleConnsPerHost:    4,
		IdleConnTimeout:        30 * time.Second,
		DisableCompression:     true,
	}
	return t
}

func (w *wire) transport(private, read bool) *http.Transport {
	set := &w.fresh
	if read {
		set = &w.kept
	}
	if private {
		return set[1]
	}
	return set[0]
}

func (w *wire) close() {
	for i := range w.kept {
		w.kept[i].CloseIdleConnections()
		w.fresh[i].CloseIdleConnections()
	}
}

// timeoutOf is the context of one request.
func timeoutOf(ctx context.Context, d time.Duration) (context.Context, context.CancelFunc) {
	if d <= 0 {
		return context.WithCancel(ctx)
	}
	return context.WithTimeout(ctx, d)
}
