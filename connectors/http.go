package connectors

import (
	"bytes"
	"context"
	"io"
	"net/http"
	"net/url"
	"strings"
	"time"

	"github.com/bretelle/bretelle/engine"
)

// Request is an HTTP request as actions make it.
type Request struct {
	Method string              // GET, POST, …; capitals
	URL    string              // http or https, without user and password
	Query  map[string][]string // added to the URL's own
	Header map[string]string
	Type   string // content type of Body
	Body   []byte

	Account      string // credential to attach; "" is the call's account, if it has one
	AllowPrivate bool   // the flow's author means an address inside a private network
	SendKey      bool   // send Idempotency-Key
	Timeout      time.Duration
	Expect       func(status int) bool // which statuses are an answer; nil is 2xx

	limit int // bytes of the answer; 0 is maxBody
}

// Response is an answer with an expected status.
type Response struct {
	Status int
	Header map[string]string // names in lower case; several values joined by ", "
	Body   []byte            // at most 1 MiB; of a Fetcher MaxPage
	Peer   string            // who answered

	read bool // it answers a request that changes nothing
}

// reads are the methods that change nothing (RFC 9110, 9.2.1; RFC 4918, 9.1; RFC 3253, 3.6).
func reads(method string) bool {
	switch method {
	case "GET", "HEAD", "OPTIONS", "PROPFIND", "REPORT":
		return true
	}
	return false
}

// HTTP sends a request and reads the whole answer. Errors are a *Fault in the classes of CONTRACTS "What is
// retried". It refuses: private addresses unless allowed (checked on the address dialled), credentials for another
// origin than theirs, compressed answers. Redirects are followed for reads only, at most five, and nothing the
// author or an account put into headers and body goes to another origin.
func (c *Call) HTTP(ctx context.Context, r Request) (*Response, error) {
	u, fault := targetOf(r)
	if fault != nil {
		return nil, fault
	}
	if c.dry && !reads(r.Method) {
		return nil, dryRefusal()
	}
	header, fault := headersOf(r)
	if fault != nil {
		return nil, fault
	}
	if account := first(r.Account, c.task.Account); account != "" {
		cred, err := c.credential(ctx, account)
		if err != nil {
			return nil, err
		}
		if fault := attach(header, u, cred); fault != nil {
			return nil, fault
		}
	}
	if r.SendKey && c.task.Key != "" {
		header.Set("Idempotency-Key", c.task.Key)
	}
	done, err := c.enter()
	if err != nil {
		return nil, err
	}
	defer done()
	ctx, cancel := timeoutOf(ctx, r.Timeout)
	defer cancel()
	for hop := 0; ; hop++ {
		resp, next, fault := c.send(ctx, r, u, header)
		if fault != nil {
			return nil, fault
		}
		if next == nil {
			return resp, nil
		}
		if hop == maxRedirects {
			return nil, rejected(resp, "{peer} redirected more than {n} times", "peer", resp.Peer, "n", maxRedirects).
				WithHint("Use the final address.")
		}
		if originOf(next) != originOf(u) {
			header = http.Header{"User-Agent": header["User-Agent"], "Accept": header["Accept"], "Accept-Encoding": header["Accept-Encoding"]}
			r.Body = nil
		}
		u = next
	}
}

// send makes one round trip; next is where a followed redirect leads.
func (c *Call) send(ctx context.Context, r Request, u *url.URL, header http.Header) (*Response, *url.URL, *Fault) {
	begin := c.now()
	conn, err := c.wire.open(ctx, u, r.AllowPrivate)
	if err != nil {
		return nil, nil, c.transportFault(ctx, u, r, false, begin, err)
	}
	t := c.wire.trip(ctx, conn)
	defer t.end()
	c.markSent() // from here on something may have left
	answer, err := t.ask(r.Method, u, header, r.Body)
	if err != nil {
		return nil, nil, c.transportFault(ctx, u, r, true, begin, err)
	}
	resp := &Response{Status: answer.StatusCode, Header: flat(answer.Header), Peer: peerOf(u), read: reads(r.Method)}
	expected := answer.StatusCode/100 == 2
	if r.Expect != nil {
		expected = r.Expect(answer.StatusCode)
	}
	if !expected && reads(r.Method) {
		if next := redirect(answer, u); next != nil {
			return resp, next, nil
		}
	}
	most := maxBody
	if r.limit > 0 {
		most = r.limit
	}
	body, err := io.ReadAll(io.LimitReader(answer.Body, int64(most)+1))
	resp.Body = body
	if !expected {
		return nil, nil, c.statusFault(resp, r)
	}
	switch coding := strings.ToLower(answer.Header.Get("Content-Encoding")); {
	case err != nil:
		return nil, nil, resp.garbled("{peer} answered {status}, but the answer broke off").wrap(err)
	case len(body) > most:
		f := resp.garbled("{peer} answered {status}, with more than {max} bytes").
			WithHint("Ask the service for less, for instance for one page.")
		f.Code, f.Args["max"] = engine.TooLarge, most
		return nil, nil, f
	case coding != "" && coding != "identity":
		return nil, nil, resp.garbled("{peer} answered {status}, compressed although that was not asked for")
	}
	return resp, nil, nil
}

// garbled is the fault of an answer that came, so that the thing was done, and cannot be used.
func (r *Response) garbled(msg string) *Fault {
	f := Fail(engine.Garbled, engine.Unreadable, msg, "peer", r.Peer, "status", r.Status).
		WithHint("It was probably done, so it was not sent again. Look at the service.")
	if r.read {
		f.Hint = "Look at what the service sends there."
	}
	f.Peer, f.Status = r.Peer, r.Status
	return f
}

// JSON reads the body as one JSON value, integers exact; an empty body is nil. The error is a *Fault, Garbled.
func (r *Response) JSON() (any, error) {
	if len(bytes.TrimSpace(r.Body)) == 0 {
		return nil, nil
	}
	v, err := engine.DecodeJSON(r.Body)
	if err != nil {
		return nil, r.garbled("{peer} answered {status}, but its JSON cannot be read").wrap(err)
	}
	return v, nil
}

func redirect(answer *http.Response, from *url.URL) *url.URL {
	switch answer.StatusCode {
	case 301, 302, 303, 307, 308:
	default:
		return nil
	}
	next, err := from.Parse(answer.Header.Get("Location"))
	if err != nil || answer.Header.Get("Location") == "" || next.Host == "" || next.User != nil ||
		next.Scheme != "http" && next.Scheme != "https" {
		return nil
	}
	next.Fragment = ""
	return next
}

func flat(h http.Header) map[string]string {
	m := make(map[string]string, len(h))
	for k, v := range h {
		m[strings.ToLower(k)] = strings.ToValidUTF8(strings.Join(v, ", "), "\uFFFD")
	}
	return m
}

func first(a, b string) string {
	if a != "" {
		return a
	}
	return b
}
