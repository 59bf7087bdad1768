package slack

import (
	"encoding/json"
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

// Recorded frames, built from the examples that Slack documents, become what the bot reads.
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
	for _, s := range []string{"", "{", "[]", "null", "payload=%7B", "payload=null", "a=%zz", `{"type":"block_actions","actions":[]}`, `{"command":"/flow"}`,
		`{"type":"view_submission"}`, `{"payload":"x","type":"interactive"}`, `{"type":7}`} {
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
	f.Fuzz(func(t *testing.T, data []byte) {
		in, err := Decode(data)
		if err != nil {
			return
		}
		if in.ID == "" || in.Kind == "" || in.Actor.User == "" || in.Actor.Workspace == "" || in.Actor.Surface != "slack" || in.Actor.Person != "" {
			t.Errorf("%q gave %+v", data, in)
		}
		for _, r := range []bot.Reply{bot.Nothing{}, bot.Private{Card: prompts.Say(prompts.Ctx{}, "Done.")}, bot.FieldErrors{Errors: map[string]string{"x": "y"}}} {
			if _, err := Respond(in, r); err != nil {
				t.Error(err)
			}
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
	var form prompts.Form
	for _, x := range corpus.Forms("en") {
		if x.Name == "form-fix-error" {
			form = x.Form
		}
	}
	card := prompts.Say(corpus.Ctx("en"), "Done.")
	var out []corpus.Drawn
	add := func(name string, in bot.In, r bot.Reply) Answer {
		a, err := Respond(in, r)
		if err != nil {
			t.Fatal(err)
		}
		out = append(out, corpus.Drawn{Name: name, Text: pretty(t, a)})
		return a
	}
	press, submit := recorded(t, "press.json"), recorded(t, "submit.json")
	add("shared", press, bot.Shared{Card: card})
	add("private", press, bot.Private{Card: card})
	add("dialog", press, bot.Dialog{Form: form})
	add("nothing", press, bot.Nothing{})
	add("submit-dialog", submit, bot.Dialog{Form: form})
	add("submit-errors", submit, bot.FieldErrors{Errors: map[string]string{"json": "ignored, the form says it", "nowhere": "unknown field"}, Form: form})
	add("submit-private", submit, bot.Private{Card: card})
	add("submit-nothing", submit, bot.Nothing{})
	corpus.Goldens(t, "testdata/respond.golden", out, *update)

	for range 12 { // a view over the socket's limit
		f := form.Fields[0]
		f.Name, f.Value = f.Name+"x", strings.Repeat("a", 2900)
		form.Fields = append(form.Fields, f)
	}
	a, err := Respond(submit, bot.Dialog{Form: form})
	if err != nil || len(a.Ack) >= 20000 || a.Call == nil || a.Call.Method != "views.update" || a.Call.ViewID != "VNHU13V36" {
		t.Errorf("%d bytes in the acknowledgement, call %+v, %v", len(a.Ack), a.Call, err)
	}
	if !json.Valid(a.Ack) {
		t.Error("the acknowledgement is no JSON")
	}
}
