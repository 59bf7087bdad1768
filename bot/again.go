package bot

import (
	"context"
	"encoding/json"
	"strconv"
	"strings"

	"github.com/bretelle/bretelle/engine"
	"github.com/bretelle/bretelle/prompts"
)

// againData is Intent.Data of the buttons about running again: what was shown, and what it was shown of.
type againData struct {
	Ask  engine.AgainAsk `json:"ask"`
	Seq  int64           `json:"seq"`
	Once string          `json:"once"`
}

// numberedRun finds the run that a person names, "#12" or "12", if they may d there.
func (b *Bot) numberedRun(ctx context.Context, c *caller, in In, text string, d Deed) (engine.RunView, error) {
	n, err := strconv.ParseInt(strings.TrimPrefix(text, "#"), 10, 64)
	if err != nil || n <= 0 {
		return engine.RunView{}, engine.E(engine.Invalid, `"{text}" is not a run's number`, "text", text).WithHint("Write it like #12.")
	}
	id, err := b.o.Runs.RunID(ctx, n)
	if engine.CodeOf(err) == engine.NotFound {
		return engine.RunView{}, engine.E(engine.NotFound, "There is no run #{number}", "number", n)
	}
	if err != nil {
		return engine.RunView{}, err
	}
	view, err := b.o.Runs.Run(ctx, id)
	if err != nil {
		return view, err
	}
	if err := b.may(ctx, c, d, view.Flow, view.Place, false); err != nil {
		b.audit(ctx, c.person.ID, "run.again.refused", "run/"+id, "verdict=denied source="+source(in))
		return view, err
	}
	return view, nil
}

// cmdAgain shows what running a run again would do. Without a step it begins where the run failed, else at the first one;
// without a version, with the published one. "from" before the step may be written.
func (b *Bot) cmdAgain(ctx context.Context, c *call) (Reply, error) {
	if b.o.Mender == nil {
		return nil, engine.E(engine.Invalid, "Runs cannot be run again here")
	}
	view, err := b.numberedRun(ctx, c.caller, c.in, c.args["#RUN"], DeedRun)
	if err != nil {
		return nil, err
	}
	step, version := c.args["STEP"], c.args["VERSION"]
	if step == "from" {
		step, version = version, ""
	}
	ask := engine.AgainAsk{Run: view.ID, From: step}
	if step == "" {
		ask.From = FailedStep(view)
	}
	if version != "" {
		if ask.Version, err = strconv.ParseInt(version, 10, 64); err != nil || ask.Version < 1 {
			return nil, engine.E(engine.Invalid, `"{text}" is not a version's number`, "text", version)
		}
	}
	return b.planAgain(ctx, c.caller, c.in, view, ask)
}

// FailedStep is where a run stands that failed, outside of loops; "" when it did not.
func FailedStep(v engine.RunView) string {
	for _, s := range v.Steps {
		if s.State == engine.StepStateFailed || s.State == engine.StepStateUnknown {
			id, _, _ := strings.Cut(s.Path, "[")
			return id
		}
	}
	return ""
}

func (b *Bot) planAgain(ctx context.Context, c *caller, in In, view engine.RunView, ask engine.AgainAsk) (Reply, error) {
	plan, err := b.o.Mender.PlanAgain(ctx, ask)
	if err != nil {
		return nil, err
	}
	if err := b.mayAgain(ctx, c, view, plan.Version); err != nil {
		b.audit(ctx, c.person.ID, "run.again.refused", "run/"+view.ID, "verdict=denied source="+source(in))
		return nil, err
	}
	flow, err := b.flowRoles(ctx, view.Flow)
	if err != nil {
		return nil, err
	}
	ask.Version = plan.Version // what is shown is what runs, whatever is published until then
	data, err := json.Marshal(againData{Ask: ask, Seq: plan.Seq, Once: engine.NewID(b.o.Now())})
	if err != nil {
		return nil, engine.AsError(err).WithOp("bot.planAgain")
	}
	card := prompts.AgainPlan(b.private(c, view.Place, flow), plan, ask.Event != nil, verbs)
	card.Key = "again:" + view.ID
	return b.reply(ctx, c, in, card.Key, &draft{card: card, means: Intent{Run: view.ID, Flow: view.Flow, Data: data}})
}

// pressRerun makes the run that was shown; pressed on a run's own card it shows first.
func (b *Bot) pressRerun(ctx context.Context, p *press) (Reply, error) {
	if err := b.allowed(ctx, p, DeedRun, false); err != nil {
		return nil, err
	}
	var d againData
	if b.o.Mender == nil || len(p.it.Data) > 0 && json.Unmarshal(p.it.Data, &d) != nil {
		return nil, stale()
	}
	if d.Once == "" {
		return b.planAgain(ctx, p.caller, p.in, p.view, engine.AgainAsk{Run: p.view.ID, From: FailedStep(p.view)})
	}
	if err := b.mayAgain(ctx, p.caller, p.view, d.Ask.Version); err != nil {
		b.note(ctx, p, "denied")
		return nil, err
	}
	r, err := b.o.Mender.RunAgain(ctx, d.Ask, d.Seq, p.person.ID, d.Once)
	if err != nil {
		b.note(ctx, p, "error_"+string(engine.CodeOf(err)))
		return nil, unsaved(err)
	}
	b.note(ctx, p, "counted")
	b.Wake()
	if r.Outcome == engine.Queued {
		return Private{prompts.Say(p.ctx(b), "Run #{number} of {flow} waits, because the flow is paused", "number", r.Number, "flow", p.view.Flow)}, nil
	}
	return Private{prompts.Say(p.ctx(b), "#{old} runs again as #{number}", "old", p.view.Number, "number", r.Number)}, nil
}

// pressAgainEvent opens the event to be changed, and shows the plan with what comes back.
func (b *Bot) pressAgainEvent(ctx context.Context, p *press) (Reply, error) {
	if err := b.allowed(ctx, p, DeedRun, false); err != nil {
		return nil, err
	}
	var d againData
	if b.o.Mender == nil || p.view.Event == nil || json.Unmarshal(p.it.Data, &d) != nil {
		return nil, stale()
	}
	form := func(f prompts.Filled) (prompts.Form, error) {
		now := p.view.Event.Data
		if d.Ask.Event != nil {
			now = d.Ask.Event
		}
		return prompts.AgainForm(p.ctx(b), p.view, now, p.in.Token, f)
	}
	if !p.submitted() {
		f, err := form(prompts.Filled{})
		if err != nil {
			return nil, err
		}
		b.note(ctx, p, "dialog")
		return Dialog{f}, nil
	}
	x, err := engine.DecodeJSON([]byte(p.in.Fields[runField]))
	event, ok := x.(map[string]any)
	if err != nil || !ok {
		errs := map[string]string{runField: prompts.T(p.ctx(b).Lang, `This must stay JSON like {"name": "value"}`, nil)}
		f, err := form(prompts.Filled{Values: p.in.Fields, Errors: errs})
		if err != nil {
			return nil, err
		}
		return FieldErrors{Errors: errs, Form: f}, nil
	}
	d.Ask.Event = event
	return b.planAgain(ctx, p.caller, p.in, p.view, d.Ask)
}
