package prompts

import (
	"time"

	"github.com/bretelle/bretelle/engine"
	"github.com/bretelle/bretelle/engine/flow"
)

// ClockJumped tells the operator that the clock of the machine jumped, or that the machine slept, and what that means
// for what waits. The card of a jump that is put right becomes quiet.
func ClockJumped(c Ctx, d engine.ClockData) Card {
	by := time.Duration(max(d.By, -d.By)) * time.Millisecond
	showed := c.line("It showed {from} and then {to}.", "from", c.moment(d.From, d.By), "to", c.moment(d.To, d.By))
	switch {
	case d.Right:
		b := c.card("", ToneGood, nil, c.line("The clock of this machine is right again"))
		return b.para(showed).note(c.line("No approval and no time limit ended because of the jump. Waits and retries may have come early.")).done(engine.CardResolved)
	case d.By < 0 && d.Held == 0:
		b := c.card("", ToneWarn, nil, c.line("The clock of this machine went back by {time}", "time", roughly(by)))
		b.para(showed)
		return b.note(c.line("What has expired stays expired, and no schedule ticks twice. Waits and time limits that began before may end later by as much.")).done(engine.CardResolved)
	case d.By < 0:
		b := c.card("", ToneWarn, nil, c.line("The clock of this machine went back by {time}", "time", roughly(by)))
		return b.para(showed).note(c.held(d)).done(engine.CardResolved)
	}
	b := c.card("", ToneWarn, nil, c.line("The clock of this machine jumped forward by {time}, or the machine slept", "time", roughly(by)))
	b.para(showed)
	return b.note(c.held(d)).done(engine.CardResolved)
}

func (c Ctx) held(d engine.ClockData) Line {
	return c.line("Approvals and time limits that ended in between are held until {time}: people can still answer, and a clock that is put right by then has ended nothing.",
		"time", c.moment(d.Held, d.By))
}

// moment is a time that the clock showed, with its year where it jumped over months.
func (c Ctx) moment(at, by int64) Span {
	if max(by, -by) > (180 * 24 * time.Hour).Milliseconds() {
		return c.time(at, Date)
	}
	return c.soon(at)
}

// roughly is a time as people say it: the longer, the coarser.
func roughly(d time.Duration) string {
	for _, unit := range []time.Duration{24 * time.Hour, time.Hour} {
		if d >= 14*unit {
			return flow.DurationText(d.Round(unit))
		}
	}
	return flow.DurationText(d.Round(time.Minute))
}
