package main

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/bretelle/bretelle/bot"
	"github.com/bretelle/bretelle/bot/slack/slacktest"
	"github.com/bretelle/bretelle/engine"
)

// Issue 4, RELIABILITY A-11: simultaneous clicks on two surfaces, and on the console, through the live adapters of one
// process. Whatever is approved, denied and edited at once: exactly one of them decides, each attempt has its one row in
// the audit, nothing that was denied is done, what was approved is done once, and both copies say the same in the end.
func TestDuelsOnTwoSurfaces(t *testing.T) {
	races := 60
	if *long {
		races = 1500
	}
	a := newArena(t)
	a.person("Ann", engine.Viewer, "slack:"+slacktest.Team+"/"+slacktest.Ann)
	a.person("Bob", engine.Viewer, "discord:"+guild+"/"+discordBob, "slack:"+slacktest.Team+"/"+slacktest.Bob)
	a.person("Kim", engine.Viewer)
	a.must(a.bot.SetGroup(t.Context(), bot.Operator, "duel", []string{"Ann", "Bob", "Kim"}, false))
	a.flow("plain", `by: {any: ["@duel"]}`) // who edits approves what they wrote
	a.flow("eyes", `by: {any: ["@duel"]}, not: [editor]`)
	random := rand.New(rand.NewPCG(11, 4))
	deeds := []string{"approve", "deny", "edit"}
	outcomes := map[string]int{}
	for i := range races {
		flow := []string{"plain", "eyes"}[i%5/4]
		v := a.ask(flow)
		s, d := a.onSlack(v.Number), a.onDiscord(v.Number)
		if len(s.tokens) < 3 || len(d.tokens) < 3 {
			t.Fatalf("#%d offers %v in Slack and %v in Discord", v.Number, s.tokens, d.tokens)
		}
		ann, bob := by{slacktest.Team, slacktest.Ann}, by{slacktest.Team, slacktest.Bob}
		fields := map[string]map[string]string{"deny": {"reason": "no"}, "edit": {"say.text": fmt.Sprint("hello ", i)}}
		inSlack := func(who by, verb string) {
			if verb == "approve" {
				a.slackPress(who, s.id, verb, s.tokens[verb])
				return
			}
			a.slackSubmit(who, s.tokens[verb], slackPlace, fields[verb])
		}
		var acts []func()
		x, y := deeds[random.IntN(3)], deeds[random.IntN(3)]
		acts = append(acts, func() { inSlack(ann, x) }, func() {
			if y == "approve" {
				a.discordPress(discordBob, d.id, "b:approve:"+d.tokens[y])
				return
			}
			a.discordSubmit(discordBob, d.id, "f::"+d.tokens[y], fields[y])
		})
		tried := []string{x, y}
		if i%3 == 0 { // the same person, from their other account
			z := deeds[random.IntN(3)]
			acts, tried = append(acts, func() { inSlack(bob, z) }), append(tried, z)
		}
		if i%4 == 0 {
			z := deeds[random.IntN(3)]
			acts, tried = append(acts, func() { _, _ = a.consolePress("Kim", s.tokens[z], fields[z]) }), append(tried, z)
		}
		var start, all sync.WaitGroup
		start.Add(1)
		for _, act := range acts {
			all.Go(func() { start.Wait(); act() })
		}
		start.Done()
		all.Wait()
		a.must(nil, a.heard.Settle(t.Context()))
		rows := a.rows(v.ID)
		if len(rows) != len(acts) {
			t.Errorf("#%d: %v left %d rows: %+v", v.Number, tried, len(rows), rows)
		}
		now, err := a.runtime.Run(t.Context(), v.ID)
		a.must(nil, err)
		if now.Asks[0].State == engine.CardOpen { // edits only, or edits that came first: somebody has to decide what it says now
			a.deliver()
			other := "Kim"
			if now.Asks[0].EditedBy == a.ids[other] {
				other = "Ann"
			}
			if _, err := a.consolePress(other, a.onSlack(v.Number).tokens["approve"], nil); err != nil {
				t.Fatalf("#%d: %v: %v", v.Number, tried, err)
			}
			now, err = a.runtime.Run(t.Context(), v.ID)
			a.must(nil, err)
			rows = a.rows(v.ID)
		}
		a.judge(now, rows, tried)
		outcomes[now.Asks[0].Decision]++
	}
	if outcomes["approve"] == 0 || outcomes["deny"] == 0 {
		t.Errorf("the races are no races: %v", outcomes)
	}
}

// judge looks at a run that was fought over.
func (a *arena) judge(v engine.RunView, rows []engine.AuditEntry, tried []string) {
	a.t.Helper()
	decided := 0
	edits := v.Flow == "plain" // whether an edit decides
	for _, r := range rows {
		if r.What == "ask.approved" || r.What == "ask.denied" || r.What == "ask.edited" && edits {
			decided++
		}
	}
	entries, err := a.store.Entries(a.t.Context(), v.ID, 0, 1000)
	a.must(nil, err)
	votes := 0
	for _, e := range entries {
		if e.Kind == engine.AskVoted || e.Kind == engine.AskEdited && edits {
			votes++
		}
	}
	want := 0
	if v.Asks[0].Decision == "approve" {
		want = 1
		v = a.until(v.ID, func(v engine.RunView) bool { return v.State == engine.RunDone })
	} else {
		v = a.until(v.ID, func(v engine.RunView) bool { return v.Ended != 0 })
	}
	if decided != 1 || votes != 1 || a.done(v.ID) != want {
		a.t.Errorf("#%d: %v: %s, %d rows decide, %d votes in the journal, done %d times: %+v", v.Number, tried, v.Asks[0].Decision, decided, votes, a.done(v.ID), rows)
	}
	a.deliver()
	says := map[string]string{"approve": "approved", "deny": "denied"}[v.Asks[0].Decision]
	s, d := a.onSlack(v.Number), a.onDiscord(v.Number)
	for where, m := range map[string]placard{"Slack": s, "Discord": d} {
		if !strings.Contains(m.text, says) || m.tokens["approve"] != "" || m.tokens["deny"] != "" {
			a.t.Errorf("#%d: %v: it is %s, and %s shows %s", v.Number, tried, says, where, m.text)
		}
	}
	verbs := func(m placard) (out []string) {
		for k := range m.tokens {
			out = append(out, k)
		}
		slices.Sort(out)
		return out
	}
	if !slices.Equal(verbs(s), verbs(d)) {
		a.t.Errorf("#%d: Slack offers %v, Discord %v", v.Number, verbs(s), verbs(d))
	}
}
