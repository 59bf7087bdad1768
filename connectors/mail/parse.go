package mail

import (
	"mime"
	"net/mail"
	"strings"
	"time"

	"github.com/bretelle/bretelle/engine"
)

// Limits of what is taken of a mail. What is beyond them is left out, and the message says so.
const (
	MaxMail    = 10 << 20  // of a whole mail as it arrives, in bytes
	maxText    = 256 << 10 // of its text, and of its HTML
	maxHeaders = 64 << 10  // of all headers of one part
	maxLine    = 2 << 10   // of one header's value in an event
	maxParts   = 200
	maxDepth   = 8
	maxRefs    = 50
)

// Message is a mail as a flow sees it. Everything in it is what its writer wrote, cleaned of what is no text; nothing
// of it is proven.
type Message struct {
	ID          string
	InReplyTo   string
	References  []string
	From        Address
	To          []string
	Subject     string
	Text, HTML  string
	Date        time.Time // zero when it says none
	Auto        bool      // a program wrote it
	Cut         bool      // something was left out
	Headers     map[string]string
	Attachments []Attachment
}

// Address is who a mail says it is from.
type Address struct{ Name, Address string }

// Attachment is a file in a mail.
type Attachment struct {
	Name, Type string
	Size       int // bytes
}

// Parse reads a mail (RFC 5322, MIME). It never fails: of what is no mail little is found.
func Parse(raw []byte) Message {
	m := Message{Headers: map[string]string{}}
	if len(raw) > MaxMail {
		raw, m.Cut = raw[:MaxMail], true
	}
	h, body := split(raw)
	m.Subject = line(h.get("subject"))
	m.ID = firstID(h.get("message-id"))
	m.InReplyTo = firstID(h.get("in-reply-to"))
	for _, id := range strings.Fields(h.get("references")) {
		if validID(id) && len(m.References) < maxRefs {
			m.References = append(m.References, id)
		}
	}
	if from := addresses(h.get("from")); len(from) > 0 {
		m.From = from[0]
	}
	for _, name := range []string{"to", "cc"} {
		for _, a := range addresses(h.get(name)) {
			if len(m.To) < maxPeople {
				m.To = append(m.To, a.Address)
			}
		}
	}
	if at, err := mail.ParseDate(h.get("date")); err == nil && at.Year() > 1970 && at.Year() < 10000 {
		m.Date = at.UTC()
	}
	for _, name := range shown() {
		if v := line(h.get(name)); v != "" {
			m.Headers[name] = v
		}
	}
	auto, bulk := strings.ToLower(h.get("auto-submitted")), strings.ToLower(strings.TrimSpace(h.get("precedence")))
	m.Auto = auto != "" && !strings.HasPrefix(strings.TrimSpace(auto), "no") || bulk == "bulk" || bulk == "list" || bulk == "junk" || bulk == "auto_reply" ||
		h.get("list-id") != "" || strings.TrimSpace(h.get("return-path")) == "<>" || h.get("x-autoreply") != "" || h.get("x-auto-response-suppress") != ""
	w := walk{m: &m}
	w.part(h, body, 0, false)
	if m.Text = tidy(w.text.String()); m.Text == "" && w.html.Len() > 0 {
		m.Text = tidy(plain(w.html.String()))
	}
	m.HTML = tidy(w.html.String())
	return m
}

// shown are the headers that flows see besides those that have a field of their own.
func shown() []string {
	return []string{"date", "reply-to", "sender", "cc", "list-id", "list-unsubscribe", "auto-submitted", "precedence", "return-path",
		"delivered-to", "x-original-to", "authentication-results", "x-spam-flag", "x-spam-status", "importance"}
}

// Event is the message as the event's data.
func (m Message) Event() map[string]any {
	list := func(texts []string) []any {
		out := make([]any, len(texts))
		for i, s := range texts {
			out[i] = s
		}
		return out
	}
	headers := make(map[string]any, len(m.Headers))
	for k, v := range m.Headers {
		headers[k] = v
	}
	files := make([]any, len(m.Attachments))
	for i, a := range m.Attachments {
		files[i] = map[string]any{"name": a.Name, "type": a.Type, "size": a.Size}
	}
	date := ""
	if !m.Date.IsZero() {
		date = m.Date.Format(time.RFC3339)
	}
	return map[string]any{"message_id": m.ID, "in_reply_to": m.InReplyTo, "references": list(m.References),
		"from": map[string]any{"name": m.From.Name, "address": m.From.Address}, "to": list(m.To), "subject": m.Subject, "text": m.Text,
		"html": m.HTML, "date": date, "auto": m.Auto, "cut": m.Cut, "headers": headers, "attachments": files}
}

// Item is the message as it is offered to the flow. place names it where it has no Message-ID of its own.
func (m Message) Item(place string) engine.Item {
	key := m.ID
	if key == "" {
		key = place
	}
	return engine.Item{Key: key, Data: m.Event()}
}

// header is the headers of one part, in order, names in lower case.
type header []field

type field struct{ name, value string }

// get is the first value of a header, unfolded; "" when there is none.
func (h header) get(name string) string {
	for _, f := range h {
		if f.name == name {
			return f.value
		}
	}
	return ""
}

// split takes the headers off a part. Lines that are no headers are left out.
func split(raw []byte) (h header, body []byte) {
	rest, used := raw, 0
	for len(rest) > 0 {
		text, after := cutLine(rest)
		rest = after
		if text == "" {
			return h, rest
		}
		if used += len(text); used > maxHeaders {
			continue
		}
		if text[0] == ' ' || text[0] == '\t' {
			if len(h) > 0 {
				h[len(h)-1].value += " " + strings.TrimSpace(text)
			}
			continue
		}
		name, value, ok := strings.Cut(text, ":")
		name = strings.ToLower(strings.TrimRight(name, " \t"))
		if !ok || name == "" || strings.ContainsFunc(name, func(r rune) bool { return r <= ' ' || r >= 0x7f }) {
			h = append(h, field{}) // what is folded onto it goes with it
			continue
		}
		h = append(h, field{name, strings.TrimSpace(value)})
	}
	return h, nil
}

// cutLine is the first line without its end, and what follows it.
func cutLine(b []byte) (string, []byte) {
	for i, c := range b {
		if c == '\n' {
			return strings.TrimSuffix(string(b[:i]), "\r"), b[i+1:]
		}
	}
	return string(b), nil
}

// line is a header's value as people read it: encoded words decoded, one line, bounded.
func line(value string) string {
	d := mime.WordDecoder{CharsetReader: charset}
	if text, err := d.DecodeHeader(value); err == nil {
		value = text
	}
	value = strings.Join(strings.Fields(clean(value)), " ")
	if len(value) > maxLine {
		value = strings.ToValidUTF8(value[:maxLine], "") + "…"
	}
	return value
}

// addresses reads a list of addresses as far as it can be read.
func addresses(value string) []Address {
	if len(value) > maxHeaders {
		return nil
	}
	p := mail.AddressParser{WordDecoder: &mime.WordDecoder{CharsetReader: charset}}
	list, err := p.ParseList(value)
	if err != nil {
		return rough(value)
	}
	out := make([]Address, 0, len(list))
	for _, a := range list {
		out = append(out, Address{Name: line(a.Name), Address: strings.ToLower(line(a.Address))})
	}
	return out
}

// rough finds the address in a line that breaks the rules: what stands in the last angle brackets, or alone.
func rough(value string) []Address {
	name, rest, ok := strings.Cut(value, "<")
	for ok && strings.Contains(rest, "<") {
		var more string
		more, rest, _ = strings.Cut(rest, "<")
		name += more
	}
	address, _, closed := strings.Cut(rest, ">")
	if !ok || !closed {
		name, address = "", strings.TrimSpace(value)
	}
	if address = line(address); !sendable(address) {
		return nil
	}
	return []Address{{Name: strings.Trim(line(name), `" `), Address: strings.ToLower(address)}}
}

func firstID(value string) string {
	for _, f := range strings.Fields(value) {
		if validID(f) {
			return f
		}
	}
	return ""
}
