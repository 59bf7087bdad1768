package slack_test

import (
	"testing"

	"github.com/bretelle/bretelle/bot/slack/slacktest"
)

// A card of a former life is found in a channel where more was said within the week than is read: the last messages are
// read, not the first ones.
func TestFoundInBusyChannel(t *testing.T) {
	w := newOutside(t)
	old := w.life()
	for range 650 {
		if _, err := old.Post(t.Context(), w.place("#triage"), "", aCard("", "chatter")); err != nil {
			t.Fatal(err)
		}
	}
	first, err := old.Post(t.Context(), w.place("#triage"), "", aCard("ask:r12", "Before the crash"))
	if err != nil {
		t.Fatal(err)
	}
	again, err := w.life().Post(t.Context(), w.place("#triage"), "", aCard("ask:r12", "After it"))
	if err != nil || again != first {
		t.Errorf("%s, not %s: %v; %d messages", again, first, err, w.Said(slacktest.Triage, "After it"))
	}
}
