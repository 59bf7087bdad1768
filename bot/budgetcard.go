package bot

import (
	"context"
	"encoding/json"

	"github.com/bretelle/bretelle/engine"
	"github.com/bretelle/bretelle/prompts"
)

// Budgets takes what people say to calls that wait because a flow's budget is used up.
type Budgets interface {
	// Budget is engine.BudgetLet, BudgetRaise or BudgetStop for the first n of those that wait. Errors: Conflict when that
	// question is over, Invalid, Unavailable.
	Budget(ctx context.Context, flow, risk, did string, asked int64, n int, by string) error
}

// showBudget asks, where the flow speaks, about the calls that wait for a budget.
func (d *delivery) showBudget(ctx context.Context) error {
	var f engine.BudgetData
	if err := d.data(&f); err != nil {
		return err
	}
	place := d.n.Place
	if head, err := d.b.o.Flows.Head(ctx, d.n.Flow); err == nil && place == (engine.Place{}) {
		place = head.Place
	}
	place = d.b.orOperator(place)
	means, err := json.Marshal(f)
	if err != nil {
		return engine.AsError(err).WithOp("bot.showBudget")
	}
	c := d.b.shared(d.book, place, place, nil)
	dr := &draft{means: Intent{Flow: d.n.Flow, Data: means}, card: prompts.Budget(c, d.n.Flow, f, verbs)}
	places := d.alertsOf(ctx, place)
	if f.Calm || f.Did != "" {
		here, err := d.b.present(ctx, dr.card.Key)
		if err != nil {
			return err
		}
		if !here.any() {
			d.reason("over before it was asked")
			return nil
		}
	}
	return d.put(ctx, dr.card.Key, places, same(dr))
}

// pressBudget decides about the calls that the card showed: whoever may approve in the flow may.
func pressBudget(did string) presser {
	return func(b *Bot, ctx context.Context, p *press) (Reply, error) {
		var f engine.BudgetData
		if b.o.Budgets == nil || json.Unmarshal(p.it.Data, &f) != nil {
			return nil, stale()
		}
		head, err := b.head(ctx, p.caller, p.in, p.it.Flow, DeedSee)
		if err != nil {
			return nil, err
		}
		roles, err := b.flowRoles(ctx, head.Name)
		if err != nil {
			return nil, unsaved(err)
		}
		groups, err := b.evidence(ctx, p.caller, []string{engine.DefaultApprovers}, head.Place, roles)
		if err != nil {
			b.note(ctx, p, "groups_unknown")
			return nil, err
		}
		if len(groups) == 0 {
			b.note(ctx, p, "not_you")
			return nil, engine.E(engine.Denied, "Only those who may approve for {flow} can decide this", "flow", head.Name)
		}
		n := f.Line
		if did == engine.BudgetRaise {
			n = f.Most
		}
		if err := b.o.Budgets.Budget(ctx, head.Name, f.Risk, did, f.Asked, n, p.person.ID); err != nil {
			b.note(ctx, p, "error_"+string(engine.CodeOf(err)))
			return nil, unsaved(err)
		}
		b.note(ctx, p, "counted")
		b.Wake()
		return Nothing{}, nil
	}
}

// budgetVerb finds the buttons of questions about budgets, and of services that do not answer.
func budgetVerb(verb string) (presser, bool) {
	switch verb {
	case "budget-let":
		return pressBudget(engine.BudgetLet), true
	case "budget-raise":
		return pressBudget(engine.BudgetRaise), true
	case "budget-stop":
		return pressBudget(engine.BudgetStop), true
	case "breaker-try":
		return pressBreaker(engine.BreakerTry, DeedRetry), true
	case "breaker-stop":
		return pressBreaker(engine.BreakerStop, DeedOutcome), true
	}
	return nil, false
}
