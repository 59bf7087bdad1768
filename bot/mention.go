package bot

import (
	"context"

	"github.com/bretelle/bretelle/engine"
	"github.com/bretelle/bretelle/prompts"
)

// addressed is a card with the persons it mentions as users of the surface and workspace where it will stand: only an
// identity that is linked there can be notified. On the console a user is a person.
func (b *Bot) addressed(ctx context.Context, card prompts.Card, surface, workspace string) (prompts.Card, error) {
	if surface == "" || surface == engine.ConsoleSurface {
		return card, nil
	}
	found := map[string]string{}
	var failed error
	card = prompts.Address(card, func(person string) string {
		id, known := found[person]
		if known || failed != nil {
			return id
		}
		ids, err := b.o.People.Identities(ctx, person)
		if err != nil && engine.CodeOf(err) != engine.NotFound {
			failed = err
		}
		for _, x := range ids {
			if id == "" && x.Surface == surface && x.Workspace == workspace {
				id = x.User
			}
		}
		found[person] = id
		return id
	})
	return card, failed
}

// answered is a reply whose cards are addressed to where the person is.
func (b *Bot) answered(ctx context.Context, in In, r Reply) (_ Reply, err error) {
	switch x := r.(type) {
	case Private:
		x.Card, err = b.addressed(ctx, x.Card, in.Actor.Surface, in.Place.Workspace)
		return x, err
	case Shared:
		x.Card, err = b.addressed(ctx, x.Card, in.Actor.Surface, in.Place.Workspace)
		return x, err
	}
	return r, nil
}
