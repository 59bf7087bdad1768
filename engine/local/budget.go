package local

import (
	"context"
	"encoding/json"

	"github.com/bretelle/bretelle/engine"
	"github.com/bretelle/bretelle/engine/fold"
	"github.com/bretelle/bretelle/engine/gate"
)

// shownCalls is how many of the calls that wait for a budget people are shown.
const shownCalls = 3

// askBudget lets time pass at a budget and asks people, once for all who wait, when it is used up.
func (r *Runtime) askBudget(d GateDue) error {
	ctx := context.WithoutCancel(r.base)
	data, err := r.budgetData(ctx, d.Gate, d.Rule)
	if err != nil {
		return err
	}
	told := false
	err = r.store.GateTick(ctx, GateAsk{Gate: d.Gate}, r.now(), func(out gate.Out) []engine.Notice {
		told = out.Said == gate.Crowd || out.Said == gate.Calm
		if !told {
			return nil
		}
		x := data
		x.Line, x.Asked, x.Next, x.Calm = out.Line, out.Asked, out.Next, out.Said == gate.Calm
		return []engine.Notice{r.budgetNotice(d.Flow, x)}
	})
	if err == nil && told {
		r.o.OnCommit()
	}
	return err
}

// budgetData is what a notice says about a budget, its sample included.
func (r *Runtime) budgetData(ctx context.Context, name string, rule gate.Rule) (engine.BudgetData, error) {
	_, risk, _ := fold.CutBudgetGate(name)
	x := engine.BudgetData{Risk: risk, Most: rule.Most, Per: rule.Per}
	first, err := r.store.InLine(ctx, name, shownCalls)
	if err != nil {
		return x, err
	}
	for _, t := range first {
		var c engine.BudgetCall
		if json.Unmarshal(t.Data, &c) == nil {
			x.Calls = append(x.Calls, c)
		}
	}
	return x, nil
}

// budgetNotice has no place: it is told where the flow speaks when it is delivered.
func (r *Runtime) budgetNotice(flow string, x engine.BudgetData) engine.Notice {
	return engine.Notice{
		ID: engine.NewID(r.o.Now()), At: r.now(), Kind: engine.NoticeBudget, Topic: fold.BudgetGate + flow + ":" + x.Risk, Flow: flow,
		Data: encode(x),
	}
}

// Budget is what a person decided about the calls that wait because a flow's budget of a risk is used up. asked names
// the question (BudgetData.Asked): each is decided once. n is how many of the line's first are let go or stopped, or how
// many more than the budget are allowed for one window. Errors: Conflict when the question is over; Invalid for another
// decision; Unavailable.
func (r *Runtime) Budget(ctx context.Context, flow, risk, did string, asked int64, n int, by string) error {
	verb, ok := map[string]gate.Verb{
		engine.BudgetLet: gate.Let, engine.BudgetRaise: gate.Raise, engine.BudgetStop: gate.Stop,
	}[did]
	if !ok || n < 1 {
		return engine.E(engine.Invalid, `"{answer}" is no answer here`, "answer", did)
	}
	ctx = context.WithoutCancel(ctx)
	name := fold.BudgetGate + flow + ":" + risk
	x, err := r.budgetData(ctx, name, gate.Rule{})
	if err != nil {
		return err
	}
	at := r.now()
	x.Did, x.By, x.N, x.Asked = did, by, n, asked
	notice := r.budgetNotice(flow, x)
	err = r.persist(r.base, func() error {
		return r.store.GateAnswer(ctx, GateAnswer{
			Gate: name, Op: gate.Op{Verb: verb, At: at, N: n, Asked: asked}, Reason: "its budget was used up, and it was stopped",
			Audit: []engine.AuditEntry{{At: at, Actor: by, What: "budget." + did, Object: "flow/" + flow, Detail: "risk=" + risk}},
		}, func(out gate.Out) []engine.Notice {
			x.Most, x.Per = out.Rule.Most, out.Rule.Per
			switch did {
			case engine.BudgetLet:
				x.N = out.Admit
			case engine.BudgetStop:
				x.N = out.Refuse
			}
			notice.Data = encode(x)
			return []engine.Notice{notice}
		})
	})
	if err != nil {
		return err
	}
	r.gates.poke()
	r.o.OnCommit()
	return nil
}
