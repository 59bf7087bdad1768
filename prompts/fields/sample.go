package fields

import (
	"errors"
	"strings"
	"unicode/utf8"

	"github.com/bretelle/bretelle/engine"
	"github.com/bretelle/bretelle/engine/edit"
	"github.com/bretelle/bretelle/engine/expr"
)

// previewMost is how many characters of a preview are shown.
const previewMost = 80

// each calls f for every text in a value, in order; it stops at the first error.
func each(v any, f func(string) *engine.Error) *engine.Error {
	switch v := v.(type) {
	case string:
		return f(v)
	case edit.Map:
		for _, p := range v {
			if err := each(p.Value, f); err != nil {
				return err
			}
		}
	case []any:
		for _, x := range v {
			if err := each(x, f); err != nil {
				return err
			}
		}
	}
	return nil
}

// split cuts a text at its expressions; the error has its place in the text.
func split(text string) ([]expr.Segment, *engine.Error) {
	s, err := expr.Split(text)
	if err != nil {
		return nil, placed(err, text, 0)
	}
	return s, nil
}

// placed is an error of the expression that begins at offset in whole, with its place in whole.
func placed(err error, whole string, offset int) *engine.Error {
	e := *engine.AsError(err)
	args := map[string]any{}
	for k, v := range e.Args {
		args[k] = v
	}
	var se *expr.SourceError
	if errors.As(err, &se) {
		line, column := at(whole, offset)
		if se.Pos.Line > 1 {
			line, column = line+se.Pos.Line-1, se.Pos.Col
		} else {
			column += se.Pos.Col - 1
		}
		args["at_line"], args["at_column"] = line, column
	}
	e.Args = args
	return &e
}

// compiled checks every expression in a value against what is declared. typed is the text it was read from, for
// the place.
func (a Ask) compiled(v any, typed string) *engine.Error {
	env := a.Sample.env()
	return each(v, func(text string) *engine.Error {
		if !strings.Contains(text, "{{") {
			return nil
		}
		segments, err := expr.Split(text)
		if err != nil {
			whole, base := within(typed, text)
			return placed(err, whole, base)
		}
		for _, s := range segments {
			if !s.Expr {
				continue
			}
			if _, err := expr.Compile(s.Text, env); err != nil {
				whole, base := within(typed, text)
				return placed(err, whole, base+s.Offset)
			}
		}
		return nil
	})
}

// within finds a text in what was typed; where it was written in another way (escaped), places count from its own
// beginning.
func within(typed, text string) (whole string, base int) {
	if i := strings.Index(typed, text); i >= 0 {
		return typed, i
	}
	return text, 0
}

// missing says which member no sample has, with the likeliest one that was meant; "" when all are there.
func (a Ask) missing(v any, typed string) string {
	if a.Sample == nil || len(a.Sample.Roots) == 0 {
		return ""
	}
	said := ""
	env := a.Sample.env()
	_ = each(v, func(text string) *engine.Error {
		segments, err := expr.Split(text)
		if err != nil {
			return nil
		}
		for _, s := range segments {
			if !s.Expr || said != "" {
				continue
			}
			x, err := expr.Compile(s.Text, env)
			if err != nil {
				continue
			}
			for _, r := range x.Refs() {
				if said == "" {
					whole, base := within(typed, text)
					said = a.lacks(r, s.Text, whole, base+s.Offset)
				}
			}
		}
		return nil
	})
	return said
}

// lacks says what is wrong with one reference, source being the expression that begins at offset in whole.
func (a Ask) lacks(r expr.Ref, source, whole string, offset int) string {
	if r.Root == "steps" && len(r.Path) > 0 {
		steps, _ := a.Sample.Roots["steps"].(map[string]any)
		if _, there := steps[r.Path[0]]; !there {
			return a.t(`I could not check "{path}": step {step} has no sample yet.`, "path", clip(strings.Join(append([]string{r.Root}, r.Path...), "."), 60), "step", r.Path[0])
		}
	}
	if r.Root != "steps" && r.Root != "event" {
		return ""
	}
	depth := a.Sample.depth(r)
	if depth < 0 {
		return ""
	}
	i := offsetOf(source, r, depth)
	line, column := at(whole, offset+i)
	bad := r.Path[depth]
	near := a.Sample.near(r, depth)
	place := a.t("(line {line}, column {column})", "line", line, "column", column)
	if near == "" {
		return a.t(`No sample has "{name}".`, "name", clip(bad, 40)) + "  " + place
	}
	return a.t(`No sample has "{name}". Did you mean {near}?`, "name", clip(bad, 40), "near", near) + "  " + place
}

// depth is the index of the first member of a reference that no sample has; -1 when one sample has all, or when a
// value on the way is nothing or no map, so that there is no telling.
func (s *Sample) depth(r expr.Ref) int {
	deepest := -1
	for _, roots := range append([]map[string]any{s.Roots}, s.More...) {
		v, ok := roots[r.Root]
		if !ok {
			continue
		}
		d := -1
		for i, name := range r.Path {
			m, isMap := v.(map[string]any)
			if !isMap {
				return -1
			}
			if v, ok = m[name]; !ok {
				d = i
				break
			}
		}
		if d < 0 {
			return -1
		}
		deepest = max(deepest, d)
	}
	return deepest
}

// near is the path that was probably meant: a member beside the missing one, or one with that name elsewhere.
func (s *Sample) near(r expr.Ref, depth int) string {
	var v any = s.Roots[r.Root]
	for _, name := range r.Path[:depth] {
		m, _ := v.(map[string]any)
		v = m[name]
	}
	m, _ := v.(map[string]any)
	names := make([]string, 0, len(m))
	for _, k := range sortedKeys(m) {
		if len(k) <= 60 {
			names = append(names, k)
		}
	}
	name := engine.Suggest(r.Path[depth], names)
	if name == "" {
		if body, ok := m["body"].(map[string]any); ok && depth == 0 && r.Root == "event" {
			if _, there := body[r.Path[0]]; there {
				return Path(r.Root, "body", r.Path[0])
			}
		}
		return ""
	}
	return Path(append(append([]string{r.Root}, r.Path[:depth]...), name)...)
}

// offsetOf is where the depth-th member of a reference stands in its expression's source, in bytes.
func offsetOf(source string, r expr.Ref, depth int) int {
	i := 0
	line, column := 1, 1
	for i < len(source) && (line < r.Pos.Line || line == r.Pos.Line && column < r.Pos.Col) {
		c, n := utf8.DecodeRuneInString(source[i:])
		if c == '\n' {
			line, column = line+1, 1
		} else {
			column++
		}
		i += n
	}
	i = min(len(source), i+len(r.Root))
	for k := 0; k <= depth; k++ {
		j := strings.Index(source[i:], r.Path[k])
		if j < 0 {
			return i
		}
		i += j
		if k < depth {
			i += len(r.Path[k])
		}
	}
	return i
}
