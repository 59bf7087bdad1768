package slack

import (
	"context"

	"github.com/bretelle/bretelle/bot"
)

// noting is an inbox that tells when something is worked off.
type noting struct {
	bot.Inbox
	n *inbound
}

// Done marks a delivery worked off.
func (x noting) Done(ctx context.Context, surface, id string) error {
	defer x.n.left(id)
	return x.Inbox.Done(ctx, surface, id)
}

// Settle waits until everything that was delivered before is worked off, or ctx ends.
func (s *Surface) Settle(ctx context.Context) error {
	s.in.mu.Lock()
	rest := s.in.rest
	s.in.mu.Unlock()
	select {
	case <-rest:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}

func (n *inbound) enter(id string) {
	n.mu.Lock()
	defer n.mu.Unlock()
	if len(n.under) == 0 {
		n.rest = make(chan struct{})
	}
	n.under[id]++
}

func (n *inbound) left(id string) {
	n.mu.Lock()
	defer n.mu.Unlock()
	n.leave(id)
}

func (n *inbound) leave(id string) {
	switch n.under[id]--; {
	case n.under[id] < 0: // tried again
		delete(n.under, id)
	case n.under[id] == 0:
		if delete(n.under, id); len(n.under) == 0 {
			close(n.rest)
		}
	}
}
