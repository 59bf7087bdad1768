package prompts

import (
	"fmt"
	"strings"

	"github.com/bretelle/bretelle/engine"
)

// InLine says in one language why a run has not begun, and where it stands; "" where nothing holds it up.
func InLine(lang string, l *engine.Line) string { return Ctx{Lang: lang}.inLine(l).String() }

// inLine says why a run has not begun, and where it stands.
func (c Ctx) inLine(l *engine.Line) Line {
	if l == nil {
		return nil
	}
	var why Line
	switch {
	case l.Kind == engine.LineOrder && l.Label != "":
		why = c.line("runs of {key} go one after the other", "key", l.Label)
	case l.Kind == engine.LineOrder:
		why = c.line("runs go one after the other")
	case l.Label != "":
		why = c.line("at most {most} at once for {key}", "most", l.Most, "key", l.Label)
	default:
		why = c.line("at most {most} at once", "most", l.Most)
	}
	var runs []string
	for _, n := range l.Behind {
		runs = append(runs, fmt.Sprint("#", n))
	}
	var behind Line
	if len(runs) > 0 {
		behind = c.line("under way: {runs}", "runs", strings.Join(runs, ", "))
	}
	return join("; ", c.line("number {place} in line", "place", l.Place), why, behind)
}

// Quiet says that fewer events came than a flow expects, or that enough come again.
func Quiet(c Ctx, flow string, d engine.ExpectData) Card {
	every := written(d.Every)
	if d.Again {
		b := c.card("quiet:"+flow, ToneGood, nil, join(" · ", Line{flowName(flow)}, c.line("hears of its events again")))
		b.para(c.line("At least {n} in {time} are expected, and so many have come.", "n", d.AtLeast, "time", every))
		return b.done(engine.CardResolved)
	}
	b := c.card("quiet:"+flow, ToneWarn, nil, join(" · ", Line{flowName(flow)}, c.line("hears less than expected")))
	b.para(c.line("{had} events came in {time}, at least {n} are expected.", "had", d.Had, "time", every, "n", d.AtLeast))
	b.note(c.line("Look whether the sender still sends. I say so when enough come again."))
	return b.done(engine.CardResolved)
}

// written is a time as flows write it, "1d12h".
func written(ms int64) string {
	var out strings.Builder
	for _, u := range []struct {
		name string
		ms   int64
	}{{"d", 86_400_000}, {"h", 3_600_000}, {"m", 60_000}, {"s", 1000}} {
		if n := ms / u.ms; n > 0 {
			fmt.Fprint(&out, n, u.name)
			ms %= u.ms
		}
	}
	return out.String()
}
