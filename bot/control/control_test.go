package control

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/bretelle/bretelle/bot"
	"github.com/bretelle/bretelle/engine"
	"github.com/bretelle/bretelle/engine/flows"
	"github.com/bretelle/bretelle/prompts"
	"github.com/bretelle/bretelle/storage/memory"
)

// fakeTalk is a console with a bot that answers what the test says.
type fakeTalk struct {
	store *memory.Store
	mu    sync.Mutex
	ears  []chan struct{}
	do    func(in bot.In) (bot.Reply, error)
}

func (f *fakeTalk) Do(_ context.Context, in bot.In) (bot.Reply, string, error) {
	r, err := f.do(in)
	return r, "", err
}

func (f *fakeTalk) Changes() (<-chan struct{}, func()) {
	f.mu.Lock()
	defer f.mu.Unlock()
	ear := make(chan struct{}, 1)
	f.ears = append(f.ears, ear)
	return ear, func() {}
}

// card writes a card into the channel, as delivery does.
func (f *fakeTalk) card(id string, c prompts.Card) {
	b, err := json.Marshal(c)
	if err == nil {
		_, err = f.store.PutMessage(context.Background(), bot.Message{ID: id, Place: general, Card: b, Text: c.Text})
	}
	if err != nil {
		panic(err)
	}
	f.mu.Lock()
	defer f.mu.Unlock()
	for _, ear := range f.ears {
		select {
		case ear <- struct{}{}:
		default:
		}
	}
}

var general = engine.Place{Surface: engine.ConsoleSurface, Channel: "#general"}

// fakeFlows fails as a library does.
type fakeFlows struct{ Flows }

func (fakeFlows) Apply(context.Context, []byte, string, bool) (flows.Applied, error) {
	return flows.Applied{Problems: engine.Problems{{Severity: engine.SevError, Pos: engine.Pos{Line: 3, Col: 1}, Msg: `unknown key "{key}"`, Args: engine.Args("key", "chanel"), Hint: "Did you mean channel?"}}},
		engine.E(engine.Invalid, "{flow} cannot be published", "flow", "x")
}

func (fakeFlows) Head(_ context.Context, name string) (engine.FlowHead, error) {
	if name != "bugs" {
		return engine.FlowHead{}, engine.E(engine.NotFound, "no flow is called {name}", "name", name)
	}
	return engine.FlowHead{Name: name, Place: general, Live: 1}, nil
}

func (fakeFlows) Source(_ context.Context, name, _ string) ([]byte, error) {
	return []byte("flow: " + name + "\ntrigger: {on: manual}\nsteps: [{set: {x: 1}}]\nchannel: \"#general\"\n"), nil
}

func (fakeFlows) Publish(_ context.Context, name, by string) (engine.FlowHead, engine.Problems, error) {
	return engine.FlowHead{Name: name, Owner: by}, nil, nil
}

func (fakeFlows) SetState(_ context.Context, name string, s engine.FlowState, by string) (engine.FlowHead, error) {
	return engine.FlowHead{Name: name, State: s, Owner: by}, nil
}

func (fakeFlows) ManualTrigger(context.Context, string) (string, error) { return "t", nil }

// fakeRuns has one run, #7.
type fakeRuns struct{ bot.Runs }

func (fakeRuns) Accept(context.Context, engine.Batch) ([]engine.Receipt, error) {
	return []engine.Receipt{{Outcome: engine.Accepted, Number: 7}}, nil
}

func (fakeRuns) RunID(context.Context, int64) (string, error) { return "r7", nil }

func (fakeRuns) Run(context.Context, string) (engine.RunView, error) {
	return engine.RunView{RunHead: engine.RunHead{ID: "r7", Number: 7, Flow: "bugs"}, Place: general,
		Steps: []engine.StepView{{Path: "a", State: engine.StepStateFailed}}}, nil
}

func (fakeRuns) Signal(context.Context, engine.Signal) (engine.Answer, error) {
	return engine.Answer{Verdict: engine.Counted}, nil
}

func (fakeFlows) List(context.Context) ([]engine.FlowHead, error) {
	return nil, engine.AsError(errors.New("a cause that nobody may see"))
}

func start(t *testing.T, dir string, change ...func(*Options)) (*Client, *fakeTalk, *memory.Store) {
	t.Helper()
	store := memory.New()
	talk := &fakeTalk{store: store}
	for _, err := range []error{store.SetChannel(t.Context(), bot.Channel{Place: general}),
		store.AddPerson(t.Context(), engine.Person{ID: "p1", Name: "Ann", Role: engine.Admin}),
		store.AddPerson(t.Context(), engine.Person{ID: "p2", Name: "Guest"})} {
		if err != nil {
			t.Fatal(err)
		}
	}
	rights, err := bot.New(bot.Options{People: store, Outbox: store, Audit: store, Runs: fakeRuns{}, Flows: struct{ bot.Flows }{}})
	if err != nil {
		t.Fatal(err)
	}
	o := Options{Flows: fakeFlows{}, Runs: fakeRuns{}, Admin: rights, People: store, Messages: store, Outbox: store, Audit: store, Talk: talk,
		Reference: func(error) string { return "4F2A" }, Log: slog.New(slog.NewTextHandler(io.Discard, nil))}
	for _, f := range change {
		f(&o)
	}
	ctx, cancel := context.WithCancel(t.Context())
	ready, done := make(chan struct{}), make(chan error, 1)
	go func() { done <- Serve(ctx, o, dir, func() { close(ready) }) }()
	select {
	case <-ready:
	case err := <-done:
		t.Fatal(err)
	}
	t.Cleanup(func() {
		cancel()
		if err := <-done; err != nil {
			t.Error(err)
		}
		if _, err := os.Stat(socketOf(dir)); !errors.Is(err, os.ErrNotExist) {
			t.Errorf("the socket is left behind: %v", err)
		}
	})
	return NewClient(dir), talk, store
}

func TestSocketIsPrivate(t *testing.T) {
	for _, dir := range []string{t.TempDir(), filepath.Join(t.TempDir(), strings.Repeat("long", 30))} {
		if err := os.MkdirAll(dir, 0o755); err != nil {
			t.Fatal(err)
		}
		c, _, _ := start(t, dir)
		info, err := os.Stat(socketOf(dir))
		if err != nil || info.Mode().Perm() != 0o600 {
			t.Errorf("%s: %v %v", socketOf(dir), info, err)
		}
		if err := c.Do(t.Context(), "person.list", nothing{}, nil); err != nil {
			t.Error(err)
		}
	}
	if err := NewClient(t.TempDir()).Do(t.Context(), "person.list", nothing{}, nil); engine.CodeOf(err) != engine.Unavailable || !strings.Contains(err.Error(), "no bretelle is running") {
		t.Errorf("without a bot: %v", err)
	}
}

func TestErrorsTravel(t *testing.T) {
	c, _, _ := start(t, t.TempDir())
	var f *FlowError
	err := c.Do(t.Context(), "flow.apply", ApplyIn{Source: "x"}, nil)
	if !errors.As(err, &f) || len(f.Problems) != 1 || f.Problems[0].Line != 3 || engine.CodeOf(err) != engine.Invalid {
		t.Errorf("a flow's problems: %#v", err)
	}
	err = c.Do(t.Context(), "flow.list", nothing{}, nil)
	if engine.CodeOf(err) != engine.Internal || !strings.Contains(err.Error(), "doctor 4F2A") || strings.Contains(err.Error(), "cause") {
		t.Errorf("an internal error: %v", err)
	}
	if err = c.Do(t.Context(), "no.such", nothing{}, nil); engine.CodeOf(err) != engine.Unreadable {
		t.Errorf("an unknown operation: %v", err)
	}
}

func ask(key, title string) prompts.Card {
	return prompts.Card{Key: key, Title: prompts.Line{{Text: title}}, Text: title, State: engine.CardOpen,
		Buttons: []prompts.Button{{ID: "approve", Label: "Approve", Token: "secret-token-" + key}},
		Menus:   []prompts.Menu{{ID: "mute", Token: "menu-" + key, Options: []prompts.Option{{Value: "1h", Label: "an hour"}}}}}
}

func TestPressFindsItsCard(t *testing.T) {
	c, talk, _ := start(t, t.TempDir())
	talk.do = func(in bot.In) (bot.Reply, error) {
		if in.Kind == bot.InChoose {
			return bot.Private{Card: prompts.Card{Text: "chose " + in.Value + " of " + in.Token}}, nil
		}
		key := strings.TrimPrefix(in.Token, "secret-token-")
		done := ask(key, "decided "+key)
		done.State, done.Buttons = engine.CardDecided, nil
		talk.card("m"+key, done)
		return bot.Nothing{}, nil
	}
	var out ChatOut
	press := func(in ChatIn) error {
		in.As, in.In, out = "ann", "#general", ChatOut{}
		return c.Do(t.Context(), "chat", in, &out)
	}
	talk.card("ma", ask("a", "first"))
	if err := press(ChatIn{Press: "approve"}); err != nil || out.Card == nil || out.Card.State != engine.CardDecided {
		t.Errorf("the only card: %+v %v", out.Card, err)
	}
	talk.card("mb", ask("b", "second"))
	talk.card("mc", ask("c", "third"))
	err := press(ChatIn{Press: "approve"})
	if engine.CodeOf(err) != engine.Conflict || !strings.Contains(err.Error(), "second") || !strings.Contains(err.Error(), "third") {
		t.Errorf("two cards: %v", err)
	}
	if err = press(ChatIn{Press: "fly", Card: "mb"}); engine.CodeOf(err) != engine.Invalid || !strings.Contains(err.Error(), "approve, mute") {
		t.Errorf("a button it has not: %v", err)
	}
	if err := press(ChatIn{Choose: map[string]string{"mute": "an hour"}, Card: "mb"}); err != nil || out.Card.Text != "chose 1h of menu-b" {
		t.Errorf("a menu: %+v %v", out.Card, err)
	}
	if err := press(ChatIn{Press: "approve", Card: "mb"}); err != nil || out.Card.Title != "decided b" {
		t.Errorf("the named card: %+v %v", out.Card, err)
	}
	var cards []json.RawMessage
	if err := c.Do(t.Context(), "chat.cards", ChatIn{As: "ann", In: "#general"}, &cards); err != nil || len(cards) != 3 || strings.Contains(fmt.Sprintf("%s", cards), "token") {
		t.Errorf("%d cards, %v", len(cards), err)
	}
	if err := c.Do(t.Context(), "chat.cards", ChatIn{As: "guest", In: "#general"}, &cards); engine.CodeOf(err) != engine.Denied {
		t.Errorf("somebody without a role: %v", err)
	}
}

// A dialog stays open between calls, keeps what was typed, and closes when it is taken.
func TestDialogsSpanCalls(t *testing.T) {
	c, talk, _ := start(t, t.TempDir())
	form := prompts.Form{Token: "f", Title: "Edit", Fields: []prompts.Field{{Name: "body", Value: "old"},
		{Name: "size", Kind: prompts.FieldOne, Value: "s", Options: []prompts.Option{{Value: "s", Label: "Small"}, {Value: "l", Label: "Large"}}}}}
	var got map[string]string
	talk.do = func(in bot.In) (bot.Reply, error) {
		got = in.Fields
		switch {
		case in.Kind == bot.InCommand:
			return bot.Dialog{Form: form}, nil
		case in.Fields["body"] == "boom":
			return nil, engine.E(engine.Unavailable, "not stored")
		case in.Fields["body"] == "bad":
			f := form
			f.Fields = []prompts.Field{{Name: "body", Value: "bad", Error: "not that"}, form.Fields[1]}
			f.Fields[1].Value = in.Fields["size"]
			return bot.FieldErrors{Form: f, Errors: map[string]string{"body": "not that"}}, nil
		}
		return bot.Nothing{}, nil
	}
	chat := func(in ChatIn) (out ChatOut, err error) {
		in.As, in.In = "ann", "#general"
		err = c.Do(t.Context(), "chat", in, &out)
		return out, err
	}
	if _, err := chat(ChatIn{Submit: map[string]string{"body": "x"}}); engine.CodeOf(err) != engine.NotFound {
		t.Errorf("no form is open: %v", err)
	}
	if out, err := chat(ChatIn{Text: "/flow edit"}); err != nil || out.Form == nil || len(out.Form.Fields) != 2 {
		t.Fatalf("%+v %v", out, err)
	}
	if _, err := chat(ChatIn{Submit: map[string]string{"size": "huge"}}); engine.CodeOf(err) != engine.Invalid || !strings.Contains(err.Error(), "s, l") {
		t.Errorf("a choice there is not: %v", err)
	}
	if out, err := chat(ChatIn{Submit: map[string]string{"body": "bad", "size": "Large"}}); err != nil || !out.Wrong || out.Form.Fields[0].Error != "not that" {
		t.Errorf("%+v %v", out.Form, err)
	}
	if _, err := chat(ChatIn{Submit: map[string]string{"body": "boom"}}); engine.CodeOf(err) != engine.Unavailable {
		t.Errorf("%v", err)
	}
	if out, err := chat(ChatIn{Submit: map[string]string{"body": "good"}}); err != nil || out.Form != nil || got["size"] != "l" {
		t.Errorf("%+v %v, submitted %v", out, err, got)
	}
	if _, err := chat(ChatIn{Submit: map[string]string{"body": "again"}}); engine.CodeOf(err) != engine.NotFound {
		t.Errorf("the form is still open: %v", err)
	}
}

func TestWatchStreams(t *testing.T) {
	c, talk, store := start(t, t.TempDir())
	ctx, cancel := context.WithTimeout(t.Context(), 10*time.Second)
	defer cancel()
	if _, err := store.PutMessage(ctx, bot.Message{ID: "hidden", Place: general, For: "p2", Text: "for somebody else"}); err != nil {
		t.Fatal(err)
	}
	talk.card("one", ask("a", "first"))
	enough := errors.New("enough")
	var heard []string
	err := c.Watch(ctx, WatchIn{As: "ann", In: "#general"}, func(h Heard) error {
		heard = append(heard, h.Text)
		if len(heard) == 2 {
			return enough
		}
		talk.card("two", ask("b", "second"))
		return nil
	})
	if !errors.Is(err, enough) || !strings.HasPrefix(heard[0], "first") || !strings.HasPrefix(heard[1], "second") {
		t.Errorf("%q %v", heard, err)
	}
}

// Speaking as a person is having that person's rights, and no more; the operator may everything (RELIABILITY, A-18).
func TestAsSomebodyIsWithTheirRights(t *testing.T) {
	c, _, store := start(t, t.TempDir())
	for _, p := range []engine.Person{{ID: "p3", Name: "Vic", Role: engine.Viewer}, {ID: "p4", Name: "Bea"}} {
		if err := store.AddPerson(t.Context(), p); err != nil {
			t.Fatal(err)
		}
	}
	if err := store.SetChannel(t.Context(), bot.Channel{Place: general, Roles: map[string]engine.Role{"p4": engine.Builder}}); err != nil {
		t.Fatal(err)
	}
	elsewhere := "flow: new\nchannel: \"#secret\"\ntrigger: {on: manual}\nsteps: []\n"
	stolen := "flow: bugs\nchannel: \"#secret\"\ntrigger: {on: manual}\nsteps: []\n"
	here := "flow: bugs\nchannel: \"#general\"\ntrigger: {on: manual}\nsteps: []\n"
	for _, x := range []struct {
		op string
		in func(as string) any
		ok string // who may; the fake library refuses every text, as Invalid
	}{
		{"flow.apply", func(as string) any { return ApplyIn{Source: here, As: as} }, "operator ann bea"},
		{"flow.apply", func(as string) any { return ApplyIn{Source: stolen, As: as} }, "operator ann"},
		{"flow.apply", func(as string) any { return ApplyIn{Source: elsewhere, As: as} }, "operator ann"},
		{"flow.publish", func(as string) any { return NamedIn{Name: "bugs", As: as} }, "operator ann bea"},
		{"flow.pause", func(as string) any { return NamedIn{Name: "bugs", As: as} }, "operator ann bea"},
		{"flow.resume", func(as string) any { return NamedIn{Name: "bugs", As: as} }, "operator ann bea"},
		{"flow.run", func(as string) any { return StartIn{Name: "bugs", As: as} }, "operator ann bea"},
		{"run.retry", func(as string) any { return RunIn{Number: 7, As: as} }, "operator ann bea"},
		{"run.cancel", func(as string) any { return RunIn{Number: 7, As: as} }, "operator ann bea"},
	} {
		for _, who := range []string{"operator", "ann", "bea", "vic", "guest"} {
			as := strings.TrimPrefix(who, "operator")
			err := c.Do(t.Context(), x.op, x.in(as), nil)
			denied := engine.CodeOf(err) == engine.Denied
			if may := strings.Contains(x.ok, who); may == denied || err != nil && !denied && x.op != "flow.apply" {
				t.Errorf("%s %v by %s: %v", x.op, x.in(as), who, err)
			}
		}
		if err := c.Do(t.Context(), x.op, x.in("zebulon"), nil); engine.CodeOf(err) != engine.NotFound {
			t.Errorf("%s by nobody: %v", x.op, err)
		}
	}
}
