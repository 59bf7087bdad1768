package bot

import (
	"context"
	"strings"
	"time"

	"github.com/bretelle/bretelle/engine"
	"github.com/bretelle/bretelle/prompts"
)

const (
	nudgeEvery = time.Hour // between two reminders of one question, whoever asks for them
	nudgeNames = 10        // people of the groups who are named one by one
)

func nudgeKey(ask string, hour int64) string { return "nudge:" + ask + ":" + itoa(hour) }

// pressNudge is [Ask them]: it writes below a question, wherever that stands, that somebody waits for its answer, and
// names those who are asked. Once an hour: a second press only says so.
func (b *Bot) pressNudge(ctx context.Context, p *press) (Reply, error) {
	ask := askAt(p.view, p.it.Path)
	if ask == nil || ask.State != engine.CardOpen {
		return b.refuse(ctx, p, engine.Answer{Verdict: engine.NotNow}, nil)
	}
	if err := b.allowed(ctx, p, DeedSee, false); err != nil {
		return nil, err
	}
	pc, key, now := p.ctx(b), askKey(p.it.Run, p.it.Path), b.now()
	groups, every := prompts.GroupNames(pc.Lang, ask.Groups), nudgeEvery.Milliseconds()
	for _, hour := range []int64{now / every, now/every - 1} {
		at, err := b.nudged(ctx, nudgeKey(key, hour))
		if err != nil {
			return nil, err
		}
		if at > now-every {
			b.note(ctx, p, "throttled")
			return Private{prompts.Say(pc, "{group} was asked less than an hour ago", "group", groups)}, nil
		}
	}
	x, err := b.present(ctx, key)
	if err != nil {
		return nil, err
	}
	people := p.book.asked(ask.Groups, p.view.Place, p.flow)
	for _, at := range x.places {
		dr := &draft{means: Intent{Run: p.it.Run}}
		if at.Thread == "" {
			dr.under = key
		}
		s, err := b.sceneOf(ctx, p.book, p.view, at)
		if err != nil {
			return nil, err
		}
		dr.card = prompts.Nudge(s.ctx, p.person.ID, ask.Groups, people)
		dr.card.Key = nudgeKey(key, now/every)
		if err := b.wantIn(ctx, dr, at); err != nil {
			return nil, err
		}
	}
	b.note(ctx, p, "counted")
	return Private{prompts.Say(pc, "{group} is asked", "group", groups)}, nil
}

// nudged is when a reminder was written or wanted; 0 never.
func (b *Bot) nudged(ctx context.Context, key string) (at int64, err error) {
	cards, err := b.o.Outbox.Cards(ctx, key)
	if err != nil {
		return 0, err
	}
	copies, err := b.o.Outbox.CopiesOf(ctx, key)
	if err != nil {
		return 0, err
	}
	for _, c := range cards {
		at = max(at, c.Updated)
	}
	for _, c := range copies {
		at = max(at, c.At)
	}
	return at, nil
}

// asked are the people of groups, by person id, as far as they are ours to list and few enough to be named.
func (k *book) asked(groups []string, place engine.Place, flow map[string]engine.Role) (ids []string) {
	for _, g := range groups {
		for _, id := range k.members(g, place, flow) {
			if !has(ids, id) && strings.TrimSpace(id) != "" {
				ids = append(ids, id)
			}
		}
	}
	if len(ids) > nudgeNames {
		return nil
	}
	return ids
}
