package bot_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/bretelle/bretelle/bot"
	"github.com/bretelle/bretelle/engine"
	"github.com/bretelle/bretelle/prompts"
)

// strangers are those who may nothing, whatever tokens they come by.
func (w *workshop) strangers() map[string]func(in *bot.In) {
	return map[string]func(in *bot.In){
		"a viewer": func(in *bot.In) { in.Actor.User = w.ids["bob"] },
		"a stranger": func(in *bot.In) {
			in.Actor = bot.Actor{Surface: "slack", Workspace: "T1", User: "U-nobody", Name: "ann"}
		},
		"a guest": func(in *bot.In) {
			in.Actor = bot.Actor{Surface: "slack", Workspace: "T1", User: "U-ann", Name: "ann", Guest: true}
		},
		"an app": func(in *bot.In) {
			in.Actor = bot.Actor{Surface: "slack", Workspace: "T1", User: "U-ann", Name: "ann", Bot: true}
		},
		"ann of another workspace": func(in *bot.In) {
			in.Actor = bot.Actor{Surface: "slack", Workspace: "T2", User: "U-ann", Name: "ann"}
		},
		"the word of a surface": func(in *bot.In) { // Person is for the router to fill in
			in.Actor = bot.Actor{Surface: "slack", Workspace: "T1", User: "U-nobody", Person: w.ids["ann"]}
		},
	}
}

func refused(err error) bool {
	return engine.CodeOf(err) == engine.Denied || engine.CodeOf(err) == engine.Unsigned
}

// Every button, menu, dialog and look-up of building, with the tokens of somebody who may, is refused to those who may
// not, and changes nothing.
func TestTokensOfTheBuilderAreNobodyElses(t *testing.T) {
	w := newWorkshop(t)
	w.triage()
	w.must(w.pressed("ann", w.answer(w.button("ann", "publish")), "confirm"))
	w.must(w.types("ann", "/flow edit bug-triage"))
	w.must(w.fill("ann", w.form(w.button("ann", "settings")), "title", "Two"))
	mine := w.form(w.menu("ann", w.builder("ann"), "edit", "step:tell"))
	cards := []prompts.Card{w.builder("ann"), w.answer(w.button("ann", "test")), w.answer(w.button("ann", "publish")), w.answer(w.button("ann", "discard")),
		w.answer(w.types("ann", "/flow template")), w.answer(w.types("ann", "/flow sample bug-triage"))}
	forms := []prompts.Form{mine, w.form(w.types("ann", "/flow new other")), w.form(w.button("ann", "settings")), w.form(w.button("ann", "add")),
		w.form(w.menu("ann", w.builder("ann"), "edit", prompts.EditOnlyIf)), w.form(w.button("ann", "secret")), w.form(w.types("ann", "/flow template watch")),
		w.form(w.menu("ann", w.builder("ann"), "edit", prompts.EditWhen))}
	w.must(w.types("mia", "/flow edit bug-triage"))
	w.must(w.fill("mia", w.form(w.button("mia", "settings")), "timezone", "Europe/Zurich"))
	cards = append(cards, w.answer(w.fill("ann", mine, "with.text", "Mine")))
	before, made := w.source("bug-triage"), w.secrets.made["bug_triage_hook"]
	tried := 0
	press := func(what string, in bot.In) {
		for who, as := range w.strangers() {
			in := in
			w.seq++
			in.ID = fmt.Sprint("forged", w.seq)
			as(&in)
			reply, err := w.bot.Handle(w.ctx, in)
			if _, nothing := reply.(bot.Nothing); !refused(err) && !(nothing && strings.HasSuffix(what, "not_yet")) &&
				!(who == "a viewer" && strings.HasSuffix(what, "/text")) { // viewers read flows
				t.Errorf("%s by %s: %#v %v", what, who, reply, err)
			}
			tried++
		}
	}
	for _, c := range cards {
		for _, b := range c.Buttons {
			if b.Token != "" {
				in := w.at(bot.InPress, "ann")
				in.Token = b.Token
				press(c.Key+"/"+b.ID, in)
			}
		}
		for _, m := range c.Menus {
			in := w.at(bot.InChoose, "ann")
			in.Token, in.Value = m.Token, m.Options[0].Value
			press(c.Key+"/"+m.ID, in)
		}
	}
	for _, f := range forms {
		in := w.at(bot.InSubmit, "ann")
		in.Token, in.Fields = f.Token, map[string]string{}
		for _, x := range f.Fields {
			in.Fields[x.Name] = x.Value
		}
		for _, value := range []string{"", "act back", "act remove", "act up", "act make", "act insert", "act another", "act kind", bot.FormSave, "page 1/2"} {
			in.Value = value
			press(f.Title+"/"+value, in)
		}
		in.Kind = bot.InPress
		press(f.Title+"/opened", in)
		for _, x := range f.Fields {
			for who, as := range w.strangers() {
				look := w.at(bot.InLookUp, "ann")
				look.Token, look.Value = f.Token, x.Name
				as(&look)
				if found, err := w.bot.Options(w.ctx, look); len(found) > 0 || !refused(err) {
					t.Errorf("%s looks up %s of %s: %d, %v", who, x.Name, f.Title, len(found), err)
				}
			}
		}
	}
	if tried < 500 {
		t.Errorf("only %d were tried", tried)
	}
	if w.source("bug-triage") != before || w.secrets.made["bug_triage_hook"] != made {
		t.Error("something changed")
	}
	if _, err := w.lib.Head(w.ctx, "other"); err == nil {
		t.Error("a flow was made")
	}
}

// Lines are completed, and tables shown, to nobody who may not see them.
func TestCompletionTellsStrangersNothing(t *testing.T) {
	w := newWorkshop(t)
	w.triage()
	for _, line := range []string{"/flow ", "/flow show ", "/flow edit ", "/flow version compare bug-triage ", "/flow template ", "/flow new x when ", "/flow admin role ", "/b"} {
		for who, as := range w.strangers() {
			in := w.at(bot.InCommand, "ann")
			in.Text = line
			as(&in)
			found, err := w.bot.Options(w.ctx, in)
			names := slices.ContainsFunc(found, func(o prompts.Option) bool { return strings.Contains(o.Value, "mia") })
			if err != nil || who != "a viewer" && len(found) > 0 || names {
				t.Errorf("%q for %s: %v %v", line, who, found, err)
			}
		}
	}
}
