package mail

import (
	"context"
	"net/mail"
	"strings"

	"github.com/bretelle/bretelle/connectors"
	"github.com/bretelle/bretelle/engine"
)

// Limits of one mail.
const (
	maxPeople  = 100       // recipients
	maxSubject = 998       // bytes, RFC 5322, 2.1.1
	maxBody    = 512 << 10 // of the text, and of the HTML
)

// AccountKind is the kind of account that sending needs.
const AccountKind = "smtp"

// New is the connector.
func New() connectors.Connector {
	return connectors.Connector{
		Name:     "mail",
		Title:    "Mail",
		Doc:      "Sends mail through your own mail server and starts flows when mail arrives in a mailbox.",
		Actions:  []connectors.Action{send().Action("mail")},
		Triggers: []engine.TriggerKind{received()},
	}
}

// Input is what mail.message.send takes.
type Input struct {
	Account      string            `json:"account,omitempty" title:"Mail account" format:"secret" doc:"The stored account at your mail server, made with bretelle secret set."`
	From         string            `json:"from,omitempty" title:"From" format:"email" doc:"Who it is from: an address, or Name <address>. Left out, it is the account's user."`
	To           any               `json:"to" title:"To" required:"true" format:"email" doc:"Who gets it: an address, or a list of them."`
	CC           any               `json:"cc,omitempty" title:"Copy to" format:"email" doc:"Who gets a copy that all can see."`
	BCC          any               `json:"bcc,omitempty" title:"Hidden copy to" format:"email" doc:"Who gets a copy that nobody else can see."`
	ReplyTo      string            `json:"reply_to,omitempty" title:"Answers to" format:"email" doc:"Where answers go, when not to the sender."`
	Subject      string            `json:"subject" title:"Subject" required:"true" doc:"What it is about, one line."`
	Text         string            `json:"text" title:"Text" required:"true" format:"text" doc:"What it says."`
	HTML         string            `json:"html,omitempty" title:"HTML" format:"text" doc:"The same as HTML, for programs that show it."`
	InReplyTo    string            `json:"in_reply_to,omitempty" title:"Answer to" doc:"The message_id of the mail that this one answers."`
	Headers      map[string]string `json:"headers,omitempty" title:"More headers" doc:"Further headers: those that begin with X-, and List-Unsubscribe, List-Id, References, Auto-Submitted, Precedence, Importance."`
	AllowPrivate bool              `json:"allow_private,omitempty" title:"Private network" doc:"Allows a mail server inside your own network or on this machine."`
}

// Output is what mail.message.send gives.
type Output struct {
	MessageID string               `json:"message_id" doc:"What names the mail everywhere; answers carry it as in_reply_to."`
	Accepted  []string             `json:"accepted" doc:"Who the server will deliver it to."`
	Rejected  []connectors.Refusal `json:"rejected" doc:"Who the server refused, with its words."`
}

func send() connectors.Act[Input, Output] {
	return connectors.Act[Input, Output]{
		Name:  "message.send",
		Title: "Send a mail",
		Doc: "Sends one mail through the account's server. The outcome is kept: it is sent again only when the server did not take it, " +
			"and where that cannot be known a person is asked.",
		Risk:        engine.Send,
		Scopes:      []string{"mail:send"},
		Store:       "--origin smtps://mail.example.org --user bot@example.org",
		Idempotency: connectors.NotIdempotent,
		Sample:      Output{MessageID: "<3f1c@example.org>", Accepted: []string{"ada@example.org"}, Rejected: []connectors.Refusal{}},
		Tests:       recorded(),
		Describe:    describe,
		Run:         run,
	}
}

func describe(in map[string]any) (string, any) {
	line := "Send a mail"
	if to := people(in["to"]); len(to) > 0 {
		line += " to " + strings.Join(strings.Fields(strings.Join(to, ", ")), " ")
	}
	if subject, ok := in["subject"].(string); ok && subject != "" {
		line += ": " + strings.Join(strings.Fields(subject), " ")
	}
	rest := map[string]any{}
	for k, v := range in {
		if v == nil || k == "allow_private" {
			continue
		}
		_, known := v.(string)
		if k == "subject" && known || k == "to" && len(people(v)) > 0 {
			continue
		}
		rest[k] = v
	}
	if text, ok := rest["text"]; ok && len(rest) == 1 {
		return line, text
	}
	return line, rest
}

// people is a field of addresses as a list; parts that are not known yet are left out.
func people(v any) []string {
	var out []string
	switch x := v.(type) {
	case string:
		if x != "" {
			out = append(out, x)
		}
	case []any:
		for _, e := range x {
			if s, ok := e.(string); ok && s != "" {
				out = append(out, s)
			}
		}
	}
	return out
}

func run(ctx context.Context, c *connectors.Call, in Input) (Output, error) {
	if in.Account == "" {
		in.Account = c.Account()
	}
	if in.From == "" && in.Account != "" {
		user, err := c.User(ctx, in.Account)
		if err != nil {
			return Output{}, err
		}
		in.From = user
	}
	l, err := read(in)
	if err != nil {
		return Output{}, err
	}
	id := messageID(c.Key(), l.from.Address)
	data, err := compose(in, l, id, c.Key(), c.Now())
	if err != nil {
		return Output{}, err
	}
	done, err := c.SendMail(ctx, connectors.Letter{Account: in.Account, From: l.from.Address, To: l.everybody(), Data: data,
		AllowPrivate: in.AllowPrivate})
	if err != nil {
		return Output{}, err
	}
	out := Output{MessageID: id, Accepted: done.Accepted, Rejected: done.Refused}
	if out.Rejected == nil {
		out.Rejected = []connectors.Refusal{}
	}
	return out, nil
}

// letter is the addresses of a mail, read.
type letter struct {
	from           *mail.Address
	replyTo        *mail.Address
	to, copy, hide []*mail.Address
}

// everybody is each recipient once.
func (l letter) everybody() []string {
	var out []string
	seen := map[string]bool{}
	for _, list := range [][]*mail.Address{l.to, l.copy, l.hide} {
		for _, a := range list {
			if !seen[a.Address] {
				seen[a.Address] = true
				out = append(out, a.Address)
			}
		}
	}
	return out
}

// read checks an input. The error is Invalid.
func read(in Input) (l letter, err error) {
	if l.from, err = one("from", in.From); err != nil {
		return l, err
	}
	if in.ReplyTo != "" {
		if l.replyTo, err = one("reply_to", in.ReplyTo); err != nil {
			return l, err
		}
	}
	for _, f := range []struct {
		name string
		in   any
		out  *[]*mail.Address
	}{{"to", in.To, &l.to}, {"cc", in.CC, &l.copy}, {"bcc", in.BCC, &l.hide}} {
		if *f.out, err = many(f.name, f.in); err != nil {
			return l, err
		}
	}
	switch {
	case len(l.to) == 0:
		return l, engine.E(engine.Invalid, `"{field}" is missing`, "field", "to").WithHint("Give it a value; an expression that finds nothing counts as missing.")
	case len(l.everybody()) > maxPeople:
		return l, engine.E(engine.Invalid, "A mail goes to at most {max} people", "max", maxPeople).WithHint("Send several, or write to a list.")
	case strings.TrimSpace(in.Subject) == "" || broken(in.Subject) || len(in.Subject) > maxSubject:
		return l, engine.E(engine.Invalid, "The subject is not one line of at most {max} bytes", "max", maxSubject)
	case strings.TrimSpace(in.Text) == "":
		return l, engine.E(engine.Invalid, "There is no text to send").WithHint("Check the expression that gives it.")
	case len(in.Text) > maxBody || len(in.HTML) > maxBody:
		return l, engine.E(engine.Invalid, "The text is longer than {max} bytes", "max", maxBody).WithHint("Shorten it.")
	case in.InReplyTo != "" && !validID(in.InReplyTo):
		return l, engine.E(engine.Invalid, `"{field}" is not what names a mail`, "field", "in_reply_to").
			WithHint("It is the message_id of an event or of an earlier step, <…@…>.")
	}
	return l, headers(in.Headers)
}

// one reads an address, with or without a name.
func one(field, text string) (*mail.Address, error) {
	list, err := many(field, text)
	if err == nil && len(list) != 1 {
		err = badAddress(field, text)
	}
	if err != nil {
		return nil, err
	}
	return list[0], nil
}

// many reads a list of addresses, or one text with several of them.
func many(field string, v any) ([]*mail.Address, error) {
	var out []*mail.Address
	list, isList := v.([]any)
	if !isList && v != nil {
		list = []any{v}
	}
	for _, x := range list {
		text, ok := x.(string)
		if !ok && x != nil {
			return nil, engine.E(engine.Invalid, `"{field}" must be an address or a list of addresses`, "field", field).
				WithHint("Check the value, or the expression that gives it.")
		}
		if strings.TrimSpace(text) == "" {
			continue
		}
		found, err := mail.ParseAddressList(text)
		if err != nil || broken(text) {
			return nil, badAddress(field, text)
		}
		for _, a := range found {
			if !sendable(a.Address) {
				return nil, badAddress(field, text)
			}
		}
		out = append(out, found...)
	}
	return out, nil
}

// sendable reports whether an address can stand in an SMTP command as it is: ASCII without spaces, quotes and
// brackets, at most as long as RFC 5321, 4.5.3.1 allows.
func sendable(address string) bool {
	at := strings.LastIndexByte(address, '@')
	return at > 0 && at <= 64 && len(address) <= 254 && at < len(address)-1 && !strings.ContainsFunc(address, func(r rune) bool {
		return r <= ' ' || r >= 0x7f || strings.ContainsRune(`<>()[]\",;:`, r)
	})
}

func badAddress(field, text string) error {
	if len(text) > 100 {
		text = strings.ToValidUTF8(text[:100], "") + "…"
	}
	return engine.E(engine.Invalid, `"{value}" in "{field}" is not a mail address`, "value", text, "field", field).
		WithHint("Write name@example.org, or Name <name@example.org>.")
}

// broken reports whether a text could end a header line.
func broken(text string) bool {
	return strings.ContainsFunc(text, func(r rune) bool { return r < ' ' && r != '\t' || r == 0x7f || r == 0x85 || r == 0x2028 || r == 0x2029 })
}

// validID reports whether a text names a mail (RFC 5322, 3.6.4, and what servers make of it).
func validID(id string) bool {
	return len(id) > 4 && len(id) <= 900 && id[0] == '<' && id[len(id)-1] == '>' && strings.Contains(id, "@") &&
		!strings.ContainsFunc(id[1:len(id)-1], func(r rune) bool { return r <= ' ' || r >= 0x7f || r == '<' || r == '>' })
}

// headers refuses further headers that are not harmless.
func headers(h map[string]string) error {
	for k, v := range h {
		name := strings.ToLower(k)
		switch name {
		case "list-unsubscribe", "list-unsubscribe-post", "list-id", "references", "auto-submitted", "precedence", "importance":
		default:
			if !strings.HasPrefix(name, "x-") || len(name) < 3 || len(name) > 70 || strings.Trim(name, "abcdefghijklmnopqrstuvwxyz0123456789-") != "" {
				return engine.E(engine.Invalid, `The header "{header}" cannot be set`, "header", cut(k)).
					WithHint("Use its own field if it has one; further headers begin with X-.")
			}
		}
		if broken(v) || len(v) > maxSubject {
			return engine.E(engine.Invalid, `"{header}" is not a header that can be sent`, "header", cut(k)).
				WithHint("Names are letters, digits and dashes; values are one line.")
		}
	}
	return nil
}

func cut(s string) string {
	if r := []rune(s); len(r) > 80 {
		return string(r[:80]) + "…"
	}
	return s
}
