package main

import (
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/bretelle/bretelle/bot/control"
	"github.com/bretelle/bretelle/bot/slack/slacktest"
	"github.com/bretelle/bretelle/engine"
)

// byAll is the flows of a story that people start in every way there is in chat: a message asks and a press decides; a
// command starts; a dialog starts.
func byAll(place, who string) []string {
	return []string{fmt.Sprintf(`flow: deploys
channel: %q
trigger: {on: chat.message, with: {pattern: "/^deploy (\\w+)$/"}}
steps:
  - {id: review, ask: approval, covers: [told], with: {title: "Deploy {{ event.matches[1] }}?", by: {any: ["@%s"]}}}
  - {id: told, do: chat.message.post, with: {text: "deployed {{ event.matches[1] }}"}}
`, place, who), strings.Replace(hookFlow("byhand", "  - {id: kept, set: {n: \"{{ event.body.n }}\"}}\n"), `"#ops"`, `"`+place+`"`, 1)}
}

// through does something while the bot may die under it, as often as it does: its heir, on which no kill falls, takes
// over. died is told of each death.
func (b *botProcess) through(died func(), do func()) {
	b.t.Helper()
	done := make(chan struct{})
	go func() { defer close(done); do() }()
	for {
		select {
		case <-done:
			return
		case err := <-b.exited:
			b.exited <- err
			b.revive(died)
		}
	}
}

func (b *botProcess) revive(died func()) {
	b.t.Helper()
	if b.dead() {
		died()
		b.start(killAt + "=")
	}
}

// hears asks the bot, or its heir.
func (b *botProcess) hears(died func(), op string, in, out any) {
	b.t.Helper()
	eventually(b.t, func() bool {
		err := b.ask(op, in, out)
		if err != nil && engine.CodeOf(err) == engine.Unavailable {
			b.exits()
			b.revive(died)
		}
		return err == nil
	}, b.log)
}

// byHand are the numbers that the runs of byhand were started with, once they are done.
func (b *botProcess) byHand(died func()) (got []int) {
	b.t.Helper()
	var all []runJSON
	b.hears(died, "run.list", struct{}{}, &all)
	for _, r := range all {
		if r.Flow != "byhand" {
			continue
		}
		eventually(b.t, func() bool { b.hears(died, "run.show", control.RunIn{Number: r.Number}, &r); return r.State == "done" }, b.log)
		var out struct{ N int }
		if err := json.Unmarshal(r.Steps[0].Output, &out); err != nil {
			b.t.Fatal(err)
		}
		got = append(got, out.N)
	}
	slices.Sort(got)
	return got
}

// wantByHand waits for the runs of byhand.
func (b *botProcess) wantByHand(died func(), want ...int) {
	b.t.Helper()
	var got []int
	eventually(b.t, func() bool { got = b.byHand(died); return len(got) >= len(want) },
		func() string { return fmt.Sprintf("byhand ran with %v, want %v\n%s", got, want, b.log()) })
	if !slices.Equal(got, want) {
		b.t.Errorf("byhand ran with %v, want %v", got, want)
	}
}

// eachCommit plays a story with a kill at every step-th commit, before and after it, until the story has no more.
func eachCommit(t *testing.T, step int, play func(t *testing.T, kill string) (deaths int)) {
	for i, when := range []string{"before", "after"} {
		t.Run(when, func(t *testing.T) {
			t.Parallel()
			kills := 0
			most := 2 // which commit is the n-th differs a little from play to play
			if step > 1 {
				most = 1
			}
			for n, quiet := 1+i*step/2, 0; quiet < most && !t.Failed(); n += step {
				if deaths := play(t, fmt.Sprint(when, " ", n)); deaths > 0 {
					kills, quiet = kills+deaths, 0
				} else {
					quiet++
				}
			}
			t.Log(kills, "kills")
			if kills == 0 {
				t.Error("nothing was killed")
			}
		})
	}
}

// Issue 4: "redelivery with the first delivery crashed before and after its commit gives one run". In Slack: a message,
// a press, a slash command and a dialog that was sent, with a kill at the commits of what they ask for; what was not
// acknowledged comes again, and in the end everything comes again at 0 s, 1 min and 5 min.
func TestSlackCrashAtCommits(t *testing.T) {
	t.Parallel()
	s := heldSlack(t)
	origin := newBot(t)
	origin.env = onSlack(s)
	origin.start()
	ann := s.Client(slacktest.Ann)
	ann.Command("/flow admin claim " + origin.code() + " Ann")
	origin.sees(ann.Screen, "Ann")
	for _, text := range byAll("slack:"+slacktest.Team+"/#triage", "Ann") {
		origin.apply(text)
	}
	origin.stop()
	step := 16
	if *long {
		step = 1
	}
	eachCommit(t, step, func(t *testing.T, kill string) int { return slackCrash(t, origin, kill) })
}

func onSlack(s *slacktest.Server) []string {
	return []string{envSlackURL + "=" + s.URL, envSlackBot + "=" + s.Token(slacktest.Team), envSlackApp + "=" + slacktest.AppToken}
}

func slackCrash(t *testing.T, origin *botProcess, kill string) (deaths int) {
	s := heldSlack(t)
	defer s.Close()
	b := origin.copyOf(t)
	defer b.discard()
	clock, pass := withClock(t)
	b.env = append(onSlack(s), clock)
	armed := filepath.Join(t.TempDir(), "armed")
	b.start(killAt + "=" + kill + " since " + armed)
	b.sees(b.log, "connected")
	if err := os.WriteFile(armed, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	died := func() { deaths++ }
	ann := s.Client(slacktest.Ann)
	b.through(died, func() {
		ann.Say("deploy web", "")
		ann.Press("Approve")
		ann.Command(`/flow run byhand {"n": 1}`)
		ann.Command("/flow run byhand")
		late := func() bool { return strings.Contains(ann.Screen(), "Open it now") }
		open := func() bool { return strings.Contains(ann.Screen(), "Event") }
		s.Until("the dialog or its offer", func() bool { return open() || late() })
		if !open() {
			ann.Press("Open it now")
		}
		ann.Set("event", `{"n": 2}`)
		ann.Save()
	})
	s.Until("it is told", func() bool { b.revive(died); return s.Said(slacktest.Triage, "deployed web") > 0 })
	if strings.Contains(ann.Screen(), "I was restarted") { // the person looks whether it was done, as they are told to
		if !slices.Contains(b.byHand(died), 2) {
			b.through(died, func() { ann.Save() })
		}
	}
	b.wantByHand(died, 1, 2)
	for _, d := range []time.Duration{0, time.Minute, 4 * time.Minute} {
		pass(b, d)
		b.through(died, s.Again)
	}
	b.through(died, func() { ann.Command(`/flow run byhand {"n": 3}`) }) // worked off behind them
	b.wantByHand(died, 1, 2, 3)
	for text, n := range map[string]int{"deployed web": 1, "Deploy web?": 1} {
		if got := s.Said(slacktest.Triage, text); got != n {
			t.Errorf("%s: %d messages say %q:\n%s\n%s", kill, got, text, ann.Screen(), b.log())
		}
	}
	return deaths
}
