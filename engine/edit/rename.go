package edit

import (
	"slices"
	"strings"

	"github.com/expr-lang/expr/ast"
	"go.yaml.in/yaml/v4"

	"github.com/bretelle/bretelle/engine"
	"github.com/bretelle/bretelle/engine/expr"
)

// next is the placeholder in covers for a step that is not there yet.
const next = "next"

// takeNext puts an id in place of the placeholder in the approval at p.
func (d *doc) takeNext(p path, id string) error {
	if _, err := d.find(next); err == nil {
		return nil // a step has that name, so it is no placeholder
	}
	if err := d.relist(p.to("covers"), func(s string) string {
		if s == next {
			return id
		}
		return s
	}); err != nil {
		return err
	}
	return d.relist(p.to("with", "edit"), func(s string) string {
		if field, ok := strings.CutPrefix(s, next+"."); ok {
			return id + "." + field
		}
		return s
	})
}

// relist changes texts in the list at p.
func (d *doc) relist(p path, f func(string) string) error {
	for i, v := range d.list(p) {
		if s, ok := v.(string); ok && f(s) != s {
			if err := d.replace(p.to(i), f(s)); err != nil {
				return err
			}
		}
	}
	return nil
}

func (d *doc) resolveNext(o ResolveNext) error {
	s, err := d.find(o.ID)
	if err != nil {
		return err
	}
	for _, v := range d.list(s.path[:len(s.path)-1])[s.Index+1:] {
		if m, ok := v.(Map); ok && kindOf(m) == "do" && m.Text("id") != "" {
			return d.takeNext(s.path, m.Text("id"))
		}
	}
	return nil
}

func (d *doc) rename(o RenameStep) error {
	s, err := d.find(o.ID)
	if err != nil || o.To == o.ID {
		return err
	}
	if _, err := d.find(o.To); err == nil {
		return engine.E(engine.Conflict, `there is a step called "{id}" already`, "id", o.To).WithHint("Choose another id.").WithOp("edit")
	}
	if v, err := clean(o.To); err != nil || v == "" {
		return engine.E(engine.Invalid, `"{id}" cannot be a step's id`, "id", o.To).WithOp("edit")
	}
	if err := d.setKey(s.path, "id", o.To, stepRank(s.Step)); err != nil {
		return err
	}
	for _, s := range d.steps() {
		if s.Kind != "ask" {
			continue
		}
		if err := d.relist(s.path.to("covers"), func(t string) string {
			if t == o.ID {
				return o.To
			}
			return t
		}); err != nil {
			return err
		}
		if err := d.relist(s.path.to("with", "edit"), func(t string) string {
			if field, ok := strings.CutPrefix(t, o.ID+"."); ok {
				return o.To + "." + field
			}
			return t
		}); err != nil {
			return err
		}
	}
	return d.renameIn(nil, d.root, o)
}

// renameIn goes through all texts at and below p.
func (d *doc) renameIn(p path, v any, o RenameStep) error {
	switch x := v.(type) {
	case Map:
		for _, pair := range x {
			if err := d.renameIn(p.to(pair.Key), pair.Value, o); err != nil {
				return err
			}
		}
	case []any:
		for i, e := range x {
			if err := d.renameIn(p.to(i), e, o); err != nil {
				return err
			}
		}
	case string:
		if places := mentions(p, x, o.ID); len(places) > 0 {
			return d.retext(p, x, places, o)
		}
	}
	return nil
}

// conditions are the keys whose text is an expression also without braces.
var conditions = []string{"when", "if", "cond"}

// mentions are the bytes in text at which an expression names a step.
func mentions(p path, text, id string) []int {
	if !strings.Contains(text, id) || len(p) == 0 {
		return nil
	}
	var out []int
	if !strings.Contains(text, "{{") {
		if key, ok := p[len(p)-1].(string); !ok || !slices.Contains(conditions, key) || slices.Contains(p, path{"with"}[0]) {
			return nil
		}
		return named(text, id, 0)
	}
	cut, err := expr.Split(text)
	if err != nil {
		return nil
	}
	for _, s := range cut {
		if s.Expr {
			out = append(out, named(s.Text, id, s.Offset)...)
		}
	}
	return out
}

// named are the bytes at which source says steps.ID, each moved by shift.
func named(source, id string, shift int) []int {
	tree, err := expr.Tree(source)
	if err != nil {
		return nil
	}
	var out []int
	runes := []rune(source)
	expr.Visit(tree, func(n ast.Node) {
		m, ok := n.(*ast.MemberNode)
		if !ok {
			return
		}
		root, isName := m.Node.(*ast.IdentifierNode)
		name, isText := m.Property.(*ast.StringNode)
		if !isName || !isText || root.Value != "steps" || name.Value != id {
			return
		}
		at := min(max(name.Location().From, 0), len(runes))
		rest := string(runes[at:])
		if i := strings.Index(rest, id); i == 0 || i == 1 { // 1: between quotes
			out = append(out, shift+len(string(runes[:at]))+i)
		}
	})
	slices.Sort(out)
	return slices.Compact(out)
}

// retext writes the new id at places of the text at p. The id consists of plain letters, so it stands in the
// source as often as in the value, in the same order; where escapes break that, the whole text is written anew.
func (d *doc) retext(p path, text string, places []int, o RenameStep) error {
	var b, src strings.Builder
	n := d.node(p)
	from, to := d.props(n), d.end(n)
	at := 0
	for _, i := range places {
		b.WriteString(text[at:i] + o.To)
		at = i + len(o.ID)
	}
	b.WriteString(text[at:])
	want := putIn(d.root, p, b.String()).(Map)
	if n.Kind == yaml.ScalarNode {
		at, done := 0, 0
		raw := d.src[from:to]
		for _, i := range places {
			for k := strings.Count(text[at:i], o.ID); k >= 0; k-- {
				j := strings.Index(raw[done:], o.ID)
				if j < 0 {
					return d.replace(p, b.String())
				}
				src.WriteString(raw[done : done+j])
				done += j + len(o.ID)
				if k > 0 {
					src.WriteString(o.ID)
				}
			}
			src.WriteString(o.To)
			at = i + len(o.ID)
		}
		src.WriteString(raw[done:])
		if d.splice(from, to, src.String(), want) == nil {
			return nil
		}
	}
	return d.replace(p, b.String())
}
