package prompts

import (
	"strconv"

	"github.com/bretelle/bretelle/engine"
)

// Budget asks what is to become of calls that wait because a flow's budget is used up, with a sample of them, or says
// what became of that. One question is one card.
func Budget(c Ctx, flow string, d engine.BudgetData, tok Tokens) Card {
	key := engine.BudgetTopic + flow + ":" + d.Risk + ":" + strconv.FormatInt(d.Asked, 10)
	title := func(msg string, pairs ...any) Line {
		return join(" · ", Line{flowName(flow)}, c.line(msg, append(pairs, "deed", c.effect(d.Risk))...))
	}
	switch {
	case d.Calm:
		return c.card(key, ToneLive, tok, title("the budget for {deed} has room again, nothing waits any more")).done(engine.CardResolved)
	case d.Did == engine.BudgetLet:
		return c.card(key, ToneGood, tok, title("over the budget for {deed}: {who} let {n} go", "n", d.N, "who", c.who(d.By))).done(engine.CardDecided)
	case d.Did == engine.BudgetRaise:
		return c.card(key, ToneGood, tok, title("over the budget for {deed}: {who} raised it to {n} {period}", "n", d.Most+d.N, "who", c.who(d.By), "period", c.period(d.Per))).done(engine.CardDecided)
	case d.Did != "":
		return c.card(key, ToneGood, tok, title("over the budget for {deed}: {who} stopped {n}", "n", d.N, "who", c.who(d.By))).done(engine.CardDecided)
	}
	var b *builder
	if d.Most == 0 {
		b = c.card(key, ToneWarn, tok, title("{deed}: the flow has no budget for that, and {n} of it waits", "n", d.Line))
	} else {
		b = c.card(key, ToneWarn, tok, title("{deed}: there would be {n} {period} (budget {most})", "n", d.Most+d.Line, "period", c.period(d.Per), "most", d.Most))
	}
	for i, x := range d.Calls {
		l := Line{{Kind: Plain, Text: "#" + strconv.FormatInt(x.Number, 10) + " " + x.Line}}
		if i == 0 {
			l = c.line("Next: {line}", "line", l)
		}
		b.para(l)
	}
	if more := d.Line - len(d.Calls); more > 0 {
		b.note(c.line("and {n} more", "n", more))
	}
	if d.Most == 0 {
		b.note(c.line("They wait until somebody decides."))
	} else {
		b.note(c.line("They wait, and go on by themselves as soon as the budget has room{next}.", "next", c.nextAt(d.Next)))
	}
	add := func(verb, label string, pairs ...any) {
		if token := tok(verb); token != "" {
			b.Buttons = append(b.Buttons, Button{ID: verb, Label: c.t(label, pairs...), Token: token})
		}
	}
	add("budget-let", "Let {n} go", "n", d.Line)
	if d.Most > 0 {
		add("budget-raise", "Raise to {n} {period}", "n", 2*d.Most, "period", c.period(d.Per))
	}
	add("budget-stop", "Stop them")
	return b.done(engine.CardOpen)
}

// nextAt is a time in parentheses; nothing when there is none.
func (c Ctx) nextAt(at int64) Line {
	if at == 0 {
		return Line{}
	}
	return c.line(" ({time})", "time", c.soon(at))
}

// effect is what a risk does, as people call it.
func (c Ctx) effect(risk string) string {
	switch risk {
	case "read":
		return c.t("reading")
	case "write":
		return c.t("writing")
	case "send":
		return c.t("messages to people outside")
	}
	return c.t("what cannot be undone")
}

// period is a window of a budget.
func (c Ctx) period(ms int64) string {
	switch ms {
	case 1000:
		return c.t("this second")
	case 60_000:
		return c.t("this minute")
	case 3_600_000:
		return c.t("this hour")
	case 86_400_000:
		return c.t("in 24 hours")
	}
	return c.t("in seven days")
}
