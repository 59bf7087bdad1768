package bot

import (
	"context"
	"slices"
	"strings"
	"sync"

	"github.com/bretelle/bretelle/engine"
	"github.com/bretelle/bretelle/prompts"
)

// Threader is a surface on which a message can be answered below it.
type Threader interface {
	// Thread is where answers to a message stand: its thread, begun when there is none. NotFound when the message is
	// gone; Denied, Throttled, Unavailable as for Post.
	Thread(ctx context.Context, p engine.Place, message Ref) (engine.Place, error)
}

// Reactor is a surface on which the bot can put an emoji under a message.
type Reactor interface {
	// React puts an emoji, named without colons, under a message; doing it twice is doing it once. Invalid when the
	// surface has no such emoji; NotFound, Denied, Throttled, Unavailable as for Post.
	React(ctx context.Context, p engine.Place, message Ref, emoji string) error
}

// Say posts a text for a flow and gives the message's reference on its surface. For one key at most one message is
// ever posted in a place, also when Say is called again after a crash. Errors are the surface's: NotFound when there
// is no such place or the surface is not connected, Denied, Throttled, Unavailable.
func (b *Bot) Say(ctx context.Context, place engine.Place, thread, key string, w Words) (ref string, err error) {
	place.Thread = thread
	return b.say(ctx, place, key, w)
}

// Words are what a flow's message says.
type Words struct {
	Text string // data: it notifies nobody
	// Mention is who is notified, "@ann", "@triage": persons and groups of ours. Invalid for anybody else.
	Mention []string
}

// Answer is Say into the thread below a message.
func (b *Bot) Answer(ctx context.Context, place engine.Place, message Ref, key string, w Words) (ref string, err error) {
	s, place, err := b.surface(place)
	if err != nil {
		return "", err
	}
	t, ok := s.(Threader)
	if !ok {
		return "", engine.E(engine.Invalid, "{surface} has no threads that I can answer in", "surface", place.Surface).
			WithHint("Post into the channel instead.")
	}
	if place, err = t.Thread(ctx, place, message); err != nil {
		return "", err
	}
	return b.say(ctx, place, key, w)
}

// Tell is Say to one person alone: "@ann" (or the bare name), or "slack:T0123/@U42" for somebody of that surface. A
// person of ours is told where they are known, the console last. It tells where that was.
func (b *Bot) Tell(ctx context.Context, person, key, text string) (ref string, place engine.Place, err error) {
	to, where, err := b.addressee(ctx, person)
	if err != nil {
		return "", place, err
	}
	s, where, err := b.surface(where)
	if err != nil {
		return "", place, err
	}
	d, ok := s.(Director)
	if !ok {
		return "", place, engine.E(engine.Invalid, "{surface} has no direct messages that I can write", "surface", where.Surface)
	}
	if place, err = d.Direct(ctx, to, where); err != nil {
		return "", place, err
	}
	ref, err = b.say(ctx, place, key, Words{Text: text})
	return ref, place, err
}

// React puts an emoji under a message.
func (b *Bot) React(ctx context.Context, place engine.Place, message Ref, emoji string) error {
	s, place, err := b.surface(place)
	if err != nil {
		return err
	}
	r, ok := s.(Reactor)
	if !ok {
		return engine.E(engine.Invalid, "{surface} has no reactions", "surface", place.Surface)
	}
	return r.React(ctx, place, message, emoji)
}

// surface finds the surface of a place; a place without one is the console's.
func (b *Bot) surface(p engine.Place) (Surface, engine.Place, error) {
	if p.Surface == "" {
		p.Surface = engine.ConsoleSurface
	}
	s, ok := b.surfaces[p.Surface]
	if !ok {
		return nil, p, unconnected(p.Surface)
	}
	return s, p, nil
}

// unconnected is the error of a place on a surface that this bot does not speak on.
func unconnected(surface string) error {
	return engine.E(engine.NotFound, "{surface} is not connected", "surface", surface).WithOp("bot.surface").
		WithHint("An admin can connect it; bretelle doctor says what is missing.")
}

// addressee is the person as a surface knows them, and that surface.
func (b *Bot) addressee(ctx context.Context, person string) (Actor, engine.Place, error) {
	nobody := engine.E(engine.NotFound, "nobody is called {name}", "name", person).
		WithHint("Write @name of a person here, or slack:TEAM/@USER.")
	if strings.Contains(person, "/") {
		p, err := engine.ParsePlace(person)
		user, ok := strings.CutPrefix(p.Channel, "@")
		if err != nil || !ok || user == "" {
			return Actor{}, engine.Place{}, nobody
		}
		if p.Surface == engine.ConsoleSurface {
			return b.addressee(ctx, user)
		}
		return Actor{Surface: p.Surface, Workspace: p.Workspace, User: user}, engine.Place{Surface: p.Surface, Workspace: p.Workspace}, nil
	}
	name := strings.TrimPrefix(person, "@")
	list, err := b.o.People.Persons(ctx)
	if err != nil {
		return Actor{}, engine.Place{}, err
	}
	for _, p := range list {
		if !strings.EqualFold(p.Name, name) && p.ID != name {
			continue
		}
		ids, err := b.o.People.Identities(ctx, p.ID)
		if err != nil {
			return Actor{}, engine.Place{}, err
		}
		for _, id := range ids {
			if _, ok := b.surfaces[id.Surface]; ok && id.Surface != engine.ConsoleSurface {
				return Actor{Surface: id.Surface, Workspace: id.Workspace, User: id.User, Name: p.Name, Person: p.ID},
					engine.Place{Surface: id.Surface, Workspace: id.Workspace}, nil
			}
		}
		return Actor{Surface: engine.ConsoleSurface, User: p.ID, Name: p.Name, Person: p.ID}, engine.Place{Surface: engine.ConsoleSurface}, nil
	}
	return Actor{}, engine.Place{}, nobody
}

func (b *Bot) say(ctx context.Context, place engine.Place, key string, w Words) (ref string, err error) {
	done, err := b.saying.begin(ctx, key)
	if err != nil {
		return "", err
	}
	defer done()
	if place.Surface == "" {
		place.Surface = engine.ConsoleSurface
	}
	cardKey := "say:" + key
	old, err := b.o.Outbox.Card(ctx, cardKey, place)
	switch {
	case err == nil && old.Ref != "":
		return string(old.Ref), b.markSaid(ctx, place, old.Ref, cardKey)
	case err != nil && engine.CodeOf(err) != engine.NotFound:
		return "", err
	}
	card, err := b.worded(ctx, place, cardKey, w)
	if err != nil {
		return "", err
	}
	defer b.speaking.begin(place)()
	c, err := b.putNow(ctx, &draft{card: card}, place)
	if err != nil {
		return "", err
	}
	return string(c.Ref), b.markSaid(ctx, place, c.Ref, cardKey)
}

// saying is what is being done under which keys; each channel is closed when that is over.
type saying struct {
	mu   sync.Mutex
	open map[string]chan struct{}
}

// begin keeps two who do the same thing apart: whoever comes later waits, as long as ctx allows. The call of done ends it.
// The error is Canceled or Timeout.
func (s *saying) begin(ctx context.Context, key string) (done func(), err error) {
	over := make(chan struct{})
	for {
		s.mu.Lock()
		before := s.open[key]
		if before == nil {
			if s.open == nil {
				s.open = map[string]chan struct{}{}
			}
			s.open[key] = over
			s.mu.Unlock()
			return func() {
				s.mu.Lock()
				delete(s.open, key)
				s.mu.Unlock()
				close(over)
			}, nil
		}
		s.mu.Unlock()
		select {
		case <-before:
		case <-ctx.Done():
			if ctx.Err() == context.DeadlineExceeded {
				return nil, engine.E(engine.Timeout, "what was begun before did not end in time").WithOp("bot.say").Wrap(ctx.Err())
			}
			return nil, engine.E(engine.Canceled, "it was stopped").Wrap(ctx.Err())
		}
	}
}

// worded is a message of a flow as a card.
func (b *Bot) worded(ctx context.Context, place engine.Place, key string, w Words) (prompts.Card, error) {
	if w.Text == "" {
		return prompts.Card{}, engine.E(engine.Invalid, "there is no text to post")
	}
	k, err := b.book(ctx)
	if err != nil {
		return prompts.Card{}, err
	}
	line, err := k.notified(w.Mention)
	if err != nil {
		return prompts.Card{}, err
	}
	line = append(line, prompts.Span{Text: w.Text})
	ch, _ := k.channel(place)
	return prompts.Card{Key: key, Blocks: []prompts.Block{prompts.Para{Line: line}}, Text: line.String(),
		State: engine.CardResolved, Lang: prompts.Lang(ch.Lang)}, nil
}

// mostNotified bounds how many persons one message of a flow notifies.
const mostNotified = 50

// notified are the persons named, and those of the groups named, each once, as the beginning of a line. Invalid.
func (k *book) notified(names []string) (line prompts.Line, err error) {
	seen := map[string]bool{}
	for _, name := range names {
		ids := slices.Clone(k.members(name, engine.Place{}, nil))
		slices.SortFunc(ids, func(a, b string) int { return strings.Compare(k.name(a), k.name(b)) })
		if len(ids) == 0 || name == engine.DefaultApprovers {
			return nil, engine.E(engine.Invalid, "I know nobody called {name} to notify", "name", name).
				WithHint("Name a person here, or a group of ours that has somebody in it.")
		}
		for _, id := range ids {
			if seen[id] {
				continue
			}
			seen[id] = true
			line = append(line, prompts.Span{Kind: prompts.Mention, Text: "@" + k.name(id), ID: id, Ping: true}, prompts.Span{Text: " "})
		}
	}
	if len(seen) > mostNotified {
		return nil, engine.E(engine.Invalid, "More than {most} are to be notified", "most", mostNotified).WithHint("Name a smaller group.")
	}
	return line, nil
}
