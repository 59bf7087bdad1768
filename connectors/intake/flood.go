package intake

import (
	"context"
	"encoding/json"

	"github.com/bretelle/bretelle/engine"
	"github.com/bretelle/bretelle/engine/flows"
)

// flood stores that the trigger waits for a person, and asks. The question has an id of its own, so that it is asked
// once even when what follows fails.
func (p *Poller) flood(ctx context.Context, t flows.Trigger, f finding) error {
	p.say(ctx, t, engine.NoticeFlood, noticeID(t.ID, "flood", f.flood), engine.PollData{Count: len(f.flood), Most: mostOf(t.With),
		Titles: titles(f.flood), Since: f.place.Held.At})
	cursor, err := json.Marshal(f.place)
	if err != nil {
		return err
	}
	_, err = p.Intake.Accept(ctx, engine.Batch{Trigger: t.ID, Cursor: cursor, From: "poll"})
	return err
}

// Answer says what becomes of a flood: FloodTake or FloodSkip; by is the person who decided. Errors: Invalid for another
// answer, NotFound when the trigger is gone, Conflict when nothing waits (any more), Unavailable.
func (p *Poller) Answer(ctx context.Context, trigger, answer, by string) error {
	if answer != FloodTake && answer != FloodSkip {
		return engine.E(engine.Invalid, `"{answer}" is no answer here`, "answer", answer)
	}
	p.deciding.Lock()
	defer p.deciding.Unlock()
	at, err := p.place(ctx, trigger)
	if err != nil {
		return err
	}
	if at == nil || at.Held == nil || at.Held.Answer != "" {
		return engine.E(engine.Conflict, "This was decided already").WithHint("Nothing else has to be done.")
	}
	t, ok := p.find(trigger)
	if !ok {
		return engine.E(engine.NotFound, "this trigger is gone").WithHint("Its flow was retired, or has another trigger now.")
	}
	at.Held.Answer = answer
	cursor, err := json.Marshal(at)
	if err != nil {
		return err
	}
	if _, err := p.Intake.Accept(ctx, engine.Batch{Trigger: trigger, Cursor: cursor, From: "poll"}); err != nil {
		return err
	}
	p.mu.Lock()
	if l := p.state[trigger]; l != nil {
		l.held, l.next, l.wait, l.heard = false, p.Now(), 0, l.heard+1
	}
	p.mu.Unlock()
	p.say(ctx, t, engine.NoticeFlood, engine.NewID(p.Now()), engine.PollData{Mended: true, Taken: answer == FloodTake, By: by,
		Count: at.Held.Count, Most: mostOf(t.With), Since: at.Held.At})
	p.Wake()
	return nil
}

// find is a polled trigger by its id.
func (p *Poller) find(id string) (flows.Trigger, bool) {
	for _, kind := range p.kinds() {
		for _, t := range p.Flows.Triggers(kind) {
			if t.ID == id {
				return t, true
			}
		}
	}
	return flows.Trigger{}, false
}
