package prompts

import (
	"net/url"
	"slices"

	"github.com/bretelle/bretelle/engine"
)

// Outcome asks whether a call whose outcome is unknown happened; given is "" while that is open, else "happened",
// "again" or "stop", with who said so and when.
func Outcome(c Ctx, run engine.RunView, step engine.StepView, given string, by string, at int64, tok Tokens) Card {
	key := "outcome:" + run.ID + "/" + step.Path
	name := join(" · ", c.runName(run.RunHead), c.line("step {index}", "index", step.Index))
	if given != "" {
		var said Line
		tone := ToneGood
		who, when := c.who(by), c.soon(at)
		switch {
		case by == "":
			said = c.line("the outcome is known since {time}", "time", when)
		case given == "happened":
			said = c.line("it happened, says {who}, {time}", "who", who, "time", when)
		case given == "again":
			said = c.line("it did not happen, says {who}: sent again {time}", "who", who, "time", when)
		default:
			tone = ToneDenied
			said = c.line("{who} stopped the run at {time}", "who", who, "time", when)
		}
		b := c.card(key, tone, tok, join(": ", name, said))
		line, _ := c.stepLine(step)
		return b.block(Facts{[]Fact{{Label: c.t("Sent"), Value: line}}}).open(run.RunHead).done(engine.CardDecided)
	}
	peer := c.peer(step)
	happened, why := c.line("{peer} gave no clear answer. It may have happened.", "peer", peer), c.failure(step.Failure)
	if f := step.Failure; f == nil || f.Code == engine.Unknown || f.Msg == "" {
		happened, why = c.line("I was stopped while {peer} was answering. It may have happened.", "peer", peer), nil
	}
	if f := step.Failure; f != nil && f.Msg == engine.LostRestored {
		happened = c.line("I was restored from a backup. It may have happened after that was made.")
	}
	b := c.card(key, ToneUnsure, tok, join(": ", name, happened))
	if asked := askedAbout(run, step.Path); len(asked) > 0 {
		b.para(c.line("for {group}", "group", c.groups(asked, true)))
	}
	b.para(why)
	line, detail := c.stepLine(step)
	if step.SentAt > 0 {
		line = join(" · ", line, c.line("sent {time}", "time", c.soon(step.SentAt)))
	}
	b.block(Facts{[]Fact{{Label: c.t("Sent"), Value: line, Risky: step.Risk.Least(engine.Read) > engine.Read}}})
	if detail != "" {
		b.block(Pre{Text: detail, Lang: "json"})
	}
	b.note(c.line("Look it up at {peer}, then say what is true. Nothing is sent again before that.", "peer", peer))
	return b.button("happened", "It happened", Primary).button("again", "It did not: send again", Normal).
		button("stop", "Stop this run", Danger).button("details", "Details", Normal).done(engine.CardOpen)
}

// askedAbout is who was asked to approve a step: they know what it was to do, and may say what became of it.
func askedAbout(run engine.RunView, step string) []string {
	for _, a := range run.Asks {
		if a.Plan != nil && slices.ContainsFunc(a.Plan.Steps, func(s engine.PlanStep) bool { return s.ID == step }) {
			return a.Groups
		}
	}
	return nil
}

// stepLine is what a step sends: its line and what stands below it.
func (c Ctx) stepLine(step engine.StepView) (Line, string) {
	if step.Line == "" {
		return text(step.Action), ""
	}
	return text(step.Line), c.detail(step.Detail)
}

// peer is who was called: the host of the address, or what the failure names.
func (c Ctx) peer(step engine.StepView) string {
	if step.Failure != nil && step.Failure.Peer != "" {
		return step.Failure.Peer
	}
	if v, err := engine.DecodeJSON(step.Input); err == nil {
		if m, ok := v.(map[string]any); ok {
			if s, ok := m["url"].(string); ok {
				if u, err := url.Parse(s); err == nil && u.Host != "" {
					return u.Host
				}
			}
		}
	}
	if step.Action != "" {
		return step.Action
	}
	return c.t("the other side")
}

// failure says what went wrong: the service's own words where there are any.
func (c Ctx) failure(f *engine.Failure) Line {
	switch {
	case f == nil:
		return nil
	case f.Class == engine.Garbled && f.Msg != "": // what was wrong with the answer says more than its status
		return text(T(c.Lang, f.Msg, f.Args))
	case f.Status > 0 && f.Peer != "" && f.Said != "":
		return c.line(`{peer} answered {status}: "{words}"`, "peer", f.Peer, "status", f.Status, "words", f.Said)
	case f.Status > 0 && f.Peer != "":
		return c.line("{peer} answered {status}", "peer", f.Peer, "status", f.Status)
	case f.Msg == "":
		return nil
	}
	l := text(T(c.Lang, f.Msg, f.Args))
	if f.Hint != "" {
		l = join(". ", l, text(T(c.Lang, f.Hint, f.Args)))
	}
	return l
}

// Retrying says that an attempt failed and when the next one is.
func Retrying(c Ctx, run engine.RunView, step engine.StepView) Card {
	name := c.line("{flow} #{number} step {index}", "flow", runOf(run.RunHead), "number", run.Number, "index", step.Index)
	why := c.failure(step.Failure)
	if f := step.Failure; f != nil && f.Status > 0 && f.Peer != "" {
		why = c.line("{peer} answered {status}", "peer", f.Peer, "status", f.Status)
	}
	next := c.line("try {try} at {time}", "try", step.Attempts+1, "time", c.soon(step.RetryAt))
	if step.Max > 0 {
		next = c.line("try {try} of {max} at {time}", "try", step.Attempts+1, "max", step.Max, "time", c.soon(step.RetryAt))
	}
	return c.card("fail:"+run.ID+"/"+step.Path, ToneWorking, nil, join(": ", name, join(", ", why, next))).done(engine.CardOpen)
}

// Ended says how a run ended.
func Ended(c Ctx, run engine.RunView, tok Tokens) Card {
	tone, how := ToneGood, c.line("done at {time}", "time", c.soon(run.Ended))
	switch run.State {
	case engine.RunFailed:
		tone, how = ToneBad, c.line("failed at {time}", "time", c.soon(run.Ended))
	case engine.RunStopped:
		tone, how = ToneDenied, c.line("stopped at {time}", "time", c.soon(run.Ended))
	case engine.RunCancelled:
		tone, how = ToneDenied, c.line("cancelled at {time}", "time", c.soon(run.Ended))
	}
	b := c.card("run:"+run.ID, tone, tok, join(" · ", c.runName(run.RunHead), how))
	if run.Reason != "" {
		b.para(c.reason(run.Reason))
	}
	var facts Facts
	for _, s := range run.Steps {
		if s.Kind == "do" && s.State == engine.StepStateDone {
			line, _ := c.stepLine(s)
			if id := outputID(s.Output); id != "" {
				line = join(" · ", line, text(id))
			}
			facts.Facts = append(facts.Facts, Fact{Label: s.Path, Value: line})
		}
	}
	if len(facts.Facts) > 0 {
		b.block(facts)
	}
	return b.open(run.RunHead).done(engine.CardResolved)
}

// reason is a printable reason of the engine's, translated where it is a fixed text.
func (c Ctx) reason(r string) Line { return text(T(c.Lang, r, nil)) }
