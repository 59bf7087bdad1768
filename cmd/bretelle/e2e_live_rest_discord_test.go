package main

import (
	"fmt"
	"strings"
	"testing"

	"github.com/bretelle/bretelle/bot/discord/discordtest"
	"github.com/bretelle/bretelle/bot/slack/slacktest"
)

func restOnDiscord(t *testing.T) (*rest, *discordtest.Server) {
	t.Helper()
	b, s := liveDiscord(t)
	s.AddMember(guild, discordtest.User{ID: discordAnn, Name: "ann", Shown: "Ann", Locale: "en-GB"})
	s.AddRole(guild, discordtest.Role{ID: guild, Name: "@everyone", Perms: "1024"}) // all may see the channels
	clock, pass := withClock(t)
	b.env = append(b.env, clock)
	b.start()
	b.sees(b.log, "connected")
	ann, bob := s.Client(discordAnn), s.Client(discordBob)
	ann.Strict, bob.Strict = true, true
	ann.Command("admin claim", "code", b.code(), "name", "Ann")
	b.sees(ann.Screen, "You are Ann now")
	bob.Command("admin claim", "code", b.codeFor("Bob"), "name", "Bob")
	b.sees(bob.Screen, "You are Bob now")
	x := &rest{botProcess: b, ann: discordChat{ann}, bob: discordChat{bob}, place: discordRoom, pass: pass}
	in := func(room string) (ids, out []string) {
		for _, m := range s.Messages(room) {
			if m.For == "" {
				ids, out = append(ids, m.ID), append(out, strings.ReplaceAll(fmt.Sprint(m.Data), `\`, ""))
			}
		}
		return ids, out
	}
	x.said = func() []string { _, out := in(discordRoomID); return out }
	x.below = func(words string) (out []string) {
		ids, all := in(discordRoomID)
		for i, text := range all {
			if strings.Contains(text, words) {
				_, lines := in(ids[i]) // the thread below a message has its id
				out = append(out, lines...)
			}
		}
		return out
	}
	return x, s
}

// The same in Discord, see TestLiveSlackSamplesTemplatesTables.
func TestLiveDiscordSamplesTemplatesTables(t *testing.T) {
	t.Parallel()
	x, _ := restOnDiscord(t)
	x.samples()
	x.template()
	x.table()
}

// The same in Discord, see TestLiveSlackAlerts: the thread is one of its own below the message.
func TestLiveDiscordAlerts(t *testing.T) {
	t.Parallel()
	x, _ := restOnDiscord(t)
	x.alerts()
}

// The same in Discord, see TestLiveSlackFormAndShortcut.
func TestLiveDiscordForm(t *testing.T) {
	t.Parallel()
	x, _ := restOnDiscord(t)
	x.form()
}

// Issue 4, item 2: "/flow" in direct messages, which belong to no server: who is known in one is known there.
func TestLiveDiscordDirectMessages(t *testing.T) {
	t.Parallel()
	x, s := restOnDiscord(t)
	dm := discordChat{s.Client(discordAnn)}
	dm.Guild, dm.Strict = "", true
	dm.Do("help")
	x.reads(dm, "/flow new", "/flow runs")
	dm.Do("runs")
	x.reads(dm, "No runs")
	x.opens(dm, func() { dm.Do("new", "name", "from-dm") }, "What for?")
	dm.Set("channel", x.place)
	dm.Set("trigger", "webhook.received")
	dm.Save()
	dm.Set("path", "direct")
	dm.Set("sender", "unsigned")
	dm.Save()
	x.reads(dm, "✎ from-dm", "add a step")
	if out := x.cli("flow", "export", "from-dm"); !containsAll(out, []string{"path: direct", x.place}) {
		t.Errorf("the draft is\n%s", out)
	}
	x.apply(x.hook("asked", `  - {id: review, ask: approval, with: {title: "Post {{ event.body.n }}?", by: {any: ["@Ann"]}}}
  - {id: tell, do: chat.message.post, with: {text: "posted {{ event.body.n }}"}}
`))
	dm.Do("run", "flow", "asked", "json", `{"n": 1}`)
	x.reads(dm, "Run #1 of asked has started")
	x.await(1, "waiting")
	dm.Do("pending")
	x.reads(dm, "Post 1?")
	dm.Do("runs", "flow", "1")
	x.reads(dm, "asked #1")
	x.ann.Press("Approve")
	x.await(1, "done")
	x.counts(1, "approved at", "Ann")
	dm.Do("pause", "flow", "asked")
	x.reads(dm, "asked is paused")
	dm.Do("why", "flow", "asked")
	x.reads(dm, "started #1")
	x.opens(dm, func() { dm.Do("table new", "name", "contacts") }, "New table")
	dm.Set("columns", "email: text")
	dm.Save()
	x.reads(dm, "The table contacts is made")
}

// Issue 4, item 4, as TestLinkFromSlackToDiscord: the other way round.
func TestLinkFromDiscordToSlack(t *testing.T) {
	t.Parallel()
	x := onBoth(t)
	x.cli("channel", "add", "#ops")
	x.apply(askThree(", need: 2"))
	bob, ann := discordChat{x.bob}, slackChat{x.ann}
	there := slackChat{x.slack.Client(slacktest.Bob)}
	code := x.linking(bob)
	there.Do("admin claim", "code", code)
	x.sees(there.Screen, "You are Bob now (admin)")
	x.votesOnce(1, bob, there, ann, "Discord")
	x.votesOnce(2, there, bob, ann, "Slack")
}

// Issue 4, item 4: "the first valid decision wins, every copy is rewritten within 5 s", from wherever it is decided.
func TestEveryCopySaysTheDecision(t *testing.T) {
	t.Parallel()
	x := onBoth(t)
	x.cli("channel", "add", "#ops")
	x.apply(askThree(""))
	ann, bob := slackChat{x.ann}, discordChat{x.bob}
	run := x.asked("go", 1)
	x.sees(ann.Screen, "Go go-1?")
	ann.Press("Approve")
	x.everywhere(fmt.Sprintf("#%d", run), "Ann", "approved at")
	x.await(run, "done")

	run = x.asked("go", 2)
	x.sees(bob.Screen, "Go go-2?")
	bob.Press("Deny")
	bob.Set("reason", "not today")
	bob.Save()
	x.everywhere(fmt.Sprintf("#%d", run), "Bob", "denied")

	run = x.asked("go", 3)
	x.pressIn("Bob", "#ops", x.card("Bob", "#ops", "Go go-3?"), "approve")
	x.everywhere(fmt.Sprintf("#%d", run), "Bob", "approved at")
	x.await(run, "done")
	for what, screen := range map[string]string{"Slack": ann.Screen(), "Discord": bob.Screen()} {
		if strings.Contains(screen, "[Approve]") || strings.Contains(screen, "Approve\n") {
			t.Errorf("in %s a decided question still asks:\n%s", what, screen)
		}
	}
}
