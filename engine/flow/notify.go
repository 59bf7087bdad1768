package flow

import (
	"slices"
	"strconv"
	"strings"
	"time"

	"go.yaml.in/yaml/v4"

	"github.com/bretelle/bretelle/engine"
)

// Bounds of notify.fallback.after: sooner would speak of every hiccup, later would be no help.
const (
	leastFallback = time.Minute
	mostFallback  = 7 * 24 * time.Hour
)

// surfaces are what places begin with.
var surfaces = []string{engine.ConsoleSurface, "slack", "discord"}

// notify reads where messages go. Places are written out: an expression could send a question where nobody may
// decide, and what a flow may do is said before it is published.
func (p *parser) notify(f *Flow, n *yaml.Node) engine.Notify {
	var out engine.Notify
	m := p.fields(n, "notify", "notify", "approvals", "alerts", "results", "fallback")
	for _, list := range []struct {
		key  string
		into *[]engine.Place
	}{{"approvals", &out.Approvals}, {"alerts", &out.Alerts}, {"results", &out.Results}} {
		if v := m[list.key]; v != nil {
			*list.into = p.placeList(&f.places, v, "notify."+list.key, "notify."+list.key)
		}
	}
	v := m["fallback"]
	if v == nil {
		return out
	}
	fallback := p.fields(v, "notify.fallback", "a fallback", "to", "after")
	if fallback == nil {
		return out
	}
	if to := fallback["to"]; to != nil {
		out.Fallback, _ = p.onePlace(to, "notify.fallback.to")
		f.places.note("notify.fallback.to", at(to))
	}
	if after := fallback["after"]; after != nil {
		d := p.duration(after, "notify.fallback.after")
		if d > 0 && (d < leastFallback || d > mostFallback) {
			p.bad(after, "notify.fallback.after", "a question waits between {least} and {most} before it goes elsewhere", "Write 15m, for example.",
				"least", "1m", "most", "7d")
		}
		out.After = d.Milliseconds()
	}
	if fallback["to"] == nil && fallback["after"] == nil {
		p.bad(v, "notify.fallback", "the fallback says neither where nor when", `Write {to: "#ops", after: 10m}.`)
	}
	return out
}

// placeList reads some places, each once; where they stand is noted under part and their number, from 0.
func (p *parser) placeList(notes *places, n *yaml.Node, where, part string) []engine.Place {
	notes.note(part, at(n))
	if !p.plain(n, where) {
		return nil
	}
	switch {
	case n.Kind != yaml.SequenceNode:
		p.bad(n, where, "a list is expected here", "Write it in brackets: [one, two].")
		return nil
	case len(n.Content) == 0:
		p.bad(n, where, "there is no place in this list", "Name one, or remove the key: then it is the flow's channel.")
		return nil
	case len(n.Content) > engine.MostPlaces:
		p.bad(n, where, "these are more than {most} places", "Keep those where somebody looks.", "most", engine.MostPlaces)
		return nil
	}
	var out []engine.Place
	for i, c := range n.Content {
		place, ok := p.onePlace(c, where+"["+strconv.Itoa(i)+"]")
		if !ok {
			continue
		}
		if slices.Contains(out, place) {
			p.bad(c, where, `"{text}" is written twice`, "Keep one of them.", "text", place.String())
			continue
		}
		notes.note(part+"."+strconv.Itoa(i), at(c))
		out = append(out, place)
	}
	return out
}

func (p *parser) onePlace(n *yaml.Node, where string) (engine.Place, bool) {
	if n.Kind == yaml.ScalarNode && n.Style != 0 && strings.Contains(n.Value, "{{") {
		p.bad(n, where, "a place is written out here, without an expression", `Write #channel, slack:TEAM/#channel or discord:GUILD/#channel.`)
		return engine.Place{}, false
	}
	s, ok := p.word(n, where)
	if !ok {
		return engine.Place{}, false
	}
	place, err := engine.ParsePlace(s)
	if err != nil {
		p.fail(n, where, err)
		return engine.Place{}, false
	}
	if !contains(surfaces, place.Surface) {
		p.notOneOf(n, where, place.Surface, surfaces)
		return engine.Place{}, false
	}
	return place, true
}
