package connectors

import (
	"context"
	"errors"
	"io"
	"net"
	"net/textproto"
	"strings"
	"time"

	"github.com/wneessen/go-mail/smtp"

	"github.com/bretelle/bretelle/engine"
)

// Letter is a mail as the SMTP exit takes it: envelope and message.
type Letter struct {
	Account      string   // the account at a mail server; "" is the call's account
	From         string   // address alone
	To           []string // addresses alone, every recipient
	Data         []byte   // the message with its headers, RFC 5322
	AllowPrivate bool     // the flow's author means a server inside a private network
	Timeout      time.Duration
}

// Delivered is what a mail server took.
type Delivered struct {
	Accepted []string
	Refused  []Refusal
	Said     string // its answer to the message, at most 500 bytes
}

// Refusal is a recipient that the server did not take for good, and why.
type Refusal struct {
	Address string `json:"address" doc:"The recipient."`
	Said    string `json:"said" doc:"What the mail server said."`
}

const (
	maxTalk     = 256 << 10 // what a server may say on one connection, in bytes
	mailTimeout = time.Minute
)

// SendMail gives one message to an account's mail server. Errors are a *Fault: NotSent until the message's end was
// sent, Busy for 4xx answers, Rejected for 5xx ones, Unauthorized when it refuses the login, Unsure when the answer to
// the message's end never came. A recipient refused for good does not keep the others from getting it; one refused
// for now does, so that a repeat reaches everybody once.
func (c *Call) SendMail(ctx context.Context, l Letter) (*Delivered, error) {
	if c.dry {
		return nil, dryRefusal()
	}
	account := first(l.Account, c.task.Account)
	if account == "" {
		return nil, Fail(engine.BadInput, engine.Invalid, "No account says which mail server to use").
			WithHint("Store one with bretelle secret set, and name it as the step's account.")
	}
	done, err := c.enter()
	if err != nil {
		return nil, err
	}
	defer done()
	if l.Timeout <= 0 {
		l.Timeout = mailTimeout
	}
	ctx, cancel := context.WithTimeout(ctx, l.Timeout)
	defer cancel()
	line, err := c.line(ctx, account, "smtp", l.AllowPrivate)
	if err != nil {
		return nil, err
	}
	defer line.Close()
	return c.deliver(ctx, line, l)
}

func (c *Call) deliver(ctx context.Context, line *Line, l Letter) (*Delivered, error) {
	host, _, _ := net.SplitHostPort(line.Peer)
	s, err := smtp.NewClient(bounded{line.Conn, &io.LimitedReader{R: line.Conn, N: maxTalk}}, host)
	if err != nil {
		return nil, c.spoken(ctx, line, false, err)
	}
	if err := c.greet(ctx, s, line, l.From); err != nil {
		return nil, err
	}
	if err := s.Mail("<" + l.From + ">"); err != nil {
		return nil, c.spoken(ctx, line, false, err)
	}
	out := &Delivered{}
	var refused error
	for _, to := range l.To {
		err := s.Rcpt("<" + to + ">")
		var no *textproto.Error
		switch {
		case err == nil:
			out.Accepted = append(out.Accepted, to)
		case errors.As(err, &no) && no.Code/100 == 5:
			out.Refused, refused = append(out.Refused, Refusal{Address: to, Said: line.Redact(no.Msg)}), err
		default:
			return nil, c.spoken(ctx, line, false, err)
		}
	}
	if len(out.Accepted) == 0 {
		return nil, c.spoken(ctx, line, false, refused)
	}
	w, err := s.Data()
	if err != nil {
		return nil, c.spoken(ctx, line, false, err)
	}
	if _, err := w.Write(l.Data); err != nil {
		// Its end was not sent, and a server takes no message without one (RFC 5321, 4.1.1.4).
		return nil, c.spoken(ctx, line, false, err)
	}
	c.markSent()
	if err := w.Close(); err != nil {
		return nil, c.spoken(ctx, line, true, err)
	}
	if d, ok := w.(*smtp.DataCloser); ok {
		out.Said = line.Redact(d.ServerResponse())
	}
	_ = s.Quit() // the message is taken, whatever comes of this
	return out, nil
}

// greet says hello, turns to TLS where that is due, and logs in where the server asks for it.
func (c *Call) greet(ctx context.Context, s *smtp.Client, line *Line, from string) error {
	domain := from[strings.LastIndexByte(from, '@')+1:]
	if err := s.Hello(domain); err != nil {
		return c.spoken(ctx, line, false, err)
	}
	if line.Upgrade != nil {
		if ok, _ := s.Extension("STARTTLS"); !ok {
			return Fail(engine.Forbidden, engine.Denied, "{peer} offers no STARTTLS, and nothing is sent to it readably", "peer", line.Peer).
				WithHint("Store the account with smtps:// if it speaks TLS from the first byte; inside your own network smtp+insecure:// sends without.")
		}
		if err := s.StartTLS(line.Upgrade); err != nil {
			return c.spoken(ctx, line, false, err)
		}
	}
	ok, mechanisms := s.Extension("AUTH")
	if !ok || line.Account.Value.Empty() {
		return nil // a relay that knows us by our address
	}
	host, _, _ := net.SplitHostPort(line.Peer)
	user, password := line.Account.User, line.Account.Value.Reveal()
	var auth smtp.Auth
	for _, m := range strings.Fields(mechanisms) {
		switch strings.ToUpper(m) {
		case "SCRAM-SHA-256":
			auth = smtp.ScramSHA256Auth(user, password)
		case "PLAIN":
			auth = smtp.PlainAuth("", user, password, host, true) // greet has seen to TLS
		case "LOGIN":
			if auth == nil {
				auth = smtp.LoginAuth(user, password, host, true)
			}
		}
		if strings.EqualFold(m, "SCRAM-SHA-256") {
			break
		}
	}
	if auth == nil {
		return Fail(engine.Rejected, engine.Refused, "{peer} offers no way to log in that I know", "peer", line.Peer).
			WithHint("Known are SCRAM-SHA-256, PLAIN and LOGIN.")
	}
	err := s.Auth(auth)
	var no *textproto.Error
	if errors.As(err, &no) && no.Code/100 == 5 {
		f := Fail(engine.Unauthorized, engine.Unsigned, "{peer} does not let {account} in", "peer", line.Peer, "account", line.Account.Name).
			WithHint("Check user and password: bretelle secret set {account}")
		f.Peer, f.Status, f.Said = line.Peer, no.Code, line.Redact(no.Msg)
		return f
	}
	if err != nil {
		return c.spoken(ctx, line, false, err)
	}
	return nil
}

// spoken sorts a failure while talking SMTP. ended: the message's end was sent, so that it may have been taken.
func (c *Call) spoken(ctx context.Context, line *Line, ended bool, err error) *Fault {
	var no *textproto.Error
	if !errors.As(err, &no) || ctx.Err() != nil {
		return c.lineFault(ctx, line.Peer, ended, err)
	}
	f := Fail(engine.Rejected, engine.Refused, "{peer} answered {status}", "peer", line.Peer, "status", no.Code).wrap(err)
	f.Peer, f.Status, f.Said = line.Peer, no.Code, line.Redact(no.Msg)
	switch {
	case no.Code == 530 || no.Code == 534 || no.Code == 535: // RFC 4954, 6
		f.Class, f.Code, f.Hint = engine.Unauthorized, engine.Unsigned, "It does not know who is asking: check the step's account."
	case no.Code/100 == 4:
		f.Class, f.Code, f.Hint = engine.Busy, engine.Unavailable, "It does not take mail for the moment."
	case no.Code/100 == 5:
		f.Hint = "It does not take this mail: see what it says."
	case ended:
		f.Class, f.Code, f.Hint = engine.Unsure, engine.Unreadable, "What it says after the mail makes no sense."
	default:
		f.Hint = "What it says makes no sense."
	}
	return f
}

// bounded is a connection that gives at most so many bytes.
type bounded struct {
	net.Conn
	from *io.LimitedReader
}

func (b bounded) Read(p []byte) (int, error) { return b.from.Read(p) }

// User is who logs in with an account. Errors are a *Fault.
func (c *Call) User(ctx context.Context, account string) (string, error) {
	cred, err := c.credential(ctx, account)
	return cred.User, err
}

// Origin is the only place that an account may be sent to. Errors are a *Fault.
func (c *Call) Origin(ctx context.Context, account string) (string, error) {
	cred, err := c.credential(ctx, account)
	return cred.Origin, err
}
