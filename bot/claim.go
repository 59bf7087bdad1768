package bot

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"strings"
	"time"
	"unicode"

	"github.com/bretelle/bretelle/engine"
	"github.com/bretelle/bretelle/prompts"
)

const (
	kindFirstAdmin = "first-admin"
	kindLogin      = "login"
	kindLink       = "link"

	ticketLife = 10 * time.Minute
)

func isLetter(r rune) bool { return unicode.IsLetter(r) }

// TicketHash is what is stored of a ticket's token: SHA-256 in hex of its letters and digits, capitals and dashes
// aside, so that a code can be read out and typed.
func TicketHash(token string) string {
	sum := sha256.Sum256([]byte("ticket:" + strings.ToUpper(strings.NewReplacer("-", "", " ", "").Replace(token))))
	return hex.EncodeToString(sum[:])
}

// ticket makes a one-time token for ten minutes, "9K2F-71QX": short enough to type. Its 40 random bits are out of
// reach in ten minutes at what surfaces let anybody try (the console ten times a minute, chat platforms about once a
// second).
func (b *Bot) ticket(ctx context.Context, kind, person string) (string, error) {
	const symbols = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
	random, err := hex.DecodeString(engine.Token(16))
	if err != nil {
		return "", engine.AsError(err).WithOp("bot.ticket")
	}
	var t strings.Builder
	for i, c := range random[:8] {
		if i == 4 {
			t.WriteByte('-')
		}
		t.WriteByte(symbols[c&31])
	}
	err = b.o.People.PutTicket(ctx, Ticket{Hash: TicketHash(t.String()), Kind: kind, Person: person, Expires: b.now() + ticketLife.Milliseconds()})
	return t.String(), err
}

// HasAdmin reports whether anybody is admin yet: before that, a ticket asks for a name.
func (b *Bot) HasAdmin(ctx context.Context) (bool, error) {
	k, err := b.book(ctx)
	if err != nil {
		return false, err
	}
	return len(k.admins()) > 0, nil
}

// FirstAdmin makes the one-time token whose holder becomes the first admin; "" once there is one. It is good for ten
// minutes, as a link on the console or as a code for `/flow admin claim`.
func (b *Bot) FirstAdmin(ctx context.Context) (token string, err error) {
	if err := b.ensureOperator(ctx); err != nil {
		return "", err
	}
	if yes, err := b.HasAdmin(ctx); err != nil || yes {
		return "", err
	}
	return b.ticket(ctx, kindFirstAdmin, "")
}

// LoginLink makes a one-time token, good for ten minutes, that logs a person (by name or id) in; NotFound.
func (b *Bot) LoginLink(ctx context.Context, person string) (token string, err error) {
	p, err := b.Person(ctx, person)
	if err != nil {
		return "", err
	}
	return b.ticket(ctx, kindLogin, p.ID)
}

// Claim turns a token into the person it stands for. A first admin's token makes that person, called name; on a
// surface other than the console the actor's identity is linked to the person, which is the proof from that side.
// Errors: NotFound for a token that is used, expired or none; Invalid for a bad name and Conflict for one that is
// taken, which leave the token good.
func (b *Bot) Claim(ctx context.Context, who Actor, name, token string) (engine.Person, error) {
	return b.claim(ctx, who, name, token, false)
}

// claim is Claim; a token that stood open, where others read it too, is good for one try and no more.
func (b *Bot) claim(ctx context.Context, who Actor, name, token string, open bool) (engine.Person, error) {
	b.claims.Lock()
	defer b.claims.Unlock()
	if who.Guest || who.Bot {
		return engine.Person{}, Allowed(Subject{Guest: who.Guest, Bot: who.Bot}, DeedSee, Object{})
	}
	t, err := b.o.People.UseTicket(ctx, TicketHash(token), b.now())
	if err != nil {
		if engine.CodeOf(err) == engine.NotFound {
			b.audit(ctx, "", "ticket.refused", "identity", "surface="+who.Surface)
			return engine.Person{}, engine.E(engine.NotFound, "This code was used, has expired, or never was").
				WithHint("Codes work once, for 10 minutes. Ask for a new one.")
		}
		return engine.Person{}, err
	}
	p, err := b.claimed(ctx, who, strings.TrimSpace(name), t)
	if err != nil && open {
		b.audit(ctx, "", "ticket.burnt", "identity", "kind="+t.Kind+" surface="+who.Surface+" workspace="+who.Workspace+" user="+who.User)
		return engine.Person{}, engine.E(engine.CodeOf(err), "Others could read this code, so it works no more").Wrap(err).
			WithHint("Get a new one and type it as a command: only you see that.")
	}
	if err != nil {
		if put := b.o.People.PutTicket(ctx, t); put != nil {
			b.o.Log.Warn("a ticket could not be given back", "err", put)
		}
		return engine.Person{}, err
	}
	account := "kind=" + t.Kind + " surface=" + who.Surface
	if who.User != "" && who.Surface != engine.ConsoleSurface {
		account += " workspace=" + who.Workspace + " user=" + who.User
	}
	b.audit(ctx, p.ID, "ticket.used", "person/"+p.ID, account)
	return p, nil
}

func (b *Bot) claimed(ctx context.Context, who Actor, name string, t Ticket) (engine.Person, error) {
	chat := who.Surface != "" && who.Surface != engine.ConsoleSurface
	k, err := b.book(ctx)
	if err != nil {
		return engine.Person{}, err
	}
	var p engine.Person
	switch t.Kind {
	case kindFirstAdmin:
		if len(k.admins()) > 0 {
			return p, engine.E(engine.Denied, "There is an admin already: {admins}", "admins", strings.Join(k.admins(), ", ")).
				WithHint("Ask them for a code of your own.")
		}
		if chat {
			if old, err := b.o.People.Identify(ctx, who.Surface, who.Workspace, who.User); err == nil {
				old.Role = engine.Admin
				return old, b.o.People.SetPerson(ctx, old)
			} else if engine.CodeOf(err) != engine.NotFound {
				return p, err
			}
		}
		if old, ok := k.named(name); ok && !chat { // added from this machine's shell before anybody logged in
			p = old
			p.Role = engine.Admin
			err = b.o.People.SetPerson(ctx, p)
		} else {
			p, err = b.AddPerson(ctx, Operator, name, engine.Admin)
		}
		if err != nil {
			return p, err
		}
	default:
		var ok bool
		if p, ok = k.id(t.Person); !ok {
			return p, engine.E(engine.NotFound, "The person this code is for is gone")
		}
	}
	if chat {
		if who.User == "" || who.Workspace == "" || who.Workspace == NoWorkspace && !b.worldwide(who.Surface) {
			return p, engine.E(engine.Invalid, "{surface} does not say who you are there, so this account cannot be linked", "surface", who.Surface)
		}
		return p, b.o.People.Link(ctx, engine.Identity{Surface: who.Surface, Workspace: who.Workspace, User: who.User, Person: p.ID})
	}
	return p, nil
}

// Welcome greets the first admin in the operator's channel, once.
func (b *Bot) Welcome(ctx context.Context, p engine.Person) error {
	if err := b.ensureOperator(ctx); err != nil {
		return err
	}
	k, err := b.book(ctx)
	if err != nil {
		return err
	}
	c := b.shared(k, b.o.Operator, b.o.Operator, nil)
	card := b.beginning(c, prompts.Welcome(c, p.Name, verbs))
	card.Key = "welcome"
	_, err = b.putNow(ctx, &draft{card: card}, b.o.Operator)
	return err
}

func (b *Bot) cmdClaim(ctx context.Context, c *call) (Reply, error) {
	name := c.args["NAME"]
	if name == "" {
		name = tidyName(c.in.Actor.Name)
	}
	open := c.in.Kind == InMessage && strings.HasPrefix(c.in.Place.Channel, "#")
	p, err := b.claim(ctx, c.in.Actor, name, c.args["CODE"], open)
	if err != nil {
		return nil, err
	}
	pc := b.ctx(c.book, firstOf(p.Lang, c.in.Actor.Lang), p.Timezone, c.in.Place, nil)
	if open {
		return Private{prompts.Say(pc, "You are {name} now ({role}). Next time type a code as a command, which only you see", "name", p.Name, "role", string(p.Role))}, nil
	}
	return Private{prompts.Say(pc, "You are {name} now ({role})", "name", p.Name, "role", string(p.Role))}, nil
}

// tidyName makes a name of what a surface shows.
func tidyName(shown string) string {
	var b strings.Builder
	for _, r := range strings.ToLower(strings.TrimSpace(shown)) {
		switch {
		case isLetter(r) || unicode.IsDigit(r) || r == '.' || r == '_' || r == '-':
			b.WriteRune(r)
		case r == ' ':
			b.WriteByte('-')
		}
	}
	return b.String()
}

// cmdLink gives a code that links another account: proof of this side now, of the other when it is claimed there.
func (b *Bot) cmdLink(ctx context.Context, c *call) (Reply, error) {
	if err := b.may(ctx, c.caller, DeedSee, "", c.in.Place, false); err != nil {
		return nil, err
	}
	p := c.person
	if name := c.args["PERSON"]; name != "" {
		var err error
		if p, err = c.book.find(name); err != nil {
			return nil, err
		}
		if p.ID != c.person.ID {
			if err := b.may(ctx, c.caller, DeedPeople, "", c.in.Place, false); err != nil {
				b.audit(ctx, c.person.ID, "link.refused", "person/"+p.ID, "verdict=denied source="+source(c.in))
				return nil, err
			}
		}
	}
	code, err := b.ticket(ctx, kindLink, p.ID)
	if err != nil {
		return nil, err
	}
	b.audit(ctx, c.person.ID, "link.made", "person/"+p.ID, "source="+source(c.in))
	// A code is a secret for as long as it holds: it is shown in a dialog, which nobody stores (CONTRACTS, "Surfaces").
	pc := b.private(c.caller, c.in.Place, nil)
	said := prompts.Say(pc, "From the other account, type within 10 minutes: {command}. Whoever types it is {name}, so show it to nobody else",
		"command", "/"+b.o.Command+" admin claim "+code, "name", p.Name)
	return b.form(ctx, c.caller, c.in, Intent{Verb: "shown"}, prompts.Form{Lang: pc.Lang, Intro: []prompts.Block{prompts.Para{Line: said.Title}},
		Title: prompts.T(pc.Lang, "Link another account", nil), Submit: prompts.T(pc.Lang, "Done", nil)})
}
