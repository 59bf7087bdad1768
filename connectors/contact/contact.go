package contact

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"net/url"
	"strings"

	"github.com/bretelle/bretelle/connectors"
	"github.com/bretelle/bretelle/engine"
)

// maxField bounds each value given, in bytes.
const maxField = 8 << 10

// New is the connector.
func New() connectors.Connector {
	return connectors.Connector{
		Name:    "contact",
		Title:   "Contacts",
		Doc:     "Keeps people in an address book that speaks CardDAV: Nextcloud, Radicale, iCloud, Fastmail and others.",
		Actions: []connectors.Action{findOrCreate().Action("contact")},
	}
}

// Input is what contact.card.find_or_create takes.
type Input struct {
	Account      string `json:"account,omitempty" title:"Account" format:"secret" doc:"The stored account at the server: its origin, with user and password."`
	Book         string `json:"book" title:"Address book" required:"true" doc:"The address book's address at that server: its path, or the whole address."`
	Name         string `json:"name" title:"Name" required:"true" doc:"The person's name."`
	Email        string `json:"email" title:"E-mail" required:"true" format:"email" doc:"The address by which the person is found."`
	Phone        string `json:"phone,omitempty" title:"Phone" doc:"A telephone number."`
	Organisation string `json:"organisation,omitempty" title:"Organisation" doc:"Where the person works."`
	Job          string `json:"job,omitempty" title:"Job" doc:"What the person does there."`
	Note         string `json:"note,omitempty" title:"Note" format:"text" doc:"What else to know."`
	Source       string `json:"source,omitempty" title:"Source" doc:"Where the contact comes from; it goes into the note."`
	Date         string `json:"date,omitempty" title:"Date" doc:"When that was; it goes into the note beside the source."`
	Update       bool   `json:"update,omitempty" title:"Complete it" doc:"Adds to a contact that is there already: fields that are empty, and the note. What stands there is never changed."`
	AllowPrivate bool   `json:"allow_private,omitempty" title:"Private network" doc:"Allows a server inside your own network or on this machine."`
}

// Output is what contact.card.find_or_create gives.
type Output struct {
	UID     string `json:"uid" doc:"The contact's own id."`
	URL     string `json:"url" doc:"Where the contact lies on the server."`
	Created bool   `json:"created" doc:"Whether it was made now."`
	Updated bool   `json:"updated" doc:"Whether something was added to one that was there."`
	Name    string `json:"name" doc:"The name as it stands there."`
	Email   string `json:"email" format:"email" doc:"The first e-mail address that stands there."`
}

func findOrCreate() connectors.Act[Input, Output] {
	return connectors.Act[Input, Output]{
		Name:        "card.find_or_create",
		Title:       "Find or add a contact",
		Doc:         "Finds the contact with an e-mail address, or makes it. One that is there is given back as it is, or completed where you say so.",
		Risk:        engine.Write,
		Scopes:      []string{"contacts:write"},
		Store:       "--origin https://contacts.example.org --user bot",
		Idempotency: connectors.NaturalKey,
		Sample:      Output{UID: "6f1d", URL: "https://dav.example.org/people/6f1d.vcf", Created: true, Name: "Ada Lovelace", Email: "ada@example.org"},
		Tests:       recorded(),
		Describe:    describe,
		Run:         run,
	}
}

func describe(in map[string]any) (string, any) {
	line := "Find or add a contact"
	if email, ok := in["email"].(string); ok && email != "" {
		line = "Find or add the contact " + strings.Join(strings.Fields(email), " ")
	}
	rest := map[string]any{}
	for k, v := range in {
		if k != "email" && k != "allow_private" && k != "account" && v != nil {
			rest[k] = v
		}
	}
	return line, rest
}

// check refuses what cannot be a contact. The error is Invalid.
func check(in *Input) error {
	in.Email = strings.ToLower(strings.TrimSpace(in.Email))
	at := strings.LastIndexByte(in.Email, '@')
	if at < 1 || at == len(in.Email)-1 || strings.ContainsAny(in.Email, " \t\r\n<>,;\"") || len(in.Email) > 254 {
		return engine.E(engine.Invalid, `"{value}" in "{field}" is not a mail address`, "value", cut(in.Email), "field", "email").
			WithHint("Check the expression that gives it.")
	}
	if strings.TrimSpace(in.Name) == "" {
		return engine.E(engine.Invalid, `"{field}" is missing`, "field", "name").WithHint("Give it a value; an expression that finds nothing counts as missing.")
	}
	for name, v := range map[string]string{"name": in.Name, "phone": in.Phone, "organisation": in.Organisation, "job": in.Job, "note": in.Note, "source": in.Source, "date": in.Date} {
		if len(v) > maxField {
			return engine.E(engine.Invalid, `"{field}" is longer than {max} bytes`, "field", name, "max", maxField)
		}
	}
	return nil
}

func run(ctx context.Context, c *connectors.Call, in Input) (Output, error) {
	if err := check(&in); err != nil {
		return Output{}, err
	}
	if in.Account == "" {
		in.Account = c.Account()
	}
	book, err := bookOf(ctx, c, in)
	if err != nil {
		return Output{}, err
	}
	s := server{call: c, in: in, book: book}
	found, err := s.find(ctx)
	if err != nil || found != nil {
		return s.known(ctx, found, err)
	}
	// The first address is made of the e-mail. It is taken when somebody else was first, or when the contact that we
	// made there has another e-mail by now: then the second one, made of the step, is this run's own.
	for _, uid := range []string{uidOf(in.Email), uidOf(in.Email + "\x00" + c.Key())} {
		out, made, err := s.create(ctx, uid)
		if err != nil || made {
			return out, err
		}
		if found, err = s.find(ctx); err != nil || found != nil {
			return s.known(ctx, found, err)
		}
	}
	return Output{}, engine.E(engine.Refused, "The address book has something else where this contact belongs").WithHint("Look at it there.")
}

// uidOf makes an id of what the contact is.
func uidOf(of string) string {
	h := sha256.Sum256([]byte("contact " + of))
	return hex.EncodeToString(h[:16])
}

// bookOf is the whole address of the address book, with a slash at its end.
func bookOf(ctx context.Context, c *connectors.Call, in Input) (*url.URL, error) {
	origin := ""
	if in.Account != "" {
		var err error
		if origin, err = c.Origin(ctx, in.Account); err != nil {
			return nil, err
		}
	}
	base, err := url.Parse(origin)
	var u *url.URL
	if err == nil {
		u, err = base.Parse(strings.TrimSpace(in.Book))
	}
	if err != nil || u.Host == "" || u.User != nil || u.Scheme != "https" && u.Scheme != "http" {
		return nil, engine.E(engine.Invalid, `"{book}" is not the address of an address book`, "book", cut(in.Book)).
			WithHint("Write its path at the account's server, /bot/people/, or the whole address.")
	}
	u.RawQuery, u.Fragment = "", ""
	if !strings.HasSuffix(u.Path, "/") {
		u = u.JoinPath("/")
	}
	return u, nil
}

// fresh is the card of a new contact, version 3.0, which every server takes.
func fresh(in Input, uid string) card {
	words := strings.Fields(in.Name)
	given, family := strings.Join(words[:max(len(words)-1, 0)], " "), words[len(words)-1]
	if given == "" {
		given, family = family, ""
	}
	c := card{"BEGIN:VCARD", "VERSION:3.0", "PRODID:-//Bretelle//EN", "UID:" + uid, "FN:" + escape(strings.Join(words, " ")),
		"N:" + escape(family) + ";" + escape(given) + ";;;", "EMAIL;TYPE=INTERNET:" + escape(in.Email), "END:VCARD"}
	c, _ = complete(c, in)
	return c
}

// complete adds what the card lacks.
func complete(c card, in Input) (card, bool) {
	any := false
	for _, l := range []struct{ name, value string }{{"TEL", in.Phone}, {"ORG", in.Organisation}, {"TITLE", in.Job}} {
		if strings.TrimSpace(l.value) == "" {
			continue
		}
		var done bool
		c, done = c.fill(l.name + ":" + escape(strings.Join(strings.Fields(l.value), " ")))
		any = any || done
	}
	var notes []string
	from := strings.Trim(strings.TrimSpace(in.Source)+", "+strings.TrimSpace(in.Date), ", ")
	for _, n := range []string{strings.TrimSpace(in.Note), from} {
		if n != "" {
			notes = append(notes, n)
		}
	}
	c, done := c.noted(strings.Join(notes, "\n"))
	return c, any || done
}

func cut(s string) string {
	if r := []rune(s); len(r) > 80 {
		return string(r[:80]) + "…"
	}
	return s
}
