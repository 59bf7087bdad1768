package bot

import (
	"context"
	"encoding/json"
	"maps"

	"github.com/bretelle/bretelle/engine"
	"github.com/bretelle/bretelle/engine/describe"
	"github.com/bretelle/bretelle/engine/flow"
	"github.com/bretelle/bretelle/prompts"
)

// askPublish asks once before the draft goes live: what the flow may do from then on, and what changes. anyway passes
// over a live version that moved while the draft was edited.
func (b *Bot) askPublish(ctx context.Context, c *caller, in In, name string, anyway bool) (Reply, error) {
	w, err := b.work(ctx, c, in, name, DeedPublish)
	if err != nil {
		return nil, err
	}
	if err := b.mayReach(ctx, c, name, w.flow); err != nil {
		return nil, err
	}
	pc := b.private(c, w.Head.Place, nil)
	switch {
	case w.Rev == 0:
		return nil, engine.E(engine.Conflict, "{flow} has no draft to publish", "flow", name).WithHint("Its live version is the latest.")
	case w.flow != nil && len(w.flow.Steps) == 0:
		return nil, engine.E(engine.Invalid, "Nothing to publish yet: add a step", "command", "/"+b.o.Command+" edit "+name).WithHint("Go on with {command}")
	case w.problems.Bad() || w.flow == nil:
		return b.showFlow(ctx, c, in, name, "", w.problems)
	case w.Live > 0 && w.Base != w.Live && !anyway:
		dr := &draft{card: prompts.LiveMoved(pc, name, w.Live, w.Base, b.publisher(ctx, name, w.Live), every), means: Intent{Flow: name, Data: json.RawMessage(jsonText(w.Base))}}
		return b.reply(ctx, c, in, "moved:"+name, dr)
	}
	d := prompts.PublishFacts{Flow: name, Version: w.Live + 1}
	for _, p := range describe.Powers(w.flow, b.o.Catalog) {
		d.Powers = append(d.Powers, prompts.Power(p))
	}
	if live, err := b.o.Flows.Source(ctx, name, "live"); err == nil && w.Live > 0 {
		if old, _ := flow.Parse(live); old != nil {
			d.Changes = describe.Changes(old, w.flow, b.o.Catalog)
		}
	}
	for _, p := range w.problems {
		d.Warn = append(d.Warn, engine.Text{Msg: p.Msg, Args: p.Args})
	}
	dr := &draft{card: prompts.PublishAsk(pc, d, every), means: Intent{Flow: name, Data: json.RawMessage(jsonText(map[string]any{"rev": w.Rev, "live": w.Live}))}}
	return b.reply(ctx, c, in, "publish:"+name, dr)
}

// publisher is who made a version live.
func (b *Bot) publisher(ctx context.Context, name string, version int64) string {
	list, err := b.o.Drafts.Versions(ctx, name)
	if err != nil {
		return ""
	}
	for _, v := range list {
		if v.Number == version {
			return v.By
		}
	}
	return ""
}

// publishing is what a question about publishing showed.
type publishing struct {
	Rev  int64 `json:"rev"`  // of the draft
	Live int64 `json:"live"` // the version that it replaces
}

// pressPublish makes the draft live that the card showed, in place of the version that it named; what changed since is
// shown anew.
func (b *Bot) pressPublish(ctx context.Context, p *press) (Reply, error) {
	w, err := b.work(ctx, p.caller, p.in, p.it.Flow, DeedPublish)
	if err != nil {
		return nil, err
	}
	if err := b.mayReach(ctx, p.caller, p.it.Flow, w.flow); err != nil {
		return nil, err
	}
	var asked publishing
	switch bad := json.Unmarshal(p.it.Data, &asked) != nil; {
	case w.Rev == 0:
		return nil, stale()
	case bad || asked.Live != w.Live:
		return b.askPublish(ctx, p.caller, p.in, p.it.Flow, false)
	case asked.Rev != w.Rev:
		return b.askPublish(ctx, p.caller, p.in, p.it.Flow, true)
	}
	return b.goLive(ctx, p.caller, p.in, p.it.Flow, func(ctx context.Context, name, by string) (engine.FlowHead, engine.Problems, error) {
		return b.o.Drafts.PublishRev(ctx, name, asked.Rev, asked.Live, by) // what was shown, and nothing that came since
	})
}

func (b *Bot) pressDifference(ctx context.Context, p *press) (Reply, error) {
	w, err := b.work(ctx, p.caller, p.in, p.it.Flow, DeedSee)
	if err != nil {
		return nil, err
	}
	var base int64
	if json.Unmarshal(p.it.Data, &base) != nil {
		return nil, stale()
	}
	return b.compare(ctx, p.caller, p.in, w.Head, base, w.Live)
}

// mayReach reports whether somebody may publish a text: they need the right wherever it goes, asks, tells, listens and
// posts. A nil text goes nowhere. Denied.
func (b *Bot) mayReach(ctx context.Context, c *caller, name string, f *flow.Flow) error {
	if f == nil {
		return nil
	}
	if err := b.may(ctx, c, DeedPublish, name, f.Channel, false); err != nil || b.o.Catalog == nil {
		return err
	}
	for _, p := range describe.Places(f, b.o.Catalog) {
		if err := b.may(ctx, c, DeedPublish, name, p, false); err != nil {
			return elsewhere(err, "This flow names {place}, where you may not publish", p)
		}
	}
	if err := b.mayCall(ctx, c, f); err != nil {
		return err
	}
	told, heard := hearsay(f)
	if err := b.mayHear(ctx, c, f, heard); err != nil {
		return err
	}
	return b.mayTell(ctx, c, f, told)
}

// mayCall reports whether somebody may start every flow that a text calls: nobody gets by a flow of their own what they
// may not do themselves.
func (b *Bot) mayCall(ctx context.Context, c *caller, f *flow.Flow) (err error) {
	f.Walk(func(s *flow.Step) {
		if s.Call == nil || err != nil || s.Call.Flow == f.Name {
			return
		}
		h, e := b.o.Flows.Head(ctx, s.Call.Flow)
		if engine.CodeOf(e) == engine.NotFound {
			return // check says so
		}
		if err = e; err != nil {
			return
		}
		if err = b.may(ctx, c, DeedRun, h.Name, h.Place, false); engine.CodeOf(err) == engine.Denied {
			e := *engine.AsError(err)
			e.Msg, e.Args = "This flow calls {flow}, which you may not start", maps.Clone(e.Args)
			if e.Args == nil {
				e.Args = map[string]any{}
			}
			e.Args["flow"] = h.Name
			err = &e
		}
	})
	return err
}

// elsewhere has a refusal say, in another sentence, that it is about another place than where somebody is.
func elsewhere(err error, msg string, p engine.Place) error {
	if engine.CodeOf(err) != engine.Denied {
		return err
	}
	e := *engine.AsError(err)
	e.Msg, e.Args = msg, maps.Clone(e.Args)
	if e.Args == nil {
		e.Args = map[string]any{}
	}
	e.Args["place"] = p.String()
	return &e
}
