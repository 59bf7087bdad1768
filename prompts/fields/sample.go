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

// Preview is what a text gives with a sample, cut to what fits under a field; "" when it holds no expression. The
// error says where and why it gives nothing. Values that look like credentials are stars.
func Preview(s *Sample, text string) (string, *engine.Error) {
	if s == nil || !strings.Contains(text, "{{") || len(text) > maxTyped {
		return "", nil
	}
	v, err := structured(text)
	if err != nil {
		v = text
	}
	if err := (Ask{Sample: s, Expressions: true}).compiled(v, text); err != nil {
		return "", err
	}
	return s.preview(v)
}

func (s *Sample) preview(v any) (string, *engine.Error) {
	out, err := s.render(v)
	if err != nil {
		return "", err
	}
	switch x := out.(type) {
	case nil:
		return "nothing", nil
	case string:
		return clip(x, previewMost), nil
	}
	return clip(spaced(out), previewMost), nil
}

// render works a value out with the sample.
func (s *Sample) render(v any) (any, *engine.Error) {
	switch v := v.(type) {
	case string:
		return s.renderText(v)
	case edit.Map:
		out := make(edit.Map, 0, len(v))
		for _, p := range v {
			x, err := s.render(p.Value)
			if err != nil {
				return nil, err
			}
			if sensitive(p.Key) {
				x = stars
			}
			out = append(out, edit.Pair{Key: p.Key, Value: x})
		}
		return out, nil
	case []any:
		out := make([]any, len(v))
		for i, x := range v {
			y, err := s.render(x)
			if err != nil {
				return nil, err
			}
			out[i] = y
		}
		return out, nil
	}
	return v, nil
}

func (s *Sample) renderText(text string) (any, *engine.Error) {
	if !strings.Contains(text, "{{") {
		return text, nil
	}
	segments, err := expr.Split(text)
	if err != nil {
		return nil, placed(err, text, 0)
	}
	var b strings.Builder
	for _, g := range segments {
		if !g.Expr {
			b.WriteString(g.Text)
			continue
		}
		x, err := expr.Compile(g.Text, s.env())
		if err != nil {
			return nil, placed(err, text, g.Offset)
		}
		v, err := x.Eval(s.input())
		if err != nil {
			return nil, placed(err, text, g.Offset)
		}
		v = masked(v)
		for _, r := range x.Refs() {
			if len(r.Path) > 0 && sensitive(r.Path[len(r.Path)-1]) {
				v = stars
			}
		}
		if len(segments) == 1 {
			return v, nil
		}
		if t, ok := v.(string); ok {
			b.WriteString(t)
		} else if v != nil {
			b.WriteString(spaced(v))
		}
		if b.Len() > maxTyped {
			break
		}
	}
	return b.String(), nil
}

// stars stand for what is never shown.
const stars = "•••"

// masked hides members that look like credentials.
func masked(v any) any {
	switch v := v.(type) {
	case map[string]any:
		out := make(map[string]any, len(v))
		for k, x := range v {
			if sensitive(k) {
				out[k] = stars
			} else {
				out[k] = masked(x)
			}
		}
		return out
	case []any:
		out := make([]any, len(v))
		for i, x := range v {
			out[i] = masked(x)
		}
		return out
	case engine.Secret:
		return stars
	}
	return v
}

// sensitive reports whether a member's name is one under which credentials travel.
func sensitive(name string) bool {
	n := strings.ToLower(strings.NewReplacer("-", "", "_", "", " ", "").Replace(name))
	for _, word := range []string{"password", "passwd", "secret", "token", "authorization", "apikey", "cookie", "signature", "privatekey", "accesskey", "credential"} {
		if strings.Contains(n, word) {
			return true
		}
	}
	return false
}
