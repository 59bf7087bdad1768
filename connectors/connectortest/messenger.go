package connectortest

import (
	"context"
	"strings"
	"sync"

	"github.com/bretelle/bretelle/connectors"
	"github.com/bretelle/bretelle/engine"
)

// Messenger keeps what was said and done in chat. Err, when set, is what everything gives instead.
type Messenger struct {
	Err  error
	List []connectors.ChatMember // who is in every channel

	mu    sync.Mutex
	posts []connectors.Posted
	keys  map[string]string
}

var _ connectors.Messenger = (*Messenger)(nil)

// keep notes what is asked for once for a key.
func (m *Messenger) keep(ctx context.Context, key string, p connectors.Posted) (string, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	if m.Err != nil {
		return "", m.Err
	}
	if err := ctx.Err(); err != nil {
		return "", err
	}
	if ref, ok := m.keys[key]; ok && key != "" {
		return ref, nil
	}
	m.posts = append(m.posts, p)
	if m.keys == nil {
		m.keys = map[string]string{}
	}
	m.keys[key] = "ref-1"
	return "ref-1", nil
}

// Post keeps one message for a key.
func (m *Messenger) Post(ctx context.Context, place engine.Place, thread, key string, w connectors.Words) (string, error) {
	return m.keep(ctx, key, connectors.Posted{Place: place.String(), Thread: thread, Text: w.Text, Mention: w.Mention})
}

// Reply keeps one message below another for a key.
func (m *Messenger) Reply(ctx context.Context, place engine.Place, message, key string, w connectors.Words) (string, error) {
	return m.Post(ctx, place, message, key, w)
}

// Direct keeps one message to a person for a key.
func (m *Messenger) Direct(ctx context.Context, person, key, text string) (string, engine.Place, error) {
	place := engine.Place{Surface: engine.ConsoleSurface, Channel: person}
	ref, err := m.Post(ctx, place, "", key, connectors.Words{Text: text})
	return ref, place, err
}

// React keeps an emoji under a message.
func (m *Messenger) React(ctx context.Context, place engine.Place, message, emoji string) error {
	_, err := m.keep(ctx, "react "+message+" "+emoji, connectors.Posted{Place: place.String(), Thread: message, Text: ":" + emoji + ":"})
	return err
}

// Edit keeps a message's new text.
func (m *Messenger) Edit(ctx context.Context, place engine.Place, message string, w connectors.Words) error {
	_, err := m.keep(ctx, "", connectors.Posted{Did: "edit", Place: place.String(), Thread: message, Text: w.Text, Mention: w.Mention})
	return err
}

// Delete keeps that a message was taken back.
func (m *Messenger) Delete(ctx context.Context, place engine.Place, message string) error {
	_, err := m.keep(ctx, "", connectors.Posted{Did: "delete", Place: place.String(), Thread: message})
	return err
}

// OpenThread keeps one thread for a key.
func (m *Messenger) OpenThread(ctx context.Context, place engine.Place, message, key, title string) (string, string, error) {
	ref, err := m.keep(ctx, key, connectors.Posted{Did: "thread", Place: place.String(), Thread: message, Text: title})
	return "thread-1", ref, err
}

// SetTopic keeps a topic.
func (m *Messenger) SetTopic(ctx context.Context, place engine.Place, topic string) error {
	_, err := m.keep(ctx, "", connectors.Posted{Did: "topic", Place: place.String(), Text: topic})
	return err
}

// Upload keeps one file for a key.
func (m *Messenger) Upload(ctx context.Context, place engine.Place, thread, key, text string, f connectors.File) (string, error) {
	return m.keep(ctx, key, connectors.Posted{Did: "file", Place: place.String(), Thread: thread, Text: text, File: &f})
}

// Members are those of List.
func (m *Messenger) Members(_ context.Context, _ engine.Place, most int) ([]connectors.ChatMember, bool, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	n := min(most, len(m.List))
	return append([]connectors.ChatMember(nil), m.List[:n]...), n < len(m.List), m.Err
}

// Lookup finds one of List.
func (m *Messenger) Lookup(_ context.Context, _ engine.Place, who string) (found connectors.ChatMember, err error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	if m.Err != nil {
		return found, m.Err
	}
	n := 0
	for _, x := range m.List {
		if who == x.ID || who == x.Email || strings.EqualFold(strings.TrimPrefix(who, "@"), x.Name) {
			found, n = x, n+1
		}
	}
	switch n {
	case 0:
		return found, engine.E(engine.NotFound, "nobody is called {name}", "name", who)
	case 1:
		return found, nil
	}
	return connectors.ChatMember{}, engine.E(engine.Conflict, "several are called {name}", "name", who)
}

// Posts are what was kept so far.
func (m *Messenger) Posts() []connectors.Posted {
	m.mu.Lock()
	defer m.mu.Unlock()
	return append([]connectors.Posted(nil), m.posts...)
}
