package mail_test

import (
	"encoding/base64"
	"encoding/json"
	"fmt"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/bretelle/bretelle/connectors"
	"github.com/bretelle/bretelle/connectors/mail"
	"github.com/bretelle/bretelle/engine"
)

func crlf(s string) []byte { return []byte(strings.ReplaceAll(s, "\n", "\r\n")) }

const mixed = `Received: from x
Message-ID: <m1@x.org>
In-Reply-To: <m0@x.org> (yesterday)
References: <a@x> nonsense <b@x>
From: =?ISO-8859-1?Q?Andr=E9?= Pirard <PIRARD@vm1.ulg.ac.be>
To: undisclosed-recipients:;, Bob <bob@x.org>
Cc: =?utf-8?b?5bGx55Sw?= <yamada@x.org>
Subject: =?UTF-8?B?` + "R3LDvMOfZQ==" + `?=
 =?UTF-8?Q?_aus?= Bern
Date: Mon, 23 Nov 2026 18:00:00 +0100
this line is no header
MIME-Version: 1.0
Content-Type: multipart/mixed; boundary="out er"

preamble
--out er
Content-Type: multipart/alternative; boundary=in

--in
Content-Type: text/plain; charset=iso-8859-1
Content-Transfer-Encoding: quoted-printable

Caf=E9=20au
lait
--in
Content-Type: text/html; charset=utf-8

<p>Café</p>
--in--
--out er
Content-Type: application/pdf; name="=?utf-8?Q?r=C3=A9sum=C3=A9.pdf?="
Content-Disposition: attachment; filename*=UTF-8''r%C3%A9sum%C3%A9.pdf
Content-Transfer-Encoding: base64

AAEC
AwQF
--out er
Content-Type: message/rfc822

Subject: inner

not the text
--out er--
epilogue
`

func TestParse(t *testing.T) {
	m := mail.Parse(crlf(mixed))
	got := fmt.Sprintf("%s|%s|%v|%s|%s|%v|%s|%s|%s|%s|%v|%v", m.ID, m.InReplyTo, m.References, m.From.Name, m.From.Address, m.To, m.Subject, m.Text, m.HTML,
		m.Date.Format("2006-01-02T15:04"), m.Auto, m.Attachments)
	want := "<m1@x.org>|<m0@x.org>|[<a@x> <b@x>]|André Pirard|pirard@vm1.ulg.ac.be|[bob@x.org yamada@x.org]|Grüße aus Bern|Café au\nlait|<p>Café</p>|2026-11-23T17:00|false|" +
		"[{résumé.pdf application/pdf 6} { message/rfc822 30}]"
	if got != want {
		t.Errorf("got  %s\nwant %s", got, want)
	}
	var kind *engine.TriggerKind
	for _, k := range mail.New().Triggers {
		kind = &k
	}
	b, err := engine.EncodeJSON(m.Event())
	if err != nil {
		t.Fatal(err)
	}
	v, err := engine.DecodeJSON(b)
	if err != nil {
		t.Fatal(err)
	}
	if _, bad := connectors.Fit(kind.Event, v, "event"); bad != nil {
		t.Errorf("the event does not fit its schema: %v", bad)
	}
}

func TestParseOddMails(t *testing.T) {
	for name, c := range map[string]struct{ in, want string }{
		"only html":         {"Content-Type: text/html\n\n<html><head><title>t</title><style>a{}</style></head><body><p>One &amp; two</p><br>three<script>x()</script></body>", "One & two\n\nthree"},
		"no type":           {"Subject: x\n\nplain\n", "plain"},
		"unknown charset":   {"Content-Type: text/plain; charset=klingon\n\ncaf\xe9", "café"},
		"wrong charset":     {"Content-Type: text/plain; charset=utf-8\n\ncaf\xe9", "caf\uFFFD"},
		"utf-16":            {"Content-Type: text/plain; charset=utf-16le\nContent-Transfer-Encoding: base64\n\n" + base64.StdEncoding.EncodeToString([]byte("h\x00i\x00")), "hi"},
		"gb2312":            {"Content-Type: text/plain; charset=gb2312\n\n\xc4\xe3\xba\xc3", "你好"},
		"iso-2022-jp":       {"Content-Type: text/plain; charset=iso-2022-jp\n\n\x1b$B$3\x1b(B", "こ"},
		"broken base64":     {"Content-Transfer-Encoding: base64\n\naGVsbG8*", "hello"},
		"broken quoted":     {"Content-Transfer-Encoding: quoted-printable\n\nab=ZZcd", "ab"},
		"no end":            {"Content-Type: multipart/mixed; boundary=b\n\n--b\n\nrest", "rest"},
		"empty boundary":    {"Content-Type: multipart/mixed; boundary=\"\"\n\nx", ""},
		"control":           {"\n\na\x00b\x1b[31mc\u202ed", "ab[31mcd"},
		"type without name": {"Content-Type: ;;;\n\nstill", "still"},
	} {
		m := mail.Parse(crlf(c.in))
		if name == "control" {
			m = mail.Parse([]byte("\n" + "a\x00b\x1b[31mc\u202ed"))
		}
		if !strings.HasPrefix(m.Text, c.want) || c.want == "" && m.Text != "" {
			t.Errorf("%s: %q, wanted %q", name, m.Text, c.want)
		}
	}
	deep := ""
	for i := range 100 {
		deep += fmt.Sprintf("Content-Type: multipart/mixed; boundary=b%dx\n\n--b%dx\n", i, i)
	}
	if m := mail.Parse([]byte(deep)); !m.Cut {
		t.Error("a mail nested a hundredfold is taken whole")
	}
	many := "Content-Type: multipart/mixed; boundary=b\n\n" + strings.Repeat("--b\nContent-Type: image/png\n\nx\n", 5000)
	if m := mail.Parse([]byte(many)); !m.Cut || len(m.Attachments) > 200 {
		t.Errorf("of 5000 parts %d were taken", len(m.Attachments))
	}
	big := "Subject: s\n\n" + strings.Repeat("x", mail.MaxMail+10)
	if m := mail.Parse([]byte(big)); !m.Cut || len(m.Text) > 300<<10 || m.Subject != "s" {
		t.Errorf("a mail that is too large gives %d bytes, cut %v", len(m.Text), m.Cut)
	}
	for header, auto := range map[string]bool{"Auto-Submitted: no": false, "Auto-Submitted: auto-replied (vacation)": true, "Precedence: Bulk": true, "Return-Path: <>": true, "X: y": false} {
		if m := mail.Parse([]byte(header + "\n\nx")); m.Auto != auto {
			t.Errorf("%s is automatic: %v", header, m.Auto)
		}
	}
	for _, from := range []string{"bob@x.org, eve@x.org", "\"bob@x.org\" <bob@x.org>", "Bob (the) <<bob@x.org>"} {
		if m := mail.Parse([]byte("From: " + from + "\n\nx")); m.From.Address != "bob@x.org" {
			t.Errorf("%s is from %+v", from, m.From)
		}
	}
}

// A mail that is larger than what is taken of one says that it was cut.
func TestParseLargeMail(t *testing.T) {
	m := mail.Parse([]byte("Subject: Large\r\nContent-Type: application/pdf\r\n\r\n" + strings.Repeat("x", mail.MaxMail)))
	if !m.Cut || m.Subject != "Large" || len(m.Attachments) != 1 || m.Attachments[0].Size > mail.MaxMail {
		t.Errorf("cut %v, %q, %+v", m.Cut, m.Subject, m.Attachments)
	}
}

func TestWants(t *testing.T) {
	m := mail.Message{From: mail.Address{Name: "Ann", Address: "ann@example.org"}, Subject: "An Order"}
	for with, want := range map[string]bool{`{}`: true, `{"from":"@EXAMPLE.org"}`: true, `{"from":"bob"}`: false, `{"subject":"order"}`: true, `{"from":"ann","subject":"x"}`: false} {
		var w map[string]any
		if err := json.Unmarshal([]byte(with), &w); err != nil {
			t.Fatal(err)
		}
		if got := mail.Read(w).Wants(m); got != want {
			t.Errorf("%s: %v", with, got)
		}
	}
}

// Whatever arrives is read, without a panic, bounded, as text that JSON can hold.
func FuzzParse(f *testing.F) {
	f.Add(crlf(mixed))
	f.Add([]byte("Content-Type: multipart/mixed; boundary=b\n\n--b\n\n--b--"))
	f.Add([]byte("From: \"a\" <a@b>\nSubject: =?x?q?=00?=\nContent-Type: text/html\n\n<p <"))
	f.Fuzz(func(t *testing.T, raw []byte) {
		m := mail.Parse(raw)
		b, err := engine.EncodeJSON(m.Event())
		if err != nil || !utf8.Valid(b) {
			t.Fatalf("%v", err)
		}
		if strings.ContainsAny(m.Subject+m.From.Name+m.From.Address, "\r\n\x00") || len(m.Text) > 300<<10 || len(m.Attachments) > 201 {
			t.Errorf("it holds what it should not: %q %+v", m.Subject, m.From)
		}
	})
}
