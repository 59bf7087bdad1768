package flow

import (
	"errors"
	"math"
	"strconv"
	"strings"

	"go.yaml.in/yaml/v4"

	"github.com/bretelle/bretelle/engine"
	"github.com/bretelle/bretelle/engine/expr"
)

// value reads any value; nil when nothing of it can be used.
func (p *parser) value(n *yaml.Node, where string) *Value {
	if !p.plain(n, where) {
		return nil
	}
	v := &Value{Pos: at(n)}
	switch {
	case braces(n):
		p.bad(n, where, "text that begins with {{ needs quotes", `Write "{{ … }}".`)
		return nil
	case n.Kind == yaml.MappingNode:
		list, _ := p.members(n, where)
		v.Map = make([]Pair, 0, len(list))
		for _, m := range list {
			if x := p.value(m.value, join(where, short(m.key))); x != nil {
				v.Map = append(v.Map, Pair{Key: m.key, Pos: at(m.name), Value: x})
			}
		}
	case n.Kind == yaml.SequenceNode:
		v.List = make([]*Value, 0, len(n.Content))
		for i, c := range n.Content {
			if x := p.value(c, where+"["+strconv.Itoa(i)+"]"); x != nil {
				v.List = append(v.List, x)
			}
		}
	case n.ShortTag() == "!!str" && strings.Contains(n.Value, "{{"):
		return p.segments(n, where, v)
	default:
		c, ok := p.constant(n, where)
		if !ok {
			return nil
		}
		v.Const = c
	}
	return v
}

// constant reads a scalar by what is written, not by what a float would make of it.
func (p *parser) constant(n *yaml.Node, where string) (any, bool) {
	s := n.Value
	switch n.ShortTag() {
	case "!!null":
		return nil, true
	case "!!bool":
		return strings.EqualFold(s, "true"), true
	case "!!int", "!!float":
		return p.number(n, where)
	}
	return s, true
}

func (p *parser) number(n *yaml.Node, where string) (any, bool) {
	s := strings.TrimPrefix(n.Value, "+")
	digits := strings.TrimPrefix(s, "-")
	if digits != "" && strings.Trim(digits, "0123456789") == "" {
		if len(digits) > 1 && digits[0] == '0' {
			return p.ambiguous(n, where)
		}
		if i, err := strconv.Atoi(s); err == nil {
			return i, true
		}
		return s, true
	}
	f, err := strconv.ParseFloat(s, 64)
	if err != nil || math.IsInf(f, 0) || math.IsNaN(f) || strings.ContainsAny(s, "_xXpP") {
		return p.ambiguous(n, where)
	}
	return f, true
}

func (p *parser) ambiguous(n *yaml.Node, where string) (any, bool) {
	p.bad(n, where, `"{text}" may be meant as a text or as a number`, `Put a text between quotes, "{text}", and write a number in plain decimal digits.`, "text", short(n.Value))
	return nil, false
}

// segments cuts a text with expressions in it.
func (p *parser) segments(n *yaml.Node, where string, v *Value) *Value {
	sc := p.scalar(n)
	cut, err := expr.Split(n.Value)
	if err != nil {
		p.wrong(origin{sc, 0}, n.Value, where, err)
		return nil
	}
	w := sc.walker()
	exprs := 0
	for _, s := range cut {
		seg := Segment{Segment: s, Pos: w.to(s.Offset), from: origin{sc, s.Offset}}
		if s.Expr {
			exprs++
			if p.exprs++; p.exprs == maxExprs+1 {
				p.add(seg.Pos, where, "a flow has at most {most} expressions", "Split the flow in two.", "most", maxExprs)
			}
			if strings.TrimSpace(s.Text) == "" {
				p.add(seg.Pos, where, "the expression is empty", `Write something between {{ and }}.`)
			}
		}
		v.Segments = append(v.Segments, seg)
	}
	if exprs == 0 {
		v.Segments, v.Const = nil, n.Value
		return v
	}
	v.Whole = exprs == 1 && len(cut) == 1
	return v
}

// wrong reports an error of the package expr at its place in the file.
func (p *parser) wrong(o origin, source, where string, err error) {
	var se *expr.SourceError
	if !errors.As(err, &se) {
		e := engine.AsError(err)
		p.add(o.at(source, engine.Pos{Line: 1, Col: 1}), where, e.Msg, e.Hint)
		return
	}
	before := len(p.problems)
	p.add(o.at(source, se.Pos), where, se.Err.Msg, se.Err.Hint)
	if len(p.problems) > before && before < maxProblems {
		p.problems[before].Args = se.Err.Args
	}
}

func (p *parser) scalar(n *yaml.Node) *scalar {
	return &scalar{text: p.text, node: at(n), style: n.Style, value: n.Value}
}

// cond reads a condition: one whole expression, with or without its braces; nil when it is none.
func (p *parser) cond(n *yaml.Node, where string) *Cond {
	s, ok := p.word(n, where)
	if !ok {
		return nil
	}
	sc, offset := p.scalar(n), 0
	if strings.HasPrefix(strings.TrimSpace(s), "{{") {
		cut, err := expr.Split(s)
		if err != nil {
			p.wrong(origin{sc, 0}, s, where, err)
			return nil
		}
		one := -1
		for i, g := range cut {
			if g.Expr && one < 0 {
				one = i
			} else if g.Expr || strings.TrimSpace(g.Text) != "" {
				p.add(origin{sc, g.Offset}.at(g.Text, engine.Pos{Line: 1, Col: 1}), where, "a condition is one expression and nothing else",
					`Write "{{ a == 1 && b == 2 }}".`)
				return nil
			}
		}
		if one < 0 {
			p.bad(n, where, "a condition is one expression and nothing else", `Write "{{ a == 1 && b == 2 }}".`)
			return nil
		}
		s, offset = cut[one].Text, cut[one].Offset
	}
	inside := strings.TrimSpace(s)
	if inside == "" {
		p.bad(n, where, "the condition is empty", `Write one, like "{{ event.body.action == 'opened' }}".`)
		return nil
	}
	offset += strings.Index(s, inside)
	from := origin{sc, offset}
	return &Cond{Source: inside, Pos: from.at(inside, engine.Pos{Line: 1, Col: 1}), from: from}
}
