package prompts

import "github.com/bretelle/bretelle/engine"

// Unreachable tells the operator that a surface does not answer since a time, and how much waits for it; back is when
// it answered again, 0 as long as it does not.
func Unreachable(c Ctx, surface string, since, back int64, waiting int) Card {
	name := c.surfaceName(surface)
	if back > 0 {
		b := c.card("", ToneGood, nil, c.line("{surface} can be reached again since {time}; before, it could not since {since}",
			"surface", name, "time", c.soon(back), "since", c.soon(since)))
		return b.note(c.line("What waited is posted in order.")).done(engine.CardResolved)
	}
	b := c.card("", ToneWarn, nil, c.line("{surface} cannot be reached since {time}; {n} notices wait", "surface", name, "time", c.soon(since), "n", waiting))
	return b.note(c.line("Nothing is lost: they are posted in order as soon as it answers. Questions are asked elsewhere meanwhile.")).done(engine.CardOpen)
}
