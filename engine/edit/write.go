package edit

import (
	"strings"
	"unicode/utf8"

	"github.com/bretelle/bretelle/engine/flow"
)

// small is how long a list or map between brackets may be, in characters.
const small = 72

// written is a value: what stands behind the key or the dash, and the lines below it.
type written struct {
	inline string
	below  []string
}

// value writes v; indent is where the lines below it begin, key the one it stands behind.
func value(v any, key string, wide bool, indent int) written {
	switch x := v.(type) {
	case Map:
		if len(x) > 0 && (!flowable(x) || wide) {
			var w written
			for _, p := range x {
				w.below = append(w.below, entry(p.Key, p.Value, key == "trigger", indent)...)
			}
			return w
		}
	case []any:
		if len(x) > 0 && !flowable(x) {
			var w written
			for _, e := range x {
				w.below = append(w.below, item(e, key == "cases" || isBlock(key), indent)...)
			}
			return w
		}
	case string:
		if header, lines, ok := literal(x); ok {
			return written{header, indented(lines, indent)}
		}
	}
	return written{inline: inline(v)}
}

func indented(lines []string, indent int) []string {
	out := make([]string, len(lines))
	for i, l := range lines {
		if l != "" {
			out[i] = strings.Repeat(" ", indent) + l
		}
	}
	return out
}

// entry is the lines of a key and its value. Settings of a step stand one a line.
func entry(key string, v any, inTrigger bool, indent int) []string {
	w := value(v, key, key == "with" && !inTrigger || rescue(key, v), indent+2)
	head := strings.Repeat(" ", indent) + name(key, false) + ":"
	if w.inline != "" {
		head += " " + w.inline
	}
	return append([]string{head}, w.below...)
}

// rescue reports whether it is a step's own steps for its failure, which get room for them.
func rescue(key string, v any) bool {
	m, _ := v.(Map)
	_, is := m.Look("steps")
	return is && key == flow.RescueBlock
}

// item is the lines of a member of a list; steps are written one key a line however short they are.
func item(v any, wide bool, indent int) []string {
	dash := strings.Repeat(" ", indent) + "-"
	if m, ok := v.(Map); ok && len(m) > 0 && (wide || !flowable(m)) {
		var lines []string
		for _, p := range m {
			lines = append(lines, entry(p.Key, p.Value, false, indent+2)...)
		}
		lines[0] = dash + lines[0][indent+1:]
		return lines
	}
	if _, ok := v.([]any); ok {
		return []string{dash + " " + inline(v)}
	}
	w := value(v, "", false, indent+2)
	return append([]string{dash + " " + w.inline}, w.below...)
}

// flowable reports whether a list or map is small and flat enough to stand between brackets: values, and lists of
// values in a map, without expressions in a map.
func flowable(v any) bool {
	switch x := v.(type) {
	case Map:
		for _, p := range x {
			switch e := p.Value.(type) {
			case Map:
				if len(e) > 0 {
					return false
				}
			case []any:
				if !flat(e) {
					return false
				}
			case string:
				if strings.Contains(e, "{{") || strings.Contains(e, "\n") {
					return false
				}
			}
		}
	case []any:
		if !flat(x) {
			return false
		}
	}
	return utf8.RuneCountInString(inline(v)) <= small
}

func flat(list []any) bool {
	for _, e := range list {
		switch e := e.(type) {
		case Map, []any:
			return false
		case string:
			if strings.Contains(e, "\n") {
				return false
			}
		}
	}
	return true
}

// inline is a value on one line, lists and maps between brackets.
func inline(v any) string { return inlined(v, false) }

func inlined(v any, inFlow bool) string {
	switch x := v.(type) {
	case Map:
		parts := make([]string, len(x))
		for i, p := range x {
			parts[i] = name(p.Key, true) + ": " + inlined(p.Value, true)
		}
		return "{" + strings.Join(parts, ", ") + "}"
	case []any:
		parts := make([]string, len(x))
		for i, e := range x {
			parts[i] = inlined(e, true)
		}
		return "[" + strings.Join(parts, ", ") + "]"
	}
	return scalar(v, inFlow)
}
