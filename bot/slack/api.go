package slack

import (
	"context"
	"net/http"
	"slices"
	"strings"
	"sync"

	slackgo "github.com/slack-go/slack"

	"github.com/bretelle/bretelle/engine"
)

// workspaces keeps a client for each workspace that the bot is installed in.
type workspaces struct {
	o       Options
	options []slackgo.Option

	mu     sync.Mutex
	byTeam map[string]*workspace
	only   *workspace // of Options.Token, whose team Slack names
}

// workspace is one that the bot is installed in.
type workspace struct {
	api   *slackgo.Client
	token engine.Secret

	mu       sync.Mutex
	team     string
	identity *identity
	scopes   []string // as Slack said last; nil when it has not
	why      *engine.Error
	since    int64 // when the token was accepted or refused
}

// identity is what auth.test tells about a token.
type identity struct {
	team, name, user, bot string
}

func newWorkspaces(o Options) *workspaces {
	ws := &workspaces{o: o, byTeam: map[string]*workspace{}}
	ws.options = []slackgo.Option{slackgo.OptionHTTPClient(o.Client)}
	if o.APIURL != "" {
		ws.options = append(ws.options, slackgo.OptionAPIURL(o.APIURL))
	}
	if o.Tokens == nil {
		ws.only = ws.client("", o.Token)
	}
	return ws
}

// client makes a workspace's client, which notes the scopes that Slack names with each answer.
func (ws *workspaces) client(team string, token engine.Secret) *workspace {
	w := &workspace{team: team, token: token}
	w.api = slackgo.New(token.Reveal(), append(slices.Clone(ws.options), slackgo.OptionOnResponseHeaders(func(_ string, h http.Header) {
		if said, ok := scopesIn(h); ok {
			w.mu.Lock()
			w.scopes = said
			w.mu.Unlock()
		}
	}))...)
	return w
}

// scopesIn are the scopes that an answer names; ok is false when it names none.
func scopesIn(h http.Header) (scopes []string, ok bool) {
	if len(h.Values("X-Oauth-Scopes")) == 0 {
		return nil, false
	}
	scopes = []string{}
	for _, s := range strings.Split(h.Get("X-Oauth-Scopes"), ",") {
		if s = strings.TrimSpace(s); s != "" {
			scopes = append(scopes, s)
		}
	}
	return scopes, true
}

// at is a workspace's client, whose token Slack has accepted in this life; "" is the only one. Errors: NotFound when the
// bot is not installed there, those of Tokens and of auth.test.
func (s *Surface) at(ctx context.Context, team string) (*workspace, error) {
	w, err := s.held(ctx, team)
	if err != nil {
		return nil, err
	}
	f, err := w.know(ctx, s.o.Now)
	if err != nil {
		return nil, err
	}
	if w == s.workspaces.only && team != "" && f.team != team {
		return nil, notInstalled(team)
	}
	return w, nil
}

// held is at without asking Slack: of the only workspace it is not known which it is.
func (s *Surface) held(ctx context.Context, team string) (*workspace, error) {
	ws := s.workspaces
	if ws.only != nil {
		return ws.only, nil
	}
	if team == "" {
		all, err := s.o.Tokens.Workspaces(ctx)
		if err != nil {
			return nil, err
		}
		if len(all) != 1 {
			return nil, engine.E(engine.NotFound, "it does not say in which Slack workspace").WithOp("slack.workspace").WithHint("Write slack:TEAM/#channel.")
		}
		team = all[0]
	}
	token, err := s.o.Tokens.Token(ctx, team)
	if engine.CodeOf(err) == engine.NotFound {
		ws.drop(team)
		return nil, notInstalled(team)
	}
	if err != nil {
		return nil, err
	}
	ws.mu.Lock()
	defer ws.mu.Unlock()
	w := ws.byTeam[team]
	if w == nil || w.token.Reveal() != token.Reveal() {
		w = ws.client(team, token)
		ws.byTeam[team] = w
	}
	return w, nil
}

// web is a workspace's client, for calls that need no more. Errors are those of at.
func (s *Surface) web(ctx context.Context, team string) (*slackgo.Client, error) {
	w, err := s.at(ctx, team)
	if err != nil {
		return nil, err
	}
	return w.api, nil
}

func notInstalled(team string) error {
	return engine.E(engine.NotFound, "I am not installed in the Slack workspace {workspace}", "workspace", team).WithOp("slack.workspace").
		WithHint("An admin can install me there; bretelle setup slack says how.")
}

func (ws *workspaces) drop(team string) {
	ws.mu.Lock()
	defer ws.mu.Unlock()
	delete(ws.byTeam, team)
}

// teams are the workspaces that the bot is installed in.
func (s *Surface) teams(ctx context.Context) ([]string, error) {
	if s.o.Tokens != nil {
		return s.o.Tokens.Workspaces(ctx)
	}
	f, err := s.workspaces.only.know(ctx, s.o.Now)
	if err != nil {
		return nil, err
	}
	return []string{f.team}, nil
}

// installed reports whether the bot is installed in a workspace.
func (s *Surface) installed(ctx context.Context, team string) (bool, error) {
	all, err := s.teams(ctx)
	return slices.Contains(all, team), err
}

// canDo reports whether the token has a scope, as far as is known: true until Slack has said what it has.
func (w *workspace) canDo(scope string) bool {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.scopes == nil || slices.Contains(w.scopes, scope)
}

// reconsider forgets what a workspace's token was known to be.
func (ws *workspaces) reconsider(team string) {
	ws.mu.Lock()
	w := ws.byTeam[team]
	ws.mu.Unlock()
	if only := ws.only; w == nil && only != nil && only.id() == team {
		w = only
	}
	if w == nil {
		return
	}
	w.mu.Lock()
	defer w.mu.Unlock()
	w.identity = nil
}
