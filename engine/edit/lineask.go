package edit

import (
	"strconv"
	"strings"
)

// ask writes a question; what is left of the step comes back.
func (w *liner) ask(m Map, name string, next Map) (Map, error) {
	what := m.Text("ask")
	if what == "" {
		return nil, noLine("a step does not say what it does")
	}
	w.add("ask")
	if name != "" {
		w.add(name)
	}
	rest := m.Without("id", "ask", "with", "covers")
	with, ok := m.Get("with").(Map)
	if v, there := m.Look("with"); there && (!ok || len(with) == 0) {
		rest = append(Map{{"with", v}}, rest...)
	}
	if title, ok := with.Get("title").(string); ok {
		w.add(lineQuoted(title))
		with = with.Without("title")
	}
	for _, p := range with {
		switch names, need, short := byShort(p); {
		case short:
			w.add("by=" + strings.Join(names, ","))
			if need != 0 {
				w.add("need=" + strconv.Itoa(need))
			}
		case p.Key == "edit" && wordList(p.Value) != "":
			w.add("edit=" + wordList(p.Value))
		case p.Key == "need" || p.Key == "covers" || p.Key == "title":
			return nil, noLine("a question has a setting that cannot stand in a line")
		default:
			w.pair("", path{p.Key}, p.Value)
		}
	}
	switch v, there := m.Look("covers"); {
	case !there && next != nil && what == "approval":
		w.add("covers=none")
	case there && wordList(v) != "" && (wordList(v) != next.Text("id") || what != "approval"):
		w.add("covers=" + wordList(v))
	case there && wordList(v) == "":
		rest = append(Map{{"covers", v}}, rest...)
	}
	if what != asked(with) {
		rest = append(Map{{"ask", what}}, rest...)
	}
	return rest, nil
}

// asked is the kind of question that its settings speak of.
func asked(with Map) string {
	switch {
	case with.index("options") >= 0:
		return "choice"
	case with.index("fields") >= 0:
		return "form"
	}
	return "approval"
}

// byShort reads by: {any: [@a, @b], need: n}, which is written by=@a,@b need=n; need is 0 where none is said.
func byShort(p Pair) (names []string, need int, ok bool) {
	by, _ := p.Value.(Map)
	list := wordList(by.Get("any"))
	need, isNumber := by.Get("need").(int)
	if p.Key != "by" || list == "" || len(by) != 1 && (len(by) != 2 || !isNumber || need == 0) {
		return nil, 0, false
	}
	return strings.Split(list, ","), need, true
}

// wordList is a list of words joined by commas; "" where that would not read back. "none" means no list.
func wordList(v any) string {
	list, _ := v.([]any)
	parts := make([]string, len(list))
	for i, e := range list {
		s, ok := e.(string)
		if !ok || s == "" || strings.ContainsAny(s, ",{[") || lineValue(s) != s {
			return ""
		}
		parts[i] = s
	}
	s := strings.Join(parts, ",")
	if s == "none" || lineValue(s) != s {
		return ""
	}
	return s
}
