package form

import (
	"github.com/bretelle/bretelle/connectors"
	"github.com/bretelle/bretelle/engine"
	"github.com/bretelle/bretelle/engine/flow"
)

// Submitted is the trigger's name.
const Submitted = "form.submitted"

// maxTitle bounds a form's title, in bytes.
const maxTitle = 200

// New is the connector.
func New() connectors.Connector {
	return connectors.Connector{
		Name:  "form",
		Title: "Form",
		Doc:   "Has people fill in a form in chat.",
		Triggers: []engine.TriggerKind{{
			Name:     Submitted,
			Title:    "Somebody fills in a form",
			Doc:      "Starts a run for each form that somebody sends. It is opened by a command or by a button that was posted, by whoever may start the flow.",
			With:     withSchema(),
			Event:    eventSchema(),
			Check:    check,
			Describe: describe,
		}},
	}
}

func withSchema() *engine.Schema {
	return &engine.Schema{Type: "object", Fields: []engine.Field{
		{Name: "title", Schema: &engine.Schema{Type: "string", Title: "Title", Example: "Contact request", Doc: "What stands above the form. Left out, it is the flow's title."}},
		{Name: "about", Schema: &engine.Schema{Type: "string", Format: "text", Title: "Text", Doc: "What the form is for, as it is said where its button is posted."}},
		{Name: "button", Schema: &engine.Schema{Type: "string", Title: "Button", Example: "Ask for help", Advanced: true, Doc: "What the posted button says. Left out, it is the title."}},
		{Name: "fields", Schema: &engine.Schema{Type: "array", Format: "json", Required: true, Title: "Fields", Items: fieldSchema(),
			Example: `[{"name": "email", "type": "email", "required": true}]`,
			Doc:     "What is asked for: a list of name, title, type, help, required, options, default and example."}},
	}}
}

// fieldSchema is one declared field; engine/flow checks it whole.
func fieldSchema() *engine.Schema {
	return &engine.Schema{Type: "object", Open: true, Doc: "One field."}
}

func eventSchema() *engine.Schema {
	return &engine.Schema{Type: "object", Fields: []engine.Field{
		{Name: "fields", Schema: &engine.Schema{Type: "object", Open: true, Doc: "What was filled in, by the names of the fields."}},
		{Name: "by", Schema: personSchema()},
		{Name: "place", Schema: &engine.Schema{Type: "string", Format: "place", Doc: "Where it was opened."}},
	}}
}

func personSchema() *engine.Schema {
	return &engine.Schema{Type: "object", Doc: "Who sent it.", Fields: []engine.Field{
		{Name: "id", Schema: &engine.Schema{Type: "string", Doc: "The person's id."}},
		{Name: "name", Schema: &engine.Schema{Type: "string", Doc: "The person's name."}},
	}}
}

func check(with map[string]any) map[string]*engine.Error {
	bad := map[string]*engine.Error{}
	if v, ok := with["fields"]; ok {
		if _, err := flow.FormSchema(v); err != nil {
			bad["fields"] = err
		}
	}
	for _, name := range []string{"title", "button"} {
		if t, ok := with[name].(string); ok && len(t) > maxTitle {
			bad[name] = engine.E(engine.TooLarge, "This is longer than {max} characters", "max", maxTitle)
		}
	}
	return bad
}

func describe(with map[string]any) engine.Text {
	if title, _ := with["title"].(string); title != "" {
		return engine.Say(`somebody fills in the form "{title}"`, "title", title)
	}
	return engine.Say("somebody fills in a form")
}
