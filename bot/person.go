package bot

import (
	"context"
	"encoding/json"
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
	return prompts.Ctx{Lang: lang, Zone: loc, Now: b.now(), Who: k.name, Link: b.o.Link, Place: b.placeLabel,
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
	switch {
	case a.Surface == engine.ConsoleSurface:
		c.person, c.known = k.id(a.User) // the console's user id is the person's, proven by its session
	case a.User != "":
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
	if a.Workspace == NoWorkspace && !b.worldwide(a.Surface) {
		return engine.Person{}, engine.E(engine.NotFound, "I do not know you yet").WithOp("bot.identify")
	}
	p, err := b.o.People.Identify(ctx, a.Surface, a.Workspace, a.User)
	if engine.CodeOf(err) != engine.NotFound {
		return p, err
	}
	if !b.worldwide(a.Surface) {
		return p, err
	}
	if a.Workspace != NoWorkspace {
		return b.o.People.Identify(ctx, a.Surface, NoWorkspace, a.User)
	}
	ids, failed := b.o.People.Accounts(ctx, a.Surface, a.User)
	if failed != nil {
		return engine.Person{}, failed
	}
	for _, id := range ids {
		if p, ok := k.id(id.Person); ok {
			return p, nil
		}
	}
	return engine.Person{}, err
}

// outside is why the caller may do nothing at all here, whatever it is: an app, a guest of the workspace or from
// another one, somebody nobody knows. Nil for everybody else.
func (c *caller) outside() error {
	return Allowed(Subject{Known: c.known, Guest: c.actor.Guest, Bot: c.actor.Bot, Everywhere: engine.Viewer}, DeedSee, Object{})
}

// enter is outside with a row in the audit.
func (b *Bot) enter(ctx context.Context, c *caller, in In, what string) error {
	err := c.outside()
	if err != nil {
		verdict := "stranger"
		switch {
		case c.actor.Bot:
			verdict = "bot"
		case c.actor.Guest:
			verdict = "guest"
		}
		b.audit(ctx, c.person.ID, what, "", "verdict="+verdict+" source="+source(in))
	}
	return err
}

// private is the context of a card for the caller alone: in their own language and time zone, else in those that the
// surface tells of them.
func (b *Bot) private(c *caller, flowPlace engine.Place, flow map[string]engine.Role) prompts.Ctx {
	return b.ctx(c.book, firstOf(c.person.Lang, c.actor.Lang), firstOf(c.person.Timezone, c.actor.Zone), flowPlace, flow)
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
	err := Allowed(s, d, Object{Asked: isAsked, Admins: c.book.admins()})
	if err != nil && c.outside() == nil {
		err = wanting(err, d, flow, place)
	}
	return err
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
