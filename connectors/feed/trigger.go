package feed

import (
	"net/url"
	"strings"

	"github.com/bretelle/bretelle/connectors"
	"github.com/bretelle/bretelle/engine"
	"github.com/bretelle/bretelle/engine/flow"
)

// Item is the trigger's name.
const Item = "feed.item"

// New is the connector.
func New() connectors.Connector {
	return connectors.Connector{
		Name:  "feed",
		Title: "Feed",
		Doc:   "Reads RSS, Atom and JSON feeds.",
		Triggers: []engine.TriggerKind{{
			Name:  Item,
			Title: "A feed has a new item",
			Doc: "Starts a run for each item that is new in a feed, oldest first. What stands there when the flow is published counts as known. " +
				"Should very many come at once, it asks first.",
			With:     withSchema(),
			Event:    eventSchema(),
			Identity: []string{"url", "updates"},
			Check:    check,
			Describe: func(with map[string]any) engine.Text {
				text, _ := with["url"].(string)
				if u, err := url.Parse(text); err == nil && u.Host != "" {
					return engine.Say("something new stands in the feed of {host}", "host", u.Host)
				}
				return engine.Say("A feed has a new item")
			},
		}},
		Sources: map[string]connectors.Source{Item: source{}},
	}
}

func withSchema() *engine.Schema {
	return &engine.Schema{Type: "object", Fields: []engine.Field{
		{Name: "url", Schema: &engine.Schema{Type: "string", Format: "uri", Required: true, Title: "Address", Example: "https://example.org/feed.xml",
			Doc: "The address of the feed itself, not of the page it belongs to."}},
		{Name: "every", Schema: &engine.Schema{Type: "string", Format: "duration", Title: "Look every", Default: "15m",
			Doc: "How often to look, from 1m. Failing feeds are looked at less often."}},
		{Name: "updates", Schema: &engine.Schema{Type: "boolean", Title: "Changed items too", Default: false, Advanced: true,
			Doc: "Whether an item counts as new again when its text changes."}},
		{Name: "most", Schema: &engine.Schema{Type: "integer", Title: "At most at once", Default: 25, Advanced: true,
			Doc: "When more items than this are new at once, nothing starts and people are asked."}},
		{Name: "allow_private", Schema: &engine.Schema{Type: "boolean", Title: "Private network", Default: false, Advanced: true,
			Doc: "Whether the address may be inside a private network."}},
	}}
}

func eventSchema() *engine.Schema {
	text := func(doc string) *engine.Schema { return &engine.Schema{Type: "string", Doc: doc} }
	return &engine.Schema{Type: "object", Fields: []engine.Field{
		{Name: "title", Schema: text("The item's title, without markup.")},
		{Name: "link", Schema: text("Where the item leads.")},
		{Name: "text", Schema: text("What the item says, without markup.")},
		{Name: "html", Schema: text("What the item says, as it came: markup from outside.")},
		{Name: "author", Schema: text("Who wrote it.")},
		{Name: "published", Schema: &engine.Schema{Type: "string", Format: "date-time", Doc: "When it was published, or nothing."}},
		{Name: "updated", Schema: &engine.Schema{Type: "string", Format: "date-time", Doc: "When it was changed, or nothing."}},
		{Name: "categories", Schema: &engine.Schema{Type: "array", Items: &engine.Schema{Type: "string"}, Doc: "Its categories or tags."}},
		{Name: "image", Schema: text("The address of its picture.")},
		{Name: "enclosure", Schema: text("The address of its first attachment, such as an episode.")},
		{Name: "guid", Schema: text("What the feed calls the item.")},
		{Name: "feed", Schema: &engine.Schema{Type: "object", Doc: "The feed it stands in.", Fields: []engine.Field{
			{Name: "title", Schema: text("The feed's title.")},
			{Name: "link", Schema: text("The page the feed belongs to.")},
			{Name: "url", Schema: text("The feed's address.")},
		}}},
	}}
}

func check(with map[string]any) map[string]*engine.Error {
	bad := map[string]*engine.Error{}
	if text, ok := with["url"].(string); ok && text != "" {
		if u, err := url.Parse(strings.TrimSpace(text)); err != nil || u.Host == "" || u.Scheme != "http" && u.Scheme != "https" {
			bad["url"] = engine.E(engine.Invalid, `"{url}" is not a web address`, "url", text).WithHint("Write it whole: https://host/path.")
		}
	}
	if text, ok := with["every"].(string); ok && text != "" {
		d, err := flow.Duration(text)
		switch {
		case err != nil:
			bad["every"] = engine.AsError(err)
		case d < connectors.LeastInterval || d > connectors.MostInterval:
			bad["every"] = engine.E(engine.Invalid, "It is looked at every minute at most, and once a month at least")
		}
	}
	if n, ok := with["most"].(int); ok && (n < 1 || n > 1000) {
		bad["most"] = engine.E(engine.Invalid, "This is from {least} to {most}", "least", 1, "most", 1000)
	}
	return bad
}
