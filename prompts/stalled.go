package prompts

import "github.com/bretelle/bretelle/engine"

// Stalled says that a run neither waits nor makes progress: that is nothing a flow does, and somebody has to look.
func Stalled(c Ctx, run engine.RunHead, since int64, tok Tokens) Card {
	b := c.card("stalled:"+run.ID, ToneWarn, tok, join(" · ", c.runName(run), c.line("makes no progress")))
	b.para(c.line("It has been running since {time} without a step ending, and waits for nothing.", "time", c.soon(since)))
	b.note(c.line("Open it to see where it is. Cancelling it stops what is under way."))
	return b.open(run).done(engine.CardOpen)
}
