package console

import (
	"html/template"
	"net/http"
	"net/url"

	"github.com/bretelle/bretelle/engine"
	"github.com/bretelle/bretelle/prompts"
	"github.com/bretelle/bretelle/prompts/picture"
)

// FlowFacts is a flow as its page shows it: what /flow show tells, with its text.
type FlowFacts struct {
	Head     engine.FlowHead
	Source   []byte // of the draft when there is one, else of the live version
	Problems engine.Problems
	Versions []FlowVersion    // newest first
	Runs     []engine.RunHead // newest first
	Sample   any              // the newest event kept as a sample; nil without
}

// FlowVersion is one published version.
type FlowVersion struct {
	Number int64
	By     string // person id
	At     int64  // milliseconds
}

type versionRow struct {
	FlowVersion
	Who  string
	Live bool
}

type runRow struct {
	engine.RunHead
	Word, Took string
}

type flowPage struct {
	Facts    FlowFacts
	Word     string
	Starts   string // what starts it, in words
	Back     string
	BackName string
	Owner    string
	Link     string
	Picture  template.HTML
	Text     string
	Problems []string
	Versions []versionRow
	Runs     []runRow
	Sample   valueView
	When     func(ms int64) instant
	Words    runWords
}

func flowPath(name string) string { return "/flow/" + url.PathEscape(name) }

// getFlow shows a flow: its picture, its text, its versions and its last runs.
func (c *Console) getFlow(w http.ResponseWriter, r *http.Request, s seat) {
	ctx, name := r.Context(), r.PathValue("name")
	if c.o.Flow == nil {
		c.fail(w, r, s, engine.E(engine.NotFound, "no flow is called {flow}", "flow", name))
		return
	}
	facts, err := c.o.Flow(ctx, s.person.ID, name)
	if err != nil {
		c.fail(w, r, s, err)
		return
	}
	v := &channelView{c: c}
	if err := v.learn(ctx); err != nil {
		c.fail(w, r, s, err)
		return
	}
	lang := prompts.Lang(s.person.Lang)
	p := flowPage{Facts: facts, Starts: c.starts(ctx, name, 0, lang, facts.Head.Trigger), Word: stateWord(lang, string(facts.Head.State)), Back: "/", BackName: chromeIn(lang).Channels,
		Owner: v.who(facts.Head.Owner), Link: c.address(r) + flowPath(name), Text: string(facts.Source), Words: runWordsIn(lang),
		Sample: viewJSON("sample", encoded(facts.Sample)), When: func(ms int64) instant { return instantOf(ms, zone(s.person)) }}
	if at := facts.Head.Place; at.Surface == engine.ConsoleSurface && at.Channel != "" {
		p.Back, p.BackName = channelPath(at.Channel), at.Channel
	}
	if c.o.Draw != nil {
		if d, err := c.o.Draw(ctx, name, 0, lang, nil); err == nil {
			p.Picture = template.HTML(picture.SVG(d)) // the package escapes every text
		}
	}
	for _, x := range facts.Problems {
		p.Problems = append(p.Problems, prompts.T(lang, x.Msg, x.Args))
	}
	for _, x := range facts.Versions {
		p.Versions = append(p.Versions, versionRow{x, v.who(x.By), x.Number == facts.Head.Live})
	}
	for _, x := range facts.Runs {
		p.Runs = append(p.Runs, runRow{x, stateWord(lang, string(x.State)), took(x.Started, x.Ended)})
	}
	c.seated(w, r, s, http.StatusOK, "flow", frame{Title: facts.Head.Name, Page: p})
}
