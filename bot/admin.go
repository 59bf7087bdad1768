package bot

import (
	"context"
	"encoding/json"
	"strings"

	"github.com/bretelle/bretelle/engine"
	"github.com/bretelle/bretelle/engine/flow"
)

// Operator is the actor of what is done from the machine's own shell: whoever owns the data directory.
const Operator = engine.Operator

// The methods here are the one way to change persons, groups and channels, for chat and shell alike. by is a person
// id or Operator; who may call them is decided before. Every change is audited. Errors not named are Unavailable.

// May says whether somebody, a person's id or Operator, may do something with a flow whose channel is place; an empty
// flow is the installation as a whole. Errors: those of Allowed. A refusal is audited.
func (b *Bot) May(ctx context.Context, by string, d Deed, flow string, place engine.Place) error {
	return b.mayBy(ctx, by, "flow/"+flow, d, func(c *caller) error { return b.may(ctx, c, d, flow, place, false) })
}

// MayReach is May about publishing a text: the right is needed in every place that it names.
func (b *Bot) MayReach(ctx context.Context, by string, f *flow.Flow) error {
	return b.mayBy(ctx, by, "flow/"+f.Name, DeedPublish, func(c *caller) error { return b.mayReach(ctx, c, f.Name, f) })
}

// MayRun is May about one run: whoever is asked in it may more.
func (b *Bot) MayRun(ctx context.Context, by string, d Deed, v engine.RunView) error {
	return b.mayBy(ctx, by, "run/"+v.ID, d, func(c *caller) error {
		entrusted, err := b.entrusted(ctx, c, v)
		if err != nil {
			return err
		}
		return b.may(ctx, c, d, v.Flow, v.Place, entrusted)
	})
}

// Visible are those of the flows that a person may see. Leaving some out is no refusal: the audit does not hold it.
func (b *Bot) Visible(ctx context.Context, by string, flows []engine.FlowHead) ([]engine.FlowHead, error) {
	c, err := b.caller(ctx, Actor{Surface: engine.ConsoleSurface, User: by})
	if err != nil {
		return nil, err
	}
	var out []engine.FlowHead
	for _, h := range flows {
		switch err := b.may(ctx, c, DeedSee, h.Name, h.Place, false); engine.CodeOf(err) {
		case "":
			out = append(out, h)
		case engine.Denied, engine.Unsigned:
		default:
			return nil, err
		}
	}
	return out, nil
}

func (b *Bot) mayBy(ctx context.Context, by, object string, d Deed, may func(c *caller) error) error {
	if by == Operator {
		return nil
	}
	c, err := b.caller(ctx, Actor{Surface: engine.ConsoleSurface, User: by})
	if err != nil {
		return err
	}
	if err = may(c); engine.CodeOf(err) == engine.Denied || engine.CodeOf(err) == engine.Unsigned {
		b.audit(ctx, c.person.ID, string(d)+".refused", object, "verdict=denied")
	}
	return err
}

// AddPerson adds somebody; no role makes them a viewer. Invalid for a name that is none, Conflict when it is taken.
func (b *Bot) AddPerson(ctx context.Context, by, name string, role engine.Role) (engine.Person, error) {
	name = strings.TrimPrefix(strings.TrimSpace(name), "@")
	if err := checkName(name); err != nil {
		return engine.Person{}, err
	}
	if role == engine.NoRole {
		role = engine.Viewer
	}
	if _, err := engine.ParseRole(string(role)); err != nil {
		return engine.Person{}, err
	}
	p := engine.Person{ID: engine.NewID(b.o.Now()), Name: name, Role: role, Created: b.now()}
	if err := b.o.People.AddPerson(ctx, p); err != nil {
		return engine.Person{}, err
	}
	b.audit(ctx, by, "person.added", "person/"+p.ID, "role="+string(role))
	return p, nil
}

func checkName(name string) error {
	ok := name != "" && len(name) <= 64
	for _, r := range name {
		ok = ok && (r == '-' || r == '_' || r == '.' || r >= '0' && r <= '9' || r >= 'a' && r <= 'z' || r >= 'A' && r <= 'Z' || r >= 0xC0 && isLetter(r))
	}
	if !ok {
		return engine.E(engine.Invalid, `"{name}" cannot be a name`, "name", name).
			WithHint("Use letters, digits, dash, dot and underscore, at most 64.")
	}
	return nil
}

// Person finds somebody by name or id; NotFound with a suggestion.
func (b *Bot) Person(ctx context.Context, name string) (engine.Person, error) {
	k, err := b.book(ctx)
	if err != nil {
		return engine.Person{}, err
	}
	return k.find(name)
}

func (k *book) find(name string) (engine.Person, error) {
	if p, ok := k.named(name); ok {
		return p, nil
	}
	if p, ok := k.id(name); ok {
		return p, nil
	}
	var names []string
	for _, p := range k.persons {
		names = append(names, p.Name)
	}
	e := engine.E(engine.NotFound, "I know nobody called {name}", "name", trimAt(name))
	if meant := engine.Suggest(trimAt(name), names); meant != "" {
		e.Args["meant"] = meant
		return engine.Person{}, e.WithHint("Did you mean {meant}?")
	}
	return engine.Person{}, e.WithHint("An admin can add them: /flow admin person-add NAME")
}

// SetRole gives a role: everywhere when scope is "", in a channel ("#triage", "slack:T1/#x"), or for a flow (its
// name). engine.NoRole takes it away. Conflict when nobody would be admin any more.
func (b *Bot) SetRole(ctx context.Context, by, name string, role engine.Role, scope string) (engine.Person, error) {
	b.roles.Lock()
	defer b.roles.Unlock()
	if role != engine.NoRole {
		if _, err := engine.ParseRole(string(role)); err != nil {
			return engine.Person{}, err
		}
	}
	k, err := b.book(ctx)
	if err != nil {
		return engine.Person{}, err
	}
	p, err := k.find(name)
	if err != nil {
		return p, err
	}
	switch {
	case scope == "":
		if p.Role == engine.Admin && role != engine.Admin && len(k.admins()) == 1 {
			return p, engine.E(engine.Conflict, "{name} is the only admin", "name", p.Name).WithHint("Make somebody else admin first.")
		}
		p.Role = role
		err = b.o.People.SetPerson(ctx, p)
	case strings.ContainsAny(scope, "#/"):
		place, perr := engine.ParsePlace(scope)
		if perr != nil {
			return p, perr
		}
		ch, known := k.channel(place)
		if !known {
			return p, engine.E(engine.NotFound, "Nobody added {place} yet", "place", place.String()).WithHint("Add it: /flow admin channel-add {place}")
		}
		ch.Roles = withRole(ch.Roles, p.ID, role)
		err = b.o.People.SetChannel(ctx, ch)
	default:
		if _, err := b.o.Flows.Head(ctx, scope); err != nil {
			return p, err
		}
		roles, rerr := b.flowRoles(ctx, scope)
		if rerr != nil {
			return p, rerr
		}
		text, jerr := json.Marshal(withRole(roles, p.ID, role))
		if jerr != nil {
			return p, engine.AsError(jerr).WithOp("bot.SetRole")
		}
		err = b.o.People.SetSetting(ctx, flowRolesKey(scope), string(text))
	}
	if err != nil {
		return p, err
	}
	b.audit(ctx, by, "role.given", "person/"+p.ID, "role="+string(role)+" scope="+scope)
	b.refreshAsks()
	return p, nil
}

func withRole(roles map[string]engine.Role, person string, role engine.Role) map[string]engine.Role {
	out := make(map[string]engine.Role, len(roles)+1)
	for id, r := range roles {
		out[id] = r
	}
	if out[person] = role; role == engine.NoRole {
		delete(out, person)
	}
	return out
}

// SetGroup says who is in a group, making it when it is new; more adds to those who are. NotFound for a person
// nobody knows: then nothing changed.
func (b *Bot) SetGroup(ctx context.Context, by, group string, persons []string, more bool) (names []string, err error) {
	b.roles.Lock()
	defer b.roles.Unlock()
	group = trimAt(strings.TrimSpace(group))
	if err := checkName(group); err != nil {
		return nil, err
	}
	if "@"+group == engine.DefaultApprovers {
		return nil, engine.E(engine.Invalid, "@approvers is whoever has the role approver or admin").
			WithHint("Give the role instead: /flow admin role PERSON approver")
	}
	k, err := b.book(ctx)
	if err != nil {
		return nil, err
	}
	var ids []string
	if more {
		ids = append(ids, k.groups[group]...)
	}
	for _, name := range persons {
		p, err := k.find(name)
		if err != nil {
			return nil, err
		}
		if !has(ids, p.ID) {
			ids = append(ids, p.ID)
		}
	}
	if err := b.o.People.SetGroup(ctx, group, ids); err != nil {
		return nil, err
	}
	b.audit(ctx, by, "group.set", "group/"+group, "members="+strings.Join(ids, ","))
	b.refreshAsks()
	for _, id := range ids {
		names = append(names, k.name(id))
	}
	return names, nil
}

// AddChannel lets the bot speak in a place, in "en" (also "") or "fr". Adding it again changes the language.
func (b *Bot) AddChannel(ctx context.Context, by, place, lang string) (Channel, error) {
	b.roles.Lock()
	defer b.roles.Unlock()
	p, err := engine.ParsePlace(place)
	if err != nil {
		return Channel{}, err
	}
	switch lang {
	case "", "en", "fr":
	default:
		return Channel{}, engine.E(engine.Invalid, `I do not speak "{lang}"`, "lang", lang).WithHint("Languages are en and fr.")
	}
	k, err := b.book(ctx)
	if err != nil {
		return Channel{}, err
	}
	c, known := k.channel(p)
	if lang != "" || !known {
		c.Lang = lang
	}
	if err := b.o.People.SetChannel(ctx, c); err != nil {
		return Channel{}, err
	}
	b.audit(ctx, by, "channel.added", "channel/"+c.Place.String(), "lang="+c.Lang)
	return c, nil
}
