package bot

import (
	"context"
	"strings"

	"github.com/bretelle/bretelle/engine"
	"github.com/bretelle/bretelle/prompts"
)

// The commands below are for admins; command has asked for the right before they run.

func (b *Bot) cmdPeople(ctx context.Context, c *call) (Reply, error) {
	pc := b.private(c.caller, c.in.Place, nil)
	var people, groups []prompts.Fact
	for _, p := range c.book.persons {
		ids, err := b.o.People.Identities(ctx, p.ID)
		if err != nil {
			return nil, err
		}
		line := string(p.Role)
		for _, id := range ids {
			line += " · " + accountName(id)
		}
		people = append(people, prompts.Fact{Label: p.Name, Value: prompts.Line{{Text: line}}})
	}
	for _, g := range c.book.groupNames() {
		var names []string
		for _, id := range c.book.groups[g] {
			names = append(names, c.book.name(id))
		}
		groups = append(groups, prompts.Fact{Label: "@" + g, Value: prompts.Line{{Text: strings.Join(names, ", ")}}})
	}
	card := prompts.Say(pc, "People and groups")
	card.Blocks = append(card.Blocks, prompts.Facts{Facts: people})
	if len(groups) > 0 {
		card.Blocks = append(card.Blocks, prompts.Facts{Facts: groups})
	}
	for _, f := range append(people, groups...) {
		card.Text += "\n" + f.Label + ": " + f.Value.String()
	}
	return Private{card}, nil
}

func (b *Bot) cmdPersonAdd(ctx context.Context, c *call) (Reply, error) {
	p, err := b.AddPerson(ctx, c.person.ID, c.args["NAME"], engine.Role(c.args["ROLE"]))
	if err != nil {
		return nil, err
	}
	return Private{prompts.Say(b.private(c.caller, c.in.Place, nil), "{name} is added ({role}). Their code for another account: {command}", "name", p.Name, "role", string(p.Role),
		"command", "/"+b.o.Command+" admin link "+p.Name)}, nil
}

func (b *Bot) cmdRole(ctx context.Context, c *call) (Reply, error) {
	role := engine.Role(c.args["ROLE"])
	if role == "none" {
		role = engine.NoRole
	}
	where := c.args["#CHANNEL or FLOW"]
	p, err := b.SetRole(ctx, c.person.ID, c.args["PERSON"], role, where)
	if err != nil {
		return nil, err
	}
	if where == "" {
		return Private{prompts.Say(b.private(c.caller, c.in.Place, nil), "{name} is {role} now", "name", p.Name, "role", c.args["ROLE"])}, nil
	}
	return Private{prompts.Say(b.private(c.caller, c.in.Place, nil), "{name} is {role} for {where} now", "name", p.Name, "role", c.args["ROLE"], "where", where)}, nil
}

func (b *Bot) cmdGroupAdd(ctx context.Context, c *call) (Reply, error) {
	return b.setGroup(ctx, c, true)
}

func (b *Bot) cmdGroupSet(ctx context.Context, c *call) (Reply, error) {
	return b.setGroup(ctx, c, false)
}

func (b *Bot) setGroup(ctx context.Context, c *call, more bool) (Reply, error) {
	group := trimAt(c.args["GROUP"])
	names, err := b.SetGroup(ctx, c.person.ID, group, c.list, more)
	if err != nil {
		return nil, err
	}
	if len(names) == 0 {
		return Private{prompts.Say(b.private(c.caller, c.in.Place, nil), "@{group} is empty now", "group", group)}, nil
	}
	return Private{prompts.Say(b.private(c.caller, c.in.Place, nil), "@{group}: {names}", "group", group, "names", strings.Join(names, ", "))}, nil
}

func (b *Bot) cmdChannelAdd(ctx context.Context, c *call) (Reply, error) {
	ch, err := b.AddChannel(ctx, c.person.ID, c.args["#CHANNEL"], c.args["LANGUAGE"])
	if err != nil {
		return nil, err
	}
	return Private{prompts.Say(b.private(c.caller, c.in.Place, nil), "I speak in {place} now", "place", ch.Place.String())}, nil
}
