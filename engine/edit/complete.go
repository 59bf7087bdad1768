package edit

import (
	"slices"
	"strings"

	"github.com/bretelle/bretelle/engine"
)

// Completion is a word that may stand at the end of a line.
type Completion struct {
	Value string // the whole last word, as it would be typed
	Help  engine.Text
}

// Complete lists the words that may stand at the end of an unfinished line, as ParseLine reads it: those that begin
// with its last word, or all when the line ends with a space. It is nil inside quotes, where anything goes.
func Complete(line string, c engine.Catalog) []Completion {
	words, err := cut(line)
	last := ""
	if err != nil {
		return nil
	}
	if n := len(words); n > 0 && !strings.HasSuffix(line, " ") {
		last = words[n-1].raw
		words = words[:n-1]
	}
	k := &completer{c: c, last: last}
	k.walk(words)
	k.offer()
	return k.out
}

type completer struct {
	c    engine.Catalog
	last string
	out  []Completion

	at     string // what stands here: "", "new", "name", "when", "trigger", "if", "condition", "then", "do", "ask", "free"
	schema *engine.Schema
	given  []string // keys written already in this part
}

// walk finds out what part of the line its end is in.
func (k *completer) walk(words []word) {
	for _, w := range words {
		switch {
		case w.key != nil:
			k.given = append(k.given, w.key[0].(string))
		case k.at == "" && (w.is("/flow") || w.is("flow")):
		case k.at == "" && w.is("new"):
			k.at = "new"
		case k.at == "" || k.at == "new":
			k.enter("name", nil)
		case w.is("when") && k.at == "name":
			k.enter("when", nil)
		case k.at == "when":
			kind, _ := k.c.Trigger(w.text)
			k.enter("trigger", nil)
			if kind != nil {
				k.schema = kind.With
			}
		case w.is("if"):
			k.enter("if", nil)
		case k.at == "if":
			k.enter("condition", nil)
		case w.is("then"):
			k.enter("then", nil)
		case w.is("ask"):
			k.enter("ask", askSchema)
		case k.at == "then" && strings.HasSuffix(w.text, ":"):
		case k.at == "then" && !w.quoted && w.key == nil && slices.Contains(lineKinds, w.text):
			k.enter("free", map[string]*engine.Schema{
				"wait": waitSchema, "call": callSchema, "emit": emitSchema, "throttle": throttleSchema, "dedupe": dedupeSchema, "digest": digestSchema,
			}[w.text])
		case k.at == "then":
			action, _ := k.c.Action(w.text)
			k.enter("do", nil)
			if action != nil {
				k.schema = action.In
			}
		}
	}
}

func (k *completer) enter(at string, s *engine.Schema) { k.at, k.schema, k.given = at, s, nil }

// What a question and a wait take, for completion.
var (
	askSchema = &engine.Schema{Type: "object", Fields: []engine.Field{
		{Name: "by", Schema: &engine.Schema{Type: "array", Doc: "Who may decide: @group, or several with commas."}},
		{Name: "need", Schema: &engine.Schema{Type: "integer", Doc: "How many have to agree."}},
		{Name: "covers", Schema: &engine.Schema{Type: "array", Doc: "The steps that wait for it; left out, the next one. none asks without holding anything."}},
		{Name: "edit", Schema: &engine.Schema{Type: "array", Doc: "What may be changed before approving: step.field."}},
		{Name: "options", Schema: &engine.Schema{Type: "array", Doc: "Makes it a choice: a list of answers."}},
	}}
	waitSchema = &engine.Schema{Type: "object", Fields: []engine.Field{
		{Name: "for", Schema: &engine.Schema{Type: "string", Doc: "How long: 90s, 10m, 4h, 3d."}},
		{Name: "until", Schema: &engine.Schema{Type: "string", Doc: "Until when: 2026-03-01T09:00:00+01:00."}},
	}}
	callSchema = &engine.Schema{Type: "object", Fields: []engine.Field{
		{Name: "flow", Schema: &engine.Schema{Type: "string", Required: true, Doc: "Which flow to call."}},
		{Name: "with", Schema: &engine.Schema{Type: "object", Open: true, Doc: "What it is given, with.name=value."}},
		{Name: "version", Schema: &engine.Schema{Type: "integer", Doc: "A version of it; left out, the published one."}},
		{Name: "wait", Schema: &engine.Schema{Type: "boolean", Doc: "Whether to wait for its end."}},
	}}
	emitSchema = &engine.Schema{Type: "object", Fields: []engine.Field{
		{Name: "event", Schema: &engine.Schema{Type: "string", Required: true, Doc: "The name of the event."}},
		{Name: "key", Schema: &engine.Schema{Type: "string", Doc: "What tells one from its repetition, and whom it concerns."}},
		{Name: "data", Schema: &engine.Schema{Type: "object", Open: true, Doc: "What goes with it, data.name=value."}},
	}}
)

func (k *completer) add(value string, help engine.Text) {
	if strings.HasPrefix(strings.ToLower(value), strings.ToLower(k.last)) && value != k.last {
		k.out = append(k.out, Completion{value, help})
	}
}

func (k *completer) offer() {
	switch k.at {
	case "":
		k.add("new", engine.Say("begins a new flow"))
	case "name":
		if !k.values(headSchema) {
			k.add("when", engine.Say("what starts it"))
			k.fields(headSchema)
		}
	case "when":
		for _, name := range k.c.TriggerNames() {
			if t, ok := k.c.Trigger(name); ok {
				k.add(name, engine.Text{Msg: t.Title})
			}
		}
	case "then":
		for _, name := range k.c.Names() {
			if a, ok := k.c.Action(name); ok {
				k.add(name, engine.Text{Msg: a.Title})
			}
		}
		k.add("wait", engine.Say("a pause"))
		k.add("call", engine.Say("runs another flow"))
		k.add("emit", engine.Say("tells other flows"))
		k.add("throttle", engine.Say("lets so many runs on in a time"))
		k.add("dedupe", engine.Say("lets only the first of each on"))
		k.add("digest", engine.Say("collects, and goes on with all of it together"))
		k.add("set", engine.Say("keeps values for later steps"))
		k.add("stop", engine.Say("ends the run"))
	case "trigger", "condition", "do", "ask", "free":
		if k.values(k.schema) {
			return
		}
		k.fields(k.schema)
		if k.at == "trigger" {
			k.add("@key=", engine.Say("what tells a repeated event from a new one"))
			k.add("if", engine.Say("a condition between quotes"))
		}
		if k.at == "do" || k.at == "ask" || k.at == "free" {
			k.settings()
		}
		k.add("ask", engine.Say("asks people before it goes on"))
		k.add("then", engine.Say("the next step"))
	}
}

var headSchema = &engine.Schema{Type: "object", Fields: []engine.Field{
	{Name: "title", Schema: &engine.Schema{Type: "string", Doc: "What the flow is for."}},
	{Name: "channel", Schema: &engine.Schema{Type: "string", Doc: "Where it asks and tells: #channel."}},
	{Name: "notify", Schema: &engine.Schema{Type: "object", Doc: "Where approvals, alerts and results go besides: lists of places."}},
	{Name: "timezone", Schema: &engine.Schema{Type: "string", Doc: "Its time zone, like Europe/Zurich."}},
}}

// fields offers the names that are not written yet, required ones first.
func (k *completer) fields(s *engine.Schema) {
	if s == nil {
		return
	}
	for _, required := range []bool{true, false} {
		for _, f := range s.Fields {
			if f.Schema == nil || f.Required != required || slices.Contains(k.given, f.Name) {
				continue
			}
			help := f.Doc
			if help == "" {
				help = f.Title
			}
			k.add(f.Name+"=", engine.Text{Msg: help})
		}
	}
}

// values offers what may stand behind name=; it reports whether the last word is beyond its =.
func (k *completer) values(s *engine.Schema) bool {
	key, _, ok := strings.Cut(k.last, "=")
	if !ok {
		return false
	}
	if strings.HasPrefix(key, "@") {
		if key == "@on_error" {
			for _, v := range []string{"retry", "continue", "stop", "ask"} {
				k.add(key+"="+v, engine.Text{})
			}
		}
		return true
	}
	for _, part := range strings.Split(key, ".") {
		s = s.Field(part)
	}
	if s == nil {
		return true
	}
	for i, v := range s.Enum {
		help := ""
		if i < len(s.Titles) {
			help = s.Titles[i]
		}
		k.add(key+"="+lineValue(v), engine.Text{Msg: help})
	}
	if s.Type == "boolean" {
		k.add(key+"=true", engine.Text{})
		k.add(key+"=false", engine.Text{})
	}
	return true
}

// settings offers what any step may carry, once its name has been begun with @.
func (k *completer) settings() {
	if !strings.HasPrefix(k.last, "@") {
		return
	}
	if k.at == "do" {
		k.add("@account=", engine.Say("the account to use"))
		k.add("@retry.max=", engine.Say("how often to try"))
		k.add("@timeout=", engine.Say("how long one try may take"))
	}
	if k.at == "ask" {
		k.add("@remind=", engine.Say("when to remind"))
		k.add("@expire.after=", engine.Say("how long to wait for an answer"))
	}
	k.add("@on_error=", engine.Say("what to do when it fails"))
	k.add("@when=", engine.Say("only if this holds"))
}
