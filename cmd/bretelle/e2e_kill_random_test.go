package main

import (
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"net/http"
	"regexp"
	"sync"
	"testing"
	"time"

	"github.com/bretelle/bretelle/bot/control"
	"github.com/bretelle/bretelle/engine"
)

// TestKillAtRandom: "kill -9 at any moment loses nothing", with many runs in flight: whatever was acknowledged is done
// in the end, and no call is made twice. With -long 25 kills over 300 runs, else 4 over 60.
func TestKillAtRandom(t *testing.T) {
	s := &storm{t: t, kills: 4, runs: 60, number: map[string]int64{}, pressed: map[string]bool{}}
	if *long {
		s.kills, s.runs = 25, 300
	}
	s.b, s.rc = newBot(t), newReceiver(t)
	s.rc.set(func(n int, w http.ResponseWriter, r *http.Request, _ []byte) {
		select { // so that kills fall into calls
		case <-time.After(time.Duration(rand.IntN(30)) * time.Millisecond):
		case <-r.Context().Done():
		}
		w.Header().Set("Content-Type", "application/json")
		w.WriteHeader(http.StatusCreated)
		_, _ = fmt.Fprintf(w, `{"id": %d}`, n)
	})
	s.b.start()
	triage(t, s.b, s.rc)
	s.b.kill()
	for i := range s.runs {
		s.unsent = append(s.unsent, bug(t, i))
	}
	for life := 0; life <= s.kills; life++ {
		s.b.start()
		last := life == s.kills
		if !last {
			victim := s.b.cmd.Process
			time.AfterFunc(time.Duration(20+rand.IntN(500))*time.Millisecond, func() { _ = victim.Kill() })
		}
		s.live(life, last)
		if !last && !s.b.exits() {
			t.Fatalf("life %d: no answer, and the bot lives\n%s", life, s.b.log())
		}
	}
	s.count()
}

// storm is many runs of bug triage with a bot that is killed again and again.
type storm struct {
	t           *testing.T
	b           *botProcess
	rc          *receiver
	kills, runs int
	asked       int // questions about outcomes that were answered

	mu      sync.Mutex
	unsent  []githubDelivery // not acknowledged
	number  map[string]int64 // of the run, by the delivery's id, as acknowledged
	pressed map[string]bool  // cards whose press was acknowledged
}

func bug(t *testing.T, i int) githubDelivery {
	t.Helper()
	title := fmt.Sprintf("Bug %04d", i)
	body, err := json.Marshal(map[string]any{"action": "opened", "issue": map[string]any{
		"number": i, "title": title, "html_url": fmt.Sprintf("https://github.example/issues/%d", i),
		"labels": []any{map[string]any{"name": "bug"}}}})
	if err != nil {
		t.Fatal(err)
	}
	return githubDelivery{name: title, event: "issues", id: fmt.Sprintf("storm-%04d", i), body: body}
}

var bugTitle = regexp.MustCompile(`Bug \d{4}`)

// live delivers, approves and answers until the bot is dead; in its last life, until everything is done. The first half
// is delivered at once, so that many runs wait; the rest and the approvals are spread over the lives.
func (s *storm) live(life int, last bool) {
	share := s.runs/(s.kills+1) + 1
	deliveries := share
	switch {
	case last:
		share, deliveries = 1<<30, 4*s.runs
	case life == 0:
		deliveries = s.runs / 2
	}
	var at sync.WaitGroup
	for range 4 {
		at.Go(func() { s.deliver(s.b.hooks, (deliveries+3)/4) })
	}
	end := time.Now().Add(2 * patience)
	for alive := true; alive; {
		var done bool
		if share, done, alive = s.decide(share); last && done {
			break
		}
		if time.Now().After(end) {
			s.t.Fatalf("life %d does not come to its end: %d not delivered, %s\n%s", life, len(s.unsent), s.b.cli("run", "list", "--state", "waiting", "--state", "running", "--state", "unknown", "--state", "parked", "--state", "queued"), s.b.log())
		}
		<-time.After(20 * time.Millisecond)
	}
	at.Wait()
}

// deliver sends what was not acknowledged, at most n, until one gets no answer.
func (s *storm) deliver(hooks string, n int) {
	for range n {
		s.mu.Lock()
		if len(s.unsent) == 0 {
			s.mu.Unlock()
			return
		}
		d := s.unsent[0]
		s.unsent = s.unsent[1:]
		s.mu.Unlock()
		a, err := d.send(s.t, hooks, false)
		s.mu.Lock()
		if err != nil {
			s.unsent = append(s.unsent, d)
		} else if s.number[d.id] = a.Run; a.Run == 0 || a.Result != "accepted" && a.Result != "duplicate" {
			s.t.Errorf("%s was answered %+v", d.name, a)
		}
		s.mu.Unlock()
		if err != nil {
			return
		}
	}
}

// decide presses what is open: Approve on at most n cards, and what is true where the outcome is unknown. done is when
// nothing is left to do; alive is false when the bot did not answer.
func (s *storm) decide(n int) (left int, done, alive bool) {
	var cards []*control.CardOut
	if s.b.ask("chat.cards", control.ChatIn{As: "kim", In: "#triage"}, &cards) != nil {
		return n, false, false
	}
	alive = true
	var at sync.WaitGroup
	atOnce := 16
	for _, c := range cards {
		switch {
		case offers(c, "approve") && n > 0 && atOnce > 0 && !s.acknowledged(c):
			n--
			atOnce--
			at.Go(func() { s.press("bob", c, "approve") })
		case offers(c, "again"):
			alive = s.answer(c) && alive
		}
	}
	at.Wait()
	var open []control.RunOut
	err := s.b.ask("run.list", control.RunIn{States: []string{"queued", "running", "waiting", "unknown", "parked"}, Limit: 1}, &open)
	s.mu.Lock()
	defer s.mu.Unlock()
	return n, len(open) == 0 && len(s.unsent) == 0, alive && err == nil
}

func offers(c *control.CardOut, button string) bool {
	for _, b := range c.Buttons {
		if b.ID == button {
			return true
		}
	}
	return false
}

// acknowledged is whether a press on the card was: it must count, so nobody presses again.
func (s *storm) acknowledged(c *control.CardOut) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.pressed[c.ID]
}

func (s *storm) press(as string, c *control.CardOut, button string) bool {
	err := s.b.ask("chat", control.ChatIn{As: as, In: "#triage", Press: button, Card: c.ID}, nil)
	if err == nil && button == "approve" {
		s.mu.Lock()
		s.pressed[c.ID] = true
		s.mu.Unlock()
	}
	return engine.CodeOf(err) != engine.Unavailable
}

// answer says whether the call reached the tracker.
func (s *storm) answer(c *control.CardOut) bool {
	title, id := bugTitle.FindString(c.Text), 0
	for i, r := range s.rc.requests() {
		if bugTitle.FindString(r.Body) == title {
			id = i + 1
		}
	}
	s.asked++
	if id == 0 {
		return s.press("kim", c, "again")
	}
	if !s.press("kim", c, "happened") {
		return false
	}
	err := s.b.ask("chat", control.ChatIn{As: "kim", In: "#triage", Submit: map[string]string{"body.id": fmt.Sprint(id)}}, nil)
	return engine.CodeOf(err) != engine.Unavailable
}

// count looks for what was lost or doubled.
func (s *storm) count() {
	t := s.t
	var list []control.RunOut
	if err := s.b.ask("run.list", control.RunIn{Limit: 10 * s.runs}, &list); err != nil {
		t.Fatal(err)
	}
	state := map[int64]string{}
	for _, r := range list {
		state[r.Number] = r.State
	}
	if len(list) != s.runs {
		t.Errorf("%d runs, wanted %d", len(list), s.runs)
	}
	for id, n := range s.number {
		if state[n] != "done" {
			t.Errorf("%s was acknowledged as #%d, which is %q", id, n, state[n])
		}
	}
	calls := map[string]int{}
	for _, r := range s.rc.requests() {
		calls[bugTitle.FindString(r.Body)]++
	}
	eventually(t, func() bool {
		var h health
		return s.b.ask("doctor", struct{}{}, &h) == nil && h.Waiting == 0
	}, func() string { return "notices wait\n" + s.b.log() })
	s.b.cli("doctor") // fails when anything is wrong
	s.b.kill()
	db, done := s.b.disk()
	defer done()
	for i := range s.runs {
		title := fmt.Sprintf("Bug %04d", i)
		if calls[title] != 1 {
			t.Errorf("%s: %d calls", title, calls[title])
		}
		var asks, messages int
		if err := db.QueryRow(`SELECT coalesce(sum(text LIKE '%Ticket for "' || $1 || '"?%'), 0), coalesce(sum(text LIKE 'Ticket % for "' || $1 || '"'), 0)
			FROM messages`, title).Scan(&asks, &messages); err != nil {
			t.Fatal(err)
		}
		if asks != 1 || messages != 1 {
			t.Errorf("%s: %d questions and %d messages in the channel", title, asks, messages)
		}
	}
	t.Logf("%d runs, %d kills, %d outcomes were unknown; %d calls", s.runs, s.kills, s.asked, len(s.rc.requests()))
}
