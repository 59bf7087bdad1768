package main

import (
	"fmt"
	"regexp"
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

// askThree is a flow that asks two people in both platforms and on the console.
func askThree(more string) string {
	text := strings.Replace(askBoth("go", slackPlace, discordPlace, ""), "approvals: [", `approvals: ["#ops", `, 1)
	return strings.Replace(text, `"@Bob"]`, `"@Bob"]`+more, 1)
}

// everywhere waits until each of the three copies of a question, and no other message there, says words. Nothing polls
// for that: what decides also wakes the lanes, so it takes the time of an edit; the five seconds that the issue gives are
// held by a test's patience only, because machines are noisy.
func (x *both) everywhere(words ...string) {
	x.t.Helper()
	eventually(x.t, func() bool {
		onSlack, onDiscord, onConsole := 0, 0, 0
		for _, m := range x.slack.Messages(slacktest.Triage) {
			if m["thread_ts"] == nil && containsAll(fmt.Sprint(m), words) {
				onSlack++
			}
		}
		for _, m := range x.discord.Messages(triageRoom) {
			if m.For == "" && containsAll(strings.ReplaceAll(fmt.Sprint(m.Data), `\`, ""), words) {
				onDiscord++
			}
		}
		for _, c := range x.cards("Ann", "#ops") {
			if c.Thread == "" && containsAll(c.Text, words) {
				onConsole++
			}
		}
		return onSlack == 1 && onDiscord == 1 && onConsole == 1
	}, func() string {
		return fmt.Sprintf("not each says %q:\n%s\n---\n%s\n---\n%s\n%s", words, x.ann.Screen(), x.bob.Screen(), x.transcript("Ann", "#ops"), x.log())
	})
}

var linkCode = regexp.MustCompile(`admin claim ([0-9A-Z]{4}-[0-9A-Z]{4})`)

// linking gives the code that /flow admin link shows.
func (x *both) linking(c chat) (code string) {
	x.t.Helper()
	c.Do("admin link")
	eventually(x.t, func() bool {
		m := linkCode.FindStringSubmatch(c.Screen())
		if m != nil {
			code = m[1]
		}
		return m != nil
	}, func() string { return "no code:\n" + c.Screen() + x.log() })
	return code
}

// votesOnce: somebody approves here, where it counts, and there, where they hear that it counted; somebody else decides.
func (x *both) votesOnce(n int, here, there, other chat, from string) {
	x.t.Helper()
	run := x.asked("go", n)
	question := fmt.Sprintf("Go go-%d?", n)
	for _, c := range []chat{here, there, other} {
		x.sees(c.Screen, question)
	}
	here.Press("Approve")
	x.everywhere(fmt.Sprintf("#%d", run), "1 of 2")
	there.Press("Approve")
	x.sees(there.Screen, "You approved this already, from "+from)
	if got := x.run(run).State; got != "waiting" {
		x.t.Fatalf("one person's two accounts decided it: the run is %s", got)
	}
	other.Press("Approve")
	x.await(run, "done")
	x.everywhere(fmt.Sprintf("#%d", run), "approved at", "Ann", "Bob")
}

// Issue 4, item 4: "linked identities": a code that Slack shows is redeemed in Discord; the one person of both accounts
// has one vote.
func TestLinkFromSlackToDiscord(t *testing.T) {
	t.Parallel()
	x := onBoth(t)
	x.cli("channel", "add", "#ops")
	x.apply(askThree(", need: 2"))
	ann, bob := slackChat{x.ann}, discordChat{x.bob}
	x.discord.AddMember(guild, discordtest.User{ID: discordAnn, Name: "somebody", Shown: "Somebody", Locale: "en-GB"})
	there := discordChat{x.discord.Client(discordAnn)}
	there.Do("runs")
	if strings.Contains(there.Screen(), "No runs") {
		t.Errorf("a stranger is answered:\n%s", there.Screen())
	}
	code := x.linking(ann)
	ann.Close()
	there.Do("admin claim", "code", code)
	x.sees(there.Screen, "You are Ann now (admin)")
	there.Do("admin claim", "code", code)
	x.sees(there.Screen, "This code was used")
	x.votesOnce(1, ann, there, bob, "Slack")
	x.votesOnce(2, there, ann, bob, "Discord")
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
