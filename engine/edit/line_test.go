package edit_test

import (
	"os"
	"strings"
	"testing"

	"github.com/bretelle/bretelle/engine"
	"github.com/bretelle/bretelle/engine/edit"
)

// catalog has one action and one trigger of each sort of field.
type catalog struct{}

func (catalog) Action(name string) (*engine.Action, bool) {
	switch name {
	case "http.request":
		return &engine.Action{Name: name, Title: "Call a web address", In: &engine.Schema{Type: "object", Fields: []engine.Field{
			{Name: "method", Schema: &engine.Schema{Type: "string", Required: true, Enum: []string{"GET", "POST"}}},
			{Name: "url", Schema: &engine.Schema{Type: "string", Required: true, Format: "uri", Doc: "The whole address."}},
			{Name: "json", Schema: &engine.Schema{}},
			{Name: "headers", Schema: &engine.Schema{Type: "object", Open: true, Items: &engine.Schema{Type: "string"}}},
			{Name: "allow_private", Schema: &engine.Schema{Type: "boolean"}},
			{Name: "tries", Schema: &engine.Schema{Type: "integer"}},
			{Name: "tags", Schema: &engine.Schema{Type: "array"}},
			{Name: "account", Schema: &engine.Schema{Type: "string"}},
		}}}, true
	case "chat.message.post", "some.action":
		return &engine.Action{Name: name, Title: "Post a message", In: &engine.Schema{Type: "object", Open: true}}, true
	}
	return nil, false
}

func (catalog) Trigger(name string) (*engine.TriggerKind, bool) {
	if name != "webhook.received" {
		return nil, false
	}
	return &engine.TriggerKind{Name: name, Title: "A webhook is received", With: &engine.Schema{Type: "object", Fields: []engine.Field{
		{Name: "path", Schema: &engine.Schema{Type: "string", Required: true}},
		{Name: "sender", Schema: &engine.Schema{}},
		{Name: "secret", Schema: &engine.Schema{Type: "string"}},
	}}}, true
}

func (catalog) Names() []string        { return []string{"chat.message.post", "http.request", "some.action"} }
func (catalog) TriggerNames() []string { return []string{"webhook.received"} }

const triageLine = `new bug-triage title="Bugs become tickets" channel=#triage when webhook.received path=github-bugs sender=github secret=github_bugs ` +
	`if "event.body.action == \"opened\" && any(event.body.issue.labels, .name == \"bug\")" ` +
	`ask review: "Ticket for \"{{ event.body.issue.title }}\"?" by=@triage need=1 edit=ticket.json @expire.after=3d @expire.then=stop ` +
	`then ticket: http.request method=POST url=http://127.0.0.1:7790/tickets allow_private=true json.title="{{ event.body.issue.title }}" json.url="{{ event.body.issue.html_url }}" ` +
	`then tell: chat.message.post to=#triage text="Ticket {{ steps.ticket.body.id }} for \"{{ event.body.issue.title }}\""`

func TestLineOfBugTriage(t *testing.T) {
	source, err := os.ReadFile("../../cmd/bretelle/examples/bug-triage.yaml")
	if err != nil {
		t.Fatal(err)
	}
	line, err := edit.Line(source)
	if err != nil || line != triageLine {
		t.Fatalf("%v\n got %s\nwant %s", err, line, triageLine)
	}
	back, err := edit.ParseLine(line, catalog{})
	if err != nil || string(back) != uncommented(string(source)) {
		t.Errorf("%v\n%s", err, back)
	}
}

func TestParseLine(t *testing.T) {
	for _, x := range []struct{ line, want string }{
		{"new x", "flow: x\nsteps: []\n"},
		{`/flow new x when webhook.received path=p sender=github if "event.body.a" then some.action`,
			"flow: x\ntrigger:\n  on: webhook.received\n  with: {path: p, sender: github}\n  when: \"{{ event.body.a }}\"\nsteps:\n  - do: some.action\n"},
		{`x ask “Really?” by=@a,@b need=2 then http.request url=https://x/{{ event.body.a }}/b method=GET tries=3 tags=a,b allow_private=yes headers.X-Id=007 @account=me`,
			"flow: x\nsteps:\n  - ask: approval\n    covers: [request]\n    with:\n      title: Really?\n      by: {any: [\"@a\", \"@b\"], need: 2}\n" +
				"  - id: request\n    do: http.request\n    account: me\n    with:\n      url: \"https://x/{{ event.body.a }}/b\"\n      method: GET\n      tries: 3\n      tags: [a, b]\n" +
				"      allow_private: true\n      headers: {X-Id: \"007\"}\n"},
		{`new x then wait for=10m then later: set a=1 b="{{ vars.a }}" then stop "enough" @when=vars.a`,
			"flow: x\nsteps:\n  - wait: {for: 10m}\n  - id: later\n    set:\n      a: 1\n      b: \"{{ vars.a }}\"\n  - stop: enough\n    when: vars.a\n"},
		{`new x ask "Which?" options=["a","b"] by=@a then some.action n=null list=[1,{"b":1,"a":2}] text="5"`,
			"flow: x\nsteps:\n  - ask: choice\n    with:\n      title: Which?\n      options: [a, b]\n      by: {any: [\"@a\"]}\n" +
				"  - do: some.action\n    with:\n      n: null\n      list:\n        - 1\n        - {b: 1, a: 2}\n      text: \"5\"\n"},
		{`new x then sub: call flow=enrich version=3 with.email="{{ event.a }}" wait=false @timeout=1h then emit event=order-paid key=k data.n=1 then wait event.name=paid event.key=k for=2d`,
			"flow: x\nsteps:\n  - id: sub\n    call:\n      flow: enrich\n      version: 3\n      with:\n        email: \"{{ event.a }}\"\n      wait: false\n    timeout: 1h\n" +
				"  - emit:\n      event: order-paid\n      key: k\n      data: {n: 1}\n  - wait:\n      event: {name: paid, key: k}\n      for: 2d\n"},
		{`new x then throttle rate=10/m per="{{ event.a }}" then new: dedupe key="{{ event.b }}" for=1d then=skip then digest item="{{ event.c }}" at="every day at 9:00" most=20 @timeout=2d`,
			"flow: x\nsteps:\n  - throttle:\n      rate: 10/m\n      per: \"{{ event.a }}\"\n  - id: new\n    dedupe:\n      key: \"{{ event.b }}\"\n      for: 1d\n      then: skip\n" +
				"  - digest:\n      item: \"{{ event.c }}\"\n      at: every day at 9:00\n      most: 20\n    timeout: 2d\n"},
		{`new x then digest item.title="{{ event.c }}" item.n=1 for=1h`, "flow: x\nsteps:\n  - digest:\n      item:\n        title: \"{{ event.c }}\"\n        n: 1\n      for: 1h\n"},
	} {
		got, err := edit.ParseLine(x.line, catalog{})
		if err != nil || string(got) != x.want {
			t.Errorf("%s: %v\n%s\nwanted\n%s", x.line, err, got, x.want)
		}
	}
}

func TestParseLineErrors(t *testing.T) {
	for line, want := range map[string]string{
		"":                                  "1: the flow's name is missing. Write new my-flow when …",
		"new when x":                        "5: the flow's name is missing. Write new my-flow when …",
		"new Bad":                           `5: "Bad" cannot be a flow's name. Use small letters, digits and dashes, at most 60: "bad" would do.`,
		"new x titel=a":                     `7: there is no setting "titel" of a flow. Did you mean "title"?`,
		"new x when":                        "11: the name of a trigger is missing. There are: webhook.received.",
		"new x when webhok.received":        `12: no trigger is called "webhok.received". Did you mean "webhook.received"?`,
		"new x when webhook.received pat=1": `29: there is no field "pat" here. Did you mean "path"?`,
		"new x when webhook.received if event.body.a": `32: a condition between quotes is expected here. Write if "event.body.action == \"opened\"".`,
		"new x then htp.request":                      `12: no action is called "htp.request". Did you mean "http.request"?`,
		"new é then":                                  `5: "é" cannot be a flow's name. Use small letters, digits and dashes, at most 60, like "new-contact".`,
		"new x then":                                  "11: the line ends where a step should follow. Write an action, like http.request.",
		"new x then http.request method=PUST":         `32: "PUST" is not possible here. Did you mean "POST"?`,
		"new x then http.request tries=many":          "31: a number is expected here. Write it in digits.",
		"new x then http.request allow_private=maybe": `39: "maybe" is not possible here. Possible: true, false.`,
		`new x then http.request url="http://x`:       "29: the quote that opens here is never closed. Add the closing quote.",
		`new x then http.request url=a url=b`:         `31: "url" is written twice. Keep one of them.`,
		`new x then http.request json=[1`:             `30: this list or map is not JSON. Write ["one", "two"] or {"name": "value"}.`,
		"new x http.request":                          `7: "http.request" is not expected here. A step begins with then or ask, a condition with if, a setting is name=value.`,
		"new x if \"a\"":                              "7: the flow does not say when it starts. Write when and a trigger before the if.",
		"new x then http.request url={{ a":            "29: {{ is not closed. Close it with }}.",
		"new x then wait":                             "7: a step of kind wait says nothing. Write wait for=10m, or set name=value.",
		"new x ask \"a\" need=2":                      "20: a number is expected here, beside by=@group. Write by=@group need=2.",
		"new x then http.request =5":                  "25: the name before = is not complete. Write name=value.",
	} {
		_, err := edit.ParseLine(line, catalog{})
		e := engine.AsError(err)
		if err == nil || e.Code != engine.Invalid || engine.Fill("{column}: ", e.Args)+e.Error() != want {
			t.Errorf("%s: %s%v\nwanted %s", line, engine.Fill("{column}: ", e.Args), err, want)
		}
	}
}

func TestLineSaysWhatHasNone(t *testing.T) {
	for text, want := range texts {
		if want, ok := map[string]string{"usual": `step "if_3" holds other steps`, "nested": `step "loop" holds other steps`}[text]; ok {
			if _, err := edit.Line([]byte(texts[text])); err == nil || !strings.HasPrefix(err.Error(), want) {
				t.Errorf("%s: %v", text, err)
			}
		}
		_ = want
	}
}

func TestComplete(t *testing.T) {
	for line, want := range map[string]string{
		"":                                     "new",
		"new x ":                               "when title= channel= notify= timezone=",
		"new x when ":                          "webhook.received",
		"new x when web":                       "webhook.received",
		"new x when webhook.received ":         "path= sender= secret= @key= if ask then",
		"new x when webhook.received path=a s": "sender= secret=",
		"new x when webhook.received path=a if \"a b\" t": "then",
		"new x when webhook.received path=a if \"a ":      "",
		"new x then ":                            "chat.message.post http.request some.action wait call emit throttle dedupe digest set stop",
		"new x then a: h":                        "http.request",
		"new x then http.request method=":        "method=GET method=POST",
		"new x then http.request method=p":       "method=POST",
		"new x then http.request allow_private=": "allow_private=true allow_private=false",
		"new x then http.request method=GET ":    "url= json= headers= allow_private= tries= tags= account= ask then",
		"new x then http.request @":              "@account= @retry.max= @timeout= @on_error= @when=",
		"new x ask \"a\" ":                       "by= need= covers= edit= options= ask then",
		"new x then wait ":                       "for= until= ask then",
	} {
		var got []string
		for _, c := range edit.Complete(line, catalog{}) {
			got = append(got, c.Value)
		}
		if strings.Join(got, " ") != want {
			t.Errorf("%q: %v\nwanted %s", line, got, want)
		}
	}
}
