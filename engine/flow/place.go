package flow

import (
	"sort"
	"strings"
	"unicode/utf8"

	"go.yaml.in/yaml/v4"

	"github.com/bretelle/bretelle/engine"
)

// text is the source as lines: YAML counts columns in characters, Go in bytes.
type text struct {
	src   string
	lines []int // byte offset at which each line starts
}

func newText(src []byte) *text {
	t := &text{src: strings.TrimPrefix(string(src), "\ufeff"), lines: []int{0}}
	for i := 0; i < len(t.src); {
		n := lineBreak(t.src[i:])
		if n == 0 {
			i++
			continue
		}
		i += n
		t.lines = append(t.lines, i)
	}
	return t
}

// lineBreak is the length of the line break that s starts with, by YAML 1.1's list; 0 when there is none.
func lineBreak(s string) int {
	switch {
	case strings.HasPrefix(s, "\r\n"):
		return 2
	case s[0] == '\n' || s[0] == '\r':
		return 1
	case strings.HasPrefix(s, "\u0085"):
		return 2
	case strings.HasPrefix(s, "\u2028"), strings.HasPrefix(s, "\u2029"):
		return 3
	}
	return 0
}

// offset is the byte offset of a position.
func (t *text) offset(p engine.Pos) int {
	if p.Line < 1 || p.Line > len(t.lines) {
		return len(t.src)
	}
	i := t.lines[p.Line-1]
	for c := 1; c < p.Col && i < len(t.src); c++ {
		_, n := utf8.DecodeRuneInString(t.src[i:])
		i += n
	}
	return i
}

// pos is the position of a byte offset.
func (t *text) pos(i int) engine.Pos {
	line := sort.Search(len(t.lines), func(k int) bool { return t.lines[k] > i })
	return engine.Pos{Line: line, Col: 1 + utf8.RuneCountInString(t.src[t.lines[line-1]:min(i, len(t.src))])}
}

// line is the text of a line, counted from 1, without its break.
func (t *text) line(n int) string {
	if n < 1 || n > len(t.lines) {
		return ""
	}
	end := len(t.src)
	if n < len(t.lines) {
		end = t.lines[n]
	}
	return strings.TrimRight(t.src[t.lines[n-1]:end], "\r\n")
}

// scalar is a text value and where it was written, so that any byte of the value has a place in the file.
type scalar struct {
	text  *text
	node  engine.Pos
	style yaml.Style
	value string
}

// origin is a place inside a scalar. The zero origin is nowhere.
type origin struct {
	in     *scalar
	offset int // bytes from the start of the value
}

// at is the place in the file of a position within source, which starts at the origin.
func (o origin) at(source string, within engine.Pos) engine.Pos {
	if o.in == nil {
		return engine.Pos{}
	}
	i := 0
	for line := 1; line < within.Line; line++ {
		n := strings.IndexByte(source[i:], '\n')
		if n < 0 {
			break
		}
		i += n + 1
	}
	for c := 1; c < within.Col && i < len(source) && source[i] != '\n'; c++ {
		_, n := utf8.DecodeRuneInString(source[i:])
		i += n
	}
	return o.in.walker().to(o.offset + i)
}

// At is the place in the flow's text of a position within Source, as expr reports it.
func (c *Cond) At(within engine.Pos) engine.Pos { return c.from.at(c.Source, within) }

// At is the place in the flow's text of a position within Text, as expr reports it.
func (s Segment) At(within engine.Pos) engine.Pos { return s.from.at(s.Text, within) }

// places are where the parts of a flow or step stand that are plain texts in the tree.
type places map[string]engine.Pos

func (p *places) note(part string, pos engine.Pos) {
	if *p == nil {
		*p = places{}
	}
	(*p)[part] = pos
}

// Place is where a part stands: "channel", "trigger.on"; the flow's own place when it is not written.
func (f *Flow) Place(part string) engine.Pos {
	if pos, ok := f.places[part]; ok {
		return pos
	}
	return f.Pos
}

// Place is where a part stands: "do", "account", "covers.greet", "by.@sales", "edit.greet.text", "expire.then"; the
// step's own place when it is not written.
func (s *Step) Place(part string) engine.Pos {
	if pos, ok := s.places[part]; ok {
		return pos
	}
	return s.Pos
}

// walker goes through a scalar's source and value side by side, forward only.
type walker struct {
	s    *scalar
	i, j int // in the source, in the value
}

func (s *scalar) walker() *walker {
	w := &walker{s: s, i: s.text.offset(s.node)}
	src := s.text.src
	for w.i < len(src) && (src[w.i] == '!' || src[w.i] == ' ') { // an explicit tag stands before the value
		if n := strings.IndexAny(src[w.i:], " \r\n"); n > 0 {
			w.i += n
		} else {
			w.i++
		}
	}
	switch {
	case s.style&(yaml.LiteralStyle|yaml.FoldedStyle) != 0:
		if n := strings.IndexAny(src[w.i:], "\r\n"); n >= 0 {
			w.i += n
		}
	case s.style&(yaml.DoubleQuotedStyle|yaml.SingleQuotedStyle) != 0:
		w.i++
	}
	return w
}

// to is the place of value[offset]; offsets must not decrease from call to call.
func (w *walker) to(offset int) engine.Pos {
	step := w.quoted
	if w.s.style&(yaml.LiteralStyle|yaml.FoldedStyle) != 0 {
		step = w.block
	}
	for w.j < offset && w.j < len(w.s.value) && w.i < len(w.s.text.src) {
		step()
	}
	if w.j < len(w.s.value) && w.s.value[w.j] > ' ' {
		w.settle()
	}
	return w.s.text.pos(w.i)
}

// settle moves over indentation that is not part of the value to the character that is.
func (w *walker) settle() {
	src := w.s.text.src
	for w.i < len(src) && (blank(src[w.i]) || lineBreak(src[w.i:]) > 0) {
		w.i++
	}
}

// block: characters that are not blank come in the same order in source and value, whatever was folded.
func (w *walker) block() {
	if blank(w.s.value[w.j]) || w.s.value[w.j] == '\n' {
		if w.s.text.src[w.i] == w.s.value[w.j] {
			w.i++
		}
		w.j++
		return
	}
	w.settle()
	w.both()
}

// quoted is also plain: line folding, escapes, doubled quotes.
func (w *walker) quoted() {
	src := w.s.text.src[w.i:]
	switch {
	case blank(src[0]) || lineBreak(src) > 0:
		run, breaks := 0, 0
		for run < len(src) && (blank(src[run]) || lineBreak(src[run:]) > 0) {
			n := lineBreak(src[run:])
			if n > 0 {
				breaks++
			}
			run += max(n, 1)
		}
		if breaks == 0 {
			w.both()
			return
		}
		w.i += run
		w.j += max(1, breaks-1)
	case w.s.style&yaml.DoubleQuotedStyle != 0 && src[0] == '\\' && len(src) > 1:
		w.escape(src)
	case w.s.style&yaml.SingleQuotedStyle != 0 && strings.HasPrefix(src, "''"):
		w.i += 2
		w.j++
	default:
		w.both()
	}
}

func (w *walker) escape(src string) {
	if n := lineBreak(src[1:]); n > 0 { // an escaped line break leaves nothing
		w.i += 1 + n
		for w.i < len(w.s.text.src) && blank(w.s.text.src[w.i]) {
			w.i++
		}
		return
	}
	length := map[byte]int{'x': 4, 'u': 6, 'U': 10}[src[1]]
	w.i += max(2, length)
	_, n := utf8.DecodeRuneInString(w.s.value[w.j:])
	w.j += n
}

// both moves one character in source and value.
func (w *walker) both() {
	_, n := utf8.DecodeRuneInString(w.s.text.src[w.i:])
	w.i += n
	_, n = utf8.DecodeRuneInString(w.s.value[w.j:])
	w.j += n
}

func blank(c byte) bool { return c == ' ' || c == '\t' }
