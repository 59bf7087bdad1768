package bot

import (
	"context"

	"github.com/bretelle/bretelle/engine"
	"github.com/bretelle/bretelle/prompts"
)

const pendingRuns = 200 // newest waiting runs looked through

// awaited is one thing that waits for somebody: ask is set of a question, step of an outcome or a failure.
type awaited struct {
	item prompts.PendingItem
	view engine.RunView
	ask  *engine.AskView
	step *engine.StepView
}

// cmdPending lists what waits for this person: questions they are asked, outcomes they may give, failures they may
// mend, each with where its card stands.
func (b *Bot) cmdPending(ctx context.Context, c *call) (Reply, error) {
	list, unsure, err := b.awaiting(ctx, c.caller)
	if err != nil {
		return nil, err
	}
	var items []prompts.PendingItem
	for _, w := range list {
		items = append(items, w.item)
	}
	return Private{prompts.Pending(b.private(c.caller, c.in.Place, nil), items, unsure)}, nil
}

// awaiting is what waits for the caller, newest runs first. unsure tells that a surface could not say who is in a group:
// its questions are left out.
func (b *Bot) awaiting(ctx context.Context, c *caller) (list []awaited, unsure bool, err error) {
	heads, err := b.o.Runs.List(ctx, "", []engine.RunState{engine.RunWaiting, engine.RunParked, engine.RunUnknown}, pendingRuns)
	if err != nil {
		return nil, false, err
	}
	for _, h := range heads {
		view, err := b.o.Runs.Run(ctx, h.ID)
		if code := engine.CodeOf(err); code == engine.NotFound || code == engine.Unreadable { // one that is damaged hides no other
			continue
		}
		if err != nil {
			return nil, false, err
		}
		more, vague, err := b.pendingOf(ctx, c, view)
		if err != nil {
			return nil, false, err
		}
		list, unsure = append(list, more...), unsure || vague
	}
	return list, unsure, nil
}

func (b *Bot) pendingOf(ctx context.Context, c *caller, v engine.RunView) (items []awaited, unsure bool, err error) {
	flow, err := b.flowRoles(ctx, v.Flow)
	if err != nil {
		return nil, false, err
	}
	entrusted, err := b.entrusted(ctx, c, v)
	if vague(err) {
		unsure = true
	} else if err != nil {
		return nil, false, err
	}
	for i := range v.Asks {
		a := &v.Asks[i]
		if a.State != engine.CardOpen {
			continue
		}
		in, err := b.evidence(ctx, c, a.Groups, v.Place, flow)
		if vague(err) {
			unsure = true
			continue
		}
		if err != nil {
			return nil, false, err
		}
		if len(in) == 0 || voted(*a, c.person.ID) {
			continue
		}
		title := a.Title
		if title == "" {
			title = a.Path
		}
		items = append(items, awaited{view: v, ask: a, item: prompts.PendingItem{Number: v.Number, Flow: v.Flow, Title: title, Kind: "ask", For: a.Groups,
			Votes: len(a.Votes), Need: a.Need, Since: a.Opened, Expires: a.Expires, Place: b.where(ctx, askKey(v.ID, a.Path), v.Place)}})
	}
	for i := range v.Steps {
		s := &v.Steps[i]
		kind, deed, key := "", DeedOutcome, outcomeKey(v.ID, s.Path)
		switch {
		case v.State.Final():
		case s.State == engine.StepStateUnknown:
			kind = "outcome"
		case s.State == engine.StepStateFailed && v.State == engine.RunParked:
			kind, deed, key = "failed", DeedRetry, failKey(v.ID, s.Path)
		}
		if kind == "" || b.may(ctx, c, deed, v.Flow, v.Place, entrusted) != nil {
			continue
		}
		title := s.Line
		if title == "" {
			title = s.Action
		}
		items = append(items, awaited{view: v, step: s, item: prompts.PendingItem{Number: v.Number, Flow: v.Flow, Title: title, Kind: kind,
			Since: max(s.EndedAt, s.SentAt), Place: b.where(ctx, key, v.Place)}})
	}
	return items, unsure, nil
}

func voted(a engine.AskView, person string) bool {
	for _, v := range a.Votes {
		if v.By == person {
			return true
		}
	}
	return false
}

// where is the channel in which a card stands, else the flow's.
func (b *Bot) where(ctx context.Context, key string, otherwise engine.Place) engine.Place {
	cards, err := b.standing(ctx, key)
	if err != nil || len(cards) == 0 {
		return b.orOperator(otherwise)
	}
	p := cards[0].Place
	p.Thread = ""
	return p
}
