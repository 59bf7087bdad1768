package edit

import (
	"slices"
	"strings"

	"go.yaml.in/yaml/v4"
)

// node is the node at a path, nil when there is none.
func (d *doc) node(p path) *yaml.Node {
	n := d.top
	for _, k := range p {
		switch k := k.(type) {
		case string:
			i := keyIndex(n, k)
			if i < 0 {
				return nil
			}
			n = n.Content[2*i+1]
		case int:
			if n.Kind != yaml.SequenceNode || k < 0 || k >= len(n.Content) {
				return nil
			}
			n = n.Content[k]
		}
	}
	return n
}

func keyIndex(n *yaml.Node, key string) int {
	if n == nil || n.Kind != yaml.MappingNode {
		return -1
	}
	for i := 0; 2*i+1 < len(n.Content); i++ {
		if n.Content[2*i].Value == key {
			return i
		}
	}
	return -1
}

// inFlow reports whether what is directly in the list or map at p stands between brackets.
func (d *doc) inFlow(p path) bool {
	for i := 0; i <= len(p); i++ {
		if n := d.node(p[:i]); n != nil && n.Kind != yaml.ScalarNode && n.Style&yaml.FlowStyle != 0 {
			return true
		}
	}
	return false
}

// splice puts text in place of src[from:to] and checks that the result says what want says.
func (d *doc) splice(from, to int, text string, want Map) error {
	if from < 0 || from > to || to > len(d.src) {
		return cannot()
	}
	err := d.become(d.src[:from]+text+d.src[to:], want)
	if err != nil && !strings.HasSuffix(d.src, "\n") {
		return d.become(d.src[:from]+text+d.src[to:]+d.nl, want)
	}
	return err
}

func (d *doc) become(src string, want Map) error {
	next := *d
	if err := next.load(src); err != nil {
		return cannot().Wrap(err)
	}
	if !Equal(next.root, want) {
		return cannot()
	}
	*d = next
	return nil
}

func (d *doc) join(lines []string) string { return strings.Join(lines, d.nl) }

// colon is the byte after the colon of the i-th key of a map; -1 when it is not where it should be.
func (d *doc) colon(n *yaml.Node, i int) int {
	c := d.space(d.end(n.Content[2*i]))
	if c >= len(d.src) || d.src[c] != ':' {
		return -1
	}
	return c + 1
}

// dash is the byte of the dash of the i-th item of a list; -1 when it is not where it should be.
func (d *doc) dash(n *yaml.Node, i int) int {
	at := d.props(n)
	for k := 0; k < i; k++ {
		at = d.space(max(at+1, d.end(n.Content[k])))
	}
	if at >= len(d.src) || d.src[at] != '-' {
		return -1
	}
	return at
}

// close is the end of the last line that belongs to what ends at byte i and is indented by col: comments below it
// that are indented deeper belong to it.
func (d *doc) close(i, col int) int {
	end := d.lineEnd(i)
	for {
		next := d.nextLine(end)
		c := next
		for c < len(d.src) && blank(d.src[c]) {
			c++
		}
		if next == end || c >= len(d.src) || d.src[c] != '#' || d.column(c) <= col {
			return end
		}
		end = d.lineEnd(c)
	}
}

// above is the start of the first of the comment lines directly above the line of byte i, of those after byte
// least that are indented by col at most; the start of i's own line when there are none.
func (d *doc) above(i, least, col int) int {
	start := d.lineStart(i)
	for start > 0 {
		prev := d.lineStart(start - 1)
		c := prev
		for c < start && blank(d.src[c]) {
			c++
		}
		if prev < least || d.src[c] != '#' || d.column(c) > col {
			break
		}
		start = prev
	}
	return start
}

// replace writes another value at a path.
func (d *doc) replace(p path, v any) error {
	want := putIn(d.root, p, v).(Map)
	up, n := d.node(p[:len(p)-1]), d.node(p)
	if n == nil {
		return cannot()
	}
	key, isKey := p[len(p)-1].(string)
	if d.inFlow(p[:len(p)-1]) {
		text := inlined(v, true)
		from := d.at(n)
		if isKey && n.Kind == yaml.ScalarNode && n.Value == "" && n.Style&(yaml.DoubleQuotedStyle|yaml.SingleQuotedStyle) == 0 {
			k := up.Content[2*keyIndex(up, key)]
			if c := d.space(d.end(k)); c >= len(d.src) || d.src[c] != ':' {
				from = d.end(k)
				return d.splice(from, from, ": "+text, want)
			}
		}
		if from > 0 && d.src[from-1] == ':' {
			text = " " + text
		}
		return d.splice(from, d.end(n), text, want)
	}
	if !isKey {
		return d.replaceItem(p, v, want)
	}
	i := keyIndex(up, key)
	after := d.colon(up, i)
	if after < 0 {
		return cannot()
	}
	wide := key == "with" && p[0] != "trigger"
	w := value(v, key, wide, d.column(d.at(up.Content[2*i]))+2)
	return d.put(n, after, w, want)
}

// put writes w behind byte after, a colon, in place of the node n. A comment on the first line stays.
func (d *doc) put(n *yaml.Node, after int, w written, want Map) error {
	at, end := d.at(n), d.end(n)
	same := d.lineEnd(after) >= at
	if same && len(w.below) == 0 && n.Style&(yaml.LiteralStyle|yaml.FoldedStyle) == 0 && at > after {
		return d.splice(at, end, w.inline, want)
	}
	comment := d.src[after:d.lineEnd(after)]
	switch {
	case same && n.Style&(yaml.LiteralStyle|yaml.FoldedStyle) != 0:
		_, c, _ := strings.Cut(d.src[at:d.lineEnd(at)], " #")
		if comment = c; c != "" {
			comment = "#" + c
		}
	case same:
		comment = d.src[end:d.lineEnd(end)]
	}
	if comment = strings.Trim(comment, " \t"); !strings.HasPrefix(comment, "#") {
		comment = ""
	}
	var text string
	if w.inline != "" {
		text = " " + w.inline
	}
	if comment != "" {
		text += " " + comment
	}
	if len(w.below) > 0 {
		text += d.nl + d.join(w.below)
	}
	return d.splice(after, d.lineEnd(end), text, want)
}

func (d *doc) replaceItem(p path, v any, want Map) error {
	up, n := d.node(p[:len(p)-1]), d.node(p)
	dash := d.dash(up, p[len(p)-1].(int))
	if dash < 0 {
		return cannot()
	}
	lines := item(v, blockAt(p[:len(p)-1]), d.column(dash))
	end := d.end(n)
	if len(lines) == 1 && n.Kind == yaml.ScalarNode && n.Style&(yaml.LiteralStyle|yaml.FoldedStyle) == 0 {
		return d.splice(dash, max(end, dash+1), strings.TrimLeft(lines[0], " "), want)
	}
	return d.splice(dash, d.lineEnd(end), strings.TrimLeft(d.join(lines), " "), want)
}

// blockAt reports whether the list at a path is one of steps or cases.
func blockAt(p path) bool {
	key, ok := p[len(p)-1].(string)
	return ok && (key == "cases" || isBlock(key)) && !slices.Contains(p, path{"with"}[0])
}

// putIn is v with another value at a path; keys that are not there come last.
func putIn(v any, p path, x any) any {
	if len(p) == 0 {
		return x
	}
	switch k := p[0].(type) {
	case string:
		m, _ := v.(Map)
		return m.With(k, putIn(m.Get(k), p[1:], x))
	case int:
		list, _ := v.([]any)
		list = slices.Clone(list)
		if k >= 0 && k < len(list) {
			list[k] = putIn(list[k], p[1:], x)
		}
		return list
	}
	return v
}
