package picture_test

import (
	"bytes"
	"encoding/xml"
	"errors"
	"flag"
	"fmt"
	"image"
	"image/png"
	"io"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/bretelle/bretelle/engine"
	"github.com/bretelle/bretelle/engine/flow"
	"github.com/bretelle/bretelle/prompts"
	"github.com/bretelle/bretelle/prompts/corpus"
	"github.com/bretelle/bretelle/prompts/picture"
)

var update = flag.Bool("update", false, "write golden files")

// catalog knows enough to tell a request that reads from one that writes.
type catalog struct{}

func (catalog) Action(name string) (*engine.Action, bool) {
	switch name {
	case "http.request":
		return &engine.Action{Name: name, Title: "Send an HTTP request", Risk: engine.Destroy,
			Traits: func(in map[string]any) engine.Traits {
				if in["method"] == "GET" {
					return engine.Traits{Risk: engine.Read}
				}
				return engine.Traits{Risk: engine.Write}
			},
			Describe: func(in map[string]any) (string, any) { return fmt.Sprint(in["method"], " ", in["url"]), nil }}, true
	case "chat.message.post":
		return &engine.Action{Name: name, Title: "Post a message", Risk: engine.Write}, true
	}
	return nil, false
}

func (catalog) Trigger(name string) (*engine.TriggerKind, bool) {
	return &engine.TriggerKind{Name: name, Title: "A webhook arrives", Describe: func(with map[string]any) engine.Text {
		return engine.Say("a webhook arrives at /hooks/{path}", "path", with["path"])
	}}, name == "webhook.received"
}
func (catalog) Names() []string        { return []string{"chat.message.post", "http.request"} }
func (catalog) TriggerNames() []string { return []string{"webhook.received"} }

// drawings is every example flow, and drawings of what no example has.
func drawings(t testing.TB) map[string]prompts.Drawing {
	t.Helper()
	files, err := filepath.Glob("../../cmd/bretelle/examples/*.yaml")
	if err != nil || len(files) == 0 {
		t.Fatal("there are no examples", err)
	}
	all := map[string]prompts.Drawing{}
	for _, file := range files {
		b, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		f, problems := flow.Parse(b)
		if f == nil {
			t.Fatal(file, problems)
		}
		for _, lang := range []string{"en", "fr"} {
			all[strings.TrimSuffix(filepath.Base(file), ".yaml")+"-"+lang] = picture.Of(f, catalog{}, lang, nil)
		}
	}
	all["nested"] = nested()
	all["run"] = run()
	all["long-words"] = prompts.Drawing{Title: strings.Repeat("Title", 40), Nodes: []prompts.DrawNode{
		{ID: strings.Repeat("id", 80), Kind: "do", Label: strings.Repeat("word", 80), Detail: strings.Repeat("more words ", 80), Risk: engine.Destroy}}}
	all["empty"] = prompts.Drawing{Title: "nothing yet"}
	return all
}

func nested() prompts.Drawing {
	do := func(id string, r engine.Risk) prompts.DrawNode {
		return prompts.DrawNode{ID: id, Kind: "do", Label: "Do " + id, Risk: r}
	}
	return prompts.Drawing{Title: "Everything there is", Lang: "en", Nodes: []prompts.DrawNode{
		{ID: "trigger", Kind: "trigger", Label: "every weekday at 9:00", Detail: "only if it is a work day"},
		{ID: "ok", Kind: "ask", Label: "Shall I?", Gates: []string{"ticket", "inner", "ship"}},
		do("ticket", engine.Write),
		{ID: "sort", Kind: "switch", Label: "event.kind", Branches: []prompts.DrawBranch{
			{Label: `is "bug"`, Nodes: []prompts.DrawNode{do("inner", engine.Send),
				{ID: "deep", Kind: "if", Label: "event.urgent", Branches: []prompts.DrawBranch{
					{Label: "yes", Nodes: []prompts.DrawNode{do("page", engine.Send)}},
					{Label: "no", Nodes: []prompts.DrawNode{{ID: "late", Kind: "wait", Label: "for 1 day"}, {ID: "stop_1", Kind: "stop", Label: "not urgent"}}}}}}},
			{Label: `is "feature"`, Nodes: []prompts.DrawNode{do("list", engine.Read)}},
			{Label: "otherwise"}}},
		{ID: "each_1", Kind: "each", Label: "event.people", Branches: []prompts.DrawBranch{{Label: "each item", Nodes: []prompts.DrawNode{do("tell", engine.Send)}}}},
		{ID: "try_1", Kind: "try", Branches: []prompts.DrawBranch{
			{Label: "try", Nodes: []prompts.DrawNode{do("ship", engine.Destroy)}}, {Label: "if it fails", Nodes: []prompts.DrawNode{do("say", engine.Write)}}}},
		{ID: "set_1", Kind: "set", Label: "x, y"},
	}}
}

func run() prompts.Drawing {
	d := prompts.Drawing{Title: "A run", Lang: "en", Nodes: []prompts.DrawNode{{ID: "trigger", Kind: "trigger", Label: "by hand"}}}
	for _, s := range []engine.StepState{engine.StepStateDone, engine.StepStateSkipped, engine.StepStateFailed, engine.StepStateUnknown,
		engine.StepWaiting, engine.StepRunning, engine.StepStateCanceled, engine.StepPending} {
		d.Nodes = append(d.Nodes, prompts.DrawNode{ID: string(s), Kind: "do", Label: "This one is " + string(s), State: string(s)})
	}
	return d
}

func TestGoldens(t *testing.T) {
	all := drawings(t)
	var items []corpus.Drawn
	for _, name := range slices.Sorted(maps.Keys(all)) {
		items = append(items, corpus.Drawn{Name: name, Text: string(picture.SVG(all[name]))})
	}
	corpus.Goldens(t, "testdata/svg.golden", items, *update)
	if dir := os.Getenv("BRETELLE_SHOTS"); dir != "" {
		for name, d := range all {
			b, err := picture.PNG(d)
			if err == nil {
				err = os.WriteFile(filepath.Join(dir, "picture-"+name+".png"), b, 0o644)
			}
			if err != nil {
				t.Error(err)
			}
		}
	}
}

// Every picture is well-formed, says itself in words, holds nothing that runs, and decodes to something visible.
func TestPicturesAreSound(t *testing.T) {
	all := drawings(t)
	for i, text := range corpus.Hostile() {
		all[fmt.Sprint("hostile ", i)] = prompts.Drawing{Title: text, Lang: text, Nodes: []prompts.DrawNode{
			{ID: text, Kind: text, Label: text, Detail: text, State: text, Gates: []string{text, "b"}, Branches: []prompts.DrawBranch{{Label: text, Nodes: []prompts.DrawNode{{ID: text, Kind: "do"}}}}},
			{ID: "b", Kind: "ask", Label: text, Gates: []string{text}}}}
	}
	for name, d := range all {
		if strings.TrimSpace(picture.Alt(d)) == "" {
			t.Errorf("%s: no words", name)
		}
		sound(t, name, picture.SVG(d))
		seen(t, name, d)
	}
}

// sound reads an SVG as XML and lets through only the elements and attributes that are ours.
func sound(t *testing.T, name string, svg []byte) {
	t.Helper()
	ours := " svg title desc rect polyline path text "
	attrs := " xmlns class role aria-labelledby id width height viewBox font-family fill stroke x y rx stroke-dasharray points d font-size font-weight "
	for dec := xml.NewDecoder(bytes.NewReader(svg)); ; {
		token, err := dec.Token()
		if errors.Is(err, io.EOF) {
			return
		}
		if err != nil {
			t.Errorf("%s: %v", name, err)
			return
		}
		if e, ok := token.(xml.StartElement); ok {
			if !strings.Contains(ours, " "+e.Name.Local+" ") {
				t.Errorf("%s: <%s>", name, e.Name.Local)
			}
			for _, a := range e.Attr {
				if !strings.Contains(attrs, " "+a.Name.Local+" ") {
					t.Errorf("%s: <%s %s>", name, e.Name.Local, a.Name.Local)
				}
			}
		}
	}
}

func seen(t *testing.T, name string, d prompts.Drawing) image.Image {
	t.Helper()
	b, err := picture.PNG(d)
	if err != nil {
		t.Fatalf("%s: %v", name, err)
	}
	img, err := png.Decode(bytes.NewReader(b))
	if err != nil {
		t.Fatalf("%s: %v", name, err)
	}
	size := img.Bounds()
	if size.Dx() > 4000 || size.Dy() > 4000 {
		t.Errorf("%s: %v", name, size)
	}
	blank := img.At(0, 0)
	for y := range size.Dy() {
		for x := range size.Dx() {
			if img.At(x, y) != blank {
				return img
			}
		}
	}
	t.Errorf("%s is blank", name)
	return img
}

// A flow that is too big for a picture is cut on both sides, and says so; words are bounded too.
func TestBigFlowsAreCut(t *testing.T) {
	tall := prompts.Drawing{Title: "tall"}
	for i := range 1000 {
		tall.Nodes = append(tall.Nodes, prompts.DrawNode{ID: fmt.Sprint("s", i), Kind: "do", Label: "Do"})
	}
	broad := prompts.Drawing{Title: "broad", Nodes: []prompts.DrawNode{{ID: "s", Kind: "switch"}}}
	for i := range 150 {
		broad.Nodes[0].Branches = append(broad.Nodes[0].Branches, prompts.DrawBranch{Label: fmt.Sprint(i), Nodes: []prompts.DrawNode{{ID: "x", Kind: "do", Label: "Do"}}})
	}
	deep := prompts.Drawing{Title: "deep"}
	at := &deep.Nodes
	for range 500 {
		*at = []prompts.DrawNode{{ID: "d", Kind: "if", Label: "x", Branches: make([]prompts.DrawBranch, 2)}}
		at = &(*at)[0].Branches[0].Nodes
	}
	for name, d := range map[string]prompts.Drawing{"tall": tall, "broad": broad, "deep": deep} {
		seen(t, name, d)
		sound(t, name, picture.SVG(d))
		if n := len(picture.Alt(d)); n > 9000 {
			t.Errorf("%s: %d bytes of words", name, n)
		}
	}
}

// Every kind of step is drawn, with its branches, from a flow's text.
func TestEveryKindIsDrawn(t *testing.T) {
	f, problems := flow.Parse([]byte(`flow: kinds
trigger: {on: webhook.received, with: {path: x}}
steps:
  - id: sort
    switch: "{{ event.body.kind }}"
    cases:
      - is: [bug, crash]
        steps: [{id: a, do: http.request, with: {method: POST, url: "https://x.example/"}}]
      - is: 7
        steps: [{id: b, set: {x: 1}}]
    else: [{id: c, stop: nothing to do}]
  - id: loop
    each: "{{ event.body.people }}"
    steps: [{id: d, do: http.request, with: {method: GET, url: "https://x.example/"}}]
  - id: guard
    try: [{id: e, do: nobody.knows.this}]
    catch: [{id: f, wait: {for: 10m}}]
    finally: [{id: g, if: "{{ true }}", then: [{id: h, set: {y: 2}}]}]
`))
	if f == nil {
		t.Fatal(problems)
	}
	d := picture.Of(f, catalog{}, "en", map[string]engine.StepState{"loop[0]/d": engine.StepStateDone, "loop[1]/d": engine.StepStateFailed, "loop[2]/d": engine.StepStateDone})
	var got []string
	var walk func(string, []prompts.DrawNode)
	walk = func(in string, nodes []prompts.DrawNode) {
		for _, n := range nodes {
			got = append(got, in+n.ID+":"+n.Kind)
			for _, b := range n.Branches {
				walk(in+n.ID+"["+b.Label+"]/", b.Nodes)
			}
		}
	}
	walk("", d.Nodes)
	want := `trigger:trigger sort:switch sort[is "bug", "crash"]/a:do sort[is 7]/b:set sort[otherwise]/c:stop loop:each loop[for each one]/d:do guard:try guard[try]/e:do guard[if it fails]/f:wait guard[in any case]/g:if guard[in any case]/g[yes]/h:set`
	if s := strings.Join(got, " "); s != want {
		t.Errorf("drawn\n%s\nwanted\n%s", s, want)
	}
	if n := d.Nodes[2].Branches[0].Nodes[0]; n.State != "failed" || n.Risk != engine.Read {
		t.Errorf("the loop's step is %+v", n)
	}
	sound(t, "kinds", picture.SVG(d))
	seen(t, "kinds", d)
}

// A run's states stand on the steps of the flow.
func TestStatesOfARun(t *testing.T) {
	f, problems := flow.Parse([]byte("flow: a\ntrigger: {on: webhook.received, with: {path: x}}\nsteps:\n  - id: one\n    if: \"{{ true }}\"\n    then:\n      - id: two\n        do: http.request\n        with: {method: POST, url: https://x.example/}\n"))
	if f == nil {
		t.Fatal(problems)
	}
	d := picture.Of(f, catalog{}, "fr", map[string]engine.StepState{"one": engine.StepStateDone, "two": engine.StepStateFailed})
	if got := d.Nodes[1].State; got != "done" {
		t.Errorf("one is %q", got)
	}
	two := d.Nodes[1].Branches[0].Nodes[0]
	if two.State != "failed" || two.Risk != engine.Write || !strings.HasPrefix(two.Label, "http.request") {
		t.Errorf("two is %+v", two)
	}
	if alt := picture.Alt(d); !strings.Contains(alt, "en échec") {
		t.Errorf("in words: %s", alt)
	}
}
