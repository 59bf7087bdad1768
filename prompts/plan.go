package prompts

import (
	"bytes"
	"encoding/json"
	"net/url"
	"regexp"
	"sort"
	"strings"

	"github.com/bretelle/bretelle/engine"
)

// plan adds what an approval is about: From, Will, the details, Then, and the plan's hash with its expiry.
func (c Ctx) plan(b *builder, run engine.RunView, ask engine.AskView) {
	facts := Facts{}
	if from := c.from(run); len(from) > 0 {
		facts.Facts = append(facts.Facts, Fact{Label: c.t("From"), Value: from})
	}
	last := 0
	if ask.Plan != nil {
		for _, p := range ask.Plan.Steps {
			line, detail := c.willDo(run, p)
			facts.Facts = append(facts.Facts, Fact{Label: c.t("Will"), Value: line, Risky: p.Risk.Least(engine.Read) > engine.Read})
			if detail != "" {
				b.block(facts).block(Pre{Text: detail, Lang: "json"})
				facts = Facts{}
			}
			if s := stepOf(run, p.ID); s != nil {
				last = max(last, s.Index)
			}
		}
	}
	if then := c.afterwards(run, last); len(then) > 0 && last > 0 {
		facts.Facts = append(facts.Facts, Fact{Label: c.t("Then"), Value: then})
	}
	if len(facts.Facts) > 0 {
		b.block(facts)
	}
	var end []Line
	if p := ask.Plan.Short(); p != "" {
		end = append(end, c.line("Plan {hash}", "hash", p))
	}
	if ask.Expires > 0 {
		end = append(end, join(", ", c.line("expires {time}", "time", c.dayClock(ask.Expires)), c.then(ask.Then, false)))
	}
	b.note(join(" · ", end...))
}

// then says what happens, or happened, when nobody decides.
func (c Ctx) then(what string, past bool) Line {
	switch {
	case what == "deny" && past:
		return c.line("So it counts as denied.")
	case what == "deny":
		return c.line("then counts as denied")
	case what == "approve" && past:
		return c.line("So it counts as approved.")
	case what == "approve":
		return c.line("then counts as approved")
	case past:
		return c.line("So the run stopped.")
	}
	return c.line("then stops")
}

// willDo is one covered step: what it does in a line, and the part worth showing below. Everything that is sent
// stands in one of the two, so that what is seen is what runs.
func (c Ctx) willDo(run engine.RunView, p engine.PlanStep) (Line, string) {
	line, rest := p.Line, p.Detail
	if line == "" {
		line, rest = p.Action, p.Input
	}
	l := text(line)
	if p.Account != "" {
		l = join(" · ", l, c.line("as {account}", "account", p.Account))
	}
	return l, c.detail(rest)
}

// detail is the rest of what is sent, as text below its line; "" when there is nothing.
func (c Ctx) detail(rest any) string {
	switch v := rest.(type) {
	case nil:
		return ""
	case string:
		return v
	case map[string]any:
		if len(v) == 0 {
			return ""
		}
	}
	return jsonText(c.known(rest))
}

// known replaces the parts that are not known yet, and secrets, by words.
func (c Ctx) known(v any) any {
	switch v := v.(type) {
	case map[string]any:
		if from, ok := v["$from"].(string); ok && len(v) == 1 {
			return c.t("‹later: {expression}›", "expression", from)
		}
		if name, ok := v["$secret"].(string); ok {
			return c.t("‹secret {name}›", "name", name)
		}
		out := make(map[string]any, len(v))
		for k, x := range v {
			out[k] = c.known(x)
		}
		return out
	case []any:
		out := make([]any, len(v))
		for i, x := range v {
			out[i] = c.known(x)
		}
		return out
	}
	return v
}

// jsonText is v as people read JSON: on one line with spaces when that is short, else indented. Text is itself.
func jsonText(v any) string {
	if s, ok := v.(string); ok {
		return s
	}
	var b strings.Builder
	spaced(&b, v)
	if b.Len() <= 100 {
		return b.String()
	}
	var w bytes.Buffer
	e := json.NewEncoder(&w)
	e.SetEscapeHTML(false)
	e.SetIndent("", "  ")
	if e.Encode(v) != nil {
		return b.String()
	}
	return strings.TrimSuffix(w.String(), "\n")
}

func spaced(b *strings.Builder, v any) {
	switch v := v.(type) {
	case map[string]any:
		keys := make([]string, 0, len(v))
		for k := range v {
			keys = append(keys, k)
		}
		sort.Strings(keys)
		b.WriteByte('{')
		for i, k := range keys {
			if i > 0 {
				b.WriteString(", ")
			}
			spaced(b, k)
			b.WriteString(": ")
			spaced(b, v[k])
		}
		b.WriteByte('}')
	case []any:
		b.WriteByte('[')
		for i, x := range v {
			if i > 0 {
				b.WriteString(", ")
			}
			spaced(b, x)
		}
		b.WriteByte(']')
	default:
		if t, err := engine.EncodeJSON(v); err == nil {
			b.Write(t)
		}
	}
}

var issueAddress = regexp.MustCompile(`^https?://([^/\s]+/[^/\s]+/[^/\s]+)/(?:issues|pull|-/issues)/(\d+)$`)

// from says in a line what started the run: the thing itself where the event names one, else how it came.
func (c Ctx) from(run engine.RunView) Line {
	e := run.Event
	at := run.Started
	if e != nil && e.At > 0 {
		at = e.At
	}
	if at == 0 {
		return nil
	}
	when := c.soon(at)
	if run.By != "" {
		return c.line("started by {who}, {time}", "who", c.who(run.By), "time", when)
	}
	if e != nil {
		if address, by := thing(e.Data); address != "" {
			name := strings.TrimPrefix(strings.TrimPrefix(address, "https://"), "http://")
			if m := issueAddress.FindStringSubmatch(address); m != nil {
				name = m[1] + " #" + m[2]
			}
			if by != "" {
				return c.line("{thing}, by {author}, {time}", "thing", name, "author", by, "time", when)
			}
			return c.line("{thing}, {time}", "thing", name, "time", when)
		}
		if path, _ := e.Data["path"].(string); path != "" {
			return c.line("{thing}, {time}", "thing", e.Trigger+" /hooks/"+strings.TrimPrefix(path, "/"), "time", when)
		}
	}
	return c.line("{thing}, {time}", "thing", run.Trigger, "time", when)
}

// thing finds what an event is about and who made it, in the shape that GitHub and its likes use.
func thing(data map[string]any) (address, by string) {
	body, _ := data["body"].(map[string]any)
	for _, k := range []string{"issue", "pull_request", "discussion", "release", "comment"} {
		o, _ := body[k].(map[string]any)
		a, _ := o["html_url"].(string)
		if u, err := url.Parse(a); err != nil || u.Host == "" {
			continue
		}
		user, _ := o["user"].(map[string]any)
		if user == nil {
			user, _ = body["sender"].(map[string]any)
		}
		login, _ := user["login"].(string)
		return a, login
	}
	return "", ""
}

// afterwards says what the steps after the covered ones do.
func (c Ctx) afterwards(run engine.RunView, last int) Line {
	var out []Line
	for _, s := range run.Steps {
		if s.Index > last && s.Kind == "do" && s.State == engine.StepPending {
			name := s.Line
			if name == "" {
				name = s.Action
			}
			out = append(out, text(name))
		}
	}
	return join("; ", out...)
}

// stepOf finds a step of a run by its path, or by its id inside a path.
func stepOf(run engine.RunView, id string) *engine.StepView {
	for i := range run.Steps {
		if run.Steps[i].Path == id {
			return &run.Steps[i]
		}
	}
	for i := range run.Steps {
		if strings.HasSuffix(run.Steps[i].Path, "/"+id) {
			return &run.Steps[i]
		}
	}
	return nil
}

// outputID is what the other side calls the thing it made: id of the answer, or of its body.
func outputID(out json.RawMessage) string {
	v, err := engine.DecodeJSON(out)
	m, _ := v.(map[string]any)
	if err != nil || m == nil {
		return ""
	}
	if b, ok := m["body"].(map[string]any); ok {
		m = b
	}
	switch id := m["id"].(type) {
	case string:
		if len(id) <= 20 {
			return id
		}
	case int:
		return jsonText(id)
	}
	return ""
}
