package webhook

import (
	"slices"
	"strings"

	"github.com/bretelle/bretelle/connectors"
	"github.com/bretelle/bretelle/engine"
)

// Received is the trigger's name.
const Received = "webhook.received"

// New is the connector.
func New() connectors.Connector {
	return connectors.Connector{
		Name:  "webhook",
		Title: "Webhook",
		Doc:   "Starts a flow when another service calls an address of this installation.",
		Triggers: []engine.TriggerKind{{
			Name:     Received,
			Title:    "A webhook is received",
			Doc:      "Starts a run for each delivery to /hooks/PATH that its sender has signed. Bodies are JSON or web forms, at most 1 MiB.",
			With:     withSchema(),
			Event:    eventSchema(),
			Identity: []string{"path"},
			Check:    check,
			Describe: describe,
			Keyed: func(with map[string]any) bool {
				s, err := ParseSender(with)
				return err != nil || s.Keyed() // a sender that cannot be read is Check's to report
			},
		}},
	}
}

func withSchema() *engine.Schema {
	return &engine.Schema{Type: "object", Fields: []engine.Field{
		{Name: "path", Schema: &engine.Schema{Type: "string", Required: true, Title: "Path",
			Doc: "The end of the address: github-bugs listens at /hooks/github-bugs. One path belongs to one flow."}},
		{Name: "sender", Schema: &engine.Schema{Title: "Sender", Required: true, Enum: Kinds(), Titles: kindTitles(),
			Doc: "Who calls, which decides how a delivery is proved."}}, // in a flow's text also a mapping with kind and its settings
		{Name: "secret", Schema: &engine.Schema{Type: "string", Format: engine.SecretFormat, Title: "Secret",
			Doc: "The name of the stored secret that deliveries are signed with."}},
		{Name: "header", Schema: &engine.Schema{Type: "string", Title: "Signature header", Example: "X-Signature", Only: chosen(HMAC, Token),
			Doc: "The header that carries the signature or the token. A token's is Authorization when nothing is written."}},
		{Name: "prefix", Schema: &engine.Schema{Type: "string", Title: "Before the signature", Example: "sha256=", Only: chosen(HMAC), Advanced: true,
			Doc: "What stands in the header before the signature."}},
		{Name: "encoding", Schema: &engine.Schema{Type: "string", Title: "Signature written as", Enum: []string{"hex", "base64"}, Default: "hex", Only: chosen(HMAC), Advanced: true,
			Doc: "How the signature is written."}},
		{Name: "id", Schema: &engine.Schema{Type: "string", Title: "Duplicate header", Example: "X-Request-Id", Only: chosen(HMAC, Token),
			Doc: "The header that names the delivery, so that one that comes twice starts one run."}},
	}}
}

func chosen(kinds ...Kind) *engine.Only {
	o := &engine.Only{Field: "sender"}
	for _, k := range kinds {
		o.Is = append(o.Is, string(k))
	}
	return o
}

// describe says where deliveries arrive and how they are proved.
func describe(with map[string]any) engine.Text {
	path, _ := with["path"].(string)
	s, err := ParseSender(with)
	i := slices.Index(Kinds(), string(s.Kind))
	switch {
	case path == "":
		return engine.Say("a webhook arrives")
	case i < 0 || err != nil && s.Kind == "":
		return engine.Say("a webhook arrives at /hooks/{path}", "path", path)
	case s.Kind == Unsigned:
		return engine.Say("a webhook arrives at /hooks/{path}, unsigned", "path", path)
	case s.Kind == HMAC || s.Kind == Token:
		return engine.Say("a webhook arrives at /hooks/{path}, signed", "path", path)
	}
	return engine.Say("a webhook arrives at /hooks/{path}, signed ({sender})", "path", path, "sender", kindTitles()[i])
}

func eventSchema() *engine.Schema {
	return &engine.Schema{Type: "object", Open: true, Fields: []engine.Field{
		{Name: "body", Schema: &engine.Schema{Doc: "What was sent, as a value."}},
		{Name: "headers", Schema: &engine.Schema{Type: "object", Open: true, Doc: "The request's headers, names in lower case."}},
		{Name: "query", Schema: &engine.Schema{Type: "object", Open: true, Doc: "What stood after the question mark."}},
		{Name: "method", Schema: &engine.Schema{Type: "string", Doc: "POST."}},
		{Name: "path", Schema: &engine.Schema{Type: "string", Doc: "The end of the address."}},
	}}
}

// ValidPath reports whether path can stand after /hooks/: letters, digits, dash, dot and underscore, in at most
// eight parts, none of which is "." or "..", 200 bytes in all.
func ValidPath(path string) bool {
	if len(path) > 200 || strings.Count(path, "/") > 7 {
		return false
	}
	for part := range strings.SplitSeq(path, "/") {
		if part == "" || part[0] == '.' || part[0] == '-' || strings.ContainsFunc(part, func(c rune) bool {
			return (c < 'a' || c > 'z') && (c < 'A' || c > 'Z') && (c < '0' || c > '9') && !strings.ContainsRune("_.-", c)
		}) {
			return false
		}
	}
	return true
}

// check finds what the schema cannot say.
func check(with map[string]any) map[string]*engine.Error {
	found := map[string]*engine.Error{}
	if path, ok := with["path"].(string); ok && !ValidPath(path) {
		found["path"] = engine.E(engine.Invalid, `"{path}" cannot be the end of an address`, "path", path).
			WithHint("Use letters, digits, dashes, dots and underscores, as in github-bugs.")
	}
	if _, there := with["sender"]; there {
		if _, err := ParseSender(with); err != nil {
			field, _ := err.Args["at"].(string)
			if field == "" {
				field = "sender"
			}
			found[field] = err
		}
	}
	return found
}
