package picture

import (
	"strconv"
	"strings"

	"github.com/bretelle/bretelle/engine"
	"github.com/bretelle/bretelle/prompts"
)

// altMost bounds the words of a picture, in bytes.
const altMost = 8000

// Alt is a drawing in words, for those who do not see it: each box with its number, what it gates, its branches. It
// is never empty.
func Alt(d prompts.Drawing) string {
	l := &layout{lang: prompts.Lang(d.Lang), gatedBy: map[string]string{}}
	l.gates(d.Nodes, 0)
	var b strings.Builder
	b.WriteString(prompts.CleanLine(l.t("Picture of {flow}.", "flow", d.Title)))
	l.tell(&b, d.Nodes, "", 0)
	if b.Len() > altMost {
		return cutTo(b.String(), altMost)
	}
	return b.String()
}

func cutTo(s string, most int) string { return strings.ToValidUTF8(s[:most], "") + "…" }

func (l *layout) tell(b *strings.Builder, nodes []prompts.DrawNode, before string, deep int) {
	number := 0
	for _, n := range nodes {
		if deep > nestedMost || b.Len() > altMost {
			return
		}
		b.WriteString(" ")
		if n.Kind != "trigger" {
			number++
			b.WriteString(before + strconv.Itoa(number) + " ")
		}
		b.WriteString(kindWord(l, n.Kind))
		parts := []string{n.Label, n.Detail}
		if n.Risk > engine.Read {
			parts = append(parts, "▲ "+l.t(n.Risk.String()))
		}
		if by := l.gatedBy[n.ID]; by != "" {
			parts = append(parts, l.t("only after {step}", "step", by))
		}
		if n.State != "" {
			parts = append(parts, l.state(n.State))
		}
		sep := ": "
		for _, p := range parts {
			if p != "" {
				b.WriteString(sep + prompts.CleanLine(cut(p)))
				sep = ", "
			}
		}
		b.WriteString(".")
		for i, br := range n.Branches {
			if len(br.Nodes) == 0 {
				continue
			}
			b.WriteString(" " + prompts.CleanLine(cut(br.Label)) + ":")
			l.tell(b, br.Nodes, before+strconv.Itoa(number)+string(rune('a'+i%26)), deep+1)
		}
	}
}
