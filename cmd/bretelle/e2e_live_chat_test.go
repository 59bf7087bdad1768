package main

import (
	"encoding/json"
	"fmt"
	"strings"
	"testing"

	"github.com/bretelle/bretelle/bot/discord/discordtest"
	"github.com/bretelle/bretelle/bot/slack/slacktest"
)

// talkFlows listen in a place of a platform and do there what chat can: an answer below a message, which a reply in the
// thread is waited for, and everything else that flows do in channels.
func talkFlows(place string) []string {
	return []string{fmt.Sprintf(`flow: deploys
channel: %q
trigger: {on: chat.message, with: {pattern: "/^deploy (\\w+)$/", thread: top}}
steps:
  - {id: look, do: chat.message.react, with: {message: "{{ event.ref }}", emoji: eyes}}
  - {id: question, do: chat.message.reply, with: {message: "{{ event.ref }}", text: "Which version of {{ event.matches[1] }}? @everyone <!here>"}}
  - {id: answer, wait: {reply: {to: "{{ steps.question.ref }}"}, for: 1h}}
  - {id: told, do: chat.message.post, with: {text: "deploying {{ steps.answer.reply.text }}", mention: ["@%s"]}}
  - {id: edit, do: chat.message.edit, with: {message: "{{ steps.told.ref }}", text: "deployed {{ steps.answer.reply.text }}"}}
  - {id: open, do: chat.thread.open, with: {title: "Release notes"}}
  - {id: below, do: chat.message.post, with: {text: "deploy web", thread: "{{ steps.open.thread }}"}}
  - {id: log, do: chat.file.upload, with: {name: build.log, content: "green\n", text: "deploy web"}}
  - {id: who, do: chat.member.list, with: {}}
  - {id: find, do: chat.person.find, with: {who: "{{ event.by.name }}"}}
  - {id: direct, do: chat.message.direct, with: {person: "{{ event.by.address }}", text: "It is done."}}
`, place, personOn(place)), fmt.Sprintf(`flow: tickets
channel: %q
trigger: {on: chat.reaction, with: {emoji: "🎫"}}
steps:
  - {id: say, do: chat.message.reply, with: {message: "{{ event.ref }}", text: "Ticket: {{ event.text }}"}}
`, place), fmt.Sprintf(`flow: logs
channel: %q
trigger: {on: chat.file, with: {name: "*.txt"}}
steps:
  - {id: say, do: chat.message.post, with: {text: "Got {{ event.file.name }} of {{ event.by.name }}"}}
`, place), fmt.Sprintf(`flow: welcome
channel: %q
trigger: {on: chat.joined, with: {what: %s}}
steps:
  - {id: say, do: chat.message.post, with: {text: "Welcome, {{ event.by.name }}"}}
`, place, joins(place)), fmt.Sprintf(`flow: notes
channel: %q
trigger: {on: chat.shortcut, with: {title: Take a note}}
steps:
  - {id: say, do: chat.message.reply, with: {message: "{{ event.ref }}", to: "{{ event.place }}", text: "Noted by {{ event.who.name }}: {{ event.text }}"}}
`, place)}
}

// joins is what a platform tells of: Discord of whole servers only.
func joins(place string) string {
	if strings.HasPrefix(place, "slack") {
		return "channel"
	}
	return "workspace"
}

func personOn(place string) string {
	if strings.HasPrefix(place, "slack") {
		return "Ann"
	}
	return "Bob"
}

// outputs are what the steps of a run gave, by path.
func outputs(t *testing.T, r runJSON) map[string]map[string]any {
	t.Helper()
	got := map[string]map[string]any{}
	for _, s := range r.Steps {
		var out map[string]any
		if len(s.Output) > 0 && json.Unmarshal(s.Output, &out) == nil {
			got[s.Path] = out
		}
	}
	return got
}

// said is the answer that was waited for.
func said(got map[string]map[string]any) string {
	reply, _ := got["answer"]["reply"].(map[string]any)
	text, _ := reply["text"].(string)
	return text
}

// Issue 4, item 3: flows listen and act in Slack. What the bot says there starts nothing, though its words fit.
func TestLiveSlackTalks(t *testing.T) {
	b, s := liveSlack(t)
	b.start()
	ann := s.Client(slacktest.Ann)
	b.sees(b.log, "connected")
	ann.Command("/flow admin claim " + b.code() + " Ann")
	b.sees(ann.Screen, "Ann")
	for _, text := range talkFlows("slack:" + slacktest.Team + "/#triage") {
		b.apply(text)
	}
	ts := ann.Say("deploy web", "")
	b.sees(ann.Screen, "Which version of web?")
	ann.Say("deploy other", ts) // in the thread: it is the answer, and starts nothing
	run := b.await(1, "done")
	got := outputs(t, run)
	if said(got) != "deploy other" || got["who"]["count"] == 0.0 || got["find"]["found"] != true {
		t.Errorf("%+v", got)
	}
	b.sees(ann.Screen, "deployed deploy other", "Release notes")
	if files := s.FilesIn(slacktest.Triage); fmt.Sprint(files) != "[build.log]" {
		t.Errorf("%v", files)
	}
	if signs := s.Reactions(slacktest.Triage, ts); fmt.Sprint(signs) != "[eyes]" {
		t.Errorf("%v", signs)
	}
	ann.React(ts, "ticket")
	ann.React(ts, "ticket")
	b.settled("tickets", 1)
	s.AddUser(slacktest.Team, "U0CCC", "cleo")
	cleo := s.Client("U0CCC")
	cleo.Join(slacktest.Triage)
	cleo.Join(slacktest.Triage)
	b.settled("welcome", 2) // twice is twice
	b.sees(ann.Screen, "Welcome, cleo")
	ann.Shortcut("run_on_message", ts)
	b.sees(ann.Screen, "Noted by Ann: deploy web")
	b.settled("notes", 1)
	if n := len(b.runsOf("deploys")); n != 1 {
		t.Errorf("%d runs: the bot heard itself", n)
	}
}

// The same in Discord: the answer stands in a thread of its own below the message.
func TestLiveDiscordTalks(t *testing.T) {
	b, s := liveDiscord(t)
	s.AddRole(guild, discordtest.Role{ID: guild, Name: "@everyone", Perms: "1024"}) // all may see the channels
	b.start()
	bob := s.Client(discordBob)
	b.sees(b.log, "connected")
	bob.Command("admin claim", "code", b.code(), "name", "Bob")
	b.sees(bob.Screen, "Bob")
	for _, text := range talkFlows(discordRoom) {
		b.apply(text)
	}
	const room = "345626669114982999"
	root := s.Say(discordBob, room, "deploy web")
	says := func(channel, text string) {
		t.Helper()
		s.Seen(channel, text, func(m discordtest.Message) bool {
			said, err := json.Marshal(m.Data)
			return err == nil && strings.Contains(string(said), text)
		})
	}
	says(root, "Which version of web?") // the thread below a message has its id
	s.Say(discordBob, root, "deploy other")
	got := outputs(t, b.await(1, "done"))
	if said(got) != "deploy other" || got["who"]["count"] == 0.0 || got["find"]["found"] != true {
		t.Errorf("%+v", got)
	}
	says(room, "deployed deploy other")
	if files := s.FileNames(room); fmt.Sprint(files) != "[build.log]" {
		t.Errorf("%v", files)
	}
	s.React(discordBob, root, "🎫")
	b.settled("tickets", 1)
	s.Say(discordBob, room, "here", discordtest.File{Name: "notes.txt", Type: "text/plain", Data: []byte("x")})
	says(room, "Got notes")
	bob.Shortcut(root)
	says(root, "Noted by Bob")
	b.settled("notes", 1)
	if n := len(b.runsOf("deploys")); n != 1 {
		t.Errorf("%d runs: the bot heard itself", n)
	}
}
