package bot_test

import (
	"context"
	"fmt"
	"log/slog"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/bretelle/bretelle/bot"
	"github.com/bretelle/bretelle/engine"
	"github.com/bretelle/bretelle/prompts"
)

// able is a surface that can do everything, and keeps what it did.
type able struct {
	*surface
	mu    sync.Mutex
	did   []string
	keys  map[string]bot.Ref // of what it made
	gone  bool
	after func() // once a message was made
}

func (a *able) note(format string, args ...any) {
	a.mu.Lock()
	defer a.mu.Unlock()
	a.did = append(a.did, fmt.Sprintf(format, args...))
}

// made is the message of a key, which is made at most once.
func (a *able) made(key, what string) bot.Ref {
	a.mu.Lock()
	defer a.mu.Unlock()
	if ref, ok := a.keys[key]; ok {
		return ref
	}
	if a.keys == nil {
		a.keys = map[string]bot.Ref{}
	}
	a.keys[key] = bot.Ref(fmt.Sprint("C1/made-", len(a.keys)+1))
	a.did = append(a.did, what)
	return a.keys[key]
}

func (a *able) Delete(_ context.Context, _ engine.Place, m bot.Ref) error {
	a.note("delete %s", m)
	if a.gone {
		return engine.E(engine.NotFound, "this message is gone")
	}
	return nil
}

func (a *able) Upload(_ context.Context, p engine.Place, key, text string, files ...bot.File) (bot.Ref, error) {
	ref := a.made(key, fmt.Sprintf("file %s %s %q %s", files[0].Name, files[0].Data, text, p.Thread))
	if a.after != nil {
		a.after()
	}
	return ref, nil
}

func (a *able) OpenThread(_ context.Context, p engine.Place, m bot.Ref, key, title string) (engine.Place, bot.Ref, error) {
	ref := a.made(key, fmt.Sprintf("thread %q %s", title, m))
	p.Thread = strings.TrimPrefix(string(ref), "C1/")
	if a.after != nil {
		a.after()
	}
	return p, ref, nil
}

func (a *able) Thread(_ context.Context, p engine.Place, m bot.Ref) (engine.Place, error) {
	_, p.Thread, _ = strings.Cut(string(m), "/")
	return p, nil
}

func (a *able) React(_ context.Context, _ engine.Place, m bot.Ref, emoji string) error {
	a.note("react %s %s", m, emoji)
	return nil
}

func (a *able) SetTopic(_ context.Context, _ engine.Place, topic string) error {
	a.note("topic %s", topic)
	return nil
}

func (a *able) Lookup(_ context.Context, workspace, who string) (bot.Member, error) {
	if who != "ann@example.org" {
		return bot.Member{}, engine.E(engine.NotFound, "nobody is called {name}", "name", who)
	}
	return bot.Member{Actor: bot.Actor{Surface: "slack", Workspace: workspace, User: "U-ann", Name: "Ann"}, Email: who}, nil
}

func (a *able) Members(_ context.Context, p engine.Place, most int) ([]bot.Member, bool, error) {
	return []bot.Member{{Actor: bot.Actor{Surface: "slack", Workspace: p.Workspace, User: "U-bob"}},
		{Actor: bot.Actor{Surface: "slack", Workspace: p.Workspace, User: "U-bob", Guest: true}}}[:min(2, most)], most < 2, nil
}

// ableWorld is a world whose Slack can do everything; its console can do nothing.
func ableWorld(t *testing.T) (*world, *able) {
	w := newWorld(t)
	a := &able{surface: w.chat}
	b, err := bot.New(bot.Options{People: w.store, Outbox: w.store, Inbox: w.store, Audit: w.audit, Runs: w.runs, Flows: w.flows,
		Surfaces: []bot.Surface{a, w.cons}, Now: func() time.Time { return w.now }, Log: slog.New(slog.DiscardHandler)})
	if err != nil {
		t.Fatal(err)
	}
	w.bot = b
	return w, a
}

// A flow changes and takes back what flows posted, and nothing else: a card that people decide by stays as it is.
func TestOnlyFlowsMessagesChange(t *testing.T) {
	w, a := ableWorld(t)
	ref, err := w.bot.Say(w.ctx, triage, "", "r/post", bot.Words{Text: "one"})
	w.must(nil, err)
	w.ask()
	var card bot.Ref
	for _, m := range w.chat.messages {
		if strings.HasPrefix(m.card.Key, "run:") || len(m.card.Buttons) > 0 {
			card = m.ref
		}
	}
	if card == "" {
		t.Fatal("there is no card that asks")
	}
	raw := triage
	raw.Channel = "C0456" // the same channel, named by its id
	for _, at := range []engine.Place{triage, raw} {
		w.must(nil, w.bot.Edit(w.ctx, at, bot.Ref(ref), bot.Words{Text: "two " + at.Channel}))
		w.must(nil, w.bot.Edit(w.ctx, at, bot.Ref(ref), bot.Words{Text: "two " + at.Channel}))
	}
	if got := w.chat.messages[0].card; got.Text != "two C0456" || got.Key != "say:r/post" {
		t.Errorf("%+v", got)
	}
	for _, m := range []bot.Ref{card, "C1/somebody's", ""} {
		if err := w.bot.Edit(w.ctx, triage, m, bot.Words{Text: "x"}); engine.CodeOf(err) != engine.Denied {
			t.Errorf("edit %s: %v", m, err)
		}
		if err := w.bot.Delete(w.ctx, triage, m); engine.CodeOf(err) != engine.Denied {
			t.Errorf("delete %s: %v", m, err)
		}
	}
	w.must(nil, w.bot.Delete(w.ctx, triage, bot.Ref(ref)))
	a.gone = true
	w.must(nil, w.bot.Delete(w.ctx, triage, bot.Ref(ref)))
	if got := strings.Join(a.did, "; "); got != "delete "+ref+"; delete "+ref {
		t.Error(got)
	}
}

// What a surface cannot do is said, with what to do instead; nothing happens.
func TestSurfacesThatCannot(t *testing.T) {
	w, _ := ableWorld(t)
	for what, do := range map[string]func() error{
		"delete":  func() error { return w.bot.Delete(w.ctx, general, "m") },
		"thread":  func() error { _, _, err := w.bot.OpenThread(w.ctx, general, "", "k", "t"); return err },
		"topic":   func() error { return w.bot.SetTopic(w.ctx, general, "t") },
		"file":    func() error { _, err := w.bot.Upload(w.ctx, general, "", "k", "", bot.File{}); return err },
		"members": func() error { _, _, err := w.bot.Members(w.ctx, general, 1); return err },
		"lookup":  func() error { _, err := w.bot.Lookup(w.ctx, general, "ann"); return err },
		"answer":  func() error { _, err := w.bot.Answer(w.ctx, general, "m", "k", bot.Words{Text: "x"}); return err },
	} {
		e := engine.AsError(do())
		if e == nil || e.Code != engine.Invalid || e.Hint == "" {
			t.Errorf("%s: %v", what, e)
		}
		gone := engine.Place{Surface: "discord", Workspace: "G", Channel: "#x"}
		if err := w.bot.SetTopic(w.ctx, gone, "t"); engine.CodeOf(err) != engine.NotFound {
			t.Errorf("a surface that is not connected: %v", err)
		}
	}
}

// A crash after the platform made a message and before that was stored makes no second one: the same key comes again.
func TestMessagesAreMadeOnce(t *testing.T) {
	w, a := ableWorld(t)
	crash := fmt.Errorf("the process died")
	w.store.Fail = nil
	a.after = func() { w.store.Fail = func(string) error { return crash } }
	tries := func(do func() (bot.Ref, error)) {
		t.Helper()
		if ref, err := do(); err == nil {
			t.Fatalf("%s was stored on a full disk", ref)
		}
		w.store.Fail, a.after = nil, nil
		first, err := do()
		w.must(nil, err)
		again, err := do()
		w.must(nil, err)
		if first != again || first == "" {
			t.Errorf("%q and %q", first, again)
		}
		a.after = func() { w.store.Fail = func(string) error { return crash } }
	}
	tries(func() (bot.Ref, error) {
		return w.bot.Upload(w.ctx, triage, "t1", "r/up", "It failed.", bot.File{Name: "a.log", Data: []byte("red")})
	})
	var at engine.Place
	tries(func() (ref bot.Ref, err error) {
		at, ref, err = w.bot.OpenThread(w.ctx, triage, "", "r/open", "Incident")
		return ref, err
	})
	a.after = nil
	if at.Thread != "made-2" || at.Channel != "#triage" {
		t.Errorf("the thread is %+v", at)
	}
	w.chat.fail = func(engine.Place) error { w.store.Fail = func(string) error { return crash }; return nil }
	if _, err := w.bot.Say(w.ctx, at, at.Thread, "r/say", bot.Words{Text: "in it"}); err == nil {
		t.Fatal("it was stored on a full disk")
	}
	w.store.Fail, w.chat.fail = nil, nil
	said, err := w.bot.Say(w.ctx, at, at.Thread, "r/say", bot.Words{Text: "in it"})
	w.must(nil, err)
	if got := strings.Join(a.did, "; "); got != `file a.log red "It failed." t1; thread "Incident" ` || w.chat.count("say:") != 1 {
		t.Errorf("%s; %d messages", got, w.chat.count("say:"))
	}
	// An answer in the thread may be to either message.
	refs, err := w.bot.SaidIn(w.ctx, engine.Place{Surface: "slack", Workspace: "T1", Channel: "C0456", Thread: "C1/made-2"})
	if err != nil || fmt.Sprint(refs) != "["+said+" C1/made-2]" {
		t.Errorf("%v %v", refs, err)
	}
	w.must(nil, w.bot.Edit(w.ctx, triage, bot.Ref(said), bot.Words{Text: "changed"}))
}

// Nobody is notified by what a text says, only by being named; and only who is known where it stands.
func TestMentionsAreTyped(t *testing.T) {
	w, _ := ableWorld(t)
	_, err := w.bot.Say(w.ctx, triage, "", "k1", bot.Words{Text: "@everyone <!here> @ann"})
	w.must(nil, err)
	_, err = w.bot.Say(w.ctx, triage, "", "k2", bot.Words{Text: "look", Mention: []string{"@ann", "@triage", "@bob"}})
	w.must(nil, err)
	pings := func(c prompts.Card) (ids []string) {
		for _, b := range c.Blocks {
			for _, s := range b.(prompts.Para).Line {
				if s.Kind == prompts.Mention && s.Ping {
					ids = append(ids, s.ID)
				}
			}
		}
		return ids
	}
	if got := pings(w.card(w.chat, "say:k1")); got != nil {
		t.Errorf("a text notifies %v", got)
	}
	c := w.card(w.chat, "say:k2")
	if got := strings.Join(pings(c), " "); got != "U-ann U-bob U-kim" || c.Text != "@ann @bob @kim look" {
		t.Errorf("%s: %q", got, c.Text)
	}
	for _, name := range []string{"@nobody", "@channel", "slack:T1/@triage", "@approvers", "everyone"} {
		if _, err := w.bot.Say(w.ctx, triage, "", "k-"+name, bot.Words{Text: "x", Mention: []string{name}}); engine.CodeOf(err) != engine.Invalid {
			t.Errorf("%s: %v", name, err)
		}
	}
	if w.chat.count("say:k-") != 0 {
		t.Error("it was posted all the same")
	}
}

func TestPeopleAreFound(t *testing.T) {
	w, _ := ableWorld(t)
	m, err := w.bot.Lookup(w.ctx, triage, "ann@example.org")
	if err != nil || m.Person != w.ids["ann"] || m.Address() != "slack:T1/@U-ann" {
		t.Errorf("%+v %v", m, err)
	}
	if _, err := w.bot.Lookup(w.ctx, triage, "x"); engine.CodeOf(err) != engine.NotFound {
		t.Error(err)
	}
	list, more, err := w.bot.Members(w.ctx, triage, 5)
	if err != nil || more || len(list) != 2 || list[0].Person != w.ids["bob"] || list[1].Person != "" {
		t.Errorf("%+v %v %v", list, more, err)
	}
}

// What the bot itself posted starts nothing, even where the platform does not say that an app wrote it.
func TestOwnMessagesAreNotHeard(t *testing.T) {
	w, _, l, _ := startersWorld(t)
	ref, err := w.bot.Say(w.ctx, triage, "", "r/post", bot.Words{Text: "deploy"})
	w.must(nil, err)
	for user, want := range map[string]int{"own": 0, "stranger": 1} {
		in := w.in(bot.InMessage, user)
		in.Text, in.Message = "deploy", bot.Ref(ref)
		if want > 0 {
			in.Message = "slack-99"
		}
		l.heard = nil
		if _, err := w.bot.Handle(w.ctx, in); err != nil || len(l.heard) != want {
			t.Errorf("%s: %v %v", user, l.heard, err)
		}
	}
	join := w.in(bot.InJoin, "ann")
	react := w.in(bot.InReact, "ann")
	react.Value, react.Author = "ticket", bot.Actor{User: "U-bob"}
	l.heard = nil
	for _, in := range []bot.In{join, react} {
		if _, err := w.bot.Handle(w.ctx, in); err != nil {
			t.Error(err)
		}
	}
	if len(l.heard) != 2 || !strings.HasPrefix(l.heard[0], "joined ann") {
		t.Errorf("%v", l.heard)
	}
}
