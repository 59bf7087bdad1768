package bot

import (
	"context"
	"strconv"
	"strings"

	"github.com/bretelle/bretelle/engine"
	"github.com/bretelle/bretelle/engine/flow"
	"github.com/bretelle/bretelle/prompts"
	"github.com/bretelle/bretelle/prompts/picture"
)

const listed10 = 10 // rows of a list in chat

// seen are the flows that the caller may see.
func (b *Bot) seen(ctx context.Context, c *caller) ([]engine.FlowHead, error) {
	heads, err := b.o.Flows.List(ctx)
	if err != nil {
		return nil, err
	}
	var out []engine.FlowHead
	for _, h := range heads {
		if b.may(ctx, c, DeedSee, h.Name, h.Place, false) == nil {
			out = append(out, h)
		}
	}
	return out, nil
}

func (b *Bot) cmdShow(ctx context.Context, c *call) (Reply, error) {
	return b.showFlow(ctx, c.caller, c.in, c.args["FLOW"], c.args["VERSION"], nil)
}

// showFlow is the private card of a flow: the text of a version, else the draft's when there is one, else the live one's.
func (b *Bot) showFlow(ctx context.Context, c *caller, in In, name, which string, problems engine.Problems) (Reply, error) {
	h, err := b.head(ctx, c, in, name, DeedSee)
	if err != nil {
		return nil, err
	}
	asked := which != ""
	if !asked {
		if which = "live"; h.Draft || h.Live == 0 {
			which = "draft"
		}
	}
	source, err := b.o.Flows.Source(ctx, h.Name, which)
	if err != nil && (asked || engine.CodeOf(err) != engine.NotFound) {
		return nil, err
	}
	recent, err := b.o.Runs.List(ctx, h.Name, nil, listed10)
	if err != nil {
		return nil, err
	}
	tok := func(verb string) string { // only what this person may
		d, ok := flowVerb(verb)
		if !ok || b.may(ctx, c, d, h.Name, h.Place, false) != nil {
			return ""
		}
		return verb
	}
	pc := b.private(c, h.Place, nil)
	card := prompts.Flow(pc, h, source, problems, recent, tok)
	if b.builds() {
		card.Blocks = append(card.Blocks, b.drawn(pc.Lang, source)...)
		if tok("build") != "" {
			card.Buttons = append(card.Buttons, prompts.Button{ID: "build", Label: prompts.T(pc.Lang, "Edit", nil), Token: "build"})
		}
		card.Buttons = append(card.Buttons, prompts.Button{ID: "text", Label: prompts.T(pc.Lang, "Copy as text", nil), Token: "text"})
	}
	return b.reply(ctx, c, in, "flow:"+h.Name, &draft{card: card, means: Intent{Flow: h.Name}})
}

// drawn is a flow as a picture; nothing for a text that is none, or has no steps.
func (b *Bot) drawn(lang string, source []byte) []prompts.Block {
	f, _ := flow.Parse(source)
	if f == nil || len(f.Steps) == 0 {
		return nil
	}
	d := picture.Of(f, b.o.Catalog, lang, nil)
	return []prompts.Block{prompts.Picture{Alt: picture.Alt(d), Drawing: d}}
}

func flowVerb(verb string) (Deed, bool) {
	switch verb {
	case "pause", "resume":
		return DeedPause, true
	case "publish":
		return DeedPublish, true
	case "build":
		return DeedBuild, true
	case "refresh", "details", "open":
		return DeedSee, true
	}
	return "", false
}

func (b *Bot) cmdPublish(ctx context.Context, c *call) (Reply, error) {
	return b.publish(ctx, c.caller, c.in, c.args["FLOW"])
}

// publish asks once before the draft goes live, where it can say what that means.
func (b *Bot) publish(ctx context.Context, c *caller, in In, name string) (Reply, error) {
	if b.builds() {
		return b.askPublish(ctx, c, in, name, false)
	}
	return b.goLive(ctx, c, in, name, b.o.Flows.Publish)
}

// goLive publishes by do, the library's way that fits what the person was shown.
func (b *Bot) goLive(ctx context.Context, c *caller, in In, name string, do func(ctx context.Context, name, by string) (engine.FlowHead, engine.Problems, error)) (Reply, error) {
	h, err := b.head(ctx, c, in, name, DeedPublish)
	if err != nil {
		return nil, err
	}
	h2, problems, err := do(ctx, h.Name, c.person.ID)
	if problems.Bad() { // the library gives an error as well, which says only how many there are
		return b.showFlow(ctx, c, in, h.Name, "", problems)
	}
	if err != nil {
		return nil, err
	}
	b.Wake()
	b.closeSoon(ctx, c, h2.Name, func(pc prompts.Ctx) prompts.Card { return prompts.DraftDone(pc, h2, c.person.ID, b.now()) })
	return Private{prompts.Say(b.private(c, in.Place, nil), "{flow} version {version} is live now", "flow", h2.Name, "version", h2.Live)}, nil
}

func (b *Bot) cmdPause(ctx context.Context, c *call) (Reply, error) {
	return b.setState(ctx, c.caller, c.in, c.args["FLOW"], engine.FlowPaused)
}

func (b *Bot) cmdResume(ctx context.Context, c *call) (Reply, error) {
	return b.setState(ctx, c.caller, c.in, c.args["FLOW"], engine.FlowLive)
}

func (b *Bot) setState(ctx context.Context, c *caller, in In, name string, to engine.FlowState) (Reply, error) {
	h, err := b.head(ctx, c, in, name, DeedPause)
	if err != nil {
		return nil, err
	}
	switch {
	case h.State == to && to == engine.FlowPaused:
		return Private{prompts.Say(b.private(c, in.Place, nil), "{flow} is paused already", "flow", h.Name)}, nil
	case h.State == to:
		return Private{prompts.Say(b.private(c, in.Place, nil), "{flow} is running already", "flow", h.Name)}, nil
	case h.Live == 0:
		return nil, engine.E(engine.Invalid, "{flow} was never published", "flow", h.Name, "command", "/"+b.o.Command+" publish "+h.Name).
			WithHint("Publish it first: {command}")
	}
	if _, err := b.o.Flows.SetState(ctx, h.Name, to, c.person.ID); err != nil {
		return nil, err
	}
	b.Wake()
	if to == engine.FlowPaused {
		return Private{prompts.Say(b.private(c, in.Place, nil), "{flow} is paused. Events are kept until you resume it", "flow", h.Name)}, nil
	}
	return Private{prompts.Say(b.private(c, in.Place, nil), "{flow} goes on", "flow", h.Name)}, nil
}

func (b *Bot) cmdRuns(ctx context.Context, c *call) (Reply, error) {
	what := c.args["FLOW"]
	if n, err := strconv.ParseInt(strings.TrimPrefix(what, "#"), 10, 64); err == nil && n > 0 {
		id, err := b.o.Runs.RunID(ctx, n)
		if engine.CodeOf(err) == engine.NotFound {
			return nil, engine.E(engine.NotFound, "There is no run #{number}", "number", n)
		}
		if err != nil {
			return nil, err
		}
		return b.openRun(ctx, c.caller, c.in, id)
	}
	if what != "" {
		if _, err := b.head(ctx, c.caller, c.in, what, DeedSee); err != nil {
			if engine.CodeOf(err) != engine.NotFound || b.may(ctx, c.caller, DeedSee, "", c.in.Place, false) != nil {
				return nil, err
			}
			found, failed := b.find(ctx, c.caller, what)
			if failed != nil || len(found) > 0 {
				return Private{prompts.Runs(b.private(c.caller, c.in.Place, nil), found)}, failed
			}
			return nil, err
		}
		runs, err := b.o.Runs.List(ctx, what, nil, 2*listed10)
		if err != nil {
			return nil, err
		}
		return Private{prompts.Runs(b.private(c.caller, c.in.Place, nil), runs)}, nil
	}
	if err := b.may(ctx, c.caller, DeedSee, "", c.in.Place, false); err != nil {
		return nil, err
	}
	heads, err := b.seen(ctx, c.caller)
	if err != nil {
		return nil, err
	}
	var mine []string
	for _, h := range heads {
		mine = append(mine, h.Name)
	}
	all, err := b.o.Runs.List(ctx, "", nil, 100)
	if err != nil {
		return nil, err
	}
	var runs []engine.RunHead
	for _, r := range all {
		if has(mine, r.Flow) && len(runs) < 2*listed10 {
			runs = append(runs, r)
		}
	}
	return Private{prompts.Runs(b.private(c.caller, c.in.Place, nil), runs)}, nil
}

// openRun is the private card of one run.
func (b *Bot) openRun(ctx context.Context, c *caller, in In, id string) (Reply, error) {
	view, err := b.o.Runs.Run(ctx, id)
	if err != nil {
		return nil, err
	}
	entrusted, err := b.entrusted(ctx, c, view)
	if err != nil {
		return nil, err
	}
	if err := b.may(ctx, c, DeedSee, view.Flow, view.Place, entrusted); err != nil {
		b.audit(ctx, c.person.ID, "run.see.refused", "run/"+id, "verdict=denied source="+source(in))
		return nil, err
	}
	flow, err := b.flowRoles(ctx, view.Flow)
	if err != nil {
		return nil, err
	}
	dr := &draft{means: Intent{Run: id, Flow: view.Flow}}
	for _, s := range view.Steps { // what its buttons are about
		if s.State == engine.StepStateFailed || s.State == engine.StepStateUnknown {
			dr.means.Path = s.Path
		}
	}
	tok := func(verb string) string {
		d, ok := runVerb(verb)
		if !ok || b.may(ctx, c, d, view.Flow, view.Place, entrusted) != nil {
			return ""
		}
		return verb
	}
	dr.card = prompts.Run(b.private(c, view.Place, flow), view, tok)
	dr.card.Key = "view:" + id
	if b.o.Mender != nil && len(view.Steps) > 0 && b.may(ctx, c, DeedRun, view.Flow, view.Place, false) == nil {
		dr.card.Buttons = append(dr.card.Buttons, prompts.Button{ID: "rerun", Label: prompts.T(dr.card.Lang, "Run again", nil), Token: "rerun"})
		if view.State.Final() && changed(view) {
			dr.card.Buttons = append(dr.card.Buttons, prompts.Button{ID: "undo_run", Label: prompts.T(dr.card.Lang, "Undo", nil), Token: "undo_run"})
		}
	}
	return b.reply(ctx, c, in, "run:"+id, dr)
}

// changed reports whether a run did anything that reading does not.
func changed(v engine.RunView) bool {
	for _, s := range v.Steps {
		if s.State == engine.StepStateDone && s.Risk > engine.Read {
			return true
		}
	}
	return false
}

func runVerb(verb string) (Deed, bool) {
	switch verb {
	case "retry":
		return DeedRetry, true
	case "fix":
		return DeedFix, true
	case "stop", "happened":
		return DeedOutcome, true
	case "open", "refresh":
		return DeedSee, true
	}
	return "", false
}

func (b *Bot) cmdWhy(ctx context.Context, c *call) (Reply, error) {
	h, err := b.head(ctx, c.caller, c.in, c.args["FLOW"], DeedSee)
	if err != nil {
		return nil, err
	}
	events, err := b.o.Runs.Events(ctx, h.Name, 2*listed10)
	if err != nil {
		return nil, err
	}
	lines := make([]prompts.WhyLine, len(events))
	for i, e := range events {
		lines[i] = prompts.WhyLine{At: e.Event.At, Event: eventName(e.Event), Outcome: e.Outcome, Number: e.Number, Reason: e.Reason, Line: e.Line}
	}
	return Private{prompts.Why(b.private(c.caller, c.in.Place, nil), h.Name, lines)}, nil
}

// eventName is what came, in a word or two: the sender's own name for it where a header or the body gives one.
func eventName(e engine.Event) string {
	headers, _ := e.Data["headers"].(map[string]any)
	body, _ := e.Data["body"].(map[string]any)
	name := ""
	for _, h := range []string{"x-github-event", "x-event-type", "x-event", "ce-type"} {
		if s, ok := headers[h].(string); ok && s != "" {
			name = s
			break
		}
	}
	if s, ok := body["type"].(string); ok && name == "" {
		name = s
	}
	if s, ok := body["action"].(string); ok && name != "" {
		name += " " + s
	}
	if name == "" {
		name = e.Key
	}
	if name == "" {
		name = e.Trigger
	}
	if r := []rune(name); len(r) > 60 {
		name = string(r[:59]) + "…"
	}
	return name
}

// cmdHelp lists only what this person may do here.
func (b *Bot) cmdHelp(ctx context.Context, c *call) (Reply, error) {
	return b.helpOn(ctx, c.caller, c.in, strings.ToLower(c.args["ABOUT"]))
}

func (b *Bot) help(ctx context.Context, c *caller, in In) (Reply, error) {
	return b.helpOn(ctx, c, in, "")
}

// helpOn lists the commands of a group; of none, or one that is not there, those of no group and a line for each group:
// all of them are more than a message of some platforms holds.
func (b *Bot) helpOn(ctx context.Context, c *caller, in In, about string) (Reply, error) {
	pc := b.private(c, in.Place, nil)
	var lines, within []prompts.HelpLine
	told := map[string]bool{}
	for _, cmd := range Commands() {
		switch {
		case !b.offered(cmd) || cmd.Deed != "" && b.may(ctx, c, cmd.Deed, "", in.Place, false) != nil:
			continue
		case cmd.Group != "" && cmd.Group == about:
			within = append(within, prompts.HelpLine{Usage: cmd.Usage(b.o.Command), Text: cmd.Text})
		case cmd.Group == "":
			lines = append(lines, prompts.HelpLine{Usage: cmd.Usage(b.o.Command), Text: cmd.Text})
		case !told[cmd.Group]:
			told[cmd.Group] = true
			lines = append(lines, prompts.HelpLine{Usage: "/" + b.o.Command + " help " + cmd.Group, Text: groupText(pc.Lang, cmd.Group)})
		}
	}
	if len(within) > 0 {
		lines = within
	}
	return Private{prompts.Help(pc, lines)}, nil
}
