package contact

import (
	"context"
	"encoding/xml"
	"net/url"
	"strings"

	"github.com/bretelle/bretelle/connectors"
	"github.com/bretelle/bretelle/engine"
)

// server is one address book, for one call.
type server struct {
	call *connectors.Call
	in   Input
	book *url.URL
}

// lying is a contact as it lies on the server.
type lying struct {
	url  *url.URL
	etag string
	card card
}

// find asks for the contact with the e-mail (RFC 6352, 8.6); nil when there is none.
func (s server) find(ctx context.Context) (*lying, error) {
	resp, err := s.send(ctx, connectors.Request{Method: "REPORT", URL: s.book.String(), Type: "application/xml; charset=utf-8",
		Header: map[string]string{"Depth": "1"}, Body: []byte(query(s.in.Email))})
	if err != nil {
		return nil, err
	}
	var answer multistatus
	if err := xml.Unmarshal(resp.Body, &answer); err != nil {
		f := connectors.Fail(engine.Garbled, engine.Unreadable, "{peer} answered, but not as an address book does", "peer", resp.Peer).
			WithHint("Check the address of the address book.")
		f.Err = err
		return nil, f
	}
	for _, r := range answer.Responses {
		for _, p := range r.Propstats {
			// Servers may give more than was asked for.
			c := parse(p.Prop.Card)
			if c == nil || !c.has("EMAIL", s.in.Email) {
				continue
			}
			at, err := s.book.Parse(r.Href)
			if err != nil || at.Scheme != s.book.Scheme || at.Host != s.book.Host {
				continue
			}
			return &lying{url: at, etag: p.Prop.ETag, card: c}, nil
		}
	}
	return nil, nil
}

// known gives a contact that is there, completed when that is wanted.
func (s server) known(ctx context.Context, l *lying, err error) (Output, error) {
	if err != nil {
		return Output{}, err
	}
	out := output(l.url, l.card)
	if !s.in.Update {
		return out, nil
	}
	c, more := complete(l.card, s.in)
	if !more {
		return out, nil
	}
	if l.etag == "" {
		return Output{}, engine.E(engine.Refused, "The address book does not say which state a contact is in, so it is not changed").
			WithHint("Leave update out.")
	}
	done, err := s.put(ctx, l.url, c, "If-Match", l.etag)
	if err == nil && !done { // nothing was written: once more, from the state it is in then
		err = connectors.Fail(engine.Busy, engine.Conflict, "The contact was changed by somebody else at the same moment")
	}
	out.Updated = err == nil
	return out, err
}

// create makes a contact where nothing lies; made is false when something does.
func (s server) create(ctx context.Context, uid string) (out Output, made bool, err error) {
	c, at := fresh(s.in, uid), s.book.JoinPath(uid+".vcf")
	if made, err = s.put(ctx, at, c, "If-None-Match", "*"); err != nil || !made {
		return out, false, err
	}
	out = output(at, c)
	out.Created = true
	return out, true, nil
}

// put writes a card under a condition (RFC 9110, 13.1); done is false when the condition does not hold.
func (s server) put(ctx context.Context, at *url.URL, c card, condition, value string) (done bool, err error) {
	resp, err := s.send(ctx, connectors.Request{Method: "PUT", URL: at.String(), Type: "text/vcard; charset=utf-8",
		Header: map[string]string{condition: value}, Body: []byte(c.text()),
		Expect: func(status int) bool { return status/100 == 2 || status == 412 }})
	return err == nil && resp.Status != 412, err
}

func (s server) send(ctx context.Context, r connectors.Request) (*connectors.Response, error) {
	r.Account, r.AllowPrivate = s.in.Account, s.in.AllowPrivate
	return s.call.HTTP(ctx, r)
}

func output(at *url.URL, c card) Output {
	return Output{UID: c.first("UID"), URL: at.String(), Name: c.first("FN"), Email: strings.TrimPrefix(c.first("EMAIL"), "mailto:")}
}

// query asks for cards by their e-mail, whatever the case of letters.
func query(email string) string {
	var text strings.Builder
	_ = xml.EscapeText(&text, []byte(email)) // a builder never fails
	return `<?xml version="1.0" encoding="utf-8"?>` +
		`<C:addressbook-query xmlns="DAV:" xmlns:C="urn:ietf:params:xml:ns:carddav">` +
		`<prop><getetag/><C:address-data/></prop>` +
		`<C:filter><C:prop-filter name="EMAIL"><C:text-match collation="i;unicode-casemap" match-type="equals">` + text.String() +
		`</C:text-match></C:prop-filter></C:filter></C:addressbook-query>`
}

// multistatus is the answer of a REPORT (RFC 4918, 13).
type multistatus struct {
	XMLName   xml.Name `xml:"DAV: multistatus"`
	Responses []struct {
		Href      string `xml:"DAV: href"`
		Propstats []struct {
			Prop struct {
				ETag string `xml:"DAV: getetag"`
				Card string `xml:"urn:ietf:params:xml:ns:carddav address-data"`
			} `xml:"DAV: prop"`
		} `xml:"DAV: propstat"`
	} `xml:"DAV: response"`
}
