package templates

import (
	"embed"
	"encoding/json"
	"regexp"
	"slices"
	"strings"

	"github.com/bretelle/bretelle/bot"
	"github.com/bretelle/bretelle/engine"
	"github.com/bretelle/bretelle/engine/flow"
)

//go:embed flows/*.yaml
var texts embed.FS

// All lists the templates that come with the program.
func All() bot.Templates { return builtIn{} }

type builtIn struct{}

// List gives them in the order in which they are offered.
func (builtIn) List() []bot.Template {
	list := offered()
	for i := range list {
		t := list[i]
		list[i].Fill = func(name string, values map[string]any) ([]byte, error) { return fill(t, name, values) }
	}
	return list
}

var (
	gap       = regexp.MustCompile(`<<([a-z_]+)>>`)
	condition = regexp.MustCompile(`\s*#\? (!?)([a-z_]+)$`)
)

// fill is the text of a template with its gaps filled. Errors are Invalid.
func fill(t bot.Template, name string, values map[string]any) ([]byte, error) {
	if err := flow.CheckName(name); err != nil {
		return nil, err
	}
	source, err := texts.ReadFile("flows/" + t.Name + ".yaml")
	if err != nil {
		return nil, engine.AsError(err).WithOp("templates.fill")
	}
	answers := map[string]string{"name": name, "secret": strings.ReplaceAll(name, "-", "_") + "_hook"}
	if t.Asks != nil {
		for _, f := range t.Asks.Fields {
			v, ok := values[f.Name]
			if !ok || v == "" || v == nil {
				v = f.Default
			}
			s, err := answered(v)
			if err != nil {
				return nil, engine.E(engine.Invalid, "{title} cannot be written into a text", "title", f.Title, "field", f.Name)
			}
			if s == "" && f.Required {
				return nil, engine.E(engine.Invalid, "{title} is missing", "title", f.Title, "field", f.Name)
			}
			if len(f.Enum) > 0 && !slices.Contains(f.Enum, s) {
				return nil, engine.E(engine.Invalid, `"{value}" is not a choice of {title}`, "value", s, "title", f.Title, "field", f.Name)
			}
			if s == "false" && f.Type == "boolean" {
				s = ""
			}
			answers[f.Name] = s
		}
	}
	var out strings.Builder
	within := true // a block whose answer is there, or no block
	for line := range strings.Lines(string(source)) {
		line = strings.TrimSuffix(line, "\n")
		if m := condition.FindStringSubmatch(line); m != nil {
			there := (answers[m[2]] == "") == (m[1] == "!")
			line = line[:len(line)-len(m[0])]
			if line == "" { // a block begins, or ends
				within = there || m[2] == "end"
				continue
			}
			if !there {
				continue
			}
		}
		if !within {
			continue
		}
		out.WriteString(gap.ReplaceAllStringFunc(line, func(g string) string { return quoted(answers[g[2:len(g)-2]]) }))
		out.WriteByte('\n')
	}
	return []byte(out.String()), nil
}

// answered is an answer as text; what is not given is empty.
func answered(v any) (string, error) {
	switch x := v.(type) {
	case nil:
		return "", nil
	case string:
		return strings.TrimSpace(x), nil
	}
	b, err := engine.EncodeJSON(v)
	return string(b), err
}

// quoted is a text as the inside of a double-quoted YAML text in which nothing is an expression.
func quoted(s string) string {
	s = strings.ToValidUTF8(s, "\uFFFD")
	s = strings.ReplaceAll(s, "{{", `{{ "{{" }}`)
	b, err := json.Marshal(s) // JSON's escapes are YAML's
	if err != nil {
		return ""
	}
	return strings.NewReplacer("\\u2028", "\u2028", "\\u2029", "\u2029").Replace(string(b[1 : len(b)-1]))
}
