package control

import (
	"context"
	"encoding/json"
	"strings"
	"testing"

	"github.com/bretelle/bretelle/bot"
	"github.com/bretelle/bretelle/bot/formtest"
	"github.com/bretelle/bretelle/engine"
	"github.com/bretelle/bretelle/prompts"
)

// looker is an Admin whose look-ups a desk answers.
type looker struct {
	Admin
	desk func() bot.Handler
}

func (l looker) Options(ctx context.Context, in bot.In) ([]prompts.Option, error) {
	return l.desk().Options(ctx, in)
}

// terminal is a person who types calls of `bretelle chat`.
type terminal struct {
	t       *testing.T
	c       *Client
	desk    bot.Handler
	pending map[string]string
	screen  string
}

func newTerminal(t *testing.T, h bot.Handler) *terminal {
	x := &terminal{t: t, desk: h, pending: map[string]string{}}
	c, talk, _ := start(t, t.TempDir(), func(o *Options) { o.Admin = looker{o.Admin, func() bot.Handler { return x.desk }} })
	talk.do = func(in bot.In) (bot.Reply, error) { return x.desk.Handle(t.Context(), in) }
	x.c = c
	return x
}

func (x *terminal) chat(in ChatIn) ChatOut {
	in.As, in.In = "ann", "#general"
	var out ChatOut
	err := x.c.Do(x.t.Context(), "chat", in, &out)
	b, _ := json.Marshal(out)
	x.screen = string(b)
	if err != nil {
		x.screen = engine.AsError(err).Error()
	}
	return out
}

func (x *terminal) Meet(h bot.Handler)      { x.desk = h }
func (x *terminal) Open()                   { x.chat(ChatIn{Text: "/flow edit bug-triage"}) }
func (x *terminal) Set(field, value string) { x.pending[field] = value }
func (x *terminal) Screen() string          { return x.screen }

func (x *terminal) Press(name string) {
	given := x.pending
	x.pending = map[string]string{}
	x.chat(ChatIn{Press: name, Submit: given})
}

func (x *terminal) Save() {
	given := x.pending
	x.pending = map[string]string{}
	x.chat(ChatIn{Submit: given})
}

// Every kind of field with every kind of value, by --submit.
func TestEveryField(t *testing.T) {
	formtest.Try(t, func(t *testing.T, h bot.Handler) formtest.Person { return newTerminal(t, h) })
}

// What acts is handed over before what comes of it is filled in; a list that inserts does not send the dialog; a
// button of the dialog takes what is filled in along; labels and parts of what is looked up serve as well as values.
func TestFieldsThatAct(t *testing.T) {
	d := &formtest.Desk{}
	x := newTerminal(t, d)
	if out := x.chat(ChatIn{Text: "/flow edit bug-triage"}); out.Form == nil || !strings.HasPrefix(out.Form.Line, "form desk   line*  text  number=3  check  one=B  many  kind=Plain  insert  toggle  live  long") {
		t.Fatalf("%+v", out.Form)
	}
	if out := x.chat(ChatIn{Submit: map[string]string{"kind": "With more"}}); out.Form == nil || out.Wrong || !strings.Contains(out.Form.Line, `kind="With more"  extra*`) {
		t.Errorf("%s", x.screen)
	}
	for range 2 {
		if out := x.chat(ChatIn{Submit: map[string]string{"insert": `f3 = "value 3"`}}); out.Form == nil || !strings.Contains(out.Form.Text, "→ value of {{ event.body.f3 }}") {
			t.Errorf("%s", x.screen)
		}
	}
	if x.chat(ChatIn{Submit: map[string]string{"live": "number317"}, Press: "back"}); !strings.Contains(x.screen, "Back.") || d.Saved() != nil {
		t.Errorf("%s", x.screen)
	}
	x.chat(ChatIn{Text: "/flow edit bug-triage"})
	if x.chat(ChatIn{Submit: map[string]string{"line": "a", "extra": "e", "kind": "b", "many": "x, Z", "live": "number317", "check": "yes"}}); d.Saved()["extra"] != "e" ||
		d.Saved()["many"] != "x\nz" || d.Saved()["live"] != "action.number317" || d.Saved()["check"] != "true" {
		t.Errorf("%s, saved %v", x.screen, d.Saved())
	}
	x.chat(ChatIn{Text: "/flow edit bug-triage"})
	if x.chat(ChatIn{Submit: map[string]string{"line": "kept", "number": "9", "one": "C"}}); !strings.Contains(x.screen, `"C" is not a choice of one`) {
		t.Errorf("%s", x.screen)
	}
	if x.chat(ChatIn{Submit: map[string]string{"one": "A"}}); d.Saved()["line"] != "kept" || d.Saved()["number"] != "9" || d.Saved()["one"] != "a" {
		t.Errorf("what was filled in is lost: %s, %v", x.screen, d.Saved())
	}
}

// The card of a draft stands where only its person sees it, is found from every channel, and says in one line what is
// left to do; without the button to publish, that is the error.
func TestBuilderCard(t *testing.T) {
	c, talk, store := start(t, t.TempDir())
	alone := engine.Place{Surface: engine.ConsoleSurface, Channel: "@p1"}
	draft := prompts.Builder(prompts.Ctx{Lang: "en"}, prompts.BuilderFacts{Head: engine.FlowHead{Name: "bug-triage", Draft: true, State: engine.FlowDraft},
		When: engine.Say("a webhook arrives"), Address: true, Todo: []prompts.BuilderTodo{{Text: engine.Say("add a step")}}}, func(verb string) string { return "t-" + verb })
	b, err := json.Marshal(draft)
	if err == nil {
		_, err = store.PutMessage(t.Context(), bot.Message{ID: "m1", Place: alone, Card: b, Text: draft.Text})
	}
	if err != nil {
		t.Fatal(err)
	}
	talk.do = func(in bot.In) (bot.Reply, error) {
		if in.Kind == bot.InPress && (in.Token != "t-settings" || in.Place.Channel != "@p1" || in.Message != "m1") {
			t.Errorf("%+v", in)
		}
		return bot.Nothing{About: "builder:bug-triage"}, nil
	}
	x := &terminal{t: t, c: c}
	out := x.chat(ChatIn{Text: "/flow edit bug-triage"})
	if out.Card == nil || out.Card.Key != "builder:bug-triage" || out.Card.Brief != "TO DO ● add a step" || len(out.Card.Buttons) != 4 || !out.Card.Private {
		t.Errorf("%s", x.screen)
	}
	if out = x.chat(ChatIn{Press: "settings"}); out.Card == nil {
		t.Errorf("%s", x.screen)
	}
	if x.chat(ChatIn{Press: "publish"}); x.screen != "nothing to publish yet: add a step (--press add)" && !strings.Contains(x.screen, "nothing to publish yet: add a step (--press add)") {
		t.Errorf("%s", x.screen)
	}
}
