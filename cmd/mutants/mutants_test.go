package main

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"go/parser"
	"go/token"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

const everyOperator = `package p

func f(a, b int, s string) int {
	for i := 0; i < a; i++ {
		if a == b && i >= 2 {
			continue
		}
		a += b
		b &= a | 1
	}
	return -a * b
}

type t[K comparable] struct{}

func (x *t[K]) g(a, b int) bool { return a > b }

const c = 1 << 3
`

func TestEveryOperatorFindsItsPlaces(t *testing.T) {
	ms, err := mutantsOf("p", "p/p.go", []byte(everyOperator), operators())
	if err != nil {
		t.Fatal(err)
	}
	var got []string
	for _, m := range ms {
		got = append(got, strings.Join([]string{m.Function, m.Operator, m.From, m.To}, " "))
	}
	want := []string{
		"f conditionals-boundary < <=", "f conditionals-negation < >=", "f increment-decrement ++ --",
		"f conditionals-negation == !=", "f invert-logical && ||", "f conditionals-boundary >= >", "f conditionals-negation >= <",
		"f invert-loopctrl continue break", "f invert-assignments += -=", "f remove-self-assignments += =",
		"f invert-bwassign &= |=", "f remove-self-assignments &= =", "f invert-bitwise | &",
		"f invert-negatives - +", "f arithmetic-base * /",
		"(*t).g conditionals-boundary > >=", "(*t).g conditionals-negation > <=", " invert-bitwise << >>",
	}
	if !slices.Equal(got, want) {
		t.Errorf("found\n%s\nwant\n%s", strings.Join(got, "\n"), strings.Join(want, "\n"))
	}
	for _, m := range ms {
		text, err := m.apply([]byte(everyOperator))
		if err != nil {
			t.Fatal(err)
		}
		if _, err := parser.ParseFile(token.NewFileSet(), "p.go", text, 0); err != nil || string(text) == everyOperator {
			t.Errorf("%s: changed %v, error %v", m, string(text) != everyOperator, err)
		}
	}
	if _, err := ms[3].apply([]byte("package p")); err == nil {
		t.Error("a file that has changed is mutated all the same")
	}
}

// A change elsewhere leaves a mutant's id and its place among the others as they are.
func TestOrderOutlivesChanges(t *testing.T) {
	list := func(src string) []mutant {
		ms, err := mutantsOf("p", "p/p.go", []byte(src), operators())
		if err != nil {
			t.Fatal(err)
		}
		return ms
	}
	ids := func(ms []mutant, without map[string]bool) (out []string) {
		for _, m := range ms {
			if !without[m.ID] {
				out = append(out, m.ID)
			}
		}
		return out
	}
	before := list(everyOperator)
	after := list(strings.Replace(everyOperator, "type t", "func h(a int) bool { return a <= 7 }\n\ntype t", 1))
	added := map[string]bool{}
	for _, m := range after {
		if m.Function == "h" {
			added[m.ID] = true
		}
	}
	if len(added) != 2 || len(after) != len(before)+2 {
		t.Fatalf("%d added, %d after %d", len(added), len(after), len(before))
	}
	one := ids(drawn(before, 1), nil)
	if !slices.Equal(one, ids(drawn(after, 1), added)) {
		t.Error("what was drawn before is in another order")
	}
	if slices.Equal(one, ids(drawn(before, 2), nil)) || slices.Equal(one, ids(before, nil)) {
		t.Error("the seed changes nothing")
	}
	if twice := list("package p\nfunc f(a int) {\n_ = a < 1\n_ = a < 1\n}"); twice[0].ID == twice[2].ID {
		t.Error("two equal lines are one mutant")
	}
}

// small is a module with a package whose tests notice one thing, and a suite elsewhere that notices another.
func small(t *testing.T) string {
	t.Helper()
	dir := t.TempDir()
	for name, text := range map[string]string{
		"go.mod":                           "module example.com/small\n\ngo 1.24\n",
		"engine/fold/fold.go":              "package fold\n\nfunc Both(a, b bool) bool { return a && b }\n\nfunc Less(a, b int) bool { return a < b }\n\nfunc Join(a, b string) string { return a + b }\n",
		"engine/fold/fold_test.go":         "package fold\n\nimport \"testing\"\n\nfunc TestBoth(t *testing.T) {\n\tt.Run(\"of two\", func(t *testing.T) {\n\t\tif Both(true, false) {\n\t\t\tt.Error()\n\t\t}\n\t})\n}\n",
		"engine/enginetest/suite.go":       "package enginetest\n",
		"engine/enginetest/all_test.go":    "package enginetest\n\nimport (\n\t\"testing\"\n\n\t\"example.com/small/engine/fold\"\n)\n\nfunc TestMemory(t *testing.T) {\n\tif !fold.Less(1, 2) {\n\t\tt.Error()\n\t}\n}\n\nfunc TestOther(t *testing.T) { t.Error() }\n",
		"engine/enginetest/doc.go":         "package enginetest\n",
		"engine/fold/never_built_plan9.go": "package fold\n\nfunc other() bool { return 1 < 2 }\n",
	} {
		path := filepath.Join(dir, filepath.FromSlash(name))
		if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	return dir
}

func TestMeasures(t *testing.T) {
	dir, cache := small(t), os.Getenv("GOCACHE")
	if cache == "" {
		base, err := os.UserCacheDir()
		if err != nil {
			t.Skip("no folder for the compiler's cache here:", err)
		}
		cache = filepath.Join(base, "go-build")
	}
	results := filepath.Join(t.TempDir(), "results.jsonl")
	args := []string{"-tree", dir, "-packages", "engine/fold", "-results", results, "-cache", cache, "-json", "-j", "2"}
	var out, progress bytes.Buffer
	if code := run(context.Background(), args, &out, &progress); code != 1 {
		t.Fatalf("exit code %d with a survivor nobody knows\n%s", code, &progress)
	}
	var r report
	if err := json.Unmarshal(out.Bytes(), &r); err != nil {
		t.Fatal(err)
	}
	if r.Tried != 3 || r.Killed != 2 || r.NotBuilt != 1 || r.Unknown != 1 || len(r.Survivors) != 1 {
		t.Errorf("the report is %s\n%s", &out, &progress)
	}
	if s := r.Survivors[0].Mutant; !strings.Contains(s, "fold.go:5 conditionals-boundary: < becomes <=") {
		t.Errorf("%s survived", s)
	}
	known, err := readResults(results)
	if err != nil || len(known) != 4 {
		t.Fatalf("results: %v, %v", known, err)
	}
	by := map[string]bool{}
	for _, k := range known {
		by[k.By] = true
	}
	want := map[string]bool{"": true, "engine/fold TestBoth/of_two": true, "engine/enginetest TestMemory": true}
	if !maps.Equal(by, want) {
		t.Errorf("noticed by %v, want %v", by, want)
	}

	before := progress.Len()
	if code := run(context.Background(), args, &out, &progress); code != 1 || strings.Contains(progress.String()[before:], "killed  ") {
		t.Errorf("what is known is tried again: exit code %d\n%s", code, progress.String()[before:])
	}
	if text, err := os.ReadFile(filepath.Join(dir, "engine", "fold", "fold.go")); err != nil || !bytes.Contains(text, []byte("a < b")) {
		t.Errorf("the tree was touched: %s %v", text, err)
	}
}

// Mutants that do not compile make room for others, with several workers too; and what is known is passed over.
func TestHuntTriesAsManyAsAsked(t *testing.T) {
	order, known := []mutant{}, map[string]result{}
	for i := range 40 {
		order = append(order, mutant{ID: string(rune('A' + i))})
	}
	known["A"], known["B"] = result{ID: "A", Status: killed}, result{ID: "B", Status: survived}
	for _, workers := range []int{1, 3} {
		tried := map[string]bool{}
		h := &hunt{settings: settings{n: 10, workers: workers}, results: maps.Clone(known), progress: &bytes.Buffer{}}
		h.try = func(_ context.Context, m mutant) (result, error) {
			h.mu.Lock()
			defer h.mu.Unlock()
			tried[m.ID] = true
			res := result{ID: m.ID, Status: killed}
			if m.ID[0]%2 == 0 {
				res.Status = notBuilt
			}
			return res, nil
		}
		if err := h.all(context.Background(), order); err != nil {
			t.Fatal(err)
		}
		r := judge(order, h.results, nil, 10, 1)
		if tried["A"] || tried["B"] || r.Tried != 10 || r.Killed != 9 || r.Unknown != 1 {
			t.Errorf("%d workers tried %v: %+v", workers, tried, r)
		}
		h.again, h.next, h.counted = true, 0, 0
		clear(tried)
		if err := h.all(context.Background(), order); err != nil || !maps.Equal(tried, map[string]bool{"B": true}) {
			t.Errorf("again: %v, %v", tried, err)
		}
	}
	h := &hunt{settings: settings{n: 10, workers: 2}, results: map[string]result{}, progress: &bytes.Buffer{}}
	h.try = func(context.Context, mutant) (result, error) { return result{}, errors.New("no disk") }
	if err := h.all(context.Background(), order); err == nil || err.Error() != "no disk" {
		t.Errorf("error %v", err)
	}
}

func TestJudgement(t *testing.T) {
	order := []mutant{{ID: "a"}, {ID: "b"}, {ID: "c"}}
	results := map[string]result{"a": {Status: killed}, "b": {Status: survived}, "c": {Status: timedOut}}
	for _, c := range []struct {
		reasons map[string]string
		least   float64
		n       int
		want    string
	}{
		{map[string]string{"b": "equal"}, 60, 3, ""},
		{nil, 60, 3, "no reason"},
		{map[string]string{"b": "equal"}, 90, 3, "less than 90"},
		{map[string]string{"b": "equal"}, 60, 2, "50.0 % killed"},
	} {
		r := judge(order, results, c.reasons, c.n, 1)
		if got := r.fails(c.least); (got == "") != (c.want == "") || !strings.Contains(got, c.want) {
			t.Errorf("%+v: %q", c, got)
		}
		var text bytes.Buffer
		r.text(&text)
		if known := strings.Contains(text.String(), "NOT KNOWN"); known != (r.Unknown > 0) {
			t.Errorf("the text is\n%s", &text)
		}
	}
	if judge(order, nil, nil, 3, 1).fails(0) == "" {
		t.Error("nothing tried is good")
	}
}

func TestSurvivors(t *testing.T) {
	got, err := parseSurvivors("# head\n\n0123456789 a.go:1 x\n\tfirst\n\tsecond\nabcdef0123 b.go:2 y\n  why\n")
	if err != nil || got["0123456789"] != "first second" || got["abcdef0123"] != "why" || len(got) != 2 {
		t.Errorf("%v, %v", got, err)
	}
	for _, bad := range []string{
		"\twhy\n", "0123456789 x\n", "0123456789 x\nabcdef0123 y\n\twhy\n", "zzz x\n\twhy\n", "0123456789 x\n\ta\n0123456789 x\n\tb\n",
	} {
		if _, err := parseSurvivors(bad); err == nil {
			t.Errorf("%q is taken", bad)
		}
	}
	if _, err := parseSurvivors(survivors); err != nil {
		t.Error(err)
	}
}

func TestFailingTestIsFound(t *testing.T) {
	text := "--- FAIL: TestA (0.1s)\n    --- FAIL: TestA/b_(c) (0.1s)\n        x.go:1: no\n        --- FAIL: TestA/b_(c)/d\n--- FAIL: TestB\n"
	name := failing(text)
	if name != "TestA/b_(c)/d" || pattern(name) != `^TestA$/^b_\(c\)$/^d$` {
		t.Errorf("%s, %s", name, pattern(name))
	}
	if failing("fatal error: all goroutines are asleep - deadlock!") != "" {
		t.Error("a test is named where none is")
	}
}

func TestResultsOutliveACut(t *testing.T) {
	path := filepath.Join(t.TempDir(), "r.jsonl")
	for _, r := range []result{{ID: "a", Status: survived}, {ID: "b", Status: killed}, {ID: "a", Status: killed}} {
		if err := addResult(path, r); err != nil {
			t.Fatal(err)
		}
	}
	f, err := os.OpenFile(path, os.O_APPEND|os.O_WRONLY, 0)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := f.WriteString("\n{\"id\":\"c\",\"sta"); err != nil {
		t.Fatal(err)
	}
	if err := errors.Join(f.Close(), addResult(path, result{ID: "d", Status: killed})); err != nil {
		t.Fatal(err)
	}
	got, err := readResults(path)
	if err != nil || len(got) != 3 || got["a"].Status != killed || got["d"].Status != killed {
		t.Errorf("%v, %v", got, err)
	}
}

func TestCommandLine(t *testing.T) {
	for args, want := range map[string]string{
		"-n 0": "-n and -j", "extra": "no option", "-again": "needs -results", "-packages cmd/bretelle -tree ../..": "no tests are named", "-tree ..": "no Go module",
	} {
		var progress bytes.Buffer
		if code := run(context.Background(), strings.Fields(args), &bytes.Buffer{}, &progress); code == 0 || !strings.Contains(progress.String(), want) {
			t.Errorf("%s: code %d, %s", args, code, &progress)
		}
	}
}
