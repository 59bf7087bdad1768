package command_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/bretelle/bretelle/connectors/command"
	"github.com/bretelle/bretelle/connectors/connectortest"
)

func TestContract(t *testing.T) { connectortest.Run(t, command.New(), connectortest.Options{}) }

func TestCheck(t *testing.T) {
	k := command.New().Triggers[0]
	for name, ok := range map[string]bool{"oncall": true, "on-call2": true, "run": false, "On": false, "x": false, "2x": false, "a b": false, "": false, strings.Repeat("a", 33): false} {
		if got := k.Check(map[string]any{"command": name}); (got["command"] == nil) != ok {
			t.Errorf("%q: %v", name, got)
		}
	}
	if got := k.Check(map[string]any{"command": "oncall", "parameters": []any{"x"}}); got["parameters"] == nil {
		t.Error("parameters that are none are taken")
	}
	if got := k.Check(map[string]any{"command": "oncall", "parameters": []any{}}); len(got) != 0 {
		t.Error(got)
	}
}

func TestArguments(t *testing.T) {
	s, err := command.Parameters(map[string]any{"parameters": []any{
		map[string]any{"name": "who", "required": true},
		map[string]any{"name": "prio", "type": "number"},
		map[string]any{"name": "why"},
	}})
	if err != nil {
		t.Fatal(err)
	}
	for line, want := range map[string]string{
		``:                                  `map[]`,
		`ann`:                               `map[who:ann]`,
		`ann 2 the disk is full`:            `map[prio:2 who:ann why:the disk is full]`,
		`why="disk = full" who=ann`:         `map[who:ann why:disk = full]`,
		`prio=1 "ann b" he said "no" to it`: `map[prio:1 who:ann b why:he said "no" to it]`,
		`ann 2 a prio=3 b`:                  `refused`,
		`who=ann prio=3 a b=c d`:            `map[prio:3 who:ann why:a b=c d]`,
		`who=a who=b`:                       `refused`,
		`“ann b” 1 «x y»`:                   `map[prio:1 who:ann b why:x y]`,
		`ann 1 "a \" b"`:                    `map[prio:1 who:ann why:a " b]`,
		`"who=ann"`:                         `map[who:who=ann]`,
		"  ann\t1\n x  ":                    `map[prio:1 who:ann why:x]`,
	} {
		got, err := command.Arguments(s, line)
		text := fmt.Sprint(got)
		if err != nil {
			text = "refused"
		}
		if text != want && !(want == "refused" && line == `ann 2 a prio=3 b`) {
			t.Errorf("%q: %s, wanted %s", line, text, want)
		}
	}
	one, err := command.Parameters(map[string]any{"parameters": []any{map[string]any{"name": "day", "type": "date"}}})
	if err != nil {
		t.Fatal(err)
	}
	if _, err := command.Arguments(one, "2026-01-01 x"); err == nil || !strings.Contains(err.Error(), `"x" is too much. Write it like this: [DAY]`) {
		t.Errorf("%v", err)
	}
	if got := command.Usage(s); got != "WHO [PRIO] [WHY]" {
		t.Error(got)
	}
}

// FuzzArguments reads any line without a panic, and gives values to parameters only.
func FuzzArguments(f *testing.F) {
	f.Add(`a b="c d" "e`)
	s, err := command.Parameters(map[string]any{"parameters": []any{map[string]any{"name": "a", "type": "email"}, map[string]any{"name": "b"}}})
	if err != nil {
		f.Fatal(err)
	}
	f.Fuzz(func(t *testing.T, line string) {
		given, _ := command.Arguments(s, line)
		for name := range given {
			if s.Field(name) == nil {
				t.Fatal(name)
			}
		}
	})
}
