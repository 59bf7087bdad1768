package connectors

import (
	"bufio"
	"context"
	"errors"
	"net"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"

	"golang.org/x/net/idna"
)

// errHeaders is why an answer was not read: its headers are longer than maxHeaderBytes.
var errHeaders = errors.New("the headers of the answer are too long")

// smallRequest is what surely goes out in one piece, in bytes, whatever the other side does.
const smallRequest = 8 << 10

// buffers are what one exchange needs, used again by the next.
type buffers struct {
	out []byte
	in  *bufio.Reader
}

func newBuffers() *buffers {
	return &buffers{out: make([]byte, 0, 1<<10), in: bufio.NewReaderSize(nil, 2<<10)}
}

// trip is one exchange on a connection that is closed with it.
type trip struct {
	wire *wire
	conn net.Conn
	b    *buffers
	stop func() bool
	room int64         // bytes of headers that may still come
	body bool          // the headers are through
	sent chan struct{} // closed when a long request is out; nil: it went out before the answer was waited for
}

// trip prepares an exchange on a connection, which ends with ctx.
func (w *wire) trip(ctx context.Context, conn net.Conn) *trip {
	t := &trip{wire: w, conn: conn, room: maxHeaderBytes}
	t.stop = context.AfterFunc(ctx, func() {
		_ = conn.SetDeadline(time.Unix(1, 0)) // one that is closed already needs none
	})
	b, ok := w.buffers.Get().(*buffers)
	if !ok {
		b = newBuffers()
	}
	t.b = b
	t.b.in.Reset(t)
	return t
}

// end closes the connection.
func (t *trip) end() {
	t.stop()
	_ = t.conn.Close() // what was heard is known already
	if t.sent != nil {
		<-t.sent
	}
	if cap(t.b.out) <= 2*smallRequest {
		t.b.out = t.b.out[:0]
		t.b.in.Reset(nil)
		t.wire.buffers.Put(t.b)
	}
}

// Read gives the answer to its reader, headers up to their limit.
func (t *trip) Read(p []byte) (int, error) {
	if t.body {
		return t.conn.Read(p)
	}
	if t.room <= 0 {
		return 0, errHeaders
	}
	n, err := t.conn.Read(p[:min(int64(len(p)), t.room)])
	t.room -= int64(n)
	return n, err
}

// ask sends a request and waits for the head of the answer.
func (t *trip) ask(method string, u *url.URL, header http.Header, body []byte) (*http.Response, error) {
	out, err := appendHead(t.b.out, method, u, header, len(body))
	if err != nil {
		return nil, err
	}
	t.b.out = append(out, body...)
	if len(t.b.out) <= smallRequest {
		if _, err := t.conn.Write(t.b.out); err != nil {
			return nil, err
		}
	} else {
		// A server may answer, that it is too long for instance, without reading it to its end.
		t.sent = make(chan struct{})
		go func() {
			defer close(t.sent)
			_, _ = t.conn.Write(t.b.out) // whoever waits for the answer learns what became of it
		}()
	}
	for {
		r, err := http.ReadResponse(t.b.in, &http.Request{Method: method})
		if err != nil {
			return nil, err
		}
		if r.StatusCode/100 != 1 || r.StatusCode == http.StatusSwitchingProtocols { // others are news on the way to the answer
			t.body = true
			return r, nil
		}
	}
}

// appendHead writes the head of a request; headersOf and attach have seen to it that names and values are ones.
func appendHead(b []byte, method string, u *url.URL, header http.Header, body int) ([]byte, error) {
	host, err := asciiHost(u)
	if err != nil {
		return nil, err
	}
	if strings.Contains(host, ":") {
		host = "[" + host + "]"
	}
	b = append(append(b, method...), ' ')
	b = append(b, strings.ReplaceAll(u.RequestURI(), " ", "%20")...)
	b = append(append(b, " HTTP/1.1\r\nHost: "...), host...)
	if port := u.Port(); port != "" {
		b = append(append(b, ':'), port...)
	}
	b = append(b, "\r\n"...)
	var few [16]string
	names := few[:0]
	for name := range header {
		names = append(names, name)
	}
	slices.Sort(names)
	for _, name := range names {
		for _, v := range header[name] {
			b = append(append(append(b, name...), ": "...), strings.Trim(v, " \t")...)
			b = append(b, "\r\n"...)
		}
	}
	if body > 0 || method == "POST" || method == "PUT" || method == "PATCH" { // RFC 9110, 8.6
		b = strconv.AppendInt(append(b, "Content-Length: "...), int64(body), 10)
		b = append(b, "\r\n"...)
	}
	return append(b, "Connection: close\r\n\r\n"...), nil
}

// asciiHost is the host of an address as it is looked up and sent (RFC 5891).
func asciiHost(u *url.URL) (string, error) {
	host := u.Hostname()
	for i := range len(host) {
		if host[i] >= 0x80 {
			return idna.Lookup.ToASCII(host)
		}
	}
	return host, nil
}
