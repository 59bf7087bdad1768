package main

import (
	"regexp"
	"strings"
	"testing"

	"github.com/bretelle/bretelle/bot/templates"
	"github.com/bretelle/bretelle/connectors/all"
	"github.com/bretelle/bretelle/engine"
	"github.com/bretelle/bretelle/engine/check"
	"github.com/bretelle/bretelle/engine/rehearse"
	"github.com/bretelle/bretelle/prompts"
	"github.com/bretelle/bretelle/prompts/fields"
)

// filled gives the answers that a template asks for: all of them, or only those it needs.
func filled(asks *engine.Schema, whole bool, with func(engine.Field) any) map[string]any {
	out := map[string]any{}
	for _, f := range asks.Fields {
		if f.Required || whole {
			out[f.Name] = with(f)
		}
	}
	return out
}

func plausible(f engine.Field) any {
	switch f.Format {
	case "place":
		return "#team"
	case "person-or-group":
		return "@team"
	case "account":
		return "my_account"
	}
	if f.Name == "book" {
		return "/ann/contacts/"
	}
	return rehearse.Example(f.Schema)
}

// Every template gives a flow that can be published, whether only what it needs is answered or all it asks for.
func TestTemplatesCompile(t *testing.T) {
	catalog, err := all.Catalog()
	if err != nil {
		t.Fatal(err)
	}
	list := templates.All().List()
	if len(list) < 6 {
		t.Fatalf("only %d templates", len(list))
	}
	for _, tpl := range list {
		for _, whole := range []bool{false, true} {
			src, err := tpl.Fill("my-"+tpl.Name, filled(tpl.Asks, whole, plausible))
			if err != nil {
				t.Errorf("%s: %v", tpl.Name, err)
				continue
			}
			_, problems := check.Source(src, catalog, check.Known{})
			for _, p := range problems {
				t.Errorf("%s (all answered: %v): %s", tpl.Name, whole, p)
			}
			if left := regexp.MustCompile(`<<|#\?`).Find(src); left != nil {
				t.Errorf("%s: %q is left over:\n%s", tpl.Name, left, src)
			}
			if t.Failed() {
				t.Logf("%s", src)
			}
		}
	}
}

// Whatever is answered stays an answer: it can neither add to the flow nor be worked out.
func TestTemplatesKeepAnswersApart(t *testing.T) {
	for _, hostile := range []string{`"}}, steps: [{id: x}]`, "a\n  - id: x\n    stop: y", `{{ secret }}`, `\`, "' #? x", "<<name>>", "\u2028\u0000\"", "*alias", "&a !!binary x"} {
		for _, tpl := range templates.All().List() {
			answers := filled(tpl.Asks, true, func(f engine.Field) any {
				if len(f.Enum) > 0 || f.Type == "boolean" {
					return rehearse.Example(f.Schema)
				}
				return hostile
			})
			plain, err := tpl.Fill("x", filled(tpl.Asks, true, plausible))
			if err != nil {
				t.Fatal(err)
			}
			src, err := tpl.Fill("x", answers)
			if err != nil {
				t.Errorf("%s: %v", tpl.Name, err)
				continue
			}
			if a, b := strings.Count(string(src), "\n"), strings.Count(string(plain), "\n"); a != b {
				t.Errorf("%s: %q makes %d lines of %d", tpl.Name, hostile, a, b)
			}
			f, _ := check.Source(src, nothing{}, check.Known{})
			g, _ := check.Source(plain, nothing{}, check.Known{})
			if f == nil || g == nil || len(f.Steps) != len(g.Steps) || f.Name != "x" {
				t.Errorf("%s: %q changes the flow:\n%s", tpl.Name, hostile, src)
			}
		}
	}
	tpl := templates.All().List()[0]
	if _, err := tpl.Fill("Not A Name", nil); engine.CodeOf(err) != engine.Invalid {
		t.Errorf("a bad name: %v", err)
	}
	if _, err := tpl.Fill("x", nil); engine.CodeOf(err) != engine.Invalid {
		t.Errorf("nothing answered: %v", err)
	}
}

// What people see of templates, the list and the dialogs, is French for those who read French.
func TestTemplatesAreShownInFrench(t *testing.T) {
	var facts []prompts.TemplateFacts
	for _, x := range templates.All().List() {
		facts = append(facts, prompts.TemplateFacts{Name: x.Name, Title: x.Title, Doc: x.Doc})
	}
	card := prompts.Templates(prompts.Ctx{Lang: "fr"}, facts, func(string) string { return "" })
	shown, err := engine.EncodeJSON(card.Blocks)
	if err != nil {
		t.Fatal(err)
	}
	for _, x := range templates.All().List() {
		for _, english := range []string{x.Title, x.Doc} {
			french := prompts.T("fr", english, nil)
			if french == english || !strings.Contains(string(shown), french) {
				t.Errorf("%s: %q is shown as %q", x.Name, english, french)
			}
		}
		for _, f := range fields.Form(fields.Ask{Schema: x.Asks, Lang: "fr"}) {
			schema := x.Asks.Field(f.Name)
			if f.Label != prompts.T("fr", schema.Title, nil) || schema.Doc != "" && !strings.Contains(f.Help, prompts.T("fr", schema.Doc, nil)) {
				t.Errorf("%s asks for %q with the help %q", x.Name, f.Label, f.Help)
			}
		}
	}
}

// nothing is a catalog of nothing.
type nothing struct{}

func (nothing) Action(string) (*engine.Action, bool)       { return nil, false }
func (nothing) Trigger(string) (*engine.TriggerKind, bool) { return nil, false }
func (nothing) Names() []string                            { return nil }
func (nothing) TriggerNames() []string                     { return nil }
