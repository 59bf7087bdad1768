package expr

import (
	"strings"
	"testing"
	"time"

	"github.com/bretelle/bretelle/engine"
)

// Every function's example gives its result: the list is documentation and test at once.
func TestFunctionExamples(t *testing.T) {
	for _, f := range Functions() {
		x, err := Compile(f.Example, Env{})
		if err != nil {
			t.Errorf("%s: %v", f.Name, err)
			continue
		}
		v, err := x.Eval(Input{})
		if err != nil {
			t.Errorf("%s: %v", f.Name, err)
			continue
		}
		b, err := engine.EncodeJSON(v)
		if err != nil || string(b) != f.Result {
			t.Errorf("%s: got %s, want %s", f.Name, b, f.Result)
		}
		if f.Doc == "" || f.Signature == "" {
			t.Errorf("%s has no words", f.Name)
		}
	}
}

// What the helpers make of odd input: the same on every machine, and an error where there is nothing sensible to give.
func TestHelpers(t *testing.T) {
	zone, err := time.LoadLocation("Europe/Zurich")
	if err != nil {
		t.Fatal(err)
	}
	for src, want := range map[string]string{
		// text
		`slug("  Ünïcode -- & Œuvre ß ")`:                                      `"uenicode-oeuvre-ss"`,
		`slug("日本")`:                                                           `""`,
		`titleCase("o'neil (the one)")`:                                        `"O'neil (The One)"`,
		`padLeft(7, 3, "0") + padRight("abcd", 2)`:                             `"007abcd"`,
		`padLeft("é", 3, "·")`:                                                 `"··é"`,
		`padLeft("x", 3, "ab")`:                                                `error: padLeft fills up with one character`,
		`before("a@b@c", "@") + "|" + after("a@b@c", "@")`:                     `"a|b@c"`,
		`before("abc", "x") + "|" + after("abc", "x")`:                         `"abc|"`,
		`plainText("<script>x</p></script>a<br>b < c <!-- no > -->&lt;d&gt;")`: `"a\nb < c <d>"`,
		`plainText("<ul><li>one</li><li>two</ul> 5 < 6 and a <b")`:             `"- one\n- two\n5 < 6 and a <b"`,
		`plainText("<style>p{}")`:                                              `""`,
		`formatNumber(-1234, 2)`:                                               `"-1,234.00"`,
		`formatNumber(999.995, 2, " ", ",")`:                                   `"1 000,00"`,
		`formatNumber(0.5)`:                                                    `"0.5"`,
		`words("")`:                                                            `[]`,
		// patterns
		`extract("no match", "[0-9]+")`:          `null`,
		`extract("abc", "b(x)?")`:                `""`,
		`extract("abc", "(")`:                    `error: this is no pattern: missing closing ): ` + "`(`",
		`extractAll("aXbXc", "x")`:               `[]`,
		`extractAll("", "a*")`:                   `[""]`,
		`replaceAll("aaa", "a", "$0$0")`:         `"aaaaaa"`,
		`replaceAll("a1b2", "[0-9]", "")`:        `"ab"`,
		`extractEmail("nobody at home")`:         `null`,
		`extractURL("(https://example.org/x).")`: `"https://example.org/x"`,
		`extractNumber("minus -3")`:              `-3`,
		`extractNumber(nil)`:                     `error: extractNumber needs text here, this is missing`,
		// times; the zone is Europe/Zurich
		`format("2026-07-01T22:30:00Z", "datetime")`:                                                     `"2026-07-02 00:30"`,
		`format("2026-07-01T22:30:00Z", "datetime", "America/New_York")`:                                 `"2026-07-01 18:30"`,
		`format("2026-07-01T22:30:00Z", "date", "Mars/Base")`:                                            `error: "Mars/Base" is not a time zone`,
		`format("2026-07-01T22:30:00Z", "date", "Local")`:                                                `error: "Local" is not a time zone`,
		`parseTime("Sun, 01 Mar 2026 12:30:00 +0100", "mail") == parseTime("2026-03-01T12:30:00+01:00")`: `true`,
		`parseTime("1 Mar 2026 11:30:00 GMT", "mail") == parseTime("2026-03-01T11:30:00Z")`:              `true`,
		`parseTime("yesterday", "mail")`:                                                                 `error: "yesterday" does not look like mail`,
		`startOf("2026-03-29T12:00:00+02:00", "day")`:                                                    `"2026-03-28T23:00:00.000Z"`,
		`endOf("2026-03-29", "day")`:                                                                     `"2026-03-29T21:59:59.999Z"`,
		`startOf("2026-03-29T03:30:00+02:00", "hour")`:                                                   `"2026-03-29T01:00:00.000Z"`,
		`startOf("2026-05-29", "quarter")`:                                                               `"2026-03-31T22:00:00.000Z"`,
		`startOf("2026-05-29", "decade")`:                                                                `error: "decade" is not possible here`,
		`diffTime("2026-03-28", "2026-03-30", "days")`:                                                   `2`,
		`diffTime("2026-03-30", "2026-03-28", "days")`:                                                   `-2`,
		`diffTime("2026-03-28T12:00", "2026-03-29T11:59", "day")`:                                        `0`,
		`diffTime("2026-03-28T12:00", "2026-03-29T12:00", "day")`:                                        `1`,
		`diffTime("2026-03-28T12:00", "2026-03-29T12:00", "hours")`:                                      `23`,
		`diffTime("2026-03-01", "2026-03-31", "weeks")`:                                                  `4`,
		`weekday("2026-03-02") * 10 + weekday("2026-03-08")`:                                             `17`,
		`datePart("2026-12-31T23:30:00Z", "year")`:                                                       `2027`,
		`datePart("2027-01-01", "week")`:                                                                 `53`,
		`addMonths("2024-02-29T12:00", 12)`:                                                              `"2025-02-28T11:00:00.000Z"`,
		`addMonths("2026-03-31", -1)`:                                                                    `"2026-02-27T23:00:00.000Z"`,
		`addMonths("2026-03-31", 99999)`:                                                                 `error: at most 12000 are possible here`,
		`addWorkdays("2026-03-07", 1)`:                                                                   `"2026-03-08T23:00:00.000Z"`,
		`addWorkdays("2026-03-09", -1)`:                                                                  `"2026-03-05T23:00:00.000Z"`,
		`inZone("2026-03-01T12:00:00", "UTC")`:                                                           `"2026-03-01T11:00:00.000Z"`,
		// data
		`pick(nil, ["a"])`:                                   `{}`,
		`omit({a: 1}, [])`:                                   `{"a":1}`,
		`has({a: 1}, "b") || has(nil, "a")`:                  `false`,
		`chunks([], 3)`:                                      `[]`,
		`chunks([1], 0)`:                                     `error: a list has at least one element here`,
		`fromCSV("a;b\n1;\"x;y\"\n2", ";")`:                  `[{"a":"1","b":"x;y"},{"a":"2","b":""}]`,
		`fromCSV("")`:                                        `[]`,
		`fromCSV("a\tb\tc\n1\t\t3", "\t")`:                   `[{"a":"1","b":"","c":"3"}]`,
		`csv([{b: nil, a: [1]}, {a: 2.5}], ["a", "b", "c"])`: `"a,b,c\n[1],,\n2.5,,\n"`,
		`csv(fromCSV("x,y\n1,2\n")) == "x,y\n1,2\n"`:         `true`,
	} {
		x, err := Compile(src, Env{})
		if err != nil {
			t.Errorf("%s: %v", src, err)
			continue
		}
		v, err := x.Eval(Input{Zone: zone})
		got := ""
		if err != nil {
			got = "error: " + engine.Fill(engine.AsError(err).Msg, engine.AsError(err).Args)
		} else if b, err := engine.EncodeJSON(v); err == nil {
			got = string(b)
		}
		if got != want {
			t.Errorf("%s\n got %s\nwant %s", src, got, want)
		}
	}
}

// Where clocks jump over midnight, a day begins when they have.
func TestDaysWithoutMidnight(t *testing.T) {
	zone, err := time.LoadLocation("America/Havana")
	if err != nil {
		t.Fatal(err)
	}
	for src, want := range map[string]any{
		`startOf("2026-03-08T12:00:00Z", "day")`:  "2026-03-08T05:00:00.000Z",
		`endOf("2026-03-07T12:00:00Z", "day")`:    "2026-03-08T04:59:59.999Z",
		`startOf("2026-03-11T12:00:00Z", "day")`:  "2026-03-11T04:00:00.000Z",
		`startOf("2026-03-08T12:00:00Z", "week")`: "2026-03-02T05:00:00.000Z",
	} {
		x, err := Compile(src, Env{})
		if err != nil {
			t.Fatal(err)
		}
		if got, err := x.Eval(Input{Zone: zone}); err != nil || got != want {
			t.Errorf("%s is %v (%v), wanted %v", src, got, err, want)
		}
	}
}

// What is not bounded in memory by its text alone is, and no text makes a helper read the rest of it again and again:
// this would take minutes.
func TestHelpersOnHostileText(t *testing.T) {
	if plainText(strings.Repeat("<1", 4<<20)+">") == "" {
		t.Error("nothing is left of text that has no tags")
	}
	x, err := Compile(`extractAll(vars.big, "`+strings.Repeat("()", 200)+`")`, untyped())
	if err != nil {
		t.Fatal(err)
	}
	if _, err := x.Eval(Input{Roots: map[string]any{"vars": map[string]any{"big": strings.Repeat("x", 20_000)}}}); err == nil {
		t.Error("groups are not paid for")
	}
}

// The helpers stay within the bounds of an evaluation.
func TestHelpersAreBounded(t *testing.T) {
	big := strings.Repeat("<a ", 1<<20)
	for _, src := range []string{
		`replaceAll(vars.big, "<", repeat("x", 100000))`, `extractAll(vars.big, "")`, `padLeft("x", 90000000)`, `words(vars.big)`,
		`escapeHTML(repeat(vars.big, 2))`, `len(map(1..20000, inZone("2026-03-01", "Asia/Tokyo")))`, `extract(vars.big, "((a{1,20}){1,20}){1,4}")`, `chunks(1..90000, 1) == map(1..90000, chunks(1..90000, 1))`,
	} {
		x, err := Compile(src, untyped())
		if err != nil {
			t.Errorf("%s: %v", src, err)
			continue
		}
		if _, err := x.Eval(Input{Roots: map[string]any{"vars": map[string]any{"big": big}}}); err == nil {
			t.Errorf("%s has no bound", src)
		}
	}
	x, err := Compile(`len(plainText(vars.big))`, untyped())
	if err != nil {
		t.Fatal(err)
	}
	if _, err := x.Eval(Input{Roots: map[string]any{"vars": map[string]any{"big": big}}}); err != nil {
		t.Error(err)
	}
}
