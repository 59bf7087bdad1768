package discord

import (
	"os"
	"path/filepath"
	"sort"
	"strings"
	"testing"

	"github.com/bretelle/bretelle/bot"
	"github.com/bretelle/bretelle/engine"
	"github.com/bretelle/bretelle/prompts"
	"github.com/bretelle/bretelle/prompts/corpus"
)

// Recorded interactions, built from the examples that Discord documents, become what the bot reads.
func TestDecode(t *testing.T) {
	files, err := filepath.Glob("testdata/frames/*")
	if err != nil || len(files) == 0 {
		t.Fatal("no frames", err)
	}
	sort.Strings(files)
	var out []corpus.Drawn
	for _, f := range files {
		data, err := os.ReadFile(f)
		if err != nil {
			t.Fatal(err)
		}
		name := filepath.Base(f)
		in, err := Decode(data)
		if err != nil {
			if !strings.HasPrefix(name, "bad-") || engine.CodeOf(err) != engine.Invalid {
				t.Errorf("%s: %v", name, err)
			}
			out = append(out, corpus.Drawn{Name: name, Text: "error: " + err.Error()})
			continue
		}
		out = append(out, corpus.Drawn{Name: name, Text: pretty(t, in)})
	}
	corpus.Goldens(t, "testdata/decode.golden", out, *update)
}

func TestDecodeRefuses(t *testing.T) {
	for _, s := range []string{"", "{", "[]", "null", `{"type":3}`, `{"t":"MESSAGE_CREATE","d":{}}`, `{"type":"3"}`, `{"id":"x","type":2,"data":{"name":"flow"},"user":{"id":"1"}}`} {
		if in, err := Decode([]byte(s)); engine.CodeOf(err) != engine.Invalid {
			t.Errorf("%q: %+v, %v", s, in, err)
		}
	}
	if _, err := Decode(make([]byte, frameMost+1)); engine.CodeOf(err) != engine.TooLarge {
		t.Error(err)
	}
}

func FuzzDecode(f *testing.F) {
	files, _ := filepath.Glob("testdata/frames/*")
	for _, name := range files {
		if data, err := os.ReadFile(name); err == nil {
			f.Add(data)
		}
	}
	form := corpus.Forms("en")[0].Form
	f.Fuzz(func(t *testing.T, data []byte) {
		in, err := Decode(data)
		if err != nil {
			return
		}
		if in.ID == "" || in.Kind == "" || in.Actor.User == "" || in.Actor.Workspace == "" || in.Place.Surface != "discord" || in.Actor.Person != "" {
			t.Errorf("%q gave %+v", data, in)
		}
		for _, r := range []bot.Reply{bot.Nothing{}, bot.Private{Card: prompts.Say(prompts.Ctx{}, "Done.")}, bot.Dialog{Form: form}, bot.FieldErrors{Form: form, Errors: in.Fields}} {
			checkResponse(t, Respond(in, r))
		}
	})
}

func recorded(t testing.TB, name string) bot.In {
	t.Helper()
	data, err := os.ReadFile("testdata/frames/" + name)
	if err != nil {
		t.Fatal(err)
	}
	in, err := Decode(data)
	if err != nil {
		t.Fatal(err)
	}
	return in
}

func TestRespond(t *testing.T) {
	forms := map[string]prompts.Form{}
	for _, x := range corpus.Forms("en") {
		forms[x.Name] = x.Form
	}
	card := prompts.Say(corpus.Ctx("en"), "Done.")
	var out []corpus.Drawn
	add := func(name string, in bot.In, r bot.Reply) {
		a := Respond(in, r)
		checkResponse(t, a)
		out = append(out, corpus.Drawn{Name: name, Text: pretty(t, a)})
	}
	press, submit, slash := recorded(t, "press.json"), recorded(t, "submit.json"), recorded(t, "slash.json")
	add("shared", press, bot.Shared{Card: card})
	add("private", press, bot.Private{Card: card})
	add("dialog", press, bot.Dialog{Form: forms["form-deny"]})
	add("dialog-long", press, bot.Dialog{Form: forms["form-fix-many"]})
	add("dialog-page", recorded(t, "page.json"), bot.Dialog{Form: forms["form-fix-many"]})
	add("dialog-again", recorded(t, "again.json"), bot.Dialog{Form: forms["form-fix-error"]})
	add("nothing", press, bot.Nothing{})
	add("nothing-command", slash, bot.Nothing{})
	add("submit-dialog", submit, bot.Dialog{Form: forms["form-deny"]})
	add("submit-errors", submit, bot.FieldErrors{Errors: map[string]string{"reason": "ignored, the form says it"}, Form: forms["form-deny-error"]})
	corpus.Goldens(t, "testdata/respond.golden", out, *update)
	if a, b := Deferred(press), Deferred(slash); a.Type != 6 || b.Type != 5 || b.Data.Flags != 64 {
		t.Errorf("%+v %+v", a, b)
	}
}
