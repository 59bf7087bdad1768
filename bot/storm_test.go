package bot_test

import (
	"context"
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/bretelle/bretelle/bot"
	"github.com/bretelle/bretelle/engine"
)

// Bursts, edits and 429s in several channels: nothing is lost, every channel keeps its order, no call is made before
// the platform allows it, the rate is kept, and many changes of one card that are due together cost one edit.
func TestAStormLosesNothingAndKeepsOrder(t *testing.T) {
	for seed := range uint64(5) {
		t.Run(fmt.Sprint(seed), func(t *testing.T) { storm(t, rand.New(rand.NewPCG(seed, 7))) })
	}
}

func storm(t *testing.T, r *rand.Rand) {
	s := newSeveral(t)
	s.wrap = func(x *screen) bot.Surface { return paced{x} }
	s.slack.pace = [2]bot.Rate{{Every: time.Second, Burst: 2}, {Every: 400 * time.Millisecond, Burst: 3}}
	s.start()
	var mu sync.Mutex
	until, since := map[string]int64{}, map[string]int64{} // by channel; "" the workspace
	var calls []int64
	per := map[string][]int64{}
	s.slack.fail = func(p engine.Place) error {
		mu.Lock()
		defer mu.Unlock()
		now := engine.Millis(s.time())
		if now < until[p.Channel] && now > since[p.Channel] || now < until[""] && now > since[""] { // what was under way is no offence
			t.Errorf("a call to %s before it is allowed", p.Channel)
		}
		calls, per[p.Channel] = append(calls, now), append(per[p.Channel], now)
		e := engine.E(engine.Throttled, "slow down")
		e.After = time.Duration(1+r.IntN(30)) * time.Second
		switch r.IntN(12) {
		case 0:
			until[p.Channel], since[p.Channel] = now+e.After.Milliseconds(), now
			return e
		case 1:
			until[""], since[""] = now+e.After.Milliseconds(), now
			return e.Wrap(bot.WholeWorkspace{})
		}
		return nil
	}
	channels := []string{"#a", "#b", "#c", "#d", "#e", "#f", "#g"}
	want := map[string][]string{}
	changes, next := 0, int64(0)
	for n := int64(1); n <= 40; n++ {
		v := s.question(n)
		at := engine.Place{Surface: "slack", Workspace: "T1", Channel: channels[r.IntN(len(channels))]}
		v.Notify.Approvals = []engine.Place{at}
		s.runs.set(v)
		s.raised(engine.NoticeAsk, "ask", v.ID, "review")
		want[at.Channel] = append(want[at.Channel], "ask:"+v.ID+"/review")
		for range r.IntN(4) {
			changes++
			v.Asks = append([]engine.AskView(nil), v.Asks...)
			v.Asks[0].Title = fmt.Sprint("Title ", changes)
			s.runs.set(v)
			s.raised(engine.NoticeAskMoved, "ask", v.ID, "review")
		}
		if r.IntN(3) == 0 {
			s.deliver()
			s.pass(time.Duration(r.IntN(900)) * time.Millisecond)
		}
	}
	for i := 0; ; i++ {
		if next = s.deliver(); next == 0 {
			break
		}
		if s.pass(time.Duration(max(1, next-engine.Millis(s.time()))) * time.Millisecond); i > 2000 {
			t.Fatal("it never ends")
		}
		if i%50 == 20 {
			s.start()
			mu.Lock() // a new process has to find out about the rate again
			calls, per, until = nil, map[string][]int64{}, map[string]int64{}
			mu.Unlock()
		}
	}
	if left, _ := s.db.Queues(s.ctx); len(left) != 0 || s.console.count("ask:") != 0 {
		t.Fatalf("%v waits, %d asked elsewhere", left, s.console.count("ask:"))
	}
	got := map[string][]string{}
	for _, m := range s.slack.messages {
		got[m.place.Channel] = append(got[m.place.Channel], m.card.Key)
	}
	for _, c := range channels {
		if strings.Join(got[c], " ") != strings.Join(want[c], " ") {
			t.Errorf("%s: %v\nwant %v", c, got[c], want[c])
		}
		rate(t, per[c], 1000, 2)
	}
	rate(t, calls, 400, 3)
	edits := 0
	for _, m := range s.slack.messages {
		edits += m.edits
		v, _ := s.runs.Run(s.ctx, strings.TrimSuffix(strings.TrimPrefix(m.card.Key, "ask:"), "/review"))
		if !strings.Contains(m.card.Text, v.Asks[0].Title) {
			t.Errorf("%s shows an old state", m.card.Key)
		}
	}
	if edits > changes/2 {
		t.Errorf("%d changes cost %d edits", changes, edits)
	}
}

// rate holds a list of times to a bucket's promise.
func rate(t *testing.T, at []int64, every, burst int64) {
	t.Helper()
	for i := range at {
		for j := i; j < len(at); j++ {
			if n := int64(j - i + 1); n > burst+(at[j]-at[i])/every {
				t.Errorf("%d calls in %d ms", n, at[j]-at[i])
				return
			}
		}
	}
}

// Several changes of one card that are due together cost one edit.
func TestChangesAreShownTogether(t *testing.T) {
	s := newSeveral(t)
	v := s.ask(12)
	s.deliver()
	posts := s.slack.posts
	for i := range 9 {
		v.Asks = append([]engine.AskView(nil), v.Asks...)
		v.Asks[0].Title = fmt.Sprint("Title ", i)
		s.runs.set(v)
		s.raised(engine.NoticeAskMoved, "ask", v.ID, "review")
	}
	s.deliver()
	if n := s.slack.posts - posts; n != 1 {
		t.Errorf("nine changes cost %d calls", n)
	}
	if got := reads(s.slack, s.world, "ask:run-12/review"); !strings.Contains(got, "Title 8") {
		t.Errorf("got %q", got)
	}
}

// What flows say waits in the queue of its channel, in order, as long as its context allows.
func TestSayWaitsForItsTurn(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t)
		slack := newScreen("slack")
		slack.pace = [2]bot.Rate{{Every: time.Second, Burst: 1}, {}}
		b, err := bot.New(bot.Options{People: w.store, Outbox: w.store, Audit: w.store, Runs: w.runs, Flows: w.flows, Surfaces: []bot.Surface{paced{slack}}})
		w.must(nil, err)
		begun := time.Now()
		for i := range 4 {
			ctx, cancel := context.WithTimeout(t.Context(), 10*time.Second)
			_, err := b.Say(ctx, triage, "", fmt.Sprint("k", i), bot.Words{Text: "Hello"})
			cancel()
			w.must(nil, err)
		}
		if took := time.Since(begun); took != 3*time.Second || strings.Join(slack.order, " ") != "say:k0 say:k1 say:k2 say:k3" {
			t.Errorf("it took %v: %v", took, slack.order)
		}
		ctx, cancel := context.WithTimeout(t.Context(), 300*time.Millisecond)
		defer cancel()
		_, err = b.Say(ctx, triage, "", "k9", bot.Words{Text: "Hello"})
		if e := engine.AsError(err); e.Code != engine.Throttled || e.After < 300*time.Millisecond || e.After > time.Second {
			t.Errorf("a queue that is longer than its time: %v, after %v", err, e.After)
		}
		var all sync.WaitGroup
		for i := range 5 {
			all.Go(func() { _, _ = b.Say(t.Context(), triage, "", fmt.Sprint("m", i), bot.Words{Text: "Hello"}) })
		}
		all.Wait()
		if len(slack.order) != 9 {
			t.Errorf("%v", slack.order)
		}
	})
}

// Two people press on two surfaces at the same time: one of them decides, the other reads who was faster and where,
// and every copy says the same in the end.
func TestTwoSurfacesDecideAtOnce(t *testing.T) {
	s := newSeveral(t)
	const key = "ask:run-%d/review"
	for n := int64(1); n <= 50; n++ {
		v := s.ask(n)
		s.deliver()
		var once sync.Mutex
		winner, via := "", ""
		s.runs.answer = func(sig engine.Signal) (engine.Answer, error) {
			var head engine.VoteHead
			s.must(nil, json.Unmarshal(sig.Head, &head))
			once.Lock()
			defer once.Unlock()
			if winner != "" {
				return engine.Answer{Verdict: engine.Already, By: winner, At: engine.Millis(s.time()), Choice: "approve"}, nil
			}
			winner, via = sig.By, head.Via
			v.Asks = append([]engine.AskView(nil), v.Asks...)
			a := &v.Asks[0]
			a.State, a.Decision, a.DecidedBy, a.DecidedAt, a.Via = engine.CardDecided, "approve", winner, engine.Millis(s.time()), via
			s.runs.views[v.ID] = v // under the lock of the fake, which holds it while it answers
			return engine.Answer{Verdict: engine.Counted, Decided: true}, nil
		}
		press := func(x *screen, who, user, workspace string) string {
			in := bot.In{ID: fmt.Sprint(x.name, n), Kind: bot.InPress, Place: engine.Place{Surface: x.name, Workspace: workspace, Channel: "#triage"},
				Actor: bot.Actor{Surface: x.name, Workspace: workspace, User: user, Name: who}, Token: token(t, s.card(x.surface, fmt.Sprintf(key, n)), "approve")}
			r, err := s.bot.Handle(s.ctx, in)
			return s.text(r, err)
		}
		var said [2]string
		var both sync.WaitGroup
		both.Go(func() { said[0] = press(s.slack, "bob", "U-bob", "T1") })
		second := []string{"kim", "bob"}[n%2] // or the same person from both
		both.Go(func() { said[1] = press(s.discord, second, "D-"+second, "42") })
		both.Wait()
		s.raised(engine.NoticeAskMoved, "ask", v.ID, "review")
		s.deliver()
		loser := said[0]
		if via == "slack" {
			loser = said[1]
		}
		want := map[bool]string{true: "You approved this already, from ", false: " approved this at 14:21, from "}[second == "bob"]
		if place := map[string]string{"slack": "Slack", "discord": "Discord"}[via]; !strings.Contains(loser, want+place) {
			t.Errorf("#%d: the one who came second reads %q, want %q", n, loser, want+place)
		}
		for _, x := range []*screen{s.slack, s.discord} {
			if got := reads(x, s.world, fmt.Sprintf(key, n)); !strings.Contains(got, " approved at 14:21") || strings.Contains(got, "from ") == (via == x.name) {
				t.Errorf("#%d: %s shows %q, decided via %s", n, x.name, got, via)
			}
		}
	}
}
