package edit

import (
	"slices"
	"strings"

	"github.com/bretelle/bretelle/engine"
	"github.com/bretelle/bretelle/engine/flow"
)

// keywords are the bare words that begin something.
var keywords = slices.Concat([]string{"when", "if", "ask", "then"}, lineKinds)

// lineKinds are the kinds of steps that a line can say besides actions and questions.
var lineKinds = []string{"wait", "call", "emit", "set", "throttle", "dedupe", "digest", "stop"}

// ParseLine makes a flow's text of its one-line form, the same bytes that dialogs would make; see Line. "/flow" and
// "new" at its beginning may be left out. The error is Invalid, its Args hold "column", in characters from 1.
func ParseLine(line string, c engine.Catalog) ([]byte, error) {
	words, err := cut(line)
	if err != nil {
		return nil, err
	}
	p := &lineParser{words: words, c: c, end: len([]rune(line)) + 1}
	if err := p.head(); err != nil {
		return nil, err
	}
	if err := p.trigger(); err != nil {
		return nil, err
	}
	for p.i < len(p.words) {
		if err := p.step(); err != nil {
			return nil, err
		}
	}
	return p.text()
}

type lineParser struct {
	words []word
	i     int
	end   int // the column behind the line
	c     engine.Catalog

	top     Map
	started Map // the trigger
	steps   []lineStep
}

type lineStep struct {
	m      Map
	covers bool // an approval that does not say what it covers
	col    int
}

// peek is the next word; ok is false at the end.
func (p *lineParser) peek() (word, bool) {
	if p.i < len(p.words) {
		return p.words[p.i], true
	}
	return word{col: p.end}, false
}

func (p *lineParser) skip(text string) bool {
	if w, ok := p.peek(); ok && w.is(text) {
		p.i++
		return true
	}
	return false
}

func (p *lineParser) head() error {
	if !p.skip("/flow") {
		p.skip("flow")
	}
	p.skip("new")
	w, ok := p.peek()
	if !ok || w.key != nil || w.quoted || slices.Contains(keywords, w.text) {
		return wrong(w.col, "the flow's name is missing", "Write new my-flow when …")
	}
	if err := flow.CheckName(w.text); err != nil {
		e := engine.AsError(err)
		return wrong(w.col, e.Msg, e.Hint, "name", e.Args["name"], "proposal", e.Args["proposal"])
	}
	p.i++
	p.top = Map{{"flow", w.text}}
	for {
		w, ok := p.peek()
		if !ok || w.key == nil {
			return nil
		}
		if key := w.key[0].(string); w.set || !slices.Contains(headKeys, key) {
			return unknown(w.col, `there is no setting "{name}" of a flow`, key, headKeys)
		}
		if err := p.put(&p.top, w, w.value); err != nil {
			return err
		}
		p.i++
	}
}

// put sets key=value in m; the error says that it is there already.
func (p *lineParser) put(m *Map, w word, v any) error {
	next, ok := place1(*m, w.key, v)
	if !ok {
		return wrong(w.col, `"{key}" is written twice`, "Keep one of them.", "key", keyText(w.key))
	}
	*m = next
	return nil
}

func place1(m Map, key path, v any) (Map, bool) {
	name := key[0].(string)
	old, there := m.Look(name)
	if len(key) == 1 {
		return m.With(name, v), !there
	}
	inner, isMap := old.(Map)
	if there && !isMap {
		return m, false
	}
	inner, ok := place1(inner, key[1:], v)
	return m.With(name, inner), ok
}

func keyText(key path) string {
	parts := make([]string, len(key))
	for i, k := range key {
		parts[i] = k.(string)
	}
	return strings.Join(parts, ".")
}

func unknown(col int, msg, name string, names []string) *engine.Error {
	if g := engine.Suggest(name, names); g != "" {
		return wrong(col, msg, `Did you mean "{guess}"?`, "name", name, "guess", g)
	}
	return wrong(col, msg, "There are: {names}.", "name", name, "names", strings.Join(names, ", "))
}

func (p *lineParser) trigger() error {
	w, ok := p.peek()
	if !ok {
		return nil
	}
	if !p.skip("when") {
		if w.is("if") {
			return wrong(w.col, "the flow does not say when it starts", "Write when and a trigger before the if.")
		}
		return nil
	}
	w, ok = p.peek()
	if !ok || w.key != nil || w.quoted {
		return wrong(w.col, "the name of a trigger is missing", "There are: {names}.", "names", strings.Join(p.c.TriggerNames(), ", "))
	}
	kind, known := p.c.Trigger(w.text)
	if !known {
		return unknown(w.col, `no trigger is called "{name}"`, w.text, p.c.TriggerNames())
	}
	p.i++
	t, err := p.settings(Map{{"on", w.text}}, kind.With, []string{"key", "when", "with"})
	if err != nil {
		return err
	}
	if p.skip("if") {
		w, ok := p.peek()
		if !ok || w.key != nil || !w.quoted {
			return wrong(w.col, "a condition between quotes is expected here", `Write if "event.body.action == \"opened\"".`)
		}
		p.i++
		if t.index("when") >= 0 {
			return wrong(w.col, `"{key}" is written twice`, "Keep one of them.", "key", "when")
		}
		t = append(t, Pair{"when", wrapped(w.text)})
		if more, ok := p.peek(); ok && more.key != nil {
			return wrong(more.col, "settings of the trigger stand before the if", "Move it there.")
		}
	}
	p.started = t
	return nil
}

// wrapped puts braces around a condition that has none.
func wrapped(s string) string {
	if strings.HasPrefix(strings.TrimSpace(s), "{{") {
		return s
	}
	return "{{ " + strings.TrimSpace(s) + " }}"
}

// settings reads k=v words into m: those with @ into m itself, the others into its with.
func (p *lineParser) settings(m Map, s *engine.Schema, own []string) (Map, error) {
	var with Map
	for {
		w, ok := p.peek()
		if !ok || w.key == nil {
			break
		}
		if w.set {
			if key := w.key[0].(string); own != nil && !slices.Contains(own, key) {
				return nil, unknown(w.col, `there is no setting "{name}" here`, key, own)
			}
			if err := p.put(&m, w, w.value); err != nil {
				return nil, err
			}
		} else {
			v, err := typed(w, s)
			if err != nil {
				return nil, err
			}
			if err := p.put(&with, w, v); err != nil {
				return nil, err
			}
		}
		p.i++
	}
	if len(with) > 0 {
		if m.index("with") >= 0 {
			return nil, wrong(p.words[p.i-1].col, `"{key}" is written twice`, "Keep one of them.", "key", "with")
		}
		at := min(1, len(m))
		m = slices.Insert(m, at, Pair{"with", with})
	}
	return m, nil
}

// typed is the value of a word as the schema of its field has it.
func typed(w word, s *engine.Schema) (any, error) {
	for _, k := range w.key {
		key := k.(string)
		if !s.Typed() || s.Type != "object" {
			s = nil
			break
		}
		f := s.Field(key)
		if f == nil && !s.Open {
			names := make([]string, len(s.Fields))
			for i, f := range s.Fields {
				names[i] = f.Name
			}
			return nil, unknown(w.col, `there is no field "{name}" here`, key, names)
		}
		if f == nil {
			f = s.Items
		}
		s = f
	}
	text, isText := w.value.(string)
	if !s.Typed() || isText && strings.Contains(text, "{{") {
		return w.value, nil
	}
	switch s.Type {
	case "boolean":
		if w.free && isText {
			switch strings.ToLower(text) {
			case "yes", "true":
				return true, nil
			case "no", "false":
				return false, nil
			}
			return nil, wrong(w.valCol, `"{name}" is not possible here`, "Possible: {names}.", "name", text, "names", "true, false")
		}
	case "integer", "number":
		if isText && number(text) == any(text) && w.free && !(s.Type == "integer" && len(text) > 18) {
			return nil, wrong(w.valCol, "a number is expected here", "Write it in digits.")
		}
	case "array":
		if _, ok := w.value.([]any); !ok && w.free {
			var list []any
			for part := range strings.SplitSeq(w.text, ",") {
				list = append(list, bareValue(part))
			}
			return list, nil
		}
	case "string":
		if w.free {
			text, isText = w.text, true
		}
		if isText && len(s.Enum) > 0 && !slices.Contains(s.Enum, text) {
			return nil, unknown(w.valCol, `"{name}" is not possible here`, text, s.Enum)
		}
		if isText {
			return text, nil
		}
	}
	return w.value, nil
}
