package command

import (
	"slices"
	"strings"

	"github.com/bretelle/bretelle/connectors"
	"github.com/bretelle/bretelle/engine"
	"github.com/bretelle/bretelle/engine/flow"
)

// Used is the trigger's name.
const Used = "command.used"

// New is the connector.
func New() connectors.Connector {
	return connectors.Connector{
		Name:  "command",
		Title: "Command",
		Doc:   "Gives a flow a command of its own in chat.",
		Triggers: []engine.TriggerKind{{
			Name:     Used,
			Title:    "Somebody uses a command",
			Doc:      "Starts a run when somebody types the flow's own command, as in /oncall or /flow oncall. What they leave out that is required is asked for in a dialog.",
			With:     withSchema(),
			Event:    eventSchema(),
			Identity: []string{"command"},
			Check:    check,
			Describe: func(with map[string]any) engine.Text {
				if name, _ := with["command"].(string); name != "" {
					return engine.Say("somebody types /{command}", "command", name)
				}
				return engine.Say("Somebody uses a command")
			},
		}},
	}
}

func withSchema() *engine.Schema {
	return &engine.Schema{Type: "object", Fields: []engine.Field{
		{Name: "command", Schema: &engine.Schema{Type: "string", Required: true, Title: "Command", Example: "oncall",
			Doc: "The word after the slash: small letters, digits and dashes. One command belongs to one flow."}},
		{Name: "about", Schema: &engine.Schema{Type: "string", Title: "About", Example: "Who is on call", Doc: "What it does, for the help."}},
		{Name: "parameters", Schema: &engine.Schema{Type: "array", Format: "json", Title: "Parameters", Items: &engine.Schema{Type: "object", Open: true, Doc: "One parameter."},
			Example: `[{"name": "who", "required": true}]`,
			Doc:     "What may stand behind it, declared like the fields of a form, in the order they are typed."}},
	}}
}

func eventSchema() *engine.Schema {
	return &engine.Schema{Type: "object", Fields: []engine.Field{
		{Name: "parameters", Schema: &engine.Schema{Type: "object", Open: true, Doc: "What stood behind the command, by the names of the parameters."}},
		{Name: "by", Schema: &engine.Schema{Type: "object", Doc: "Who typed it.", Fields: []engine.Field{
			{Name: "id", Schema: &engine.Schema{Type: "string", Doc: "The person's id."}},
			{Name: "name", Schema: &engine.Schema{Type: "string", Doc: "The person's name."}},
		}}},
		{Name: "place", Schema: &engine.Schema{Type: "string", Format: "place", Doc: "Where it was typed."}},
		{Name: "text", Schema: &engine.Schema{Type: "string", Doc: "Everything behind the command, as typed."}},
	}}
}

// Reserved are words that the bot's own commands begin with, and those of the platforms that nobody expects to be ours.
func Reserved() []string {
	return []string{"home", "new", "edit", "show", "test", "publish", "pause", "resume", "run", "runs", "pending", "why", "undo", "help",
		"version", "account", "alert", "connector", "admin", "table", "template", "sample", "form", "discard", "export", "line", "flow",
		"me", "msg", "invite", "leave", "join", "nick", "shrug"}
}

// ValidName reports whether a word can be a command: small letters, digits and dashes, 2 to 32, a letter first
// (Discord takes 32).
func ValidName(name string) bool {
	return len(name) >= 2 && len(name) <= 32 && name[0] >= 'a' && name[0] <= 'z' && strings.Trim(name, "abcdefghijklmnopqrstuvwxyz0123456789-") == ""
}

func check(with map[string]any) map[string]*engine.Error {
	bad := map[string]*engine.Error{}
	if name, ok := with["command"].(string); ok {
		switch {
		case !ValidName(name):
			bad["command"] = engine.E(engine.Invalid, `"{command}" cannot be a command`, "command", name).
				WithHint("Use small letters, digits and dashes, beginning with a letter, as in oncall.")
		case slices.Contains(Reserved(), name):
			bad["command"] = engine.E(engine.Invalid, "/{command} means something already", "command", name).WithHint("Choose another word.")
		}
	}
	if v, ok := with["parameters"]; ok && !none(v) {
		if _, err := flow.FormSchema(v); err != nil {
			bad["parameters"] = err
		}
	}
	return bad
}

func none(v any) bool {
	list, ok := v.([]any)
	return v == nil || ok && len(list) == 0
}

// Parameters is what a command takes, as declared. The error is Invalid.
func Parameters(with map[string]any) (*engine.Schema, *engine.Error) {
	if none(with["parameters"]) {
		return &engine.Schema{Type: "object"}, nil
	}
	return flow.FormSchema(with["parameters"])
}
