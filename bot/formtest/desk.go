package formtest

import (
	"context"
	"encoding/json"
	"fmt"
	"strconv"
	"strings"
	"sync"

	"github.com/bretelle/bretelle/bot"
	"github.com/bretelle/bretelle/engine"
	"github.com/bretelle/bretelle/prompts"
)

// Desk is a handler with one dialog, opened by any command. Its state is JSON, as if read from a disk each time.
type Desk struct {
	mu     sync.Mutex
	stored []byte
	Small  bool // only one line, a text and a number: one dialog everywhere
}

type state struct {
	Next  int                          `json:"next"`
	Typed map[string]map[string]string `json:"typed"` // by token
	Pages map[string]map[int]bool      `json:"pages"`
	Saved map[string]string            `json:"saved"` // nil until a dialog was accepted
}

var _ bot.Handler = (*Desk)(nil)

// Restart is a new desk on what this one has stored.
func (d *Desk) Restart() *Desk {
	d.mu.Lock()
	defer d.mu.Unlock()
	return &Desk{stored: append([]byte(nil), d.stored...), Small: d.Small}
}

// Forget makes every dialog that is open an unknown one.
func (d *Desk) Forget() {
	d.change(func(s *state) { s.Typed = map[string]map[string]string{} })
}

// Saved is what was accepted; nil when nothing was.
func (d *Desk) Saved() map[string]string {
	var out map[string]string
	d.change(func(s *state) { out = s.Saved })
	return out
}

func (d *Desk) change(f func(s *state)) {
	d.mu.Lock()
	defer d.mu.Unlock()
	s := state{Typed: map[string]map[string]string{}, Pages: map[string]map[int]bool{}}
	if len(d.stored) > 0 {
		if err := json.Unmarshal(d.stored, &s); err != nil {
			panic(err) // we wrote it
		}
	}
	f(&s)
	b, err := json.Marshal(s)
	if err != nil {
		panic(err) // maps of texts
	}
	d.stored = b
}

// Long is how many choices the field "long" has, Found how many "live" has.
const (
	Long  = 130
	Found = 400
)

// Form is the dialog with what is typed in it: fields line text number check one many, kind (acts: "b" has field
// extra follow), insert (acts: a choice goes to the end of text), toggle (acts), live, long.
func (d *Desk) Form(token string, typed map[string]string) prompts.Form {
	f := prompts.Form{Key: "desk", Name: "desk", Token: token, Title: "Every kind of field there is", Submit: "Save", Lang: "en",
		Intro: []prompts.Block{prompts.Para{Line: prompts.Line{{Text: "Try it."}}}}}
	add := func(x prompts.Field) {
		if v, ok := typed[x.Name]; ok {
			x.Value = v
		}
		f.Fields = append(f.Fields, x)
	}
	add(prompts.Field{Name: "line", Label: "Line", Kind: prompts.FieldLine, Required: true, Example: "bug-triage", Help: "A name"})
	add(prompts.Field{Name: "text", Label: "Text", Kind: prompts.FieldText, Example: "Ticket for …"})
	if t := typed["text"]; t != "" {
		f.Fields[1].Preview = "value of " + t
	}
	if t := typed["text"]; strings.Contains(t, "isue") {
		f.Fields[1].Warn = `No sample has "isue". Did you mean issue?`
	}
	add(prompts.Field{Name: "number", Label: "Number", Kind: prompts.FieldNumber, Value: "3", Example: "5"})
	if d.Small {
		return f
	}
	add(prompts.Field{Name: "check", Label: "Check", Kind: prompts.FieldCheck})
	add(prompts.Field{Name: "one", Label: "One", Kind: prompts.FieldOne, Value: "b", Options: []prompts.Option{{Value: "", Label: "None"}, {Value: "a", Label: "A"}, {Value: "b", Label: "B", Help: "the second"}}})
	add(prompts.Field{Name: "many", Label: "Many", Kind: prompts.FieldMany, Options: []prompts.Option{{Value: "x", Label: "X"}, {Value: "y", Label: "Y"}, {Value: "z", Label: "Z"}}})
	add(prompts.Field{Name: "kind", Label: "Kind", Kind: prompts.FieldOne, Acts: true, Value: "a", Options: []prompts.Option{{Value: "a", Label: "Plain"}, {Value: "b", Label: "With more"}}})
	if typed["kind"] == "b" {
		add(prompts.Field{Name: "extra", Label: "Extra", Kind: prompts.FieldLine, Required: true})
	}
	insert := prompts.Field{Name: "insert", Label: "Insert", Kind: prompts.FieldOne, Acts: true}
	for i := range 30 {
		insert.Options = append(insert.Options, prompts.Option{Value: fmt.Sprintf("{{ event.body.f%d }}", i), Label: fmt.Sprintf("f%d = \"value %d\"", i, i)})
	}
	add(insert)
	add(prompts.Field{Name: "toggle", Label: "Write it myself", Kind: prompts.FieldCheck, Acts: true})
	add(prompts.Field{Name: "live", Label: "Live", Kind: prompts.FieldOne, Live: true, Options: found("")[:20]})
	long := prompts.Field{Name: "long", Label: "Long", Kind: prompts.FieldOne}
	for i := range Long {
		long.Options = append(long.Options, prompts.Option{Value: fmt.Sprintf("l%03d", i), Label: fmt.Sprintf("Choice %03d", i)})
	}
	add(long)
	f.Buttons = []prompts.Button{{ID: "back", Label: "Back"}}
	return f
}

// found are the choices of live that a text finds.
func found(text string) []prompts.Option {
	var out []prompts.Option
	for i := range Found {
		if s := fmt.Sprintf("action.number%03d", i); strings.Contains(s, strings.ToLower(text)) {
			out = append(out, prompts.Option{Value: s, Label: "Action " + strconv.Itoa(i)})
		}
	}
	return out
}

// Options finds choices of live.
func (d *Desk) Options(_ context.Context, in bot.In) ([]prompts.Option, error) {
	if in.Kind == bot.InLookUp && in.Value == "live" {
		return found(in.Text), nil
	}
	return nil, nil
}

// Handle keeps the contract of bot.Handler.
func (d *Desk) Handle(_ context.Context, in bot.In) (reply bot.Reply, err error) {
	d.change(func(s *state) { reply, err = d.handle(s, in) })
	return reply, err
}

func (d *Desk) handle(s *state, in bot.In) (bot.Reply, error) {
	if in.Kind == bot.InCommand {
		s.Next++
		token := fmt.Sprintf("%032x", s.Next)
		s.Typed[token] = map[string]string{}
		return bot.Dialog{Form: d.Form(token, nil)}, nil
	}
	typed, ok := s.Typed[in.Token]
	if !ok {
		return nil, engine.E(engine.Conflict, "This changed after you opened it").WithHint("The new text is in the card now.")
	}
	if in.Kind != bot.InSubmit {
		return bot.Dialog{Form: d.Form(in.Token, typed)}, nil
	}
	for k, v := range in.Fields {
		typed[k] = v
	}
	if name, acts := strings.CutPrefix(in.Value, bot.ActPrefix); acts {
		switch name {
		case "back":
			return bot.Private{Card: prompts.Say(prompts.Ctx{}, "Back.")}, nil
		case "insert":
			typed["text"] += typed["insert"]
			typed["insert"] = ""
		}
		return bot.Dialog{Form: d.Form(in.Token, typed)}, nil
	}
	if k, n, paged := bot.Page(in.Value); paged {
		if s.Pages[in.Token] == nil {
			s.Pages[in.Token] = map[int]bool{}
		}
		s.Pages[in.Token][k] = true
		if len(s.Pages[in.Token]) < n {
			return bot.Dialog{Form: d.Form(in.Token, typed)}, nil
		}
	}
	form := d.Form(in.Token, typed)
	if errs := check(form); len(errs) > 0 {
		for i, f := range form.Fields {
			form.Fields[i].Error = errs[f.Name]
		}
		return bot.FieldErrors{Errors: errs, Form: form}, nil
	}
	s.Saved = map[string]string{}
	for _, f := range form.Fields {
		s.Saved[f.Name] = f.Value
	}
	return bot.Nothing{}, nil
}

// Most is how long a value may be.
const Most = 2000

// check says what is wrong, by field.
func check(f prompts.Form) map[string]string {
	errs := map[string]string{}
	for _, x := range f.Fields {
		switch {
		case x.Required && strings.TrimSpace(x.Value) == "":
			errs[x.Name] = "Write something"
		case len(x.Value) > Most:
			errs[x.Name] = "At most 2000 characters"
		case x.Value == "":
		case x.Kind == prompts.FieldNumber:
			if _, err := strconv.Atoi(x.Value); err != nil {
				errs[x.Name] = "Write a whole number"
			}
		case x.Kind == prompts.FieldCheck && x.Value != "true":
			errs[x.Name] = "This is yes or no"
		case x.Kind == prompts.FieldOne || x.Kind == prompts.FieldMany:
			for _, v := range strings.Split(x.Value, "\n") {
				if !isChoice(x, v) {
					errs[x.Name] = "This is not a choice"
				}
			}
		}
	}
	return errs
}

func isChoice(x prompts.Field, v string) bool {
	options := x.Options
	if x.Live {
		options = found(v)
	}
	for _, o := range options {
		if o.Value == v {
			return true
		}
	}
	return false
}
