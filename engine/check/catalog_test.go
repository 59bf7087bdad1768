package check_test

import (
	"slices"
	"strings"

	"github.com/bretelle/bretelle/engine"
	"github.com/bretelle/bretelle/engine/flow"
)

// catalog is a fake with plausible schemas: the services of DESIGN's example flow, and what the spine has.
type catalog struct {
	actions  map[string]*engine.Action
	triggers map[string]*engine.TriggerKind
}

func (c catalog) Action(name string) (*engine.Action, bool) { a, ok := c.actions[name]; return a, ok }
func (c catalog) Trigger(name string) (*engine.TriggerKind, bool) {
	t, ok := c.triggers[name]
	return t, ok
}
func (c catalog) Names() []string        { return names(c.actions) }
func (c catalog) TriggerNames() []string { return names(c.triggers) }

func names[V any](m map[string]V) []string {
	var out []string
	for k := range m {
		out = append(out, k)
	}
	slices.Sort(out)
	return out
}

func obj(open bool, fields ...engine.Field) *engine.Schema {
	return &engine.Schema{Type: "object", Open: open, Fields: fields}
}

func opt(name, kind, format string) engine.Field {
	return engine.Field{Name: name, Schema: &engine.Schema{Type: kind, Format: format}}
}

func req(name, kind, format string) engine.Field {
	return engine.Field{Name: name, Schema: &engine.Schema{Type: kind, Format: format, Required: true}}
}

func newCatalog() catalog {
	c := catalog{map[string]*engine.Action{}, map[string]*engine.TriggerKind{}}
	method := req("method", "string", "")
	method.Enum = []string{"GET", "POST", "PUT", "PATCH", "DELETE"}
	auth := req("url", "string", "uri")
	auth.Doc = "Where to send it."
	for _, a := range []*engine.Action{
		{Name: "http.request", Risk: engine.Destroy,
			In: obj(false, method, auth, opt("query", "object", ""), engine.Field{Name: "headers", Schema: &engine.Schema{Type: "object", Open: true, Items: &engine.Schema{Type: "string"}}},
				engine.Field{Name: "json", Schema: &engine.Schema{}}, opt("timeout", "string", "duration"), opt("account", "string", ""), opt("allow_private", "boolean", "")),
			Out: obj(false, opt("status", "integer", ""), opt("headers", "object", ""), engine.Field{Name: "body", Schema: &engine.Schema{}}),
			Traits: func(in map[string]any) engine.Traits {
				switch in["method"] {
				case "GET":
					return engine.Traits{Risk: engine.Read, Repeat: true}
				case "POST", "PUT", "PATCH":
					return engine.Traits{Risk: engine.Write}
				}
				return engine.Traits{Risk: engine.Destroy}
			}},
		{Name: "linkedin.message.send", Risk: engine.Send, Account: "linkedin", In: obj(false, req("to", "string", ""), req("text", "string", "text")), Out: obj(false, opt("id", "string", ""))},
		{Name: "google_contacts.person.find_or_create", Risk: engine.Write,
			In: obj(false, req("name", "string", ""), opt("email", "string", "email"), opt("note", "string", "text")), Out: obj(false, opt("resource", "string", ""), opt("created", "boolean", ""))},
		{Name: "mailchimp.member.subscribe", Risk: engine.Send, In: obj(false, req("audience", "string", ""), req("email", "string", "email"), opt("double_opt_in", "boolean", "")), Out: obj(false, opt("id", "string", ""))},
		{Name: "chat.message.post", Risk: engine.Write, In: obj(false, opt("place", "string", "place"), opt("to", "string", "person-or-group"), req("text", "string", "text")), Out: obj(false, opt("ref", "string", ""))},
		{Name: "vault.file.sign", Risk: engine.Write, In: obj(false, req("key", "string", engine.SecretFormat), opt("at", "string", "date-time"), opt("count", "integer", ""), opt("ratio", "number", ""), opt("tags", "array", ""), opt("loose", "", "")), Out: nil},
		{Name: "disk.file.delete", Risk: engine.Destroy, In: obj(false, req("path", "string", "")), Out: obj(false)},
	} {
		c.actions[a.Name] = a
	}
	c.actions["vault.file.sign"].In.Field("tags").Items = &engine.Schema{Type: "string"}
	c.triggers[flow.Called] = &engine.TriggerKind{Name: flow.Called, Title: "Called", With: &engine.Schema{Type: "object", Open: true},
		Event: &engine.Schema{Type: "object", Fields: []engine.Field{{Name: "input", Schema: &engine.Schema{Type: "object", Open: true}}}}}
	c.triggers["webhook.received"] = &engine.TriggerKind{Name: "webhook.received", Identity: []string{"path"},
		With: obj(false, req("path", "string", ""), engine.Field{Name: "sender", Schema: &engine.Schema{}}, opt("secret", "string", engine.SecretFormat)),
		Event: obj(false, engine.Field{Name: "body", Schema: &engine.Schema{}}, engine.Field{Name: "headers", Schema: &engine.Schema{Type: "object", Open: true, Items: &engine.Schema{Type: "string"}}},
			opt("query", "object", ""), opt("method", "string", ""), opt("path", "string", "")),
		Keyed: func(with map[string]any) bool {
			m, _ := with["sender"].(map[string]any)
			return with["sender"] == "github" || m["delivery"] != nil
		},
		Check: func(with map[string]any) map[string]*engine.Error {
			if path, _ := with["path"].(string); strings.Contains(path, " ") {
				return map[string]*engine.Error{"path": engine.E(engine.Invalid, `"{path}" cannot be the end of an address`, "path", path)}
			}
			kind, _ := with["sender"].(string)
			if m, ok := with["sender"].(map[string]any); ok {
				kind, _ = m["kind"].(string)
				if kind == "" {
					return map[string]*engine.Error{"sender.kind": engine.E(engine.Invalid, "the sender has no kind")}
				}
			}
			if strings.HasPrefix(kind, "gitub") {
				return map[string]*engine.Error{"sender": engine.E(engine.Invalid, `no sender is called "{name}"`, "name", kind).WithHint(`Did you mean "github"?`)}
			}
			return nil
		}}
	c.triggers["schedule.ticked"] = &engine.TriggerKind{Name: "schedule.ticked", With: obj(false, req("every", "string", "duration"))}
	return c
}
