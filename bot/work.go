package bot

import (
	"context"
	"encoding/json"
	"time"

	"github.com/bretelle/bretelle/bot/build"
	"github.com/bretelle/bretelle/engine"
	"github.com/bretelle/bretelle/engine/edit"
	"github.com/bretelle/bretelle/engine/flow"
	"github.com/bretelle/bretelle/engine/flows"
	"github.com/bretelle/bretelle/prompts"
	"github.com/bretelle/bretelle/prompts/fields"
)

const (
	pageLife    = 7 * 24 * time.Hour // how long a dialog or a card about one can be answered
	samplesMost = 25                 // events looked through for samples
	samplesRead = 8 << 20            // bytes of them, newest first
)

// work is a flow being built: its text as an edit begins with it, and what there is to try it with.
type work struct {
	flows.Edit
	flow     *flow.Flow // nil: the text is no flow
	problems engine.Problems
	places   []edit.Place
	matches  []build.Match // samples, newest first
	chosen   *engine.Event // the sample that previews show; nil when there is none
	answers  map[string]json.RawMessage
}

// work opens a flow for somebody who may d.
func (b *Bot) work(ctx context.Context, c *caller, in In, name string, d Deed) (*work, error) {
	if err := b.unbuilt(); err != nil {
		return nil, err
	}
	h, err := b.head(ctx, c, in, name, d)
	if err != nil {
		return nil, err
	}
	return b.open(ctx, c.person.ID, h.Name)
}

// open reads a flow as a person builds it; rights are the caller's business.
func (b *Bot) open(ctx context.Context, person, name string) (*work, error) {
	e, err := b.o.Drafts.Draft(ctx, name)
	if err != nil {
		return nil, err
	}
	w := &work{Edit: e}
	w.flow, w.problems = b.o.Drafts.Check(e.Source)
	w.places, _ = edit.Places(e.Source) // a text that cannot be patched has problems, and says them
	recent, err := b.o.Runs.Recent(ctx, name, samplesMost, samplesRead)
	if err != nil {
		return nil, err
	}
	var events []engine.Event
	for _, o := range recent {
		if o.Event.Data != nil && (w.flow == nil || o.Event.Trigger == "" || o.Event.Trigger == w.flow.Trigger.On) {
			events = append(events, o.Event)
		}
	}
	w.matches = build.Matches(w.flow, events)
	if b.o.Samples != nil {
		if w.answers, err = b.o.Samples.Answers(ctx, name); err != nil {
			return nil, err
		}
	}
	w.chosen, err = b.chosen(ctx, person, name, w.matches)
	return w, err
}

// chosen is the sample that a person works with: the one they chose, else the newest that the condition lets in, else
// the newest.
func (b *Bot) chosen(ctx context.Context, person, name string, all []build.Match) (*engine.Event, error) {
	it, err := b.o.Outbox.Intent(ctx, sampleToken(person, name))
	if err != nil && engine.CodeOf(err) != engine.NotFound {
		return nil, err
	}
	var id string
	if err == nil && json.Unmarshal(it.Data, &id) != nil {
		id = ""
	}
	var best *engine.Event
	for i := range all {
		switch m := &all[i]; {
		case m.Event.ID == id && id != "":
			return &m.Event, nil
		case best == nil && m.OK:
			best = &m.Event
		}
	}
	if best == nil && len(all) > 0 {
		best = &all[0].Event
	}
	return best, nil
}

func sampleToken(person, name string) string { return typedToken("sample\x00"+name, person) }

// choose remembers which sample a person works with.
func (b *Bot) chooseSample(ctx context.Context, c *caller, name, event string) error {
	data, err := json.Marshal(event)
	if err != nil {
		return engine.AsError(err).WithOp("bot.chooseSample")
	}
	return b.remember(ctx, c.actor.Surface, Intent{Token: sampleToken(c.person.ID, name), Verb: "sample", Flow: name, Data: data,
		Expires: b.now() + answerLife.Milliseconds()})
}

// remember keeps a fact of the builder's under a token that nobody can press.
func (b *Bot) remember(ctx context.Context, surface string, it Intent) error {
	it.Card, it.Key = it.Token, "kept:"+it.Token
	stored := StoredCard{ID: it.Token, Key: it.Key, Place: engine.Place{Surface: surface}, State: engine.CardResolved, Updated: b.now(), Card: json.RawMessage("{}")}
	return b.o.Outbox.PutCard(ctx, stored, []Intent{it})
}

// sample is what dialogs preview with; nil when nothing has come yet.
func (w *work) sample() *fields.Sample {
	if w == nil {
		return nil
	}
	var others []engine.Event
	for _, m := range w.matches {
		if w.chosen == nil || m.Event.ID != w.chosen.ID {
			others = append(others, m.Event)
		}
	}
	return build.Sample(w.flow, w.chosen, others, w.answers)
}

// choices are the known values of a format.
func (b *Bot) choices(c *caller, lang string) func(format string) []prompts.Option {
	return func(format string) []prompts.Option {
		var out []prompts.Option
		add := func(value, label string) { out = append(out, prompts.Option{Value: value, Label: label}) }
		switch format {
		case "place":
			for _, p := range b.rooms(c) {
				add(p.String(), b.placeLabel(p))
			}
		case "group", "person-or-group":
			for _, g := range c.book.groupNames() {
				n := len(c.book.groups[g])
				add("@"+g, "@"+g+" ("+prompts.T(lang, "{n} people", engine.Args("n", n))+")")
			}
			if format == "group" {
				return out
			}
			for _, p := range c.book.persons {
				add("@"+p.Name, p.Name)
			}
			out = append(out, b.surfaceGroupOptions(c, lang)...)
		}
		return out
	}
}
