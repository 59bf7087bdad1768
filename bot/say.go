package bot

import (
	"context"
	"hash/fnv"
	"strings"

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
func (b *Bot) Say(ctx context.Context, place engine.Place, thread, key, text string) (ref string, err error) {
	place.Thread = thread
	return b.say(ctx, place, key, text)
}

// Answer is Say into the thread below a message.
func (b *Bot) Answer(ctx context.Context, place engine.Place, message Ref, key, text string) (ref string, err error) {
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
	return b.say(ctx, place, key, text)
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
	ref, err = b.say(ctx, place, key, text)
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
		return nil, p, engine.E(engine.NotFound, "{surface} is not connected", "surface", p.Surface)
	}
	return s, p, nil
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

func (b *Bot) say(ctx context.Context, place engine.Place, key, text string) (ref string, err error) {
	h := fnv.New32a()
	_, _ = h.Write([]byte(key)) // a hash never fails
	lock := &b.says[h.Sum32()%uint32(len(b.says))]
	lock.Lock()
	defer lock.Unlock()
	if place.Surface == "" {
		place.Surface = engine.ConsoleSurface
	}
	cardKey := "say:" + key
	old, err := b.o.Outbox.Card(ctx, cardKey, place)
	switch {
	case err == nil && old.Ref != "":
		return string(old.Ref), nil
	case err != nil && engine.CodeOf(err) != engine.NotFound:
		return "", err
	}
	k, err := b.book(ctx)
	if err != nil {
		return "", err
	}
	ch, _ := k.channel(place)
	card := prompts.Card{Key: cardKey, Blocks: []prompts.Block{prompts.Para{Line: prompts.Line{{Text: text}}}}, Text: text,
		State: engine.CardResolved, Lang: prompts.Lang(ch.Lang)}
	if card.Text == "" {
		return "", engine.E(engine.Invalid, "there is no text to post")
	}
	c, err := b.putNow(ctx, &draft{card: card}, place)
	return string(c.Ref), err
}
