package bot_test

import (
	"strings"
	"testing"

	"github.com/bretelle/bretelle/bot"
)

// The settings say where a flow's messages go besides its channel; what is wrong stays at its field, and a list that is
// emptied is gone from the text.
func TestSettingsOfPlaces(t *testing.T) {
	w := newWorkshop(t)
	w.begin()
	for _, p := range []string{"#ops", "discord:42/#triage"} {
		w.must(w.bot.AddChannel(w.ctx, bot.Operator, p, ""))
	}
	form := w.form(w.button("ann", "settings"))
	if e, ok := mustReply(w.fill("ann", form, "approvals", "#nowhere")).(bot.FieldErrors); !ok || !strings.Contains(e.Errors["approvals"], "I do not know the channel #nowhere") {
		t.Fatalf("got %#v", e)
	}
	w.must(w.fill("ann", form, "approvals", "#ops, discord:42/#triage", "results", "ops"))
	if got := w.source("bug-triage"); !strings.Contains(got, "approvals:") || !strings.Contains(got, "discord:42/#triage") || !strings.Contains(got, "results:") {
		t.Fatalf("the text is\n%s", got)
	}
	form = w.form(w.button("ann", "settings"))
	if got := value(form, "approvals"); got != "#ops, discord:42/#triage" {
		t.Errorf("the dialog shows %q", got)
	}
	w.must(w.fill("ann", form, "approvals", "", "results", ""))
	if got := w.source("bug-triage"); strings.Contains(got, "notify") {
		t.Errorf("the text is\n%s", got)
	}
}
