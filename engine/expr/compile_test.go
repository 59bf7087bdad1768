package expr

import (
	"strings"
	"testing"

	"github.com/bretelle/bretelle/engine"
)

func declared() Env {
	text := &engine.Schema{Type: "string"}
	number := &engine.Schema{Type: "integer"}
	label := &engine.Schema{Type: "object", Fields: []engine.Field{{Name: "name", Schema: text}}}
	return Env{Roots: map[string]*engine.Schema{
		"event": {Type: "object", Fields: []engine.Field{
			{Name: "id", Schema: text}, {Name: "body", Schema: &engine.Schema{}},
			{Name: "headers", Schema: &engine.Schema{Type: "object", Open: true}},
		}},
		"steps": {Type: "object", Fields: []engine.Field{{Name: "ticket", Schema: &engine.Schema{Type: "object", Fields: []engine.Field{
			{Name: "number", Schema: number}, {Name: "title", Schema: text}, {Name: "labels", Schema: &engine.Schema{Type: "array", Items: label}},
		}}}}},
		"vars": nil,
	}}
}

func TestCompileErrors(t *testing.T) {
	for src, want := range map[string]string{
		`evnt.body`: `1:1: error: nothing is called evnt here. Did you mean event?`,
		`zzzzzzzzz`: `1:1: error: nothing is called zzzzzzzzz here. There are: event, steps, vars`,
		`event.bdy`: `1:7: error: there is no bdy here. Did you mean body?`,
		"event.id == \"\" &&\n  steps.tickt.number == 1": `2:9: error: there is no tickt here. Did you mean ticket?`,
		`steps["tickt"].number`:                          `1:7: error: there is no tickt here. Did you mean ticket?`,
		`event.id.x`:                                     `1:10: error: text has no members`,
		`event.id + 1`:                                   `1:10: error: text and a number cannot be added. Write string(…) to make text of a number`,
		`steps.ticket.title > 3`:                         `1:20: error: text and a number have no order`,
		`steps.ticket.title && true`:                     `1:14: error: true or false is needed here, this is text`,
		`any(steps.ticket.labels, .nme == "bug")`:        `1:27: error: there is no nme here. Did you mean name?`,
		`any(steps.ticket.labels, .name)`:                `1:27: error: true or false is needed here, this is text`,
		`first(steps.ticket.labels).nme`:                 `1:28: error: there is no nme here. Did you mean name?`,
		`filter(steps.ticket.labels, true)[0].nme`:       `1:38: error: there is no nme here. Did you mean name?`,
		`lower(steps.ticket.number)`:                     `1:20: error: lower needs text here, this is a number. Write lower(text)`,
		`lwer(event.id)`:                                 `1:1: error: there is no function lwer. Did you mean lower?`,
		`lower()`:                                        `1:1: error: lower takes another number of arguments. Write lower(text)`,
		`lower`:                                          `1:1: error: lower is a function. Write lower(text)`,
		`now()`:                                          `1:1: error: there is no function now. An expression knows no clock: use event.at`,
		`event.id.lower()`:                               `error: values have no functions of their own`,
		`event.id = "x"`:                                 `1:10: error: = is not expected here. Write == to compare`,
		`event.id ==`:                                    `1:12: error: this expression ends too early`,
		`(event.id`:                                      `1:10: error: this expression ends too early`,
		`"abc`:                                           `error: a quote is not closed`,
		`b"abc"`:                                         `1:1: error: there are no bytes here, only text`,
		`@`:                                              `1:1: error: this character is not expected here`,
		``:                                               `1:1: error: this expression is empty`,
		` `:                                              `1:1: error: this expression is empty`,
		"\xff":                                           `1:1: error: this expression is not valid UTF-8 text`,
		`let event = 1; event`:                           `error: event is taken`,
		`#`:                                              `error: # is not expected here`,
		`map([1], #acc)`:                                 `error: #acc exists only in reduce`,
		`event.body matches "(?=x)"`:                     `1:20: error: this is no pattern`,
		`event.body ?? "a" + "b"`:                        `error: ?? cannot stand beside another operator without brackets`,
		`"é" + evnt`:                                     `1:7: error: nothing is called evnt here. Did you mean event?`,
	} {
		x, err := Compile(src, declared())
		if err == nil {
			t.Errorf("%s compiles: %v", src, x)
			continue
		}
		if got := problem(t, err); !strings.Contains(got, want) {
			t.Errorf("%s\n got  %s\n want %s", src, got, want)
		}
	}
	for _, src := range []string{
		`event.body.anything.goes[0].here`, `event.headers.any`, `vars.x.y`, `steps.ticket.labels[0].name`, `steps.ticket["number"] + 1`,
		`steps.ticket.number < 3.5`, `any(steps.ticket.labels, .name == "bug") and event.body.x`, `event.body.x + "text"`, `{a: 1}.a + 1`,
	} {
		if _, err := Compile(src, declared()); err != nil {
			t.Errorf("%s: %v", src, err)
		}
	}
}

func TestFencesOfSource(t *testing.T) {
	long := "event.id == '" + strings.Repeat("x", maxSource-15) + "'"
	for name, src := range map[string]string{
		"too long":            long + "  ",
		"round brackets":      strings.Repeat("(", 4000) + "1" + strings.Repeat(")", 4000),
		"square brackets":     strings.Repeat("[", 4000) + strings.Repeat("]", 4000),
		"open brackets":       strings.Repeat("[", 8000),
		"signs":               strings.Repeat("-", 8000) + "1",
		"signs in brackets":   strings.Repeat("-(", 2000) + "1" + strings.Repeat(")", 2000),
		"nots":                strings.Repeat("!", 8000) + "true",
		"choices":             strings.Repeat("true?1:", 1000) + "1",
		"powers":              strings.Repeat("1**", 2500) + "1",
		"lets":                strings.Repeat("let a=1;", 900) + "1",
		"predicates":          strings.Repeat("map([1],", 900) + "#" + strings.Repeat(")", 900),
		"a sum without end":   strings.Repeat("1+", 4000) + "1",
		"members without end": "event.body" + strings.Repeat(".a", 4000),
	} {
		if _, err := Compile(src, declared()); err == nil {
			t.Errorf("%s: compiles", name)
		} else {
			problem(t, err)
		}
	}
	ok := "event.id == '" + strings.Repeat("x", maxSource-14) + "'"
	if len(ok) != maxSource {
		t.Fatal(len(ok))
	}
	if _, err := Compile(ok, declared()); err != nil {
		t.Error("the longest source:", err)
	}
	if _, err := Compile(strings.Repeat("vars.x && ", 300)+"vars.y", declared()); err != nil {
		t.Error("a long chain:", err)
	}
	// Chains that share nodes must not take exponential time.
	for _, src := range []string{
		strings.Repeat("(0<", 60) + "1" + strings.Repeat("<1)", 60),
		strings.Repeat("(", 60) + "vars.x" + strings.Repeat("?:1)", 60),
	} {
		if x, err := Compile(src, declared()); err == nil {
			_, _ = x.Eval(Input{})
		}
	}
}

// Tricks that reach the host in other sandboxes are text, nil or an error here.
func TestNothingEscapes(t *testing.T) {
	for _, src := range []string{
		`$env`, `$env.event`, `env("HOME")`, `os.Getenv("HOME")`, `event.constructor.constructor("return this")()`, `event["__proto__"]`,
		`event.__class__.__mro__`, `reflect.TypeOf(event)`, `::now()`, `::get(event, "x")`, `get($env, "event")`, `event.String()`, `event.body.GoString()`,
		`"".constructor`, `this`, `global`, `process.exit(1)`, `require("fs")`, `import("os")`, `runtime.GC()`, `vars.f()`, `vars.f.Reveal()`,
		`print(1)`, `panic("x")`, `date("2026")`, `timezone("UTC")`, `duration("1h").String()`, `toJSON(event)`, `{{event}}`, `${event}`, "`${event}`",
		`event; vars`, `fromJSON("{\"__proto__\":{}}").x`, `bitand(1, 2)`, `mean([1])`, `vars.s`, `string(vars.s)`, `json(vars.s)`, `vars.s + ""`, `[vars.s]`, `vars.s == "canary"`,
	} {
		got := ""
		in := Input{Roots: map[string]any{"vars": map[string]any{"s": engine.NewSecret("canary"), "f": func() string { return "reached" }}}}
		got = outcome(t, src, untyped(), in)
		if strings.Contains(got, "reached") || strings.Contains(got, "canary") || got == "true" {
			t.Errorf("%s gives %s", src, got)
		}
	}
}

func TestRefs(t *testing.T) {
	_, err := Compile(`event.body.issue["title"] == steps.ticket.title && any(event.body.list, .x == vars[event.id]) && vars.a[0].b != lower(event?.id) && let e = event.body; e.z`, Env{Roots: untyped().Roots})
	if err == nil {
		t.Fatal("let inside an operator is not in the grammar")
	}
	x, err := Compile("let e = event.body;\nevent.body.issue[\"title\"] == steps.ticket.title && any(event.body.list, .x == vars[event.id]) && vars.a[0].b != lower(event?.id) && e.z", untyped())
	if err != nil {
		t.Fatal(err)
	}
	var got []string
	for _, r := range x.Refs() {
		got = append(got, strings.Join(append([]string{r.Root}, r.Path...), ".")+" "+strings.TrimSuffix(engine.Problem{Pos: r.Pos}.String(), ": : "))
	}
	want := `event.body 1:9
event.body.issue.title 2:1
steps.ticket.title 2:30
event.body.list 2:56
vars 2:79
event.id 2:84
vars.a 2:98
event.id 2:119`
	if strings.Join(got, "\n") != want {
		t.Errorf("got\n%s\nwant\n%s", strings.Join(got, "\n"), want)
	}
	x.Refs()[0].Root = "changed"
	if x.Refs()[0].Root != "event" {
		t.Error("Refs hands out its own list")
	}
}

func TestWhy(t *testing.T) {
	in := Input{Roots: data(t)}
	for src, want := range map[string]string{
		`event.body.action == "opened"`:                                     `action is "labeled", wanted "opened"`,
		`"opened" == event.body.action`:                                     `action is "labeled", wanted "opened"`,
		`event.body.n == 7 && event.body.action == "opened" && vars.x == 1`: `action is "labeled", wanted "opened"`,
		`(event.body.n == 7 and (event.body.issue.user.login == "bob"))`:    `issue.user.login is "ann", wanted "bob"`,
		`event.body.gone.state == "open"`:                                   `gone.state is missing, wanted "open"`,
		`event.headers["x-github-event"] == "push"`:                         `headers.x-github-event is "issues", wanted "push"`,
		`steps.ticket.body.id == -1`:                                        `steps.ticket.body.id is 12, wanted -1`,
		`event.body.issue == "x"`:                                           `issue is an object, wanted "x"`,
		`any(event.body.issue.labels, .name == "docs")`:                     `no one of issue.labels has name "docs"`,
		`any(event.body.issue.labels, "docs" == .a.b)`:                      `no one of issue.labels has a.b "docs"`,
		`any(event.body.words, # == "z")`:                                   `no one of words is "z"`,
		`any(event.body.words, # > "z")`:                                    `any(event.body.words, # > "z") is false`,
		`event.body.n > 8`:                                                  `event.body.n > 8 is false`,
		`(event.body.n == 7) && (event.body.n >  8 || vars.x)`:              `event.body.n > 8 || vars.x) is false`,
		`event.body.draft`:                                                  `draft is missing`,
		`!event.body.yes`:                                                   `!event.body.yes is false`,
		`event.body.n != 7`:                                                 `event.body.n != 7 is false`,
		`event.body.n == 7`:                                                 ``,
		`event.body.n`:                                                      `event.body.n is 7, not true or false`,
		`1 < event.body.n < 3 && true`:                                      `1 < event.body.n < 3 is false`,
		`event.body.yes && lower(event.body.gone) == "x"`:                   `lower(event.body.gone) == "x": lower needs text here, this is missing`,
		`event.body.text == "` + strings.Repeat("y", 100) + `"`:             `text is "Grüezi {{", wanted "` + strings.Repeat("y", 78) + `…`,
	} {
		x, err := Compile(src, untyped())
		if err != nil {
			t.Errorf("%s: %v", src, err)
			continue
		}
		if want == `event.body.n > 8 || vars.x) is false` {
			want = `(event.body.n > 8 || vars.x) is false`
		}
		if got := x.Why(in); got != want {
			t.Errorf("%s\n got  %s\n want %s", src, got, want)
		}
	}
}
