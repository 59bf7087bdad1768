package watch

import (
	"net/url"
	"strings"

	"github.com/bretelle/bretelle/connectors"
	"github.com/bretelle/bretelle/engine"
	"github.com/bretelle/bretelle/engine/flow"
)

// Page is the trigger's name.
const Page = "watch.page"

// What of an answer is looked at.
const (
	LookText  = "text"  // the words of a page
	LookBytes = "bytes" // everything
	LookJSON  = "json"  // one value
)

// New is the connector.
func New() connectors.Connector {
	return connectors.Connector{
		Name:  "watch",
		Title: "Watch a page",
		Doc:   "Looks at web pages and notices changes.",
		Triggers: []engine.TriggerKind{{
			Name:  Page,
			Title: "A web page changes",
			Doc: "Starts a run when what stands at an address is no longer what stood there. How it is when the flow is published counts as known. " +
				"Changes that come and go between two looks are not seen.",
			With:     withSchema(),
			Event:    eventSchema(),
			Identity: []string{"url", "look", "value"},
			Check:    check,
			Describe: func(with map[string]any) engine.Text {
				text, _ := with["url"].(string)
				u, err := url.Parse(text)
				if err != nil || u.Host == "" {
					return engine.Say("A web page changes")
				}
				if path, _ := with["value"].(string); path != "" {
					return engine.Say("{path} changes at {host}", "path", path, "host", u.Host)
				}
				return engine.Say("something changes at {host}", "host", u.Host+u.Path)
			},
		}},
		Sources: map[string]connectors.Source{Page: source{}},
	}
}

func withSchema() *engine.Schema {
	return &engine.Schema{Type: "object", Fields: []engine.Field{
		{Name: "url", Schema: &engine.Schema{Type: "string", Format: "uri", Required: true, Title: "Address", Example: "https://example.org/status",
			Doc: "The address to look at."}},
		{Name: "look", Schema: &engine.Schema{Type: "string", Title: "Look at", Default: LookText, Enum: []string{LookText, LookJSON, LookBytes},
			Titles: []string{"the words of the page", "one value of its JSON", "everything"},
			Doc:    "What has to change: the words of the page, one value of JSON, or anything at all."}},
		{Name: "value", Schema: &engine.Schema{Type: "string", Title: "Value", Example: "releases[0].version", Only: &engine.Only{Field: "look", Is: []string{LookJSON}},
			Doc: "Which value of the JSON: names with dots between them, and numbers in brackets."}},
		{Name: "every", Schema: &engine.Schema{Type: "string", Format: "duration", Title: "Look every", Default: "15m",
			Doc: "How often to look, from 1m. Addresses that fail are looked at less often."}},
		{Name: "allow_private", Schema: &engine.Schema{Type: "boolean", Title: "Private network", Default: false, Advanced: true,
			Doc: "Whether the address may be inside a private network."}},
	}}
}

func eventSchema() *engine.Schema {
	return &engine.Schema{Type: "object", Fields: []engine.Field{
		{Name: "url", Schema: &engine.Schema{Type: "string", Doc: "The address."}},
		{Name: "before", Schema: &engine.Schema{Doc: "What stood there, up to 8 KiB of text; for JSON the value."}},
		{Name: "after", Schema: &engine.Schema{Doc: "What stands there now."}},
		{Name: "added", Schema: &engine.Schema{Type: "array", Items: &engine.Schema{Type: "string"}, Doc: "Lines that stand there now and did not before, at most 50."}},
		{Name: "removed", Schema: &engine.Schema{Type: "array", Items: &engine.Schema{Type: "string"}, Doc: "Lines that stood there and are gone, at most 50."}},
		{Name: "hash", Schema: &engine.Schema{Type: "string", Doc: "The SHA-256 of what was looked at."}},
	}}
}

func check(with map[string]any) map[string]*engine.Error {
	bad := map[string]*engine.Error{}
	text := func(f string) string { s, _ := with[f].(string); return strings.TrimSpace(s) }
	if a := text("url"); a != "" {
		if u, err := url.Parse(a); err != nil || u.Host == "" || u.Scheme != "http" && u.Scheme != "https" {
			bad["url"] = engine.E(engine.Invalid, `"{url}" is not a web address`, "url", a).WithHint("Write it whole: https://host/path.")
		}
	}
	if every := text("every"); every != "" {
		d, err := flow.Duration(every)
		switch {
		case err != nil:
			bad["every"] = engine.AsError(err)
		case d < connectors.LeastInterval || d > connectors.MostInterval:
			bad["every"] = engine.E(engine.Invalid, "It is looked at every minute at most, and once a month at least")
		}
	}
	switch path := text("value"); {
	case path == "":
	case text("look") != LookJSON:
		bad["value"] = engine.E(engine.Invalid, "Only JSON has values with paths").WithHint("Set look: json, or leave value out.")
	default:
		if _, ok := steps(path); !ok {
			bad["value"] = engine.E(engine.Invalid, `"{path}" is not a path to a value`, "path", path).WithHint("Write it like releases[0].version.")
		}
	}
	return bad
}
