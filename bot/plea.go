package bot

import (
	"context"
	"encoding/json"
	"errors"
	"strings"

	"github.com/bretelle/bretelle/engine"
	"github.com/bretelle/bretelle/prompts"
)

// A plea is somebody without a right asking an admin for it:
//
//	refusal [Ask Mia] ── stored, once per person, deed and day ──▶ each admin, alone: [Allow it] [Refuse]
//	                                                                   │ rights are asked again at the click
//	        whoever asked is told ◀────────────────────────────────────┘ every admin's copy says what became of it

const (
	verbPlead    = "plead"    // [Ask Mia]
	verbGrant    = "grant"    // [Allow it]
	verbWithhold = "withhold" // [Refuse]

	pleaAdmins = 5 // admins who are asked at once
	pleaPrefix = "plea:"
	dayMillis  = 24 * 60 * 60 * 1000
)

// lacking is behind a refusal that a role would lift.
type lacking struct {
	deed  Deed
	flow  string
	place engine.Place
}

func (l lacking) Error() string { return "nobody gave them the right to " + string(l.deed) }

// wanting marks a refusal with what somebody would need.
func wanting(err error, d Deed, flow string, place engine.Place) error {
	e := engine.AsError(err)
	if e == nil || e.Code != engine.Denied || d == DeedDecide {
		return err
	}
	out := *e
	out.Err = lacking{d, flow, place}
	return &out
}

// plea is what an admin is asked; it is what its buttons remember.
type plea struct {
	Person string       `json:"person"`
	Deed   Deed         `json:"deed"`
	Flow   string       `json:"flow,omitempty"`
	Place  engine.Place `json:"place"` // where it was asked
	Role   engine.Role  `json:"role,omitempty"`
	Scope  string       `json:"scope,omitempty"`
	At     int64        `json:"at"`
	Answer string       `json:"answer,omitempty"`
	By     string       `json:"by,omitempty"`
	Then   int64        `json:"then,omitempty"`
}

func (x plea) facts() prompts.PleaFacts {
	return prompts.PleaFacts{Who: x.Person, Deed: string(x.Deed), Flow: x.Flow, Place: x.Place, Role: x.Role, Where: x.Scope, At: x.At,
		Answer: x.Answer, By: x.By, Then: x.Then}
}

// key is one a person, deed and day, so that nobody is asked for the same thing over and over.
func (x plea) key() string {
	return pleaPrefix + x.Person + ":" + string(x.Deed) + ":" + itoa(x.At/dayMillis)
}

// pleading is a refusal as a private card with [Ask Mia], nil where asking would not help.
func (b *Bot) pleading(ctx context.Context, c *caller, in In, refusal error) Reply {
	var l lacking
	admins := c.book.admins()
	switch in.Kind {
	case InSubmit, InReact, InJoin: // a dialog stays open with what was typed; nobody spoke to the bot
		return nil
	}
	if !errors.As(refusal, &l) || !c.known || len(admins) == 0 || has(admins, c.person.Name) {
		return nil
	}
	x := plea{Person: c.person.ID, Deed: l.deed, Flow: l.flow, Place: in.Place}
	x.Place.Thread = ""
	x.Role, x.Scope = b.remedy(ctx, c, l)
	data, err := json.Marshal(x)
	if err != nil {
		return nil
	}
	pc := b.private(c, in.Place, nil)
	card := prompts.Problem(pc, refusal, "")
	label := prompts.T(pc.Lang, "Ask an admin", nil)
	if len(admins) == 1 {
		label = prompts.T(pc.Lang, "Ask {admin}", engine.Args("admin", admins[0]))
	}
	card.Buttons = []prompts.Button{{ID: verbPlead, Label: label, Token: verbPlead}}
	r, err := b.reply(ctx, c, in, "refused:"+string(l.deed), &draft{card: card, means: Intent{Data: data, Flow: l.flow}})
	if err != nil {
		b.o.Log.Warn("a refusal could not be made one to answer", "err", err)
		return nil
	}
	return r
}

// remedy is the smallest role that allows a deed, and what it would be given for: the channel where people added one,
// else the flow, else everything; the first where that takes nothing from what they have.
func (b *Bot) remedy(ctx context.Context, c *caller, l lacking) (engine.Role, string) {
	role := engine.NoRole
	for _, r := range []engine.Role{engine.Viewer, engine.Runner, engine.Approver, engine.Builder} {
		if listed(granted(r), l.deed) {
			role = r
			break
		}
	}
	if role == engine.NoRole || l.deed == DeedPeople {
		return engine.NoRole, ""
	}
	at := l.place
	at.Thread = ""
	var scopes []string
	if _, known := c.book.channel(at); known && at.Channel != "" {
		scopes = append(scopes, at.String())
	}
	if l.flow != "" {
		scopes = append(scopes, l.flow)
	}
	for _, scope := range append(scopes, "") {
		if had, err := b.roleFor(ctx, c.book, c.person, scope); err == nil && !loses(had, role) {
			return role, scope
		}
	}
	return engine.NoRole, ""
}

// roleFor is the role that somebody has for a scope, as SetRole takes it.
func (b *Bot) roleFor(ctx context.Context, k *book, p engine.Person, scope string) (engine.Role, error) {
	switch {
	case scope == "":
		return p.Role, nil
	case strings.ContainsAny(scope, "#/"):
		at, err := engine.ParsePlace(scope)
		ch, _ := k.channel(at)
		return ch.Roles[p.ID], err
	}
	roles, err := b.flowRoles(ctx, scope)
	return roles[p.ID], err
}

// loses reports whether somebody who has a role and gets another in its place may something no more: who is an approver
// is asked, and no other role but admin is.
func loses(had, gets engine.Role) bool {
	for _, d := range strings.Fields(granted(had)) {
		if !listed(granted(gets), Deed(d)) {
			return true
		}
	}
	return had == engine.Approver && gets != engine.Approver && gets != engine.Admin
}

// pressPlead asks the admins.
func (b *Bot) pressPlead(ctx context.Context, p *press) (Reply, error) {
	var x plea
	if json.Unmarshal(p.it.Data, &x) != nil || x.Person != p.person.ID {
		return nil, stale()
	}
	pc := p.ctx(b)
	x.At = b.now()
	for _, key := range []string{x.key(), plea{Person: x.Person, Deed: x.Deed, At: x.At - dayMillis}.key()} {
		cards, err := b.o.Outbox.Cards(ctx, key)
		if err != nil {
			return nil, err
		}
		copies, err := b.o.Outbox.CopiesOf(ctx, key)
		if err != nil {
			return nil, err
		}
		if len(copies) > 0 || len(cards) > 0 && (key == x.key() || cards[0].Updated > x.At-dayMillis) {
			b.note(ctx, p, "throttled")
			return Private{prompts.Say(pc, "{admins} was asked already. Once a day is enough", "admins", strings.Join(p.book.admins(), ", "))}, nil
		}
	}
	told, err := b.tellAdminsOf(ctx, p.book, x)
	if err != nil {
		return nil, err
	}
	b.note(ctx, p, "asked")
	return Private{prompts.Say(pc, "{admins} is asked", "admins", strings.Join(told, ", "))}, nil
}

// tellAdminsOf has every admin asked where they can be told alone, else in the operator's channel.
func (b *Bot) tellAdminsOf(ctx context.Context, k *book, x plea) (told []string, err error) {
	var places []engine.Place
	for _, p := range k.persons {
		if p.Role != engine.Admin || len(told) == pleaAdmins {
			continue
		}
		told = append(told, p.Name)
		at, err := b.alone(ctx, p.ID)
		if err != nil {
			b.o.Log.Warn("an admin cannot be told alone", "person", p.ID, "err", err)
			at = b.o.Operator
		}
		dup := false
		for _, q := range places {
			dup = dup || q == at
		}
		if dup {
			continue
		}
		places = append(places, at)
		dr, err := b.pleaDraft(k, x, p.Lang, p.Timezone)
		if err != nil {
			return nil, err
		}
		if err := b.wantIn(ctx, dr, at); err != nil {
			return nil, err
		}
	}
	return told, nil
}

// pleaDraft is the plea's card in a language.
func (b *Bot) pleaDraft(k *book, x plea, lang, zone string) (*draft, error) {
	data, err := json.Marshal(x)
	if err != nil {
		return nil, engine.AsError(err).WithOp("bot.plea")
	}
	dr := &draft{card: prompts.Plea(b.ctx(k, lang, zone, engine.Place{}, nil), x.facts(), verbs), means: Intent{Data: data}}
	dr.card.Key = x.key()
	return dr, nil
}

// alone is where one person of ours is spoken to alone.
func (b *Bot) alone(ctx context.Context, person string) (engine.Place, error) {
	a, where, err := b.addressee(ctx, person)
	if err != nil {
		return engine.Place{}, err
	}
	s, where, err := b.surface(where)
	if err != nil {
		return engine.Place{}, err
	}
	d, ok := s.(Director)
	if !ok {
		return engine.Place{}, engine.E(engine.Invalid, "{surface} has no direct messages that I can write", "surface", where.Surface)
	}
	return d.Direct(ctx, a, where)
}

// pressPlea is an admin's answer: only who may change people may give it, whoever the button was sent to.
func (b *Bot) pressPlea(ctx context.Context, p *press) (Reply, error) {
	var x plea
	if json.Unmarshal(p.it.Data, &x) != nil || x.Person == "" {
		return nil, stale()
	}
	if err := b.may(ctx, p.caller, DeedPeople, "", p.in.Place, false); err != nil {
		b.note(ctx, p, "denied")
		return nil, err
	}
	b.claims.Lock() // the first answer counts
	defer b.claims.Unlock()
	if done, err := b.answeredPlea(ctx, x.key()); err != nil || done {
		b.note(ctx, p, "already")
		if err == nil {
			err = engine.E(engine.Conflict, "This was answered already")
		}
		return nil, err
	}
	who, known := p.book.id(x.Person)
	if !known {
		return nil, engine.E(engine.NotFound, "The person who asked is gone")
	}
	x.Answer, x.By, x.Then = "refused", p.person.ID, b.now()
	if p.it.Verb == verbGrant {
		if x.Role == engine.NoRole {
			return nil, stale()
		}
		had, err := b.roleFor(ctx, p.book, who, x.Scope)
		if err != nil {
			return nil, err
		}
		if loses(had, x.Role) {
			return nil, engine.E(engine.Conflict, "{name} is {role} by now, and this would take that away", "name", who.Name, "role", string(had))
		}
		if _, err := b.SetRole(ctx, p.person.ID, x.Person, x.Role, x.Scope); err != nil {
			return nil, err
		}
		x.Answer = "granted"
	}
	b.note(ctx, p, x.Answer)
	key := x.key()
	err := b.edit(ctx, key, func(at engine.Place) (*draft, error) {
		ch, _ := p.book.channel(at)
		return b.pleaDraft(p.book, x, firstOf(p.person.Lang, ch.Lang), p.person.Timezone)
	})
	if err != nil {
		return nil, err
	}
	at, err := b.alone(ctx, who.ID)
	if err != nil {
		b.o.Log.Warn("whoever asked cannot be told alone", "person", who.ID, "err", err)
		return Nothing{}, nil
	}
	dr := &draft{card: prompts.PleaAnswered(b.ctx(p.book, who.Lang, who.Timezone, engine.Place{}, nil), x.facts())}
	dr.card.Key = "answer:" + key
	return Nothing{}, b.wantIn(ctx, dr, at)
}

// answeredPlea reports whether somebody has answered a plea: one of its cards says so, or is about to.
func (b *Bot) answeredPlea(ctx context.Context, key string) (bool, error) {
	cards, err := b.o.Outbox.Cards(ctx, key)
	if err != nil {
		return false, err
	}
	copies, err := b.o.Outbox.CopiesOf(ctx, key)
	if err != nil {
		return false, err
	}
	for _, c := range cards {
		if c.State == engine.CardDecided {
			return true, nil
		}
	}
	for _, c := range copies {
		if dr, err := c.draft(); err == nil && dr.card.State == engine.CardDecided {
			return true, nil
		}
	}
	return false, nil
}
