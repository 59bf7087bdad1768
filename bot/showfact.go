package bot

import (
	"context"
	"encoding/json"
	"strconv"
	"strings"

	"github.com/bretelle/bretelle/engine"
	"github.com/bretelle/bretelle/engine/describe"
	"github.com/bretelle/bretelle/prompts"
)

// FlowFacts is the Data of NoticePublished and NoticePaused, as far as cards say it.
type FlowFacts struct {
	By      string           `json:"by"`
	Version int64            `json:"version,omitempty"`
	State   engine.FlowState `json:"state,omitempty"`
	Queued  int              `json:"queued,omitempty"`
}

// HookFacts is the Data of NoticeUnsigned.
type HookFacts struct {
	Path  string `json:"path"`
	Count int    `json:"count"`
}

// BrokenFacts is the Data of NoticeBroken.
type BrokenFacts struct {
	Event  string `json:"event"` // id
	Reason string `json:"reason"`
}

// AwayData is the Data of NoticeAway.
type AwayData struct {
	From      int64   `json:"from"`
	To        int64   `json:"to"`
	Continued int     `json:"continued"`
	Missed    int     `json:"missed"`
	Open      []int64 `json:"open"`
}

// showFact shows notices that are about no run.
func (d *delivery) showFact(ctx context.Context) error {
	place := d.b.orOperator(d.n.Place)
	c := d.b.shared(d.book, place, d.n.Place, nil)
	dr := &draft{means: Intent{Flow: d.n.Flow}}
	switch d.n.Kind {
	case engine.NoticePublished, engine.NoticePaused:
		if err := d.flowCard(ctx, c, dr); err != nil {
			return err
		}
	case engine.NoticeUnsigned:
		var f HookFacts
		if err := d.data(&f); err != nil {
			return err
		}
		dr.card = prompts.Unsigned(c, f.Path, f.Count, verbs)
		dr.card.Key = "unsigned:" + d.n.ID
		if d.b.builds() && d.n.Flow != "" {
			dr.card.Buttons = append(dr.card.Buttons, prompts.Button{ID: "secret", Label: prompts.T(c.Lang, "Address and secret", nil), Token: "secret"})
		}
	case engine.NoticeBroken:
		var f BrokenFacts
		if err := d.data(&f); err != nil {
			return err
		}
		ev, err := d.b.event(ctx, d.n.Flow, f.Event)
		if engine.CodeOf(err) == engine.NotFound {
			ev, err = engine.Event{ID: f.Event, At: d.n.At}, nil
		}
		if err != nil {
			return err
		}
		if dr.means.Data, err = json.Marshal(BrokenFacts{Event: f.Event}); err != nil {
			return engine.AsError(err).WithOp("bot.showFact")
		}
		dr.card = prompts.Broken(c, d.n.Flow, ev, f.Reason, verbs)
		dr.card.Key = "broken:" + d.n.ID
	case engine.NoticeStalled:
		var f engine.StalledData
		if err := d.data(&f); err != nil {
			return err
		}
		dr.means.Run = d.n.Run
		dr.card = prompts.Stalled(c, engine.RunHead{ID: d.n.Run, Number: d.n.Number, Flow: d.n.Flow}, f.Since, verbs)
		dr.card.Key = "stalled:" + d.n.ID
	case engine.NoticeExpect:
		var f engine.ExpectData
		if err := d.data(&f); err != nil {
			return err
		}
		dr.card = prompts.Quiet(c, d.n.Flow, f)
		dr.card.Key = "quiet:" + d.n.ID
	case engine.NoticeAway:
		var f AwayData
		if err := d.data(&f); err != nil {
			return err
		}
		dr.card = prompts.Away(c, f.From, f.To, prompts.AwayFacts{Continued: f.Continued, Missed: f.Missed, Open: f.Open})
		dr.card.Key = "away:" + d.n.ID
	case engine.NoticeClock:
		var f engine.ClockData
		if err := d.data(&f); err != nil {
			return err
		}
		dr.card = prompts.ClockJumped(c, f)
		dr.card.Key = "clock:" + strconv.FormatInt(f.Since, 10)
	default:
		d.reason("a kind that this version does not know: " + string(d.n.Kind))
		return nil
	}
	places := []engine.Place{place}
	if d.n.Kind == engine.NoticeUnsigned || d.n.Kind == engine.NoticeBroken || d.n.Kind == engine.NoticeStalled || d.n.Kind == engine.NoticeExpect {
		places = d.alertsOf(ctx, place)
	}
	return d.put(ctx, dr.card.Key, places, same(dr))
}

// alertsOf is where the live version of the notice's flow wants what fails told.
func (d *delivery) alertsOf(ctx context.Context, channel engine.Place) []engine.Place {
	if d.n.Flow == "" || !d.b.builds() {
		return []engine.Place{channel}
	}
	t, err := d.b.textOf(ctx, d.n.Flow, 0)
	if head, e := d.b.o.Flows.Head(ctx, d.n.Flow); e == nil && head.Live > 0 {
		t, err = d.b.textOf(ctx, d.n.Flow, head.Live)
	}
	if err != nil || t == nil {
		return []engine.Place{channel}
	}
	return orElse(t.Notify.Alerts, channel)
}

// event finds a recent event of a flow by its id; NotFound.
func (b *Bot) event(ctx context.Context, flow, id string) (engine.Event, error) {
	recent, err := b.o.Runs.Events(ctx, flow, 1000)
	if err != nil {
		return engine.Event{}, err
	}
	for _, o := range recent {
		if o.Event.ID == id {
			return o.Event, nil
		}
	}
	return engine.Event{}, engine.E(engine.NotFound, "This event is too old to be run again").WithOp("bot.event")
}

// flowCard is a message of its own for each version and each pause: editing the old one would hide the news.
func (d *delivery) flowCard(ctx context.Context, c prompts.Ctx, dr *draft) error {
	var f FlowFacts
	if err := d.data(&f); err != nil {
		return err
	}
	head, err := d.b.o.Flows.Head(ctx, d.n.Flow)
	if err != nil {
		return err
	}
	if d.n.Kind == engine.NoticePublished {
		if f.Version > 0 {
			head.Live = f.Version
		}
		dr.card = prompts.Published(c, head, f.By, d.b.live(ctx, head), verbs)
		dr.card.Key = "flow:" + d.n.Flow + "@" + strconv.FormatInt(head.Live, 10)
		if d.b.o.Drafts != nil && head.Live > 1 {
			dr.card.Buttons = append(dr.card.Buttons, prompts.Button{ID: "rollback", Label: prompts.T(c.Lang, "Roll back", nil), Token: "rollback"})
		}
		return d.b.builderAnew(ctx, d.n.Flow, nil)
	}
	if f.State == "" {
		f.State = head.State
	}
	dr.card = prompts.Paused(c, head, f.By, f.State == engine.FlowPaused, f.Queued, verbs)
	dr.card.Key = "flow:" + d.n.Flow + ":" + d.n.ID
	return nil
}

// live is what a flow's live version does, in words; as far as it can be read.
func (b *Bot) live(ctx context.Context, head engine.FlowHead) (out prompts.Live) {
	if !b.builds() {
		return out
	}
	t, err := b.textOf(ctx, head.Name, head.Live)
	if err != nil || t == nil {
		return out
	}
	out = prompts.Live{Starts: describe.Trigger(t, b.o.Catalog), Known: true}
	if t.Trigger.When != nil {
		out.OnlyIf = describe.Condition(t.Trigger.When.Source)
	}
	for _, p := range describe.Powers(t, b.o.Catalog) {
		out.Powers = append(out.Powers, prompts.Power(p))
	}
	return out
}

// data reads the notice's Data; none at all is no error.
func (d *delivery) data(into any) error {
	if len(d.n.Data) == 0 {
		return nil
	}
	if err := json.Unmarshal(d.n.Data, into); err != nil {
		return engine.E(engine.Invalid, "a notice of kind {kind} cannot be read", "kind", string(d.n.Kind)).WithOp("bot.notice").Wrap(err)
	}
	return nil
}

func join(words []string, sep string) string { return strings.Join(words, sep) }

func trimAt(group string) string { return strings.TrimPrefix(group, "@") }
