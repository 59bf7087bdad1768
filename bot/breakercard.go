package bot

import (
	"context"
	"encoding/json"

	"github.com/bretelle/bretelle/engine"
	"github.com/bretelle/bretelle/prompts"
)

// Peers takes what people say to services that do not answer.
type Peers interface {
	// Peer is engine.BreakerTry or BreakerStop, for what d told. Errors: Conflict when that is over, Invalid.
	Peer(ctx context.Context, flow string, d engine.BreakerData, did, by string) error
}

// showBreaker says, where the flow wants what fails told, that a service does not answer.
func (d *delivery) showBreaker(ctx context.Context) error {
	var f engine.BreakerData
	if err := d.data(&f); err != nil {
		return err
	}
	place := d.n.Place
	if head, err := d.b.o.Flows.Head(ctx, d.n.Flow); err == nil && place == (engine.Place{}) {
		place = head.Place
	}
	place = d.b.orOperator(place)
	means, err := json.Marshal(f)
	if err != nil {
		return engine.AsError(err).WithOp("bot.showBreaker")
	}
	c := d.b.shared(d.book, place, place, nil)
	dr := &draft{means: Intent{Flow: d.n.Flow, Data: means}, card: prompts.Breaker(c, d.n.Flow, f, verbs)}
	return d.put(ctx, dr.card.Key, d.alertsOf(ctx, place), same(dr))
}

// pressBreaker has the service tried now, or the calls fail that wait for it.
func pressBreaker(did string, deed Deed) presser {
	return func(b *Bot, ctx context.Context, p *press) (Reply, error) {
		var f engine.BreakerData
		if b.o.Peers == nil || json.Unmarshal(p.it.Data, &f) != nil {
			return nil, stale()
		}
		head, err := b.head(ctx, p.caller, p.in, p.it.Flow, deed)
		if err != nil {
			return nil, err
		}
		if err := b.o.Peers.Peer(ctx, head.Name, f, did, p.person.ID); err != nil {
			b.note(ctx, p, "error_"+string(engine.CodeOf(err)))
			return nil, unsaved(err)
		}
		b.note(ctx, p, "counted")
		b.Wake()
		return Nothing{}, nil
	}
}
