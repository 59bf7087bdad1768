package bot

import (
	"context"
	"slices"
	"strings"

	"github.com/bretelle/bretelle/engine"
	"github.com/bretelle/bretelle/engine/edit"
	"github.com/bretelle/bretelle/prompts"
)

// notifyLists are the lists of places in a flow's notify, which are fields of its settings too.
var notifyLists = [3]string{"approvals", "alerts", "results"}

// notifyTexts are the lists as people write them: places between commas.
func notifyTexts(top edit.Map) prompts.NotifyFacts {
	notify, _ := top.Get("notify").(edit.Map)
	text := func(key string) string {
		list, _ := notify.Get(key).([]any)
		words := make([]string, 0, len(list))
		for _, x := range list {
			if w, ok := x.(string); ok {
				words = append(words, w)
			}
		}
		return strings.Join(words, ", ")
	}
	return prompts.NotifyFacts{Approvals: text(notifyLists[0]), Alerts: text(notifyLists[1]), Results: text(notifyLists[2])}
}

// notifyOps changes the lists that were written anew; what is wrong is noted at its field.
func (b *Bot) notifyOps(ctx context.Context, s *sitting, top edit.Map, typed map[string]string) []edit.Op {
	was := notifyTexts(top)
	before := map[string]string{"approvals": was.Approvals, "alerts": was.Alerts, "results": was.Results}
	old, _ := top.Get("notify").(edit.Map)
	next := old
	for _, key := range notifyLists {
		now, sent := typed[key]
		if now = strings.TrimSpace(now); !sent || now == before[key] {
			continue
		}
		places, err := b.readPlaces(ctx, s, now)
		if err != nil {
			s.wrong(key, b.words(s.caller, err))
			continue
		}
		if len(places) == 0 {
			next = next.Without(key)
		} else {
			next = next.With(key, places)
		}
	}
	if edit.Equal(old, next) {
		return nil
	}
	op := edit.SetTop{Key: "notify"}
	if len(next) > 0 {
		op.Value = next
	}
	return []edit.Op{op}
}

// readPlaces reads places between commas or blanks, each a channel that is known and in which the caller builds.
func (b *Bot) readPlaces(ctx context.Context, s *sitting, text string) ([]any, error) {
	var out []any
	for _, w := range strings.FieldsFunc(text, func(r rune) bool { return r == ',' || r == ' ' || r == '\n' || r == ';' }) {
		p, err := b.readChannel(ctx, s.caller, w)
		if err == nil {
			err = b.may(ctx, s.caller, DeedBuild, s.it.Flow, p, false)
		}
		if err != nil {
			return nil, err
		}
		if !slices.Contains(out, any(p.String())) {
			out = append(out, p.String())
		}
	}
	if len(out) > engine.MostPlaces {
		return nil, engine.E(engine.Invalid, "these are more than {most} places", "most", engine.MostPlaces).WithHint("Keep those where somebody looks.")
	}
	return out, nil
}
