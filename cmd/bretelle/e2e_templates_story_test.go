package main

import (
	"strings"
	"testing"
)

// contactFlows publishes the three flows of the contact story, with all their answers.
func (o *office) contactFlows() {
	o.t.Helper()
	o.fromTemplate("contact-request", "channel=#sales", "group=@sales", "mail=post", "contacts=people", "book=/bot/people/", "private=true")
	o.fromTemplate("contact-consent", "channel=#sales", "mailbox=inbox", "private=true")
	o.fromTemplate("contact-reply", "channel=#sales", "mailbox=inbox", "private=true")
	o.watching(2)
}

// request fills in the form as ann, and gives the card that asks.
func (o *office) request(name, email string, more ...string) cardJSON {
	o.t.Helper()
	o.cli("chat", "--as", "ann", "--in", "#sales", "-m", "/flow form contact-request")
	o.cli(append([]string{"chat", "--as", "ann", "--in", "#sales"}, submit(append([]string{"name=" + name, "email=" + email}, more...))...)...)
	return o.open("Accept " + name)
}

const (
	thanks  = "Thank you for your message"
	confirm = "Please confirm: news from us"
)

// TestContactStory is "The story that must always work", told with a form for the network and with the team's own
// servers for the vendors': a request, an approval with an edited answer, the mail, the contact in the address book and
// in a table, the double opt-in and its ledger, a later reply that opens a ticket; and nobody who left is asked again.
func TestContactStory(t *testing.T) {
	t.Parallel()
	o := newOffice(t)
	o.contactFlows()

	// 1 to 3: the request, with what is known, and the message that would be sent.
	card := o.request("Marie Curie", "Marie@Example.net", "job=Physicist", "phone=+33 1 23", "news=true")
	says(t, "the card", card.Text, "Accept Marie Curie (Physicist)?", "marie@example.net", "Thank you Marie! What can I do for you?")
	if n := len(o.out.Mails(t)); n != 0 {
		t.Fatalf("%d mails before anybody accepted", n)
	}
	says(t, "the dialog", o.cli("chat", "--as", "bob", "--in", "#sales", "--press", "edit", "--card", card.ID), "Thank you Marie!")
	o.cli("chat", "--as", "bob", "--in", "#sales", "--submit", "greet.text=Thank you Marie! Shall we talk on Monday?")
	first := o.settled("contact-request", 1)[0]
	if first.State != "done" {
		t.Fatalf("the run is %s", first.State)
	}
	o.card("bob", "#sales", "bob changed", "and approved")
	o.card("bob", "#sales", "Marie Curie was answered and asked about the news.")

	// 4: the answer goes out as it was edited.
	greet := o.mails("marie@example.net", thanks, 1)[0]
	if strings.TrimSpace(greet.Text) != "Thank you Marie! Shall we talk on Monday?" || greet.From.Address != "bot@example.org" {
		t.Errorf("the answer was %+v", greet)
	}
	// 5: the contact, with date and source in its note; and the row that replies are looked up in.
	cards := o.contacts()
	if len(cards) != 1 {
		t.Fatalf("the address book has %d cards:\n%s", len(cards), cards)
	}
	says(t, "the contact", cards[0], "FN:Marie Curie", "marie@example.net", "Physicist", "+33 1 23", "NOTE:", "form\\, ann")
	o.row("contacts", map[string]string{"email": "marie@example.net", "name": "Marie Curie", "job": "Physicist", "source": "form, ann"})
	// 6: the double opt-in, and its ledger.
	ask := o.mails("marie@example.net", confirm, 1)[0]
	ledger := o.row("consents", map[string]string{"email": "marie@example.net", "status": "asked"})
	if ledger["asked"] == "" || !strings.Contains(ledger["message_id"], strings.Trim(ask.MessageID, "<>")) {
		t.Errorf("the ledger says %v of the mail %s", ledger, ask.MessageID)
	}
	// Somebody else's YES is not hers.
	o.arrives("eve@example.net", "eve-1@example.net", "Re: "+confirm, "YES", "In-Reply-To: <"+strings.Trim(ask.MessageID, "<>")+">")
	o.settled("contact-consent", 1)
	o.row("consents", map[string]string{"email": "marie@example.net", "status": "asked"})
	o.arrives("Marie Curie <Marie@example.net>", "marie-1@example.net", "Re: "+confirm, "Yes, please!\n\n> Please confirm", "In-Reply-To: <"+strings.Trim(ask.MessageID, "<>")+">")
	agreed := o.row("consents", map[string]string{"email": "marie@example.net", "status": "confirmed"})
	if agreed["answered"] == "" || !strings.HasPrefix(agreed["answer"], "Yes, please!") || agreed["asked"] != ledger["asked"] {
		t.Errorf("the ledger says %v", agreed)
	}
	o.card("bob", "#sales", "marie@example.net agreed to get our news.")

	// 7: a later reply opens a ticket, once; a stranger's mail and the answer about the news do not.
	o.arrives("marie@example.net", "marie-2@example.net", "Re: "+thanks, "My lamp glows by itself.", "In-Reply-To: <"+strings.Trim(greet.MessageID, "<>")+">")
	ticket := o.row("tickets", map[string]string{"email": "marie@example.net", "status": "open"})
	if ticket["subject"] != "Re: "+thanks || !strings.HasPrefix(ticket["text"], "My lamp glows by itself.") {
		t.Errorf("the ticket is %v", ticket)
	}
	o.card("bob", "#sales", "Marie Curie wrote again: Re: "+thanks)
	o.arrives("marie@example.net", "marie-2@example.net", "Re: "+thanks, "My lamp glows by itself.") // by another way
	o.arrives("stranger@example.net", "s-1@example.net", "Buy!", "Cheap lamps")

	// Who left is never asked again; who agreed neither.
	again := o.request("Pat Doe", "pat@example.net", "news=true")
	o.approve("kim", again)
	o.settled("contact-request", 2)
	leave := o.mails("pat@example.net", confirm, 1)[0]
	o.arrives("pat@example.net", "pat-1@example.net", "Re: "+thanks, "Stop.\n\n> Thank you Pat!") // in answer to whatever
	o.row("consents", map[string]string{"email": "pat@example.net", "status": "left"})
	o.arrives("pat@example.net", "pat-2@example.net", "Re: "+confirm, "yes", "In-Reply-To: <"+strings.Trim(leave.MessageID, "<>")+">") // one who left stays gone
	for i, who := range [][2]string{{"Pat Doe", "PAT@example.net"}, {"Marie Curie", "marie@example.net"}} {
		o.approve("bob", o.request(who[0], who[1], "news=true", "message=once more"))
		o.settled("contact-request", 3+i)
	}
	o.mails("pat@example.net", thanks, 2)
	o.mails("marie@example.net", thanks, 2)
	o.settled("contact-consent", 6)
	o.settled("contact-reply", 6)
	o.mails("pat@example.net", confirm, 1)
	o.mails("marie@example.net", confirm, 1)
	o.row("consents", map[string]string{"email": "pat@example.net", "status": "left"})
	if n := len(o.rows("tickets")); n != 1 {
		t.Errorf("%d tickets: %v", n, o.rows("tickets"))
	}
	if n := len(o.contacts()); n != 2 {
		t.Errorf("%d contacts", n)
	}
}
