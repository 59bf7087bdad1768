package connectors

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"net"
	"net/http"
	"net/url"
	"strconv"
	"syscall"
	"time"

	"github.com/bretelle/bretelle/engine"
)

// statusFault sorts an answer that was not expected (CONTRACTS, "What is retried, and what is unknown").
func (c *Call) statusFault(resp *Response, r Request) *Fault {
	f := Fail(engine.Rejected, engine.Refused, "{peer} answered {status}", "peer", resp.Peer, "status", resp.Status)
	f.Peer, f.Status = resp.Peer, resp.Status
	f.Said = c.said(resp)
	switch s := resp.Status; {
	case s == 401:
		f.Class, f.Code, f.Hint = engine.Unauthorized, engine.Unsigned, "It does not know who is asking: check the step's account."
	case s == 403:
		f.Hint = "The account may not do this there."
	case s == 404 || s == 410:
		f.Hint = "Nothing is there: check the address."
	case s == 429:
		f.Class, f.Code, f.Hint = engine.Busy, engine.Throttled, "It asks for fewer calls."
		f.After = retryAfter(resp, c.now())
	case s == 503:
		f.Class, f.Code, f.Hint = engine.Busy, engine.Unavailable, "It is out of service for the moment."
		f.After = retryAfter(resp, c.now())
	case s == 501 || s == 505:
		f.Hint = "It cannot do what was asked."
	case s/100 == 5:
		f.Class, f.Code, f.Hint = engine.Unsure, engine.Unavailable, "It had a problem of its own."
		f.After = retryAfter(resp, c.now())
	case s/100 == 3:
		f.Hint = "It sends callers elsewhere, which is followed for reads only: use the final address."
	case s/100 == 2:
		said := f.Said
		f = resp.garbled("{peer} answered {status}, which was not expected")
		f.Said = said
	}
	return f
}

func rejected(resp *Response, msg string, args ...any) *Fault {
	f := Fail(engine.Rejected, engine.Refused, msg, args...)
	f.Peer, f.Status = resp.Peer, resp.Status
	return f
}

// retryAfter reads Retry-After (RFC 9110, 10.2.3): seconds or a date; in milliseconds from now, at most a day.
func retryAfter(resp *Response, now time.Time) int64 {
	text := resp.Header["retry-after"]
	var d time.Duration
	if n, err := strconv.ParseInt(text, 10, 64); err == nil {
		d = time.Duration(min(max(n, 0), int64(maxRetryAfter/time.Second))) * time.Second
	} else if at, err := http.ParseTime(text); err == nil {
		d = min(max(at.Sub(now), 0), maxRetryAfter)
	}
	return d.Milliseconds()
}

// transportFault sorts a round trip that gave no answer. sent: a connection was established, so that the request
// may have arrived.
func (c *Call) transportFault(ctx context.Context, u *url.URL, r Request, sent bool, begin time.Time, err error) *Fault {
	f := &Fault{Err: err}
	f.Args = engine.Args("peer", peerOf(u))
	f.Peer = peerOf(u)
	var no *blocked
	switch {
	case errors.As(err, &no):
		f.Class, f.Code = engine.Forbidden, engine.Denied
		f.Msg = "{peer} is at an address that is never called"
		f.Hint = "Only public addresses are."
		if no.private {
			f.Msg = "{peer} is inside a private network"
			f.Hint = "If you mean a machine in your own network, set allow_private: true on this step."
		}
		return f
	case errors.Is(ctx.Err(), context.DeadlineExceeded):
		f.Code, f.Msg = engine.Timeout, "{peer} did not answer in the time allowed"
		f.Hint = "It may be slow: a longer timeout can help."
	case ctx.Err() != nil:
		f.Code, f.Msg = engine.Canceled, "The call to {peer} was stopped"
	case sent:
		f.Code, f.Msg = engine.Unavailable, "{peer} hung up before it had answered"
	default:
		f.Code, f.Msg = engine.Unavailable, "{peer} could not be reached"
		f.Hint = whyUnreached(err)
	}
	f.Class = engine.NotSent
	if sent {
		f.Class = engine.Unsure
	}
	return f
}

func whyUnreached(err error) string {
	var dns *net.DNSError
	var cert *tls.CertificateVerificationError
	var unknown x509.UnknownAuthorityError
	var record tls.RecordHeaderError
	switch {
	case errors.As(err, &dns) && dns.IsNotFound:
		return "There is no such name: check the spelling."
	case errors.As(err, &dns):
		return "Its name could not be looked up."
	case errors.As(err, &cert), errors.As(err, &unknown):
		return "Its certificate is not one this machine trusts."
	case errors.As(err, &record):
		return "It does not speak HTTPS there."
	case errors.Is(err, syscall.ECONNREFUSED):
		return "Nothing listens there: check host and port, and that the service runs."
	case errors.Is(err, syscall.ENETUNREACH), errors.Is(err, syscall.EHOSTUNREACH):
		return "There is no way to it from this machine."
	}
	return "Check the address and that the service runs."
}
