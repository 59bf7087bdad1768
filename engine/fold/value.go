package fold

import (
	"errors"
	"strings"
	"time"

	"github.com/bretelle/bretelle/engine"
	"github.com/bretelle/bretelle/engine/expr"
	"github.com/bretelle/bretelle/engine/flow"
	"github.com/bretelle/bretelle/engine/plan"
)

// value is a flow.Value with its expressions compiled. Exactly one of the shapes is used: whole, parts, list,
// fields, or the constant.
type value struct {
	constant any
	whole    *expr.Expr
	parts    []part
	list     []*value
	fields   []field
	isList   bool
	isMap    bool
}

type part struct {
	text string
	expr *expr.Expr // nil: literal text
}

type field struct {
	name  string
	value *value
}

func (b *builder) value(v *flow.Value) *value {
	switch {
	case v == nil:
		return nil
	case v.Whole && len(v.Segments) == 1:
		return &value{whole: b.expr(v.Segments[0].Text, v.Segments[0].Pos)}
	case len(v.Segments) > 0:
		out := &value{}
		for _, s := range v.Segments {
			p := part{text: s.Text}
			if s.Expr {
				p.expr = b.expr(s.Text, s.Pos)
			}
			out.parts = append(out.parts, p)
		}
		return out
	case v.Map != nil:
		out := &value{isMap: true}
		for _, p := range v.Map {
			out.fields = append(out.fields, field{p.Key, b.value(p.Value)})
		}
		return out
	case v.List != nil:
		out := &value{isList: true}
		for _, item := range v.List {
			out.list = append(out.list, b.value(item))
		}
		return out
	}
	return &value{constant: v.Const}
}

// scope evaluates values against a run. unknown, when set, says which expressions must be left as they are
// written, {"$from": source}: that is how a plan shows what is not known yet.
type scope struct {
	roots   func(*expr.Expr) (map[string]any, error)
	zone    *time.Location
	unknown func(*expr.Expr) bool
	room    *int // bytes that results may still take; nil is no bound
}

func (sc *scope) eval(v *value) (any, error) {
	switch {
	case v == nil:
		return nil, nil
	case v.whole != nil:
		if sc.unknown != nil && sc.unknown(v.whole) {
			return plan.From(strings.TrimSpace(v.whole.Source())), nil
		}
		return sc.expr(v.whole)
	case v.parts != nil:
		return sc.text(v.parts)
	case v.isMap:
		m := make(map[string]any, len(v.fields))
		for _, f := range v.fields {
			x, err := sc.eval(f.value)
			if err != nil {
				return nil, err
			}
			m[f.name] = x
		}
		return m, nil
	case v.isList:
		l := make([]any, 0, len(v.list))
		for _, item := range v.list {
			x, err := sc.eval(item)
			if err != nil {
				return nil, err
			}
			l = append(l, x)
		}
		return l, nil
	}
	return v.constant, nil
}

// text joins parts. Text is concatenation, so nothing is an error in it, as in expressions: say what stands there
// instead with ??.
func (sc *scope) text(parts []part) (any, error) {
	var b strings.Builder
	open := false
	for _, p := range parts {
		if p.expr == nil {
			b.WriteString(p.text)
			continue
		}
		if sc.unknown != nil && sc.unknown(p.expr) {
			open = true
			b.WriteString("{{ " + strings.TrimSpace(p.text) + " }}")
			continue
		}
		x, err := sc.expr(p.expr)
		if err != nil {
			return nil, err
		}
		switch t := x.(type) {
		case nil:
			return nil, engine.E(engine.Invalid, "{expr} has no value here", "expr", strings.TrimSpace(p.text)).
				WithHint(`Write {{ ... ?? "" }} if that is all right.`)
		case string:
			b.WriteString(t)
		default:
			j, err := engine.EncodeJSON(x)
			if err != nil {
				return nil, err
			}
			b.Write(j)
		}
		if b.Len() > maxText {
			return nil, engine.E(engine.TooLarge, "the text is longer than {max} characters", "max", maxText)
		}
	}
	if open {
		return plan.From(b.String()), nil
	}
	return b.String(), nil
}

const (
	// maxText bounds one rendered text, in bytes.
	maxText = 1 << 20
	// maxValues bounds what the expressions of one Apply give together, in bytes: a small flow can name a large event
	// a thousand times. What does not fit fails its step.
	maxValues = 8 << 20
)

func (sc *scope) expr(x *expr.Expr) (any, error) {
	roots, err := sc.roots(x)
	if err != nil {
		return nil, err
	}
	v, err := x.Eval(expr.Input{Roots: roots, Zone: sc.zone})
	if err != nil || sc.room == nil {
		return v, err
	}
	left, fits := weigh(v, *sc.room)
	if !fits {
		return nil, engine.E(engine.TooLarge, "{expr} gives more than there is room for", "expr", short(x.Source())).
			WithHint("Take only the parts that are needed.")
	}
	*sc.room = left
	return v, nil
}

// weigh takes roughly the size of a value's text from room; fits is false when it is larger. A sum has no order.
func weigh(v any, room int) (left int, fits bool) {
	room -= 8
	switch x := v.(type) {
	case string:
		room -= len(x)
	case []any:
		for _, e := range x {
			if room, fits = weigh(e, room); !fits {
				return room, false
			}
		}
	case map[string]any:
		for k, e := range x {
			if room, fits = weigh(e, room-len(k)); !fits {
				return room, false
			}
		}
	}
	return room, room >= 0
}

// bool evaluates a condition; anything but true, false and nothing is an error. why is set when it is false.
func (sc *scope) bool(x *expr.Expr) (ok bool, why string, err error) {
	roots, err := sc.roots(x)
	if err != nil {
		return false, "", err
	}
	in := expr.Input{Roots: roots, Zone: sc.zone}
	v, err := x.Eval(in)
	if err != nil {
		return false, "", err
	}
	ok, is := v.(bool)
	if !is && v != nil { // nothing is false, as inside expressions
		return false, "", engine.E(engine.Invalid, "{expr} gives neither true nor false", "expr", short(x.Source()))
	}
	if !ok {
		why = x.Why(in)
	}
	return ok, why, nil
}

// short cuts a source to what fits into a sentence.
func short(s string) string { return clip(strings.TrimSpace(s), 80) }

// clip cuts a text to most characters.
func clip(s string, most int) string {
	if len(s) <= most {
		return s
	}
	if r := []rune(s); len(r) > most {
		return string(r[:most-1]) + "…"
	}
	return s
}

// flowFault tells a fault of the flow or its data, which parks a step, from one of storage, which stops Apply.
func flowFault(err error) (*engine.Failure, bool) {
	var e *engine.Error
	if !errors.As(err, &e) || e.Code == engine.Unavailable || e.Code == engine.Internal {
		return nil, false
	}
	f := &engine.Failure{Class: engine.BadInput, Code: e.Code, Msg: e.Msg, Args: e.Args, Hint: e.Hint}
	var at *expr.SourceError
	if errors.As(err, &at) && at.Pos.Line > 0 {
		f.Msg += " (line {line}, column {col})"
		args := engine.Args("line", at.Pos.Line, "col", at.Pos.Col)
		for k, v := range f.Args {
			args[k] = v
		}
		f.Args = args
	}
	return f, true
}
