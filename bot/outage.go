package bot

import (
	"context"
	"strconv"
	"strings"
	"time"

	"github.com/bretelle/bretelle/prompts"
)

// outage is a surface that cannot be reached.
type outage struct {
	since int64
	probe int64 // when one lane tries again, for all
	told  bool  // the operator knows
}

const (
	outagePrefix = "outage:"
	tellOutage   = time.Minute // shorter ones are nobody's business
)

func (o *outage) key(surface string) string {
	return outagePrefix + surface + ":" + strconv.FormatInt(o.since, 10)
}

// unreached says that a surface did not answer, and when it is tried again.
func (b *Bot) unreached(surface string, since, probe int64) {
	b.lanes.mu.Lock()
	defer b.lanes.mu.Unlock()
	o := b.lanes.down[surface]
	if o == nil {
		o = &outage{since: since}
		b.lanes.down[surface] = o
	}
	o.probe = probe
}

// reached says that a surface answered: what waits for it is due, and the operator hears that it is back.
func (b *Bot) reached(ctx context.Context, surface string) {
	b.lanes.mu.Lock()
	o := b.lanes.down[surface]
	told := o != nil && o.told
	delete(b.lanes.down, surface)
	b.lanes.mu.Unlock()
	if o == nil {
		return
	}
	err := b.o.Outbox.Revive(ctx, surface)
	if err == nil && told {
		err = b.tellOperator(ctx, surface, o, b.now())
	}
	if err != nil {
		b.o.Log.Warn("what waited for a surface could not be made due", "surface", surface, "err", err)
	}
	b.Wake()
}

// Reachable says that a surface's connection is up (again): what waits for it is tried at once.
func (b *Bot) Reachable(ctx context.Context, surface string) {
	if err := b.o.Outbox.Revive(ctx, surface); err != nil {
		b.o.Log.Warn("what waited for a surface could not be made due", "surface", surface, "err", err)
	}
	b.lanes.mu.Lock()
	if o := b.lanes.down[surface]; o != nil {
		o.probe = 0
	}
	b.lanes.mu.Unlock()
	b.Wake()
}

// outages tells the operator about surfaces that cannot be reached, once for each outage; next is when the first of
// the others is to be told (0: none).
func (b *Bot) outages(ctx context.Context) (next int64, err error) {
	b.lanes.mu.Lock()
	late := map[string]*outage{}
	for surface, o := range b.lanes.down {
		at := o.since + tellOutage.Milliseconds()
		switch {
		case o.told || surface == b.o.Operator.Surface: // it would not be read either
		case at <= b.now():
			late[surface] = o
		case next == 0 || at < next:
			next = at
		}
	}
	b.lanes.mu.Unlock()
	for surface, o := range late {
		if err := b.tellOperator(ctx, surface, o, 0); err != nil {
			return next, err
		}
		b.lanes.mu.Lock()
		o.told = true
		over := b.lanes.down[surface] != o
		b.lanes.mu.Unlock()
		if over { // while it was told
			if err := b.tellOperator(ctx, surface, o, b.now()); err != nil {
				return next, err
			}
		}
	}
	return next, nil
}

func (b *Bot) tellOperator(ctx context.Context, surface string, o *outage, back int64) error {
	k, err := b.book(ctx)
	if err != nil {
		return err
	}
	queues, err := b.o.Outbox.Queues(ctx)
	if err != nil {
		return err
	}
	waiting := 0
	for _, q := range queues {
		if q.Place.Surface == surface {
			waiting += q.Count
		}
	}
	card := prompts.Unreachable(b.shared(k, b.o.Operator, b.o.Operator, nil), surface, o.since, back, waiting)
	card.Key = o.key(surface)
	return b.wantIn(ctx, &draft{card: card}, b.o.Operator)
}

// findOutages looks, at start-up, for outages that the operator was told of and that may be over.
func (b *Bot) findOutages(ctx context.Context) error {
	queues, err := b.o.Outbox.Queues(ctx)
	if err != nil {
		return err
	}
	for _, q := range queues {
		if q.Since > 0 {
			b.unreached(q.Place.Surface, q.Since, 0)
		}
	}
	cards, err := b.o.Outbox.OpenCards(ctx, b.o.Operator, 500)
	if err != nil {
		return err
	}
	b.lanes.mu.Lock()
	defer b.lanes.mu.Unlock()
	for _, c := range cards {
		rest, ok := strings.CutPrefix(c.Key, outagePrefix)
		surface, at, ok2 := strings.Cut(rest, ":")
		since, err := strconv.ParseInt(at, 10, 64)
		if !ok || !ok2 || err != nil {
			continue
		}
		b.lanes.down[surface] = &outage{since: since, told: true}
	}
	return nil
}
