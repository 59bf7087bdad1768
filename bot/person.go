package bot

import (
	"context"
	"encoding/json"
	"slices"
	"sort"
	"strings"
	"time"

	"github.com/bretelle/bretelle/engine"
	"github.com/bretelle/bretelle/prompts"
)

// book is who there is, read once for one delivery or one click, so that a card and the decision behind it agree.
type book struct {
	persons  []engine.Person
	groups   map[string][]string
	channels []Channel
}

func (b *Bot) book(ctx context.Context) (*book, error) {
	persons, err := b.o.People.Persons(ctx)
	if err != nil {
		return nil, err
	}
	groups, err := b.o.People.Groups(ctx)
	if err != nil {
		return nil, err
	}
	channels, err := b.o.People.Channels(ctx)
	if err != nil {
		return nil, err
	}
	return &book{persons: persons, groups: groups, channels: channels}, nil
}

// id finds a person by id.
func (k *book) id(id string) (engine.Person, bool) {
	for _, p := range k.persons {
		if p.ID == id {
			return p, true
		}
	}
	return engine.Person{}, false
}

// named finds a person by name, "@" and capitals aside.
func (k *book) named(name string) (engine.Person, bool) {
	name = strings.TrimPrefix(name, "@")
	for _, p := range k.persons {
		if strings.EqualFold(p.Name, name) {
			return p, true
		}
	}
	return engine.Person{}, false
}

func (k *book) name(id string) string {
	if p, ok := k.id(id); ok {
		return p.Name
	}
	return id
}

func (k *book) admins() []string {
	var names []string
	for _, p := range k.persons {
		if p.Role == engine.Admin {
			names = append(names, p.Name)
		}
	}
	return names
}

// channel finds what people said about a place; threads are their channel's.
func (k *book) channel(p engine.Place) (Channel, bool) {
	p.Thread = ""
	if p.Surface == "" {
		p.Surface = engine.ConsoleSurface
	}
	for _, c := range k.channels {
		if q := c.Place; q.Channel == p.Channel && q.Workspace == p.Workspace && q.Surface == p.Surface {
			return c, true
		}
	}
	return Channel{Place: p}, false
}

// foreign reports whether a group is one that a surface keeps, a group of its own or a channel's members: who is in it
// cannot be listed here.
func foreign(group string) bool {
	return strings.Contains(group, "/@") || strings.Contains(group, "/#")
}

// members are the person ids behind a group as a flow writes it: a group, a person, or DefaultApprovers, which is
// whoever is approver or admin towards the flow.
func (k *book) members(group string, place engine.Place, flow map[string]engine.Role) []string {
	if foreign(group) {
		return nil
	}
	if group == engine.DefaultApprovers {
		c, _ := k.channel(place)
		var ids []string
		for _, p := range k.persons {
			for _, r := range []engine.Role{p.Role, c.Roles[p.ID], flow[p.ID]} {
				if r == engine.Approver || r == engine.Admin {
					ids = append(ids, p.ID)
					break
				}
			}
		}
		return ids
	}
	name := strings.TrimPrefix(group, "@")
	if ids, ok := k.groups[name]; ok {
		return ids
	}
	if p, ok := k.named(name); ok {
		return []string{p.ID}
	}
	return nil
}

// shared is the context of a card for everybody in a place.
func (b *Bot) shared(k *book, place, flowPlace engine.Place, flow map[string]engine.Role) prompts.Ctx {
	c, _ := k.channel(place)
	return b.ctx(k, c.Lang, "", flowPlace, flow)
}

func (b *Bot) ctx(k *book, lang, zone string, flowPlace engine.Place, flow map[string]engine.Role) prompts.Ctx {
	if lang == "" {
		lang = "en"
	}
	loc, err := time.LoadLocation(zone)
	if err != nil {
		loc = time.UTC
	}
	return prompts.Ctx{Lang: lang, Zone: loc, Now: b.now(), Who: k.name, Link: b.o.Link,
		Members: func(group string) []string {
			var names []string
			for _, id := range k.members(group, flowPlace, flow) {
				names = append(names, k.name(id))
			}
			sort.Strings(names)
			return names
		}}
}

// caller is somebody who does something now.
type caller struct {
	actor  Actor
	person engine.Person
	known  bool
	book   *book
}

// caller finds the person behind an actor. A stranger is no error: rights deny them.
func (b *Bot) caller(ctx context.Context, a Actor) (*caller, error) {
	k, err := b.book(ctx)
	if err != nil {
		return nil, err
	}
	c := &caller{actor: a, book: k}
	if a.Surface == engine.ConsoleSurface {
		c.person, c.known = k.id(a.User) // the console's user id is the person's, proven by its session
	} else {
		p, err := b.identify(ctx, k, a)
		switch {
		case err == nil:
			c.person, c.known = p, true
		case engine.CodeOf(err) != engine.NotFound:
			return nil, err
		}
	}
	c.actor.Person = c.person.ID
	return c, nil
}

// identify finds the person behind an account; NotFound. See NoWorkspace.
func (b *Bot) identify(ctx context.Context, k *book, a Actor) (engine.Person, error) {
	p, err := b.o.People.Identify(ctx, a.Surface, a.Workspace, a.User)
	if engine.CodeOf(err) != engine.NotFound {
		return p, err
	}
	if a.Workspace != NoWorkspace {
		return b.o.People.Identify(ctx, a.Surface, NoWorkspace, a.User)
	}
	for _, p := range k.persons {
		ids, failed := b.o.People.Identities(ctx, p.ID)
		if failed != nil {
			return p, failed
		}
		for _, id := range ids {
			if id.Surface == a.Surface && id.User == a.User {
				return p, nil
			}
		}
	}
	return engine.Person{}, err
}

// private is the context of a card for the caller alone.
func (b *Bot) private(c *caller, flowPlace engine.Place, flow map[string]engine.Role) prompts.Ctx {
	lang := c.person.Lang
	if lang == "" {
		lang = c.actor.Lang
	}
	return b.ctx(c.book, lang, c.person.Timezone, flowPlace, flow)
}

// may asks Allowed about a flow in its channel; an empty flow is the installation as a whole.
func (b *Bot) may(ctx context.Context, c *caller, d Deed, flow string, place engine.Place, isAsked bool) error {
	s := Subject{Known: c.known, Guest: c.actor.Guest, Bot: c.actor.Bot, Everywhere: c.person.Role}
	if c.known {
		ch, _ := c.book.channel(place)
		s.Channel = ch.Roles[c.person.ID]
		roles, err := b.flowRoles(ctx, flow)
		if err != nil {
			return err
		}
		s.Flow = roles[c.person.ID]
	}
	return Allowed(s, d, Object{Asked: isAsked, Admins: c.book.admins()})
}

// flowRoles are the roles given for one flow, by person id.
func (b *Bot) flowRoles(ctx context.Context, flow string) (map[string]engine.Role, error) {
	if flow == "" {
		return nil, nil
	}
	text, err := b.o.People.Setting(ctx, flowRolesKey(flow))
	if err != nil || text == "" {
		return nil, err
	}
	roles := map[string]engine.Role{}
	if err := json.Unmarshal([]byte(text), &roles); err != nil {
		return nil, engine.AsError(err).WithOp("bot.flowRoles")
	}
	return roles, nil
}

func flowRolesKey(flow string) string { return "flow.roles/" + flow }

// evidence is which of the asked groups the caller is in, in the words of the flow: what travels with a vote.
func (b *Bot) evidence(ctx context.Context, c *caller, groups []string, place engine.Place, flow map[string]engine.Role) ([]string, error) {
	if !c.known {
		return nil, nil
	}
	var in []string
	theirs := map[string][]string{} // those that surfaces keep, by surface and workspace
	for _, g := range groups {
		if !foreign(g) {
			if has(c.book.members(g, place, flow), c.person.ID) {
				in = append(in, g)
			}
			continue
		}
		at, _, _ := strings.Cut(g, "/")
		theirs[at] = append(theirs[at], g)
	}
	for at, asked := range theirs {
		there, err := b.surfaceGroups(ctx, c, at, asked)
		if err != nil {
			return nil, err
		}
		for _, g := range asked {
			if has(there, g) {
				in = append(in, g)
			}
		}
	}
	sort.SliceStable(in, func(i, j int) bool { return slices.Index(groups, in[i]) < slices.Index(groups, in[j]) }) // as asked
	return in, nil
}

// surfaceGroups asks a surface ("slack:T0123") which of its groups the caller is in, by the identities that are proven
// to be theirs, whatever surface they speak from now.
func (b *Bot) surfaceGroups(ctx context.Context, c *caller, at string, asked []string) ([]string, error) {
	name, workspace, _ := strings.Cut(at, ":")
	s, ok := b.surfaces[name]
	if !ok {
		return nil, nil
	}
	ids, err := b.o.People.Identities(ctx, c.person.ID)
	if err != nil {
		return nil, err
	}
	var out []string
	for _, id := range ids {
		if id.Surface != name || id.Workspace != workspace {
			continue
		}
		groups, err := s.Groups(ctx, Actor{Surface: name, Workspace: workspace, User: id.User, Person: c.person.ID}, asked)
		if err != nil {
			return nil, err
		}
		out = append(out, groups...)
	}
	return out, nil
}

func has(list []string, word string) bool {
	for _, w := range list {
		if w == word {
			return true
		}
	}
	return false
}

// empty lists the asked groups that nobody is in; groups kept by a surface are never counted as empty.
func (k *book) empty(groups []string, place engine.Place, flow map[string]engine.Role) []string {
	var none []string
	for _, g := range groups {
		if !foreign(g) && len(k.members(g, place, flow)) == 0 {
			none = append(none, g)
		}
	}
	return none
}

func (k *book) groupNames() []string {
	names := make([]string, 0, len(k.groups))
	for name := range k.groups {
		names = append(names, name)
	}
	sort.Strings(names)
	return names
}
