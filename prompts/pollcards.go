package prompts

import (
	"net/url"

	"github.com/bretelle/bretelle/engine"
)

// Poll says that something that is looked at cannot be read, can be read again, or is another one than it was. One
// stretch of trouble is one card.
func Poll(c Ctx, flow string, d engine.PollData, tok Tokens) Card {
	switch {
	case d.Moved:
		b := c.card("poll:"+d.Trigger, ToneWarn, tok, join(" · ", Line{flowName(flow)}, c.line("nothing that was known stands at {address} any more", "address", code(address(d.What)))))
		b.para(c.line("{n} items that stand there now count as known and start nothing.", "n", d.Count))
		b.titles(d.Titles)
		b.note(c.line("Newer ones start runs again, as before. Start one of these by hand if you need it."))
		return b.done(engine.CardResolved)
	case d.Mended:
		b := c.card("poll:"+d.Trigger, ToneLive, tok, join(" · ", Line{flowName(flow)}, c.line("{address} can be read again", "address", code(address(d.What)))))
		b.note(c.line("It failed since {time}. What came meanwhile and still stands there is taken up.", "time", c.soon(d.Since)))
		return b.done(engine.CardResolved)
	}
	b := c.card("poll:"+d.Trigger, ToneBad, tok, join(" · ", Line{flowName(flow)}, c.line("{address} cannot be read", "address", code(address(d.What)))))
	b.para(c.failure(d.Failure))
	if f := d.Failure; f != nil && f.Hint != "" {
		b.note(text(T(c.Lang, f.Hint, f.Args)))
	}
	b.note(join(" · ", c.line("looked at {n} times since {time}", "n", d.Count, "time", c.soon(d.Since)), c.line("next {time}", "time", c.soon(d.Next))))
	b.note(c.line("I go on looking, less and less often. Nothing that still stands there later is lost."))
	return b.button("pause", "Pause flow", Normal).done(engine.CardOpen)
}

// Flood asks whether more items than a flow allows at once are to start runs.
func Flood(c Ctx, flow string, d engine.PollData, tok Tokens) Card {
	key := "flood:" + d.Trigger
	switch {
	case d.Mended && d.Taken:
		b := c.card(key, ToneGood, tok, join(" · ", Line{flowName(flow)}, c.line("{n} items at once: {who} let them start runs", "n", d.Count, "who", c.who(d.By))))
		return b.done(engine.CardDecided)
	case d.Mended:
		b := c.card(key, ToneGood, tok, join(" · ", Line{flowName(flow)}, c.line("{n} items at once: {who} left them out", "n", d.Count, "who", c.who(d.By))))
		return b.done(engine.CardDecided)
	}
	b := c.card(key, ToneWarn, tok, join(" · ", Line{flowName(flow)}, c.line("{n} items are new at once at {address}", "n", d.Count, "address", code(address(d.What)))))
	b.para(c.line("That is more than {most}, so nothing starts before somebody decides. Each would start a run.", "most", d.Most))
	b.titles(d.Titles)
	b.button("flood-take", "Start a run for each", Normal)
	b.button("flood-skip", "Leave them out", Normal)
	return b.done(engine.CardOpen)
}

// FormCard invites everybody to open a flow's form.
func FormCard(c Ctx, title, about, button string) Card {
	b := c.card("form:"+title, ToneQuestion, func(verb string) string { return verb }, Line{strong(title)})
	if about != "" {
		b.para(text(about))
	}
	b.Buttons = append(b.Buttons, Button{ID: "start", Label: button, Token: "start", Style: Primary})
	return b.done(engine.CardOpen)
}

// titles names some items.
func (b *builder) titles(list []string) {
	for _, t := range list {
		b.para(Line{{Kind: Plain, Text: "• " + t}})
	}
}

// address is a web address without what people need not see: query and password.
func address(s string) string {
	u, err := url.Parse(s)
	if err != nil || u.Host == "" {
		return s
	}
	return u.Host + u.Path
}
