package build

import (
	"slices"
	"strings"

	"github.com/bretelle/bretelle/engine/edit"
	"github.com/bretelle/bretelle/engine/expr"
	"github.com/bretelle/bretelle/prompts"
)

// BlockFacts is a step that is no action and no question, as its dialog shows it. An if's condition is not among it.
func (w Words) BlockFacts(step edit.Map) prompts.BlockFacts {
	k, _ := w.KindOf(step)
	d := prompts.BlockFacts{Kind: k.Name}
	switch k.Name {
	case "switch":
		d.On, _ = scalar(step.Get("switch"))
		var lines []string
		for _, c := range cases(step) {
			lines = append(lines, caseName(c))
		}
		d.Cases = strings.Join(lines, "\n")
	case "each":
		e := sub(step, "each")
		d.List, d.As = e.Text("list"), e.Text("as")
		if d.List == "" && e.Get("list") != nil {
			d.List = jsonOf(e.Get("list"))
		}
	case "wait":
		m := sub(step, "wait")
		d.For, d.Until = m.Text("for"), m.Text("until")
		r := sub(m, "reply")
		d.Reply, d.From = r.Text("to"), strings.Join(list(r.Get("from")), ", ")
		switch {
		case d.Reply != "":
			d.Mode = "reply"
		case d.Until != "":
			d.Mode = "until"
		default:
			d.Mode = "for"
		}
	case "set":
		d.Set = setLines(sub(step, "set"))
	case "stop":
		d.Reason = step.Text("stop")
	}
	callFacts(&d, step)
	laneFacts(&d, step)
	return d
}

// ReadBlock puts what was typed into the dialog of [Words.BlockFacts] into the step.
func (w Words) ReadBlock(step edit.Map, d prompts.BlockFacts, typed map[string]string) (_ edit.Map, bad map[string]string) {
	r := &reading{w: w, typed: typed, bad: map[string]string{}}
	switch d.Kind {
	case "switch":
		if v, ok := r.got("on", d.On); ok {
			step = step.With("switch", r.expression("on", v))
		}
		r.need("on", step.Text("switch"))
		if v, ok := r.got("cases", d.Cases); ok {
			step = step.With("cases", newCases(v, cases(step)))
		}
		if len(cases(step)) == 0 {
			r.need("cases", "")
		}
	case "each":
		e := sub(step, "each")
		if v, ok := r.got("list", d.List); ok {
			e = e.With("list", r.value("list", v))
		}
		if e.Get("list") == nil || e.Get("list") == "" {
			r.need("list", "")
		}
		if v, ok := r.got("as", d.As); ok && v == "" {
			e = e.Without("as")
		} else if ok {
			e = e.With("as", v)
		}
		step = step.With("each", r.eachHow(e, d))
	case "while":
		step = r.while(step, d)
	case "parallel":
		step = r.parallel(step, d)
	case "wait":
		step = r.wait(step, d)
	case "call":
		step = r.call(step, d)
	case "emit":
		step = r.emit(step, d)
	case "throttle", "dedupe":
		step = r.gate(step, d)
	case "digest":
		step = r.digest(step, d)
	case "set":
		if v, ok := r.got("values", d.Set); ok {
			m, wrong := w.readSet(v)
			if wrong != "" {
				r.wrong("values", wrong)
			}
			step = step.With("set", m)
		}
		if len(sub(step, "set")) == 0 {
			r.need("values", "")
		}
	case "stop":
		if v, ok := r.got("reason", d.Reason); ok && v == "" {
			step = step.With("stop", true)
		} else if ok {
			step = step.With("stop", v)
		}
	}
	return step, r.bad
}

// expression is a text that may be written without the braces where nothing but an expression makes sense.
func (r *reading) expression(name, text string) string {
	if text == "" || strings.Contains(text, "{{") {
		return text
	}
	root, _, _ := strings.Cut(text, ".")
	if !slices.Contains([]string{"event", "steps", "vars", "item", "flow", "run"}, root) {
		return text
	}
	if _, err := expr.Split("{{ " + text + " }}"); err != nil {
		r.wrong(name, r.w.say(err))
	}
	return "{{ " + text + " }}"
}

// value is an expression, or JSON.
func (r *reading) value(name, text string) any {
	if text = r.expression(name, text); strings.Contains(text, "{{") {
		return text
	}
	v := readValue(text)
	if _, ok := v.([]any); !ok {
		r.wrong(name, r.w.t(`A list is needed here: {{ event.body.items }}, or ["a", "b"].`))
	}
	return v
}

func newCases(text string, old []edit.Map) []any {
	var out []any
	for line := range strings.Lines(text) {
		if line = strings.TrimSpace(line); line == "" {
			continue
		}
		if i := slices.IndexFunc(old, func(c edit.Map) bool { return caseName(c) == line }); i >= 0 {
			out = append(out, old[i])
			continue
		}
		var is any = line
		if parts := strings.Split(line, ","); len(parts) > 1 {
			l := make([]any, len(parts))
			for i, p := range parts {
				l[i] = strings.TrimSpace(p)
			}
			is = l
		}
		out = append(out, edit.Map{{Key: "is", Value: is}, {Key: "steps", Value: []any{}}})
	}
	return out
}

func (r *reading) wait(step edit.Map, d prompts.BlockFacts) edit.Map {
	m := sub(step, "wait")
	mode := or(r.typed["mode"], d.Mode)
	take := func(name, stood string) string {
		if v, ok := r.got(name, stood); ok {
			return v
		}
		return stood
	}
	var next edit.Map
	switch mode {
	case "event":
		next = r.waitEvent(take, d)
	case "hours":
		next = r.waitHours(take, d)
	case "until":
		until := take("until", d.Until)
		r.need("until", until)
		next = edit.Map{{Key: "until", Value: until}}
	case "reply":
		to, from, after := r.expression("reply", take("reply", d.Reply)), take("from", d.From), take("for", d.For)
		r.need("reply", to)
		after = r.duration("for", after)
		reply := edit.Map{{Key: "to", Value: to}}
		if from != "" {
			var names []any
			for _, n := range split(from) {
				if !strings.Contains(n, "@") {
					n = "@" + n
				}
				names = append(names, n)
			}
			reply = append(reply, edit.Pair{Key: "from", Value: names})
		}
		next = edit.Map{{Key: "reply", Value: reply}, {Key: "for", Value: or(after, "7d")}}
	default:
		after := take("for", d.For)
		r.need("for", after)
		after = r.duration("for", after)
		next = edit.Map{{Key: "for", Value: after}}
	}
	if edit.Equal(m, next) {
		return step
	}
	return step.With("wait", next)
}

// Common reads what the dialog of every step asks for: "id", "when" and, where it asks, "timeout" and "on_error".
func (w Words) Common(step edit.Map, id string, typed map[string]string) (_ edit.Map, bad map[string]string) {
	r := &reading{w: w, typed: typed, bad: map[string]string{}}
	if v, ok := r.got("id", id); ok {
		if v == "" {
			v = id
		}
		if !validID(v) {
			r.wrong("id", w.t("Small letters, digits and _, beginning with a letter, at most 40."))
		}
		step = step.With("id", v)
	}
	if v, ok := r.got("when", step.Text("when")); ok {
		switch {
		case v == "":
			step = step.Without("when")
		default:
			if !strings.Contains(v, "{{") {
				v = "{{ " + v + " }}"
			}
			if _, err := expr.Split(v); err != nil {
				r.wrong("when", w.say(err))
			}
			step = step.With("when", v)
		}
	}
	if v, ok := r.got("on_error", OnError(step)); ok {
		switch v = choice(v, "retry", "ask", "continue", "stop", "steps"); v {
		case "retry", "":
			step = step.Without("on_error")
		case "steps":
			step = step.With("on_error", edit.Map{{Key: "steps", Value: []any{}}})
		default:
			step = step.With("on_error", v)
		}
	}
	if stood, asked := Timeout(step); asked {
		step = r.put(step, "timeout", "timeout", stood, func(v string) any { return r.duration("timeout", v) })
	}
	return step, r.bad
}

func validID(s string) bool {
	if s == "" || len(s) > 40 || s[0] < 'a' || s[0] > 'z' {
		return false
	}
	return strings.Trim(s, "abcdefghijklmnopqrstuvwxyz0123456789_") == ""
}
