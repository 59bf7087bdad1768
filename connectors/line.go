package connectors

import (
	"context"
	"crypto/tls"
	"errors"
	"net"
	"net/netip"
	"net/url"
	"strings"

	"github.com/bretelle/bretelle/engine"
)

// Line is a connection to the mail server of an account, before anything was said. Where it leads is the account's
// origin and nothing else, so that what a flow's data says never decides who gets a password:
//
//	smtps://host   imaps://host     TLS from the first byte (RFC 8314)
//	smtp://host    imap://host      STARTTLS, and nothing is said without it
//	smtp+insecure  imap+insecure    no TLS; only to this machine or a private network
//
// Private addresses are dialled only when the step or trigger says allow_private, as for HTTP.
type Line struct {
	Conn    net.Conn           // closed when the context ends that it was opened with
	Upgrade *tls.Config        // STARTTLS must be done with it before anything else; nil: no STARTTLS
	Account engine.Credential  // who logs in
	Peer    string             // the server as people read it
	Close   context.CancelFunc // closes Conn and lets go of the context

	call *Call
}

// Redact is an error safe to show and log: everything in it that is a form of the account's password is starred out.
func (l *Line) Redact(text string) string { return clip(l.call.mask.text(oneLine(text)), saidMax) }

// Fault sorts a failure of the connection. began: what was asked for may have been done.
func (l *Line) Fault(ctx context.Context, began bool, err error) *Fault {
	return l.call.lineFault(ctx, l.Peer, began, err)
}

// mailHost is an account's origin taken apart.
type mailHost struct {
	host, port string
	implicit   bool // TLS from the first byte
	insecure   bool // never TLS
}

// mailHostOf reads an origin for one protocol, "smtp" or "imap".
func mailHostOf(cred engine.Credential, protocol string) (mailHost, *Fault) {
	u, err := url.Parse(cred.Origin)
	if err != nil || cred.Origin == "" || u.Hostname() == "" || numeric(u.Hostname()) {
		return mailHost{}, notMail(cred, protocol)
	}
	h := mailHost{host: u.Hostname(), port: u.Port()}
	usual := map[string]string{"smtps": "465", "smtp": "587", "smtp+insecure": "25", "imaps": "993", "imap": "143", "imap+insecure": "143"}
	scheme := strings.ToLower(u.Scheme)
	switch scheme {
	case protocol + "s":
		h.implicit = true
	case protocol + "+insecure":
		h.insecure = true
	case protocol:
	default:
		return mailHost{}, notMail(cred, protocol)
	}
	if h.port == "" {
		h.port = usual[scheme]
	}
	return h, nil
}

func notMail(cred engine.Credential, protocol string) *Fault {
	return Fail(engine.BadInput, engine.Invalid, `The account "{account}" is not one of a mail server that speaks {protocol}`,
		"account", cred.Name, "protocol", strings.ToUpper(protocol)).
		WithHint("Store it with bretelle secret set, an origin like smtps://mail.example.org or imaps://mail.example.org, and a user.")
}

// OpenIMAP connects to the mailbox of an account, for the loop that watches it. Errors are a *Fault.
func OpenIMAP(ctx context.Context, ex Exits, account string, allowPrivate bool) (*Line, error) {
	c := &Call{exits: ex, dry: true}
	return c.line(ctx, account, "imap", allowPrivate)
}

// line dials an account's own mail server. The connection ends with ctx.
func (c *Call) line(ctx context.Context, account, protocol string, allowPrivate bool) (*Line, error) {
	cred, err := c.credential(ctx, account)
	if err != nil {
		return nil, err
	}
	h, fault := mailHostOf(cred, protocol)
	if fault != nil {
		return nil, fault
	}
	dial := c.exits.Dial
	if dial == nil {
		dial = (&net.Dialer{Timeout: dialTimeout, Resolver: c.exits.Resolver, Control: guard(allowPrivate)}).DialContext
	}
	address := net.JoinHostPort(h.host, h.port)
	conn, err := dial(ctx, "tcp", address)
	if err != nil {
		return nil, c.lineFault(ctx, address, false, err)
	}
	l := &Line{Account: cred, Peer: address, call: c}
	config := &tls.Config{RootCAs: c.exits.Roots, ServerName: h.host, MinVersion: tls.VersionTLS12}
	switch {
	case h.insecure:
		if ap, err := netip.ParseAddrPort(conn.RemoteAddr().String()); err != nil || judge(spans(), ap.Addr()) == nil {
			_ = conn.Close() // nothing was said
			return nil, Fail(engine.Forbidden, engine.Denied, "{peer} is on the internet, and the account would send its password there readably", "peer", address).
				WithHint("Store the account again with smtps:// or imaps://, or smtp:// or imap:// for STARTTLS.")
		}
	case h.implicit:
		secure := tls.Client(conn, config)
		shake, cancel := context.WithTimeout(ctx, dialTimeout)
		err := secure.HandshakeContext(shake)
		cancel()
		if err != nil {
			_ = conn.Close() // the handshake's error says more
			return nil, c.lineFault(ctx, address, false, err)
		}
		conn = secure
	default:
		l.Upgrade = config
	}
	l.Conn = conn
	release := context.AfterFunc(ctx, func() { _ = conn.Close() }) // a deadline would be moved by who uses it
	l.Close = func() {
		release()
		_ = conn.Close() // what was said and heard is known already
	}
	return l, nil
}

// lineFault is transportFault for connections that are not HTTP.
func (c *Call) lineFault(ctx context.Context, peer string, began bool, err error) *Fault {
	f := c.transportFault(ctx, &url.URL{Host: peer}, Request{}, began, c.now(), err)
	var record tls.RecordHeaderError
	if errors.As(err, &record) {
		f.Hint = "It does not speak TLS from the first byte there: smtp:// and imap:// begin readable and turn to TLS."
	}
	return f
}
