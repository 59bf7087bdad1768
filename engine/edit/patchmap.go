package edit

import (
	"strings"

	"go.yaml.in/yaml/v4"
)

// insertKey adds a key to the map at p as its i-th.
func (d *doc) insertKey(p path, i int, key string, v any) error {
	want := putIn(d.root, p.to(key), v).(Map)
	n := d.node(p)
	if n == nil {
		return cannot()
	}
	if n.Kind != yaml.MappingNode || len(n.Content) == 0 {
		if len(p) == 0 {
			return d.splice(d.at(n), d.end(n), inline(Map{{key, v}}), want)
		}
		return d.replace(p, Map{{key, v}})
	}
	count := len(n.Content) / 2
	i = min(max(i, 0), count)
	if d.inFlow(p) {
		text := name(key, true) + ": " + inlined(v, true)
		if i > 0 {
			at := max(d.end(n.Content[2*i-1]), d.end(n.Content[2*i-2]))
			return d.splice(at, at, ", "+text, want)
		}
		at := d.at(n.Content[0])
		return d.splice(at, at, text+", ", want)
	}
	first := d.at(n.Content[0])
	col := d.column(first)
	lines := entry(key, v, len(p) > 0 && p[0] == "trigger", col)
	if i == 0 {
		text := d.join(lines)[col:] + d.nl + strings.Repeat(" ", col)
		return d.splice(first, first, text, want)
	}
	at := d.close(max(d.end(n.Content[2*i-1]), d.end(n.Content[2*i-2])), col)
	return d.splice(at, at, d.nl+d.join(lines), want)
}

// removeKey removes a key of the map at p, with the comment at its end.
func (d *doc) removeKey(p path, key string) error {
	m, _ := d.get(p).(Map)
	left := m.Without(key)
	var want Map
	if len(p) == 0 {
		want = left
	} else {
		want = putIn(d.root, p, left).(Map)
	}
	n := d.node(p)
	i := keyIndex(n, key)
	if i < 0 {
		return nil
	}
	if len(left) == 0 && len(p) > 0 {
		return d.replace(p, Map{})
	}
	from := d.at(n.Content[2*i])
	to := max(d.end(n.Content[2*i+1]), d.end(n.Content[2*i]))
	last := 2*i+2 >= len(n.Content)
	if d.inFlow(p) {
		if !last {
			return d.splice(from, d.at(n.Content[2*i+2]), "", want)
		}
		if i > 0 {
			from = max(d.end(n.Content[2*i-1]), d.end(n.Content[2*i-2]))
		}
		return d.splice(from, to, "", want)
	}
	col := d.column(from)
	end := d.close(to, col)
	if strings.Trim(d.src[d.lineStart(from):from], " ") != "" && !last { // the first key, behind a dash
		if next := d.at(n.Content[2*i+2]); d.lineStart(next) == d.nextLine(end) {
			return d.splice(from, next, "", want)
		}
		return d.splice(from, end, "", want)
	}
	return d.cut(d.lineStart(from), end, want)
}

// cut removes whole lines, from the start of one to the end of another, and a blank line that would be left double.
func (d *doc) cut(from, to int, want Map) error {
	stop := to + lineBreak(d.src[to:])
	if stop == to && from > 0 { // the last line has no break: the one before it loses its own
		from = d.lineEnd(d.lineStart(from - 1))
		return d.splice(from, to, "", want)
	}
	if from > 0 && d.empty(d.lineStart(from-1)) {
		for stop < len(d.src) && d.empty(stop) {
			stop = d.nextLine(stop)
		}
	}
	return d.splice(from, stop, "", want)
}

// empty reports whether nothing stands in the line that starts at i.
func (d *doc) empty(i int) bool { return strings.TrimSpace(d.src[i:d.lineEnd(i)]) == "" }
