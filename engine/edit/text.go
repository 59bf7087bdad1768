package edit

import (
	"strings"
	"unicode/utf8"

	"go.yaml.in/yaml/v4"
	"go.yaml.in/yaml/v4/plugin/loaderlimits"

	"github.com/bretelle/bretelle/engine"
	"github.com/bretelle/bretelle/engine/flow"
)

// doc is a text with its tree: nodes for places, root for meaning.
type doc struct {
	mark  string // byte order mark, kept apart as columns do not count it
	src   string
	lines []int // byte offset at which each line starts
	nl    string
	top   *yaml.Node
	root  Map
}

const mark = "\ufeff"

// open reads a text for the first time. The error is Invalid or, for a text beyond the limits of flows, what
// flow.Parse says of it.
func open(source []byte) (*doc, error) {
	if f, problems := flow.Parse(source); f == nil {
		if len(problems) == 0 {
			return nil, cannot()
		}
		p := problems[0]
		return nil, &engine.Error{Code: engine.Invalid, Op: "edit", Msg: p.Msg, Args: p.Args, Hint: p.Hint}
	}
	s, found := strings.CutPrefix(string(source), mark)
	d := &doc{nl: "\n"}
	if found {
		d.mark = mark
	}
	if strings.Contains(s, "\r\n") {
		d.nl = "\r\n"
	}
	return d, d.load(s)
}

// load makes src the text of d; d stays as it was when src cannot be read.
func (d *doc) load(src string) error {
	var root yaml.Node
	limits := loaderlimits.New(loaderlimits.DepthValue(40), loaderlimits.AliasValue(0))
	if err := yaml.Load([]byte(src), &root, yaml.WithPlugin(limits)); err != nil {
		return cannot().Wrap(err)
	}
	n := &root
	if n.Kind == yaml.DocumentNode && len(n.Content) == 1 {
		n = n.Content[0]
	}
	if n.Kind != yaml.MappingNode {
		return cannot()
	}
	v, err := read(n)
	if err != nil {
		return err
	}
	d.src, d.top, d.root, d.lines = src, n, v.(Map), []int{0}
	for i := 0; i < len(src); {
		k := lineBreak(src[i:])
		if i += max(k, 1); k > 0 {
			d.lines = append(d.lines, i)
		}
	}
	return nil
}

func cannot() *engine.Error {
	return engine.E(engine.Invalid, "this part of the text is written in a way that I cannot change").
		WithHint("Change it in the text itself.").WithOp("edit")
}

func (d *doc) bytes() []byte { return []byte(d.mark + d.src) }

// lineBreak is the length of the line break that s starts with, by the list of the YAML reader; 0 when there is none.
func lineBreak(s string) int {
	switch {
	case s == "":
		return 0
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

// at is the byte at which a node starts; the text's length when it is nowhere.
func (d *doc) at(n *yaml.Node) int {
	if n.Line < 1 || n.Line > len(d.lines) {
		return len(d.src)
	}
	i := d.lines[n.Line-1]
	for c := 1; c < n.Column && i < len(d.src); c++ {
		_, k := utf8.DecodeRuneInString(d.src[i:])
		i += k
	}
	return i
}

// lineStart is the start of the line that byte i is in.
func (d *doc) lineStart(i int) int {
	lo, hi := 0, len(d.lines)
	for lo+1 < hi {
		if m := (lo + hi) / 2; d.lines[m] <= i {
			lo = m
		} else {
			hi = m
		}
	}
	return d.lines[lo]
}

// lineEnd is the end of the line that byte i is in, before its break.
func (d *doc) lineEnd(i int) int {
	for i < len(d.src) && lineBreak(d.src[i:]) == 0 {
		i++
	}
	return i
}

// nextLine is the start of the line after the one that byte i is in; the text's length when it is the last.
func (d *doc) nextLine(i int) int {
	i = d.lineEnd(i)
	return i + lineBreak(d.src[i:])
}

// column is how many characters stand before byte i in its line.
func (d *doc) column(i int) int { return utf8.RuneCountInString(d.src[d.lineStart(i):i]) }

// space is the first byte from i on that is neither blank nor a line break nor in a comment.
func (d *doc) space(i int) int {
	for i < len(d.src) {
		k := lineBreak(d.src[i:])
		switch {
		case k > 0:
			i += k
		case blank(d.src[i]):
			i++
		case d.src[i] == '#':
			i = d.lineEnd(i)
		default:
			return i
		}
	}
	return i
}

func blank(c byte) bool { return c == ' ' || c == '\t' }

// props is where a node's content starts, after its tag or anchor.
func (d *doc) props(n *yaml.Node) int {
	i := d.at(n)
	for i < len(d.src) && (d.src[i] == '!' && n.Style&yaml.TaggedStyle != 0 || d.src[i] == '&' && n.Anchor != "") {
		for i < len(d.src) && !blank(d.src[i]) && lineBreak(d.src[i:]) == 0 {
			i++
		}
		i = d.space(i)
	}
	return i
}

// end is the byte after a node's last one.
func (d *doc) end(n *yaml.Node) int {
	i := d.props(n)
	switch n.Kind {
	case yaml.MappingNode, yaml.SequenceNode:
		return d.endOfList(n, i)
	}
	switch {
	case n.Style&yaml.DoubleQuotedStyle != 0:
		for i++; i < len(d.src) && d.src[i] != '"'; i++ {
			if d.src[i] == '\\' {
				i++
			}
		}
		return min(i+1, len(d.src))
	case n.Style&yaml.SingleQuotedStyle != 0:
		for i++; i < len(d.src); i++ {
			if d.src[i] == '\'' {
				if i+1 < len(d.src) && d.src[i+1] == '\'' {
					i++
					continue
				}
				break
			}
		}
		return min(i+1, len(d.src))
	case n.Style&(yaml.LiteralStyle|yaml.FoldedStyle) != 0:
		return d.endOfBlock(n, i)
	}
	return d.follow(i, n.Value)
}

func (d *doc) endOfList(n *yaml.Node, i int) int {
	last := i
	if len(n.Content) > 0 {
		last = max(d.end(n.Content[len(n.Content)-1]), last)
		if n.Kind == yaml.MappingNode {
			last = max(last, d.end(n.Content[len(n.Content)-2]))
		}
	}
	if n.Style&yaml.FlowStyle == 0 || i >= len(d.src) || d.src[i] != '{' && d.src[i] != '[' {
		return last
	}
	if len(n.Content) == 0 {
		last++
	}
	for last < len(d.src) {
		last = d.space(last)
		if last < len(d.src) && (d.src[last] == '}' || d.src[last] == ']') {
			return last + 1
		}
		last++
	}
	return len(d.src)
}

// follow goes from i over the characters of value that are not blank: they stand in the text in the same order.
func (d *doc) follow(i int, value string) int {
	end := i
	for _, r := range value {
		if white(r) {
			continue
		}
		for i < len(d.src) {
			got, k := utf8.DecodeRuneInString(d.src[i:])
			i += k
			if got == r {
				end = i
				break
			}
			if !white(got) {
				return end
			}
		}
	}
	return end
}

func white(r rune) bool {
	switch r {
	case ' ', '\t', '\n', '\r', '\u0085', '\u2028', '\u2029':
		return true
	}
	return false
}

// endOfBlock is the end of the last line of a block scalar whose header starts at i.
func (d *doc) endOfBlock(n *yaml.Node, i int) int {
	end := d.lineEnd(i)
	more := strings.Count(n.Value, "\n")
	if text := strings.TrimRightFunc(n.Value, white); text != "" {
		end = d.lineEnd(d.follow(end, text))
		more = strings.Count(n.Value[len(text):], "\n") - 1
	}
	for ; more > 0 && end < len(d.src); more-- {
		end = d.lineEnd(d.nextLine(end))
	}
	return end
}
