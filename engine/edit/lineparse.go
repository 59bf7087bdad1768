package edit

import (
	"slices"
	"strconv"
	"strings"

	"github.com/bretelle/bretelle/engine"
	"github.com/bretelle/bretelle/engine/flow"
)

// keywords are the bare words that begin something.
var keywords = []string{"when", "if", "ask", "then", "wait", "set", "stop"}

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

// next is the next word; ok is false at the end.
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

func (p *lineParser) step() error {
	w, _ := p.peek()
	then := p.skip("then")
	var m Map
	if id, ok := p.name(); ok {
		m = Map{{"id", id}}
	}
	what, ok := p.peek()
	switch {
	case !ok && then:
		return wrong(p.end, "the line ends where a step should follow", "Write an action, like http.request.")
	case what.is("ask"):
		p.i++
		return p.ask(m, w.col)
	case what.is("wait"), what.is("set"):
		p.i++
		return p.wait(m, what.text, w.col)
	case what.is("stop"):
		p.i++
		return p.stop(m, w.col)
	case !then || what.key != nil || what.quoted || slices.Contains(keywords, what.text):
		return wrong(what.col, `"{name}" is not expected here`, "A step begins with then or ask, a condition with if, a setting is name=value.", "name", short(what.raw))
	}
	action, known := p.c.Action(what.text)
	if !known {
		return unknown(what.col, `no action is called "{name}"`, what.text, p.c.Names())
	}
	p.i++
	s, err := p.settings(Map{{"do", what.text}}, action.In, nil)
	if err != nil {
		return err
	}
	return p.add(append(m, s...), false, w.col)
}

func short(s string) string {
	if r := []rune(s); len(r) > 40 {
		return string(r[:39]) + "…"
	}
	return s
}

// name reads "id:".
func (p *lineParser) name() (string, bool) {
	w, ok := p.peek()
	if id, found := strings.CutSuffix(w.text, ":"); ok && found && w.key == nil && !w.quoted && id != "" {
		p.i++
		return id, true
	}
	return "", false
}

func (p *lineParser) add(m Map, covers bool, col int) error {
	seen := map[string]bool{}
	for _, pair := range m {
		if seen[pair.Key] {
			return wrong(col, `"{key}" is written twice`, "Keep one of them.", "key", pair.Key)
		}
		seen[pair.Key] = true
	}
	p.steps = append(p.steps, lineStep{m, covers, col})
	return nil
}

func (p *lineParser) ask(m Map, col int) error {
	if id, ok := p.name(); ok && len(m) == 0 {
		m = Map{{"id", id}}
	}
	var with Map
	if w, ok := p.peek(); ok && w.quoted {
		p.i++
		with = Map{{"title", w.text}}
	}
	s := Map{}
	var need *word
	covers := true
	for {
		w, ok := p.peek()
		if !ok || w.key == nil {
			break
		}
		p.i++
		var err error
		switch key := keyText(w.key); {
		case w.set:
			covers = covers && w.key[0] != "covers"
			err = p.put(&s, w, w.value)
		case key == "covers":
			if covers = false; !w.is1("none") {
				err = p.put(&s, w, listed(w))
			}
		case key == "need":
			need = &w
		case key == "by" && w.free:
			err = p.put(&with, w, Map{{"any", listed(w)}, {"need", 1}})
		case key == "edit":
			err = p.put(&with, w, listed(w))
		default:
			err = p.put(&with, w, w.value)
		}
		if err != nil {
			return err
		}
	}
	if need != nil {
		n, ok := need.value.(int)
		by, _ := with.Get("by").(Map)
		if !ok || by.Get("need") == nil {
			return wrong(need.valCol, "a number is expected here, beside by=@group", "Write by=@group need=2.")
		}
		with = with.With("by", by.With("need", n))
	}
	kind := asked(with)
	if s.index("ask") >= 0 {
		kind, s = s.Text("ask"), s.Without("ask")
	}
	m = append(m, Pair{"ask", kind})
	if len(with) > 0 {
		m = append(m, Pair{"with", with})
	}
	return p.add(append(m, s...), covers && kind == "approval", col)
}

func (w word) is1(text string) bool { return w.free && w.text == text }

// listed is a list written with commas.
func listed(w word) any {
	if !w.free {
		return w.value
	}
	list := []any{}
	for part := range strings.SplitSeq(w.text, ",") {
		if part = strings.TrimSpace(part); part != "" {
			list = append(list, part)
		}
	}
	return list
}

func (p *lineParser) wait(m Map, kind string, col int) error {
	s, err := p.settings(Map{{kind, nil}}, nil, nil)
	if err != nil {
		return err
	}
	inner, ok := s.Get("with").(Map)
	if !ok {
		return wrong(col, "a step of kind {kind} says nothing", "Write wait for=10m, or set name=value.", "kind", kind)
	}
	return p.add(append(m, s.Without("with").With(kind, inner)...), false, col)
}

func (p *lineParser) stop(m Map, col int) error {
	var reason any = true
	if w, ok := p.peek(); ok && w.quoted {
		reason = w.text
		p.i++
	}
	s, err := p.settings(Map{{"stop", reason}}, nil, nil)
	if err != nil {
		return err
	}
	return p.add(append(m, s...), false, col)
}

// text writes the flow.
func (p *lineParser) text() ([]byte, error) {
	p.cover()
	source := New(Head{Name: p.top.Text("flow")})
	var ops []Op
	for _, pair := range p.top[1:] {
		ops = append(ops, SetTop{pair.Key, pair.Value})
	}
	if p.started != nil {
		with, _ := p.started.Get("with").(Map)
		ops = append(ops, SetTrigger{p.started.Text("on"), with})
		for _, part := range []string{"key", "when"} {
			if v, ok := p.started.Look(part); ok {
				ops = append(ops, SetTriggerPart{part, v})
			}
		}
	}
	steps := make([]any, len(p.steps))
	for i, s := range p.steps {
		steps[i] = s.m
	}
	out, err := Apply(source, ops...)
	if err != nil || len(steps) == 0 {
		return out, err
	}
	d, err := open(out)
	if err != nil {
		return nil, err
	}
	v, err := clean(steps)
	if err != nil {
		return nil, err
	}
	if err := d.replace(path{"steps"}, sortedList(v)); err != nil {
		return nil, err
	}
	return d.bytes(), nil
}

// cover lets each approval that does not say what it covers cover the next step that does something, and gives that
// step an id.
func (p *lineParser) cover() {
	taken := map[string]bool{}
	for _, s := range p.steps {
		taken[s.m.Text("id")] = true
	}
	for i, s := range p.steps {
		if !s.covers {
			continue
		}
		for k := i + 1; k < len(p.steps); k++ {
			target := &p.steps[k]
			action := target.m.Text("do")
			if action == "" {
				continue
			}
			if target.m.index("id") < 0 {
				target.m = append(Map{{"id", freeID(action, taken)}}, target.m...)
			}
			p.steps[i].m = s.m.With("covers", []any{target.m.Text("id")})
			break
		}
	}
}

// freeID is an id made of an action's name: "chat.message.post" gives "post", or "post_2".
func freeID(action string, taken map[string]bool) string {
	base := action[strings.LastIndexByte(action, '.')+1:]
	id := base
	for n := 2; taken[id]; n++ {
		id = base + "_" + strconv.Itoa(n)
	}
	taken[id] = true
	return id
}
