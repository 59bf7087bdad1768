package main

import (
	"encoding/json"
	"strings"
	"testing"
)

// TestTemplateMessageTicket: an emoji under a message makes it a ticket, once, and the answer stands below the message.
// Another emoji, or somebody who may not, makes none.
func TestTemplateMessageTicket(t *testing.T) {
	t.Parallel()
	b := newTeam(t)
	b.apply(`flow: says
channel: "#sales"
trigger: {on: chat.message, with: {pattern: door?}}
steps:
  - {id: say, do: chat.message.post, with: {text: "The door is stuck"}}
`)
	b.fromTemplate("message-ticket", "channel=#sales", "from=@sales")
	b.cli("chat", "--as", "ann", "--in", "#sales", "-m", "the door?")
	door := b.card("bob", "#sales", "The door is stuck")
	react := func(who, emoji string) {
		b.cli("chat", "--as", who, "--in", "#sales", "--thread", door.ID, "-m", "+:"+emoji+":")
	}
	react("bob", "eyes")
	react("ann", "ticket") // not in @sales
	react("bob", "ticket")
	b.settled("message-ticket", 1)
	react("kim", "ticket")
	b.kill()
	b.start()
	react("bob", "ticket")
	b.settled("message-ticket", 1)
	row := b.row("tickets", map[string]string{"by": "bob"})
	if row["text"] != "The door is stuck" || row["status"] != "open" {
		t.Errorf("%v", row)
	}
	var below []cardJSON
	b.jsonOf(&below, "chat", "--as", "bob", "--in", "#sales", "--thread", door.ID)
	n := 0
	for _, c := range below {
		if strings.Contains(c.Text, "is open, says bob.") {
			n++
		}
	}
	if n != 1 {
		t.Errorf("%d answers below the message: %+v", n, below)
	}
}

// TestChatActions: a flow posts, changes, opens a thread, shares a file, sets the topic, looks up who is there and takes
// its message back; of the bot's cards it changes none. What it says starts no flow that listens there, itself included.
func TestChatActions(t *testing.T) {
	t.Parallel()
	b := newTeam(t)
	b.apply(`flow: talks
channel: "#sales"
trigger: {on: chat.message, with: {pattern: "/^(go|changed|a thread|in it)/"}}
steps:
  - {id: say, do: chat.message.post, with: {text: "go @everyone", mention: ["@sales"]}}
  - {id: edit, do: chat.message.edit, with: {message: "{{ steps.say.ref }}", text: "changed"}}
  - {id: open, do: chat.thread.open, with: {title: "a thread"}}
  - {id: below, do: chat.message.post, with: {text: "in it", thread: "{{ steps.open.thread }}"}}
  - {id: file, do: chat.file.upload, with: {name: a.log, content: "red\n", text: "go"}}
  - {id: topic, do: chat.topic.set, with: {topic: "On call: {{ event.by.name }}"}}
  - {id: who, do: chat.member.list, with: {}}
  - {id: bob, do: chat.person.find, with: {who: "@bob"}}
  - {id: nobody, do: chat.person.find, with: {who: "nobody@example.org"}}
  - {id: gone, do: chat.message.delete, with: {message: "{{ steps.say.ref }}"}}
`)
	b.cli("chat", "--as", "bob", "--in", "#sales", "-m", "go")
	question := b.card("ann", "#sales", "Delete a message", "needed")
	b.approve("ann", question)
	run := b.await(b.settled("talks", 1)[0].Number, "done")
	got := map[string]map[string]any{}
	for _, s := range run.Steps {
		var out map[string]any
		if len(s.Output) > 0 && json.Unmarshal(s.Output, &out) == nil {
			got[s.Path] = out
		}
	}
	if got["who"]["count"] != 3.0 || got["bob"]["found"] != true || got["nobody"]["found"] != false || got["open"]["thread"] != got["open"]["ref"] {
		t.Errorf("%+v", got)
	}
	b.card("bob", "#sales", "red")
	if text := b.transcript("bob", "#sales"); strings.Contains(text, "] changed") || !strings.Contains(text, "This message was deleted") {
		t.Errorf("%s", text)
	}
	b.apply(`flow: forges
channel: "#sales"
trigger: {on: form.submitted, with: {fields: [{name: card, required: true}]}}
steps:
  - {id: edit, do: chat.message.edit, with: {message: "{{ event.fields.card }}", text: "approved by ann"}}
`)
	b.cli("chat", "--as", "ann", "--in", "#sales", "-m", "/flow form forges")
	b.cli("chat", "--as", "ann", "--in", "#sales", "--submit", "card="+question.ID)
	b.card("ann", "#sales", "not one that a flow posted")
	if n := len(b.runsOf("talks")); n != 1 {
		t.Errorf("%d runs: the flow started itself", n)
	}
}
