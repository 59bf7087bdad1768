package expr

import (
	"runtime"
	"strings"
	"testing"
	"time"

	"github.com/bretelle/bretelle/engine"
)

func numbers(n int) []any {
	out := make([]any, n)
	for i := range out {
		out[i] = i
	}
	return out
}

func TestStepBound(t *testing.T) {
	for _, c := range []struct {
		size, steps int
		ok          bool
	}{{99_999, 99_999, true}, {100_000, 100_000, true}, {100_001, 100_000, false}} {
		x, err := Compile(`all(vars.l, # >= 0)`, untyped())
		if err != nil {
			t.Fatal(err)
		}
		in := Input{Roots: map[string]any{"vars": map[string]any{"l": numbers(c.size)}}}
		for range 3 { // the same count on every replay
			_, steps, err := x.run(in)
			if steps != c.steps || (err == nil) != c.ok {
				t.Errorf("%d elements: %d steps, %v", c.size, steps, err)
			}
			if err != nil && !strings.Contains(problem(t, err), "1:1: error: this takes more than 100000 steps") {
				t.Error(problem(t, err))
			}
		}
	}
	x, err := Compile(`all(vars.l, any(vars.l, any(vars.l, any(vars.l, # < 0))))`, untyped())
	if err != nil {
		t.Fatal(err)
	}
	in := Input{Roots: map[string]any{"vars": map[string]any{"l": numbers(1000)}}}
	_, first, err1 := x.run(in)
	_, second, err2 := x.run(in)
	if first != second || err1 == nil || err1.Error() != err2.Error() {
		t.Errorf("%d %v, then %d %v", first, err1, second, err2)
	}
}

// Each of these would take gigabytes or minutes without the bounds.
func TestBombs(t *testing.T) {
	doubled := "let a = [1, 1, 1, 1]; "
	for i := range 20 {
		prev, next := string(rune('a'+i)), string(rune('a'+i+1))
		doubled += "let " + next + " = [" + prev + "," + prev + "," + prev + "," + prev + "]; "
	}
	roots := map[string]any{"vars": map[string]any{
		"l": numbers(50_000), "big": strings.Repeat("a", 1<<20), "big2": strings.Repeat("a", 1<<20), "s": strings.Repeat("ab", 1000),
	}}
	for name, src := range map[string]string{
		"repeat":            `repeat("x", 9000000000)`,
		"repeat of repeat":  `repeat(repeat("x", 8000000), 2)`,
		"doubling":          `reduce(1..60, #acc + #acc, "x")`,
		"concat":            `reduce(1..60, concat(#acc, #acc), [1])`,
		"join":              `join(map(1..90000, vars.s), ",")`,
		"join by separator": `join(map(1..90000, "x"), vars.s)`,
		"replace":           `replace(vars.big, "", vars.s)`,
		"replace all":       `replace(vars.big, "a", vars.s)`,
		"range":             `1..9000000000`,
		"range ends":        `-9223372036854775807..9223372036854775807`,
		"loops":             `map(1..90000, map(1..90000, #))`,
		"shared lists":      doubled + "u",
		"shared lists read": doubled + "u == u",
		"shared as JSON":    doubled + "json(u)",
		"shared distinct":   doubled + "unique(u)",
		"tower":             `reduce(1..90000, [#acc], 1)`,
		"long equality":     `all(1..90000, vars.big == vars.big2)`,
		"long search":       `all(1..90000, not (vars.big contains "b"))`,
		"long pattern":      `all(1..90000, vars.big matches "^(a|aa)+$")`,
		"huge pattern":      `vars.big matches "((a{1,30}){1,30}){1,30}"`,
		"long hash":         `all(1..90000, sha256(vars.big) != "")`,
		"long sort":         `all(1..90000, sort(vars.l) != nil)`,
		"long keys":         `all(1..90000, len(split(vars.big, "a")) > 0)`,
		"long cut":          `all(1..90000, vars.big[0:1] != "")`,
		"long truncate":     `all(1..90000, truncate(vars.big, 3) != "")`,
		"long trim":         `all(1..90000, trim(vars.big, vars.s) == "")`,
		"long upper":        `all(1..90000, upper(vars.big) != "")`,
		"long len":          `all(1..90000, len(vars.big) > 0)`,
		"long order":        `all(1..90000, vars.big <= vars.big2)`,
		"long parse":        `all(1..90000, parseTime(vars.big) > 0)`,
	} {
		start := time.Now()
		x, err := Compile(src, untyped())
		if err == nil {
			_, err = x.Eval(Input{Roots: roots})
		}
		if err == nil {
			t.Errorf("%s: no error", name)
			continue
		}
		problem(t, err)
		if d := time.Since(start); d > 3*time.Second && !raced {
			t.Errorf("%s: %v until %v", name, d, err)
		}
	}
}

// A piece of a text costs what the piece is, not a copy of all of it.
func TestPiecesOfTextAreNoCopies(t *testing.T) {
	in := Input{Roots: map[string]any{"vars": map[string]any{"big": strings.Repeat("é", 1<<20)}}}
	for _, src := range []string{`truncate(vars.big, 3)`, `vars.big[1:3]`, `vars.big[-2:]`} {
		x, err := Compile(src, untyped())
		if err != nil {
			t.Fatal(err)
		}
		var before, after runtime.MemStats
		runtime.ReadMemStats(&before)
		v, err := x.Eval(in)
		runtime.ReadMemStats(&after)
		if s, _ := v.(string); err != nil || !strings.HasPrefix(s, "éé") || len(s) > 10 {
			t.Errorf("%s gives %q, %v", src, v, err)
		}
		if made := after.TotalAlloc - before.TotalAlloc; made > 100_000 && !raced {
			t.Errorf("%s makes %d bytes", src, made)
		}
	}
}

// What the library does beyond its Go API must not come back in: only our functions are callable.
func TestOnlyOurFunctions(t *testing.T) {
	for _, name := range []string{"now", "date", "duration", "timezone", "toJSON", "toBase64", "get", "take", "mean", "median", "bitand", "bitshl", "trimLeft", "hasPrefix", "lastIndexOf", "splitAfter"} {
		for _, src := range []string{name + "(1)", "::" + name + "(1)", "1 | " + name + "()"} {
			if _, err := Compile(src, untyped()); err == nil {
				t.Errorf("%s compiles", src)
			}
		}
	}
}

func TestSuggestionsFitArgs(t *testing.T) {
	_, err := Compile("evnt.x", untyped())
	e := engine.AsError(err)
	if e.Code != engine.Invalid || e.Args["suggestion"] != "event" || strings.Contains(e.Msg, "evnt") {
		t.Errorf("%#v", e)
	}
}
