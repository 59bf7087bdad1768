package check

import (
	"slices"
	"strings"

	"github.com/bretelle/bretelle/engine"
	"github.com/bretelle/bretelle/engine/flow"
)

func (c *checker) asks() {
	c.places()
	for _, n := range c.order {
		if n.Ask == nil {
			continue
		}
		c.approvers(n)
		for _, id := range n.Ask.Covers {
			c.covers(n, id)
		}
		for _, e := range n.Ask.Edit {
			c.edit(n, e)
		}
		c.expiry(n)
		if c.f.Channel.Channel == "" && len(c.f.Notify.Approvals) == 0 && len(n.Ask.In) == 0 {
			c.warn(n.Pos, n.ID, "the flow has no channel where this could be asked", `Add channel: "#name" to the flow.`)
		}
	}
}

// places looks for a way out that is none.
func (c *checker) places() {
	to := c.f.Notify.Fallback
	if to.Channel == "" {
		return
	}
	asked := c.f.Notify.Approvals
	if len(asked) == 0 {
		asked = []engine.Place{c.f.Channel}
	}
	if slices.Contains(asked, to) {
		c.warn(c.f.Place("notify.fallback.to"), "notify.fallback.to", "questions go to {place} anyway, so it helps nobody as a fallback",
			"Name a place on another surface.", "place", to.String())
	}
}

func (c *checker) approvers(n *node) {
	names := slices.Concat(n.Ask.Any, n.Ask.All)
	if len(names) == 0 {
		msg := "nobody could approve this"
		if n.Ask.Kind != engine.AskApproval {
			msg = "nobody could answer this"
		}
		c.bad(n.Place("by"), n.ID+".with.by", msg, `Say who: with: {by: {any: ["@group"]}}.`)
	}
	c.persons(n, names, "by", n.ID+".with.by")
}

// persons checks names of groups and persons.
func (c *checker) persons(n *node, names []string, part, where string) {
	for _, g := range names {
		pos := n.Place(part + "." + g)
		if err := groupName(g); err != nil {
			e := engine.AsError(err)
			c.report(engine.SevError, pos, where, e.Msg, e.Hint, e.Args)
		} else if c.k.Group != nil && strings.HasPrefix(g, "@") && !c.k.Group(g) {
			c.warn(pos, where, `nobody is called "{name}" yet`, "Make the group with: bretelle group set {group} PERSON", "name", clip(g), "group", clip(g[1:]))
		}
	}
}

// groupName checks "@triage", "slack:T0123/@triage" or "slack:T0123/#triage", the members of a channel; the error is
// Invalid.
func groupName(text string) error {
	head, name, slash := strings.Cut(text, "/")
	if !slash {
		head, name = "", text
	}
	own := strings.HasPrefix(name, "@") && (!slash || head != "")
	surface, workspace, _ := strings.Cut(head, ":")
	members := strings.HasPrefix(name, "#") && surface != "" && workspace != ""
	if (own || members) && len(name) > 1 && !strings.ContainsAny(name[1:], "@#/ \t\n") {
		return nil
	}
	return engine.E(engine.Invalid, `"{name}" is not a group or person`, "name", clip(text)).WithHint(`Write "@name", or "slack:TEAM/@name" for a group of a surface.`)
}

func (c *checker) covers(ask *node, id string) {
	pos, where := ask.Place("covers."+id), ask.ID+".covers"
	n := c.steps[id]
	if n == nil {
		c.noStep(pos, where, id)
		return
	}
	switch relation(n, ask) {
	case same:
		c.bad(pos, where, "an approval cannot cover itself", `Remove "{id}" from the list.`, "id", id)
		return
	case inside:
		c.bad(pos, where, `step "{id}" is in a loop, and its input differs each round`, "Move the approval into the loop, before the step.", "id", id)
		return
	case earlier:
		c.bad(pos, where, `step "{id}" comes before the approval, so it cannot wait for it`, "Move the approval up.", "id", id)
		return
	case beside:
		c.bad(pos, where, `step "{id}" goes on beside the approval, and does not wait for it`, "Move the approval into the same branch, or before the parallel.", "id", id)
		return
	case apart:
		c.bad(pos, where, `step "{id}" is in the other branch, so this approval is never asked before it`, "Move the approval before the branches part.", "id", id)
		return
	}
	if loopAround(ask, n) != "" {
		c.bad(pos, where, `step "{id}" comes after the loop that this approval is in`, "Move the approval behind the loop.", "id", id)
		return
	}
	switch by := c.covered[id]; {
	case n.Kind != flow.KindDo:
		c.bad(pos, where, `step "{id}" does nothing that needs approval: it is of kind "{kind}"`, "Approvals cover steps of kind do.", "id", id, "kind", n.Kind)
	case by != "":
		c.bad(pos, where, `step "{id}" is covered by "{other}" already`, "One approval covers a step.", "id", id, "other", by)
	default:
		c.covered[id] = ask.ID
		if ask.When != nil || len(ask.path) > len(n.path) || len(ask.path) > 0 && ask.path[len(ask.path)-1] != n.path[len(ask.path)-1] {
			c.warn(pos, where, `the approval may be skipped, and step "{id}" not`, "Give the step the same condition, or move it into the same branch.", "id", id)
		}
	}
}

func (c *checker) noStep(pos engine.Pos, where, id string) {
	if c.partial {
		return
	}
	names := make([]string, 0, len(c.order))
	for _, n := range c.order {
		names = append(names, n.ID)
	}
	c.unknown(pos, where, `no step is called "{name}"`, id, names, "Check the ids of the steps.")
}

func (c *checker) edit(ask *node, text string) {
	pos, where := ask.Place("edit."+text), ask.ID+".with.edit"
	id, field, _ := strings.Cut(text, ".")
	n := c.steps[id]
	switch {
	case n == nil:
		c.noStep(pos, where, id)
	case !slices.Contains(ask.Ask.Covers, id):
		c.bad(pos, where, `step "{id}" is not covered by this approval, so it cannot be edited in it`, "Add it to covers.", "id", id)
	case n.act != nil && n.act.In.Typed():
		c.editField(pos, where, n, field)
	}
}

func (c *checker) editField(pos engine.Pos, where string, n *node, path string) {
	s := n.act.In
	for _, key := range strings.Split(path, ".") {
		if !s.Typed() || s.Type != "object" {
			return
		}
		f := s.Field(key)
		if f == nil && s.Open {
			return
		}
		if f == nil {
			names := make([]string, len(s.Fields))
			for i, f := range s.Fields {
				names[i] = f.Name
			}
			c.unknown(pos, where, `"{name}" is not a field of this step's action`, key, names, "Its fields are {names}.")
			return
		}
		if f.Format == engine.SecretFormat {
			c.bad(pos, where, "a secret cannot be edited in a chat", "Remove it from the list.")
			return
		}
		s = f
	}
}

func (c *checker) expiry(n *node) {
	e := n.Ask.Expire
	if e == nil {
		return
	}
	if n.Ask.Remind > 0 && e.After > 0 && n.Ask.Remind >= e.After {
		c.warn(n.Place("remind"), n.ID+".remind", "the reminder would come after the question has expired", "Remind earlier, or let it expire later.")
	}
	if e.Then != "approve" {
		return
	}
	for _, id := range n.Ask.Covers {
		if s := c.steps[id]; s != nil && s.Kind == flow.KindDo && c.risk(s) > engine.Write {
			c.bad(n.Place("expire.then"), n.ID+".expire.then", `silence cannot approve "{id}": its risk is {risk}`,
				"Write stop or deny; approve is for risk read and write only.", "id", id, "risk", c.risk(s))
		}
	}
}

// gates tells which steps the engine will ask about by itself (DESIGN section 5, automatic gates).
func (c *checker) gates() {
	wrong := map[string]bool{} // steps whose input is wrong anyway: their risk says nothing
	for _, p := range c.problems {
		if id, part, ok := strings.Cut(p.Where, "."); ok && strings.HasPrefix(part, "with") && p.Severity == engine.SevError {
			wrong[id] = true
		}
	}
	for _, n := range c.order {
		if n.Kind == flow.KindDo && !wrong[n.ID] && n.act != nil && c.covered[n.ID] == "" && c.risk(n) == engine.Destroy {
			c.warn(n.Place("do"), n.ID+".do", `nothing gates step "{id}", which deletes or cannot be undone`,
				`The bot will ask before it each time; an "ask: approval" that covers it says who and how.`, "id", n.ID)
		}
	}
}
