package main

import (
	"bytes"
	"strings"
	"testing"

	"github.com/bretelle/bretelle/bot/control"
	"github.com/bretelle/bretelle/engine"
	"github.com/bretelle/bretelle/prompts"
	"github.com/bretelle/bretelle/prompts/corpus"
)

// Text from outside moves no cursor, sets no title and writes no clipboard of whoever reads it in a terminal (R15).
func TestTheTerminalIsSafe(t *testing.T) {
	const evil = "a\x1b]52;c;ZXZpbA==\x07b\u009b2J\u202ec\r\x7f"
	var out, errs bytes.Buffer
	e := &env{out: &out, err: &errs}
	(&chatCmd{As: "ann"}).hear(e, control.Heard{By: evil, Text: evil})
	e.card(&control.CardOut{Text: evil, Buttons: []control.ButtonOut{{ID: evil}}})
	e.table([][]string{{evil, "x\ty\nz"}, {"b", "c"}})
	e.run(control.RunOut{Flow: evil, Reason: evil, Ended: "x", Steps: []control.StepOut{{Path: "a", Line: evil}}})
	lines := make(chan string)
	close(lines)
	(&chatCmd{}).fill(e, control.FormOut{Text: evil, Fields: []control.FieldOut{{Label: evil, Value: evil, Error: evil}}}, lines)
	explain(&errs, engine.E(engine.Invalid, "no {x}", "x", evil).WithHint(evil))
	explain(&errs, usage{engine.E(engine.Invalid, "no {x}", "x", evil)})
	explain(&errs, &control.FlowError{Cause: engine.E(engine.Invalid, "no"), Problems: []control.ProblemOut{{Text: evil}}})
	for name, text := range map[string]string{"out": out.String(), "err": errs.String()} {
		if i := strings.IndexAny(text, "\x1b\x07\u009b\u202e\r\x7f"); i >= 0 {
			t.Errorf("%s holds a control character: %q", name, text[max(0, i-30):i+10])
		}
		if !strings.Contains(text, "⟨U+001B⟩") {
			t.Errorf("%s shows none: %q", name, text)
		}
	}
	if !strings.Contains(out.String(), "x y z") {
		t.Errorf("a cell of a table has several lines: %q", out.String())
	}
}

// RELIABILITY, A-8, over the terminal: no text from outside, whatever it is made of, leaves a character that a terminal
// obeys or that hides, in any card or form; and a line stays one line.
func TestNoTextCommandsTheTerminal(t *testing.T) {
	for i, text := range corpus.Attacks(7) {
		var out bytes.Buffer
		e := &env{out: &out, err: &out}
		cards, forms := corpus.HostileCards("en", text), corpus.HostileForms("en", text)
		card, form := cards[i%len(cards)], forms[i%len(forms)]
		(&chatCmd{As: "ann"}).hear(e, control.Heard{By: text, Text: prompts.PlainCard(card)})
		e.card(&control.CardOut{ID: text, Key: text, Text: text, Buttons: []control.ButtonOut{{ID: text, Label: text}}, Menus: []control.MenuOut{{ID: text, Options: []string{text}}}})
		e.card(&control.CardOut{Brief: text, Key: text})
		e.say("%s", prompts.PlainForm(form))
		e.table([][]string{{text, text}})
		explain(&out, engine.E(engine.Invalid, "no {x}", "x", text).WithHint(text))
		if got := out.String(); prompts.Clean(got) != got {
			t.Errorf("%q leaves %q", text, got)
		}
		out.Reset()
		e.table([][]string{{text}})
		if got := out.String(); strings.Count(got, "\n") != 1 || strings.Contains(strings.TrimSuffix(got, "\n"), "\t") {
			t.Errorf("a row is %q", got)
		}
	}
}
