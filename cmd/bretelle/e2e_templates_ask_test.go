package main

import (
	"strings"
	"testing"

	"github.com/bretelle/bretelle/bot/templates"
)

// TestTemplatesAskOnlyForWhatIsMissing: "A template asks only for what is missing, in a dialog": the channel one is in,
// the only group and the only account that fits stand in it already. What is not stored yet is told with the command
// that stores it, and the draft's card notices by itself when that was done.
func TestTemplatesAskOnlyForWhatIsMissing(t *testing.T) {
	t.Parallel()
	b := newTeam(t)
	form := b.cli("chat", "--as", "ann", "--in", "#sales", "-m", "/flow template contact-request")
	says(t, "the dialog", form, "channel=#sales", "@sales", "mail*")
	draft := b.chat("ann", "#sales", "--submit", "mail=post")
	says(t, "the draft", draft.Text, `step 3 greet: no account is called "post"`, "bretelle secret set post --origin smtps://mail.example.org --user bot@example.org")
	if draft.offers("publish") {
		t.Error("it can be published without its account")
	}
	b.secret("post", "any", "--origin", "smtps://mail.example.org", "--user", "bot@example.org")
	eventually(t, func() bool {
		for _, c := range b.cards("ann", "#sales") {
			if c.ID == draft.ID && c.offers("publish") {
				return true
			}
		}
		return false
	}, func() string { return "the card does not notice the account:\n" + b.transcript("ann", "#sales") })

	b.secret("inbox", "any", "--origin", "imaps://mail.example.org", "--user", "bot@example.org")
	form = b.cli("chat", "--as", "ann", "--in", "#sales", "-m", "/flow template contact-mail")
	says(t, "the dialog", form, "channel=#sales", "mailbox=", "inbox", "mail=", "post")
	if strings.Contains(form, "*") {
		t.Errorf("it asks for what it can know: %s", form)
	}
	// What it cannot know has a value to begin with, and what cannot be is told under it, before there is a draft.
	says(t, "the dialog", b.cli("chat", "--as", "ann", "--in", "#sales", "-m", "/flow template on-call-rota"), `when="mondays at 9:00"`, "timezone=UTC", "table=rota")
	out, _ := b.try("", "chat", "--as", "ann", "--in", "#sales", "--submit", "when=at full moon")
	says(t, "a wrong time", out, "when: ", `I do not understand "full"`)
	b.cli("chat", "--as", "ann", "--in", "#sales", "-m", "/flow template watch-page")
	out, _ = b.try("", "chat", "--as", "ann", "--in", "#sales", "--submit", "url=https://example.org/", "--submit", "every=5s")
	says(t, "a wrong pace", out, "every: ", "every minute at most")
	// Each of them, in words: what it needs and does.
	list := b.cli("chat", "--as", "ann", "--in", "#sales", "-m", "/flow template")
	for _, x := range templates.All().List() {
		says(t, "the list", list, x.Title, x.Name)
	}
	b.secret("more", "any", "--origin", "smtp://other.example.org", "--user", "bot@example.org")
	if form = b.cli("chat", "--as", "ann", "--in", "#sales", "-m", "/flow template contact-request"); !strings.Contains(form, "mail*") {
		t.Errorf("of two accounts that fit one is chosen silently: %s", form)
	}
}
