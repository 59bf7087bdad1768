package intake_test

import (
	"context"
	"fmt"
	"strings"
	"testing"

	"github.com/bretelle/bretelle/connectors/chat"
	"github.com/bretelle/bretelle/connectors/intake"
	"github.com/bretelle/bretelle/engine"
)

func slackAt(channel, thread string) engine.Place {
	return engine.Place{Surface: "slack", Workspace: "T1", Channel: channel, Thread: thread}
}

// Which of what is heard starts a run, for each trigger and its settings.
func TestChatTriggers(t *testing.T) {
	png := intake.SaidFile{ID: "F1", Name: "shot.PNG", Type: "image/png", Size: 7, URL: "https://files.example.org/1"}
	log := intake.SaidFile{ID: "F2", Name: "build.log"}
	for name, x := range map[string]struct {
		kind, with string
		heard      []intake.Said
		want       string // refs, or ids of joins, that started a run
	}{
		"by the channel's id": {"chat.message", `place: "slack:T1/C0456"`, []intake.Said{
			{Place: slackAt("#ops", ""), Ref: "C0456/1", By: "p"}, {Place: slackAt("C0456", ""), Ref: "C0456/2", By: "p"}, {Place: slackAt("#ops", ""), Ref: "C9/3", By: "p"}},
			"C0456/1 C0456/2"},
		"renamed meanwhile": {"chat.message", `place: "slack:T1/C0456"`, []intake.Said{ // delivered again when the name was not known
			{Place: slackAt("#ops", ""), Ref: "C0456/1", By: "p"}, {Place: slackAt("C0456", ""), Ref: "C0456/1", By: "p"}}, "C0456/1"},
		"not in threads": {"chat.message", `place: "slack:T1/#ops", thread: top`, []intake.Said{
			{Place: slackAt("#ops", ""), Ref: "C1/1", By: "p"}, {Place: slackAt("#ops", "C1/1"), Ref: "C1/2", By: "p"}, {Place: slackAt("#ops", "C1/3"), Ref: "C1/3", By: "p"}}, "C1/1 C1/3"},
		"only in threads": {"chat.message", `place: "slack:T1/#ops", thread: replies`, []intake.Said{
			{Place: slackAt("#ops", ""), Ref: "C1/1", By: "p"}, {Place: slackAt("#ops", "C1/1"), Ref: "C1/2", By: "p"}}, "C1/2"},
		"pictures": {"chat.file", `place: "slack:T1/#ops", type: "image/*, application/pdf"`, []intake.Said{
			{Place: slackAt("#ops", ""), Ref: "C1/1", By: "p", Files: []intake.SaidFile{log, png}}, {Place: slackAt("#ops", ""), Ref: "C1/2", By: "p", Files: []intake.SaidFile{log}},
			{Place: slackAt("#ops", ""), Ref: "C1/3", By: "p", Text: "png"}, {Place: slackAt("#ops", ""), Ref: "C1/4", Files: []intake.SaidFile{png}}}, "C1/1"},
		"files by name": {"chat.file", `place: "slack:T1/#ops", name: "*.log, shot*"`, []intake.Said{
			{Place: slackAt("#ops", ""), Ref: "C1/1", By: "p", Files: []intake.SaidFile{log, png, {ID: "F3", Name: "a.txt"}}},
			{Place: slackAt("#ops", ""), Ref: "C1/1", By: "p", Files: []intake.SaidFile{log, png}}}, "C1/1 C1/1"},
		"a sign": {"chat.reaction", `place: "slack:T1/#ops", emoji: "🎫"`, []intake.Said{
			{Place: slackAt("#ops", ""), Ref: "C1/1", Emoji: "ticket", By: "p"}, {Place: slackAt("#ops", ""), Ref: "C1/2", Emoji: "admission_tickets", By: "p"}}, "C1/1"},
		"a sign that is not in the list": {"chat.reaction", `place: "slack:T1/#ops", emoji: "🦔"`, []intake.Said{
			{Place: slackAt("#ops", ""), Ref: "C1/1", Emoji: "🦔", By: "p"}}, "C1/1"},
		"joins": {"chat.joined", `place: "slack:T1/#ops"`, []intake.Said{
			{ID: "e1", Place: slackAt("#ops", ""), Name: "new"}, {ID: "e1", Place: slackAt("#ops", ""), Name: "new"}, {ID: "e2", Place: slackAt("#ops", ""), Name: "new"},
			{ID: "e3", Place: slackAt("#other", "")}, {ID: "e4", Place: slackAt("", "")}}, "e1 e2"},
		"joins by people": {"chat.joined", `place: "slack:T1/#ops", from: people`, []intake.Said{
			{ID: "e1", Place: slackAt("#ops", "")}, {ID: "e2", Place: slackAt("#ops", ""), By: "p"}}, "e2"},
		"joins the workspace": {"chat.joined", `place: "slack:T1/#ops", what: workspace`, []intake.Said{
			{ID: "e1", Place: slackAt("", "")}, {ID: "e2", Place: slackAt("#ops", "")}, {ID: "e3", Place: engine.Place{Surface: "slack", Workspace: "T2"}}}, "e1"},
	} {
		t.Run(name, func(t *testing.T) {
			w := memoryWorld(t)
			w.publish(heardFlow(x.kind, x.with))
			c := intake.NewChats(w.loop())
			c.Emoji = func(s string) (string, bool) { return "ticket", s == "🎫" }
			for _, s := range x.heard {
				hear := c.Said
				switch {
				case s.Emoji != "":
					hear = c.Reacted
				case s.ID != "":
					hear = c.Joined
				}
				if err := hear(context.Background(), s); err != nil {
					t.Fatal(err)
				}
			}
			var got []string
			for _, e := range w.events("heard", engine.Accepted) {
				if x.kind == "chat.joined" {
					got = append(got, e.Event.Key[strings.LastIndexByte(e.Event.Key, '/')+1:])
				} else {
					got = append(got, fmt.Sprint(e.Event.Data["ref"]))
				}
			}
			if text := strings.Join(got, " "); text != x.want {
				t.Errorf("%q, wanted %q", text, x.want)
			}
		})
	}
}

// What an event of each trigger holds fits what its reference says, and is what happened.
func TestChatEvents(t *testing.T) {
	ctx, w := context.Background(), memoryWorld(t)
	ann := intake.Writer{By: "p-ann", Name: "ann", Address: "slack:T1/@U1"}
	s := intake.Said{ID: "d1", Place: slackAt("#ops", "C1/0"), Ref: "C1/1", Text: "it is red", By: "p-bob", Name: "bob", Address: "slack:T1/@U2", Author: ann, Emoji: "ticket",
		Files: []intake.SaidFile{{ID: "F1", Name: "a.log", Type: "text/plain", Size: 3, URL: "https://x"}}}
	c := intake.NewChats(w.loop())
	took := 0
	s.Took = func() { took++ }
	for kind, x := range map[string]struct {
		hear func(context.Context, intake.Said) error
		want string
	}{
		"chat.message":  {c.Said, "by.name=bob text=it is red files.0.name=a.log thread=C1/0 place=slack:T1/#ops"},
		"chat.file":     {c.Said, "file.name=a.log file.size=3 file.url=https://x by.address=slack:T1/@U2 text=it is red"},
		"chat.reaction": {c.Reacted, "emoji=ticket by.id=p-bob author.name=ann author.address=slack:T1/@U1 ref=C1/1"},
		"chat.joined":   {c.Joined, "by.name=bob place=slack:T1/#ops workspace=slack:T1"},
	} {
		text := strings.Replace(heardFlow(kind, `place: "slack:T1/#ops"`), "flow: heard", "flow: "+strings.ReplaceAll(kind, ".", "-"), 1)
		w.publish(text)
		if err := x.hear(ctx, s); err != nil {
			t.Fatal(err)
		}
		list := w.events(strings.ReplaceAll(kind, ".", "-"), engine.Accepted)
		if len(list) != 1 {
			t.Errorf("%s: %d events", kind, len(list))
			continue
		}
		for _, want := range strings.Split(strings.ReplaceAll(x.want, "it is red", "it_is_red"), " ") {
			path, value, _ := strings.Cut(want, "=")
			if got := strings.ReplaceAll(fmt.Sprint(member(list[0].Event.Data, path)), " ", "_"); got != value {
				t.Errorf("%s: %s is %q, wanted %q", kind, path, got, value)
			}
		}
	}
	if took < 4 {
		t.Errorf("%d of what was heard was taken", took)
	}
}

// member is a part of data by its path.
func member(v any, path string) any {
	for name := range strings.SplitSeq(path, ".") {
		switch x := v.(type) {
		case map[string]any:
			v = x[name]
		case []any:
			if len(x) == 0 {
				return nil
			}
			v = x[0]
		}
	}
	return v
}

// A chosen message starts the flow that was chosen: once for a delivery, again for another, in the channels that it is for.
func TestShortcuts(t *testing.T) {
	worlds(t, func(t *testing.T, w *world) {
		ctx := context.Background()
		w.publish(heardFlow("chat.shortcut", `title: Make a ticket`))
		w.publish(strings.Replace(heardFlow("chat.shortcut", `place: "slack:T1/C0456"`), "heard", "only-ops", 1))
		if _, err := w.library.Save(ctx, []byte(strings.Replace(heardFlow("chat.shortcut", "title: A draft"), "heard", "drafted", 1)), -1, "ann"); err != nil {
			t.Fatal(err)
		}
		c := intake.NewChats(w.loop())
		names := func(at engine.Place, ref string) (out []string) {
			for _, s := range c.Shorts(at, ref) {
				out = append(out, s.Flow)
			}
			return out
		}
		if got := names(slackAt("#ops", ""), "C0456/1"); fmt.Sprint(got) != "[only-ops heard drafted]" {
			t.Error(got)
		}
		if got := names(slackAt("#other", ""), "C9/1"); fmt.Sprint(got) != "[heard drafted]" {
			t.Error(got)
		}
		s := intake.Said{ID: "d1", Place: slackAt("#other", ""), Ref: "C9/1", Text: "it is red", By: "p-bob", Name: "bob", Author: intake.Writer{Name: "ann"}}
		for i, x := range []struct {
			id   string
			want engine.Outcome
		}{{"d1", engine.Accepted}, {"d1", engine.Duplicate}, {"d2", engine.Accepted}} {
			s.ID = x.id
			if r, err := c.Short(ctx, w.trigger("heard"), s); err != nil || r.Outcome != x.want {
				t.Errorf("%d: %+v %v", i, r, err)
			}
		}
		e := w.events("heard", engine.Accepted)[0].Event.Data
		if member(e, "by.name") != "ann" || member(e, "who.name") != "bob" || e["text"] != "it is red" || e["ref"] != "C9/1" {
			t.Errorf("%+v", e)
		}
		if r, err := c.Short(ctx, w.trigger("drafted"), s); err != nil || r.Outcome != engine.Sampled {
			t.Errorf("a draft: %+v %v", r, err)
		}
		for _, trigger := range []string{w.trigger("only-ops"), "nothing"} {
			if _, err := c.Short(ctx, trigger, s); engine.CodeOf(err) != engine.NotFound {
				t.Errorf("%s: %v", trigger, err)
			}
		}
		w.full.Store(true)
		s.ID = "d3"
		if _, err := c.Short(ctx, w.trigger("heard"), s); engine.CodeOf(err) != engine.Unavailable {
			t.Error(err)
		}
		w.full.Store(false)
	})
}

// Settings as people write them fit, or say what is wrong; nothing of it fails.
func FuzzChatFit(f *testing.F) {
	f.Add("image/*", "*.log", "a.log", "text/plain")
	f.Add("*", "**a*b", "aab", "")
	f.Fuzz(func(t *testing.T, kind, names, name, mediaType string) {
		w := map[string]any{"type": kind, "name": names}
		_ = fits(w, name, mediaType)
		if names == "" && (kind == "" || kind == "*") && !fits(w, name, mediaType) {
			t.Errorf("%q does not fit anything", name)
		}
	})
}

func fits(with map[string]any, name, mediaType string) bool {
	return chat.FileFits(with, name, mediaType)
}

// What a shortcut is tried with is of the flow's own channel: what is said elsewhere, to the bot alone for one, is not
// shown to whoever builds flows.
func TestShortcutsAreTriedAtHome(t *testing.T) {
	w := memoryWorld(t)
	c := intake.NewChats(w.loop())
	home := slackAt("#ops", "")
	elsewhere := intake.Said{ID: "1", Place: slackAt("D0123", ""), Ref: "D0123/1", Text: "my password is", By: "p"}
	if err := c.Said(t.Context(), elsewhere); err != nil {
		t.Fatal(err)
	}
	for name, at := range map[string]engine.Place{"a channel": home, "no channel": {}} {
		if it, err := c.Last(t.Context(), chat.Shortcut, map[string]any{}, at); engine.CodeOf(err) != engine.NotFound {
			t.Errorf("a flow of %s is tried with %v (%v)", name, it.Data, err)
		}
	}
	if err := c.Said(t.Context(), intake.Said{ID: "2", Place: home, Ref: "C1/2", Text: "it is red", By: "p"}); err != nil {
		t.Fatal(err)
	}
	if err := c.Said(t.Context(), elsewhere); err != nil {
		t.Fatal(err)
	}
	it, err := c.Last(t.Context(), chat.Shortcut, map[string]any{}, home)
	if err != nil || it.Data["text"] != "it is red" {
		t.Errorf("%v (%v)", it.Data, err)
	}
}
