package edit

import (
	"slices"
	"strings"

	"go.yaml.in/yaml/v4"
)

// chunk is an item of a list written with dashes: the bytes of its lines, the comments directly above it included,
// without the last line break.
type chunk struct{ from, to int }

// chunks cuts the list at p into its items; ok is false when an item does not begin its line.
func (d *doc) chunks(n *yaml.Node) (list []chunk, ok bool) {
	least := 0
	for i, c := range n.Content {
		dash := d.dash(n, i)
		if dash < 0 || strings.Trim(d.src[d.lineStart(dash):dash], " ") != "" {
			return nil, false
		}
		if i == 0 {
			least = d.lineStart(dash)
			for least > 0 && strings.HasPrefix(strings.TrimLeft(d.src[d.lineStart(least-1):least], " \t"), "#") {
				least = d.lineStart(least - 1)
			}
		}
		col := d.column(dash)
		from := d.above(dash, least, col)
		to := d.close(max(d.end(c), dash+1), col)
		list = append(list, chunk{from, to})
		least = d.nextLine(to)
	}
	return list, true
}

func (d *doc) list(p path) []any {
	list, _ := d.get(p).([]any)
	return list
}

// insertItem adds an item to the list at p as its i-th.
func (d *doc) insertItem(p path, i int, v any) error {
	old := d.list(p)
	i = min(max(i, 0), len(old))
	want := putIn(d.root, p, slices.Insert(slices.Clone(old), i, v)).(Map)
	n := d.node(p)
	if n == nil {
		return cannot()
	}
	if len(old) == 0 {
		return d.replace(p, []any{v})
	}
	if d.inFlow(p) {
		if i > 0 {
			at := d.end(n.Content[i-1])
			return d.splice(at, at, ", "+inlined(v, true), want)
		}
		at := d.at(n.Content[0])
		return d.splice(at, at, inlined(v, true)+", ", want)
	}
	first := d.dash(n, 0)
	if first < 0 {
		return cannot()
	}
	col := d.column(first)
	text := d.join(item(v, blockAt(p), col))
	list, ok := d.chunks(n)
	switch {
	case i > 0 && ok:
		at := list[i-1].to
		return d.splice(at, at, d.nl+text, want)
	case i > 0:
		at := d.close(d.end(n.Content[i-1]), col)
		return d.splice(at, at, d.nl+text, want)
	case ok:
		at := list[0].from
		return d.splice(at, at, text+d.nl, want)
	}
	return d.splice(first, first, text[col:]+d.nl+strings.Repeat(" ", col), want)
}

// removeItem removes the i-th item of the list at p, with its comments.
func (d *doc) removeItem(p path, i int) error {
	old := d.list(p)
	if i < 0 || i >= len(old) {
		return cannot()
	}
	left := slices.Delete(slices.Clone(old), i, i+1)
	want := putIn(d.root, p, left).(Map)
	n := d.node(p)
	if len(left) == 0 {
		return d.replace(p, []any{})
	}
	if d.inFlow(p) {
		if i+1 < len(old) {
			return d.splice(d.at(n.Content[i]), d.at(n.Content[i+1]), "", want)
		}
		return d.splice(d.end(n.Content[i-1]), d.end(n.Content[i]), "", want)
	}
	list, ok := d.chunks(n)
	if ok {
		return d.cut(list[i].from, list[i].to, want)
	}
	if i+1 < len(old) {
		return d.splice(d.dash(n, i), d.dash(n, i+1), "", want)
	}
	return d.splice(d.lineEnd(d.end(n.Content[i-1])), d.lineEnd(d.end(n.Content[i])), "", want)
}

// moveItem moves an item of the list at p; what stands between items stays where it is.
func (d *doc) moveItem(p path, from, to int) error {
	old := d.list(p)
	order := make([]int, len(old))
	for i := range order {
		order[i] = i
	}
	order = slices.Insert(slices.Delete(order, from, from+1), to, from)
	moved := make([]any, len(old))
	for i, k := range order {
		moved[i] = old[k]
	}
	want := putIn(d.root, p, moved).(Map)
	n := d.node(p)
	var list []chunk
	if d.inFlow(p) {
		for _, c := range n.Content {
			list = append(list, chunk{d.at(c), d.end(c)})
		}
	} else {
		var ok bool
		if list, ok = d.chunks(n); !ok {
			return cannot()
		}
	}
	var b strings.Builder
	for i, k := range order {
		b.WriteString(d.src[list[k].from:list[k].to])
		if i+1 < len(order) {
			b.WriteString(d.src[list[i].to:list[i+1].from])
		}
	}
	return d.splice(list[0].from, list[len(list)-1].to, b.String(), want)
}
