package describe

import (
	"github.com/bretelle/bretelle/engine"
	"github.com/bretelle/bretelle/engine/flow"
)

// Limits says when runs may begin, how long they last, how much they may do and what their trigger collects, one thing
// each: "3 at a time for each customer". It is empty for a flow that limits nothing.
func Limits(f *flow.Flow) []engine.Text {
	out := collects(f.Trigger.Gather)
	a := f.Admission
	if a.Most > 0 {
		if a.Per != nil {
			out = append(out, engine.Say("at most {most} at once for each {key}", "most", a.Most, "key", source(a.Per)))
		} else {
			out = append(out, engine.Say("at most {most} at once", "most", a.Most))
		}
		switch a.Full {
		case "drop":
			out = append(out, engine.Say("what comes while it is full is skipped"))
		case "replace":
			out = append(out, engine.Say("a new one takes the place of the oldest while it is full"))
		case "coalesce":
			out = append(out, engine.Say("only the newest waits while it is full"))
		}
	}
	if a.Order != nil {
		out = append(out, engine.Say("one after the other for each {key}", "key", source(a.Order)))
	}
	for _, l := range a.Accounts {
		out = append(out, engine.Say("{most} calls at once with the account {account}", "most", l.Most, "account", l.Name))
	}
	for _, b := range a.Budgets {
		out = append(out, budget(b))
	}
	if f.Longest > 0 {
		out = append(out, engine.Say("a run lasts {time} at most", "time", flow.DurationText(f.Longest)))
	}
	if e := f.Trigger.Expect; e != nil && e.Every > 0 {
		out = append(out, engine.Say("you are told when fewer than {most} come in {time}", "most", e.AtLeast, "time", flow.DurationText(e.Every)))
	}
	return out
}

// collects says how events wait before they become a run.
func collects(g *flow.Gather) (out []engine.Text) {
	if g == nil {
		return nil
	}
	wait := flow.DurationText(g.For)
	switch most := g.Most; {
	case !g.Batch && g.For > 0:
		out = append(out, engine.Say("it waits until nothing has come for {time}", "time", wait))
		if g.Until > 0 {
			out = append(out, engine.Say("but {time} at most", "time", flow.DurationText(g.Until)))
		}
	case !g.Batch:
		return nil
	case g.For > 0 && most > 0:
		out = append(out, engine.Say("one run for {most} events, or for what comes in {time}", "most", most, "time", wait))
	case g.For > 0:
		out = append(out, engine.Say("one run for what comes in {time}", "time", wait))
	case most > 0:
		out = append(out, engine.Say("one run for {most} events", "most", most))
	}
	if g.Per != nil {
		out = append(out, engine.Say("apart for each {key}", "key", source(g.Per)))
	}
	return out
}

func budget(b flow.Budget) engine.Text {
	risk := engine.Text{Msg: b.Risk.String()}
	if b.Most == 0 {
		return engine.Say("asked before each call of risk {risk}", "risk", risk)
	}
	return engine.Say("{most} calls of risk {risk} in {time}", "most", b.Most, "risk", risk, "time", flow.DurationText(b.Per))
}
