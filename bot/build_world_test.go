package bot_test

import (
	"context"
	"encoding/json"
	"log/slog"
	"sort"
	"strings"
	"testing"
	"time"

	"github.com/bretelle/bretelle/bot"
	"github.com/bretelle/bretelle/engine"
	"github.com/bretelle/bretelle/engine/flows"
	"github.com/bretelle/bretelle/prompts"
)

// shop is a catalog of what bug triage needs, as connectors declare it.
type shop struct {
	actions  map[string]*engine.Action
	triggers map[string]*engine.TriggerKind
}

func (c shop) Action(name string) (*engine.Action, bool) { a, ok := c.actions[name]; return a, ok }
func (c shop) Trigger(name string) (*engine.TriggerKind, bool) {
	t, ok := c.triggers[name]
	return t, ok
}
func (c shop) Names() []string        { return keys(c.actions) }
func (c shop) TriggerNames() []string { return keys(c.triggers) }

func keys[V any](m map[string]V) (out []string) {
	for k := range m {
		out = append(out, k)
	}
	sort.Strings(out)
	return out
}

func text(title string, required bool) *engine.Schema {
	return &engine.Schema{Type: "string", Title: title, Required: required}
}

func newShop() shop {
	return shop{
		triggers: map[string]*engine.TriggerKind{
			"webhook.received": {Name: "webhook.received", Title: "A webhook is received", Identity: []string{"path"}, Event: &engine.Schema{Type: "object", Open: true},
				With: &engine.Schema{Type: "object", Fields: []engine.Field{
					{Name: "path", Schema: text("Address", true)},
					{Name: "sender", Schema: &engine.Schema{Type: "string", Title: "Sender", Required: true, Enum: []string{"github", "unsigned"}, Titles: []string{"GitHub", "Unsigned"}}},
					{Name: "secret", Schema: &engine.Schema{Type: "string", Format: engine.SecretFormat, Title: "Secret"}}}},
				Describe: func(with map[string]any) engine.Text {
					return engine.Say("a webhook arrives at /hooks/{path}, signed ({sender})", "path", with["path"], "sender", with["sender"])
				},
				Check: func(with map[string]any) map[string]*engine.Error {
					if p, _ := with["path"].(string); strings.Contains(p, " ") {
						return map[string]*engine.Error{"path": engine.E(engine.Invalid, `"{path}" cannot be the end of an address`, "path", p)}
					}
					return nil
				}},
			"schedule.tick": {Name: "schedule.tick", Title: "At certain times", With: &engine.Schema{Type: "object", Fields: []engine.Field{{Name: "every", Schema: text("Every", true)}}}},
		},
		actions: map[string]*engine.Action{
			"http.request": {Name: "http.request", Title: "Call a web address", Doc: "Sends a request.", Risk: engine.Destroy, Sample: map[string]any{"status": 201, "body": map[string]any{"id": 7}},
				In: &engine.Schema{Type: "object", Fields: []engine.Field{
					{Name: "method", Schema: &engine.Schema{Type: "string", Title: "Method", Required: true, Enum: []string{"GET", "POST"}}},
					{Name: "url", Schema: &engine.Schema{Type: "string", Format: "uri", Title: "URL", Required: true}},
					{Name: "json", Schema: &engine.Schema{Title: "Body"}}}},
				Traits: func(in map[string]any) engine.Traits {
					if in["method"] == "GET" {
						return engine.Traits{Risk: engine.Read, Repeat: true}
					}
					return engine.Traits{Risk: engine.Write}
				}},
			"chat.message.post": {Name: "chat.message.post", Title: "Post a message", Doc: "Posts.", Risk: engine.Write, Sample: map[string]any{"ref": "m1"},
				In: &engine.Schema{Type: "object", Fields: []engine.Field{
					{Name: "to", Schema: &engine.Schema{Type: "string", Format: "place", Title: "Channel", Required: true}},
					{Name: "text", Schema: &engine.Schema{Type: "string", Format: "text", Title: "Text", Required: true}}}}},
		},
	}
}

// workshop is a world in which flows are built: a real library on the store, and a console that can speak to one
// person alone.
type workshop struct {
	*world
	lib     *flows.Library
	secrets *strongbox
	cons2   *direct
	shop    shop
	kept    map[string]map[string]json.RawMessage
	sampler bot.Sampler
	library bot.Drafts // nil: lib
}

// direct is a surface with private places.
type direct struct {
	*surface
	refuse bool
}

func (d *direct) Direct(_ context.Context, a bot.Actor, near engine.Place) (engine.Place, error) {
	if d.refuse {
		return engine.Place{}, engine.E(engine.Denied, "no")
	}
	return engine.Place{Surface: d.name, Workspace: near.Workspace, Channel: "@" + a.Person}, nil
}

type strongbox struct {
	made map[string]int
	shut error // what asking for a name gives
}

func (s *strongbox) Make(_ context.Context, name string) (engine.Secret, error) {
	s.made[name]++
	return engine.NewSecret("top-secret-" + strings.Repeat("x", s.made[name])), nil
}
func (s *strongbox) Has(_ context.Context, name string) (bool, error) {
	if s.shut != nil {
		return false, s.shut
	}
	return s.made[name] > 0, nil
}

// rehearser plays actions: those that read are done.
type rehearser struct{ shop shop }

func (r rehearser) Rehearse(_ context.Context, t engine.Task) (engine.Result, bool) {
	a := r.shop.actions[t.Action]
	out, _ := engine.EncodeJSON(a.Sample)
	return engine.Result{Output: out}, true
}

func (w *workshop) Answers(_ context.Context, flow string) (map[string]json.RawMessage, error) {
	return w.kept[flow], nil
}

func (w *workshop) SetAnswer(_ context.Context, flow, step string, data json.RawMessage, _ string, _ int64) error {
	if w.kept[flow] == nil {
		w.kept[flow] = map[string]json.RawMessage{}
	}
	if w.kept[flow][step] = data; data == nil {
		delete(w.kept[flow], step)
	}
	return nil
}

func newWorkshop(t testing.TB) *workshop {
	w := &workshop{world: newWorld(t), shop: newShop(), secrets: &strongbox{made: map[string]int{}}, kept: map[string]map[string]json.RawMessage{}}
	var err error
	if w.lib, err = flows.New(w.ctx, flows.Options{Store: w.store, Catalog: w.shop, Now: func() time.Time { return w.now }}); err != nil {
		t.Fatal(err)
	}
	w.cons2 = &direct{surface: w.cons}
	w.start()
	w.must(w.bot.AddChannel(w.ctx, bot.Operator, "#triage", ""))
	return w
}

// start makes a bot over what is stored: as after a restart.
func (w *workshop) start() { w.bot = w.with(w.chat) }

// with is a bot with another chat platform.
func (w *workshop) with(chat bot.Surface) *bot.Bot {
	w.t.Helper()
	var drafts bot.Drafts = w.lib
	if w.library != nil {
		drafts = w.library
	}
	b, err := bot.New(bot.Options{People: w.store, Outbox: w.store, Inbox: w.store, Audit: w.audit, Runs: w.runs, Flows: w.lib,
		Surfaces: []bot.Surface{chat, w.cons2}, Misfits: misfits2, Now: func() time.Time { return w.now }, Log: slog.New(slog.DiscardHandler),
		Drafts: drafts, Catalog: w.shop, Samples: w, Sampler: w.sampler, Secrets: w.secrets, Rehearser: rehearser{w.shop}, Templates: templates{},
		Hooks: func() bot.Hooks { return bot.Hooks{URL: "http://127.0.0.1:7701/hooks/"} }})
	if err != nil {
		w.t.Fatal(err)
	}
	return b
}

func misfits2(string, map[string]any) map[string]*engine.Error { return nil }

// at is a delivery from the console.
func (w *workshop) at(kind bot.InKind, who string) bot.In {
	in := w.in(kind, who)
	in.Actor = bot.Actor{Surface: "console", User: w.ids[who], Name: who}
	in.Place = engine.Place{Surface: "console", Channel: "#triage"}
	return in
}

func (w *workshop) types(who, line string) (bot.Reply, error) {
	in := w.at(bot.InCommand, who)
	in.Text = line
	return w.bot.Handle(w.ctx, in)
}

// form is the dialog in a reply.
func (w *workshop) form(r bot.Reply, err error) prompts.Form {
	w.t.Helper()
	if err != nil {
		w.t.Fatal(err)
	}
	switch r := r.(type) {
	case bot.Dialog:
		return r.Form
	case bot.FieldErrors:
		return r.Form
	}
	w.t.Fatalf("no dialog but %#v: %s", r, w.text(r, err))
	return prompts.Form{}
}

// fill sends a dialog back with what stands in it and what is typed over it, as a surface does.
func (w *workshop) fill(who string, f prompts.Form, typed ...string) (bot.Reply, error) {
	return w.send(who, f, "", typed...)
}

func (w *workshop) send(who string, f prompts.Form, value string, typed ...string) (bot.Reply, error) {
	w.t.Helper()
	in := w.at(bot.InSubmit, who)
	in.Token, in.Value, in.Fields = f.Token, value, map[string]string{}
	for _, x := range f.Fields {
		in.Fields[x.Name] = x.Value
	}
	for i := 0; i+1 < len(typed); i += 2 {
		if _, there := in.Fields[typed[i]]; !there {
			w.t.Fatalf("the dialog %q has no field %q:\n%s", f.Title, typed[i], prompts.PlainForm(f))
		}
		in.Fields[typed[i]] = typed[i+1]
	}
	return w.bot.Handle(w.ctx, in)
}

// builder is the draft's card before somebody.
func (w *workshop) builder(who string) prompts.Card {
	w.t.Helper()
	w.deliver()
	w.cons.mu.Lock()
	defer w.cons.mu.Unlock()
	for i := len(w.cons.messages) - 1; i >= 0; i-- {
		if m := w.cons.messages[i]; strings.HasPrefix(m.card.Key, "builder:") && m.place.Channel == "@"+w.ids[who] {
			return m.card
		}
	}
	w.t.Fatalf("%s has no builder card; there are %v", who, w.cons.keysLocked())
	return prompts.Card{}
}

func (w *workshop) button(who, verb string) (bot.Reply, error) {
	w.t.Helper()
	return w.pressed(who, w.builder(who), verb)
}

func (w *workshop) pressed(who string, c prompts.Card, verb string) (bot.Reply, error) {
	w.t.Helper()
	in := w.at(bot.InPress, who)
	in.Token = token(w.t, c, verb)
	return w.bot.Handle(w.ctx, in)
}

func (w *workshop) menu(who string, c prompts.Card, id, value string) (bot.Reply, error) {
	w.t.Helper()
	in := w.at(bot.InChoose, who)
	in.Token, in.Value = token(w.t, c, id), value
	return w.bot.Handle(w.ctx, in)
}

// answer is the card of a private answer.
func (w *workshop) answer(r bot.Reply, err error) prompts.Card {
	w.t.Helper()
	p, ok := r.(bot.Private)
	if !ok || err != nil {
		w.t.Fatalf("no private answer: %#v %v", r, err)
	}
	return p.Card
}

func (w *workshop) source(name string) string {
	w.t.Helper()
	e, err := w.lib.Draft(w.ctx, name)
	if err != nil {
		w.t.Fatal(err)
	}
	return string(e.Source)
}

// came has events kept as samples, newest first.
func (w *workshop) came(events ...engine.Event) {
	w.runs.events = nil
	for _, e := range events {
		e.Trigger = "webhook.received"
		w.runs.events = append(w.runs.events, bot.Occurrence{Event: e, Outcome: engine.Sampled})
	}
	w.raise(engine.NoticeSample, "sample", "", "", nil)
	w.deliver()
}

func issue(id, action, title string) engine.Event {
	return engine.Event{ID: id, Key: id, At: 1, Data: map[string]any{"headers": map[string]any{"x-github-event": "issues"},
		"body": map[string]any{"action": action, "issue": map[string]any{"title": title, "html_url": "https://github.com/o/r/issues/1",
			"labels": []any{map[string]any{"name": "bug"}}}}}}
}

func ping() engine.Event {
	return engine.Event{ID: "e-ping", Key: "p", At: 1, Data: map[string]any{"headers": map[string]any{"x-github-event": "ping"}, "body": map[string]any{"zen": "Keep it simple"}}}
}

type templates struct{}

func (templates) List() []bot.Template {
	return []bot.Template{{Name: "watch", Title: "Watch", Doc: "Watches a page.", Asks: &engine.Schema{Type: "object", Fields: []engine.Field{
		{Name: "channel", Schema: &engine.Schema{Type: "string", Format: "place", Title: "Channel", Required: true}}}},
		Fill: func(name string, values map[string]any) ([]byte, error) {
			if values["channel"] == "#general" {
				return nil, engine.E(engine.Invalid, "not there", "field", "channel")
			}
			return []byte("flow: " + name + "\nchannel: \"" + values["channel"].(string) + "\"\ntrigger:\n  on: webhook.received\n  with: {path: " + name +
				", sender: github, secret: " + strings.ReplaceAll(name, "-", "_") + "_hook}\nsteps:\n  - id: tell\n    do: chat.message.post\n    with: {to: \"#triage\", text: hi}\n"), nil
		}}}
}
