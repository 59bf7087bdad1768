package edit

import (
	"strconv"
	"strings"

	"go.yaml.in/yaml/v4"

	"github.com/bretelle/bretelle/engine"
)

// read is the value of a node, scalars as engine/flow reads them. The error is Invalid: what flows do not use.
func read(n *yaml.Node) (any, error) {
	switch n.Kind {
	case yaml.MappingNode:
		m := make(Map, 0, len(n.Content)/2)
		seen := make(map[string]bool, len(n.Content)/2)
		for i := 0; i+1 < len(n.Content); i += 2 {
			k := n.Content[i]
			if k.Kind != yaml.ScalarNode {
				return nil, cannot()
			}
			if seen[k.Value] {
				return nil, engine.E(engine.Invalid, `"{key}" is written twice`, "key", k.Value).WithHint("Keep one of them.")
			}
			seen[k.Value] = true
			v, err := read(n.Content[i+1])
			if err != nil {
				return nil, err
			}
			m = append(m, Pair{k.Value, v})
		}
		return m, nil
	case yaml.SequenceNode:
		list := make([]any, len(n.Content))
		for i, c := range n.Content {
			var err error
			if list[i], err = read(c); err != nil {
				return nil, err
			}
		}
		return list, nil
	case yaml.ScalarNode:
		return readScalar(n), nil
	}
	return nil, cannot()
}

func readScalar(n *yaml.Node) any {
	switch n.ShortTag() {
	case "!!null":
		return nil
	case "!!bool":
		return strings.EqualFold(n.Value, "true")
	case "!!int", "!!float":
		return number(n.Value)
	}
	return n.Value
}

// number reads what is written in plain decimal digits; anything else stays the text that it is.
func number(text string) any {
	s := strings.TrimPrefix(text, "+")
	digits := strings.TrimPrefix(s, "-")
	if digits != "" && strings.Trim(digits, "0123456789") == "" {
		if i, err := strconv.Atoi(s); err == nil && (len(digits) == 1 || digits[0] != '0') {
			return i
		}
		return text
	}
	f, err := strconv.ParseFloat(s, 64)
	if err != nil || strings.ContainsAny(s, "_xXpPiInN") {
		return text
	}
	return f
}

// Top is the flow as written, steps included. The error is Invalid: the text is no flow.
func Top(source []byte) (Map, error) {
	d, err := open(source)
	if err != nil {
		return nil, err
	}
	return d.root, nil
}

// Step is a step as written, by its id, given or made ("if_3"). The error is NotFound or Invalid.
func Step(source []byte, id string) (Map, error) {
	d, err := open(source)
	if err != nil {
		return nil, err
	}
	p, err := d.find(id)
	if err != nil {
		return nil, err
	}
	m, _ := d.get(p.path).(Map)
	return m, nil
}

// Trigger is what starts the flow, as written: when is "" and key nil where they are not. The error is Invalid.
func Trigger(source []byte) (on string, with Map, when string, key any, err error) {
	d, err := open(source)
	if err != nil {
		return "", nil, "", nil, err
	}
	t, _ := d.root.Get("trigger").(Map)
	with, _ = t.Get("with").(Map)
	return t.Text("on"), with, t.Text("when"), t.Get("key"), nil
}

// Place is a step in a text: what a list of steps to choose from is made of.
type Place struct {
	ID    string
	Kind  string // "do", "ask", …; "" when the step does not say
	In    string // its block, as AddStep names it
	Index int    // in its block, from 0
	Of    int    // steps in its block
	Step  Map
}

// Places lists all steps in the order of the text, those in blocks after the step that holds them. The error is
// Invalid.
func Places(source []byte) ([]Place, error) {
	d, err := open(source)
	if err != nil {
		return nil, err
	}
	var out []Place
	for _, s := range d.steps() {
		out = append(out, s.Place)
	}
	return out, nil
}
