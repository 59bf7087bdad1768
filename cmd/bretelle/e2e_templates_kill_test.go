package main

import (
	"fmt"
	"strings"
	"testing"
)

// TestTemplateContactMail: the same by mail. What is an answer, or comes from a machine, or has another subject is no
// request; without an address book the contact is kept in the table only.
func TestTemplateContactMail(t *testing.T) {
	t.Parallel()
	o := newOffice(t)
	o.fromTemplate("contact-mail", "channel=#sales", "group=@sales", "mailbox=inbox", "mail=post", "subject=wants to connect", "private=true")
	o.watching(1)
	o.arrives("Grace Hopper <Grace@example.net>", "g-1@example.net", "Grace Hopper wants to connect", "Hello,\nI found a moth in the relay.")
	o.arrives("Grace Hopper <Grace@example.net>", "g-2@example.net", "Re: Grace Hopper wants to connect", "An answer", "In-Reply-To: <x@example.org>")
	o.arrives("MAILER-DAEMON@example.net", "g-3@example.net", "Somebody wants to connect", "Undelivered", "Auto-Submitted: auto-replied")
	o.arrives("pat@example.net", "g-4@example.net", "Lunch?", "At noon")
	card := o.open("Accept Grace Hopper?", "I found a moth in the relay.", "grace@example.net", "Thank you Grace! What can I do for you?")
	o.approve("kim", card)
	o.settled("contact-mail", 1)
	o.mails("grace@example.net", thanks, 1)
	o.row("contacts", map[string]string{"email": "grace@example.net", "name": "Grace Hopper", "source": "mail, Grace Hopper wants to connect"})
	if n := len(o.contacts()) + len(o.sent("grace@example.net", confirm)); n != 0 {
		t.Errorf("%d cards and confirmations that nobody asked for", n)
	}
	// Ignored: nothing goes out.
	o.arrives("Mallory <m@example.net>", "m-1@example.net", "Mallory wants to connect", "Cheap lamps")
	o.cli("chat", "--as", "bob", "--in", "#sales", "--press", "deny", "--card", o.open("Accept Mallory?").ID)
	o.cli("chat", "--as", "bob", "--in", "#sales", "--submit", "reason=spam")
	o.card("bob", "#sales", "bob denied: spam")
	if n := len(o.sent("m@example.net", thanks)); n != 0 {
		t.Errorf("%d mails although it was denied", n)
	}
}

// TestTemplateContactKilled: kill -9 while it asks, and at commits of the run that goes on after the approval: each
// mail goes out once, the contact is there once. Where a kill fell while the mail server was answering, people are
// asked, and what they say is right.
func TestTemplateContactKilled(t *testing.T) {
	t.Parallel()
	o := newOffice(t)
	o.fromTemplate("contact-request", "channel=#sales", "group=@sales", "mail=post", "contacts=people", "book=/bot/people/", "private=true")
	step := 5
	if *long {
		step = 1
	}
	deaths, asked := 0, 0
	for n, quiet := 1, 0; quiet < 2; n += step {
		who := fmt.Sprintf("p%d@example.net", n)
		card := o.request(fmt.Sprintf("Person%d", n), who, "news=true", fmt.Sprintf("phone=%d", n))
		o.kill()
		if err := o.tryStart(killAt + "=after " + fmt.Sprint(n)); err != nil && !o.dead() { // it may be dead again before anybody presses
			t.Fatal(err)
		}
		for life := 0; ; life++ {
			if !o.dead() {
				_, _ = o.try("", "chat", "--as", "bob", "--in", "#sales", "--press", "approve", "--card", card.ID) // pressed again it says that it is decided
			}
			state := o.ended()
			if o.dead() {
				deaths, quiet = deaths+1, -1
				o.start()
				continue
			}
			if state == "done" {
				break
			}
			asked++
			o.decide(who)
			if life > 5 {
				t.Fatalf("the run of %s is %s\n%s", who, state, o.transcript("bob", "#sales"))
			}
		}
		quiet++
		o.kill() // one that lived on would die at a commit of the next request
		o.start()
		o.mails(who, thanks, 1)
		o.mails(who, confirm, 1)
		o.row("consents", map[string]string{"email": who, "status": "asked"})
		if n := strings.Count(strings.Join(o.contacts(), "\n"), who); n != 1 {
			t.Errorf("%s stands in the address book %d times", who, n)
		}
	}
	t.Logf("%d kills, %d times the outcome was unknown", deaths, asked)
	if deaths < 3 {
		t.Errorf("only %d kills", deaths)
	}
}

// ended waits until the last run is done or asks about an outcome, or the bot is dead.
func (o *office) ended() (state string) {
	o.t.Helper()
	eventually(o.t, func() bool {
		var list []runJSON
		if o.dead() || o.ask("run.list", struct{}{}, &list) != nil || len(list) == 0 {
			return o.dead()
		}
		state = list[0].State
		return state == "done" || state == "unknown"
	}, func() string { return "the run is " + state + "\n" + o.log() })
	return state
}

// decide answers the question about a mail whose outcome is unknown with what the mail server knows.
func (o *office) decide(who string) {
	o.t.Helper()
	for _, c := range o.cards("bob", "#sales") {
		if !c.offers("happened") {
			continue
		}
		subject := thanks
		if strings.Contains(c.Text, confirm) {
			subject = confirm
		}
		if len(o.sent(who, subject)) == 0 {
			o.cli("chat", "--as", "ann", "--in", "#sales", "--press", "again", "--card", c.ID)
			return
		}
		o.cli("chat", "--as", "ann", "--in", "#sales", "--press", "happened", "--card", c.ID)
		form, _ := o.try("", "chat", "--as", "ann", "--in", "#sales", "--submit", "message_id="+o.sent(who, subject)[0].MessageID)
		o.t.Log("it happened: ", form)
		return
	}
}
