package intake_test

import (
	"context"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/bretelle/bretelle/connectors/intake"
	"github.com/bretelle/bretelle/engine"
)

func listener(name, of string) string {
	return fmt.Sprintf(`flow: %s
channel: "#ops"
trigger: {on: flow.failed, with: {flow: %q}}
steps:
  - id: note
    set: {run: "{{ event.run }}"}
`, name, of)
}

// failed are the failures that a flow was started with.
func failed(w *world, flow string) (out []string) {
	for _, e := range w.events(flow, engine.Accepted, engine.Queued) {
		out = append(out, fmt.Sprint(e.Event.Data["flow"], e.Event.Data["run"]))
	}
	return out
}

func TestFailures(t *testing.T) {
	worlds(t, func(t *testing.T, w *world) {
		ctx := context.Background()
		chains := map[string][]any{} // by run
		begin := func() *intake.Failures {
			return intake.NewFailures(w.loop(), w.store, func(_ context.Context, run string) (string, map[string]any, error) {
				if c, ok := chains[run]; ok {
					return "flow.failed", map[string]any{"chain": c}, nil
				}
				return "webhook.received", nil, nil
			})
		}
		n := 0
		fail := func(flow string, chain ...any) {
			t.Helper()
			n++
			run := fmt.Sprint("r", n)
			if chain != nil {
				chains[run] = chain
			}
			data, err := engine.EncodeJSON(engine.FailedData{Step: "ticket", Index: 2, Action: "http.request", Failure: &engine.Failure{Class: engine.Rejected,
				Code: engine.Refused, Msg: "{peer} answered {status}", Args: engine.Args("peer", "x", "status", 422), Status: 422, Said: "no"}})
			if err != nil {
				t.Fatal(err)
			}
			if err := w.store.Raise(ctx, engine.Notice{ID: engine.NewID(w.now) + strconv.Itoa(n), At: int64(n), Kind: engine.NoticeFailed, Topic: "fail:" + run,
				Flow: flow, Run: run, Number: int64(n), Data: data}); err != nil {
				t.Fatal(err)
			}
		}
		want := func(flow string, list ...string) {
			t.Helper()
			if got := failed(w, flow); !slices.Equal(got, list) {
				t.Fatalf("%s: %v, wanted %v", flow, got, list)
			}
		}
		fail("bugs") // before anybody listened
		w.publish(listener("all", "*"))
		w.publish(listener("one", "bugs"))
		f := begin()
		f.Pass(ctx)
		fail("bugs")
		fail("news")
		fail("all") // its own
		f.Pass(ctx)
		f.Pass(ctx)
		want("all", "bugs2", "news3")
		want("one", "bugs2")
		d := w.events("one", engine.Accepted)[0].Event.Data
		if d["message"] != "x answered 422" || d["code"] != "refused" || d["status"] != 422 || d["step"] != "ticket" || d["said"] != "no" || fmt.Sprint(d["chain"]) != "[bugs]" {
			t.Errorf("%+v", d)
		}
		// Flows that make one another fail come to an end.
		fail("one", "bugs", "all")
		fail("deep", "a", "b", "c", "d", "e")
		f.Pass(ctx)
		want("all", "bugs2", "news3")
		// A full disk, a restart and many at once.
		fail("bugs")
		w.full.Store(true)
		if again := f.Pass(ctx); again.IsZero() {
			t.Error("a full disk is not tried again")
		}
		w.full.Store(false)
		w.restart()
		f = begin()
		for range 230 {
			fail("bugs")
		}
		w.state("one", engine.FlowPaused)
		f.Pass(ctx)
		if got := failed(w, "one"); len(got) != 232 || got[1] != "bugs7" || got[231] != "bugs237" {
			t.Errorf("%d: %v", len(got), got[:3])
		}
		if len(w.events("one", engine.Queued)) != 230+1 {
			t.Errorf("%d queue", len(w.events("one", engine.Queued)))
		}
	})
}

const helpFlow = `flow: help
channel: "#help"
trigger:
  on: form.submitted
  with:
    title: Help wanted
    fields:
      - {name: what, title: What, required: true}
      - {name: urgent, type: check}
      - {name: many, type: number, default: 2}
steps:
  - id: note
    set: {x: "{{ event.fields.what }}"}
`

const oncallFlow = `flow: rota
channel: "#ops"
trigger:
  on: command.used
  with: {command: oncall, about: Who is on call, parameters: [{name: who, required: true}, {name: day, type: date}]}
steps:
  - id: note
    set: {x: "{{ event.parameters.who }}"}
`

func TestStarts(t *testing.T) {
	w := memoryWorld(t)
	ctx := context.Background()
	w.publish(helpFlow)
	w.publish(oncallFlow)
	s := intake.NewStarts(w.loop())
	forms, commands := s.Forms(), s.Commands()
	if len(forms) != 1 || forms[0].Title != "Help wanted" || len(forms[0].Fields.Fields) != 3 || len(commands) != 1 || commands[0].Command != "oncall" || commands[0].Usage != "WHO [DAY]" {
		t.Fatalf("%+v %+v", forms, commands)
	}
	in := intake.Started{Given: map[string]any{"what": " ", "urgent": "maybe"}, By: "p1", Name: "ann", Place: engine.Place{Surface: "console", Channel: "#help"}, Key: "console/1"}
	if _, wrong, err := s.Begin(ctx, forms[0], in); err != nil || wrong["what"] == nil || wrong["urgent"] == nil || len(w.events("help", engine.Accepted)) != 0 {
		t.Errorf("%v %v", wrong, err)
	}
	in.Given = map[string]any{"what": "disk", "urgent": "true", "many": ""}
	for i, outcome := range []engine.Outcome{engine.Accepted, engine.Duplicate} {
		r, wrong, err := s.Begin(ctx, forms[0], in)
		if err != nil || len(wrong) > 0 || r.Outcome != outcome || r.Number != 1 {
			t.Errorf("%d: %+v %v %v", i, r, wrong, err)
		}
	}
	e := w.events("help", engine.Accepted)[0].Event
	if got := fmt.Sprint(e.Data["fields"]); got != "map[many:2 urgent:true what:disk]" || e.Data["place"] != "#help" || fmt.Sprint(e.Data["by"]) != "map[id:p1 name:ann]" {
		t.Errorf("%s %+v", got, e.Data)
	}
	given, err := s.Arguments(commands[0], "bob day=2026-05-01")
	if err != nil {
		t.Fatal(err)
	}
	if r, wrong, err := s.Begin(ctx, commands[0], intake.Started{Given: given, By: "p1", Text: "bob day=2026-05-01"}); err != nil || len(wrong) > 0 || r.Outcome != engine.Accepted {
		t.Errorf("%+v %v %v", r, wrong, err)
	}
	if _, err := w.library.Save(ctx, []byte(strings.Replace(oncallFlow, "flow: rota", "flow: other", 1)), -1, "ann"); engine.CodeOf(err) != engine.Conflict {
		if _, _, err = w.library.Publish(ctx, "other", "ann"); engine.CodeOf(err) != engine.Conflict {
			t.Errorf("two flows have one command: %v", err)
		}
	}
	if got := fmt.Sprint(w.events("rota", engine.Accepted)[0].Event.Data["parameters"]); got != "map[day:2026-05-01 who:bob]" {
		t.Error(got)
	}
}

func heardFlow(kind, with string) string {
	return `flow: heard
channel: "#ops"
trigger: {on: ` + kind + `, with: {` + with + `}}
steps: [{id: note, set: {x: "1"}}]
`
}

func TestChats(t *testing.T) {
	at := func(channel string) engine.Place {
		return engine.Place{Surface: "slack", Workspace: "T1", Channel: channel}
	}
	member := func(_ context.Context, group string) (bool, error) { return group == "@triage", nil }
	stranger := func(context.Context, string) (bool, error) { return false, nil }
	for name, x := range map[string]struct {
		kind, with string
		said       []intake.Said
		want       string // refs that started a run
	}{
		"text": {"chat.message", `place: "slack:T1/#ops", pattern: Deploy It`, []intake.Said{
			{Place: at("#ops"), Ref: "1", Text: "please deploy it now", By: "p"}, {Place: at("#ops"), Ref: "2", Text: "deploy", By: "p"},
			{Place: at("#other"), Ref: "3", Text: "deploy it", By: "p"}, {Place: at("#ops"), Ref: "4", Text: "deploy it"},
			{Place: at("#ops"), Ref: "1", Text: "please deploy it now", By: "p"}}, "1"},
		"anyone": {"chat.message", `place: "slack:T1/#ops", from: anyone`, []intake.Said{{Place: at("#ops"), Ref: "1", Text: "x"}}, "1"},
		"home":   {"chat.message", `pattern: x`, []intake.Said{{Place: engine.Place{Surface: "console", Channel: "#ops"}, Ref: "1", Text: "x", By: "p"}, {Place: at("#ops"), Ref: "2", Text: "x", By: "p"}}, "1"},
		"mention": {"chat.message", `place: "slack:T1/#ops", mention: true`, []intake.Said{
			{Place: at("#ops"), Ref: "1", Text: "x", By: "p"}, {Place: at("#ops"), Ref: "2", Text: "x", By: "p", Mention: true}}, "2"},
		"expression": {"chat.message", `place: "slack:T1/#ops", pattern: '/^deploy (\w+) to (\w+)$/i'`, []intake.Said{
			{Place: at("#ops"), Ref: "1", Text: "DEPLOY web to prod", By: "p"}, {Place: at("#ops"), Ref: "2", Text: "do deploy web to prod", By: "p"}}, "1"},
		"reaction": {"chat.reaction", `place: "slack:T1/#ops", emoji: ":ticket:", from: "@triage"`, []intake.Said{
			{Place: at("#ops"), Ref: "1", Emoji: "ticket::skin-tone-2", By: "p", Member: member}, {Place: at("#ops"), Ref: "1", Emoji: "ticket", By: "q", Member: member},
			{Place: at("#ops"), Ref: "5", Emoji: "ticket", By: "r", Member: stranger}, {Place: at("#ops"), Ref: "2", Emoji: "eyes", By: "p", Member: member}, {Place: at("#ops"), Ref: "3", Emoji: "ticket", By: "p"}, {Place: at("#ops"), Ref: "4", Emoji: "ticket", Member: member}}, "1"},
		"each person": {"chat.reaction", `place: "slack:T1/#ops", once: person`, []intake.Said{
			{Place: at("#ops"), Ref: "1", Emoji: "a", By: "p"}, {Place: at("#ops"), Ref: "1", Emoji: "a", By: "q"}, {Place: at("#ops"), Ref: "1", Emoji: "a", By: "q"}}, "1 1"},
	} {
		t.Run(name, func(t *testing.T) {
			w := memoryWorld(t)
			w.publish(heardFlow(x.kind, x.with))
			c := intake.NewChats(w.loop())
			for _, s := range x.said {
				hear := c.Said
				if s.Emoji != "" {
					hear = c.Reacted
				}
				if err := hear(context.Background(), s); err != nil {
					t.Fatal(err)
				}
			}
			var refs []string
			for _, e := range w.events("heard", engine.Accepted) {
				refs = append(refs, fmt.Sprint(e.Event.Data["ref"]))
			}
			if got := strings.Join(refs, " "); got != x.want {
				t.Errorf("%q, wanted %q", got, x.want)
			}
			w.full.Store(true)
			s := x.said[0]
			s.Ref = "new"
			s.Text, s.Mention = x.said[len(x.said)-1].Text, true
			s.Text = x.said[0].Text
			hear := c.Said
			if s.Emoji != "" {
				hear = c.Reacted
			}
			if err := hear(context.Background(), s); engine.CodeOf(err) != engine.Unavailable {
				t.Errorf("a full disk: %v", err)
			}
		})
	}
}

// Every trigger gives a sample on request, or says what to do instead; nothing starts.
func TestSamples(t *testing.T) {
	ctx := context.Background()
	srv := newServer(t)
	for text, want := range map[string]string{
		ticking(`at: "every day at 9:30"`):                         "scheduled",
		feedFlow(srv.URL, ""):                                      "title",
		helpFlow:                                                   "fields",
		oncallFlow:                                                 "parameters",
		listener("all", "*"):                                       "message",
		heardFlow("chat.message", "pattern: x"):                    "text",
		heardFlow("chat.reaction", "emoji: x"):                     "author",
		heardFlow("chat.shortcut", "title: x"):                     "who",
		heardFlow("chat.file", "type: image/*"):                    "Share one",
		heardFlow("chat.joined", ""):                               "workspace",
		heardFlow("webhook.received", "path: a, sender: unsigned"): "Have it happen once",
	} {
		w := memoryWorld(t)
		srv.change(func() { srv.entries = []entry{{"b", "B", w.now}, {"a", "A", w.now.Add(-1e12)}} })
		p, c := w.poller(t), intake.NewChats(w.loop())
		s := &intake.Samples{Drafts: w.library, Intake: w.runtime, Poller: p, Chats: c}
		if err := c.Said(ctx, intake.Said{Place: engine.Place{Surface: "console", Channel: "#ops"}, Ref: "1", Text: "x", By: "p"}); err != nil {
			t.Fatal(err)
		}
		for _, live := range []bool{false, true} {
			if _, err := w.library.Save(ctx, []byte(text), -1, "ann"); err != nil {
				t.Fatal(err)
			}
			f, _ := w.library.Check([]byte(text))
			if live {
				w.publish(text)
			}
			before := len(w.events(f.Name, engine.Sampled))
			err := s.Sample(ctx, f.Name)
			if err != nil {
				if !strings.Contains(err.Error(), want) {
					t.Errorf("%s: %v", f.Trigger.On, err)
				}
				continue
			}
			got := w.events(f.Name, engine.Sampled)
			if len(got) != before+1 || got[before].Event.Data[want] == nil || len(w.events(f.Name, engine.Accepted, engine.Queued)) != 0 {
				t.Errorf("%s, live %v: %+v", f.Trigger.On, live, got)
				continue
			}
			if f.Trigger.On == "feed.item" && got[before].Event.Data["title"] != "B" {
				t.Errorf("%+v", got[before].Event.Data)
			}
		}
		if err := s.Sample(ctx, "nothing"); engine.CodeOf(err) != engine.NotFound {
			t.Error(err)
		}
	}
}
