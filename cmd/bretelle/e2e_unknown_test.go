package main

import (
	"fmt"
	"io"
	"net/http"
	"strings"
	"testing"
)

// unknownRoom is a bot with ann, an admin, and bob, a runner, in #triage, and a tracker that behaves as the path says
// at the first request of a case: /cut takes the request and cuts the connection, /hang never answers, /500 answers 500.
// To every later request of that case it answers 201 with the id 481.
func unknownRoom(t *testing.T) (*botProcess, *receiver) {
	t.Helper()
	b, rc := newBot(t, "--hold-after", "0"), newReceiver(t)
	rc.set(func(_ int, w http.ResponseWriter, r *http.Request, _ []byte) {
		if len(rc.at(r.URL.Path)) == 1 {
			switch strings.Split(r.URL.Path, "/")[1] {
			case "cut":
				if c, _, err := http.NewResponseController(w).Hijack(); err == nil {
					_ = c.Close()
				}
				return
			case "hang":
				<-r.Context().Done() // until the caller gives up, or is killed
				return
			case "500":
				w.WriteHeader(http.StatusInternalServerError)
				_, _ = io.WriteString(w, "out of order")
				return
			}
		}
		w.Header().Set("Content-Type", "application/json")
		w.WriteHeader(http.StatusCreated)
		_, _ = io.WriteString(w, `{"id": 481}`)
	})
	b.start()
	b.cli("person", "add", "ann", "--role", "admin")
	b.cli("person", "add", "bob", "--role", "runner")
	b.cli("channel", "add", "#triage")
	b.cli("channel", "add", "#elsewhere")
	return b, rc
}

// at lists the requests to one path, in order.
func (rc *receiver) at(path string) (out []request) {
	for _, r := range rc.requests() {
		if r.Path == path {
			out = append(out, r)
		}
	}
	return out
}

// callFlow is a flow that calls the tracker as its event says and tells the channel the id it got.
func callFlow(name, method, timeout, more string, rc *receiver) string {
	if method == http.MethodPost {
		more += "\n      json: {title: '{{ event.body.at }}'}"
	}
	return fmt.Sprintf(`flow: %s
channel: "#triage"
trigger:
  on: webhook.received
  with: {path: %s, sender: unsigned}
steps:
  - id: ticket
    do: http.request
    timeout: %s
    retry: {max: 5, first: 20ms, cap: 100ms}
    with:
      method: %s
      url: '%s/{{ event.body.at }}'
      allow_private: true%s
  - id: tell
    do: chat.message.post
    with: {text: 'Ticket {{ steps.ticket.body.id }} at {{ event.body.at }}'}
`, name, name, timeout, method, rc.URL, more)
}

// begin starts a run of the flow that calls the tracker at the path.
func begin(t *testing.T, b *botProcess, flow, at string) int64 {
	t.Helper()
	a := b.deliver(http.MethodPost, flow, nil, strings.NewReader(fmt.Sprintf(`{"at": %q}`, at)))
	if a.Status != http.StatusAccepted || a.Run == 0 {
		t.Fatalf("starting %s was answered %+v", flow, a)
	}
	return a.Run
}

const (
	brief  = "700ms" // for calls that hang
	enough = "1m"
)

// TestUnknownOutcome: "the unknown-outcome question … is answered in chat in each of its three ways": after a connection
// that was cut, a step's timeout, a 500, and a kill -9 while the call was in flight. Nothing is sent again before that.
func TestUnknownOutcome(t *testing.T) {
	b, rc := unknownRoom(t)
	b.apply(callFlow("post", http.MethodPost, enough, "", rc))
	b.apply(callFlow("post-brief", http.MethodPost, brief, "", rc))
	causes := []struct {
		name, flow, at, says string
		kill                 bool
		number               map[string]int64 // of the run, by answer
	}{
		{name: "the connection is cut", flow: "post", at: "cut", says: "gave no clear answer"},
		{name: "the answer takes too long", flow: "post-brief", at: "hang/brief", says: "gave no clear answer"},
		{name: "an error of the service", flow: "post", at: "500", says: `answered 500: "out of order"`},
		{name: "a kill in flight", flow: "post", at: "hang/kill", says: "I was stopped while", kill: true},
	}
	answers := []string{"happened", "again", "stop"}
	for i := range causes {
		c := &causes[i]
		c.number = map[string]int64{}
		for _, answer := range answers {
			c.number[answer] = begin(t, b, c.flow, c.at+"/"+answer)
		}
	}
	eventually(t, func() bool { return len(rc.requests()) == len(causes)*len(answers) },
		func() string { return fmt.Sprintf("%d calls\n%s", len(rc.requests()), b.log()) })
	for _, c := range causes {
		for _, n := range c.number {
			if !c.kill {
				b.await(n, "unknown")
			}
		}
	}
	b.kill()
	b.start()
	for _, c := range causes {
		for answer, n := range c.number {
			t.Run(c.name+", "+answer, func(t *testing.T) {
				b.t = t
				answerUnknown(t, b, rc, n, c.at+"/"+answer, c.says, answer)
			})
		}
	}
	b.t = t
	for _, place := range []string{"#elsewhere", "#general"} {
		if s := b.transcript("ann", place); strings.Contains(s, "It may have happened") {
			t.Errorf("in %s stands:\n%s", place, s)
		}
	}
}

// answerUnknown gives one answer to one question and looks at what comes of it.
func answerUnknown(t *testing.T, b *botProcess, rc *receiver, number int64, at, says, answer string) {
	r := b.await(number, "unknown")
	if s := r.step("ticket"); s.State != "unknown" || s.Attempts != 1 {
		t.Errorf("the step is %+v", s)
	}
	named := fmt.Sprintf("#%d · step 1", number)
	card := b.card("bob", "#triage", named, "It may have happened", says, "POST "+rc.URL+"/"+at, "sent ")
	if card.State != "open" || !card.offers("happened") || !card.offers("again") || !card.offers("stop") {
		t.Errorf("the question is %s and offers %v", card.State, card.Buttons)
	}
	press := func(args ...string) (string, int) {
		return b.try("", append([]string{"chat", "--as", "bob", "--in", "#triage"}, args...)...)
	}
	out, code := press("--press", answer, "--card", card.ID)
	if code != 0 {
		t.Fatalf("the answer was answered: %s", out)
	}
	calls, end, message := 1, "done", ""
	switch answer {
	case "happened":
		if !strings.Contains(out, "body.id") {
			t.Errorf("it asks %q, wanted the id that the message needs", out)
		}
		if out, code := press("--submit", "body.id="); code == 0 || !strings.Contains(out, "body.id") {
			t.Errorf("without an id it says (exit %d): %s", code, out)
		}
		if r := b.run(number); r.State != "unknown" {
			t.Fatalf("without an id the run went on: %s", r.State)
		}
		if out, code := press("--submit", "body.id=777"); code != 0 {
			t.Fatalf("the id was answered: %s", out)
		}
		message = "Ticket 777 at " + at
	case "again":
		calls, message = 2, "Ticket 481 at "+at
	case "stop":
		end = "stopped"
	}
	b.await(number, end)
	if got := rc.at("/" + at); len(got) != calls {
		t.Errorf("%d calls, wanted %d", len(got), calls)
	}
	said := map[string]string{"happened": "it happened, says bob", "again": "it did not happen, says bob: sent again", "stop": "bob stopped the run at"}
	if c := b.card("bob", "#triage", named, said[answer]); c.ID != card.ID || c.State != "decided" || c.offers("again") {
		t.Errorf("the question became %+v", c)
	}
	if message != "" {
		b.card("bob", "#triage", message)
	}
	if out, code := press("--press", answer, "--card", card.ID); code == 0 {
		t.Errorf("pressed once more, it says: %s", out)
	}
	if n := strings.Count(b.transcript("bob", "#triage"), named); n != 1 {
		t.Errorf("%d cards about the outcome of #%d", n, number)
	}
}

// TestKnownToRepeat: in the same situations a read is repeated and never asked about, and so is a POST with
// `repeat_safe: true`, which goes out with the same Idempotency-Key (CONTRACTS, "What is retried, and what is unknown").
func TestKnownToRepeat(t *testing.T) {
	b, rc := unknownRoom(t)
	kinds := []struct{ name, method, more string }{
		{"get", http.MethodGet, ""},
		{"safe", http.MethodPost, "\n      repeat_safe: true"},
	}
	runs := map[string]int64{} // by path
	for _, k := range kinds {
		b.apply(callFlow(k.name, k.method, enough, k.more, rc))
		b.apply(callFlow(k.name+"-brief", k.method, brief, k.more, rc))
		for _, at := range []string{"cut/", "500/", "hang/kill/"} {
			runs[at+k.name] = begin(t, b, k.name, at+k.name)
		}
		runs["hang/brief/"+k.name] = begin(t, b, k.name+"-brief", "hang/brief/"+k.name)
	}
	for at, n := range runs {
		if strings.HasPrefix(at, "hang/kill/") {
			eventually(t, func() bool { return len(rc.at("/"+at)) == 1 }, func() string { return "no call at " + at })
		} else {
			b.await(n, "done")
		}
	}
	b.kill()
	b.start()
	for at, n := range runs {
		r := b.await(n, "done")
		got := rc.at("/" + at)
		if len(got) != 2 {
			t.Errorf("%s: %d calls, wanted 2", at, len(got))
			continue
		}
		if s := r.step("ticket"); s.State != "done" || !strings.HasPrefix(at, "hang/kill/") && s.Attempts != 2 {
			t.Errorf("%s: the step is %s after %d attempts", at, s.State, s.Attempts)
		}
		if safe := strings.HasSuffix(at, "/safe"); got[0].Key != got[1].Key || safe != (got[0].Key != "") {
			t.Errorf("%s: the keys are %q and %q", at, got[0].Key, got[1].Key)
		}
		b.card("bob", "#triage", "Ticket 481 at "+at)
	}
	if s := b.transcript("ann", "#triage"); strings.Contains(s, "It may have happened") {
		t.Errorf("somebody was asked:\n%s", s)
	}
}
