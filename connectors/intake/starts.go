package intake

import (
	"context"

	"github.com/bretelle/bretelle/connectors/command"
	"github.com/bretelle/bretelle/connectors/form"
	"github.com/bretelle/bretelle/engine"
	"github.com/bretelle/bretelle/engine/flow"
	"github.com/bretelle/bretelle/engine/flows"
)

// Start is a way in which people start a flow themselves: its form, or its command.
type Start struct {
	Trigger string // trigger id
	Kind    string // form.submitted or command.used
	Flow    string
	State   engine.FlowState
	Place   engine.Place
	Command string // of a command, without the slash
	Title   string // of a form; "" is the flow's
	About   string
	Button  string // of a form's button; "" is the title
	Usage   string // what may stand behind a command
	Fields  *engine.Schema
}

// Started is what a person gave.
type Started struct {
	Given map[string]any // by field; texts are read as ReadForm does
	By    string         // person id
	Name  string
	Place engine.Place
	Text  string // behind a command, as typed
	Key   string // the delivery: the same when it comes again
}

// Starts offers forms and commands (form.submitted, command.used). Drafts have them too: what is given there is kept
// as a sample. Which person may start what is decided before.
type Starts struct{ Loop }

// NewStarts makes it.
func NewStarts(l Loop) *Starts {
	l.defaults()
	return &Starts{Loop: l}
}

// Forms lists every form, by name of flow.
func (s *Starts) Forms() []Start { return s.list(form.Submitted, formStart) }

// Commands lists every command, live ones before those of drafts: where two flows have one, the first is meant.
func (s *Starts) Commands() []Start {
	all := s.list(command.Used, commandStart)
	var out []Start
	for _, drafts := range []bool{false, true} {
		for _, c := range all {
			if (c.State == engine.FlowDraft) == drafts {
				out = append(out, c)
			}
		}
	}
	return out
}

func (s *Starts) list(kind string, read func(flows.Trigger) (Start, bool)) []Start {
	var out []Start
	for _, t := range s.Flows.Triggers(kind) {
		if x, ok := read(t); ok {
			x.Trigger, x.Kind, x.Flow, x.State, x.Place = t.ID, kind, t.Flow, t.State, t.Place
			out = append(out, x)
		}
	}
	return out
}

func formStart(t flows.Trigger) (x Start, ok bool) {
	text := func(f string) string { v, _ := t.With[f].(string); return v }
	x = Start{Title: text("title"), About: text("about"), Button: text("button")}
	var err *engine.Error
	x.Fields, err = flow.FormSchema(t.With["fields"])
	return x, err == nil
}

func commandStart(t flows.Trigger) (x Start, ok bool) {
	x.Command, _ = t.With["command"].(string)
	x.About, _ = t.With["about"].(string)
	var err *engine.Error
	if x.Fields, err = command.Parameters(t.With); err != nil || !command.ValidName(x.Command) {
		return x, false
	}
	x.Usage = command.Usage(x.Fields)
	return x, true
}

// Arguments reads what was typed behind a command; see command.Arguments.
func (s *Starts) Arguments(x Start, line string) (map[string]any, *engine.Error) {
	return command.Arguments(x.Fields, line)
}

// Begin offers what a person gave. wrong are the fields that do not fit; nothing was offered then. Errors as of Accept.
func (s *Starts) Begin(ctx context.Context, x Start, in Started) (r engine.Receipt, wrong map[string]*engine.Error, err error) {
	values, wrong := flow.ReadForm(x.Fields, in.Given)
	if len(wrong) > 0 {
		return r, wrong, nil
	}
	data := map[string]any{"by": map[string]any{"id": in.By, "name": in.Name}, "place": in.Place.String()}
	if x.Kind == command.Used {
		data["parameters"], data["text"] = values, in.Text
	} else {
		data["fields"] = values
	}
	got, err := s.Intake.Accept(ctx, engine.Batch{Trigger: x.Trigger, Items: []engine.Item{{Key: in.Key, Data: data}}, From: "person:" + in.By})
	if err != nil {
		return r, nil, err
	}
	if len(got) != 1 {
		return r, nil, engine.E(engine.Internal, "a run by hand gave {n} receipts", "n", len(got)).WithOp("intake.begin")
	}
	return got[0], nil, nil
}

// madeUp is an answer to every field, for a sample.
func madeUp(s *engine.Schema) map[string]any {
	out := map[string]any{}
	for _, f := range s.Fields {
		out[f.Name] = example(f.Name, f.Schema)
	}
	return out
}

func example(name string, s *engine.Schema) any {
	switch {
	case s.Default != nil:
		return s.Default
	case s.Type == "array":
		return []any{example(name, s.Items)}
	case s.Type == "boolean":
		return true
	case len(s.Enum) > 0:
		return s.Enum[0]
	case s.Example != "":
		if v, err := flow.FormValue(s, s.Example); err == nil {
			return v
		}
	}
	switch {
	case s.Type == "number" || s.Type == "integer":
		return 1
	case s.Format == "email":
		return "ann@example.org"
	case s.Format == "date":
		return "2026-03-01"
	}
	return name
}
