package edit

import (
	"strings"

	"github.com/bretelle/bretelle/engine"
)

// callKeys are the keys of a call that stands within a step, like the undo of a step.
var callKeys = []string{"do", "account", "with"}

// CallLine is a call within a step (do, account, with) in one line: ACTION k=v … @account=NAME; "" for none. The error is
// Invalid: it has no one-line form.
func CallLine(call Map) (string, error) {
	action := call.Text("do")
	switch {
	case len(call) == 0:
		return "", nil
	case action == "" || strings.ContainsFunc(action, spaceOrControl) || strings.ContainsAny(action, `="“:@`):
		return "", noLine("a step does not say what it does")
	}
	w := &liner{words: []string{action}}
	w.with(call)
	for _, p := range call.Without("do", "with") {
		w.pair("@", path{p.Key}, p.Value)
	}
	return strings.Join(w.words, " "), nil
}

// ParseCall reads CallLine back; nil for an empty line. The error is Invalid, as of ParseLine.
func ParseCall(line string, c engine.Catalog) (Map, error) {
	words, err := cut(line)
	if err != nil || len(words) == 0 {
		return nil, err
	}
	p := &lineParser{words: words, c: c, end: len([]rune(line)) + 1, i: 1}
	w := words[0]
	if w.key != nil || w.quoted {
		return nil, wrong(w.col, "the line begins with an action", `Write http.request method=DELETE url="https://…".`)
	}
	action, known := c.Action(w.text)
	if !known {
		return nil, unknown(w.col, `no action is called "{name}"`, w.text, c.Names())
	}
	m, err := p.settings(Map{{"do", w.text}}, action.In, callKeys)
	if err != nil {
		return nil, err
	}
	if w, more := p.peek(); more {
		return nil, wrong(w.col, `"{name}" is not expected here`, "A setting is name=value.", "name", short(w.raw))
	}
	return m, nil
}
