package edit

import (
	"slices"
	"strconv"
	"strings"
	"unicode"

	"github.com/bretelle/bretelle/engine"
)

// Line is a flow in one line, without the line break. ParseLine reads it back into a text that says the same.
//
//	new NAME [title="…"] [channel=#c] when TRIGGER k=v … [@key="…"] [if "…"] STEP …
//	STEP: then [id:] ACTION k=v …  |  ask [id:] ["title"] by=@g [need=2] [covers=a,b|none] [edit=a.text] …
//	      then [id:] wait for=10m  |  then [id:] set a=1 …  |  then [id:] stop ["reason"]
//	      then [id:] call flow=enrich with.email="…"  |  then [id:] emit event=order-paid key="…"
//	      then [id:] throttle rate=10/m  |  then [id:] dedupe key="…" for=1d  |  then [id:] digest item="…" for=1h
//
// A member of a map is k.member=v. Settings of a step stand behind an @: @account=NAME, @retry.max=5, @on_error=ask,
// @timeout=30s, @when="…", @expire.after=3d. Values with spaces or quotes, and texts that look like a number, stand
// between double quotes, with \" and \\; lists are JSON. An approval covers the next step that does something unless
// covers says otherwise; by=@a,@b is one of these groups, of whom one has to agree, or need=2.
//
// The error is Invalid, and says which part has no one-line form.
func Line(source []byte) (string, error) {
	d, err := open(source)
	if err != nil {
		return "", err
	}
	w := &liner{}
	top := d.root
	if top.Text("flow") == "" || strings.ContainsFunc(top.Text("flow"), unicode.IsSpace) {
		return "", noLine("the flow has no name")
	}
	w.add("new", top.Text("flow"))
	for _, p := range top {
		switch {
		case slices.Contains(headKeys, p.Key):
			w.pair("", path{p.Key}, p.Value)
		case p.Key != "flow" && p.Key != "trigger" && p.Key != "steps":
			return "", noLine("the flow's {key} cannot stand in a line", "key", p.Key)
		}
	}
	if err := w.trigger(top.Get("trigger")); err != nil {
		return "", err
	}
	steps, ok := top.Get("steps").([]any)
	if !ok {
		return "", noLine("the flow has no list of steps")
	}
	all := d.steps()
	for i, s := range steps {
		m, ok := s.(Map)
		if !ok {
			return "", noLine("the flow has a step that is no map")
		}
		if err := w.step(m, following(steps[i+1:]), all); err != nil {
			return "", err
		}
	}
	return strings.Join(w.words, " "), nil
}

func noLine(msg string, args ...any) *engine.Error {
	return engine.E(engine.Invalid, msg, args...).WithHint("It has no one-line form; the text has it.").WithOp("edit.Line")
}

// following is the next step that does something; nil when there is none.
func following(steps []any) Map {
	for _, s := range steps {
		if m, ok := s.(Map); ok && kindOf(m) == "do" {
			return m
		}
	}
	return nil
}

// headKeys are the settings of a flow itself.
var headKeys = []string{"title", "channel", "timezone", "notify", "limits", "output"}

type liner struct{ words []string }

func (w *liner) add(words ...string) { w.words = append(w.words, words...) }

// pair writes key=value, or the members of a map each for itself.
func (w *liner) pair(mark string, key path, v any) {
	if m, ok := v.(Map); ok && len(m) > 0 {
		for _, p := range m {
			w.pair(mark, key.to(p.Key), p.Value)
		}
		return
	}
	parts := make([]string, len(key))
	for i, k := range key {
		parts[i] = bareKey(k.(string))
	}
	w.add(mark + strings.Join(parts, ".") + "=" + lineValue(v))
}

func bareKey(s string) string {
	if s == "" || s[0] == '@' || strings.ContainsAny(s, ".=\"“\\") || strings.ContainsFunc(s, spaceOrControl) {
		return lineQuoted(s)
	}
	return s
}

func spaceOrControl(r rune) bool { return unicode.IsSpace(r) || unicode.IsControl(r) }

func lineValue(v any) string {
	switch x := v.(type) {
	case Map, []any:
		return jsonText(x)
	case string:
		if x == "" || strings.ContainsAny(x[:1], "{[") || strings.ContainsAny(x, `"“\`) || strings.Contains(x, "{{") || slices.Contains(old, x) ||
			strings.ContainsFunc(x, spaceOrControl) || bareValue(x) != any(x) {
			return lineQuoted(x)
		}
		return x
	}
	return scalar(v, false)
}

// lineQuoted is a text between quotes, on one line.
func lineQuoted(s string) string {
	var b strings.Builder
	b.WriteByte('"')
	for _, r := range s {
		switch {
		case r == '"' || r == '\\':
			b.WriteString(`\` + string(r))
		case r == '\n':
			b.WriteString(`\n`)
		case r == '\t':
			b.WriteString(`\t`)
		case r == '\r':
			b.WriteString(`\r`)
		case r < 0x10000 && (unicode.IsControl(r) || r == '\u2028' || r == '\u2029'):
			b.WriteString(`\u` + strconv.FormatInt(0x10000+int64(r), 16)[1:])
		default:
			b.WriteRune(r)
		}
	}
	b.WriteByte('"')
	return b.String()
}

// jsonText is a value as JSON, its maps in their order.
func jsonText(v any) string {
	switch x := v.(type) {
	case Map:
		parts := make([]string, len(x))
		for i, p := range x {
			parts[i] = jsonText(p.Key) + ":" + jsonText(p.Value)
		}
		return "{" + strings.Join(parts, ",") + "}"
	case []any:
		parts := make([]string, len(x))
		for i, e := range x {
			parts[i] = jsonText(e)
		}
		return "[" + strings.Join(parts, ",") + "]"
	case string:
		return lineQuoted(x)
	}
	return scalar(v, false)
}

func (w *liner) trigger(v any) error {
	if v == nil {
		return nil
	}
	t, ok := v.(Map)
	on := t.Text("on")
	if !ok || on == "" || strings.ContainsFunc(on, spaceOrControl) || strings.ContainsAny(on, `="“`) {
		return noLine("the trigger does not say what it listens to")
	}
	w.add("when", on)
	w.with(t)
	for _, p := range t {
		if p.Key == "on" || p.Key == "with" {
			continue
		}
		if !slices.Contains(triggerOrder, p.Key) {
			return noLine("the trigger's {key} cannot stand in a line", "key", p.Key)
		}
		if p.Key == "when" {
			if s, ok := p.Value.(string); ok && braced(s) != "" {
				continue
			}
		}
		w.pair("@", path{p.Key}, p.Value)
	}
	if s := braced(t.Text("when")); s != "" {
		w.add("if", lineQuoted(s))
	}
	return nil
}

// with writes the settings of a trigger or a step.
func (w *liner) with(m Map) {
	v, ok := m.Look("with")
	if !ok {
		return
	}
	settings, ok := v.(Map)
	if !ok || len(settings) == 0 {
		w.pair("@", path{"with"}, v)
		return
	}
	for _, p := range settings {
		w.pair("", path{p.Key}, p.Value)
	}
}

// braced is the inside of a text that is written "{{ … }}" and nothing else; "" otherwise.
func braced(s string) string {
	in := strings.TrimSuffix(strings.TrimPrefix(s, "{{ "), " }}")
	if in == "" || in != strings.TrimSpace(in) || "{{ "+in+" }}" != s || braces(s) != len(s) {
		return ""
	}
	return in
}

func (w *liner) step(m, next Map, all []place) error {
	kind, id := kindOf(m), m.Text("id")
	if v, ok := m.Look("id"); ok && (id == "" || v != any(id) || strings.ContainsFunc(id, spaceOrControl) || strings.ContainsAny(id, `="“@`)) {
		return noLine("a step has an id that cannot stand in a line")
	}
	name := ""
	if id != "" {
		name = id + ":"
	}
	rest := m.Without("id", kind)
	switch kind {
	case "do":
		action := m.Text("do")
		if action == "" || strings.ContainsFunc(action, spaceOrControl) || strings.ContainsAny(action, `="“:@`) || slices.Contains(keywords, action) {
			return noLine("a step does not say what it does")
		}
		w.add(words3("then", name, action)...)
		w.with(m)
		rest = rest.Without("with")
	case "ask":
		var err error
		if rest, err = w.ask(m, name, next); err != nil {
			return err
		}
	case "wait", "call", "emit", "set", "throttle", "dedupe", "digest":
		inner, ok := m.Get(kind).(Map)
		if !ok || len(inner) == 0 {
			return noLine("a step of kind {kind} says nothing", "kind", kind)
		}
		w.add(words3("then", name, kind)...)
		for _, p := range inner {
			w.pair("", path{p.Key}, p.Value)
		}
	case "stop":
		w.add(words3("then", name, kind)...)
		switch v := m.Get("stop").(type) {
		case string:
			w.add(lineQuoted(v))
		case bool:
			if !v {
				return noLine("a step that does not stop does nothing")
			}
		default:
			return noLine("a step does not say what it does")
		}
	default:
		for _, p := range all {
			if id == "" && p.Kind == kind && Equal(p.Step, m) {
				id = p.ID
			}
		}
		if kind == "" {
			return noLine("a step does not say what it does")
		}
		return noLine(`step "{id}" holds other steps`, "id", id)
	}
	for _, p := range rest {
		w.pair("@", path{p.Key}, p.Value)
	}
	return nil
}

func words3(a, b, c string) []string {
	if b == "" {
		return []string{a, c}
	}
	return []string{a, b, c}
}
