package build

import (
	"regexp"
	"slices"
	"strings"

	"github.com/bretelle/bretelle/engine"
	"github.com/bretelle/bretelle/engine/edit"
	"github.com/bretelle/bretelle/engine/flow"
)

// optionLines are answers to choose from as a dialog asks for them: one a line, "value: label" or just the label. What
// lines cannot say is JSON.
func optionLines(v any) string {
	l, ok := v.([]any)
	if !ok {
		s, _ := v.(string)
		return s
	}
	var lines []string
	for _, x := range l {
		if m, ok := x.(edit.Map); ok {
			value, _ := scalar(m.Get("value"))
			lines = append(lines, value+": "+m.Text("label"))
			continue
		}
		s, _ := scalar(x)
		lines = append(lines, s)
	}
	return strings.Join(lines, "\n")
}

var optionLine = regexp.MustCompile(`^([A-Za-z0-9_.-]+):\s+(\S.*)$`)

func readOptions(text string) []any {
	sep := "\n"
	if !strings.Contains(text, "\n") && !strings.Contains(text, ":") {
		sep = ","
	}
	var out []any
	for line := range strings.SplitSeq(text, sep) {
		line = strings.TrimSpace(line)
		switch m := optionLine.FindStringSubmatch(line); {
		case line == "":
		case m != nil:
			out = append(out, edit.Map{{Key: "value", Value: m[1]}, {Key: "label", Value: m[2]}})
		default:
			out = append(out, line)
		}
	}
	return out
}

// formLines are a form's fields as a dialog asks for them, one a line: "name: Title (type)". What a line cannot say
// is JSON.
func formLines(v any) string {
	l, ok := v.([]any)
	if !ok {
		return ""
	}
	var lines []string
	for _, x := range l {
		m, ok := x.(edit.Map)
		if !ok || m.Text("name") == "" || len(m.Without("name", "title", "type")) > 0 || strings.Contains(m.Text("title"), "\n") {
			return jsonOf(v)
		}
		line := m.Text("name") + ": " + or(m.Text("title"), m.Text("name"))
		if t := m.Text("type"); t != "" && t != "text" {
			line += " (" + t + ")"
		}
		lines = append(lines, line)
	}
	return strings.Join(lines, "\n")
}

func jsonOf(v any) string {
	b, err := engine.EncodeJSON(edit.Plain(v))
	if err != nil {
		return ""
	}
	return string(b)
}

var fieldLine = regexp.MustCompile(`^([A-Za-z_][A-Za-z0-9_]*)(?::\s*(.*?))?(?:\s*\(([a-z]+)\))?$`)

// readFields reads the lines of formLines, or JSON; wrong says what cannot be read, and is not empty then.
func (w Words) readFields(text string) (_ []any, wrong string) {
	if strings.HasPrefix(text, "[") {
		v, err := engine.DecodeJSON([]byte(text))
		l, ok := v.([]any)
		if err != nil || !ok {
			return nil, w.t("This is neither lines nor a JSON list.")
		}
		return l, ""
	}
	var out []any
	for line := range strings.Lines(text) {
		if line = strings.TrimSpace(line); line == "" {
			continue
		}
		m := fieldLine.FindStringSubmatch(line)
		if m == nil || m[3] != "" && !slices.Contains(flow.FormTypes(), m[3]) {
			return nil, w.t("I cannot read {line}. Write it like this: reason: Why? (text)", "line", `"`+cut(line, 40)+`"`)
		}
		f := edit.Map{{Key: "name", Value: m[1]}}
		if m[2] != "" {
			f = append(f, edit.Pair{Key: "title", Value: m[2]})
		}
		if m[3] != "" {
			f = append(f, edit.Pair{Key: "type", Value: m[3]})
		}
		out = append(out, f)
	}
	return out, ""
}

// setLines are values under names, one a line; what a line cannot say is JSON behind its name.
func setLines(m edit.Map) string {
	var lines []string
	for _, p := range m {
		s, ok := p.Value.(string)
		if !ok || s == "" || strings.ContainsAny(s, "\n") || readValue(s) != any(s) {
			s = jsonOf(p.Value)
		}
		lines = append(lines, p.Key+": "+s)
	}
	return strings.Join(lines, "\n")
}

// readValue is a value typed in a line: JSON where it is, else the text.
func readValue(text string) any {
	if strings.Contains(text, "{{") && !strings.HasPrefix(text, `"`) && !strings.HasPrefix(text, "[") {
		return text
	}
	if v, err := engine.DecodeJSON([]byte(text)); err == nil {
		return v
	}
	return text
}

func (w Words) readSet(text string) (_ edit.Map, wrong string) {
	var out edit.Map
	for line := range strings.Lines(text) {
		if line = strings.TrimSpace(line); line == "" {
			continue
		}
		name, value, ok := strings.Cut(line, ":")
		if name = strings.TrimSpace(name); !ok || strings.ContainsAny(name, " {}\"") || name == "" {
			return nil, w.t("I cannot read {line}. Write one a line, name: value.", "line", `"`+cut(line, 40)+`"`)
		}
		out = out.With(name, readValue(strings.TrimSpace(value)))
	}
	return out, ""
}
