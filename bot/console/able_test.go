package console_test

import (
	"strings"
	"testing"

	"github.com/bretelle/bretelle/bot"
	"github.com/bretelle/bretelle/engine"
	"github.com/bretelle/bretelle/prompts"
)

// What flows do in channels besides posting: each leaves what a person sees, and doing it twice is doing it once.
func TestFlowsActOnTheConsole(t *testing.T) {
	w := newWorld(t)
	ctx, at := t.Context(), place("#general")
	last := func() bot.Message {
		t.Helper()
		list, err := w.store.LastMessages(ctx, at, 0)
		w.must(err)
		return list[len(list)-1]
	}
	count := func() int {
		t.Helper()
		list, err := w.store.LastMessages(ctx, at, 0)
		w.must(err)
		return len(list)
	}
	ref, err := w.console.Post(ctx, at, "", prompts.Card{Key: "say:1", Text: "hello"})
	w.must(err)
	for range 2 {
		w.must(w.console.Delete(ctx, at, ref))
	}
	if m := last(); m.Text != "This message was deleted" || strings.Contains(string(m.Card), "hello") || count() != 1 {
		t.Errorf("%+v", m)
	}
	for range 2 {
		th, ref, err := w.console.OpenThread(ctx, at, "", "thread:1", "Incident 12")
		if err != nil || th.Thread != string(ref) || count() != 2 {
			t.Errorf("%+v %s %v", th, ref, err)
		}
	}
	root := last()
	th, ref, err := w.console.OpenThread(ctx, at, bot.Ref(root.ID), "thread:2", "Below")
	if err != nil || th.Thread != root.ID || ref != bot.Ref(root.ID) || last().Thread != root.ID {
		t.Errorf("%+v %s %v", th, ref, err)
	}
	for range 2 {
		_, err = w.console.Upload(ctx, at, "file:1", "It failed.", bot.File{Name: "<b>.log", Type: "text/plain", Data: []byte("red\n" + strings.Repeat("é", 40<<10))})
		w.must(err)
	}
	if m := last(); count() != 4 || !strings.Contains(m.Text, "It failed.") || !strings.Contains(string(m.Card), "its beginning") {
		t.Errorf("%d: %.200s", count(), m.Text)
	}
	if _, err := w.console.Upload(ctx, at, "file:2", "", bot.File{Name: "a.png", Data: []byte("\x89PNG\x00")}); engine.CodeOf(err) != engine.Invalid {
		t.Errorf("a picture: %v", err)
	}
	w.must(w.console.SetTopic(ctx, at, "On call: <b>ann</b>"))
	if err := w.console.SetTopic(ctx, at, strings.Repeat("x", 251)); engine.CodeOf(err) != engine.Invalid {
		t.Error(err)
	}
	if err := w.console.SetTopic(ctx, place("#none"), "x"); engine.CodeOf(err) != engine.NotFound {
		t.Error(err)
	}
	if err := w.console.Delete(ctx, at, "m0"); engine.CodeOf(err) != engine.NotFound {
		t.Error(err)
	}
}

// "+:ticket:" in a thread puts the emoji under the message above it, as chat platforms read it; elsewhere, and in other
// words, it is a message.
func TestReactingOnTheConsole(t *testing.T) {
	w := newWorld(t)
	w.must(w.store.AddPerson(t.Context(), engine.Person{ID: "p-ann", Name: "ann", Role: engine.Viewer}))
	at := place("#general")
	say := func(id, text, thread string) bot.In {
		t.Helper()
		where := at
		where.Thread = thread
		_, err := w.console.Act(t.Context(), bot.In{ID: id, Kind: bot.InMessage, Actor: bot.Actor{User: "p-ann", Name: "ann"}, Place: where, Text: text})
		w.must(err)
		got := w.bot.deeds()
		return got[len(got)-1]
	}
	root := say("1", "the door is stuck", "")
	for text, want := range map[string]bot.InKind{"+:ticket:": bot.InReact, "+:ticket: now": bot.InMessage, ":ticket:": bot.InMessage, "+1": bot.InMessage} {
		in := say("r"+text, text, string(root.Message))
		if in.Kind != want || want == bot.InReact && (in.Value != "ticket" || in.Message != root.Message || in.Text != "the door is stuck" || in.Author.User != "p-ann" || in.Place.Thread != "") {
			t.Errorf("%s: %+v", text, in)
		}
	}
	if in := say("5", "+:ticket:", ""); in.Kind != bot.InMessage {
		t.Errorf("outside a thread: %+v", in)
	}
	list, err := w.store.LastMessages(t.Context(), at, 0)
	w.must(err)
	if list[0].Reactions["ticket"] != 1 {
		t.Errorf("%+v", list[0])
	}
	m, err := w.console.Lookup(t.Context(), "", "@Ann")
	if err != nil || m.User != "p-ann" {
		t.Errorf("%+v %v", m, err)
	}
	all, more, err := w.console.Members(t.Context(), at, 10)
	if err != nil || more || len(all) != 1 {
		t.Errorf("%+v %v %v", all, more, err)
	}
}
