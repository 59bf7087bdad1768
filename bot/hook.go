package bot

import (
	"context"
	"encoding/json"

	"github.com/bretelle/bretelle/engine"
	"github.com/bretelle/bretelle/engine/edit"
	"github.com/bretelle/bretelle/prompts"
)

// hook is the address of a draft's webhook as its dialog shows it, and the name of its secret.
func (b *Bot) hook(s *sitting) (d prompts.AddressFacts, secret string, err error) {
	on, with, _, _, err := edit.Trigger(s.w.Source)
	if err != nil {
		return d, "", err
	}
	if on != webhookTrigger {
		return d, "", engine.E(engine.Conflict, "{flow} has no address of its own any more", "flow", s.it.Flow)
	}
	path := with.Text("path")
	at := Hooks{URL: "/hooks/"}
	if b.o.Hooks != nil {
		at = b.o.Hooks()
	}
	d = prompts.AddressFacts{Flow: s.it.Flow, URL: at.URL + path, Public: at.Public, Command: "bretelle hook send " + path + " -f event.json"}
	sender := with.Text("sender")
	secret = with.Text("secret")
	if inner, ok := with.Get("sender").(edit.Map); ok {
		if sender = inner.Text("kind"); secret == "" {
			secret = inner.Text("secret")
		}
	}
	switch sender {
	case "github":
		d.Sender, d.How = "GitHub", s.t("Settings → Webhooks → Add webhook")
	case "stripe":
		d.Sender, d.How = "Stripe", s.t("Developers → Webhooks → Add endpoint")
	case "slack":
		d.Sender, d.How = "Slack", s.t("your app → Event Subscriptions")
	}
	return d, secret, nil
}

func shownToken(secret string) string { return typedToken("shown\x00"+secret, "") }

func madeToken(secret string) string { return typedToken("made\x00"+secret, "") }

// owns reports whether a secret is a flow's own: named after it, and made by the bot for it or not there yet. Whatever
// else a text may name is somebody else's, and never made anew from a flow.
func (b *Bot) owns(ctx context.Context, flow, secret string) (bool, error) {
	if secret != hookSecret(flow) {
		return false, nil
	}
	made, err := b.o.Outbox.Intent(ctx, madeToken(secret))
	if engine.CodeOf(err) == engine.NotFound {
		has, err := b.o.Secrets.Has(ctx, secret)
		return !has && err == nil, err
	}
	return err == nil && made.Flow == flow, err
}

// ensureOwn makes a flow's own secret where there is none; "" needs none. Where that cannot be told, nothing is made.
func (b *Bot) ensureOwn(ctx context.Context, c *caller, in In, flow, secret string) error {
	if secret == "" {
		return nil
	}
	if has, err := b.o.Secrets.Has(ctx, secret); has || err != nil {
		return err
	}
	_, err := b.makeOwn(ctx, c, in, flow, secret)
	return err
}

// makeOwn makes a flow's own secret.
func (b *Bot) makeOwn(ctx context.Context, c *caller, in In, flow, secret string) (engine.Secret, error) {
	// Whose it is comes first: a secret that is nobody's could never be shown.
	if err := b.remember(ctx, c.actor.Surface, Intent{Token: madeToken(secret), Verb: "made", Flow: flow, Data: json.RawMessage(`true`)}); err != nil {
		return engine.Secret{}, err
	}
	value, err := b.o.Secrets.Make(ctx, secret)
	if err == nil {
		b.audit(ctx, c.person.ID, "secret.made", "secret/"+secret, "flow="+flow+" source="+source(in))
	}
	return value, err
}

// formSecret shows the address, and the secret once: the first time that somebody looks it is made, because nobody has
// seen the one that was made when the trigger was saved.
func (b *Bot) formSecret(ctx context.Context, s *sitting) (prompts.Form, error) {
	d, name, err := b.hook(s)
	if err != nil {
		return prompts.Form{}, err
	}
	if name != "" && b.o.Secrets != nil {
		own, err := b.owns(ctx, s.it.Flow, name)
		if err != nil {
			return prompts.Form{}, err
		}
		if d.Has, err = b.o.Secrets.Has(ctx, name); err != nil { // before one is made that nobody would be shown
			return prompts.Form{}, err
		}
		switch {
		case !own:
			d.Foreign = name
		case s.secret.Empty() && s.w.Live == 0:
			if _, seen := b.o.Outbox.Intent(ctx, shownToken(name)); engine.CodeOf(seen) == engine.NotFound {
				if err := b.makeNew(ctx, s, name); err != nil {
					return prompts.Form{}, err
				}
				d.Has = true
			}
		}
	}
	if !s.secret.Empty() {
		d.Secret = s.secret.Reveal()
	}
	return prompts.AddressForm(s.ctx, d, s.in.Token), nil
}

// makeNew makes a flow's own secret in place of the one that was there, to be shown this once.
func (b *Bot) makeNew(ctx context.Context, s *sitting, name string) error {
	value, err := b.makeOwn(ctx, s.caller, s.in, s.it.Flow, name)
	if err != nil {
		return err
	}
	s.secret = value
	return b.remember(ctx, s.actor.Surface, Intent{Token: shownToken(name), Verb: "shown_once", Flow: s.it.Flow, Data: json.RawMessage(`true`)})
}

func (b *Bot) actSecret(ctx context.Context, s *sitting, name string) (Reply, error) {
	if name != "make" || b.o.Secrets == nil {
		return nil, nil
	}
	if s.w.Live > 0 {
		if err := b.may(ctx, s.caller, DeedPublish, s.w.Head.Name, s.w.Head.Place, false); err != nil {
			return nil, err
		}
	}
	_, secret, err := b.hook(s)
	if err != nil {
		return nil, err
	}
	if own, err := b.owns(ctx, s.it.Flow, secret); err != nil || !own {
		return nil, err
	}
	return nil, b.makeNew(ctx, s, secret)
}

func (b *Bot) saveSecret(ctx context.Context, s *sitting) (Reply, error) {
	return b.showBuilder(ctx, s.caller, s.in, s.it.Flow)
}
