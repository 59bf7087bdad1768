package edit

import "github.com/bretelle/bretelle/engine"

// What steps that count and collect runs take, for completion.
var (
	perField       = engine.Field{Name: "per", Schema: &engine.Schema{Type: "string", Doc: "Apart for each of these; left out, all together."}}
	throttleSchema = &engine.Schema{Type: "object", Fields: []engine.Field{
		{Name: "rate", Schema: &engine.Schema{Type: "string", Required: true, Doc: "How many in which time: 10/m, 100/h."}}, perField,
	}}
	dedupeSchema = &engine.Schema{Type: "object", Fields: []engine.Field{
		{Name: "key", Schema: &engine.Schema{Type: "string", Required: true, Doc: "What tells one thing from another."}},
		{Name: "for", Schema: &engine.Schema{Type: "string", Required: true, Doc: "How long it is remembered: 1d."}},
		{Name: "then", Schema: &engine.Schema{Type: "string", Enum: []string{"stop", "skip"}, Doc: "Whether the later ones end, or go on."}},
	}}
	digestSchema = &engine.Schema{Type: "object", Fields: []engine.Field{
		{Name: "item", Schema: &engine.Schema{Required: true, Doc: "What each run adds."}},
		{Name: "at", Schema: &engine.Schema{Type: "string", Doc: "When it goes out: every weekday at 9:00."}},
		{Name: "for", Schema: &engine.Schema{Type: "string", Doc: "Or so long after the first: 1h."}},
		{Name: "most", Schema: &engine.Schema{Type: "integer", Doc: "Or when there are so many."}}, perField,
		{Name: "then", Schema: &engine.Schema{Type: "string", Enum: []string{"stop", "skip"}, Doc: "Whether runs that only added end, or go on."}},
	}}
)
