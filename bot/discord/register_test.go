package discord

import (
	"encoding/json"
	"regexp"
	"strings"
	"testing"

	"github.com/bretelle/bretelle/bot"
)

var commandName = regexp.MustCompile(`^[-_'\p{Ll}\p{Lo}\p{N}]{1,32}$`)

// Our grammar is a registration that Discord takes: its own description, and the numbers that lacks.
func TestRegistration(t *testing.T) {
	cmds := Registration("flow", bot.Commands())
	c := compiler(t)
	schema := c("ApplicationCommandCreateRequest")
	seen := 0
	var check func(level int, x any)
	check = func(level int, x any) {
		m := x.(map[string]any)
		if name := m["name"].(string); !commandName.MatchString(name) {
			t.Errorf("name %q", name)
		}
		short(t, "description", m["description"].(string), 100)
		os, _ := m["options"].([]any)
		if len(os) > 25 {
			t.Errorf("%v has %d options", m["name"], len(os))
		}
		optional := false
		names := map[string]bool{}
		for _, o := range os {
			o := o.(map[string]any)
			if kind := o["type"].(float64); kind == 1 {
				seen++
			} else if kind == 3 {
				must, _ := o["required"].(bool)
				if must && optional {
					t.Errorf("%v: what must be there comes after what need not", m["name"])
				}
				optional = optional || !must
			}
			if names[o["name"].(string)] {
				t.Errorf("%v is there twice", o["name"])
			}
			names[o["name"].(string)] = true
			check(level+1, o)
		}
	}
	for _, cmd := range cmds {
		data, err := json.Marshal(cmd)
		if err != nil {
			t.Fatal(err)
		}
		var x any
		if err := json.Unmarshal(data, &x); err != nil {
			t.Fatal(err)
		}
		if err := schema.Validate(x); err != nil {
			t.Error(err)
		}
		check(0, x)
		if len(data) > 8000*4 {
			t.Errorf("%d bytes", len(data))
		}
		if !strings.Contains(string(data), `"autocomplete":true`) {
			t.Error("nothing completes")
		}
	}
	if seen != len(bot.Commands()) {
		t.Errorf("%d of %d commands are registered", seen, len(bot.Commands()))
	}
}
