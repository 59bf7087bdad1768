package main

import (
	"context"
	"slices"

	"github.com/bretelle/bretelle/bot"
	"github.com/bretelle/bretelle/engine"
)

// hookSecrets makes the secrets that senders of webhooks sign with. They only verify: nothing sends them anywhere.
type hookSecrets struct{ usable }

// Make stores a new random value under name and gives it out this once.
func (h hookSecrets) Make(ctx context.Context, name string) (engine.Secret, error) {
	value := engine.NewSecret(engine.Token(32))
	_, err := h.Set(ctx, engine.Credential{Name: name, Value: value})
	return value, err
}

// Has reports whether a secret is stored.
func (h hookSecrets) Has(ctx context.Context, name string) (bool, error) {
	all, err := h.Names(ctx)
	if err != nil {
		return false, err
	}
	return slices.ContainsFunc(all, func(c engine.Credential) bool { return c.Name == name }), nil
}

// hooksAt is where webhooks are received, as far as it is known: the listener comes after the bot.
func (a *app) hooksAt() bot.Hooks {
	switch {
	case a.public != nil:
		return bot.Hooks{URL: a.public.JoinPath("hooks").String() + "/", Public: true}
	case a.hooksBase != "":
		return bot.Hooks{URL: a.hooksBase + "/hooks/"}
	}
	return bot.Hooks{URL: "/hooks/"}
}
