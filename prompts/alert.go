package prompts

import (
	"fmt"

	"github.com/bretelle/bretelle/engine"
)

// Alert is the one message of a group of failures alike: what fails, how often, what was sent, what can be done. It
// turns green when the group is resolved. The mute menu's values are durations as
// time.ParseDuration reads them, or "fixed".
func Alert(c Ctx, a AlertFacts, tok Tokens) Card {
	key := "alert:" + a.Data.Fingerprint(a.Flow)
	n := len(a.Runs)
	if a.Resolved {
		return c.resolved(key, a, tok)
	}
	title := join(" · ", Line{flowName(a.Flow)},
		c.line("step {index} {action} fails", "index", a.Data.Index, "action", c.action(a.Data)),
		c.line("{n} runs since {time} ({numbers})", "n", n, "time", c.soon(a.Since), "numbers", numbers(a.Runs)))
	mended, _, moved := ended(a.Runs)
	if mended > 0 {
		title = join(" · ", title, c.line("{mended} of {n} runs done", "mended", mended, "n", n))
	}
	if len(moved) > 0 {
		title = join(" · ", title, c.line("{n} failed in another way", "n", len(moved)))
	}
	b := c.card(key, ToneBad, tok, title)
	if a.Owner != "" {
		b.para(Line{c.ping(a.Owner)})
	}
	b.para(c.failure(a.Data.Failure))
	facts := Facts{}
	if a.Line != "" {
		facts.Facts = append(facts.Facts, Fact{Label: c.t("Sent"), Value: text(a.Line)})
	}
	sent := c.detail(a.Detail)
	if sent != "" {
		if len(facts.Facts) > 0 {
			b.block(facts)
		}
		facts = Facts{}
		b.block(Pre{Text: sent, Lang: "json"})
	}
	if l := c.nothingDone(a.Data.Failure); len(l) > 0 {
		facts.Facts = append(facts.Facts, Fact{Label: c.t("So far"), Value: l})
	}
	facts.Facts = append(facts.Facts, Fact{Label: c.t("Next"), Value: c.line("these runs wait; new events still run; nothing is lost")})
	b.block(facts)
	if a.Lost != 0 {
		b.note(c.line("Nothing is sent again. Look up what #{number} gave, then say so; the next one is asked after it.", "number", a.Lost))
	}
	if a.MutedFixed {
		b.note(c.line("Muted until it is fixed, by {who}", "who", c.who(a.MutedBy)))
	} else if a.MutedUntil > c.Now {
		b.note(c.line("Muted until {time} by {who}", "time", c.soon(a.MutedUntil), "who", c.who(a.MutedBy)))
	}
	if a.Reason != "" {
		b.note(c.reason(a.Reason))
	}
	if a.Lost != 0 {
		b.button("happened", "It happened", Primary).button("stop", "Stop this run", Danger)
	} else {
		b.button("fix", "Fix input", Primary).button("retry", "Retry", Normal)
	}
	b.menu("mute", "Mute", Option{Value: "1h", Label: c.t("for 1 hour")}, Option{Value: "8h", Label: c.t("for 8 hours")},
		Option{Value: "24h", Label: c.t("for 1 day")}, Option{Value: "168h", Label: c.t("for 7 days")}, Option{Value: "fixed", Label: c.t("until it is fixed")})
	return b.button("pause", "Pause flow", Danger).button("open", "Open", Normal).done(engine.CardOpen)
}

func (c Ctx) resolved(key string, a AlertFacts, tok Tokens) Card {
	mended, stopped, moved := ended(a.Runs)
	tone, what := ToneGood, c.line("step {index} works again", "index", a.Data.Index)
	switch {
	case len(moved) > 0: // neither good nor bad: what is bad now has a message of its own
		tone, what = ToneNone, c.line("step {index}: no run fails in this way any more", "index", a.Data.Index)
	case mended == 0:
		what = c.line("step {index}: nothing waits any more", "index", a.Data.Index)
	}
	parts := []Line{{flowName(a.Flow)}, what}
	if mended > 0 || len(moved) == 0 {
		parts = append(parts, c.line("{mended} of {n} runs done", "mended", mended, "n", len(a.Runs)))
	}
	if stopped > 0 {
		parts = append(parts, c.line("{n} stopped", "n", stopped))
	}
	if a.ResolvedBy != "" && a.Fixed {
		parts = append(parts, c.line("fixed by {who} {time}", "who", c.who(a.ResolvedBy), "time", c.soon(a.ResolvedAt)))
	} else if a.ResolvedBy != "" {
		parts = append(parts, c.line("by {who} {time}", "who", c.who(a.ResolvedBy), "time", c.soon(a.ResolvedAt)))
	} else {
		parts = append(parts, c.line("at {time}", "time", c.soon(a.ResolvedAt)))
	}
	b := c.card(key, tone, tok, join(" · ", parts...))
	for i, r := range moved {
		if i == movedMost {
			b.note(c.line("And {n} more", "n", len(moved)-i))
			break
		}
		b.para(c.moved(r))
	}
	if a.Fixed {
		b.button("adopt", "Make this the flow's new version", Primary)
	}
	return b.button("open", "Open", Normal).done(engine.CardResolved)
}

// movedMost is how many runs that fail in another way are told one by one.
const movedMost = 3

// moved says how a run that left the group failed since, and where that stands.
func (c Ctx) moved(r AlertRun) Line {
	if r.Now == nil {
		return c.line("#{number} failed in another way at {time} and has another alert", "number", r.Number, "time", c.soon(r.At))
	}
	why := c.line("step {index} {action} fails", "index", r.Now.Index, "action", c.action(*r.Now))
	if f := c.failure(r.Now.Failure); len(f) > 0 {
		why = f
	}
	return c.line("#{number} failed in another way at {time} and has another alert: {reason}", "number", r.Number, "time", c.soon(r.At), "reason", why)
}

// ended counts the runs that went through in the end, and those that were stopped, and lists those that failed in
// another way since.
func ended(runs []AlertRun) (mended, stopped int, moved []AlertRun) {
	for _, r := range runs {
		switch r.State {
		case "mended":
			mended++
		case "stopped":
			stopped++
		case "moved":
			moved = append(moved, r)
		}
	}
	return mended, stopped, moved
}

// AlertLine is a run's line for the alert's thread.
func AlertLine(c Ctx, a AlertFacts, r AlertRun) Card {
	key := fmt.Sprintf("alert:%s/%d", a.Data.Fingerprint(a.Flow), r.Number)
	switch r.State {
	case "mended":
		return c.card(key, ToneGood, nil, c.line("#{number} is through, {time}", "number", r.Number, "time", c.soon(r.At))).done(engine.CardResolved)
	case "stopped":
		return c.card(key, ToneDenied, nil, c.line("#{number} was stopped, {time}", "number", r.Number, "time", c.soon(r.At))).done(engine.CardResolved)
	}
	return c.card(key, ToneBad, nil, join(": ", c.line("#{number} fails, {time}", "number", r.Number, "time", c.soon(r.At)), c.failure(a.Data.Failure))).done(engine.CardOpen)
}

// action is what people call the failing step: its action, else its id.
func (c Ctx) action(d engine.FailedData) string {
	if d.Action != "" {
		return d.Action
	}
	return d.Step
}

// nothingDone says so for the classes of failure after which nothing can have happened.
func (c Ctx) nothingDone(f *engine.Failure) Line {
	if f == nil {
		return nil
	}
	switch f.Class {
	case engine.NotSent, engine.BadInput, engine.Forbidden:
		return c.line("nothing was sent")
	case engine.Busy, engine.Rejected, engine.Unauthorized:
		return c.line("nothing was created")
	case engine.Garbled:
		return c.line("it was done, but the answer is lost")
	}
	return nil
}

// numbers are the runs' numbers, the first ten of them.
func numbers(runs []AlertRun) string {
	s := ""
	for i, r := range runs {
		if i == 10 {
			return s + " …"
		}
		if i > 0 {
			s += " "
		}
		s += fmt.Sprintf("#%d", r.Number)
	}
	return s
}
