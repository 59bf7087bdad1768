package main

import (
	"context"

	"github.com/bretelle/bretelle/bot"
	"github.com/bretelle/bretelle/connectors"
	"github.com/bretelle/bretelle/engine"
)

// messenger is the bot as actions see it. It is made before the bot is.
type messenger struct{ a *app }

var _ connectors.Messenger = messenger{}

func (m messenger) Post(ctx context.Context, place engine.Place, thread, key string, w connectors.Words) (string, error) {
	return m.a.bot.Say(ctx, place, thread, key, bot.Words(w))
}

func (m messenger) Reply(ctx context.Context, place engine.Place, message, key string, w connectors.Words) (string, error) {
	return m.a.bot.Answer(ctx, place, bot.Ref(message), key, bot.Words(w))
}

func (m messenger) Direct(ctx context.Context, person, key, text string) (string, engine.Place, error) {
	return m.a.bot.Tell(ctx, person, key, text)
}

func (m messenger) React(ctx context.Context, place engine.Place, message, emoji string) error {
	return m.a.bot.React(ctx, place, bot.Ref(message), emoji)
}

func (m messenger) Edit(ctx context.Context, place engine.Place, message string, w connectors.Words) error {
	return m.a.bot.Edit(ctx, place, bot.Ref(message), bot.Words(w))
}

func (m messenger) Delete(ctx context.Context, place engine.Place, message string) error {
	return m.a.bot.Delete(ctx, place, bot.Ref(message))
}

func (m messenger) OpenThread(ctx context.Context, place engine.Place, message, key, title string) (string, string, error) {
	at, ref, err := m.a.bot.OpenThread(ctx, place, bot.Ref(message), key, title)
	return at.Thread, string(ref), err
}

func (m messenger) SetTopic(ctx context.Context, place engine.Place, topic string) error {
	return m.a.bot.SetTopic(ctx, place, topic)
}

func (m messenger) Upload(ctx context.Context, place engine.Place, thread, key, text string, f connectors.File) (string, error) {
	ref, err := m.a.bot.Upload(ctx, place, thread, key, text, bot.File{Name: f.Name, Type: f.Type, Size: int64(len(f.Data)), Alt: f.Alt, Data: f.Data})
	return string(ref), err
}

func (m messenger) Members(ctx context.Context, place engine.Place, most int) ([]connectors.ChatMember, bool, error) {
	list, more, err := m.a.bot.Members(ctx, place, most)
	out := make([]connectors.ChatMember, len(list))
	for i, x := range list {
		out[i] = member(x)
	}
	return out, more, err
}

func (m messenger) Lookup(ctx context.Context, place engine.Place, who string) (connectors.ChatMember, error) {
	x, err := m.a.bot.Lookup(ctx, place, who)
	return member(x), err
}

func member(x bot.Member) connectors.ChatMember {
	return connectors.ChatMember{ID: x.User, Address: x.Address(), Person: x.Person, Name: x.Name, Email: x.Email, Title: x.Title,
		Lang: x.Lang, Zone: x.Zone, Guest: x.Guest, App: x.Bot}
}
