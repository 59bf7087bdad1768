package edit

import (
	"slices"
	"strings"
)

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
	case what.is("stop"):
		p.i++
		return p.stop(m, w.col)
	case !what.quoted && what.key == nil && slices.Contains(lineKinds, what.text):
		p.i++
		return p.wait(m, what.text, w.col)
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
			err = p.put(&with, w, Map{{"any", listed(w)}})
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
		if !ok || by.Get("any") == nil {
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
