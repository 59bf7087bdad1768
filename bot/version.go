package bot

import (
	"context"
	"encoding/json"
	"strconv"
	"strings"

	"github.com/bretelle/bretelle/engine"
	"github.com/bretelle/bretelle/engine/describe"
	"github.com/bretelle/bretelle/engine/flow"
	"github.com/bretelle/bretelle/prompts"
)

// versioned finds a flow whose versions the caller may see.
func (b *Bot) versioned(ctx context.Context, c *caller, in In, name string, d Deed) (engine.FlowHead, error) {
	if b.o.Drafts == nil {
		return engine.FlowHead{}, b.unbuilt()
	}
	return b.head(ctx, c, in, name, d)
}

const changesListed = 10 // versions whose changes a list says

func (b *Bot) cmdVersions(ctx context.Context, c *call) (Reply, error) {
	h, err := b.versioned(ctx, c.caller, c.in, c.args["FLOW"], DeedSee)
	if err != nil {
		return nil, err
	}
	list, err := b.o.Drafts.Versions(ctx, h.Name)
	if err != nil {
		return nil, err
	}
	texts := map[int64]*flow.Flow{}
	for i, v := range list {
		if i > changesListed {
			break
		}
		if texts[v.Number], err = b.textOf(ctx, h.Name, v.Number); err != nil {
			return nil, err
		}
	}
	facts := make([]prompts.VersionFacts, len(list))
	for i, v := range list {
		facts[i] = prompts.VersionFacts{Number: v.Number, At: v.At, By: v.By, Live: v.Number == h.Live}
		if i+1 < len(list) && texts[v.Number] != nil && texts[list[i+1].Number] != nil && b.o.Catalog != nil {
			facts[i].Changes = describe.Changes(texts[list[i+1].Number], texts[v.Number], b.o.Catalog)
		}
	}
	tok := func(verb string) string {
		if verb == "rollback" && b.may(ctx, c.caller, DeedPublish, h.Name, h.Place, false) != nil {
			return ""
		}
		return verb
	}
	dr := &draft{card: prompts.Versions(b.private(c.caller, h.Place, nil), h.Name, facts, h.Draft, tok), means: Intent{Flow: h.Name}}
	return b.reply(ctx, c.caller, c.in, "versions:"+h.Name, dr)
}

// textOf is a version as a tree; nil when it cannot be read any more. Version 0 is the draft.
func (b *Bot) textOf(ctx context.Context, name string, version int64) (*flow.Flow, error) {
	which := "draft"
	if version > 0 {
		which = itoa(version)
	}
	text, err := b.o.Flows.Source(ctx, name, which)
	if err != nil {
		return nil, err
	}
	f, _ := flow.Parse(text)
	return f, nil
}

// readVersion reads "3", "@3", "draft" or "live" as a version's number; the draft is 0.
func readVersion(h engine.FlowHead, text string) (int64, error) {
	switch strings.ToLower(text) {
	case "draft":
		return 0, nil
	case "live":
		return h.Live, nil
	}
	n, err := strconv.ParseInt(strings.TrimPrefix(text, "@"), 10, 64)
	if err != nil || n < 1 {
		return 0, engine.E(engine.Invalid, `"{which}" is not a version`, "which", text).WithHint("Write draft, live or a number.")
	}
	return n, nil
}

func (b *Bot) cmdCompare(ctx context.Context, c *call) (Reply, error) {
	h, err := b.versioned(ctx, c.caller, c.in, c.args["FLOW"], DeedSee)
	if err != nil {
		return nil, err
	}
	from, err := readVersion(h, c.args["A"])
	if err != nil {
		return nil, err
	}
	to := h.Live
	if c.args["B"] != "" {
		if to, err = readVersion(h, c.args["B"]); err != nil {
			return nil, err
		}
	} else if h.Draft {
		to = 0
	}
	return b.compare(ctx, c.caller, c.in, h, from, to)
}

// compare says in words what is different between two versions; 0 is the draft.
func (b *Bot) compare(ctx context.Context, c *caller, in In, h engine.FlowHead, from, to int64) (Reply, error) {
	if b.o.Catalog == nil {
		return nil, b.unbuilt()
	}
	old, err := b.textOf(ctx, h.Name, from)
	if err != nil {
		return nil, err
	}
	next, err := b.textOf(ctx, h.Name, to)
	if err != nil {
		return nil, err
	}
	if old == nil || next == nil {
		return nil, engine.E(engine.Invalid, "One of the two cannot be read, so they cannot be compared")
	}
	d := prompts.CompareFacts{Flow: h.Name, From: from, To: to, Changes: describe.Changes(old, next, b.o.Catalog)}
	for _, p := range describe.Powers(next, b.o.Catalog) {
		d.Powers = append(d.Powers, prompts.Power(p))
	}
	return Private{prompts.Compare(b.private(c, h.Place, nil), d, nil)}, nil
}

// chooseCompare compares what was chosen in the list of versions: "2-3", "3-draft".
func (b *Bot) chooseCompare(ctx context.Context, p *press) (Reply, error) {
	h, err := b.versioned(ctx, p.caller, p.in, p.it.Flow, DeedSee)
	if err != nil {
		return nil, err
	}
	a, z, ok := strings.Cut(p.in.Value, "-")
	from, err := readVersion(h, a)
	to, err2 := readVersion(h, z)
	if !ok || err != nil || err2 != nil {
		return nil, stale()
	}
	return b.compare(ctx, p.caller, p.in, h, from, to)
}

func (b *Bot) cmdRollback(ctx context.Context, c *call) (Reply, error) {
	return b.askRollback(ctx, c.caller, c.in, c.args["FLOW"], c.args["VERSION"])
}

// rolling is what a question about rolling back is about.
type rolling struct {
	To   int64 `json:"to"`
	Live int64 `json:"live"`
}

// pressRollback is [Roll back] on the news that a version went live: to the one before it.
func (b *Bot) pressRollback(ctx context.Context, p *press) (Reply, error) {
	h, err := b.versioned(ctx, p.caller, p.in, p.it.Flow, DeedPublish)
	if err != nil {
		return nil, err
	}
	if _, at, ok := strings.Cut(p.it.Key, "@"); ok && at != itoa(h.Live) {
		return nil, engine.E(engine.Conflict, "Version {version} is live by now", "version", h.Live, "command", "/"+b.o.Command+" version list "+h.Name).
			WithHint("{command} lists them all.")
	}
	return b.askRollback(ctx, p.caller, p.in, h.Name, itoa(h.Live-1))
}

// askRollback asks before an earlier version goes live again.
func (b *Bot) askRollback(ctx context.Context, c *caller, in In, name, which string) (Reply, error) {
	h, err := b.versioned(ctx, c, in, name, DeedPublish)
	if err != nil {
		return nil, err
	}
	to, err := readVersion(h, which)
	switch {
	case err != nil:
		return nil, err
	case h.Live == 0:
		return nil, engine.E(engine.Invalid, "{flow} was never published", "flow", h.Name, "command", "/"+b.o.Command+" publish "+h.Name).WithHint("Publish it first: {command}")
	case to == h.Live:
		return nil, engine.E(engine.Invalid, "Version {version} of {flow} is live already", "version", to, "flow", h.Name)
	}
	next, err := b.textOf(ctx, h.Name, to)
	if err != nil {
		return nil, err
	}
	if err := b.mayReach(ctx, c, h.Name, next); err != nil {
		return nil, err
	}
	now, err := b.textOf(ctx, h.Name, h.Live)
	if err != nil {
		return nil, err
	}
	var changes []engine.Text
	if next != nil && now != nil && b.o.Catalog != nil {
		changes = describe.Changes(now, next, b.o.Catalog)
	}
	dr := &draft{card: prompts.RollbackAsk(b.private(c, h.Place, nil), h.Name, h.Live, to, h.Live+1, changes, every),
		means: Intent{Flow: h.Name, Data: json.RawMessage(jsonText(map[string]any{"to": to, "live": h.Live}))}}
	return b.reply(ctx, c, in, "rollback:"+h.Name, dr)
}

func (b *Bot) confirmRollback(ctx context.Context, p *press) (Reply, error) {
	h, err := b.versioned(ctx, p.caller, p.in, p.it.Flow, DeedPublish)
	if err != nil {
		return nil, err
	}
	var r rolling
	if json.Unmarshal(p.it.Data, &r) != nil || r.To == 0 {
		return nil, stale()
	}
	if r.Live != h.Live {
		return b.askRollback(ctx, p.caller, p.in, h.Name, itoa(r.To))
	}
	next, err := b.textOf(ctx, h.Name, r.To)
	if err != nil {
		return nil, err
	}
	if err := b.mayReach(ctx, p.caller, h.Name, next); err != nil {
		return nil, err
	}
	h2, err := b.o.Drafts.Rollback(ctx, h.Name, r.To, p.person.ID)
	if err != nil {
		return nil, err
	}
	b.Wake()
	return Private{prompts.Say(b.private(p.caller, p.in.Place, nil), "{flow} is back at version {old}: it is version {version} now", "flow", h2.Name, "old", r.To, "version", h2.Live)}, nil
}

// cmdExport is a version's text, byte for byte.
func (b *Bot) cmdExport(ctx context.Context, c *call) (Reply, error) {
	h, err := b.versioned(ctx, c.caller, c.in, c.args["FLOW"], DeedSee)
	if err != nil {
		return nil, err
	}
	which := c.args["VERSION"]
	if which == "" {
		if which = "live"; h.Live == 0 {
			which = "draft"
		}
	}
	text, err := b.o.Flows.Source(ctx, h.Name, which)
	if err != nil {
		return nil, err
	}
	return Private{prompts.Copied(b.private(c.caller, h.Place, nil), h.Name, "", text)}, nil
}
