package prompts

import (
	"strings"

	"github.com/bretelle/bretelle/engine"
)

// Ask is an approval in any of its states: open (with the votes so far, with nobody there to vote), decided (with
// what the covered steps did since), expired, superseded. A choice or a form is shown by Question.
func Ask(c Ctx, run engine.RunView, ask engine.AskView, tok Tokens) Card {
	if ask.Kind != engine.AskApproval {
		return Question(c, run, ask, tok)
	}
	key := "ask:" + run.ID + "/" + ask.Path
	switch ask.State {
	case engine.CardDecided:
		return c.decided(key, run, ask, tok)
	case engine.CardExpired:
		b := c.card(key, ToneNone, tok, join(" · ", c.runName(run.RunHead), c.line("nobody decided until {time}", "time", c.dayClock(max(ask.Expires, ask.DecidedAt)))))
		return b.para(text(c.askTitle(ask))).note(c.then(ask.Then, true)).open(run.RunHead).done(engine.CardExpired)
	case engine.CardSuperseded:
		b := c.card(key, ToneNone, tok, join(" · ", c.runName(run.RunHead), text(c.askTitle(ask))))
		return b.note(c.line("No longer asked: a newer question or the end of the run took its place.")).open(run.RunHead).done(engine.CardSuperseded)
	}
	members, known := c.members(ask.Groups)
	empty := known && len(members) == 0 && !onlyDefault(ask.Groups)
	tone := ToneQuestion
	if empty {
		tone = ToneWarn
	}
	b := c.card(key, tone, tok, join(" · ", c.runName(run.RunHead), text(c.askTitle(ask))))
	switch {
	case empty:
		b.para(c.line("{group} is empty, so nobody can approve. The run is waiting.", "group", c.groups(ask.Groups, false)))
		b.note(c.line("An admin can fill it: {command}", "command", code("bretelle group set "+strings.TrimPrefix(ask.Groups[0], "@")+" NAME")))
	case len(ask.Votes) > 0:
		var names Line
		for i, v := range ask.Votes {
			if i > 0 {
				names = names.add(", ")
			}
			names = append(names, c.who(v.By))
		}
		need := c.needed(ask)
		b.para(append(text("◔ "), c.line("{have} of {need} · {names} approved · waiting for {n} more of {group}",
			"have", len(ask.Votes), "need", need, "names", names, "n", max(1, need-len(ask.Votes)), "group", c.groups(ask.Groups, true))...))
	case ask.Mode == "all" && len(ask.Groups) > 1:
		b.para(c.line("for {group}, {n} needed of each", "group", c.groups(ask.Groups, true), "n", max(1, ask.Need)))
	default:
		b.para(c.line("for {group}, {n} needed", "group", c.groups(ask.Groups, true), "n", max(1, ask.Need)))
	}
	for _, v := range ask.Lapsed {
		if v.By != ask.EditedBy {
			b.para(c.line("{who} changed {fields}. {voter}, your approval was for the old text: look again.",
				"who", c.who(ask.EditedBy), "fields", fieldNames(ask.Edited), "voter", c.ping(v.By)))
		}
	}
	if ask.Again {
		b.note(c.line("Asked again, because what is sent has changed since it was approved."))
	}
	if ask.Auto {
		b.note(c.autoReason(ask.Plan))
	}
	c.plan(b, run, ask)
	if !empty {
		b.button("approve", "Approve", Primary)
		if len(ask.Edit) > 0 {
			b.button("edit", "Edit and approve", Normal)
		}
		b.button("deny", "Deny", Danger)
	}
	return b.button("details", "Details", Normal).done(engine.CardOpen)
}

func (c Ctx) decided(key string, run engine.RunView, ask engine.AskView, tok Tokens) Card {
	edited := len(ask.Edited) > 0
	who := c.who(ask.DecidedBy)
	at := c.soon(ask.DecidedAt)
	tone, said := ToneGood, Line(nil)
	switch {
	case ask.Decision == "deny" && ask.DecidedBy == "":
		tone, said = ToneDenied, c.line("denied at {time}, because nobody answered", "time", at)
	case ask.Decision == "deny" && ask.Reason != "":
		tone, said = ToneDenied, c.line("{who} denied: {reason}", "who", who, "reason", ask.Reason)
	case ask.Decision == "deny":
		tone, said = ToneDenied, c.line("{who} denied at {time}", "who", who, "time", at)
	case ask.DecidedBy == "":
		said = c.line("approved at {time}, because nobody objected", "time", at)
	case edited && ask.EditedBy == ask.DecidedBy:
		said = c.line("{who} changed {fields} and approved at {time}", "who", who, "fields", fieldNames(ask.Edited), "time", at)
	case len(ask.Votes) > 1:
		var names Line
		for i, v := range ask.Votes {
			if i > 0 {
				names = names.add(", ")
			}
			names = append(names, c.who(v.By))
		}
		said = c.line("{names} approved at {time}", "names", names, "time", at)
	default:
		said = c.line("{who} approved at {time}", "who", who, "time", at)
	}
	title := join(" · ", c.runName(run.RunHead), join(", ", said, c.via(ask.Via)))
	if tone == ToneGood {
		if p := ask.Plan.Short(); p != "" {
			title = join(" · ", title, c.line("plan {hash}", "hash", p))
		}
		title = join(" · ", append([]Line{title}, c.results(run, ask)...)...)
	}
	b := c.card(key, tone, tok, title)
	b.para(text(c.askTitle(ask)))
	if tone == ToneDenied && ask.Plan != nil && len(ask.Plan.Steps) > 0 {
		b.note(c.line("Nothing was sent."))
	}
	return b.open(run.RunHead).done(engine.CardDecided)
}

// results says what became of the covered steps.
func (c Ctx) results(run engine.RunView, ask engine.AskView) []Line {
	if ask.Plan == nil {
		return nil
	}
	var out []Line
	for _, p := range ask.Plan.Steps {
		s := stepOf(run, p.ID)
		if s == nil {
			continue
		}
		switch s.State {
		case engine.StepStateDone:
			name := p.ID
			if id := outputID(s.Output); id != "" {
				name += " " + id
			}
			out = append(out, c.line("{step} done {time}", "step", name, "time", c.soon(s.EndedAt)))
		case engine.StepStateFailed:
			out = append(out, c.line("{step} failed", "step", p.ID))
		case engine.StepStateUnknown:
			out = append(out, c.line("{step}: outcome unknown", "step", p.ID))
		case engine.StepStateSkipped:
			out = append(out, c.line("{step} skipped", "step", p.ID))
		case engine.StepStateCanceled:
			out = append(out, c.line("{step} cancelled", "step", p.ID))
		}
	}
	return out
}

// runName is "bug-triage #12".
func (c Ctx) runName(run engine.RunHead) Line {
	return c.line("{flow} #{number}", "flow", runOf(run), "number", run.Number)
}

func (c Ctx) askTitle(ask engine.AskView) string {
	if ask.Title != "" {
		return ask.Title
	}
	return c.t("Go on with {step}?", "step", ask.Path)
}

// autoReason says why a step is asked about without the flow saying so.
func (c Ctx) autoReason(p *engine.Plan) Line {
	if p != nil {
		for _, s := range p.Steps {
			if s.Risk.Least(engine.Read) < engine.Destroy {
				return c.line("Asked because this step reaches people outside, and nobody approved it in this version yet.")
			}
		}
	}
	return c.line("Asked because this step deletes something or cannot be undone.")
}

func (c Ctx) needed(ask engine.AskView) int {
	if ask.Mode == "all" {
		return max(1, ask.Need) * max(1, len(ask.Groups))
	}
	return max(1, ask.Need)
}

func onlyDefault(groups []string) bool {
	for _, g := range groups {
		if g != engine.DefaultApprovers {
			return false
		}
	}
	return true
}

// fieldNames are the fields of "step.field" paths as people know them.
func fieldNames(paths []string) string {
	var out []string
	for _, p := range paths {
		out = append(out, fieldLabel(p))
	}
	return strings.Join(out, ", ")
}

// fieldLabel is "Body" for "ticket.body".
func fieldLabel(path string) string {
	name := path[strings.LastIndexByte(path, '.')+1:]
	switch name {
	case "":
		return path
	case "json", "form":
		return "Body"
	case "url":
		return "URL"
	}
	return strings.ToUpper(name[:1]) + strings.ReplaceAll(name[1:], "_", " ")
}
