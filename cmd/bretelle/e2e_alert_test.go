package main

import (
	"encoding/json"
	"fmt"
	"net/http"
	"strings"
	"testing"
)

// alertRoom is an opsRoom with bob and kim in @ops, and a flow whose approved call fails until the project is named.
func alertRoom(t *testing.T) (*botProcess, *receiver) {
	t.Helper()
	b, rc := opsRoom(t), newReceiver(t)
	b.cli("person", "add", "bob")
	b.cli("person", "add", "kim")
	b.cli("group", "set", "ops", "bob", "kim")
	rc.set(wantsProject)
	b.apply(hookFlow("plain", fmt.Sprintf(`
  - id: ticket
    do: http.request
    with: {method: POST, url: "%s/plain", allow_private: true, json: {title: "{{ event.body.title }}"}}
  - {id: tell, do: chat.message.post, with: {to: "#ops", text: "Ticket {{ steps.ticket.body.id }}"}}
`, rc.URL)))
	b.apply(hookFlow("asked", fmt.Sprintf(`
  - id: review
    ask: approval
    covers: [ticket]
    with: {title: "Ticket for {{ event.body.title }}?", by: {any: ["@ops"], need: 1}}
  - id: ticket
    do: http.request
    with: {method: POST, url: "%s/asked", allow_private: true, json: {title: "{{ event.body.title }}"}}
`, rc.URL)))
	return b, rc
}

// wantsProject refuses tickets without a project, as trackers do.
func wantsProject(n int, w http.ResponseWriter, _ *http.Request, body []byte) {
	w.Header().Set("Content-Type", "application/json")
	if !strings.Contains(string(body), `"project"`) {
		w.WriteHeader(http.StatusUnprocessableEntity)
		fmt.Fprint(w, `{"message": "project is required"}`)
		return
	}
	w.WriteHeader(http.StatusCreated)
	fmt.Fprintf(w, `{"id": %d}`, n)
}

// alerts are the cards of failures in #ops, without the lines of their threads.
func (b *botProcess) alerts() (out []cardJSON) {
	b.t.Helper()
	for _, c := range b.cards("ann", "#ops") {
		if c.Thread == "" && (strings.Contains(c.Text, " fails ·") || strings.Contains(c.Text, "works again") || strings.Contains(c.Text, "nothing waits any more")) {
			out = append(out, c)
		}
	}
	return out
}

func (b *botProcess) pressOn(as string, c cardJSON, args ...string) string {
	b.t.Helper()
	return b.cli(append([]string{"chat", "--as", as, "--in", "#ops", "--card", c.ID, "--press"}, args...)...)
}

// Issue 2: "one alert with a counter for ten runs failing alike"; "Retry … finish the run, the alert turns green". A
// different failure is a card of its own. Mute, Pause flow and Open do what they say.
func TestTenRunsFailingAlikeAreOneAlert(t *testing.T) {
	b, rc := alertRoom(t)
	for i := range 10 {
		b.send("plain", fmt.Sprintf(`{"title": "crash %d"}`, i))
	}
	alert := b.card("ann", "#ops", "10 runs since", `answered 422: "project is required"`)
	if n := len(b.alerts()); n != 1 {
		t.Fatalf("%d alerts for ten runs failing alike:\n%s", n, b.transcript("ann", "#ops"))
	}
	for _, button := range []string{"fix", "retry", "pause", "open"} {
		if !alert.offers(button) {
			t.Errorf("the alert does not offer %s", button)
		}
	}
	lines := 0
	eventually(t, func() bool {
		lines = 0
		for _, c := range b.cardsBelow("ann", alert) {
			if strings.Contains(c.Text, "fails, ") {
				lines++
			}
		}
		return lines >= 10
	}, func() string { return fmt.Sprintf("%d lines below the alert", lines) })
	if lines != 10 {
		t.Errorf("%d lines below the alert", lines)
	}

	rc.set(func(_ int, w http.ResponseWriter, _ *http.Request, _ []byte) { w.WriteHeader(http.StatusForbidden) })
	b.send("plain", `{"title": "another"}`)
	other := b.card("ann", "#ops", "1 run", "answered 403")
	if other.ID == alert.ID || len(b.alerts()) != 2 {
		t.Errorf("a different failure is a different card:\n%s", b.transcript("ann", "#ops"))
	}

	b.cli("chat", "--as", "ann", "--in", "#ops", "--card", other.ID, "--choose", "mute=1h")
	b.card("ann", "#ops", "answered 403", "Muted until")
	b.pressOn("ann", other, "pause")
	if out := b.deliver("POST", "plain", nil, strings.NewReader(`{"title": "later"}`)); out.Result != "queued" {
		t.Errorf("an event for a paused flow is %s", out.Result)
	}
	if out := b.pressOn("ann", other, "open"); !strings.Contains(out, "#11") || !strings.Contains(out, "answered 403") {
		t.Errorf("Open says %q", out)
	}
	b.cli("chat", "--as", "ann", "--in", "#ops", "-m", "/flow resume plain")

	rc.set(nil)
	if out := b.pressOn("ann", alert, "retry"); !strings.Contains(out, "10 runs") {
		t.Errorf("Retry says %q", out)
	}
	for n := range int64(10) {
		b.await(n+1, "done")
	}
	green := b.card("ann", "#ops", "works again", "10 of 10 runs done", "by ann")
	if green.ID != alert.ID || green.offers("retry") || green.State != "resolved" {
		t.Errorf("the alert itself turns green: %+v", green)
	}
	b.pressOn("ann", other, "retry")
	b.await(11, "done")
	b.await(12, "done")
	eventually(t, func() bool {
		for _, c := range b.alerts() {
			if c.State != "resolved" {
				return false
			}
		}
		return len(b.alerts()) == 2
	}, func() string { return "an alert stays red:\n" + b.transcript("ann", "#ops") })
}

// cardsBelow are the cards in the thread of another.
func (b *botProcess) cardsBelow(as string, c cardJSON) (out []cardJSON) {
	b.t.Helper()
	b.jsonOf(&out, "chat", "--as", as, "--in", "#ops", "--thread", c.ID)
	return out
}

// Issue 2: "Fix input asks for approval again because the plan changed, … Fix finish[es] the run, the alert turns green".
func TestFixInputAsksAgain(t *testing.T) {
	b, rc := alertRoom(t)
	for _, title := range []string{"one", "two"} {
		n := b.send("asked", fmt.Sprintf(`{"title": %q}`, title))
		b.pressOn("bob", b.card("bob", "#ops", fmt.Sprintf("asked #%d · Ticket for %s?", n, title)), "approve")
		b.await(n, "parked")
	}
	alert := b.card("ann", "#ops", "2 runs since", "project is required")
	form := b.pressOn("ann", alert, "fix")
	for _, words := range []string{"Fix #1, step 2", `answered 422: "project is required"`, "Approved as plan", "@ops is asked again"} {
		if !strings.Contains(form, words) {
			t.Errorf("the form does not say %q: %s", words, form)
		}
	}
	out, code := b.try("", "chat", "--as", "ann", "--in", "#ops", "--submit", "json=nonsense")
	if code == 0 || !strings.Contains(out, "must stay JSON") {
		t.Errorf("nonsense is answered %q, exit %d", out, code)
	}
	out, code = b.try("", "chat", "--as", "ann", "--in", "#ops", "--submit", "url=tracker/tickets")
	if code == 0 || !strings.Contains(out, `"tracker/tickets" is not a web address. Write it whole: https://host/path.`) {
		t.Errorf("what the action would refuse is answered %q, exit %d", out, code)
	}
	_, address, _ := strings.Cut(form, "URL (url): ")
	address, _, _ = strings.Cut(address, "\n")
	b.cli("chat", "--as", "ann", "--in", "#ops", "--submit", `json={"title": "one", "project": "WEB"}`, "--submit", "url="+address)
	b.await(1, "waiting")
	if n := len(rc.requests()); n != 2 {
		t.Fatalf("%d calls: the new plan is not approved yet", n)
	}
	again := b.card("bob", "#ops", "asked #1", `"project": "WEB"`)
	if !again.offers("approve") || again.State != "open" {
		t.Fatalf("%+v", again)
	}
	b.pressOn("kim", again, "approve")
	b.await(1, "done")
	if got := rc.requests(); len(got) != 3 || got[2].Body != `{"project":"WEB","title":"one"}` {
		t.Errorf("what was approved was not what was sent: %+v", got)
	}
	b.card("ann", "#ops", "step 2", "2 runs since") // #2 still fails
	rc.set(nil)
	b.pressOn("ann", alert, "retry") // as it was approved: nobody is asked
	b.await(2, "done")
	green := b.card("ann", "#ops", "works again", "2 of 2 runs done")
	if green.ID != alert.ID || green.State != "resolved" {
		t.Errorf("the alert itself turns green: %+v", green)
	}
}

// CONTRACTS, "2xx that cannot be read: failed, never resent": the alert asks what it gave instead.
func TestALostAnswerIsNeverSentAgain(t *testing.T) {
	b, rc := alertRoom(t)
	rc.set(func(_ int, w http.ResponseWriter, _ *http.Request, _ []byte) {
		w.Header().Set("Content-Type", "application/json")
		w.WriteHeader(http.StatusCreated)
		fmt.Fprint(w, `{"id": `)
	})
	b.send("plain", `{"title": "one"}`)
	b.card("ann", "#ops", "1 run since", "what #1 gave") // an alert's buttons act on the run that came first
	b.send("plain", `{"title": "two"}`)
	b.await(2, "parked")
	alert := b.card("ann", "#ops", "2 runs since", "its JSON cannot be read", "it was done, but the answer is lost", "what #1 gave")
	for _, c := range b.cards("ann", "#ops") {
		if c.offers("retry") || c.offers("fix") {
			t.Errorf("this offers to send it again: %s", c.Text)
		}
	}
	if out, code := b.try("", "run", "retry", "1"); code == 0 || !strings.Contains(out, "done already") {
		t.Errorf("run retry is answered %q, exit %d", out, code)
	}
	if form := b.pressOn("ann", alert, "happened"); !strings.Contains(form, "body.id") {
		t.Fatalf("the form asks %q", form)
	}
	b.cli("chat", "--as", "ann", "--in", "#ops", "--submit", "body.id=481")
	if r := b.await(1, "done"); !jsonHas(r.Steps[0].Output, `{"body":{"id":481}}`) {
		t.Errorf("the step gave %s", r.Steps[0].Output)
	}
	b.card("ann", "#ops", "Ticket 481")
	alert = b.card("ann", "#ops", "what #2 gave")
	b.pressOn("ann", alert, "stop")
	b.await(2, "stopped")
	green := b.card("ann", "#ops", "1 of 2 runs done", "1 stopped", "by ann")
	if green.ID != alert.ID || green.State != "resolved" || len(b.alerts()) != 1 {
		t.Errorf("the alert itself says how it ended:\n%s", b.transcript("ann", "#ops"))
	}
	if n := len(rc.requests()); n != 2 {
		t.Errorf("%d calls for two runs", n)
	}
}

// jsonHas compares JSON without regard to spaces.
func jsonHas(got json.RawMessage, want string) bool {
	var x, y any
	if json.Unmarshal(got, &x) != nil || json.Unmarshal([]byte(want), &y) != nil {
		return false
	}
	a, _ := json.Marshal(x)
	b, _ := json.Marshal(y)
	return string(a) == string(b)
}
