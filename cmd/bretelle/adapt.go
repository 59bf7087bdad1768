package main

import (
	"context"
	"strings"
	"time"

	"github.com/bretelle/bretelle/bot"
	"github.com/bretelle/bretelle/bot/control"
	"github.com/bretelle/bretelle/connectors/intake"
	"github.com/bretelle/bretelle/connectors/webhook"
	"github.com/bretelle/bretelle/engine"
	"github.com/bretelle/bretelle/engine/check"
	"github.com/bretelle/bretelle/engine/flows"
	"github.com/bretelle/bretelle/engine/local"
	"github.com/bretelle/bretelle/storage/sqlite"
)

// runs is the runtime as the bot sees it.
type runs struct{ *local.Runtime }

func (r runs) List(ctx context.Context, flow string, states []engine.RunState, limit int) ([]engine.RunHead, error) {
	return r.Runs(ctx, local.RunQuery{Flow: flow, States: states, Limit: limit})
}

func (r runs) Find(ctx context.Context, text, flow string, states []engine.RunState, limit int) ([]engine.RunHead, error) {
	return r.Runs(ctx, local.RunQuery{Text: text, Flow: flow, States: states, Limit: limit})
}

func (r runs) Events(ctx context.Context, flow string, limit int) ([]bot.Occurrence, error) {
	list, err := r.Runtime.Events(ctx, flow, limit)
	return occurrences(list), err
}

func (r runs) Recent(ctx context.Context, flow string, limit, most int) ([]bot.Occurrence, error) {
	list, err := r.Runtime.Recent(ctx, flow, limit, most)
	return occurrences(list), err
}

func occurrences(list []local.StoredEvent) []bot.Occurrence {
	out := make([]bot.Occurrence, 0, len(list))
	for _, e := range list {
		out = append(out, bot.Occurrence{Event: e.Event, Outcome: e.Outcome, Reason: e.Reason, Number: e.Number, Line: e.Line})
	}
	return out
}

// members is the bot as waits for a reply see it. It is made before the bot is.
func (a *app) members(ctx context.Context, person string, groups []string) ([]string, error) {
	return a.bot.MemberOf(ctx, person, groups)
}

// logins is the bot as the console's login page sees it. It is made before the bot is.
type logins struct{ a *app }

func (l logins) HasAdmin(ctx context.Context) (bool, error) { return l.a.bot.HasAdmin(ctx) }

func (l logins) Claim(ctx context.Context, who bot.Actor, name, token string) (engine.Person, error) {
	return l.a.bot.Claim(ctx, who, name, token)
}

func (l logins) Welcome(ctx context.Context, p engine.Person) error { return l.a.bot.Welcome(ctx, p) }

// hooks is the library as the webhook listener sees it.
type hooks struct{ *flows.Library }

func (h hooks) Hook(path string) (intake.Hook, bool) {
	t, ok := h.Find("webhook.received", "path", path)
	return intake.Hook{Trigger: t.ID, Flow: t.Flow, With: t.With, Place: t.Place}, ok
}

// sign makes the request that a sender of the flow's kind would make.
func (a *app) sign(ctx context.Context, in control.HookIn, base string) (control.HookOut, error) {
	hook, ok := hooks{a.library}.Hook(in.Path)
	if !ok {
		e := engine.E(engine.NotFound, "no flow listens at {path}", "path", in.Path)
		heads, err := a.library.List(ctx)
		if err != nil {
			return control.HookOut{}, err
		}
		var names []string
		for _, h := range heads {
			names = append(names, h.Name)
		}
		if near := engine.Suggest(in.Path, names); near != "" {
			e.Args["near"] = near
			return control.HookOut{}, e.WithHint("Look at its path with: bretelle flow show {near}")
		}
		return control.HookOut{}, e.WithHint("bretelle flow list shows the flows.")
	}
	sender, bad := webhook.ParseSender(hook.With)
	if bad != nil {
		return control.HookOut{}, bad
	}
	var secret engine.Secret
	if sender.Secret != "" {
		c, err := usable{a.vault}.Open(ctx, sender.Secret)
		if err != nil {
			return control.HookOut{}, err
		}
		secret = c.Value
	}
	headers, err := webhook.Sign(sender, secret, in.ID, in.Body, a.now())
	if err != nil {
		return control.HookOut{}, err
	}
	if in.Event != "" {
		headers["x-github-event"] = in.Event
	}
	return control.HookOut{URL: base + "/hooks/" + in.Path, Headers: headers}, nil
}

// secrets is the vault as the control socket sees it.
type secrets struct {
	usable
	changed func() // told after one was stored
}

func (s secrets) Put(ctx context.Context, c engine.Credential) (int64, error) {
	n, err := s.Set(ctx, c)
	if err == nil {
		s.changed()
	}
	return n, err
}

func (s secrets) All(ctx context.Context) ([]control.SecretOut, error) {
	list, err := s.Names(ctx)
	out := make([]control.SecretOut, 0, len(list))
	for _, c := range list {
		out = append(out, control.SecretOut{Name: c.Name, Version: c.Version, Origin: c.Origin, Header: c.Header, User: c.User})
	}
	return out, err
}

// lookup bounds how long check waits for the store: what cannot be looked up in time counts as known, so that a
// busy disk is no error in a flow.
const lookup = 5 * time.Second

// known looks up what a flow's text names.
func known(store *sqlite.Store) check.Known {
	secret := func(name string) bool {
		if own(name) {
			return false
		}
		ctx, cancel := context.WithTimeout(context.Background(), lookup)
		defer cancel()
		r, err := store.Secret(ctx, name)
		return err == nil && r.Sealed != nil || err != nil && engine.CodeOf(err) != engine.NotFound
	}
	return check.Known{Secret: secret, Account: secret, Group: func(name string) bool {
		if strings.Contains(name, "/") || name == engine.DefaultApprovers {
			return true
		}
		ctx, cancel := context.WithTimeout(context.Background(), lookup)
		defer cancel()
		bare := strings.TrimPrefix(name, "@")
		groups, err := store.Groups(ctx)
		if _, ok := groups[bare]; ok || err != nil {
			return true
		}
		people, err := store.Persons(ctx)
		for _, p := range people {
			if strings.EqualFold(p.Name, bare) {
				return true
			}
		}
		return err != nil
	}}
}
