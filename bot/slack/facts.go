package slack

import (
	"context"
	"time"

	"github.com/bretelle/bretelle/bot"
	"github.com/bretelle/bretelle/engine"
)

// know asks what the token is for, once.
func (w *workspace) know(ctx context.Context, now func() time.Time) (identity, error) {
	w.mu.Lock()
	f := w.identity
	w.mu.Unlock()
	if f != nil {
		return *f, nil
	}
	said, err := w.api.AuthTestContext(ctx)
	if err != nil {
		err = w.failed(err, engine.Place{Workspace: w.team}, now)
		return identity{}, err
	}
	f = &identity{team: said.TeamID, name: said.Team, user: said.UserID, bot: said.BotID}
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.team == "" {
		w.team = f.team
	}
	w.identity, w.why, w.since = f, nil, engine.Millis(now())
	return *f, nil
}

// failed is an error of this workspace's client in our words. One that says that the token is no good any more is kept
// for Links, and what the token was known to be is forgotten.
func (w *workspace) failed(err error, p engine.Place, now func() time.Time) error {
	out := problem(err, p)
	if deadToken(err) {
		w.mu.Lock()
		w.identity, w.scopes, w.why, w.since = nil, nil, engine.AsError(out), engine.Millis(now())
		w.mu.Unlock()
	}
	return out
}

// links tells of each workspace whether the bot is connected to it: whether its token is accepted and deliveries come,
// which line says for all of them.
func (s *Surface) links(line bot.Link) []bot.Link {
	ctx, cancel := context.WithTimeout(context.Background(), linksWait)
	defer cancel()
	var out []bot.Link
	for _, w := range s.known(ctx) {
		w.mu.Lock()
		l := line
		l.Workspace = w.team
		if w.identity != nil {
			l.Name = w.identity.name
		}
		if w.why != nil {
			l.Up, l.Why, l.Since = false, w.why, w.since
		}
		w.mu.Unlock()
		out = append(out, l)
	}
	return out
}

// linksWait bounds how long the list of workspaces may take; Slack itself is not asked for it.
const linksWait = 2 * time.Second

// known are the clients of all workspaces, without asking Slack anything.
func (s *Surface) known(ctx context.Context) []*workspace {
	if s.workspaces.only != nil {
		return []*workspace{s.workspaces.only}
	}
	all, err := s.o.Tokens.Workspaces(ctx)
	if err != nil {
		return nil
	}
	var out []*workspace
	for _, team := range all {
		w, err := s.held(ctx, team)
		if err != nil { // its token cannot be had: it is down, and that is why
			w = &workspace{team: team, why: engine.AsError(err), since: engine.Millis(s.o.Now())}
		}
		out = append(out, w)
	}
	return out
}
