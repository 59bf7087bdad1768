package bot

import (
	"context"
	"strings"

	"github.com/bretelle/bretelle/engine"
	"github.com/bretelle/bretelle/prompts"
)

// accountName is an account as people write it: "slack:T0123/@U42".
func accountName(id engine.Identity) string {
	return engine.Place{Surface: id.Surface, Workspace: id.Workspace, Channel: "@" + id.User}.String()
}

// cmdUnlink takes an account from a person: from then on whoever uses it is a stranger.
func (b *Bot) cmdUnlink(ctx context.Context, c *call) (Reply, error) {
	p, id, err := b.account(ctx, c.caller, c.args["ACCOUNT"])
	if err != nil {
		return nil, err
	}
	if p.ID != c.person.ID {
		if err := b.may(ctx, c.caller, DeedPeople, "", c.in.Place, false); err != nil {
			b.audit(ctx, c.person.ID, "unlink.refused", "person/"+p.ID, "verdict=denied source="+source(c.in))
			return nil, err
		}
	}
	if err := b.Unlink(ctx, c.person.ID, id); err != nil {
		return nil, err
	}
	return Private{prompts.Say(b.private(c.caller, c.in.Place, nil), "{account} is not {name} any more", "account", accountName(id), "name", p.Name)}, nil
}

// account finds whose account it is; NotFound.
func (b *Bot) account(ctx context.Context, c *caller, text string) (engine.Person, engine.Identity, error) {
	if at, err := engine.ParsePlace(text); err == nil {
		user := strings.TrimPrefix(at.Channel, "@")
		p, err := b.o.People.Identify(ctx, at.Surface, at.Workspace, user)
		if err == nil {
			return p, engine.Identity{Surface: at.Surface, Workspace: at.Workspace, User: user, Person: p.ID}, nil
		}
		if engine.CodeOf(err) != engine.NotFound {
			return p, engine.Identity{}, err
		}
	}
	var names []string // whose account is called what is nobody else's business
	if err := b.offerAccounts(ctx, c, func(word, _ string) { names = append(names, word) }); err != nil {
		return engine.Person{}, engine.Identity{}, err
	}
	e := engine.E(engine.NotFound, "No account is called {account}", "account", text, "command", "/"+b.o.Command+" admin people")
	if meant := engine.Suggest(text, names); meant != "" {
		e.Args["meant"] = meant
		return engine.Person{}, engine.Identity{}, e.WithHint("Did you mean {meant}?")
	}
	return engine.Person{}, engine.Identity{}, e.WithHint("{command} lists them.")
}

// Unlink takes an account from the person it names. by is a person id or Operator; who may is decided before. NotFound
// when it is not theirs; Conflict for the last account of the only admin: nobody could change anything from chat then.
func (b *Bot) Unlink(ctx context.Context, by string, id engine.Identity) error {
	b.roles.Lock()
	defer b.roles.Unlock()
	k, err := b.book(ctx)
	if err != nil {
		return err
	}
	p, known := k.id(id.Person)
	if !known {
		return engine.E(engine.NotFound, "The person this account is of is gone")
	}
	if p.Role == engine.Admin && len(k.admins()) == 1 {
		ids, err := b.o.People.Identities(ctx, p.ID)
		if err != nil {
			return err
		}
		if len(ids) == 1 && ids[0] == id {
			return engine.E(engine.Conflict, "{name} is the only admin, and this is their last account", "name", p.Name).
				WithHint("Link another account first, or make somebody else admin.")
		}
	}
	if err := b.o.People.Unlink(ctx, id); err != nil {
		return err
	}
	b.audit(ctx, by, "identity.unlinked", "person/"+p.ID, "surface="+id.Surface+" workspace="+id.Workspace+" user="+id.User)
	b.refreshAsks()
	return nil
}

// offerAccounts offers the caller's own accounts, and to admins everybody's.
func (b *Bot) offerAccounts(ctx context.Context, c *caller, offer func(word, help string)) error {
	ids, err := b.o.People.Identities(ctx, c.person.ID)
	if b.may(ctx, c, DeedPeople, "", engine.Place{}, false) == nil {
		ids, err = b.o.People.Accounts(ctx, "", "")
	}
	for _, id := range ids {
		offer(accountName(id), c.book.name(id.Person))
	}
	return err
}
