package bot

import (
	"context"
	"encoding/json"
	"strings"

	"github.com/bretelle/bretelle/engine"
	"github.com/bretelle/bretelle/engine/patch"
	"github.com/bretelle/bretelle/prompts"
)

// fixData is Intent.Data of the buttons about a change for several runs: an alert's fingerprint with it, so that the
// dialog can be opened again as it was.
type fixData struct {
	Fingerprint string            `json:"fingerprint"`
	Key         string            `json:"key,omitempty"` // of the alert's card
	ID          string            `json:"id,omitempty"`  // of this change: a run takes it once
	Change      fixChange         `json:"change"`
	Runs        []fixRun          `json:"runs,omitempty"`
	Typed       map[string]string `json:"typed,omitempty"`
}

// fixChange is what a person changed in what a step sends.
type fixChange struct {
	Step string     `json:"step"`
	Ops  []patch.Op `json:"ops"`
}

// fixRun is a run that the change is for, as it stood when the change was shown.
type fixRun struct {
	Run     string `json:"run"`
	Path    string `json:"path"`
	Number  int64  `json:"number"`
	Attempt int    `json:"attempt"`
}

// fixes reads what a press about a change carries.
func (p *press) fixes() (d fixData) {
	if len(p.it.Data) > 0 && json.Unmarshal(p.it.Data, &d) != nil {
		return fixData{}
	}
	return d
}

// fixTyped is what was typed before [Back].
func fixTyped(p *press) prompts.Filled { return prompts.Filled{Values: p.fixes().Typed} }

// alike are the runs that fail as the pressed one does and can be given another input; nil where nothing tells.
func (b *Bot) alike(ctx context.Context, p *press) ([]AlertRun, error) {
	d := p.fixes()
	if b.o.Mender == nil || d.Fingerprint == "" {
		return nil, nil
	}
	a, err := b.alert(ctx, d.Fingerprint)
	if err != nil || a.Fingerprint == "" || a.key() != p.it.Key && a.key() != d.Key {
		return nil, err
	}
	var out []AlertRun
	for _, r := range a.failing() {
		if r.Path[strings.LastIndexByte(r.Path, '/')+1:] == p.it.Path[strings.LastIndexByte(p.it.Path, '/')+1:] {
			out = append(out, r)
		}
	}
	return out, nil
}

// changeOf is what the person changed in what was shown.
func (b *Bot) changeOf(p *press, shown engine.StepView, input map[string]any) fixChange {
	before, err := engine.DecodeJSON(shown.Input)
	if err != nil {
		before = nil
	}
	id := shown.Path[strings.LastIndexByte(shown.Path, '/')+1:]
	return fixChange{Step: id, Ops: patch.Diff(before, any(input))}
}

// planFix shows what the change does to each run, before anything is done.
func (b *Bot) planFix(ctx context.Context, p *press, step engine.StepView, change fixChange, alike []AlertRun) (Reply, error) {
	old := p.fixes()
	d := fixData{Fingerprint: old.Fingerprint, Key: p.it.Key, ID: "fix:" + engine.NewID(b.o.Now()), Change: change, Typed: p.in.Fields}
	if old.Key != "" {
		d.Key = old.Key
	}
	var shown []prompts.FixedRun
	for _, r := range alike {
		f, at, err := b.fixed(ctx, p, r, change)
		if err != nil {
			return nil, err
		}
		if at == nil {
			continue // it is not parked there any more
		}
		shown = append(shown, f)
		if f.Problem == nil {
			d.Runs = append(d.Runs, fixRun{Run: r.Run, Path: r.Path, Number: r.Number, Attempt: at.Attempts})
		}
	}
	if len(shown) == 0 {
		return b.refuse(ctx, p, engine.Answer{Verdict: engine.NotNow}, nil)
	}
	data, err := json.Marshal(d)
	if err != nil {
		return nil, engine.AsError(err).WithOp("bot.planFix")
	}
	b.note(ctx, p, "shown")
	card := prompts.FixPlan(p.ctx(b), p.view.Flow, step, shown, verbs)
	card.Key = "fixplan:" + d.Fingerprint
	return b.reply(ctx, p.caller, p.in, card.Key, &draft{card: card, means: Intent{Run: p.it.Run, Path: p.it.Path, Flow: p.view.Flow, Data: data}})
}

// fixed is what a change makes of one run; no step when it does not wait for a mend there any more, or where the person
// may not mend it: an earlier version may have run in another channel.
func (b *Bot) fixed(ctx context.Context, p *press, r AlertRun, change fixChange) (f prompts.FixedRun, step *engine.StepView, err error) {
	view, err := b.o.Runs.Run(ctx, r.Run)
	if engine.CodeOf(err) == engine.NotFound {
		return f, nil, nil
	}
	if err != nil {
		return f, nil, unsaved(err)
	}
	if err := b.may(ctx, p.caller, DeedFix, view.Flow, view.Place, false); engine.CodeOf(err) == engine.Denied {
		return f, nil, nil
	} else if err != nil {
		return f, nil, err
	}
	if step = stepAt(view, r.Path); step == nil || step.State != engine.StepStateFailed {
		return f, nil, nil
	}
	f.Number = view.Number
	before, err := engine.DecodeJSON(step.Input)
	if err != nil {
		return f, nil, engine.AsError(err).WithOp("bot.fixed")
	}
	f.Before = before
	if step.Lost {
		f.Problem = engine.E(engine.Conflict, "this was done already, only its answer could not be read")
		return f, step, nil
	}
	after, err := patch.Apply(before, change.Ops)
	if err != nil {
		f.Problem = engine.AsError(err)
		return f, step, nil
	}
	in, _ := after.(map[string]any)
	for _, bad := range b.misfits(step.Action, in) {
		f.Problem = bad
		return f, step, nil
	}
	if f.Ops = patch.Diff(before, after); len(f.Ops) > 0 {
		f.Asks = prompts.Covering(view, r.Path)
	}
	return f, step, nil
}

// pressFixAll makes the change that was shown: to the first run, or to all that still wait as they did then.
func (b *Bot) pressFixAll(ctx context.Context, p *press) (Reply, error) {
	if err := b.allowed(ctx, p, DeedFix, false); err != nil {
		return nil, err
	}
	d := p.fixes()
	if b.o.Mender == nil || d.ID == "" || len(d.Runs) == 0 {
		return nil, stale()
	}
	var list []engine.Signal
	var numbers []string
	for _, r := range d.Runs {
		f, step, err := b.fixed(ctx, p, AlertRun{Run: r.Run, Path: r.Path}, d.Change)
		if err != nil {
			return nil, err
		}
		if step == nil || step.Attempts != r.Attempt || f.Problem != nil {
			continue
		}
		s, err := fixSignal(f, d.Change, r, p)
		if err != nil {
			return nil, err
		}
		list, numbers = append(list, s), append(numbers, "#"+itoa(r.Number))
		if p.it.Verb == "fix_first" {
			break
		}
	}
	if len(list) == 0 {
		return b.refuse(ctx, p, engine.Answer{Verdict: engine.NotNow}, nil)
	}
	if err := b.o.Mender.SignalAll(ctx, d.ID, list); err != nil {
		b.note(ctx, p, "error_"+string(engine.CodeOf(err)))
		return nil, unsaved(err)
	}
	p.it.Key = d.Key
	b.keepFix(ctx, p, d.Change)
	b.note(ctx, p, "counted")
	b.Wake()
	if len(list) == 1 {
		return Private{prompts.Say(p.ctx(b), "Trying {number} with the change", "number", numbers[0])}, nil
	}
	return Private{prompts.Say(p.ctx(b), "Trying {n} runs with the change: {numbers}", "n", len(list), "numbers", strings.Join(numbers, " "))}, nil
}

func fixSignal(f prompts.FixedRun, change fixChange, r fixRun, p *press) (engine.Signal, error) {
	s := engine.Signal{Run: r.Run, Path: r.Path, Kind: engine.StepFixed, By: p.person.ID, Source: source(p.in)}
	after, err := patch.Apply(f.Before, change.Ops)
	if err != nil {
		return s, err
	}
	if s.Head, err = json.Marshal(engine.FixHead{Attempt: r.Attempt}); err != nil {
		return s, engine.AsError(err).WithOp("bot.fixSignal")
	}
	if s.Data, err = engine.EncodeJSON(after); err != nil {
		return s, engine.AsError(err).WithOp("bot.fixSignal")
	}
	return s, nil
}

// fixToken is under what the change that mended an alert's runs is kept.
func fixToken(alert string) string { return typedToken("fix\x00"+alert, "") }

// keptFix is the change that mended the runs of an alert, and who made it.
type keptFix struct {
	Change fixChange `json:"change"`
	By     string    `json:"by"`
}

// keepFix remembers the change, so that it can become the flow's own. Without it the runs are mended all the same.
func (b *Bot) keepFix(ctx context.Context, p *press, change fixChange) {
	if _, isAlert := alertOf(p.it.Key); !isAlert || len(change.Ops) == 0 {
		return
	}
	data, err := json.Marshal(keptFix{Change: change, By: p.person.ID})
	if err == nil {
		err = b.remember(ctx, p.actor.Surface, Intent{Token: fixToken(p.it.Key), Verb: "fixed", Flow: p.view.Flow, Data: data,
			Expires: b.now() + answerLife.Milliseconds()})
	}
	if err != nil {
		b.o.Log.Warn("the change that mends runs could not be remembered", "run", p.it.Run, "err", err)
	}
}

// fixOf is the change that mended an alert's runs; nil when none is known.
func (b *Bot) fixOf(ctx context.Context, alert string) (*keptFix, error) {
	it, err := b.o.Outbox.Intent(ctx, fixToken(alert))
	if engine.CodeOf(err) == engine.NotFound || err == nil && it.Expires > 0 && it.Expires < b.now() {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	k := &keptFix{}
	if json.Unmarshal(it.Data, k) != nil {
		return nil, nil
	}
	return k, nil
}
