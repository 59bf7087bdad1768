package main

import (
	"fmt"
	"net/http"
	"slices"
	"strings"
	"testing"

	"github.com/bretelle/bretelle/bot/discord/discordtest"
	"github.com/bretelle/bretelle/bot/slack/slacktest"
)

// both is a bot on a Slack and a Discord: Ann is known on the one, Bob on the other.
type both struct {
	*botProcess
	slack   *slacktest.Server
	discord *discordtest.Server
	ann     *slacktest.Client
	bob     *discordtest.Client
}

func onBoth(t *testing.T, env ...string) *both {
	t.Helper()
	x := &both{slack: heldSlack(t), discord: heldDiscord(t)}
	x.botProcess = newBot(t) // ends before them
	x.env = append(append(onSlack(x.slack), onDiscord(x.discord)...), env...)
	x.start()
	x.ann, x.bob = x.slack.Client(slacktest.Ann), x.discord.Client(discordBob)
	x.ann.Command("/flow admin claim " + x.code() + " Ann")
	x.sees(x.ann.Screen, "You are Ann now")
	x.discord.AwaitOpen()
	x.bob.Command("admin claim", "code", x.codeFor("Bob"), "name", "Bob")
	x.sees(x.bob.Screen, "You are Bob now")
	return x
}

// askBoth is a flow that asks in a channel of each.
func askBoth(name, slackRoom, discordRoom, more string) string {
	return strings.Replace(hookFlow(name, `  - {id: review, ask: approval, with: {title: "Go `+name+`-{{ event.body.n }}?", by: {any: ["@Ann", "@Bob"]}}}
  - {id: kept, set: {n: "{{ event.body.n }}"}}
`), `channel: "#ops"`, fmt.Sprintf("channel: \"#ops\"\nnotify:\n  approvals: [%q, %q]\n%s", slackRoom, discordRoom, more), 1)
}

// asked waits until a run asks, so that what is asked after it stands below it.
func (x *both) asked(name string, n int) int64 {
	x.t.Helper()
	run := x.send(name, fmt.Sprintf(`{"n": %d}`, n))
	x.await(run, "waiting")
	return run
}

// titles are what the questions in a channel ask, oldest first.
func titles(messages []string) (out []string) {
	for _, m := range messages {
		if _, rest, ok := strings.Cut(m, "Go "); ok {
			title, _, _ := strings.Cut(rest, "?")
			out = append(out, title)
		}
	}
	return out
}

func (x *both) slackTitles(room string) []string {
	var all []string
	for _, m := range x.slack.Messages(room) {
		all = append(all, fmt.Sprint(m["text"]))
	}
	return titles(all)
}

func (x *both) discordTitles(room string) []string {
	var all []string
	for _, m := range x.discord.Messages(room) {
		all = append(all, strings.ReplaceAll(fmt.Sprint(m.Data), `\`, ""))
	}
	return titles(all)
}

// Issue 4: "a 429 storm loses nothing and keeps order"; RELIABILITY, F-11: no call before Retry-After, and the other
// platform does not feel it. Every method of Slack's refuses while runs ask in several channels of both.
func TestStormOfRefusals(t *testing.T) {
	t.Parallel()
	rooms, each := 4, 4
	if *long {
		rooms, each = 10, 10
	}
	x := onBoth(t)
	x.cli("channel", "add", "#ops")
	slackRoom, otherRoom := func(i int) string { return fmt.Sprint("C1", i) }, func(i int) string { return fmt.Sprint("44562666911498", 3000+i) }
	for i := range rooms {
		x.slack.AddChannel(slacktest.Team, slackRoom(i), fmt.Sprint("room", i), slacktest.BotUser, slacktest.Ann)
		x.discord.AddChannel(discordtest.Channel{ID: otherRoom(i), Guild: guild, Name: fmt.Sprint("room", i)})
		x.apply(askBoth(fmt.Sprint("go", i), fmt.Sprintf("slack:%s/#room%d", slacktest.Team, i), fmt.Sprintf("discord:%s/#room%d", guild, i), ""))
	}
	x.slack.Fault("*", slacktest.Fault{Status: http.StatusTooManyRequests, RetryAfter: 1})
	want, runs := make([][]string, rooms), []int64{}
	for n := range each {
		for i := range rooms {
			runs = append(runs, x.asked(fmt.Sprint("go", i), n))
			want[i] = append(want[i], fmt.Sprintf("go%d-%d", i, n))
		}
	}
	for i := range rooms {
		eventually(t, func() bool { return len(x.discordTitles(otherRoom(i))) >= each }, x.log)
	}
	last := rooms - 1
	runs = append(runs, x.asked(fmt.Sprint("go", last), each))
	want[last] = append(want[last], fmt.Sprintf("go%d-%d", last, each))
	eventually(t, func() bool { return len(x.discordTitles(otherRoom(last))) > each }, x.log)
	x.bob.Press("Approve") // the newest of all, which is in the last room
	eventually(t, func() bool { return saidOn(x.discord, otherRoom(rooms-1), "approved at") == 1 }, x.log)
	if n := x.slack.Calls("chat.postMessage"); n > 0 {
		t.Errorf("Slack took %d messages in the storm", n)
	}
	for range 2 { // it abates and comes back
		x.slack.Fault("*", slacktest.Fault{Status: http.StatusTooManyRequests, RetryAfter: 1, Times: 2 * rooms, Skip: 2 * rooms})
	}
	for i := range rooms {
		eventually(t, func() bool { return len(x.slackTitles(slackRoom(i))) >= len(want[i]) }, func() string { return fmt.Sprint(x.slackTitles(slackRoom(i)), x.log()) })
		if got := x.slackTitles(slackRoom(i)); !slices.Equal(got, want[i]) {
			t.Errorf("Slack's #room%d reads %v, want %v", i, got, want[i])
		}
		if got := x.discordTitles(otherRoom(i)); !slices.Equal(got, want[i]) {
			t.Errorf("Discord's #room%d reads %v, want %v", i, got, want[i])
		}
	}
	if n := x.slack.Said(slackRoom(rooms-1), "approved at"); n != 1 {
		t.Errorf("%d of the questions in Slack say that one is decided", n)
	}
	if n := x.slack.Counters().Early; n > 0 {
		t.Errorf("%d calls before Retry-After was over", n)
	}
	x.await(runs[len(runs)-1], "done")
}

// Issue 4, item 4: one platform fails or hangs; the other's cards are posted and rewritten all the same, and the first
// platform's is right when it is back.
func TestOnePlatformIsDown(t *testing.T) {
	t.Parallel()
	x := onBoth(t)
	x.cli("channel", "add", "#ops")
	x.apply(askBoth("go", "slack:"+slacktest.Team+"/#triage", discordRoom, ""))
	for n, fault := range []slacktest.Fault{{Status: http.StatusServiceUnavailable}, {Wait: make(chan struct{})}} {
		x.slack.Fault("*", fault)
		run := x.asked("go", n)
		x.sees(x.bob.Screen, fmt.Sprintf("Go go-%d?", n))
		x.bob.Press("Approve")
		x.await(run, "done")
		eventually(t, func() bool { return saidOn(x.discord, triageRoom, "approved at") == n+1 }, x.log)
		if got := x.slackTitles(slacktest.Triage); len(got) != n {
			t.Errorf("in Slack stands %v", got)
		}
		x.slack.Mend("*")
		if fault.Wait != nil {
			close(fault.Wait)
		}
		eventually(t, func() bool { return x.slack.Said(slacktest.Triage, "approved at") == n+1 }, func() string { return x.ann.Screen() + x.log() })
	}
	faults := []discordtest.Fault{{Status: http.StatusBadGateway}}
	if *long { // the call that hangs is given up after twenty seconds
		faults = append(faults, discordtest.Fault{Hang: true})
	}
	for n, fault := range faults {
		n += 2
		heal := x.discord.Fail(fault)
		run := x.asked("go", n)
		x.sees(x.ann.Screen, fmt.Sprintf("Go go-%d?", n))
		x.ann.Press("Approve")
		x.await(run, "done")
		eventually(t, func() bool { return x.slack.Said(slacktest.Triage, "approved at") == n+1 }, x.log)
		heal()
		eventually(t, func() bool { return saidOn(x.discord, triageRoom, "approved at") == n+1 }, func() string { return x.bob.Screen() + x.log() })
	}
	for what, got := range map[string][]string{"Slack": x.slackTitles(slacktest.Triage), "Discord": x.discordTitles(triageRoom)} {
		if len(got) != 2+len(faults) {
			t.Errorf("in %s stands %v", what, got)
		}
	}
}
