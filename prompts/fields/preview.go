package fields

import (
	"strings"

	"github.com/bretelle/bretelle/engine"
	"github.com/bretelle/bretelle/engine/edit"
	"github.com/bretelle/bretelle/engine/expr"
	"github.com/bretelle/bretelle/prompts"
)

// Preview is what a text gives with a sample, cut to what fits under a field; "" when it holds no expression. The
// error says where and why it gives nothing. Values that look like credentials are stars.
func Preview(s *Sample, text string) (string, *engine.Error) { return PreviewIn(s, text, "") }

// PreviewIn is Preview for a reader of a language, who reads "nothing" in it.
func PreviewIn(s *Sample, text, lang string) (string, *engine.Error) {
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
	return s.preview(v, lang)
}

func (s *Sample) preview(v any, lang string) (string, *engine.Error) {
	out, err := s.render(v)
	if err != nil {
		return "", err
	}
	switch x := out.(type) {
	case nil:
		return prompts.T(lang, "nothing", nil), nil
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
