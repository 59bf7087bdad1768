package bot

import (
	"context"
	"encoding/json"

	"github.com/bretelle/bretelle/engine"
	"github.com/bretelle/bretelle/prompts"
)

// undoData is Intent.Data of the button that undoes a run.
type undoData struct {
	Step  string `json:"step,omitempty"`
	Shown bool   `json:"shown,omitempty"` // what it does was shown: it is pressed to do it
}

// undoRun shows how what a run did, or one of its steps, can be taken back.
func (b *Bot) undoRun(ctx context.Context, c *call, number, step string) (Reply, error) {
	if b.o.Mender == nil {
		return nil, engine.E(engine.Invalid, "Runs cannot be undone here")
	}
	view, err := b.numberedRun(ctx, c.caller, c.in, number, DeedRun)
	if err != nil {
		return nil, err
	}
	return b.planUndo(ctx, c.caller, c.in, view, step)
}

func (b *Bot) planUndo(ctx context.Context, c *caller, in In, view engine.RunView, step string) (Reply, error) {
	plan, err := b.o.Mender.PlanUndo(ctx, view.ID, step)
	if err != nil {
		return nil, err
	}
	flow, err := b.flowRoles(ctx, view.Flow)
	if err != nil {
		return nil, err
	}
	data, err := json.Marshal(undoData{Step: step, Shown: true})
	if err != nil {
		return nil, engine.AsError(err).WithOp("bot.planUndo")
	}
	card := prompts.UndoPlan(b.private(c, view.Place, flow), plan, verbs)
	card.Key = "undo:" + view.ID
	return b.reply(ctx, c, in, card.Key, &draft{card: card, means: Intent{Run: view.ID, Flow: view.Flow, Data: data}})
}

// pressUndoRun begins the run that takes back what was shown; pressed on a run's own card it shows that first.
func (b *Bot) pressUndoRun(ctx context.Context, p *press) (Reply, error) {
	if err := b.allowed(ctx, p, DeedRun, false); err != nil {
		return nil, err
	}
	var d undoData
	if b.o.Mender == nil || len(p.it.Data) > 0 && json.Unmarshal(p.it.Data, &d) != nil {
		return nil, stale()
	}
	if !d.Shown {
		return b.planUndo(ctx, p.caller, p.in, p.view, d.Step)
	}
	r, err := b.o.Mender.RunUndo(ctx, p.view.ID, d.Step, p.person.ID)
	if err != nil {
		b.note(ctx, p, "error_"+string(engine.CodeOf(err)))
		return nil, unsaved(err)
	}
	b.note(ctx, p, "counted")
	b.Wake()
	return Private{prompts.Say(p.ctx(b), "#{old} is being undone as #{number}", "old", p.view.Number, "number", r.Number)}, nil
}
