package bot_test

import (
	"context"
	"fmt"
	"testing"
	"time"

	"github.com/bretelle/bretelle/bot"
	"github.com/bretelle/bretelle/engine"
	"github.com/bretelle/bretelle/prompts"
)

// repeating is a platform that makes a message of each call without a reference, whatever the card's key.
type repeating struct {
	*able
	posted int
	after  func() // once a message stands
}

func (s *repeating) Post(_ context.Context, _ engine.Place, ref bot.Ref, _ prompts.Card) (bot.Ref, error) {
	if ref == "" {
		s.posted++
		ref = bot.Ref(fmt.Sprint("C1/", s.posted))
	}
	if s.after != nil {
		s.after()
	}
	return ref, nil
}

func (s *repeating) OpenThread(ctx context.Context, p engine.Place, _ bot.Ref, _, _ string) (engine.Place, bot.Ref, error) {
	ref, err := s.Post(ctx, p, "", prompts.Card{})
	p.Thread = string(ref)
	return p, ref, err
}

func (s *repeating) Upload(ctx context.Context, p engine.Place, _, _ string, _ ...bot.File) (bot.Ref, error) {
	return s.Post(ctx, p, "", prompts.Card{})
}

// repeated is a world with such a platform.
func repeated(t *testing.T) (*world, *repeating) {
	w := newWorld(t)
	r := &repeating{able: &able{surface: w.chat}}
	o := w.options()
	o.Surfaces = []bot.Surface{r, w.cons}
	b, err := bot.New(o)
	w.must(b, err)
	w.bot = b
	return w, r
}

// A message that stands and could not be remembered, because the disk was full for a moment, is not made again.
func TestAFullDiskDoublesNoMessage(t *testing.T) {
	full := fmt.Errorf("disk full")
	for name, do := range map[string]func(w *world) (string, error){
		"a card": func(w *world) (string, error) {
			w.now = w.now.Add(5 * time.Second)
			_, err := w.bot.Deliver(w.ctx)
			if w.store.Fail == nil && w.undelivered()+w.waiting() > 0 {
				return "", full
			}
			return "", err
		},
		"a flow's message": func(w *world) (string, error) {
			return w.bot.Say(w.ctx, triage, "", "r/say", bot.Words{Text: "hello"})
		},
		"a thread": func(w *world) (string, error) {
			p, ref, err := w.bot.OpenThread(w.ctx, triage, "", "r/thread", "Incident")
			if err == nil && p.Thread != string(ref) {
				w.t.Errorf("the thread is %+v", p)
			}
			return string(ref), err
		},
		"a file": func(w *world) (string, error) {
			ref, err := w.bot.Upload(w.ctx, triage, "", "r/file", "", bot.File{Name: "a.log", Data: []byte("x")})
			return string(ref), err
		},
	} {
		t.Run(name, func(t *testing.T) {
			w, r := repeated(t)
			if name == "a card" {
				w.asked()
			}
			r.after = func() { w.store.Fail = func(string) error { return full } }
			for range 3 {
				_, _ = do(w)
			}
			r.after, w.store.Fail = nil, nil
			first, err := do(w)
			w.must(nil, err)
			again, err := do(w)
			w.must(nil, err)
			if r.posted != 1 || first != again {
				t.Errorf("%d messages stand, %q and %q", r.posted, first, again)
			}
		})
	}
}

// A message that went through while the bot was stopped is remembered: the next life does not make it again.
func TestStoppingForgetsNoMessage(t *testing.T) {
	for name, do := range map[string]func(ctx context.Context, w *world){
		"a card":           func(ctx context.Context, w *world) { _, _ = w.bot.Deliver(ctx) },
		"a flow's message": func(ctx context.Context, w *world) { _, _ = w.bot.Say(ctx, triage, "", "r/say", bot.Words{Text: "x"}) },
		"a thread":         func(ctx context.Context, w *world) { _, _, _ = w.bot.OpenThread(ctx, triage, "", "r/thread", "x") },
	} {
		t.Run(name, func(t *testing.T) {
			w, r := repeated(t)
			if name == "a card" {
				w.asked()
			}
			ctx, stop := context.WithCancel(w.ctx)
			r.after = stop
			do(ctx, w)
			r.after = nil
			o := w.options()
			o.Surfaces = []bot.Surface{r, w.cons}
			b, err := bot.New(o)
			w.must(b, err)
			w.bot = b
			do(w.ctx, w)
			if r.posted != 1 || w.undelivered()+w.waiting() > 0 {
				t.Errorf("%d messages stand, %d wait", r.posted, w.waiting())
			}
		})
	}
}

// What a person's deed changed is shown although the store was out of reach for a moment.
func TestADeedIsShownLater(t *testing.T) {
	w := newWorld(t)
	w.must(w.bot.SetGroup(w.ctx, bot.Operator, "empty", []string{}, false))
	w.ask("@empty")
	before := prompts.PlainCard(w.card(w.chat, "ask:run-12/review"))
	w.must(w.bot.SetGroup(w.ctx, bot.Operator, "empty", []string{"kim"}, false))
	w.store.Fail = func(string) error { return engine.E(engine.Unavailable, "disk full") }
	_, _ = w.bot.Deliver(w.ctx)
	w.store.Fail = nil
	w.deliver()
	if got := prompts.PlainCard(w.card(w.chat, "ask:run-12/review")); got == before {
		t.Errorf("the question still says\n%s", got)
	}
}
