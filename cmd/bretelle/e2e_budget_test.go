package main

import (
	"fmt"
	"slices"
	"strings"
	"testing"
)

// budgetRoom is an opsRoom with a flow that may write twice an hour, and seven deliveries of it.
func budgetRoom(t *testing.T) (*botProcess, *receiver) {
	t.Helper()
	b, rc := opsRoom(t), newReceiver(t)
	b.cli("person", "add", "vic", "--role", "viewer")
	b.apply(strings.Replace(hookFlow("spends", fmt.Sprintf(`
  - id: ticket
    do: http.request
    with: {method: POST, url: "%s/ticket", allow_private: true, json: {title: "{{ event.body.title }}"}}
`, rc.URL)), "\nsteps:", "\nlimits: {budget: {write: 2/h}}\nsteps:", 1))
	for i := range 7 {
		b.send("spends", fmt.Sprintf(`{"title": "crash %d"}`, i))
	}
	b.card("ann", "#ops", "there would be")
	for n := 0; n < 2; { // whoever is asked first is through first
		n = 0
		for _, r := range b.runs() {
			if b.await(r.Number, "done", "waiting").State == "done" {
				n++
			}
		}
	}
	return b, rc
}

// Issue 5, "side-effect budgets": above the budget nothing is sent; people are asked once for all the runs, through a
// kill as well; one answer counts, and each call is made once.
func TestABudgetIsAskedAboutOnceAndHoldsThroughAKill(t *testing.T) {
	b, rc := budgetRoom(t)
	if n := len(rc.requests()); n != 2 {
		t.Fatalf("%d calls within a budget of 2", n)
	}
	b.kill()
	b.start()
	question := b.card("ann", "#ops", "there would be", "(budget 2)", "POST")
	if n := len(rc.requests()); n != 2 {
		t.Fatalf("%d calls within a budget of 2 after a kill", n)
	}
	for _, button := range []string{"budget-let", "budget-raise", "budget-stop"} {
		if !question.offers(button) {
			t.Errorf("the question does not offer %s", button)
		}
	}
	if out, code := b.try("", "chat", "--as", "vic", "--in", "#ops", "--card", question.ID, "--press", "budget-let"); code == 0 {
		t.Errorf("a viewer decided: %s", out)
	}
	b.pressOn("ann", question, "budget-let")
	b.card("ann", "#ops", "ann let", "go")
	over, through := 0, func() bool { // whoever was not in line yet when the question was shown is asked about anew
		return !slices.ContainsFunc(b.runs(), func(r runJSON) bool { return r.State != "done" })
	}
	eventually(t, func() bool {
		cards := b.cards("ann", "#ops")
		i := slices.IndexFunc(cards, func(c cardJSON) bool { return c.offers("budget-stop") })
		if i >= 0 {
			b.pressOn("ann", cards[i], "budget-stop")
		}
		return i >= 0 || through()
	}, b.log)
	for _, r := range b.runs() {
		switch b.await(r.Number, "done", "cancelled", "waiting").State {
		case "done", "cancelled":
			over++
		}
	}
	if over < 6 {
		t.Errorf("%d of 7 runs are over:\n%s", over, b.transcript("ann", "#ops"))
	}
	seen := map[string]bool{}
	for _, r := range rc.requests() {
		if seen[r.Body] {
			t.Errorf("sent twice: %s", r.Body)
		}
		seen[r.Body] = true
	}
}
