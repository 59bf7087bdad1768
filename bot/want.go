package bot

import (
	"context"
	"encoding/json"
	"slices"

	"github.com/bretelle/bretelle/engine"
	"github.com/bretelle/bretelle/prompts"
)

// draft is a card about to stand somewhere. Its tokens are still verbs; means says what each will stand for.
type draft struct {
	card   prompts.Card
	means  Intent // Verb, Token and Card are filled in per button
	take   string // key of a card whose message it takes over where it stands nowhere yet
	under  string // key of the card below which it goes
	number int64  // of the run it is about; 0 none
	file   string // it is a file of this name that holds card.Text
}

// drafted is a draft as it waits in a Copy.
type drafted struct {
	Card   prompts.Card
	Means  Intent
	Take   string `json:",omitempty"`
	Under  string `json:",omitempty"`
	Number int64  `json:",omitempty"`
	File   string `json:",omitempty"`
}

// copy is the draft as it waits for a place.
func (dr *draft) copy(p engine.Place, now int64) (Copy, error) {
	text, err := json.Marshal(drafted{dr.card, dr.means, dr.take, dr.under, dr.number, dr.file})
	if err != nil {
		return Copy{}, engine.AsError(err).WithOp("bot.copy")
	}
	return Copy{Key: dr.card.Key, Place: p, Run: dr.means.Run, Draft: text, At: now}, nil
}

func (c Copy) draft() (*draft, error) {
	var d drafted
	if err := json.Unmarshal(c.Draft, &d); err != nil {
		return nil, engine.E(engine.Unreadable, "a card that waits cannot be read").WithOp("bot.copy").Wrap(err)
	}
	return &draft{d.Card, d.Means, d.Take, d.Under, d.Number, d.File}, nil
}

// maker makes a card as it is to stand in a place: in the language of that channel.
type maker func(p engine.Place) (*draft, error)

// same is a maker of one card for every place.
func same(dr *draft) maker { return func(engine.Place) (*draft, error) { c := *dr; return &c, nil } }

// presence is where a card stands and where it waits to.
type presence struct {
	stands []StoredCard
	waits  []Copy
	places []engine.Place // of both, without repeats
}

func (x *presence) any() bool { return len(x.places) > 0 }

func (x *presence) in(p engine.Place) bool { return slices.Contains(x.places, p) }

// present finds where the card of a key stands or waits to; copies below other cards are not counted.
func (b *Bot) present(ctx context.Context, key string) (*presence, error) {
	x := &presence{}
	var err error
	if x.stands, err = b.standing(ctx, key); err != nil {
		return nil, err
	}
	if x.waits, err = b.o.Outbox.CopiesOf(ctx, key); err != nil {
		return nil, err
	}
	for _, c := range x.stands {
		if !x.in(c.Place) {
			x.places = append(x.places, c.Place)
		}
	}
	for _, c := range x.waits {
		if !x.in(c.Place) {
			x.places = append(x.places, c.Place)
		}
	}
	return x, nil
}

// wayOut is where a question goes when it could be posted nowhere for a time.
type wayOut struct {
	to    engine.Place
	after int64 // milliseconds
}

// wanted are the copies that bring a card up to date wherever it stands or waits, and in the places named. reason says
// in a word what is to be done.
func (b *Bot) wanted(ctx context.Context, key string, places []engine.Place, out wayOut, make maker) (copies []Copy, at []engine.Place, reason string, err error) {
	x, err := b.present(ctx, key)
	if err != nil {
		return nil, nil, "", err
	}
	at = slices.Clone(x.places)
	for _, p := range places {
		p = b.orOperator(p)
		if p.Surface == "" {
			p.Surface = engine.ConsoleSurface
		}
		if slices.Contains(at, p) {
			continue
		}
		if x.any() {
			old, err := b.o.Outbox.Card(ctx, key, p)
			if err != nil && engine.CodeOf(err) != engine.NotFound {
				return nil, nil, "", err
			}
			if err == nil && old.Ref == "" {
				continue // it was refused there, and stands elsewhere instead
			}
		}
		at = append(at, p)
	}
	reason = "unchanged"
	for _, p := range at {
		dr, err := make(p)
		if err != nil {
			return nil, nil, "", err
		}
		dr.card.Key = key
		i := slices.IndexFunc(x.stands, func(c StoredCard) bool { return c.Place == p })
		waits := slices.ContainsFunc(x.waits, func(c Copy) bool { return c.Place == p })
		if i >= 0 && !waits {
			hash, err := b.hash(ctx, dr, p)
			if err != nil {
				return nil, nil, "", err
			}
			if hash == x.stands[i].Hash {
				continue
			}
		}
		c, err := dr.copy(p, b.now())
		if err != nil {
			return nil, nil, "", err
		}
		if out.to.Channel != "" && !samePlace(out.to, p) {
			c.Spare, c.Over = out.to, c.At+out.after
		}
		if copies = append(copies, c); reason == "unchanged" {
			if reason = "posted"; i >= 0 {
				reason = "edited"
			}
		}
	}
	return copies, at, reason, nil
}

// put has the card stand in the places named and brought up to date wherever it stands.
func (d *delivery) put(ctx context.Context, key string, places []engine.Place, make maker) error {
	return d.putOr(ctx, key, places, wayOut{}, make)
}

// putOr is put of a question, which goes elsewhere when it can be posted nowhere.
func (d *delivery) putOr(ctx context.Context, key string, places []engine.Place, out wayOut, make maker) error {
	copies, at, reason, err := d.b.wanted(ctx, key, places, out, make)
	if err != nil {
		return err
	}
	d.settled.Copies = append(d.settled.Copies, copies...)
	if d.at == nil {
		d.at = map[string][]engine.Place{}
	}
	d.at[key] = at
	d.reason(reason)
	return nil
}

// below writes a card into the thread of another, wherever that stands or will. A card that stands in a thread already
// says it itself.
func (d *delivery) below(above string, make maker) error {
	for _, p := range d.at[above] {
		if p.Thread != "" {
			continue
		}
		dr, err := make(p)
		if err != nil {
			return err
		}
		dr.under = above
		c, err := dr.copy(p, d.b.now())
		if err != nil {
			return err
		}
		d.settled.Copies = append(d.settled.Copies, c)
	}
	return nil
}

// edit brings a card up to date wherever it stands, and posts it nowhere else.
func (b *Bot) edit(ctx context.Context, key string, make maker) error {
	copies, _, _, err := b.wanted(ctx, key, nil, wayOut{}, make)
	if err != nil || len(copies) == 0 {
		return err
	}
	return b.want(ctx, copies...)
}

// want stores copies that no notice asks for, and has them shown soon.
func (b *Bot) want(ctx context.Context, copies ...Copy) error {
	if err := b.o.Outbox.Want(ctx, copies...); err != nil {
		return err
	}
	b.Wake()
	return nil
}

// wantIn has a card stand in one place.
func (b *Bot) wantIn(ctx context.Context, dr *draft, p engine.Place) error {
	c, err := dr.copy(p, b.now())
	if err != nil {
		return err
	}
	return b.want(ctx, c)
}
