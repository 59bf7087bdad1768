package prompts

import (
	"fmt"

	"github.com/bretelle/bretelle/engine"
)

// Alert is the one message of a group of failures alike: what fails, how often, what was sent, what can be done. It
// turns green when the group is resolved. The mute menu's values are durations as time.ParseDuration reads them.
func Alert(c Ctx, a AlertFacts, tok Tokens) Card {
	key := "alert:" + a.Data.Fingerprint(a.Flow)
	n := len(a.Runs)
	if a.Resolved {
		return c.resolved(key, a, tok)
	}
	title := join(" · ", Line{strong(a.Flow)},
		c.line("step {index} {action} fails", "index", a.Data.Index, "action", c.action(a.Data)),
		c.line("{n} runs since {time} ({numbers})", "n", n, "time", c.soon(a.Since), "numbers", numbers(a.Runs)))
	if mended, _ := ended(a.Runs); mended > 0 {
		title = join(" · ", title, c.line("{mended} of {n} runs done", "mended", mended, "n", n))
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
	if a.MutedUntil > c.Now {
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
		Option{Value: "24h", Label: c.t("for 1 day")}, Option{Value: "168h", Label: c.t("for 7 days")})
	return b.button("pause", "Pause flow", Danger).button("open", "Open", Normal).done(engine.CardOpen)
}

func (c Ctx) resolved(key string, a AlertFacts, tok Tokens) Card {
	mended, stopped := ended(a.Runs)
	what := c.line("step {index} works again", "index", a.Data.Index)
	if mended == 0 {
		what = c.line("step {index}: nothing waits any more", "index", a.Data.Index)
	}
	parts := []Line{{strong(a.Flow)}, what, c.line("{mended} of {n} runs done", "mended", mended, "n", len(a.Runs))}
	if stopped > 0 {
		parts = append(parts, c.line("{n} stopped", "n", stopped))
	}
	if a.ResolvedBy != "" {
		parts = append(parts, c.line("by {who} {time}", "who", c.who(a.ResolvedBy), "time", c.soon(a.ResolvedAt)))
	} else {
		parts = append(parts, c.line("at {time}", "time", c.soon(a.ResolvedAt)))
	}
	return c.card(key, ToneGood, tok, join(" · ", parts...)).button("open", "Open", Normal).done(engine.CardResolved)
}

// ended counts the runs that went through in the end, and those that were stopped.
func ended(runs []AlertRun) (mended, stopped int) {
	for _, r := range runs {
		switch r.State {
		case "mended":
			mended++
		case "stopped":
			stopped++
		}
	}
	return mended, stopped
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
