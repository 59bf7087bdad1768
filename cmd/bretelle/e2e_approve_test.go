package main

import (
	"fmt"
	"net/url"
	"regexp"
	"strings"
	"sync"
	"testing"
)

// votes is an opsRoom with @ops and a flow that asks them as it is told, then calls the receiver.
func votes(t *testing.T, with string, members ...string) (*botProcess, *receiver) {
	t.Helper()
	b, rc := opsRoom(t), newReceiver(t)
	for _, name := range append([]string{"zoe"}, members...) {
		b.cli("person", "add", name)
	}
	b.cli(append([]string{"group", "set", "ops"}, members...)...)
	b.apply(voteFlow("asked", rc.URL, with))
	return b, rc
}

func voteFlow(name, url, with string) string {
	return hookFlow(name, fmt.Sprintf(`
  - id: review
    ask: approval
    covers: [ticket]
    with: {title: "Ticket for {{ event.body.title }}?", %s
  - id: ticket
    do: http.request
    with: {method: POST, url: "%s/tickets", allow_private: true, json: {title: "{{ event.body.title }}"}}
`, with, url))
}

// said presses on the newest card that offers the button and gives what the terminal shows, whatever it is.
func (b *botProcess) said(as, button string, more ...string) string {
	out, _ := b.try("", append([]string{"chat", "--as", as, "--in", "#ops", "--press", button}, more...)...)
	return out
}

func wantWords(t *testing.T, what, got string, words ...string) {
	t.Helper()
	for _, w := range words {
		if !regexp.MustCompile(w).MatchString(got) {
			t.Errorf("%s: got %q, wanted %q", what, got, w)
		}
	}
}

// Issue 2, item 2 "n-of-m", "click on an old card, click by somebody not allowed, same person twice": two of three, from
// the terminal and the console.
func TestTwoOfThree(t *testing.T) {
	b, rc := votes(t, `by: {any: ["@ops"], need: 2}}`, "bob", "kim", "lee")
	bob, kim, lee, zoe := b.atConsole("bob"), b.atConsole("kim"), b.atConsole("lee"), b.atConsole("zoe")
	n := b.send("asked", `{"title": "crash"}`)
	c := b.card("bob", "#ops", "Ticket for crash?", "2 needed")
	old := lee.token("approve", "Ticket for crash?")

	b.said("bob", "approve")
	b.card("zoe", "#ops", "1 of 2", "bob approved", "waiting for one more of @ops")
	wantWords(t, "twice in the terminal", b.said("bob", "approve"), "You approved this already")
	wantWords(t, "twice in the console", bob.click(old), "^You approved this already, from the console.$")
	wantWords(t, "not asked, terminal", b.said("zoe", "approve"), `Only @ops can decide this \(bob, kim, lee\)`)
	wantWords(t, "not asked, console", zoe.click(old), `^Only @ops can decide this \(bob, kim, lee\).( Ask them)?$`)
	wantWords(t, "an admin is not asked either", b.said("ann", "deny"), `Only @ops can decide this`)
	if r := b.run(n); r.State != "waiting" || len(rc.requests()) != 0 {
		t.Fatalf("#%d is %s, %d calls", n, r.State, len(rc.requests()))
	}
	if got := kim.click(old); got != "" {
		t.Errorf("a click that counts needs no words, got %q", got)
	}
	b.await(n, "done")
	done := b.card("bob", "#ops", "bob, kim approved at", "plan ", "ticket 1 done")
	if done.ID != c.ID || done.State != "decided" || len(rc.requests()) != 1 {
		t.Errorf("%d calls, %+v", len(rc.requests()), done)
	}
	wantWords(t, "too late, console", lee.click(old), `^kim approved this at \d\d:\d\d, .+ before you.$`)
	wantWords(t, "too late, terminal", b.said("lee", "approve", "--card", c.ID), "bob, kim approved")
}

// Issue 2: "Edit and approve": the new text is another plan, and votes for the old one lapse and say so.
func TestEditAndApprove(t *testing.T) {
	b, rc := votes(t, `by: {any: ["@ops"], need: 2}, edit: [ticket.json]}`, "bob", "kim", "lee")
	bob := b.atConsole("bob")
	n := b.send("asked", `{"title": "crash"}`)
	c := b.card("bob", "#ops", "Ticket for crash?")
	old := bob.token("approve", "Ticket for crash?")
	b.said("bob", "approve")
	b.card("bob", "#ops", "bob approved", "1 of 2")

	wantWords(t, "the dialog", b.said("kim", "edit"), "Body", "crash", "Approve this")
	out, code := b.try("", "chat", "--as", "kim", "--in", "#ops", "--submit", "ticket.json=nonsense")
	if code == 0 {
		t.Error("a wrong value is no success")
	}
	wantWords(t, "a wrong value", out, "must stay JSON")
	b.cli("chat", "--as", "kim", "--in", "#ops", "--submit", `ticket.json={"title": "crash on start"}`)
	changed := b.card("bob", "#ops", "kim changed Body. @bob, your approval was for the old text: look again.", "1 of 2", "kim approved", "crash on start")
	if changed.ID != c.ID {
		t.Error("the edit made another card")
	}
	wantWords(t, "an old plan", bob.click(old), "^This changed after you opened it. The new text is in the card now.$")
	if len(rc.requests()) != 0 {
		t.Fatal("called before two approved the new text")
	}
	bob.click(bob.token("approve", "crash on start"))
	b.await(n, "done")
	if got := rc.requests(); len(got) != 1 || got[0].Body != `{"title":"crash on start"}` {
		t.Errorf("%+v", got)
	}

	b.apply(voteFlow("alone", rc.URL, `by: {any: ["@ops"], need: 1}, edit: [ticket.json]}`))
	n = b.send("alone", `{"title": "typo"}`)
	b.said("bob", "edit")
	b.cli("chat", "--as", "bob", "--in", "#ops", "--submit", `ticket.json={"title": "a typo"}`)
	b.await(n, "done")
	b.card("bob", "#ops", "alone #", "bob changed Body and approved at")
	if got := rc.requests(); len(got) != 2 || got[1].Body != `{"title":"a typo"}` {
		t.Errorf("%+v", got)
	}
}

// Issue 2, item 2 "four-eyes": neither who started the run nor who changed the text decides alone.
func TestFourEyes(t *testing.T) {
	b, rc := votes(t, `by: {any: ["@ops"], need: 1}, edit: [ticket.json], not: [requester, editor]}`, "bob", "kim")
	b.cli("group", "set", "ops", "bob", "kim", "ann")
	ann := b.atConsole("ann")
	b.cli("chat", "--as", "ann", "--in", "#ops", "-m", `/flow run asked {"body": {"title": "crash"}}`)
	c := b.card("bob", "#ops", "Ticket for crash?")
	wantWords(t, "own request, terminal", b.said("ann", "approve"), "You started this run, so somebody else of @ops has to decide.")
	wantWords(t, "own request, console", ann.click(ann.token("approve", "crash?")), "^You started this run, so somebody else of @ops has to decide.$")
	b.said("bob", "edit")
	b.cli("chat", "--as", "bob", "--in", "#ops", "--submit", `ticket.json={"title": "crash on start"}`)
	b.card("bob", "#ops", "crash on start")
	wantWords(t, "own text", b.said("bob", "approve"), "You changed what is asked here, so somebody else of @ops has to decide.")
	if len(rc.requests()) != 0 {
		t.Fatal("called although nobody else approved")
	}
	b.pressOn("kim", c, "approve")
	b.await(1, "done")
	if got := rc.requests(); len(got) != 1 || got[0].Body != `{"title":"crash on start"}` {
		t.Errorf("%+v", got)
	}
}

// Issue 2: "Deny" asks why; the reason stands in the card, and nothing is sent.
func TestDeny(t *testing.T) {
	b, rc := votes(t, `by: {any: ["@ops"], need: 1}}`, "bob", "kim")
	kim := b.atConsole("kim")
	n := b.send("asked", `{"title": "crash"}`)
	c := b.card("bob", "#ops", "Ticket for crash?")
	old := kim.token("deny", "Ticket for crash?")
	wantWords(t, "the dialog", b.said("bob", "deny"), "Deny asked #1", `Why\?`)
	b.cli("chat", "--as", "bob", "--in", "#ops", "--submit", "reason=duplicate of #398")
	b.await(n, "stopped")
	d := b.card("bob", "#ops", "bob denied: duplicate of #398", "Nothing was sent.")
	if d.ID != c.ID || d.State != "decided" || d.offers("approve") || len(rc.requests()) != 0 {
		t.Errorf("%d calls, %+v", len(rc.requests()), d)
	}
	wantWords(t, "too late", kim.click(old), `^bob denied this at \d\d:\d\d, .+ before you.$`)
}

// Issue 2: "expiry", in its three ways.
func TestExpiry(t *testing.T) {
	b, rc := votes(t, `by: {any: ["@ops"], need: 1}}
    expire: {after: 1s, then: stop}`, "bob")
	b.apply(voteFlow("denies", rc.URL, `by: {any: ["@ops"], need: 1}}
    expire: {after: 1s, then: deny}`))
	b.apply(voteFlow("approves", rc.URL, `by: {any: ["@ops"], need: 1}}
    expire: {after: 1s, then: approve}`))
	bob := b.atConsole("bob")
	n := b.send("asked", `{"title": "one"}`)
	old := bob.token("approve", "Ticket for one?")
	b.await(n, "stopped")
	b.card("bob", "#ops", "asked #1", "nobody decided until", "So the run stopped")
	wantWords(t, "too late", bob.click(old), `^This expired on \w+ \d\d:\d\d and the run stopped.$`)
	b.await(b.send("denies", `{"title": "two"}`), "stopped")
	b.card("bob", "#ops", "denies #2", "nobody")
	if len(rc.requests()) != 0 {
		t.Error("called although nobody approved")
	}
	b.await(b.send("approves", `{"title": "three"}`), "done")
	b.card("bob", "#ops", "approves #3", "because nobody objected")
	if len(rc.requests()) != 1 {
		t.Errorf("%d calls", len(rc.requests()))
	}
}

// Issue 2: "empty group" (CONVERSATION 5: "nobody in the group").
func TestEmptyGroup(t *testing.T) {
	b, rc := votes(t, `by: {any: ["@ops"], need: 1}}`, "bob")
	bob := b.atConsole("bob")
	n := b.send("asked", `{"title": "one"}`)
	old := bob.token("approve", "Ticket for one?")
	b.cli("group", "set", "ops")
	c := b.card("bob", "#ops", "@ops is empty, so nobody can approve. The run is waiting.")
	if c.offers("approve") || c.offers("deny") {
		t.Errorf("a button that cannot work is not shown: %+v", c.Buttons)
	}
	wantWords(t, "an old button", bob.click(old), "^@ops is empty, so nobody can approve. The run is waiting. An admin can fill it: /flow admin group-set ops NAME$")
	if r := b.run(n); r.State != "waiting" || len(rc.requests()) != 0 {
		t.Fatalf("#%d is %s", n, r.State)
	}
	n2 := b.send("asked", `{"title": "two"}`)
	b.card("bob", "#ops", "#2 · Ticket for two?", "@ops is empty")
	b.card("ann", "#general", "asked #2 waits, but @ops is empty")
	b.cli("chat", "--as", "ann", "--in", "#ops", "-m", "/flow admin group-set ops bob")
	eventually(t, func() bool {
		for _, c := range b.cards("bob", "#ops") {
			if strings.Contains(c.Text, "is empty, so nobody") && c.State == "open" {
				return false
			}
		}
		return true
	}, func() string { return b.transcript("bob", "#ops") })
	for _, title := range []string{"one", "two"} {
		b.pressOn("bob", b.card("bob", "#ops", "Ticket for "+title+"?", "for @ops"), "approve")
	}
	b.await(n, "done")
	b.await(n2, "done")
}

// Issue 2: "two people at once": exactly one wins, both get the true answer, and what was denied is never done
// (RELIABILITY A-11).
func TestTwoPeopleAtOnce(t *testing.T) {
	b, rc := votes(t, `by: {any: ["@ops"], need: 1}}`, "bob", "kim")
	bob, kim := b.atConsole("bob"), b.atConsole("kim")
	kim.get()
	won, told := map[string]int{}, map[string]int{}
	calls := 0
	for i := range 50 {
		title := fmt.Sprintf("crash %d", i)
		n := b.send("asked", fmt.Sprintf(`{"title": %q}`, title))
		token := bob.token("approve", "Ticket for "+title+"?")
		second := func() string { return kim.post("press", url.Values{"token": {token}}) }
		if i%2 == 1 { // kim denies
			deny := kim.token("deny", "Ticket for "+title+"?")
			if form := kim.post("press", url.Values{"token": {deny}}); !strings.Contains(form, "Why?") {
				t.Fatalf("deny opens %q", form)
			}
			second = func() string {
				return kim.post("submit", url.Values{"token": {deny}, "f.reason": {"no"}})
			}
		}
		var both sync.WaitGroup
		begin := make(chan struct{})
		for _, press := range []func() string{func() string { return bob.post("press", url.Values{"token": {token}}) }, second} {
			both.Go(func() { <-begin; press() })
		}
		close(begin)
		both.Wait()
		r := b.await(n, "done", "stopped")
		answers := map[string][]string{"bob": bob.private(), "kim": kim.private()}
		winner, loser := "kim", "bob"
		if len(answers["kim"]) > told["kim"] {
			winner, loser = "bob", "kim"
		}
		told[loser]++
		for name, list := range answers {
			if len(list) != told[name] {
				t.Fatalf("#%d: %s won, and %s was told %q", n, winner, name, list)
			}
		}
		last := answers[loser][told[loser]-1]
		verb := "approved"
		if winner == "kim" && i%2 == 1 {
			verb = "denied"
		}
		wantWords(t, fmt.Sprintf("#%d, who was too late", n), last, "^"+winner+" "+verb+` this at \d\d:\d\d, .+ before you.$`)
		b.card("bob", "#ops", fmt.Sprintf("asked #%d · %s %s", n, winner, verb))
		if want := map[string]string{"approved": "done", "denied": "stopped"}[verb]; r.State != want {
			t.Errorf("#%d: %s %s, yet it is %s", n, winner, verb, r.State)
		}
		if verb == "approved" {
			calls++
		}
		won[winner]++
	}
	if got := len(rc.requests()); got != calls {
		t.Errorf("%d calls for %d approvals", got, calls)
	}
	t.Logf("won: %v", won)
}

// CONTRACTS, "bretelle chat … interactive": the same in a terminal that stays open, dialogs field by field.
func TestApproveInATerminal(t *testing.T) {
	b, rc := votes(t, `by: {any: ["@ops"], need: 1}, edit: [ticket.json]}`, "bob")
	n := b.send("asked", `{"title": "crash"}`)
	b.card("bob", "#ops", "Ticket for crash?")
	out, code := b.try("!edit\nnonsense\n{\"title\": \"crash on start\"}\n", "chat", "--as", "bob", "--in", "#ops")
	wantWords(t, "the talk", out, `(?s)Ticket for crash\?.+buttons: approve edit deny.+Edit asked #1`, "Body", "must stay JSON")
	if code != 0 {
		t.Errorf("exit %d: %s", code, out)
	}
	b.await(n, "done")
	if got := rc.requests(); len(got) != 1 || got[0].Body != `{"title":"crash on start"}` {
		t.Errorf("%+v", got)
	}
}
