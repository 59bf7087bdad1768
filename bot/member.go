package bot

import (
	"context"

	"github.com/bretelle/bretelle/engine"
)

// MemberOf tells in which of some groups, in a flow's words ("@sales", "slack:T0123/@sales"), a person is: the evidence
// that travels with what they say to a run. Somebody who is not known is in none. Errors: Unavailable.
func (b *Bot) MemberOf(ctx context.Context, person string, groups []string) ([]string, error) {
	k, err := b.book(ctx)
	if err != nil {
		return nil, err
	}
	p, known := k.id(person)
	return b.evidence(ctx, &caller{person: p, known: known, book: k}, groups, engine.Place{}, nil)
}
