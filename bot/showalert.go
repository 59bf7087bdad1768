package bot

import (
	"context"
	"encoding/json"
	"strings"

	"github.com/bretelle/bretelle/engine"
	"github.com/bretelle/bretelle/prompts"
)

// alertData is Intent.Data of an alert's buttons.
type alertData struct {
	Fingerprint string `json:"fingerprint"`
}

// showAlert does what decideAlert says about a failure or its end.
func (d *delivery) showAlert(ctx context.Context) error {
	var data engine.FailedData
	if err := d.data(&data); err != nil {
		return err
	}
	a, err := d.b.alert(ctx, data.Fingerprint(d.n.Flow))
	if err != nil {
		return err
	}
	if d.n.Kind == engine.NoticeMended && a.run(d.n.Run, d.n.Path) == nil {
		if others, err := d.others(ctx, data, a.Fingerprint); err != nil {
			return err
		} else if len(others) > 0 {
			a = others[0]
		}
	}
	if over, err := d.overBefore(ctx, &a); err != nil || over {
		return err
	}
	d.muted, d.mutedBy = a.MutedUntil, a.MutedBy
	what := decideAlert(a, d.n, data, d.b.now())
	d.reason(what.Reason)
	if what.Alert.Fingerprint == "" {
		return nil
	}
	d.settled.Alert = &what.Alert
	if d.n.Kind == engine.NoticeFailed {
		if err := d.moveOn(ctx, data, what.Alert.Fingerprint); err != nil {
			return err
		}
	}
	s, err := d.scene(ctx)
	if err != nil {
		return err
	}
	if _, err := d.asksFollow(ctx, s); err != nil {
		return err
	}
	if what.Card {
		take, err := d.takeOver(ctx, &what.Alert)
		if err != nil {
			return err
		}
		err = d.put(ctx, what.Alert.key(), orElse(s.view.Notify.Alerts, what.Alert.Place), func(p engine.Place) (*draft, error) {
			dr, err := d.b.alertDraft(ctx, d.book, &what.Alert, p)
			if err == nil && take[p] {
				dr.take = retryKey(d.n.Run, d.n.Path)
			}
			return dr, err
		})
		if err != nil {
			return err
		}
		d.took = take
	}
	if err := d.endRetrying(ctx, &what.Alert); err != nil {
		return err
	}
	if what.Line {
		return d.alertLine(&what.Alert)
	}
	return nil
}

// overBefore reports whether a failure need not be told any more: its step is through or its run stopped, and nobody
// was alerted. So a late notice never opens an alert that nothing would ever close.
func (d *delivery) overBefore(ctx context.Context, a *Alert) (bool, error) {
	if d.n.Kind != engine.NoticeFailed || a.run(d.n.Run, d.n.Path) != nil {
		return false, nil
	}
	view, err := d.b.o.Runs.Run(ctx, d.n.Run)
	if err != nil {
		return false, err
	}
	step := stepAt(view, d.n.Path)
	if step != nil && step.State != engine.StepStateDone && step.State != engine.StepStateCanceled {
		return false, nil
	}
	d.reason("over before it was told")
	return true, nil
}

// alert reads a group; the zero Alert when there is none.
func (b *Bot) alert(ctx context.Context, fingerprint string) (Alert, error) {
	a, err := b.o.Outbox.Alert(ctx, fingerprint)
	if engine.CodeOf(err) == engine.NotFound {
		return Alert{}, nil
	}
	return a, err
}

// others are further open groups of the step in which this run fails: it failed differently before.
func (d *delivery) others(ctx context.Context, data engine.FailedData, but string) ([]Alert, error) {
	cards, err := d.b.o.Outbox.OpenCards(ctx, engine.Place{}, 1000)
	if err != nil {
		return nil, err
	}
	var out []Alert
	seen := map[string]bool{but: true}
	for _, c := range cards {
		fp, isAlert := alertOf(c.Key)
		if !isAlert || seen[fp] || !strings.HasPrefix(fp, d.n.Flow+"|"+data.Step+"|") {
			continue
		}
		seen[fp] = true
		a, err := d.b.alert(ctx, fp)
		if err != nil {
			return nil, err
		}
		if r := a.run(d.n.Run, d.n.Path); r != nil && r.State == runFailing {
			out = append(out, a)
		}
	}
	return out, nil
}

// moveOn takes the run out of groups it is in for an earlier, different failure, so that they can end.
func (d *delivery) moveOn(ctx context.Context, data engine.FailedData, to string) error {
	others, err := d.others(ctx, data, to)
	if err != nil {
		return err
	}
	for _, a := range others {
		r := a.run(d.n.Run, d.n.Path)
		r.State, r.At, r.To = runMoved, d.n.At, to
		if len(a.failing()) == 0 {
			a.State, a.ResolvedBy, a.ResolvedAt = alertResolved, "", d.n.At
		}
		err := d.put(ctx, a.key(), nil, func(p engine.Place) (*draft, error) { return d.b.alertDraft(ctx, d.book, &a, p, *d.settled.Alert) })
		if err != nil {
			return err
		}
		if err := d.b.o.Outbox.PutAlert(ctx, a); err != nil {
			return err
		}
	}
	return nil
}

// alertDraft is the card of a group. Its buttons act on the run that has failed longest. fresh are groups that are
// not stored yet.
func (b *Bot) alertDraft(ctx context.Context, k *book, a *Alert, at engine.Place, fresh ...Alert) (*draft, error) {
	facts := prompts.AlertFacts{Flow: a.Flow, Since: a.Since, MutedUntil: a.MutedUntil, MutedBy: a.MutedBy, MutedFixed: a.MutedUntil >= MutedUntilFixed,
		Resolved: a.State == alertResolved, ResolvedBy: a.ResolvedBy, ResolvedAt: a.ResolvedAt}
	if len(a.Last) > 0 {
		if err := json.Unmarshal(a.Last, &facts.Data); err != nil {
			return nil, engine.E(engine.Invalid, "an alert cannot be read").WithOp("bot.alertDraft").Wrap(err)
		}
	}
	for _, r := range a.Runs {
		now, err := b.movedTo(ctx, r, fresh)
		if err != nil {
			return nil, err
		}
		facts.Runs = append(facts.Runs, prompts.AlertRun{Number: r.Number, State: r.State, At: r.At, Now: now})
	}
	head, err := b.o.Flows.Head(ctx, a.Flow)
	if err != nil && engine.CodeOf(err) != engine.NotFound {
		return nil, err
	}
	facts.Title = head.Title
	if _, known := k.id(head.Owner); known { // a flow applied from the shell has nobody to call
		facts.Owner = head.Owner
	}
	data, err := json.Marshal(alertData{a.Fingerprint})
	if err != nil {
		return nil, engine.AsError(err).WithOp("bot.alertDraft")
	}
	dr := &draft{means: Intent{Flow: a.Flow, Data: data}}
	if first := a.first(); first != nil {
		dr.means.Run, dr.means.Path, dr.number = first.Run, first.Path, first.Number
		view, err := b.o.Runs.Run(ctx, first.Run)
		if err != nil && engine.CodeOf(err) != engine.NotFound {
			return nil, err
		}
		if step := stepAt(view, first.Path); step != nil {
			facts.Line, facts.Detail = step.Line, step.Detail
			if step.Lost {
				facts.Lost = first.Number
			}
		}
	}
	if facts.Resolved && b.builds() {
		fix, err := b.fixOf(ctx, a.key())
		if err != nil {
			return nil, err
		}
		facts.Fixed = fix != nil
	}
	dr.card = prompts.Alert(b.shared(k, b.orOperator(at), a.Place, nil), facts, verbs)
	dr.card.Key = a.key()
	if b.builds() && !facts.Resolved {
		dr.card.Buttons = append(dr.card.Buttons, prompts.Button{ID: "build", Label: prompts.T(dr.card.Lang, "Fix the flow", nil), Token: "build"})
	}
	return dr, nil
}

// movedTo is how a run fails in the group it moved to; nil when it did not move, or that group is gone.
func (b *Bot) movedTo(ctx context.Context, r AlertRun, fresh []Alert) (*engine.FailedData, error) {
	if r.State != runMoved || r.To == "" {
		return nil, nil
	}
	var to Alert
	for _, a := range fresh {
		if a.Fingerprint == r.To {
			to = a
		}
	}
	if to.Fingerprint == "" {
		var err error
		if to, err = b.alert(ctx, r.To); err != nil {
			return nil, err
		}
	}
	var data engine.FailedData
	if len(to.Last) == 0 || json.Unmarshal(to.Last, &data) != nil {
		return nil, nil
	}
	return &data, nil
}

// takeOver finds where a new alert appears in place of the run's "trying again" card.
func (d *delivery) takeOver(ctx context.Context, a *Alert) (map[engine.Place]bool, error) {
	here, err := d.b.present(ctx, a.key())
	if err != nil {
		return nil, err
	}
	working, err := d.b.present(ctx, retryKey(d.n.Run, d.n.Path))
	if err != nil {
		return nil, err
	}
	take := map[engine.Place]bool{}
	for _, p := range working.places {
		take[p] = !here.in(p)
	}
	return take, nil
}

// endRetrying lets a "trying again" card that was not taken over say what became of it.
func (d *delivery) endRetrying(ctx context.Context, a *Alert) error {
	key := retryKey(d.n.Run, d.n.Path)
	working, err := d.b.present(ctx, key)
	if err != nil {
		return err
	}
	for _, p := range working.places {
		if d.took[p] {
			continue
		}
		card, ok := d.line(a, p)
		if !ok {
			return nil
		}
		card.Key = key
		dr := &draft{card: card, means: Intent{Run: d.n.Run}}
		c, err := dr.copy(p, d.b.now())
		if err != nil {
			return err
		}
		d.settled.Copies = append(d.settled.Copies, c)
	}
	return nil
}

// line is the run's line in the alert's thread.
func (d *delivery) line(a *Alert, p engine.Place) (prompts.Card, bool) {
	r := a.run(d.n.Run, d.n.Path)
	if r == nil {
		return prompts.Card{}, false
	}
	facts := prompts.AlertFacts{Flow: a.Flow, Since: a.Since}
	if err := json.Unmarshal(d.n.Data, &facts.Data); err != nil {
		return prompts.Card{}, false
	}
	c := d.b.shared(d.book, d.b.orOperator(p), a.Place, nil)
	card := prompts.AlertLine(c, facts, prompts.AlertRun{Number: r.Number, State: r.State, At: r.At})
	card.Key, card.State = failKey(d.n.Run, d.n.Path), engine.CardResolved
	return card, true
}

// alertLine writes the run's line below the alert, wherever that stands.
func (d *delivery) alertLine(a *Alert) error {
	if _, ok := d.line(a, a.Place); !ok {
		return nil
	}
	return d.below(a.key(), func(p engine.Place) (*draft, error) {
		card, _ := d.line(a, p)
		return &draft{card: card, means: Intent{Run: d.n.Run}}, nil
	})
}
