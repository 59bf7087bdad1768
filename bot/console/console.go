package console

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"html/template"
	"log/slog"
	"sync"
	"time"

	"github.com/bretelle/bretelle/bot"
	"github.com/bretelle/bretelle/engine"
	"github.com/bretelle/bretelle/prompts"
)

// Logins turns one-time links into people: the bot.
type Logins interface {
	HasAdmin(ctx context.Context) (bool, error)
	// Claim uses a token. NotFound: it is used, expired or none. Invalid, Conflict: the name; the token stays good.
	Claim(ctx context.Context, who bot.Actor, name, token string) (engine.Person, error)
	Welcome(ctx context.Context, p engine.Person) error
}

// Options of a Console. Messages, People and Logins are required.
type Options struct {
	Messages bot.Messages
	People   bot.People
	Logins   Logins
	Now      func() time.Time // nil: time.Now
	Demo     bool             // anybody logged in may act as any person
	Log      *slog.Logger     // nil: slog.Default

	// Run reads a run by its number for the page that a person opens; NotFound, Denied. Nil: there are no run pages.
	Run func(ctx context.Context, person string, number int64) (engine.RunView, error)
	// History reads the part of a run's history that ends with entry last, and how many entries there are before it: only
	// asked for whom Run let see the run. Nil: only the latest part can be seen.
	History func(ctx context.Context, run string, last int64) (part []engine.EntryBrief, earlier int64, err error)
	// Flow reads a flow for the page that a person opens, whose right it asks for; NotFound, Denied. Nil: there are no
	// flow pages.
	Flow func(ctx context.Context, person, name string) (FlowFacts, error)
	// Flows lists the flows that a person may see, by name. Nil: none are listed.
	Flows func(ctx context.Context, person string) ([]engine.FlowHead, error)
	// Audit writes down what a person changes on a page; nil: nowhere.
	Audit func(ctx context.Context, e ...engine.AuditEntry) error
	// Draw draws a flow's version in a language, with the states of a run's steps by path; version 0 is its draft, else
	// what is live. A page whose flow cannot be drawn is shown without picture. Nil: no pictures.
	Draw func(ctx context.Context, flow string, version int64, lang string, states map[string]engine.StepState) (prompts.Drawing, error)
	// Starts says what starts a flow's version; 0 is its draft, else what is live. Nil, or an error: its kind is named.
	Starts func(ctx context.Context, flow string, version int64) (engine.Text, error)
	// Tables are the bot's own tables, for their pages. Nil: there are none.
	Tables Tables
	// Reference keeps an internal error and gives the short reference that people are shown. Nil: none.
	Reference func(err error) string
	// Ready says whether the bot can work; nil error is yes. Nil: always.
	Ready func(ctx context.Context) error
	// Host is the public host name (with port, if any) under which the console may be called besides the loopback
	// addresses; "" is none. Secure marks cookies for HTTPS only.
	Host   string
	Secure bool
	// Command is the word after "/" that the page suggests; "" is "flow".
	Command string
}

// Console is the surface. It is safe for concurrent use.
type Console struct {
	o       Options
	log     *slog.Logger
	now     func() time.Time
	hub     *hub
	logins  *attempts
	recent  *recent
	posted  *posted
	streams streams
	dialogs dialogs
	pages   *template.Template

	mu      sync.RWMutex
	handler bot.Handler
}

var _ bot.Surface = (*Console)(nil)

// New makes a console. It does nothing until Listen has given it the bot.
func New(o Options) *Console {
	if o.Now == nil {
		o.Now = time.Now
	}
	if o.Log == nil {
		o.Log = slog.Default()
	}
	if o.Command == "" {
		o.Command = "flow"
	}
	return &Console{o: o, pages: parsePages(), log: o.Log, now: o.Now, hub: newHub(), logins: newAttempts(), recent: newRecent(), posted: newPosted()}
}

// Name is "console".
func (c *Console) Name() string { return engine.ConsoleSurface }

// Limits says that the console shows everything.
func (c *Console) Limits() prompts.Limits {
	return prompts.Limits{Name: engine.ConsoleSurface, FormTitle: 200, FieldErrors: true, FormFromForm: true, FormSelects: true}
}

// Listen holds the handler until ctx ends.
func (c *Console) Listen(ctx context.Context, h bot.Handler) error {
	c.mu.Lock()
	c.handler = h
	c.mu.Unlock()
	<-ctx.Done()
	c.mu.Lock()
	c.handler = nil
	c.mu.Unlock()
	return nil
}

// Close ends every live update, so that the server can stop. Browsers come back by themselves.
func (c *Console) Close() { c.hub.close() }

// Groups is empty: the console has no groups besides the bot's own.
func (c *Console) Groups(context.Context, bot.Actor, []string) ([]string, error) { return nil, nil }

// Post writes a card, or edits the one that ref names. The message's id follows from the card's key and the place,
// so that posting again after a crash that lost the reference edits the same message (CONTRACTS, "Surfaces").
// Errors: NotFound when nobody added the channel, Unavailable.
func (c *Console) Post(ctx context.Context, p engine.Place, ref bot.Ref, card prompts.Card) (bot.Ref, error) {
	if _, err := c.channel(ctx, p.Channel); err != nil {
		return "", err
	}
	id := string(ref)
	if id == "" {
		id = messageID("card", card.Key, p.Channel, p.Thread)
		if card.Key == "" {
			id = messageID("card", engine.Token(16))
		}
	}
	m := bot.Message{ID: id, Place: base(p), Thread: p.Thread, Text: card.Text}
	if err := c.keepTime(ctx, &m); err != nil {
		return "", err
	}
	m, err := c.put(ctx, m, &card)
	if err == nil {
		c.posted.put(m.ID, m.At)
	}
	return bot.Ref(m.ID), err
}

// keepTime gives an edited message the time it was first posted, so that it stays where it stands.
func (c *Console) keepTime(ctx context.Context, m *bot.Message) error {
	at, known := c.posted.at(m.ID)
	if !known {
		old, found, err := c.o.Messages.Message(ctx, m.ID)
		if err != nil {
			return err
		}
		at, known = old.At, found
	}
	if known {
		m.At, m.Edited = at, engine.Millis(c.now())
	}
	return nil
}

// put stores a message and tells the pages that are open.
func (c *Console) put(ctx context.Context, m bot.Message, card *prompts.Card) (bot.Message, error) {
	if card != nil {
		b, err := json.Marshal(card)
		if err != nil {
			return m, engine.AsError(err).WithOp("console.put")
		}
		m.Card = b
	}
	if m.At == 0 {
		m.At = engine.Millis(c.now())
	}
	m, err := c.o.Messages.PutMessage(ctx, m)
	if err != nil {
		return m, err
	}
	c.hub.ring()
	return m, nil
}

// channel finds a channel of the console by its name, "#general".
func (c *Console) channel(ctx context.Context, name string) (bot.Channel, error) {
	if person, ok := directOf(name); ok {
		return c.direct(ctx, person)
	}
	all, err := c.o.People.Channels(ctx)
	if err != nil {
		return bot.Channel{}, err
	}
	for _, ch := range all {
		if ch.Place.Surface == engine.ConsoleSurface && ch.Place.Channel == name {
			return ch, nil
		}
	}
	return bot.Channel{}, engine.E(engine.NotFound, "there is no channel {channel} on the console", "channel", name).
		WithHint("Add it with: bretelle channel add '{channel}'")
}

// base is a place without its thread, on the console.
func base(p engine.Place) engine.Place {
	return engine.Place{Surface: engine.ConsoleSurface, Channel: p.Channel}
}

// messageID is the same for the same parts, and tells nothing about them.
func messageID(parts ...string) string {
	h := sha256.New()
	for _, p := range parts {
		h.Write([]byte(p))
		h.Write([]byte{0})
	}
	return "m" + hex.EncodeToString(h.Sum(nil)[:12])
}

// Changes receives after each change of the console's messages, and is closed when the console closes.
func (c *Console) Changes() (changed <-chan struct{}, stop func()) { return c.hub.listen() }
