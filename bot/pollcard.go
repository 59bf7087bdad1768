package bot

import (
	"context"
	"strconv"

	"github.com/bretelle/bretelle/engine"
	"github.com/bretelle/bretelle/prompts"
)

// Floods takes what people say to more items at once than a flow allows.
type Floods interface {
	// Answer is "take" or "skip", for a trigger. Errors: NotFound, Conflict when it was decided already, Unavailable.
	Answer(ctx context.Context, trigger, answer, by string) error
}

// showPoll shows what is wrong with something that is looked at, or asks about a flood. One stretch of trouble, and one
// flood, is one card.
func (d *delivery) showPoll(ctx context.Context) error {
	var f engine.PollData
	if err := d.data(&f); err != nil {
		return err
	}
	place := d.b.orOperator(d.n.Place)
	c := d.b.shared(d.book, place, d.n.Place, nil)
	dr := &draft{means: Intent{Flow: d.n.Flow, Plan: f.Trigger}}
	if d.n.Kind == engine.NoticeFlood {
		dr.card = prompts.Flood(c, d.n.Flow, f, verbs)
	} else {
		dr.card = prompts.Poll(c, d.n.Flow, f, verbs)
	}
	dr.card.Key += ":" + strconv.FormatInt(f.Since, 10)
	return d.put(ctx, dr.card.Key, d.alertsOf(ctx, place), same(dr))
}

// pressFlood decides about a flood.
func pressFlood(answer string) presser {
	return func(b *Bot, ctx context.Context, p *press) (Reply, error) {
		if _, err := b.head(ctx, p.caller, p.in, p.it.Flow, DeedRun); err != nil {
			return nil, err
		}
		if b.o.Floods == nil {
			return nil, stale()
		}
		err := b.o.Floods.Answer(ctx, p.it.Plan, answer, p.person.ID)
		if err != nil {
			b.note(ctx, p, "error_"+string(engine.CodeOf(err)))
			return nil, unsaved(err)
		}
		b.note(ctx, p, "counted")
		b.Wake()
		return Nothing{}, nil
	}
}

// starts are the verbs of buttons about what starts flows.
func starts(verb string) (presser, bool) {
	switch verb {
	case startVerb:
		return (*Bot).pressStart, true
	case "flood-take":
		return pressFlood("take"), true
	case "flood-skip":
		return pressFlood("skip"), true
	}
	return budgetVerb(verb)
}
