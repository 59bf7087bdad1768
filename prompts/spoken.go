package prompts

import "github.com/bretelle/bretelle/engine"

// Hello tells somebody who wrote what is no command how to talk to the bot: Usage of a line is the word to type.
func Hello(c Ctx, name string, lines []HelpLine, tok Tokens) Card {
	b := c.card("hello", ToneNone, tok, c.line("Hello {name}. I run flows, and these words I understand:", "name", strong(name)))
	for _, h := range lines {
		b.para(join("  ", Line{code(h.Usage)}, c.line(h.Text)))
	}
	return b.button("help", "Help", Normal).done(engine.CardResolved)
}

// Opener stands for a dialog that cannot be opened by a message; title is the dialog's.
func Opener(c Ctx, title string, tok Tokens) Card {
	b := c.card("opener", ToneNone, tok, c.line("{dialog}: a message cannot open a window, a button can.", "dialog", strong(title)))
	return b.button("line", "Open it", Primary).done(engine.CardResolved)
}
