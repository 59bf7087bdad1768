package prompts

import (
	"strconv"

	"github.com/bretelle/bretelle/engine"
)

// Breaker says that a service does not answer and calls wait, or that it answers again. One stretch of trouble is one
// card.
func Breaker(c Ctx, flow string, d engine.BreakerData, tok Tokens) Card {
	key := engine.BreakerTopic + flow + ":" + d.Lane + ":" + strconv.FormatInt(d.Since, 10)
	if d.Back {
		b := c.card(key, ToneLive, tok, join(" · ", Line{flowName(flow)}, c.line("{peer} answers again", "peer", code(d.Peer))))
		b.note(c.line("It did not since {time}. The calls that waited go on, a few at a time.", "time", c.soon(d.Since)))
		return b.done(engine.CardResolved)
	}
	b := c.card(key, ToneBad, tok, join(" · ", Line{flowName(flow)}, c.line("{peer} does not answer, calls wait: {n}", "peer", code(d.Peer), "n", d.Waiting)))
	b.para(c.failure(d.Failure))
	b.note(c.line("since {time}; I try again {next}, and let the calls go when it answers", "time", c.soon(d.Since), "next", c.soon(d.Next)))
	if d.Stopped > 0 {
		b.note(c.line("{who} stopped waiting for {n} of them: they failed, nothing was sent", "who", c.who(d.By), "n", d.Stopped))
	}
	b.button("breaker-try", "Try now", Normal)
	b.button("breaker-stop", "Stop waiting", Normal)
	return b.done(engine.CardOpen)
}
