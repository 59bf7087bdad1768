package control

import (
	"context"

	"github.com/bretelle/bretelle/bot"
	"github.com/bretelle/bretelle/engine"
	"github.com/bretelle/bretelle/engine/flow"
)

// Whoever holds the socket is the operator and may do everything. With --as NAME they do it as that person: with that
// person's rights and no more, so that what the audit says of a person is what the person could have done.

// speaker is the person that --as names; in the demo, an unknown one is made.
func (s *server) speaker(ctx context.Context, as string) (engine.Person, error) {
	p, err := s.person(ctx, as)
	if engine.CodeOf(err) == engine.NotFound && s.Demo {
		if p, err = s.Admin.AddPerson(ctx, bot.Operator, as, engine.Admin); engine.CodeOf(err) == engine.Conflict {
			p, err = s.person(ctx, as) // two calls at once
		}
	}
	return p, err
}

// by is the id of who does it: the named person's, else the operator.
func (s *server) by(ctx context.Context, as string) (string, error) {
	if as == "" {
		return bot.Operator, nil
	}
	p, err := s.speaker(ctx, as)
	return p.ID, err
}

// byFor is by, for something done with a flow. Errors: NotFound, Denied.
func (s *server) byFor(ctx context.Context, as string, d bot.Deed, name string) (string, error) {
	by, err := s.by(ctx, as)
	if err != nil || by == bot.Operator {
		return by, err
	}
	h, err := s.Flows.Head(ctx, name)
	if err != nil {
		return "", err
	}
	return by, s.Admin.May(ctx, by, d, h.Name, h.Place)
}

// byForText is by, for a text that becomes a flow's draft: the right is needed where the flow is and where the text
// would have it speak. A text that cannot be read is nowhere.
func (s *server) byForText(ctx context.Context, as, source string) (string, error) {
	by, err := s.by(ctx, as)
	if err != nil || by == bot.Operator {
		return by, err
	}
	next, _ := flow.Parse([]byte(source))
	if next == nil {
		next = &flow.Flow{}
	}
	if err := s.Admin.MayReach(ctx, by, next); err != nil {
		return "", err
	}
	h, err := s.Flows.Head(ctx, next.Name)
	if engine.CodeOf(err) == engine.NotFound {
		return by, nil
	}
	if err != nil {
		return "", err
	}
	return by, s.Admin.May(ctx, by, bot.DeedPublish, h.Name, h.Place)
}
