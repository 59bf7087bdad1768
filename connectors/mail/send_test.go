package mail_test

import (
	"context"
	"encoding/json"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/bretelle/bretelle/connectors"
	"github.com/bretelle/bretelle/connectors/connectortest"
	"github.com/bretelle/bretelle/connectors/counterparttest"
	"github.com/bretelle/bretelle/connectors/mail"
	"github.com/bretelle/bretelle/engine"
)

const password = "for-the-test-only"

func performer(t *testing.T, o *connectortest.Outside, origin string) *connectors.Performer {
	t.Helper()
	cat, err := connectors.NewCatalog(mail.New())
	if err != nil {
		t.Fatal(err)
	}
	p := connectors.NewPerformer(cat, o.Exits(connectortest.Secrets{List: []engine.Credential{
		{Name: "post", Origin: origin, User: "bot@example.org", Value: engine.NewSecret(password)}}}, nil))
	t.Cleanup(p.Close)
	return p
}

func task(in string) engine.Task {
	return engine.Task{Action: "mail.message.send", Key: "run/greet", Input: []byte(in)}
}

const letter = `{"account":"post","to":["a@example.org","b@example.org"],"subject":"Hello","text":"Hi"}`

// Every way in which a server, or the way to it, can fail.
func TestFailures(t *testing.T) {
	for _, c := range []struct {
		command, reply string
		class          engine.FailureClass
		status         int
	}{
		{"", "554 go away", engine.Rejected, 554},
		{"", "421 busy", engine.Busy, 421},
		{"", connectortest.HangUp, engine.NotSent, 0},
		{"EHLO", "250 no extensions", engine.Forbidden, 0}, // no STARTTLS: nothing is said readably
		{"STARTTLS", "454 not now", engine.Busy, 454},
		{"STARTTLS", connectortest.HangUp, engine.NotSent, 0},
		{"AUTH", "535 5.7.8 bad credentials for " + password, engine.Unauthorized, 535},
		{"AUTH", "454 4.7.0 later", engine.Busy, 454},
		{"MAIL", "451 later", engine.Busy, 451},
		{"MAIL", "550 not you", engine.Rejected, 550},
		{"MAIL", connectortest.HangUp, engine.NotSent, 0},
		{"RCPT", "550 nobody here", engine.Rejected, 550},
		{"RCPT <b@example.org>", "450 grey", engine.Busy, 450},
		{"RCPT", connectortest.HangUp, engine.NotSent, 0},
		{"DATA", "452 full", engine.Busy, 452},
		{"DATA", "554 no", engine.Rejected, 554},
		{"DATA", connectortest.HangUp, engine.NotSent, 0},
		{".", "451 virus scanner is away", engine.Busy, 451},
		{".", "554 spam", engine.Rejected, 554},
		{".", "hm what", engine.Unsure, 0},
		{".", connectortest.HangUp, engine.Unsure, 0},
		{".", connectortest.StayMute, engine.Unsure, 0},
		{"MAIL", connectortest.StayMute, engine.NotSent, 0},
	} {
		t.Run(c.command+" "+c.reply, func(t *testing.T) {
			o := connectortest.NewOutside(t)
			o.Mail.Reply(c.command, c.reply)
			tk := task(letter)
			if c.reply == connectortest.StayMute {
				tk.Timeout = 300 * time.Millisecond
			}
			r := performer(t, o, "smtp://mail.example.org").Perform(context.Background(), tk)
			if r.Failure == nil || r.Failure.Class != c.class || r.Failure.Status != c.status {
				t.Fatalf("got %+v, wanted %s %d", r.Failure, c.class, c.status)
			}
			if b, err := json.Marshal(r); err != nil || strings.Contains(string(b), password) {
				t.Errorf("the password is in %s (%v)", b, err)
			}
		})
	}
}

func TestRecipientsAreToldApart(t *testing.T) {
	o := connectortest.NewOutside(t)
	o.Mail.Reply("RCPT <a@example.org>", "550 5.1.1 no such user")
	r := performer(t, o, "smtps://mail.example.org").Perform(context.Background(), task(letter))
	if r.Failure != nil {
		t.Fatal(r.Failure.Error())
	}
	var out mail.Output
	if err := json.Unmarshal(r.Output, &out); err != nil {
		t.Fatal(err)
	}
	if !slices.Equal(out.Accepted, []string{"b@example.org"}) || len(out.Rejected) != 1 || out.Rejected[0].Address != "a@example.org" ||
		!strings.Contains(out.Rejected[0].Said, "no such user") {
		t.Errorf("got %+v", out)
	}
	if got := o.Mail.Logins(); !slices.Equal(got, []string{"bot@example.org:" + password}) {
		t.Errorf("logged in as %v", got)
	}
}

func TestNothingLeaves(t *testing.T) {
	o := connectortest.NewOutside(t)
	p := performer(t, o, "smtp://mail.example.org")
	if r, assumed := p.Rehearse(context.Background(), task(letter)); r.Failure != nil || !assumed {
		t.Errorf("a dry run gives %+v, assumed %v", r, assumed)
	}
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	if r := p.Perform(ctx, task(letter)); r.Failure == nil || r.Failure.Class != engine.NotSent {
		t.Errorf("a call stopped before it began gives %+v", r.Failure)
	}
	for origin, class := range map[string]engine.FailureClass{"https://mail.example.org": engine.BadInput, "imaps://mail.example.org": engine.BadInput,
		"": engine.BadInput, "smtp://0x7f000001": engine.BadInput} {
		if r := performer(t, o, origin).Perform(context.Background(), task(letter)); r.Failure == nil || r.Failure.Class != class {
			t.Errorf("an account of %q gives %+v", origin, r.Failure)
		}
	}
	if n := len(o.Mail.Mails()); n != 0 {
		t.Errorf("%d mails left", n)
	}
	line, detail := func() (string, any) {
		cat, err := connectors.NewCatalog(mail.New())
		if err != nil {
			t.Fatal(err)
		}
		a, _ := cat.Action("mail.message.send")
		return a.Line(map[string]any{"to": "a@x.org", "subject": "S", "text": "T"})
	}()
	if line != "Send a mail to a@x.org: S" || detail != "T" {
		t.Errorf("it is shown as %q, %v", line, detail)
	}
}

// The account's own server is the only one; without TLS only one nearby; a private one only when that is meant.
func TestRealServer(t *testing.T) {
	post := counterparttest.Mailpit(t)
	cat, err := connectors.NewCatalog(mail.New())
	if err != nil {
		t.Fatal(err)
	}
	accounts := []engine.Credential{}
	for name, origin := range map[string]string{"start": "smtp://" + post.SMTP, "bare": "smtp+insecure://" + post.SMTP, "tls": "smtps://" + post.SMTP} {
		accounts = append(accounts, engine.Credential{Name: name, Origin: origin, User: "bot@example.org", Value: engine.NewSecret(password)})
	}
	p := connectors.NewPerformer(cat, connectors.Exits{Secrets: connectortest.Secrets{List: accounts}, Roots: post.Roots})
	defer p.Close()
	send := func(in string) engine.Result { return p.Perform(context.Background(), task(in)) }
	if r := send(`{"account":"start","to":"a@example.org","subject":"s","text":"t"}`); r.Failure == nil || r.Failure.Class != engine.Forbidden {
		t.Fatalf("this machine without allow_private gives %+v", r.Failure)
	}
	if r := send(`{"account":"tls","to":"a@example.org","subject":"s","text":"t","allow_private":true}`); r.Failure == nil || r.Failure.Class != engine.NotSent {
		t.Errorf("TLS where there is none gives %+v", r.Failure)
	}
	body := strings.Repeat("Zürich, ligne très longue. ", 80) + "\n.\n..two\nFrom here"
	in, err := json.Marshal(map[string]any{"account": "start", "from": "Élodie <bot@example.org>", "to": []any{"Ada Łovelace <ada@example.org>"}, "bcc": "hidden@example.org",
		"subject": "Réponse à 你好", "text": body, "html": "<p>" + body + "</p>", "in_reply_to": "<1@x>", "allow_private": true})
	if err != nil {
		t.Fatal(err)
	}
	r := send(string(in))
	if r.Failure != nil {
		t.Fatalf("%v", r.Failure)
	}
	if r := send(`{"account":"bare","to":"a@example.org","subject":"bare","text":"t","allow_private":true}`); r.Failure != nil {
		t.Fatalf("%v", r.Failure)
	}
	mails := post.Mails(t)
	if len(mails) != 2 {
		t.Fatalf("%d mails came", len(mails))
	}
	m := mails[slices.IndexFunc(mails, func(k counterparttest.Kept) bool { return k.Subject != "bare" })]
	var out mail.Output
	if err := json.Unmarshal(r.Output, &out); err != nil {
		t.Fatal(err)
	}
	if m.Subject != "Réponse à 你好" || m.From.Name != "Élodie" || len(m.To) != 1 || m.To[0].Name != "Ada Łovelace" || "<"+m.MessageID+">" != out.MessageID {
		t.Errorf("it came as %+v, sent as %+v", m, out)
	}
	if got := strings.ReplaceAll(strings.TrimSpace(m.Text), "\r\n", "\n"); got != body {
		t.Errorf("the text came as %q", got)
	}
	source := post.Source(t, m.ID)
	if strings.Contains(source, "hidden@example.org") && strings.Contains(strings.ToLower(source), "\nbcc:") {
		t.Error("the hidden copy is in the mail")
	}
	if back := mail.Parse([]byte(source)); back.Subject != m.Subject || back.From.Address != "bot@example.org" || back.Text != body || back.InReplyTo != "<1@x>" || !back.Auto {
		t.Errorf("it is read back as %+v", back)
	}
}
