package main

import (
	"context"
	"slices"
	"sync"
	"time"

	"github.com/bretelle/bretelle/bot"
	"github.com/bretelle/bretelle/engine"
	"github.com/bretelle/bretelle/engine/flow"
)

// platformHealth is what doctor knows about a chat platform.
type platformHealth struct {
	Name    string       `json:"name"`
	On      bool         `json:"on"`
	How     string       `json:"how,omitempty"` // socket, HTTP, gateway
	Off     string       `json:"off,omitempty"` // why it is off
	Links   []linkHealth `json:"links"`
	Waiting int          `json:"waiting"` // messages that wait for it
	Wrong   []string     `json:"wrong"`
	title   string
}

type linkHealth struct {
	Workspace string `json:"workspace,omitempty"`
	Name      string `json:"name,omitempty"`
	Up        bool   `json:"up"`
	Since     string `json:"since"` // RFC 3339
	Why       string `json:"why,omitempty"`
}

// Bounds of what doctor asks platforms: somebody waits for the answer.
const (
	checkWithin  = 8 * time.Second
	checkedRooms = 50 // channels of flows that are looked at
)

func (p platformHealth) print(e *env) {
	title := p.title
	if title == "" {
		title = map[string]string{"slack": "Slack", "discord": "Discord"}[p.Name]
	}
	if !p.On {
		e.say("  %-8s off: %s", title, p.Off)
		return
	}
	line := "on, by " + p.How
	if p.Waiting > 0 {
		line += ", " + plural(p.Waiting, "message waits", "messages wait")
	}
	e.say("  %-8s %s", title, line)
	for _, l := range p.Links {
		state := "connected since " + l.Since
		if !l.Up {
			state = "not connected since " + l.Since
		}
		name := workspaceName(bot.Link{Workspace: l.Workspace, Name: l.Name})
		if name != "" {
			name += ": "
		}
		e.say("           %s%s", name, state)
	}
}

func plural(n int, one, many string) string {
	if n == 1 {
		return "1 " + one
	}
	return engine.Fill("{n} "+many, engine.Args("n", n))
}

// platformHealth looks at every platform at the same time; none of them can hold the others up for longer than
// checkWithin.
func (a *app) platformHealth(ctx context.Context) []platformHealth {
	ctx, cancel := context.WithTimeout(ctx, checkWithin)
	defer cancel()
	waiting := map[string]int{}
	queues, err := a.store.Queues(ctx)
	if err != nil {
		a.log.Warn("what waits for chat platforms could not be counted", "err", err)
	}
	for _, q := range queues {
		waiting[q.Place.Surface] += q.Count
	}
	out := make([]platformHealth, len(a.platforms))
	var all sync.WaitGroup
	for i, p := range a.platforms {
		all.Go(func() {
			out[i] = a.healthOf(ctx, p)
			out[i].Waiting = waiting[p.name]
		})
	}
	all.Wait()
	return out
}

func (a *app) healthOf(ctx context.Context, p *platform) platformHealth {
	h := platformHealth{Name: p.name, title: p.title, On: p.surface != nil, How: p.how, Links: []linkHealth{}, Wrong: []string{}}
	if p.off != nil {
		h.Off = p.off.Error()
		if p.off.Code != engine.NotFound { // set up, but wrong
			h.Wrong = append(h.Wrong, p.title+": "+h.Off)
		}
	}
	if !h.On {
		return h
	}
	wrong := func(e *engine.Error) {
		if s := p.title + ": " + e.Error(); !slices.Contains(h.Wrong, s) {
			h.Wrong = append(h.Wrong, s)
		}
	}
	asked := make(chan []*engine.Error, 1)
	go func() {
		var found []*engine.Error
		if c, ok := p.surface.(bot.Checker); ok {
			found = c.Check(ctx)
		}
		asked <- append(found, a.unseen(ctx, p)...)
	}()
	select {
	case found := <-asked:
		for _, e := range found {
			wrong(e)
		}
	case <-ctx.Done():
		wrong(engine.E(engine.Unavailable, "it did not answer in time"))
	}
	// After the check, which has made the surface know what workspaces are called.
	for _, l := range p.links() {
		link := linkHealth{Workspace: l.Workspace, Name: l.Name, Up: l.Up, Since: engine.Time(l.Since).UTC().Format(time.RFC3339)}
		if l.Why != nil {
			link.Why = l.Why.Error()
			wrong(l.Why)
		}
		h.Links = append(h.Links, link)
	}
	return h
}

// unseen are the channels that published flows name on a platform and that the bot cannot see there.
func (a *app) unseen(ctx context.Context, p *platform) (out []*engine.Error) {
	d, ok := p.surface.(bot.Directory)
	if !ok {
		return nil
	}
	heads, err := a.library.List(ctx)
	if err != nil {
		return []*engine.Error{engine.AsError(err)}
	}
	looked := map[engine.Place]bool{}
	for _, head := range heads {
		if head.Live == 0 {
			continue
		}
		for _, place := range a.placesOf(ctx, head) {
			if place.Surface != p.name || looked[place] || len(looked) == checkedRooms {
				continue
			}
			looked[place] = true
			_, _, err := d.Members(ctx, place, 1)
			if code := engine.CodeOf(err); err == nil || code != engine.NotFound && code != engine.Denied {
				continue
			}
			e := engine.AsError(err)
			out = append(out, engine.E(e.Code, "{flow} speaks in {place}: {why}", "flow", head.Name, "place", place.String(), "why", engine.Fill(e.Msg, e.Args)).
				WithHint(engine.Fill(e.Hint, e.Args)))
		}
	}
	return out
}

// placesOf are the places that the live version of a flow names.
func (a *app) placesOf(ctx context.Context, head engine.FlowHead) []engine.Place {
	out := []engine.Place{head.Place}
	source, err := a.library.Source(ctx, head.Name, "live")
	if err != nil {
		return out
	}
	f, _ := flow.Parse(source)
	if f == nil {
		return out
	}
	for _, list := range [][]engine.Place{f.Notify.Approvals, f.Notify.Alerts, f.Notify.Results, {f.Notify.Fallback}} {
		out = append(out, list...)
	}
	return out
}
