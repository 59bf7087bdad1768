package describe_test

import (
	"os"
	"strings"
	"testing"

	"github.com/bretelle/bretelle/engine"
	"github.com/bretelle/bretelle/engine/describe"
	"github.com/bretelle/bretelle/engine/flow"
)

// catalog has the actions of the examples as far as words about them need.
type catalog struct{}

func (catalog) Action(name string) (*engine.Action, bool) {
	text := func(format string, required bool) *engine.Schema {
		return &engine.Schema{Type: "string", Format: format, Required: required}
	}
	a := &engine.Action{Name: name, Risk: engine.Write}
	switch name {
	case "http.request":
		a.Title = "Call a web address"
		a.In = &engine.Schema{Type: "object", Fields: []engine.Field{
			{Name: "method", Schema: &engine.Schema{Type: "string", Required: true, Enum: []string{"GET", "POST", "DELETE"}}},
			{Name: "url", Schema: text("uri", true)}, {Name: "body", Schema: text("text", false)}}}
		a.Traits = func(in map[string]any) engine.Traits {
			return engine.Traits{Risk: map[any]engine.Risk{"GET": engine.Read, "POST": engine.Write}[in["method"]]}
		}
	case "chat.message.post":
		a.Title = "Post a message"
		a.In = &engine.Schema{Type: "object", Fields: []engine.Field{{Name: "to", Schema: text("place", false)}, {Name: "text", Schema: text("text", true)}}}
	case "mail.message.send":
		a.Title, a.Risk = "Send a mail", engine.Send
		a.In = &engine.Schema{Type: "object", Fields: []engine.Field{{Name: "to", Schema: text("email", true)}, {Name: "subject", Schema: text("", true)}}}
	case "crm.contact.delete":
		a.Title, a.Risk, a.Account = "Delete a contact", engine.Destroy, "crm"
	default:
		return nil, false
	}
	return a, true
}

func (catalog) Trigger(name string) (*engine.TriggerKind, bool) {
	switch name {
	case "webhook.received":
		return &engine.TriggerKind{Name: name, Describe: func(with map[string]any) engine.Text {
			return engine.Say("a webhook arrives at /hooks/{path}", "path", with["path"])
		}}, true
	case "plain.tick":
		return &engine.TriggerKind{Name: name, Title: "It ticks"}, true
	}
	return nil, false
}

func (catalog) Names() []string        { return nil }
func (catalog) TriggerNames() []string { return nil }

func parse(t *testing.T, text string) *flow.Flow {
	t.Helper()
	f, problems := flow.Parse([]byte(text))
	if f == nil || problems.Bad() {
		t.Fatal(problems, text)
	}
	return f
}

func triage(t *testing.T) string {
	t.Helper()
	source, err := os.ReadFile("../../cmd/bretelle/examples/bug-triage.yaml")
	if err != nil {
		t.Fatal(err)
	}
	return string(source)
}

func lines(f *flow.Flow) string {
	var out []string
	f.Walk(func(s *flow.Step) {
		line := string(s.Kind) + " " + describe.Step(s, catalog{}).String()
		if n := describe.Note(s, nil).String(); n != "" {
			line += " · " + n
		}
		out = append(out, line)
	})
	return strings.Join(out, "\n")
}

func TestFlowInWords(t *testing.T) {
	f := parse(t, triage(t))
	if got := describe.Trigger(f, catalog{}).String(); got != "a webhook arrives at /hooks/github-bugs" {
		t.Error(got)
	}
	want := `ask Ticket for "{{ event.body.issue.title }}"? · 1 of @triage, covers step ticket
do http.request POST 127.0.0.1:7790
do chat.message.post → #triage “Ticket {{ steps.ticket.body.id }} for "{{ event.body.issue.…”`
	if got := lines(f); got != want {
		t.Errorf("got\n%s\nwanted\n%s", got, want)
	}
	if got := powers(f); got != "write write to 127.0.0.1:7790 (after 1 of @triage)\nwrite post in #triage here" {
		t.Error(got)
	}
}

func powers(f *flow.Flow) string {
	var out []string
	for _, p := range describe.Powers(f, catalog{}) {
		line := p.Risk.String() + " " + p.Text.String()
		if p.Gate.Msg != "" {
			line += " (" + p.Gate.String() + ")"
		}
		if p.Here {
			line += " here"
		}
		out = append(out, line)
	}
	return strings.Join(out, "\n")
}

const every = `flow: every
channel: "#ops"
trigger: {on: plain.tick}
steps:
  - id: look
    do: http.request
    with: {method: GET, url: "https://a.example/x"}
  - id: which
    ask: choice
    with: {title: "Which one?", options: [red, {value: b, label: Blue}], by: {any: ["@a"]}}
  - id: both
    ask: approval
    with: {by: {all: ["@a", "@b"], need: 2}}
  - id: more
    ask: form
    with: {by: {any: ["@a"]}, fields: [{name: reason, title: Why?}]}
  - id: choose
    switch: "{{ event.body.kind }}"
    cases:
      - is: a
        steps:
          - id: all
            each: {list: "{{ event.body.items }}"}
            steps:
              - id: write1
                do: http.request
                with: {method: POST, url: "https://b.example/{{ item.id }}"}
              - id: write2
                do: http.request
                with: {method: POST, url: "https://{{ item.host }}/x"}
              - id: write3
                do: http.request
                with: {method: POST, url: "https://b.example/again"}
  - id: careful
    try:
      - id: drop
        do: http.request
        when: event.body.really
        with: {method: DELETE, url: "https://c.example/x"}
    catch:
      - id: mail
        do: mail.message.send
        with: {to: ann@example.org, subject: "It failed"}
      - id: erase
        do: crm.contact.delete
        account: main
      - id: what
        do: no.such.action
      - id: say
        do: chat.message.post
        with: {text: done}
  - id: rest
    wait: {for: 10m}
  - id: until
    wait: {reply: {to: "{{ steps.say.ref }}", from: ["@a"]}, for: 2d}
  - id: keep
    set: {a: 1, b: "{{ vars.a }}"}
  - id: check
    if: event.body.n > 5
    then:
      - id: end
        stop: "enough of {{ event.body.n }}"
    else:
      - id: quiet
        stop: true
`

func TestEveryKindInWords(t *testing.T) {
	f := parse(t, every)
	want := `do http.request GET a.example
ask Which one? (red, Blue) · 1 of @a
ask a question · 2 of each of @a, @b
ask a question · 1 of @a
switch by kind
each items, one by one
do http.request POST b.example
do http.request POST …
do http.request POST b.example
try the steps below, with another way if they fail
do http.request DELETE c.example (only if really is true)
do mail.message.send → ann@example.org “It failed”
do crm.contact.delete
do no.such.action
do chat.message.post “done”
wait for 10m
wait a reply of @a, for 2d at most
set a = 1, b = "{{ vars.a }}"
if n is more than 5
stop the run ends: enough of {{ event.body.n }}
stop the run ends`
	if got := lines(f); got != want {
		t.Errorf("got\n%s\nwanted\n%s", got, want)
	}
	want = `destroy delete at c.example (asked before, each time)
destroy Delete a contact with the account main (asked before, each time)
destroy do no.such.action (asked before, each time)
send Send a mail: ann@example.org (asked before, the first time)
write write to b.example
write write to any address
write post in #ops here`
	if got := powers(f); got != want {
		t.Errorf("got\n%s\nwanted\n%s", got, want)
	}
	if got := describe.Trigger(f, catalog{}).String(); got != "It ticks" {
		t.Error(got)
	}
}

func TestChanges(t *testing.T) {
	base := triage(t)
	change := func(pairs ...string) string { return strings.NewReplacer(pairs...).Replace(base) }
	for name, x := range map[string]struct{ new, want string }{
		"none":      {base, ""},
		"comments":  {change("# your tracker", "# ours"), ""},
		"head":      {change("title: Bugs become tickets", "title: Bugs", `channel: "#triage"`, `channel: "#ops"`), "title: \"Bugs become tickets\" → \"Bugs\"\nchannel: \"#triage\" → \"#ops\""},
		"trigger":   {change("path: github-bugs", "path: bugs"), "it starts when a webhook arrives at /hooks/bugs; before: a webhook arrives at /hooks/github-bugs"},
		"setting":   {change("secret: github_bugs", "secret: other"), `trigger.secret: "github_bugs" → "other"`},
		"condition": {change(`event.body.action == "opened" && `, ""), `it runs only if one of issue.labels has name "bug"; before: action is "opened" and one of issue.labels has name "bug"`},
		"always":    {base[:strings.Index(base, "  when:")] + base[strings.Index(base, "steps:"):], `it runs always; before only if action is "opened" and one of issue.labels has name "bug"`},
		"field":     {change("method: POST", "method: GET", "      allow_private: true # only because this one is on your own machine\n", "", "json:", "query: {a: 1}\n      json:"), "ticket.method: \"POST\" → \"GET\"\nticket.query.a: 1, new\nticket.allow_private is gone; before: true"},
		"nested":    {change(`url: "{{ event.body.issue.html_url }}"`, `url: x`), `ticket.json.url: "{{ event.body.issue.html_url }}" → "x"`},
		"uncovered": {change("covers: [ticket]", "covers: []", "\n      edit: [ticket.json]", ""), "⚠ ticket needs no approval any more\nreview.covers: [\"ticket\"] → []\nreview.edit is gone; before: [\"ticket.json\"]"},
		"weaker":    {change("then: stop", "then: approve", "edit: [ticket.json]", "edit: [ticket.json, ticket.url]"), "⚠ no answer to review counts as approval now\n⚠ who decides about review may now change ticket.url\nreview.edit: [\"ticket.json\"] → [\"ticket.json\",\"ticket.url\"]\nreview.expire.then: \"stop\" → \"approve\""},
		"people":    {change(`any: ["@triage"], need: 1`, `any: ["@triage", "@ops"], need: 2`), "review is decided by 2 of @triage, @ops, before by 1 of @triage\nreview.by.any: [\"@triage\"] → [\"@triage\",\"@ops\"]\nreview.by.need: 1 → 2"},
		"steps": {base[:strings.Index(base, "  - id: tell")] + "  - id: call\n    do: http.request\n    with: {method: POST, url: http://x.example/y}\n",
			"new: call, http.request POST x.example\ngone: tell, chat.message.post → #triage “Ticket {{ steps.ticket.body.id }} for \"{{ event.body.issue.…”"},
	} {
		var got []string
		for _, c := range describe.Changes(parse(t, base), parse(t, x.new), catalog{}) {
			got = append(got, c.String())
		}
		if strings.Join(got, "\n") != x.want {
			t.Errorf("%s: got\n%s\nwanted\n%s", name, strings.Join(got, "\n"), x.want)
		}
	}
	// One step moved is said of that step alone.
	moved := "flow: m\ntrigger: {on: plain.tick}\nsteps:\n  - {id: a, stop: true}\n  - {id: b, stop: true}\n  - {id: c, stop: true}\n"
	other := "flow: m\ntrigger: {on: plain.tick}\nsteps:\n  - {id: c, stop: true}\n  - {id: a, stop: true}\n  - {id: b, stop: true}\n"
	if got := describe.Changes(parse(t, moved), parse(t, other), catalog{}); len(got) != 1 || got[0].String() != "c stands elsewhere now" {
		t.Error(got)
	}
	strict := strings.Replace(base, "need: 1", "need: 2", 1)
	if got := describe.Changes(parse(t, strict), parse(t, base), catalog{}); len(got) != 2 || got[0].String() != "⚠ review is decided by 1 of @triage, before by 2 of @triage" {
		t.Error(got)
	}
}

func TestWhereAFlowSpeaks(t *testing.T) {
	f, problems := flow.Parse([]byte(`flow: t
channel: "#triage"
notify:
  approvals: ["#triage", "discord:42/#triage"]
  alerts: ["#ops"]
  results: ["slack:T1/#news"]
  fallback: {to: "#mia", after: 10m}
trigger: {on: a.b}
steps:
  - ask: approval
    with: {title: Go?, by: {any: ["@a"]}, in: ["discord:42/#triage", "slack:T1/#boss"]}
`))
	if problems.Bad() {
		t.Fatal(problems)
	}
	var got []string
	for _, p := range describe.Powers(f, catalog{}) {
		got = append(got, p.Text.String())
		if p.Risk != engine.Read || !p.Here {
			t.Errorf("%s: risk %s", p.Text, p.Risk)
		}
	}
	want := "ask in discord:42/#triage|ask in slack:T1/#boss|tell in #ops what fails|tell in slack:T1/#news how runs end|ask in #mia when it can ask nowhere else"
	if strings.Join(got, "|") != want {
		t.Errorf("got %q", got)
	}
	old, _ := flow.Parse([]byte("flow: t\nchannel: \"#triage\"\ntrigger: {on: a.b}\nsteps:\n  - set: {a: 1}\n"))
	if said := describe.Changes(old, f, catalog{}); !strings.Contains(said[0].String()+said[1].String(), "notify") {
		t.Errorf("got %q", said)
	}
}

// What undoes a step is said with it, and is among what the flow may do.
func TestUndoInWords(t *testing.T) {
	f := parse(t, `flow: f
channel: "#ops"
trigger: {on: webhook.received, with: {path: f}}
steps:
  - id: ticket
    do: http.request
    with: {method: POST, url: "https://t.example/tickets"}
    undo: {do: http.request, with: {method: DELETE, url: "https://t.example/tickets/{{ result.body.id }}"}}
  - id: put
    do: http.request
    with: {method: POST, url: "https://t.example/x"}
    undo: {do: http.request, with: {method: POST, url: "https://u.example/x"}}
`)
	want := "do http.request POST t.example, undone by http.request DELETE t.example\ndo http.request POST t.example, undone by http.request POST u.example"
	if got := lines(f); got != want {
		t.Errorf("got\n%s\nwanted\n%s", got, want)
	}
	want = "write write to t.example\nwrite write to u.example, to undo put (when somebody undoes a run)"
	if got := powers(f); !strings.Contains(got, want) || !strings.Contains(got, "t.example, to undo ticket (asked before, each time)") {
		t.Error(got)
	}
}
