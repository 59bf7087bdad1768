package picture

import (
	"strconv"

	"github.com/bretelle/bretelle/engine"
	"github.com/bretelle/bretelle/prompts"
)

// Sizes in pixels at scale 1.
const (
	boxWide    = 252
	padX       = 12
	padY       = 9
	gapDown    = 30 // between boxes, for the arrow
	gapSide    = 26 // between branches
	lane       = 22 // left of a row, for the bracket of a gate
	fan        = 44 // from a box down to its branches, with their labels
	join       = 26 // from the branches to the next box
	margin     = 14
	emptyWide  = 90
	emptyTall  = 30
	lineTall   = 17
	smallTall  = 15
	nestedMost = 60 // deeper branches are not drawn
)

// kind of shape.
type kind uint8

const (
	shapeBox   kind = iota // rounded rectangle
	shapeLine              // polyline, with an arrow head at its end when arrow
	shapeText              // one line of text from the baseline x, y
	shapeRisk              // the triangle ▲
	shapeFrame             // a dashed or faint rectangle around something
)

// shape is one thing to draw.
type shape struct {
	kind       kind
	class      string // what it is, for the page's colours and for the palette of the PNG
	x, y, w, h float64
	points     []point
	arrow      bool
	dashed     bool
	text       string
	font       face
	title      string // said when pointed at
}

type point struct{ x, y float64 }

// laid is a drawing with everything in its place.
type laid struct {
	shapes []shape
	w, h   float64
}

// lay places a drawing.
func lay(d prompts.Drawing) laid {
	l := &layout{lang: prompts.Lang(d.Lang), gatedBy: map[string]string{}}
	l.gates(d.Nodes, 0)
	row := l.measure(d.Nodes, 0)
	l.place(row, margin, margin)
	return laid{shapes: l.shapes, w: row.w + 2*margin, h: row.h + 2*margin}
}

type layout struct {
	lang    string
	gatedBy map[string]string // step id to the id of the step that gates it
	shapes  []shape
}

func (l *layout) t(english string, pairs ...any) string {
	return prompts.T(l.lang, english, engine.Args(pairs...))
}

func (l *layout) gates(nodes []prompts.DrawNode, deep int) {
	if deep > nestedMost {
		return
	}
	for _, n := range nodes {
		for _, id := range n.Gates {
			l.gatedBy[id] = n.ID
		}
		for _, b := range n.Branches {
			l.gates(b.Nodes, deep+1)
		}
	}
}

// row is a column of boxes from top to bottom, measured.
type row struct {
	blocks []block
	w, h   float64
	left   float64 // free space on the left, for brackets
}

// block is a box with what stands below it on the sides.
type block struct {
	node prompts.DrawNode
	say  []said
	boxH float64
	rows []row
	w, h float64
}

func (l *layout) measure(nodes []prompts.DrawNode, deep int) row {
	var r row
	r.w = emptyWide
	for i, n := range nodes {
		b := l.block(n, deep)
		r.blocks = append(r.blocks, b)
		r.w = max(r.w, b.w)
		r.h += b.h
		if i > 0 {
			r.h += gapDown
		}
		if len(n.Gates) > 0 {
			r.left = lane
		}
	}
	if len(nodes) == 0 {
		r.h = emptyTall
	}
	r.w += 2 * r.left
	return r
}

func (l *layout) block(n prompts.DrawNode, deep int) block {
	b := block{node: n, say: l.words(n), w: boxWide}
	b.boxH = 2 * padY
	for _, s := range b.say {
		b.boxH += s.tall
	}
	b.h = b.boxH
	if len(n.Branches) == 0 || deep >= nestedMost {
		return b
	}
	wide, tall := 0.0, 0.0
	for i, br := range n.Branches {
		r := l.measure(br.Nodes, deep+1)
		b.rows = append(b.rows, r)
		wide += r.w
		if i > 0 {
			wide += gapSide
		}
		tall = max(tall, r.h)
	}
	b.w = max(b.w, wide)
	b.h += fan + tall + join
	return b
}

// place draws a row with its upper left corner at x, y.
func (l *layout) place(r row, x, y float64) {
	mid := x + r.w/2
	at := map[string]point{} // left middle of each box of this row
	for i, b := range r.blocks {
		if i > 0 {
			if ends(r.blocks[i-1].node) {
				l.wire("edge cut", false, true, point{mid, y}, point{mid, y + gapDown})
			} else {
				l.wire("edge", true, false, point{mid, y}, point{mid, y + gapDown})
			}
			y += gapDown
		}
		at[b.node.ID] = point{mid - boxWide/2, y + b.boxH/2}
		l.box(b, mid, y)
		l.branches(b, mid, y+b.boxH)
		y += b.h
	}
	if len(r.blocks) == 0 {
		l.wire("edge", false, false, point{mid, y}, point{mid, y + r.h})
	}
	for _, b := range r.blocks {
		l.bracket(b.node, at)
	}
}

// bracket is the dashed line from what gates to what it gates, within a row.
func (l *layout) bracket(n prompts.DrawNode, at map[string]point) {
	from, ok := at[n.ID]
	for _, id := range n.Gates {
		to, here := at[id]
		if !ok || !here {
			continue
		}
		out := from.x - lane + 6
		l.wire("gate", true, true, point{from.x, from.y}, point{out, from.y}, point{out, to.y}, point{to.x, to.y})
	}
}

// branches draws what stands below a box side by side, and the lines that lead there and on.
func (l *layout) branches(b block, mid, y float64) {
	if len(b.rows) == 0 {
		return
	}
	wide, tall := -float64(gapSide), 0.0
	for _, r := range b.rows {
		wide += r.w + gapSide
		tall = max(tall, r.h)
	}
	x := mid - wide/2
	if k := b.node.Kind; k == "each" || k == "while" || k == "parallel" || k == "try" {
		l.add(shape{kind: shapeFrame, class: "frame", x: x - 8, y: y + fan - 12, w: wide + 16, h: tall + 20, dashed: true})
	}
	end := y + fan + tall + join
	for i, r := range b.rows {
		to, top := x+r.w/2, y+fan
		points := []point{{mid, y}, {mid, y + 12}, {to, y + 12}, {to, top}}
		if to == mid {
			points = []point{{mid, y}, {mid, top}}
		}
		l.wire("edge", len(r.blocks) > 0, false, points...)
		if i < len(b.node.Branches) {
			l.label(b.node.Branches[i].Label, to, y+29, r.w)
		}
		l.place(r, x, top)
		if n := len(r.blocks); n == 0 || !ends(r.blocks[n-1].node) {
			l.wire("edge", false, false, point{to, top + r.h}, point{to, end - 10}, point{mid, end - 10}, point{mid, end})
		}
		x += r.w + gapSide
	}
}

// label is a branch's word on its line.
func (l *layout) label(text string, mid, y, most float64) {
	text = fitted(text, small, most-8)
	if text == "" {
		return
	}
	w := wide(text, small)
	l.add(shape{kind: shapeBox, class: "pill", x: mid - w/2 - 6, y: y - 12, w: w + 12, h: 17})
	l.add(shape{kind: shapeText, class: "label", x: mid - w/2, y: y + 1, text: text, font: small})
}

// box draws a node around the middle.
func (l *layout) box(b block, mid, y float64) {
	n := b.node
	class := "box kind-" + name(n.Kind)
	if n.State != "" {
		class += " state-" + name(n.State)
	}
	if n.Risk > engine.Read {
		class += " risky"
	}
	x := mid - boxWide/2
	l.add(shape{kind: shapeBox, class: class, x: x, y: y, w: boxWide, h: b.boxH, dashed: n.State == string(engine.StepPending) || n.State == string(engine.StepStateSkipped), title: n.ID + ": " + n.Label})
	y += padY
	for _, s := range b.say {
		y += s.tall
		tx := x + padX
		if s.risk {
			l.add(shape{kind: shapeRisk, class: "risk", x: tx, y: y - 14, w: 11, h: 10})
			tx += 16
		}
		l.add(shape{kind: shapeText, class: s.class, x: tx, y: y - 4, text: s.text, font: s.font})
		if s.end != "" {
			l.add(shape{kind: shapeText, class: s.endClass, x: x + boxWide - padX - wide(s.end, small), y: y - 4, text: s.end, font: small})
		}
	}
}

func (l *layout) wire(class string, arrow, dashed bool, points ...point) {
	l.add(shape{kind: shapeLine, class: class, arrow: arrow, dashed: dashed, points: points})
}

func (l *layout) add(s shape) { l.shapes = append(l.shapes, s) }

// ends reports whether nothing follows a box.
func ends(n prompts.DrawNode) bool { return n.Kind == "stop" }

// name keeps what comes from outside from being more than one class name.
func name(s string) string {
	for _, r := range s {
		if r < 'a' || r > 'z' {
			return "x" + strconv.Itoa(len(s))
		}
	}
	return s
}
