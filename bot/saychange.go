package bot

import (
	"context"

	"github.com/bretelle/bretelle/engine"
	"github.com/bretelle/bretelle/prompts"
)

// Edit replaces the text of a message that a flow posted. Denied for any other, so that no flow can rewrite a card that
// people decide by; NotFound when the message is gone; the others as of Say.
func (b *Bot) Edit(ctx context.Context, place engine.Place, message Ref, w Words) error {
	s, place, err := b.surface(place)
	if err != nil {
		return err
	}
	key, err := b.mine(ctx, place, message)
	if err != nil {
		return err
	}
	card, err := b.worded(ctx, place, key, w)
	if err != nil {
		return err
	}
	if card, err = b.addressed(ctx, card, place.Surface, place.Workspace); err != nil {
		return err
	}
	ctx, cancel := context.WithTimeout(ctx, postTimeout)
	defer cancel()
	return b.inTurn(ctx, place, func(ctx context.Context) (sent bool, err error) {
		_, err = s.Post(ctx, place, message, prompts.Fit(card, s.Limits()))
		return true, err
	})
}

// Delete takes back a message that a flow posted; one that is gone already is no error. Denied for any other, as of Edit;
// Invalid where the surface cannot.
func (b *Bot) Delete(ctx context.Context, place engine.Place, message Ref) error {
	s, place, err := b.surface(place)
	if err != nil {
		return err
	}
	d, ok := s.(Deleter)
	if !ok {
		return engine.E(engine.Invalid, "On {surface} I cannot delete messages", "surface", place.Surface).WithHint("Change its text instead.")
	}
	if _, err := b.mine(ctx, place, message); err != nil {
		return err
	}
	ctx, cancel := context.WithTimeout(ctx, postTimeout)
	defer cancel()
	if err := d.Delete(ctx, place, message); engine.CodeOf(err) != engine.NotFound {
		return err
	}
	return nil
}

// OpenThread begins a thread with a title, below message when it is not "", once for a key. It gives the thread's place
// and the message that begins it. Invalid where the surface cannot.
func (b *Bot) OpenThread(ctx context.Context, place engine.Place, message Ref, key, title string) (engine.Place, Ref, error) {
	s, place, err := b.surface(place)
	if err != nil {
		return place, "", err
	}
	o, ok := s.(ThreadOpener)
	if !ok {
		return place, "", engine.E(engine.Invalid, "On {surface} I cannot open threads", "surface", place.Surface).
			WithHint("Post a message and answer below it, or post into the channel.")
	}
	var opened engine.Place
	ref, err := b.onceIn(ctx, place, "thread:"+key, func(ctx context.Context) (engine.Place, Ref, error) {
		at, ref, err := o.OpenThread(ctx, place, message, "thread:"+key, title)
		opened = at
		return at, ref, err
	}, func(c StoredCard) { opened = c.Place })
	return opened, ref, err
}

// SetTopic says what a channel is about. Invalid where the surface has no topics, or the text is too long for it.
func (b *Bot) SetTopic(ctx context.Context, place engine.Place, topic string) error {
	s, place, err := b.surface(place)
	if err != nil {
		return err
	}
	t, ok := s.(TopicSetter)
	if !ok {
		return engine.E(engine.Invalid, "On {surface} channels have no topic", "surface", place.Surface).WithHint("Post it into the channel instead.")
	}
	ctx, cancel := context.WithTimeout(ctx, postTimeout)
	defer cancel()
	return t.SetTopic(ctx, place, topic)
}

// uploadTimeout bounds how long a file may take.
const uploadTimeout = 2 * postTimeout

// Upload shares files with a text above them (may be ""), once for a key. Invalid where the surface takes none.
func (b *Bot) Upload(ctx context.Context, place engine.Place, thread, key, text string, files ...File) (Ref, error) {
	place.Thread = thread
	s, place, err := b.surface(place)
	if err != nil {
		return "", err
	}
	u, ok := s.(Uploader)
	if !ok {
		return "", engine.E(engine.Invalid, "On {surface} I cannot share files", "surface", place.Surface).WithHint("Post the text of it instead.")
	}
	return b.onceIn(ctx, place, "file:"+key, func(ctx context.Context) (engine.Place, Ref, error) {
		var ref Ref
		err := b.inTurn(ctx, place, func(ctx context.Context) (sent bool, err error) {
			ref, err = u.Upload(ctx, place, "file:"+key, text, files...)
			return true, err
		})
		return place, ref, err
	}, nil)
}

// onceIn does what makes a message once for a key, and remembers it. again is told of what was done before; nil is nobody.
// A crash between doing and remembering does it again with the same key, which surfaces that can tell do not repeat.
func (b *Bot) onceIn(ctx context.Context, place engine.Place, key string, do func(context.Context) (engine.Place, Ref, error), again func(StoredCard)) (Ref, error) {
	done, err := b.saying.begin(ctx, key)
	if err != nil {
		return "", err
	}
	defer done()
	old, err := b.o.Outbox.Cards(ctx, key)
	if err != nil {
		return "", err
	}
	for _, c := range old {
		if c.Ref == "" {
			continue
		}
		if again != nil {
			again(c)
		}
		return c.Ref, b.markSaid(ctx, c.Place, c.Ref, key)
	}
	defer b.speaking.begin(place)()
	c, made := b.loose.get(key, place)
	switch {
	case made && again != nil:
		again(c)
	case !made:
		ctx, cancel := context.WithTimeout(ctx, uploadTimeout)
		defer cancel()
		at, ref, err := do(ctx)
		if err != nil {
			return "", err
		}
		if at.Surface == "" {
			at = place
		}
		c = StoredCard{ID: engine.NewID(b.o.Now()), Key: key, Place: at, Ref: ref, State: engine.CardResolved, Updated: b.now()}
	}
	ctx = context.WithoutCancel(ctx)
	if err := b.o.Outbox.PutCard(ctx, c, nil); err != nil {
		b.loose.put(key, place, c)
		return "", err
	}
	b.loose.drop(key, place)
	return c.Ref, b.markSaid(ctx, c.Place, c.Ref, key)
}
