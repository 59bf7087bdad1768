package bot_test

import (
	"slices"
	"strings"
	"testing"

	"github.com/bretelle/bretelle/bot"
	"github.com/bretelle/bretelle/engine"
	"github.com/bretelle/bretelle/prompts"
)

func TestUnknownCommandsAreSuggested(t *testing.T) {
	w := newWorld(t)
	for typed, want := range map[string]string{
		"/flow pubish":           `I know no "/flow pubish". Did you mean /flow publish?`,
		"/flow admin persn-add":  `I know no "/flow admin persn-add". Did you mean /flow admin person-add?`,
		"/flow admni":            `Did you mean /flow admin?`,
		"/flow admin":            `I know no "/flow admin"`,
		"/flow xyzzyxyzzy":       `I know no "/flow xyzzyxyzzy"`,
		"/flow show bug-triag":   "No flow is called \"bug-triag\". Did you mean bug-triage?",
		"/flow show nothinglike": `No flow is called "nothinglike". /flow home lists them.`,
		"/flow show":             "FLOW is missing. Write it like this: /flow show FLOW",
		"/flow pending now":      `"now" is too much. Write it like this: /flow pending`,
		"/flow runs 99":          "There is no run #99",
		"/flow run bug-triage {": "This is not JSON",
		"/flow publish bug":      "No flow is called",
	} {
		if got := w.text(w.say("ann", typed)); !strings.Contains(got, want) {
			t.Errorf("%s: got %q, want %q", typed, got, want)
		}
	}
	r, err := w.say("ann", "/flow pubish")
	if err != nil {
		t.Fatal(err)
	}
	help := token(t, r.(bot.Private).Card, "help")
	if got := w.text(w.press("ann", help)); !strings.Contains(got, "/flow pause FLOW") {
		t.Errorf("help: %q", got)
	}
}

func TestHelpShowsWhatOneMay(t *testing.T) {
	w := newWorld(t)
	for who, want := range map[string][]bool{ // run, publish, person-add
		"vic": {false, false, false}, "ann": {true, true, false}, "mia": {true, true, true},
	} {
		got := w.text(w.say(who, "/flow help")) + w.text(w.say(who, "/flow help admin"))
		for i, usage := range []string{"/flow run FLOW [JSON]", "/flow publish FLOW", "/flow admin person-add NAME [ROLE]"} {
			if strings.Contains(got, usage) != want[i] {
				t.Errorf("%s: %q is offered: %v", who, usage, !want[i])
			}
		}
		if !strings.Contains(got, "/flow pending") {
			t.Errorf("%s: got %q", who, got)
		}
	}
	if got := w.text(w.say("nobody", "/flow help")); !strings.HasPrefix(got, "I do not know you yet") {
		t.Errorf("got %q", got)
	}
}

func TestCompletion(t *testing.T) {
	w := newWorld(t)
	for _, c := range []struct{ who, typed, want string }{
		{"ann", "/flow pu", "/flow publish"},
		{"ann", "/flow ", "/flow home|/flow show|/flow publish|/flow pause|/flow resume|/flow run|/flow again|/flow move|/flow runs|/flow pending|/flow why|/flow help|/flow admin"},
		{"vic", "/flow pu", ""},
		{"ann", "/fl", "/flow "},
		{"ann", "/flow show b", "/flow show bug-triage"},
		{"mia", "/flow admin gr", "/flow admin group-add|/flow admin group-set"},
		{"mia", "/flow admin role an", "/flow admin role ann"},
		{"mia", "/flow admin role ann ap", "/flow admin role ann approver"},
		{"mia", "/flow admin group-set triage bob k", "/flow admin group-set triage bob kim"},
		{"ann", "/flow pending x", ""},
		{"nobody", "/flow ", ""},
		// Who there is, and where, is for those who may change it.
		{"vic", "/flow admin role ", ""},
		{"vic", "/flow admin link m", ""},
		{"ann", "/flow admin group-add ", ""},
		{"ann", "/flow admin role vic admin ", ""},
	} {
		in := w.in(bot.InCommand, c.who)
		in.Text = c.typed
		options, err := w.bot.Options(w.ctx, in)
		if err != nil {
			t.Fatal(err)
		}
		var got []string
		for _, o := range options {
			got = append(got, o.Value)
		}
		if strings.Join(got, "|") != c.want {
			t.Errorf("%s %q: got %q", c.who, c.typed, got)
		}
	}
}

func TestRunByHand(t *testing.T) {
	w := newWorld(t)
	if _, err := w.say("vic", "/flow run bug-triage {}"); engine.CodeOf(err) != engine.Denied {
		t.Errorf("a viewer starts nothing: %v", err)
	}
	if got := w.text(w.say("ann", `/flow run bug-triage {"title": "Crash  on start", "id": 9007199254740993}`)); !strings.Contains(got, "Run #13 of bug-triage has started") {
		t.Errorf("got %q", got)
	}
	b := w.runs.batches[0]
	body := b.Items[0].Data["body"].(map[string]any)
	if !b.Manual || b.Trigger != "bug-triage:manual" || b.From != "person:"+w.ids["ann"] || body["title"] != "Crash  on start" || body["id"] != 9007199254740993 {
		t.Errorf("%+v", b)
	}
	d, ok := mustReply(w.say("ann", "/flow run bug-triage")).(bot.Dialog)
	if !ok {
		t.Fatalf("got %#v", d)
	}
	r := mustReply(w.submit("ann", d.Form.Token, map[string]string{"event": `{"title": `}))
	e, ok := r.(bot.FieldErrors)
	if !ok || e.Form.Fields[0].Value != `{"title": ` || e.Form.Token != d.Form.Token || !strings.Contains(e.Errors["event"], "not JSON") {
		t.Fatalf("what was typed is kept: %#v", r)
	}
	w.must(w.submit("ann", d.Form.Token, map[string]string{"event": `{"body": {"a": 1}, "headers": {"x": "y"}}`}))
	if got := w.runs.batches[1].Items[0].Data; len(got) != 2 {
		t.Errorf("a whole event is taken as it is: %v", got)
	}
}

func TestPending(t *testing.T) {
	w := newWorld(t)
	w.ask()
	for who, want := range map[string]bool{"bob": true, "kim": true, "ann": false, "mia": false} {
		if got := w.text(w.say(who, "/flow pending")); strings.Contains(got, "#12") != want || want && !strings.Contains(got, "#triage (slack, T1)") {
			t.Errorf("%s: %q", who, got)
		}
	}
	w.fail(14, 422)
	if got := w.text(w.say("ann", "/flow pending")); !strings.Contains(got, "#14") || strings.Contains(got, "#12") {
		t.Errorf("ann may retry: %q", got)
	}
	if got := w.text(w.say("vic", "/flow pending")); strings.Contains(got, "#14") {
		t.Errorf("a viewer may not: %q", got)
	}
}

func TestWhy(t *testing.T) {
	w := newWorld(t)
	w.runs.events = []bot.Occurrence{{Event: engine.Event{At: engine.Millis(w.now), Data: map[string]any{"headers": map[string]any{"x-github-event": "ping"}}},
		Outcome: engine.Skipped, Reason: `action is missing (wanted "opened")`}}
	if got := w.text(w.say("vic", "/flow why bug-triage")); !strings.Contains(got, `14:21 ping: skipped, action is missing (wanted "opened")`) {
		t.Errorf("got %q", got)
	}
}

func TestRunCardButtons(t *testing.T) {
	w := newWorld(t)
	id := w.fail(12, 422)
	r := mustReply(w.say("ann", "/flow runs #12")).(bot.Private)
	w.must(w.press("ann", token(t, r.Card, "retry")))
	w.must(w.press("ann", token(t, r.Card, "stop")))
	if s := w.runs.signals; len(s) != 2 || s[0].Kind != engine.StepRetry || s[0].Path != "ticket" || s[1].Kind != engine.RunCancel || s[1].Run != id {
		t.Errorf("%+v", s)
	}
	seen := mustReply(w.say("vic", "/flow runs 12")).(bot.Private)
	for _, b := range seen.Card.Buttons {
		if b.ID != "refresh" {
			t.Errorf("a viewer is offered %s", b.ID)
		}
	}
}

func TestFlowNames(t *testing.T) {
	names := map[string]bool{}
	for _, c := range bot.Commands() {
		if names[c.Name()] {
			t.Errorf("%s twice", c.Name())
		}
		names[c.Name()] = true
		if c.Text == "" || len(c.Args) > 0 && slices.IndexFunc(c.Args, func(a bot.Arg) bool { return a.Rest }) >= 0 && !c.Args[len(c.Args)-1].Rest {
			t.Errorf("%s: no help, or a rest that is not last", c.Name())
		}
	}
	for _, want := range strings.Fields("home show publish pause resume run runs pending why help") {
		if !names[want] {
			t.Errorf("%s is missing", want)
		}
	}
}

func FuzzCommandLine(f *testing.F) {
	for _, s := range []string{"/flow", "/flow show x", "/flow admin role a b c", "flow run x {\"a\": [1, 2]}", "/flow admin", "\x00\xff /flow  "} {
		f.Add(s)
	}
	w := newWorld(f)
	f.Fuzz(func(t *testing.T, line string) {
		w.ctx = t.Context()
		in := w.in(bot.InCommand, "vic")
		in.Text = line
		r, err := w.bot.Handle(w.ctx, in)
		if err == nil && r == nil || err != nil && engine.CodeOf(err) == engine.Internal {
			t.Errorf("%q: %v %v", line, r, err)
		}
		if _, err := w.bot.Options(w.ctx, in); err != nil {
			t.Errorf("%q: %v", line, err)
		}
		if p, ok := r.(bot.Private); ok && prompts.PlainCard(p.Card) == "" {
			t.Errorf("%q: an empty answer", line)
		}
	})
}
