package slack

import (
	"context"
	"strings"

	slackgo "github.com/slack-go/slack"

	"github.com/bretelle/bretelle/bot"
	"github.com/bretelle/bretelle/engine"
)

var _ bot.Checker = (*Surface)(nil)

// Check asks Slack who the bot's tokens are for and what they may do; see bot.Checker. One problem with a token hides
// what it lacks otherwise.
func (s *Surface) Check(ctx context.Context) []*engine.Error {
	out := s.checkApp(ctx)
	if s.workspaces.only != nil {
		if e := kind(s.o.Token, "xoxb-", "bot"); e != nil {
			return append(out, e)
		}
	}
	all := s.known(ctx)
	if len(all) == 0 {
		return append(out, engine.E(engine.NotFound, "I am not installed in any Slack workspace").WithOp("slack.check").WithHint("bretelle setup slack says how."))
	}
	for _, w := range all {
		out = append(out, s.checkWorkspace(ctx, w)...)
	}
	return out
}

func (s *Surface) checkWorkspace(ctx context.Context, w *workspace) []*engine.Error {
	if w.api == nil {
		return []*engine.Error{w.why}
	}
	if e := kind(w.token, "xoxb-", "bot"); e != nil {
		return []*engine.Error{e}
	}
	w.mu.Lock()
	w.identity = nil // what is known may be old
	w.mu.Unlock()
	f, err := w.know(ctx, s.o.Now)
	if err != nil {
		return []*engine.Error{engine.AsError(err)}
	}
	if f.bot == "" {
		return []*engine.Error{ofBot(engine.E(engine.Denied, "this Slack token is a person's, not a bot's"))}
	}
	w.mu.Lock()
	scopes := w.scopes
	w.mu.Unlock()
	if scopes == nil { // Slack did not say
		return nil
	}
	var out []*engine.Error
	for _, want := range Scopes() {
		if !has(scopes, want.Name) {
			out = append(out, want.missing())
		}
	}
	return out
}

// has reports whether a scope is among those granted.
func has(granted []string, scope string) bool {
	for _, g := range granted {
		if g == scope {
			return true
		}
	}
	return false
}

// checkApp tries the app-level token, which opens sockets.
func (s *Surface) checkApp(ctx context.Context) []*engine.Error {
	if s.o.App.Empty() {
		return nil
	}
	if e := kind(s.o.App, "xapp-", "app-level"); e != nil {
		return []*engine.Error{e}
	}
	_, _, err := s.appClient().StartSocketModeContext(ctx)
	switch word(err) {
	case "":
		if err != nil {
			return []*engine.Error{engine.AsError(problem(err, engine.Place{}))}
		}
		return nil
	case "missing_scope", "not_allowed_token_type":
		return []*engine.Error{ofApp(engine.E(engine.Denied, "my app-level Slack token lacks connections:write, so no deliveries reach me")).Wrap(err)}
	case "invalid_auth", "not_authed", "token_revoked", "account_inactive", "token_expired":
		return []*engine.Error{ofApp(engine.E(engine.Denied, "Slack does not accept my app-level token")).Wrap(err)}
	case "socket_mode_disabled", "no_socket_mode", "forbidden_for_interactive_workflow":
		return []*engine.Error{engine.E(engine.Denied, "Socket Mode is off for my Slack app, so no deliveries reach me").WithOp("slack.check").WithHint("Switch it on under Socket Mode of the app.").Wrap(err)}
	}
	return []*engine.Error{engine.AsError(problem(err, engine.Place{}))}
}

// appClient is a client for what the app-level token is for.
func (s *Surface) appClient() *slackgo.Client {
	return slackgo.New("", append([]slackgo.Option{slackgo.OptionAppLevelToken(s.o.App.Reveal())}, s.workspaces.options...)...)
}

// ofBot says where the bot's token is found.
func ofBot(e *engine.Error) *engine.Error {
	return e.WithOp("slack.check").WithHint("SLACK_BOT_TOKEN is the one under OAuth & Permissions that begins with xoxb-.")
}

// ofApp says where the app-level token is found.
func ofApp(e *engine.Error) *engine.Error {
	return e.WithOp("slack.check").WithHint("SLACK_APP_TOKEN is the one under Basic Information, App-Level Tokens that begins with xapp-; it needs connections:write.")
}

// kind tells a token of the wrong kind by its beginning; nil when it is right.
func kind(t engine.Secret, begins, name string) *engine.Error {
	if strings.HasPrefix(t.Reveal(), begins) {
		return nil
	}
	e := engine.E(engine.Invalid, "this is no {kind} token of Slack", "kind", name)
	for _, k := range []struct {
		begins string
		is     *engine.Error
	}{
		{"xoxb-", engine.E(engine.Invalid, "here stands a bot token, where Slack's {kind} token belongs", "kind", name)},
		{"xapp-", engine.E(engine.Invalid, "here stands an app-level token, where Slack's {kind} token belongs", "kind", name)},
		{"xoxp-", engine.E(engine.Invalid, "here stands a person's token, where Slack's {kind} token belongs", "kind", name)},
		{"xoxe", engine.E(engine.Invalid, "here stands a token that expires by itself, where Slack's {kind} token belongs", "kind", name)},
	} {
		if strings.HasPrefix(t.Reveal(), k.begins) {
			e = k.is
		}
	}
	if t.Empty() {
		e = engine.E(engine.Invalid, "Slack's {kind} token is missing", "kind", name)
	}
	if begins == "xapp-" {
		return ofApp(e)
	}
	return ofBot(e)
}
