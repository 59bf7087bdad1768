package picture

import (
	"strings"
	"sync"

	"golang.org/x/image/font"
	"golang.org/x/image/font/gofont/gobold"
	"golang.org/x/image/font/gofont/goregular"
	"golang.org/x/image/font/opentype"

	"github.com/bretelle/bretelle/engine"
	"github.com/bretelle/bretelle/prompts"
)

// face is a font of the picture.
type face uint8

const (
	normal face = iota // 13 px
	small              // 11 px
	strong             // 13 px bold
)

var faceSizes = [...]float64{normal: 13, small: 11, strong: 13}

// said is one line in a box.
type said struct {
	text, class   string
	font          face
	tall          float64
	end, endClass string // at the right end of the line
	risk          bool   // ▲ before it
}

const (
	labelLines  = 3
	detailLines = 2
)

// words are the lines of a box: its kind and id, what it does, when, the risk, what gates it, how it stands.
func (l *layout) words(n prompts.DrawNode) []said {
	inner := float64(boxWide - 2*padX)
	head := said{text: kindWord(l, n.Kind), class: "kind", font: small, tall: smallTall}
	if n.State != "" {
		head.end, head.endClass = l.state(n.State), "state state-"+name(n.State)
	}
	if n.Kind != "trigger" && n.ID != "" {
		head.text = fitted(n.ID, small, inner-wide(" · "+head.text+head.end, small)-8) + " · " + head.text
	}
	out := []said{head}
	for _, s := range wrap(n.Label, strong, inner, labelLines) {
		out = append(out, said{text: s, class: "label", font: strong, tall: lineTall})
	}
	for _, s := range wrap(n.Detail, normal, inner, detailLines) {
		out = append(out, said{text: s, class: "detail", font: normal, tall: lineTall})
	}
	if n.Risk > engine.Read {
		out = append(out, said{text: l.t(n.Risk.String()), class: "risk", font: small, tall: smallTall, risk: true})
	}
	if by := l.gatedBy[n.ID]; by != "" && n.ID != "" {
		out = append(out, said{text: fitted(l.t("only after {step}", "step", by), small, inner), class: "gated", font: small, tall: smallTall})
	}
	return out
}

func kindWord(l *layout, kind string) string {
	switch kind {
	case "trigger":
		return l.t("when")
	case "do":
		return l.t("do")
	case "ask":
		return l.t("ask")
	case "if":
		return l.t("if")
	case "switch":
		return l.t("choose by")
	case "each":
		return l.t("for each")
	case "while":
		return l.t("as long as")
	case "parallel":
		return l.t("at once")
	case "try":
		return l.t("try")
	case "wait":
		return l.t("wait")
	case "call":
		return l.t("call")
	case "emit":
		return l.t("tell")
	case "throttle":
		return l.t("not too many")
	case "dedupe":
		return l.t("only new ones")
	case "digest":
		return l.t("together")
	case "set":
		return l.t("set")
	case "stop":
		return l.t("stop")
	}
	return kind
}

func (l *layout) state(s string) string {
	switch engine.StepState(s) {
	case engine.StepPending:
		return l.t("not yet")
	case engine.StepRunning:
		return l.t("running")
	case engine.StepWaiting:
		return l.t("waiting")
	case engine.StepStateDone:
		return l.t("done")
	case engine.StepStateSkipped:
		return l.t("skipped")
	case engine.StepStateFailed:
		return l.t("failed")
	case engine.StepStateUnknown:
		return l.t("unknown")
	case engine.StepStateCanceled:
		return l.t("cancelled")
	}
	return s
}

// wrap breaks text into at most most lines; what is left out is marked with …
func wrap(text string, f face, inner float64, most int) []string {
	words := strings.Fields(prompts.CleanLine(cut(text)))
	var lines []string
	line := ""
	for i := 0; i < len(words); i++ {
		w := words[i]
		next := strings.TrimSpace(line + " " + w)
		if wide(next, f) <= inner {
			line = next
			continue
		}
		if line == "" { // one word too long for a line
			head := headOf(w, f, inner)
			line, words[i] = head, w[len(head):]
		}
		i--
		if len(lines) == most-1 {
			return append(lines, fitted(line+" "+strings.Join(words[i+1:], " "), f, inner))
		}
		lines, line = append(lines, line), ""
	}
	if line != "" {
		lines = append(lines, line)
	}
	return lines
}

// textMost bounds what is measured of one text, in bytes.
const textMost = 2000

func cut(s string) string {
	if len(s) > textMost {
		return strings.ToValidUTF8(s[:textMost], "") + "…"
	}
	return s
}

// headOf is as much of a word as fits; at least one character.
func headOf(w string, f face, most float64) string {
	end := 0
	for i, r := range w {
		n := i + len(string(r))
		if end > 0 && wide(w[:n], f) > most {
			break
		}
		end = n
	}
	return w[:end]
}

// fitted is text cut to a width, with … where something is missing.
func fitted(text string, f face, most float64) string {
	text = strings.TrimSpace(prompts.CleanLine(cut(text)))
	if wide(text, f) <= most {
		return text
	}
	return strings.TrimSpace(headOf(text, f, most-wide("…", f))) + "…"
}

// fonts are parsed once. A test parses them, so the error cannot be met at run time.
var fonts = sync.OnceValues(func() (map[face]*opentype.Font, error) {
	out := map[face]*opentype.Font{}
	for f, data := range map[face][]byte{normal: goregular.TTF, small: goregular.TTF, strong: gobold.TTF} {
		parsed, err := opentype.Parse(data)
		if err != nil {
			return nil, err
		}
		out[f] = parsed
	}
	return out, nil
})

// advances are the widths of printable ASCII at each face's size. Faces of opentype are not safe for concurrent use;
// this table is.
var advances = sync.OnceValue(func() map[face]*[128]float64 {
	out := map[face]*[128]float64{}
	parsed, err := fonts()
	if err != nil {
		return out
	}
	for f, p := range parsed {
		face, err := opentype.NewFace(p, &opentype.FaceOptions{Size: faceSizes[f], DPI: 72, Hinting: font.HintingNone})
		if err != nil {
			continue
		}
		row := new([128]float64)
		for r := rune(32); r < 127; r++ {
			a, _ := face.GlyphAdvance(r)
			row[r] = float64(a) / 64
		}
		out[f] = row
	}
	return out
})

// wide is the width of a text in pixels, with some room: browsers have fonts of their own.
func wide(s string, f face) float64 {
	row, w := advances()[f], 0.0
	if row == nil {
		return 0
	}
	for _, r := range s {
		switch {
		case r < 128:
			w += row[r]
		case r < 0x1100:
			w += faceSizes[f] * 0.62
		default:
			w += faceSizes[f]
		}
	}
	return w * 1.2
}
