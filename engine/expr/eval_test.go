package expr

import (
	"errors"
	"math"
	"reflect"
	"strings"
	"testing"
	"time"

	"github.com/bretelle/bretelle/engine"
)

// world is the data the tests speak of; its body is untyped.
const world = `{
 "event": {"id": "e1", "at": "2026-07-01T10:30:00Z", "headers": {"x-github-event": "issues"}, "body": {
   "action": "labeled", "n": 7, "half": 0.5, "big": 9223372036854775807, "huge": 18446744073709551616, "yes": true, "text": "Grüezi {{",
   "issue": {"title": "It broke", "labels": [{"name": "ui"}, {"name": "bug"}], "user": {"login": "ann"}},
   "list": [3, 1, 2], "words": ["b", "a"], "map": {"b": 1, "a": 2}, "null": null}},
 "steps": {"ticket": {"body": {"id": 12}}}
}`

func data(t testing.TB) map[string]any {
	t.Helper()
	v, err := engine.DecodeJSON([]byte(world))
	if err != nil {
		t.Fatal(err)
	}
	return v.(map[string]any)
}

func untyped() Env {
	return Env{Roots: map[string]*engine.Schema{"event": nil, "steps": nil, "vars": nil, "item": nil}}
}

// outcome compiles and evaluates, and gives the JSON of the result or the error with its position.
func outcome(t testing.TB, src string, env Env, in Input) string {
	t.Helper()
	x, err := Compile(src, env)
	if err != nil {
		return problem(t, err)
	}
	v, err := x.Eval(in)
	if err != nil {
		return problem(t, err)
	}
	b, err := engine.EncodeJSON(v)
	if err != nil {
		t.Fatalf("%s: %v", src, err)
	}
	if back, err := engine.DecodeJSON(b); err != nil || !reflect.DeepEqual(back, v) {
		t.Errorf("%s: %#v is read back as %#v, %v", src, v, back, err)
	}
	return string(b)
}

func problem(t testing.TB, err error) string {
	t.Helper()
	var se *SourceError
	if !errors.As(err, &se) {
		t.Fatalf("not a *SourceError: %v", err)
	}
	if se.Pos.Line < 1 || se.Pos.Col < 1 {
		t.Fatalf("no position: %v", err)
	}
	return engine.Problem{Severity: engine.SevError, Pos: se.Pos, Msg: se.Err.Msg, Args: se.Err.Args, Hint: se.Err.Hint}.String()
}

func TestEval(t *testing.T) {
	zone, err := time.LoadLocation("Europe/Zurich")
	if err != nil {
		t.Skip("no time zones here:", err)
	}
	in := Input{Roots: data(t), Zone: zone}
	for src, want := range map[string]string{
		// nil
		`event.body.none`:                           `null`,
		`event.body.none.deeper["x"].y`:             `null`,
		`event.body.null.x`:                         `null`,
		`event.body.text.x`:                         `null`,
		`event.body.list.x`:                         `null`,
		`event.body?.none?.x`:                       `null`,
		`vars.x`:                                    `null`,
		`any(event.body.pr.labels, .name == "bug")`: `false`,
		`all(event.body.none, false)`:               `true`,
		`none(event.body.none, true)`:               `true`,
		`one(event.body.none, true)`:                `false`,
		`filter(event.body.none, true)`:             `[]`,
		`map(event.body.none, #)`:                   `[]`,
		`count(event.body.none, true)`:              `0`,
		`count(event.body.none)`:                    `0`,
		`len(event.body.none)`:                      `0`,
		`sum(event.body.none)`:                      `0`,
		`sum(event.body.none, .x)`:                  `0`,
		`event.body.none < 1`:                       `false`,
		`event.body.none >= 1`:                      `false`,
		`1 <= event.body.none`:                      `false`,
		`nil > nil`:                                 `false`,
		`event.body.none contains "x"`:              `false`,
		`"x" contains event.body.none`:              `false`,
		`event.body.none startsWith "x"`:            `false`,
		`event.body.none endsWith "x"`:              `false`,
		`event.body.none matches "x"`:               `false`,
		`event.body.none not contains "x"`:          `true`,
		`"x" in event.body.none`:                    `false`,
		`event.body.none == nil`:                    `true`,
		`event.body.none != nil`:                    `false`,
		`event.body.none == false`:                  `false`,
		`event.body.none == ""`:                     `false`,
		`event.body.none && true`:                   `false`,
		`!event.body.none`:                          `true`,
		`event.body.none ? 1 : 2`:                   `2`,
		`event.body.none ?? "d"`:                    `"d"`,
		`event.body.none[1:2]`:                      `null`,
		`event.body.none + 1`:                       `1:17: error: there is no value to add: it is missing. Say what to take instead, as in (x ?? "")`,
		`"a" + event.body.none`:                     `1:5: error: there is no value to add: it is missing. Say what to take instead, as in (x ?? "")`,
		`event.body.none * 2`:                       `1:17: error: there is no value to calculate with: it is missing. Say what to take instead, as in (x ?? 0)`,
		`-event.body.none`:                          `1:1: error: there is no value to calculate with: it is missing. Say what to take instead, as in (x ?? 0)`,
		`lower(event.body.none)`:                    `1:18: error: lower needs text here, this is missing. Say what to take instead, as in (x ?? "")`,
		`"a" + (event.body.none ?? "")`:             `"a"`,
		// members
		`event.body.issue["user"].login`:           `"ann"`,
		`event.headers["x-github-event"]`:          `"issues"`,
		`event.body.list[0] + event.body.list[-1]`: `5`,
		`event.body.list[9]`:                       `null`,
		`event.body.list[1:]`:                      `[1,2]`,
		`event.body.text[0:3]`:                     `"Grü"`,
		`event.body.list[true]`:                    `1:17: error: a list's members are counted from 0; this is true or false`,
		`event.body.map["a"]`:                      `2`,
		// lists
		`any(event.body.issue.labels, .name == "bug")`:   `true`,
		`map(event.body.issue.labels, .name)`:            `["ui","bug"]`,
		`map(event.body.list, # * 10 + #index)`:          `[30,11,22]`,
		`filter([[1], [2, 3]], any(#, # > 1))`:           `[[2,3]]`,
		`event.body.list | sort("desc") | first()`:       `3`,
		`reduce(event.body.list, #acc + #)`:              `6`,
		`2 in event.body.list`:                           `true`,
		`"a" in event.body.map`:                          `true`,
		`event.body.words contains "a"`:                  `true`,
		`1..3`:                                           `[1,2,3]`,
		`sortBy(event.body.issue.labels, .name)[0].name`: `"bug"`,
		`keys(event.body.map)`:                           `["a","b"]`,
		`values(event.body.map)`:                         `[2,1]`,
		// equality is exact
		`1 == 1.0`:                               `true`,
		`"1" == 1`:                               `false`,
		`9007199254740993 == 9007199254740992.0`: `false`,
		`9007199254740993 > 9007199254740992.0`:  `true`,
		`[1, {a: 2}] == [1, {a: 2}]`:             `true`,
		`{a: 1} == {a: 1, b: 2}`:                 `false`,
		`1 < 2 < 3`:                              `true`,
		// numbers
		`event.body.big`:             `9223372036854775807`,
		`event.body.huge`:            `"18446744073709551616"`,
		`event.body.big - 1`:         `9223372036854775806`,
		`event.body.big + 1`:         `1:16: error: the result does not fit: whole numbers have at most 64 bits`,
		`-event.body.big - 2`:        `1:17: error: the result does not fit: whole numbers have at most 64 bits`,
		`event.body.big * 2`:         `1:16: error: the result does not fit: whole numbers have at most 64 bits`,
		`-(-event.body.big - 1)`:     `1:1: error: the result does not fit: whole numbers have at most 64 bits`,
		`(-event.body.big - 1) / -1`: `1:23: error: the result does not fit: whole numbers have at most 64 bits`,
		`(-event.body.big - 1) % -1`: `0`,
		`1 / 0`:                      `1:3: error: division by zero. Check for zero first`,
		`1 % 0`:                      `1:3: error: division by zero. Check for zero first`,
		`1.5 / 0`:                    `1:5: error: division by zero. Check for zero first`,
		`7 / 2`:                      `3.5`,
		`6 / 2`:                      `3`,
		`-7 % 3`:                     `-1`,
		`2 ** 62`:                    `4611686018427387904`,
		`2 ** 63`:                    `1:3: error: the result does not fit: whole numbers have at most 64 bits`,
		`(-2) ** 63`:                 `-9223372036854775808`,
		`2 ** -1`:                    `0.5`,
		`1e308 * 10`:                 `1:7: error: the result is not a number that can be written down`,
		`sum([event.body.big, 1])`:   `1:1: error: the result does not fit: whole numbers have at most 64 bits`,
		`99999999999999999999`:       `1:1: error: this number is too large. Write long numbers as text, in quotes`,
		// text and kinds
		`"a" + 1`:                            `1:5: error: text and a number cannot be added. Write string(…) to make text of a number`,
		`event.body.text + event.body.n`:     `1:17: error: text and a number cannot be added. Write string(…) to make text of a number`,
		`event.body.text < 1`:                `1:17: error: text and a number have no order. Write int(…), float(…) or string(…) to make them alike`,
		`event.body.text && true`:            `1:12: error: true or false is needed here, this is text. Compare it with something, as in x != ""`,
		`event.body.text matches "^Gr.e"`:    `true`,
		`event.body.text not matches "z$"`:   `true`,
		`"a" matches "("`:                    "1:13: error: this is no pattern: missing closing ): `(`. Patterns are RE2: no look-around, no back-references",
		`"a" matches "(a{100}){100}"`:        `1:13: error: this is no pattern: invalid repeat count: ` + "`{100}`" + `. Patterns are RE2: no look-around, no back-references`,
		`let n = event.body.n; n * n`:        `49`,
		`if event.body.yes { 1 } else { 2 }`: `1`,
		`event.body.none ?: "x"`:             `"x"`,
		`event.body.text ?: "x"`:             `"Grüezi {{"`,
		`"" ?: 1.5 * 2`:                      `3`,
		`{a: 1, "b c": [nil]}`:               `{"a":1,"b c":[null]}`,
		`{("a" + "b"): 1}`:                   `{"ab":1}`,
		// time, in the flow's zone
		`format(event.at, 'date')`:                     `"2026-07-01"`,
		`format(event.at, 'time')`:                     `"12:30"`,
		`format(event.at, 'datetime')`:                 `"2026-07-01 12:30"`,
		`format(1782901800000, '2.1.2006 15:04')`:      `"1.7.2026 12:30"`,
		`format(parseTime("2026-07-01 12:30"), 'iso')`: `"2026-07-01T10:30:00.000Z"`,
		`addTime("2026-03-28T12:00:00Z", "1d")`:        `"2026-03-29T11:00:00.000Z"`,
		`addTime(event.at, "-90m")`:                    `"2026-07-01T09:00:00.000Z"`,
		`addTime(event.at, "soon")`:                    `1:19: error: "soon" is no duration. Write it like 90s, 5m, 4h, 3d or 2w`,
		`addTime(event.at, "999999999h")`:              `1:19: error: "999999999h" is no duration. Write it like 90s, 5m, 4h, 3d or 2w`,
		`format("yesterday", 'date')`:                  `1:8: error: "yesterday" is no time. Write it like 2026-03-01T12:30:00Z or 2026-03-01`,
		`round(1.005, 2)`:                              `1.01`,
		`round(-2.5)`:                                  `-3`,
		`unique([1, 1.0, "1"])`:                        `[1,"1"]`,
		`string({b: 1, a: 0.5})`:                       `"{\"a\":0.5,\"b\":1}"`,
	} {
		if got := outcome(t, src, untyped(), in); got != want {
			t.Errorf("%s\n got  %s\n want %s", src, got, want)
		}
	}
}

// Values that callers hand in are taken as JSON where they have such a form, and refused where not.
func TestResultsAreJSON(t *testing.T) {
	type name string
	for _, c := range []struct {
		in   any
		want string
	}{
		{int64(5), `5`}, {uint64(math.MaxUint64), `"18446744073709551615"`}, {float32(0.5), `0.5`}, {name("x"), `"x"`},
		{[]string{"a"}, `["a"]`}, {map[string]int{"a": 1}, `{"a":1}`}, {[]any{int8(1), []byte(nil)}, `[1,null]`},
		{1e20, `"100000000000000000000"`}, {1e300, `1e+300`}, {math.Copysign(0, -1), `0`}, {"\xff", `"` + "\uFFFD" + `"`},
		{math.NaN(), "not a number"}, {math.Inf(1), "not a number"}, {func() {}, "not data"}, {map[any]any{1: 2}, "not data"},
		{struct{ A int }{1}, "not data"}, {engine.NewSecret("s3cr3t"), "not data"}, {[]any{make(chan int)}, "not data"},
	} {
		got := outcome(t, "vars.x", untyped(), Input{Roots: map[string]any{"vars": map[string]any{"x": c.in}}})
		if !strings.Contains(got, c.want) {
			t.Errorf("%#v: got %s, want %s", c.in, got, c.want)
		}
	}
}

// Evaluating never writes into the input.
func TestInputStays(t *testing.T) {
	roots := data(t)
	roots["vars"] = map[string]any{"l": []any{int64(1), 2.0}}
	for _, src := range []string{`sort(event.body.list)`, `reverse(event.body.list)`, `concat(event.body.list[0:1], [9])`, `merge(event.body.map, {z: 1})`, `vars.l`} {
		outcome(t, src, untyped(), Input{Roots: roots})
	}
	if l := roots["vars"].(map[string]any)["l"].([]any); l[0] != int64(1) || l[1] != 2.0 {
		t.Errorf("the input changed: %v", l)
	}
	delete(roots, "vars")
	a, _ := engine.EncodeJSON(roots)
	b, _ := engine.EncodeJSON(data(t))
	if string(a) != string(b) {
		t.Errorf("the input changed:\n%s\n%s", a, b)
	}
}
