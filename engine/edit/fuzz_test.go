package edit_test

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"testing"

	"github.com/bretelle/bretelle/engine"
	"github.com/bretelle/bretelle/engine/edit"
	"github.com/bretelle/bretelle/engine/flow"
)

// Any op on any text: an error, or a text in which nothing but that has changed.
func FuzzApply(f *testing.F) {
	for _, src := range texts {
		f.Add(src, uint64(1))
	}
	f.Fuzz(func(t *testing.T, src string, seed uint64) {
		top, err := edit.Top([]byte(src))
		if err != nil {
			return
		}
		same, err := edit.Apply([]byte(src))
		if err != nil || string(same) != src {
			t.Fatal("no change changes", err)
		}
		r := rand.New(rand.NewPCG(seed, 1))
		op, want := anOp(t, r, src)
		out, err := edit.Apply([]byte(src), op)
		if err != nil {
			if c := engine.CodeOf(err); c == engine.Internal {
				t.Fatal(err)
			}
			return
		}
		got, err := edit.Top(out)
		if err != nil {
			t.Fatalf("%#v: %v\n%q\n%q", op, err, src, out)
		}
		if want != nil && !edit.Equal(got, want) {
			t.Fatalf("%#v\n%q\n%q", op, src, out)
		}
		for _, p := range top {
			if p.Key != "steps" && p.Key != "trigger" && want == nil && !edit.Equal(got.Get(p.Key), p.Value) {
				if _, renames := op.(edit.RenameStep); !renames {
					t.Fatalf("%#v changed %s\n%q\n%q", op, p.Key, src, out)
				}
			}
		}
	})
}

func FuzzParseLine(f *testing.F) {
	f.Add(triageLine)
	f.Add(`new x ask “a” by=@a then http.request url={{ a }} json={"a":[1]} "b.c"."d"=\"`)
	f.Fuzz(func(t *testing.T, line string) {
		_ = edit.Complete(line, catalog{})
		out, err := edit.ParseLine(line, catalog{})
		if err != nil {
			if c := engine.CodeOf(err); c == engine.Internal {
				t.Fatal(err)
			}
			return
		}
		again, err := edit.Line(out)
		if err != nil {
			return
		}
		back, err := edit.ParseLine(again, catalog{})
		if err != nil {
			t.Fatalf("%q: %q: %v", line, again, err)
		}
		same(t, line, out, back)
	})
}

func same(t *testing.T, what string, a, b []byte) {
	t.Helper()
	x, err1 := edit.Top(a)
	y, err2 := edit.Top(b)
	if err1 != nil || err2 != nil || !edit.Equal(x, y) {
		t.Fatalf("%q: %v %v\n%s\n%s", what, err1, err2, a, b)
	}
}

// What Line prints, ParseLine reads back.
func TestLineThereAndBack(t *testing.T) {
	lines := 0
	for seed := range uint64(400) {
		r := rand.New(rand.NewPCG(seed, 3))
		src := aLineFlow(r)
		line, err := edit.Line(src)
		if err != nil {
			t.Fatalf("%v\n%s", err, src)
		}
		lines++
		back, err := edit.ParseLine(line, catalog{})
		if err != nil {
			t.Fatalf("%v\n%s\n%s", err, line, src)
		}
		same(t, line, src, back)
		if again, err := edit.Line(back); err != nil || again != line {
			t.Fatalf("%v\n%s\n%s", err, line, again)
		}
	}
}

// aLineFlow is a random flow that has a one-line form.
func aLineFlow(r *rand.Rand) []byte {
	src := edit.New(edit.Head{Name: "n" + fmt.Sprint(r.IntN(100)), On: "webhook.received"})
	ops := []edit.Op{}
	if r.IntN(2) == 0 {
		ops = append(ops, edit.SetTop{Key: "title", Value: aText(r)}, edit.SetTop{Key: "limits", Value: aMap(r, 2)})
	}
	ops = append(ops, edit.SetTrigger{On: "webhook.received", With: edit.Map{{Key: "path", Value: aText(r)}, {Key: "sender", Value: aValue(r, 3)}}})
	if r.IntN(2) == 0 {
		ops = append(ops, edit.SetTriggerPart{Part: []string{"when", "key"}[r.IntN(2)], Value: []string{"{{ a }}", "a", "{{ a == \"b c\" }}", "{{a}}", "x {{ a }}"}[r.IntN(5)]})
	}
	last := ""
	for i := range r.IntN(5) {
		m := edit.Map{}
		id := fmt.Sprintf("s%d", i)
		if r.IntN(4) > 0 {
			m = edit.Map{{Key: "id", Value: id}}
		}
		switch r.IntN(5) {
		case 0:
			m = append(m, edit.Pair{Key: "ask", Value: "approval"})
			with := edit.Map{}
			if r.IntN(2) == 0 {
				with = with.With("title", aText(r))
			}
			by := edit.Map{{Key: "any", Value: []any{"@a", "@b"}[:1+r.IntN(2)]}, {Key: "need", Value: 1 + r.IntN(2)}}
			with = with.With("by", []any{by, by.Without("need"), edit.Map{{Key: "all", Value: []any{"@a"}}}, by}[r.IntN(4)])
			if r.IntN(2) == 0 {
				with = with.With("edit", []any{"s1.text", aText(r)}[:1+r.IntN(2)])
			}
			m = append(m, edit.Pair{Key: "with", Value: with})
			if r.IntN(2) == 0 {
				m = append(m, edit.Pair{Key: "covers", Value: [][]any{{}, {"s1"}, {"s1", "s2"}, {fmt.Sprintf("s%d", i+1)}}[r.IntN(4)]})
			}
		case 1:
			m = append(m, edit.Pair{Key: "wait", Value: edit.Map{{Key: "for", Value: "10m"}}})
		case 2:
			m = append(m, edit.Pair{Key: "set", Value: edit.Map{{Key: "first", Value: aValue(r, 3)}, {Key: aText(r), Value: 1}}})
		case 3:
			m = append(m, edit.Pair{Key: "stop", Value: []any{true, aText(r)}[r.IntN(2)]})
		default:
			m = append(m, edit.Pair{Key: "do", Value: "some.action"})
			if r.IntN(3) > 0 {
				m = append(m, edit.Pair{Key: "with", Value: aMap(r, 4)})
			}
		}
		if r.IntN(3) == 0 {
			m = append(m, edit.Pair{Key: "retry", Value: edit.Map{{Key: "max", Value: 5}}}, edit.Pair{Key: "on_error", Value: "ask"}, edit.Pair{Key: "when", Value: aText(r)})
		}
		ops = append(ops, edit.AddStep{After: last, Step: m})
		src, last = ended(src, ops), ""
		ops = nil
		if places, err := edit.Places(src); err == nil && len(places) > 0 {
			last = places[len(places)-1].ID
		}
	}
	return ended(src, ops)
}

func ended(src []byte, ops []edit.Op) []byte {
	out, err := edit.Apply(src, ops...)
	if err != nil {
		panic(fmt.Sprintf("%v\n%s\n%#v", err, src, ops))
	}
	return out
}

// The texts that the parser is tested with are edited too.
func TestTextsOfTheParser(t *testing.T) {
	for _, src := range append(slices.Clone(parserTexts(t)), commented) {
		if len(src) > flow.MaxSource {
			continue
		}
		if _, err := edit.Top([]byte(src)); err != nil {
			continue
		}
		for seed := range uint64(3) {
			op, want := anOp(t, rand.New(rand.NewPCG(seed, 5)), src)
			out, err := edit.Apply([]byte(src), op)
			if err != nil {
				if engine.CodeOf(err) == engine.Internal {
					t.Fatal(err)
				}
				continue
			}
			got, err := edit.Top(out)
			if err != nil || want != nil && !edit.Equal(got, want) {
				t.Fatalf("%v %#v\n%s\n---\n%s", err, op, src, out)
			}
		}
	}
}
