package expr

import (
	"errors"
	"reflect"
	"testing"

	"github.com/bretelle/bretelle/engine"
)

func notOurs(err error) bool {
	var se *SourceError
	if !errors.As(err, &se) {
		return true
	}
	return se.Err.Err != nil // a cause is kept only where a panic was caught
}

func FuzzCompile(f *testing.F) {
	for _, src := range corpus() {
		f.Add(src)
	}
	f.Fuzz(func(t *testing.T, src string) {
		x, err := Compile(src, declared())
		y, err2 := Compile(src, declared())
		if (err == nil) != (err2 == nil) || err != nil && err.Error() != err2.Error() {
			t.Fatalf("%v, then %v", err, err2)
		}
		if err != nil {
			if notOurs(err) {
				t.Fatalf("%q: %v", src, err)
			}
			return
		}
		if x.Source() != src || !reflect.DeepEqual(x.Refs(), y.Refs()) {
			t.Fatalf("%q: %v, then %v", src, x.Refs(), y.Refs())
		}
	})
}

func FuzzEval(f *testing.F) {
	for _, src := range corpus() {
		f.Add(src, `{"a": [1, 2.5, "x", null, true, {"b": 12345678901234567890}]}`)
	}
	f.Fuzz(func(t *testing.T, src, body string) {
		in := Input{Roots: data(t)}
		if v, err := engine.DecodeJSON([]byte(body)); err == nil {
			in.Roots["vars"] = v
		}
		x, err := Compile(src, untyped())
		if err != nil {
			return
		}
		v, steps, err := x.run(in)
		w, again, err2 := x.run(in)
		if steps != again || (err == nil) != (err2 == nil) || err != nil && err.Error() != err2.Error() {
			t.Fatalf("%q: %d %v, then %d %v", src, steps, err, again, err2)
		}
		if why := x.Why(in); why != x.Why(in) {
			t.Fatalf("%q: Why differs", src)
		}
		if err != nil {
			if notOurs(err) {
				t.Fatalf("%q: %v: %v", src, err, errors.Unwrap(errors.Unwrap(err)))
			}
			return
		}
		a, err := engine.EncodeJSON(v)
		b, err2 := engine.EncodeJSON(w)
		if err != nil || err2 != nil || string(a) != string(b) {
			t.Fatalf("%q: %s %v, then %s %v", src, a, err, b, err2)
		}
		if back, err := engine.DecodeJSON(a); err != nil || !reflect.DeepEqual(back, v) {
			t.Fatalf("%q: %#v is read back as %#v, %v", src, v, back, err)
		}
	})
}

func FuzzSplit(f *testing.F) {
	for _, s := range []string{"", "a {{ b }} c", `{{ "}}" }}`, "{{ {a: {b: 1}} }}", "{{", "}}", "{{ ` }}", "é{{x}}{{y}}"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, text string) {
		segments, err := Split(text)
		if err != nil {
			if notOurs(err) {
				t.Fatal(err)
			}
			return
		}
		if joined(segments) != text {
			t.Fatalf("%q becomes %q", text, joined(segments))
		}
		for _, s := range segments {
			if text[s.Offset:s.Offset+len(s.Text)] != s.Text || !s.Expr && s.Text == "" {
				t.Fatalf("%q: segment %+v", text, s)
			}
		}
	})
}

const typicalCondition = `event.body.action == "opened" && any(event.body.issue.labels, .name == "bug")`
const typicalText = `"Issue " + event.body.issue.title + " by " + (event.body.issue.user.login ?? "nobody") + " on " + format(event.at, 'date')`

func BenchmarkCompile(b *testing.B) {
	for b.Loop() {
		if _, err := Compile(typicalCondition, declared()); err != nil {
			b.Fatal(err)
		}
	}
}

func benchmarkEval(b *testing.B, src string) {
	x, err := Compile(src, untyped())
	if err != nil {
		b.Fatal(err)
	}
	in := Input{Roots: data(b)}
	in.Roots["event"].(map[string]any)["body"].(map[string]any)["action"] = "opened"
	b.ReportAllocs()
	for b.Loop() {
		if _, err := x.Eval(in); err != nil {
			b.Fatal(err)
		}
	}
}

func BenchmarkEvalCondition(b *testing.B) { benchmarkEval(b, typicalCondition) }
func BenchmarkEvalText(b *testing.B)      { benchmarkEval(b, typicalText) }
