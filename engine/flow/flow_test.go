package flow_test

import (
	"bytes"
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/rogpeppe/go-internal/txtar"

	"github.com/bretelle/bretelle/engine"
	"github.com/bretelle/bretelle/engine/flow"
)

var update = flag.Bool("update", false, "rewrite the wanted parts of testdata")

// TestParse reads every testdata/*.txtar: in.yaml gives want, the problems and then the tree.
func TestParse(t *testing.T) {
	files, err := filepath.Glob("testdata/*.txtar")
	if err != nil || len(files) == 0 {
		t.Fatalf("no cases: %v", err)
	}
	for _, file := range files {
		t.Run(strings.TrimSuffix(filepath.Base(file), ".txtar"), func(t *testing.T) {
			a, err := txtar.ParseFile(file)
			if err != nil || len(a.Files) == 0 {
				t.Fatalf("%s: %v", file, err)
			}
			f, problems := flow.Parse(a.Files[0].Data)
			got := describe(f, problems)
			if *update {
				a.Files = append(a.Files[:1], txtar.File{Name: "want", Data: []byte(got)})
				if err := os.WriteFile(file, txtar.Format(a), 0o644); err != nil {
					t.Fatal(err)
				}
				return
			}
			if len(a.Files) != 2 || got != string(a.Files[1].Data) {
				t.Errorf("got:\n%s\nrun with -update and review, if this is right", got)
			}
			if f != nil && !bytes.Equal(f.Source, a.Files[0].Data) {
				t.Error("the source is not what was read")
			}
		})
	}
}

// TestPlaces: the place of a condition and of an expression is where its text stands in the file, to the character.
func TestPlaces(t *testing.T) {
	seen := 0
	for _, text := range corpus(t) {
		f, problems := flow.Parse(text)
		if problems.Bad() {
			continue
		}
		lines := strings.Split(strings.ReplaceAll(string(text), "\r\n", "\n"), "\n")
		at := func(p engine.Pos, want string) {
			seen++
			want, _, _ = strings.Cut(want, "\n")
			line := []rune(lines[p.Line-1])
			if got := string(line[p.Col-1:]); !strings.HasPrefix(got, want) {
				t.Errorf("%d:%d is %q, wanted %q", p.Line, p.Col, got, want)
			}
		}
		var values func(v *flow.Value)
		values = func(v *flow.Value) {
			if v == nil {
				return
			}
			for _, s := range v.Segments {
				if s.Expr {
					at(s.Pos, s.Text)
					first := strings.IndexFunc(s.Text, func(r rune) bool { return r != ' ' && r != '\n' })
					row := strings.Count(s.Text[:first], "\n")
					col := first - strings.LastIndex(s.Text[:first], "\n")
					at(s.At(engine.Pos{Line: 1 + row, Col: col}), s.Text[first:first+1])
				}
			}
			for _, p := range v.Map {
				at(p.Pos, p.Key)
				values(p.Value)
			}
			for _, x := range v.List {
				values(x)
			}
		}
		f.Walk(func(s *flow.Step) {
			values(s.With)
			values(s.Stop)
			if s.When != nil {
				first, _, _ := strings.Cut(s.When.Source, " ")
				at(s.When.Pos, first)
			}
			if s.If != nil {
				at(s.If.Cond.Pos, s.If.Cond.Source)
			}
			for _, a := range s.Set {
				at(a.Pos, a.Name)
				values(a.Value)
			}
		})
		values(f.Trigger.With)
	}
	if seen < 50 {
		t.Errorf("only %d places", seen)
	}
}

func TestNames(t *testing.T) {
	for text, want := range map[string]string{
		"new-contact": "", "0": "", "a--b-": "", "-a": "a", "": "-", "New Contact!": "new-contact", "é": "-",
		strings.Repeat("a", 60): "", strings.Repeat("a", 61): strings.Repeat("a", 59), "a_b": "a-b",
	} {
		err := flow.CheckName(text)
		if (err == nil) != (want == "") {
			t.Errorf("%q: %v", text, err)
		}
		if err != nil && want != "-" && (flow.NameFrom(text) != want || !strings.Contains(err.Error(), want) || flow.CheckName(want) != nil) {
			t.Errorf("%q: %v, proposal %q", text, err, flow.NameFrom(text))
		}
	}
}

func TestConstant(t *testing.T) {
	f, problems := flow.Parse([]byte("flow: t\ntrigger: {on: a.b}\nsteps:\n  - do: a.b.c\n    with: {a: 1, b: [x, {c: null}], d: '{{ event.x }}', e: {f: '{{ event.x }}'}}\n"))
	if problems.Bad() {
		t.Fatal(problems)
	}
	with := f.Steps[0].With
	if _, ok := with.Constant(); ok {
		t.Error("there are expressions in it")
	}
	b, err := engine.EncodeJSON(with.Known())
	if err != nil || string(b) != `{"a":1,"b":["x",{"c":null}]}` {
		t.Errorf("%s %v", b, err)
	}
}

func corpus(tb testing.TB) [][]byte {
	files, err := filepath.Glob("testdata/*.txtar")
	if err != nil {
		tb.Fatal(err)
	}
	var all [][]byte
	for _, file := range files {
		a, err := txtar.ParseFile(file)
		if err != nil {
			tb.Fatal(err)
		}
		all = append(all, a.Files[0].Data)
	}
	return all
}

func describe(f *flow.Flow, problems engine.Problems) string {
	var b strings.Builder
	for _, p := range problems {
		fmt.Fprintf(&b, "%s", p)
		if p.Where != "" {
			fmt.Fprintf(&b, " [%s]", p.Where)
		}
		b.WriteByte('\n')
	}
	if f == nil || problems.Bad() {
		return b.String()
	}
	fmt.Fprintf(&b, "flow %s title=%q channel=%s zone=%s %s\n", f.Name, f.Title, f.Channel, f.Timezone, pos(f.Pos))
	if n := f.Notify; n.Approvals != nil || n.Alerts != nil || n.Results != nil || n.After != 0 {
		fmt.Fprintf(&b, "notify approvals=%s%s alerts=%s results=%s%s fallback=%s after=%d\n", n.Approvals, pos(f.Place("notify.approvals.1")), n.Alerts,
			n.Results, pos(f.Place("notify.results.1")), n.Fallback, n.After)
	}
	fmt.Fprintf(&b, "trigger %s with=%s key=%s when=%s\n", f.Trigger.On, value(f.Trigger.With), value(f.Trigger.Key), cond(f.Trigger.When))
	if f.Limits != nil {
		fmt.Fprintf(&b, "limits %s\n", value(f.Limits))
	}
	steps(&b, f.Steps, "")
	return b.String()
}

func steps(b *strings.Builder, list []*flow.Step, indent string) {
	for _, s := range list {
		fmt.Fprintf(b, "%s%s %s %s", indent, s.Kind, s.ID, pos(s.Pos))
		show := func(name string, set bool, v any) {
			if set {
				fmt.Fprintf(b, " %s=%v", name, v)
			}
		}
		show("when", s.When != nil, cond(s.When))
		if s.Retry != nil {
			show("retry", true, *s.Retry)
		}
		show("timeout", s.Timeout != 0, s.Timeout)
		show("on_error", s.OnError != "", s.OnError)
		show("do", s.Action != "", s.Action)
		show("account", s.Account != "", s.Account)
		show("risk", s.Risk != 0, s.Risk)
		show("with", s.With != nil, value(s.With))
		if a := s.Ask; a != nil {
			fmt.Fprintf(b, " covers=%q title=%s any=%q all=%q need=%d edit=%q not=%q/%v remind=%s", a.Covers, value(a.Title), a.Any, a.All, a.Need, a.Edit, a.Not, a.NotSet, a.Remind)
			if len(a.In) > 0 {
				fmt.Fprintf(b, " in=%s%s", a.In, pos(s.Place("in.0")))
			}
			if a.Expire != nil {
				fmt.Fprintf(b, " expire=%s/%s", a.Expire.After, a.Expire.Then)
			}
		}
		if a := s.Ask; a != nil && a.Kind != "" {
			fmt.Fprintf(b, " kind=%s options=%s fields=%s", a.Kind, value(a.Options), value(a.Fields))
		}
		if s.Wait != nil {
			fmt.Fprintf(b, " for=%s until=%s", value(s.Wait.For), value(s.Wait.Until))
			if r := s.Wait.Reply; r != nil {
				fmt.Fprintf(b, " reply=%s from=%q", value(r.To), r.From)
			}
		}
		if w := s.Switch; w != nil {
			fmt.Fprintf(b, " on=%s", value(w.On))
			for _, c := range w.Cases {
				fmt.Fprintf(b, " is=%s%s", value(c.Is), pos(c.Pos))
			}
		}
		if w := s.While; w != nil {
			fmt.Fprintf(b, " cond=%q most=%d as=%s", w.Cond.Source, w.Most, w.As)
		}
		if w := s.Parallel; w != nil {
			fmt.Fprintf(b, " join=%d finish=%v", w.Join, w.Finish)
		}
		if e := s.Each; e != nil {
			fmt.Fprintf(b, " list=%s as=%s", value(e.List), e.As)
			if e.Parallel != 0 || e.Batch != 0 || e.Continue {
				fmt.Fprintf(b, " parallel=%d batch=%d continue=%v most=%d", e.Parallel, e.Batch, e.Continue, e.Most)
			}
		}
		for _, a := range s.Set {
			fmt.Fprintf(b, " %s%s=%s", a.Name, pos(a.Pos), value(a.Value))
		}
		show("reason", s.Stop != nil, value(s.Stop))
		if s.If != nil {
			fmt.Fprintf(b, " %s\n%s then:\n", cond(s.If.Cond), indent)
			steps(b, s.If.Then, indent+"  ")
			if s.If.Else != nil {
				fmt.Fprintf(b, "%s else:\n", indent)
				steps(b, s.If.Else, indent+"  ")
			}
			continue
		}
		b.WriteByte('\n')
		for _, block := range s.Blocks() {
			fmt.Fprintf(b, "%s %s:\n", indent, block.Name)
			steps(b, block.Steps, indent+"  ")
		}
	}
}

func pos(p engine.Pos) string { return fmt.Sprintf("@%d:%d", p.Line, p.Col) }

func cond(c *flow.Cond) string {
	if c == nil {
		return "-"
	}
	return fmt.Sprintf("(%s)%s", c.Source, pos(c.Pos))
}

func value(v *flow.Value) string {
	switch {
	case v == nil:
		return "-"
	case v.Segments != nil:
		var parts []string
		for _, s := range v.Segments {
			if s.Expr {
				parts = append(parts, fmt.Sprintf("(%s)%s", s.Text, pos(s.Pos)))
			} else {
				parts = append(parts, fmt.Sprintf("%q%s", s.Text, pos(s.Pos)))
			}
		}
		whole := ""
		if v.Whole {
			whole = "whole"
		}
		return whole + strings.Join(parts, "+")
	case v.Map != nil:
		parts := make([]string, len(v.Map))
		for i, p := range v.Map {
			parts[i] = p.Key + pos(p.Pos) + ": " + value(p.Value)
		}
		return "{" + strings.Join(parts, ", ") + "}"
	case v.List != nil:
		parts := make([]string, len(v.List))
		for i, x := range v.List {
			parts[i] = value(x)
		}
		return "[" + strings.Join(parts, ", ") + "]"
	}
	return fmt.Sprintf("%#v", v.Const)
}
