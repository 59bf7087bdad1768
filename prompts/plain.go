package prompts

import (
	"strings"
)

// Sign is the tone's sign, "" for none.
func (t Tone) Sign() string {
	switch t {
	case ToneQuestion:
		return "❓"
	case ToneUnsure:
		return "❔"
	case ToneWorking:
		return "◔"
	case ToneGood:
		return "✔"
	case ToneBad:
		return "▲"
	case ToneDenied:
		return "✖"
	case ToneWarn:
		return "⚠"
	case ToneLive:
		return "▶"
	case ToneDraft:
		return "✎"
	}
	return ""
}

// RiskSign stands before a fact that changes something outside.
const RiskSign = "▲"

// PlainCard is the card as plain text: for terminals, logs of conversations, and the console without a browser.
// Buttons and menus are written [Label]. What came from outside is cleaned (Clean), never interpreted.
func PlainCard(card Card) string {
	var b strings.Builder
	b.WriteString(plainBody(card))
	var row []string
	for _, x := range card.Buttons {
		row = append(row, "["+CleanLine(x.Label)+"]")
	}
	for _, m := range card.Menus {
		row = append(row, "["+CleanLine(m.Label)+" ▾]")
	}
	if len(row) > 0 {
		b.WriteString("\n" + strings.Join(row, "  "))
	}
	return b.String()
}

// plainBody is title and blocks without the buttons.
func plainBody(card Card) string {
	var lines []string
	title := CleanLine(card.Title.String())
	if s := card.Tone.Sign(); s != "" {
		title = strings.TrimSpace(s + " " + title)
	}
	if title != "" {
		lines = append(lines, title)
	}
	indent := "   "
	if len(lines) == 0 {
		indent = ""
	}
	return strings.Join(append(lines, plainBlocks(card.Blocks, indent)...), "\n")
}

func plainBlocks(blocks []Block, indent string) []string {
	var lines []string
	for _, x := range blocks {
		switch x := x.(type) {
		case Para:
			lines = append(lines, indent+CleanLine(x.Line.String()))
		case Note:
			lines = append(lines, indent+CleanLine(x.Line.String()))
		case Pre:
			for _, l := range strings.Split(strings.TrimRight(Clean(x.Text), "\n"), "\n") {
				lines = append(lines, indent+"  "+l)
			}
		case Divider:
			lines = append(lines, indent+"────")
		case Picture:
			for _, l := range strings.Split(strings.TrimRight(Clean(x.Alt), "\n"), "\n") {
				lines = append(lines, indent+l)
			}
		case Facts:
			wide := 0
			for _, f := range x.Facts {
				wide = max(wide, width(f.Label))
			}
			for _, f := range x.Facts {
				v := CleanLine(f.Value.String())
				if f.Risky {
					v = RiskSign + " " + v
				}
				pad := strings.Repeat(" ", max(0, wide-width(f.Label)))
				lines = append(lines, indent+CleanLine(f.Label)+pad+"  "+v)
			}
		}
	}
	return lines
}

// PlainForm is the form as plain text: each field with what stands in it, what is wrong under it.
func PlainForm(f Form) string {
	lines := []string{CleanLine(f.Title)}
	lines = append(lines, plainBlocks(f.Intro, "  ")...)
	for _, x := range f.Fields {
		head := "  " + CleanLine(x.Label)
		if x.Required {
			head += "*"
		}
		head += " (" + x.Name + ")"
		lines = append(lines, head+": "+strings.ReplaceAll(Clean(x.Value), "\n", "\n      "))
		if x.Help != "" {
			lines = append(lines, "      "+CleanLine(x.Help))
		}
		for _, o := range x.Options {
			lines = append(lines, "      - "+CleanLine(o.Value)+"  "+CleanLine(o.Label))
		}
		if x.Value == "" && x.Example != "" {
			lines = append(lines, "      "+CleanLine(T(f.Lang, "For example: {example}", map[string]any{"example": x.Example})))
		}
		if x.Preview != "" {
			lines = append(lines, "      → "+CleanLine(x.Preview))
		}
		if x.Warn != "" {
			lines = append(lines, "      ⚠ "+CleanLine(x.Warn))
		}
		if x.Error != "" {
			lines = append(lines, "      ✖ "+CleanLine(x.Error))
		}
	}
	row := "  [" + CleanLine(f.Submit) + "]"
	for _, b := range f.Buttons {
		row += "  [" + CleanLine(b.Label) + "]"
	}
	return strings.Join(append(lines, row), "\n")
}
