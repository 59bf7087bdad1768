package mail

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"maps"
	"slices"
	"strings"
	"time"

	gomail "github.com/wneessen/go-mail"

	"github.com/bretelle/bretelle/engine"
)

// messageID names the mail of a step: the same for every attempt, and told from nothing else.
func messageID(key, from string) string {
	h := sha256.Sum256([]byte("mail " + key))
	return "<" + hex.EncodeToString(h[:16]) + from[strings.LastIndexByte(from, '@'):] + ">"
}

// compose writes the message. The same input, key and time give the same bytes. The error is Invalid.
func compose(in Input, l letter, id, key string, at time.Time) ([]byte, error) {
	sum := sha256.Sum256([]byte("boundary " + key))
	m := gomail.NewMsg(gomail.WithNoDefaultUserAgent(), gomail.WithBoundary(hex.EncodeToString(sum[:20])))
	m.SetAddrHeaderFromMailAddress(gomail.HeaderFrom, l.from)
	m.SetAddrHeaderFromMailAddress(gomail.HeaderTo, l.to...)
	if len(l.copy) > 0 {
		m.SetAddrHeaderFromMailAddress(gomail.HeaderCc, l.copy...)
	}
	if l.replyTo != nil {
		m.SetAddrHeaderFromMailAddress(gomail.HeaderReplyTo, l.replyTo)
	}
	m.Subject(in.Subject)
	m.SetDateWithValue(at.UTC())
	m.SetMessageIDWithValue(strings.Trim(id, "<>"))
	if in.InReplyTo != "" {
		m.SetGenHeaderPreformatted(gomail.HeaderInReplyTo, in.InReplyTo)
		m.SetGenHeaderPreformatted(gomail.HeaderReferences, in.InReplyTo)
	}
	// Programs that answer by themselves must not answer a program (RFC 3834).
	m.SetGenHeaderPreformatted("Auto-Submitted", "auto-generated")
	for _, k := range slices.Sorted(maps.Keys(in.Headers)) {
		name := canonical(k)
		switch name {
		case "References", "Auto-Submitted":
			m.SetGenHeaderPreformatted(gomail.Header(name), in.Headers[k])
		default:
			m.SetGenHeader(gomail.Header(name), in.Headers[k])
		}
	}
	m.SetBodyString(gomail.TypeTextPlain, in.Text)
	if in.HTML != "" {
		m.AddAlternativeString(gomail.TypeTextHTML, in.HTML)
	}
	var b bytes.Buffer
	if _, err := m.WriteTo(&b); err != nil {
		return nil, engine.E(engine.Invalid, "This mail cannot be written").WithHint("Look at its addresses and headers.").Wrap(err)
	}
	return b.Bytes(), nil
}

// canonical writes a header's name in the usual capitals.
func canonical(name string) string {
	parts := strings.Split(strings.ToLower(name), "-")
	for i, p := range parts {
		if p != "" {
			parts[i] = strings.ToUpper(p[:1]) + p[1:]
		}
	}
	if len(parts) == 2 && parts[1] == "Id" {
		parts[1] = "ID"
	}
	return strings.Join(parts, "-")
}
