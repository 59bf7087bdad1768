package bot

import (
	"context"
	"encoding/json"
	"slices"
	"strings"

	"github.com/bretelle/bretelle/bot/build"
	"github.com/bretelle/bretelle/engine"
	"github.com/bretelle/bretelle/engine/describe"
	"github.com/bretelle/bretelle/engine/flow"
	"github.com/bretelle/bretelle/prompts"
)

const builderPrefix = "builder:"

func builderKey(flow string) string { return builderPrefix + flow }

// builderFor says whose card stands in a place: one draft's card may stand before several people, each in their
// language and with their sample.
type builderFor struct {
	Person string `json:"person"`
	Place  string `json:"place"`
	Thread string `json:"thread,omitempty"`
}

func readerToken(flow string, p engine.Place) string {
	return typedToken("builder\x00"+flow+"\x00"+p.String()+"\x00"+p.Thread, "")
}

// builderDraft is a draft's card for one person.
func (b *Bot) builderDraft(ctx context.Context, c *caller, w *work) *draft {
	facts := b.builderFacts(c, w)
	tok := func(verb string) string {
		d := DeedBuild
		if verb == "publish" {
			d = DeedPublish
		}
		if b.may(ctx, c, d, w.Head.Name, w.Head.Place, false) != nil {
			return ""
		}
		return verb
	}
	dr := &draft{means: Intent{Flow: w.Head.Name}}
	dr.card = prompts.Builder(b.private(c, w.Head.Place, nil), facts, tok)
	dr.card.Key = builderKey(w.Head.Name)
	return dr
}

func (b *Bot) builderFacts(c *caller, w *work) prompts.BuilderFacts {
	words := build.Words{Lang: b.private(c, w.Head.Place, nil).Lang}
	d := prompts.BuilderFacts{Head: w.Head, SavedAt: w.At, SavedBy: w.By, Reader: c.person.ID, Todo: words.Todo(w.flow, w.problems, w.places)}
	if w.Rev == 0 {
		d.SavedAt = 0
	}
	if w.flow == nil {
		return d
	}
	f := w.flow
	if f.Title != "" {
		d.Head.Title = f.Title
	}
	if f.Channel.Channel != "" {
		d.Head.Place = f.Channel
	}
	d.When = describe.Trigger(f, b.o.Catalog)
	d.Address = f.Trigger.On == webhookTrigger
	d.Awaits = b.awaits(f)
	d.Test = b.o.Rehearser != nil && (len(w.matches) > 0 || d.Awaits == "asked")
	d.Limits = describe.Limits(f)
	d.Steps = words.Steps(f, b.o.Catalog)
	if f.Trigger.When != nil {
		d.OnlyIf = describe.Condition(f.Trigger.When.Source)
		for _, m := range w.matches {
			d.Of++
			if m.OK {
				d.Matches++
			} else if d.Skips == "" {
				d.Skips = build.Label(m.Event)
			}
		}
	}
	if w.chosen != nil {
		d.Sample, d.SampleAt = build.Label(*w.chosen), w.chosen.At
		d.Samples = b.sampleOptions(c, w)
	}
	return d
}

const (
	webhookTrigger  = "webhook.received" // has an address and a secret
	reactionTrigger = "chat.reaction"    // cannot be asked for a sample
)

// awaits is where a draft's samples come from: what comes in by itself, or what can be asked for.
func (b *Bot) awaits(f *flow.Flow) string {
	if f.Trigger.On == webhookTrigger || f.Trigger.On == reactionTrigger || b.o.Sampler == nil {
		return "sent"
	}
	return "asked"
}

func (b *Bot) sampleOptions(c *caller, w *work) []prompts.Option {
	var out []prompts.Option
	pc := b.private(c, w.Head.Place, nil)
	for _, m := range w.matches {
		o := prompts.Option{Value: m.Event.ID, Label: build.Label(m.Event), Help: m.Why}
		if pc.Zone != nil {
			o.Label += " " + engine.Time(m.Event.At).In(pc.Zone).Format("15:04")
		}
		if out = append(out, o); len(out) == offersMost {
			break
		}
	}
	return out
}

// showBuilder brings a draft's card up to date wherever it stands, and makes it stand before the caller when it does
// not: alone with them, where the surface can do that. The reply is what they see of it here.
func (b *Bot) showBuilder(ctx context.Context, c *caller, in In, name string) (Reply, error) {
	w, err := b.open(ctx, c.person.ID, name)
	if err != nil {
		return nil, err
	}
	key := builderKey(name)
	place, err := b.builderPlace(ctx, c, in, name)
	if err != nil {
		return nil, err
	}
	if place.Channel == "" { // no way to speak to them alone: an answer, anew each time
		b.refreshBuilder(name)
		dr := b.builderDraft(ctx, c, w)
		return b.reply(ctx, c, in, key, dr)
	}
	data, err := json.Marshal(builderFor{Person: c.person.ID, Place: place.String(), Thread: place.Thread})
	if err != nil {
		return nil, engine.AsError(err).WithOp("bot.showBuilder")
	}
	if err := b.remember(ctx, place.Surface, Intent{Token: readerToken(name, place), Verb: "reader", Flow: name, Data: data}); err != nil {
		return nil, err
	}
	if place.Surface == engine.ConsoleSurface { // in this process: shown at once
		if err := b.putBuilder(ctx, b.builderDraft(ctx, c, w), place); err != nil {
			return nil, err
		}
		b.refreshBuilder(name)
		return Nothing{About: key}, nil
	}
	old, err := b.o.Outbox.Card(ctx, key, place)
	if err != nil && engine.CodeOf(err) != engine.NotFound {
		return nil, err
	}
	b.refresh(func(ctx context.Context, _ *book) error { return b.builderAnew(ctx, name, &place) })
	if old.Ref != "" && samePlace(place, in.Place) {
		return Nothing{About: key}, nil
	}
	return Private{prompts.Say(b.private(c, in.Place, nil), "Draft saved. Go on in our direct messages →")}, nil
}

// showSaved is showBuilder after a save: that the card could not be shown must not look as if nothing was saved.
func (b *Bot) showSaved(ctx context.Context, c *caller, in In, name string) (Reply, error) {
	reply, err := b.showBuilder(ctx, c, in, name)
	if err == nil {
		return reply, nil
	}
	b.o.Log.Warn("a draft was saved and its card could not be shown", "flow", name, "err", err)
	b.refreshBuilder(name)
	return Private{prompts.DraftSaved(b.private(c, in.Place, nil), false)}, nil
}

func samePlace(a, b engine.Place) bool {
	return a.Surface == b.Surface && a.Workspace == b.Workspace && a.Channel == b.Channel
}

// builderPlace is where a draft's card stands for the caller, or is to stand; the zero place is nowhere.
func (b *Bot) builderPlace(ctx context.Context, c *caller, in In, name string) (engine.Place, error) {
	cards, err := b.standing(ctx, builderKey(name))
	if err != nil {
		return engine.Place{}, err
	}
	for _, card := range cards {
		it, err := b.o.Outbox.Intent(ctx, readerToken(name, card.Place))
		var f builderFor
		if err == nil && json.Unmarshal(it.Data, &f) == nil && f.Person == c.person.ID && card.Place.Surface == c.actor.Surface {
			return card.Place, nil
		}
	}
	s, ok := b.surfaces[c.actor.Surface]
	d, can := s.(Director)
	if !ok || !can {
		return engine.Place{}, nil
	}
	p, err := d.Direct(ctx, c.actor, in.Place)
	if engine.CodeOf(err) == engine.Denied || engine.CodeOf(err) == engine.NotFound {
		return engine.Place{}, nil
	}
	return p, err
}

// freshBuilders has, at start-up, every draft's card brought up to date: the last save may have been stored and not
// shown.
func (b *Bot) freshBuilders(ctx context.Context) error {
	if !b.builds() {
		return nil
	}
	cards, err := b.o.Outbox.OpenCards(ctx, engine.Place{}, 1000)
	if err != nil {
		return err
	}
	seen := map[string]bool{}
	for _, c := range cards {
		if name, its := strings.CutPrefix(c.Key, builderPrefix); its && !seen[name] {
			seen[name] = true
			b.refreshBuilder(name)
		}
	}
	return nil
}

func (b *Bot) putBuilder(ctx context.Context, dr *draft, p engine.Place) error {
	if p.Surface == "" || p.Surface == engine.ConsoleSurface { // no network: at once
		_, err := b.putNow(ctx, dr, p)
		return err
	}
	return b.wantIn(ctx, dr, p)
}

// refreshBuilder has the cards of a draft brought up to date soon.
func (b *Bot) refreshBuilder(name string) {
	b.refresh(func(ctx context.Context, _ *book) error { return b.builderAnew(ctx, name, nil) })
}

// builderAnew brings the cards of a draft up to date, each as its reader sees it; also is a place where it is to stand
// too. A draft that is gone leaves a card that says so.
func (b *Bot) builderAnew(ctx context.Context, name string, also *engine.Place) error {
	cards, err := b.standing(ctx, builderKey(name))
	if err != nil {
		return err
	}
	places := make([]engine.Place, 0, len(cards)+1)
	for _, c := range cards {
		if c.State == engine.CardOpen { // one that was closed is about a draft of before
			places = append(places, c.Place)
		}
	}
	if also != nil && !slices.Contains(places, *also) {
		places = append(places, *also)
	}
	for _, p := range places {
		if err := b.builderAt(ctx, name, p); err != nil {
			b.o.Log.Warn("a draft's card could not be brought up to date", "flow", name, "place", p.String(), "err", err)
		}
	}
	return nil
}

func (b *Bot) builderAt(ctx context.Context, name string, p engine.Place) error {
	it, err := b.o.Outbox.Intent(ctx, readerToken(name, p))
	if err != nil {
		return err
	}
	var f builderFor
	if err := json.Unmarshal(it.Data, &f); err != nil {
		return engine.AsError(err).WithOp("bot.builderAt")
	}
	k, err := b.book(ctx)
	if err != nil {
		return err
	}
	c := &caller{book: k, actor: Actor{Surface: p.Surface, Workspace: p.Workspace, Person: f.Person}}
	c.person, c.known = k.id(f.Person)
	w, err := b.open(ctx, f.Person, name)
	if engine.CodeOf(err) == engine.NotFound {
		return nil // whoever discarded it has its cards say so
	}
	if err != nil {
		return err
	}
	switch denied := b.may(ctx, c, DeedBuild, name, w.Head.Place, false); engine.CodeOf(denied) {
	case "":
	case engine.Denied, engine.Unsigned: // they may not build it any more: it shows them nothing
		card := prompts.Say(b.private(c, p, nil), "You do not build {flow} any more", "flow", name)
		card.Key, card.State = builderKey(name), engine.CardResolved
		return b.putBuilder(ctx, &draft{card: card, means: Intent{Flow: name}}, p)
	default:
		return denied
	}
	return b.putBuilder(ctx, b.builderDraft(ctx, c, w), p)
}

// closeBuilder turns the cards of a draft that is one no more into what became of it.
func (b *Bot) closeBuilder(ctx context.Context, name string, last func(c prompts.Ctx) prompts.Card) error {
	cards, err := b.standing(ctx, builderKey(name))
	if err != nil {
		return err
	}
	k, err := b.book(ctx)
	if err != nil {
		return err
	}
	for _, stored := range cards {
		it, err := b.o.Outbox.Intent(ctx, readerToken(name, stored.Place))
		var f builderFor
		if err != nil || json.Unmarshal(it.Data, &f) != nil {
			continue
		}
		p, _ := k.id(f.Person)
		card := last(b.private(&caller{book: k, person: p, known: true}, stored.Place, nil))
		card.Key = builderKey(name)
		if err := b.putBuilder(ctx, &draft{card: card, means: Intent{Flow: name}}, stored.Place); err != nil {
			b.o.Log.Warn("a draft's card could not be closed", "flow", name, "place", stored.Place.String(), "err", err)
		}
	}
	return nil
}

// closeSoon is closeBuilder, at once where that takes no network.
func (b *Bot) closeSoon(ctx context.Context, c *caller, name string, last func(c prompts.Ctx) prompts.Card) {
	if c.actor.Surface == engine.ConsoleSurface {
		if err := b.closeBuilder(ctx, name, last); err != nil {
			b.o.Log.Warn("a draft's cards could not be closed", "flow", name, "err", err)
		}
		return
	}
	b.refresh(func(ctx context.Context, _ *book) error { return b.closeBuilder(ctx, name, last) })
}
