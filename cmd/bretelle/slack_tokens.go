package main

import (
	"context"
	"encoding/json"
	"io"
	"net/http"
	"net/url"
	"regexp"
	"strings"
	"sync"
	"time"

	"github.com/bretelle/bretelle/engine"
	"github.com/bretelle/bretelle/storage/vault"
)

// slackSecret begins the names of the secrets that hold workspaces' bot tokens: "slack.T0123". They are the bot's own:
// no flow, account or webhook can name them, see own.
const slackSecret = "slack."

// slackTeam is the id of a workspace.
var slackTeam = regexp.MustCompile(`^T[A-Z0-9]{1,30}$`)

// own reports whether a secret's name is the bot's own.
func own(name string) bool {
	id, ok := strings.CutPrefix(name, slackSecret)
	return ok && slackTeam.MatchString(id)
}

// usable is the vault as flows see it: without what is the bot's own.
type usable struct{ *vault.Vault }

// Open is the vault's; what is the bot's own is not there.
func (u usable) Open(ctx context.Context, name string) (engine.Credential, error) {
	if own(name) {
		return engine.Credential{}, vault.NoSecret(name)
	}
	return u.Vault.Open(ctx, name)
}

// Names is the vault's, without the bot's own.
func (u usable) Names(ctx context.Context) ([]engine.Credential, error) {
	list, err := u.Vault.Names(ctx)
	out := list[:0]
	for _, c := range list {
		if !own(c.Name) {
			out = append(out, c)
		}
	}
	return out, err
}

// Set is the vault's; names of the bot's own are refused: people could take a workspace over by naming it.
func (u usable) Set(ctx context.Context, c engine.Credential) (int64, error) {
	if own(c.Name) {
		return 0, engine.E(engine.Denied, "{name} is kept for the token of a Slack workspace", "name", c.Name).
			WithHint("Install the app there instead: bretelle setup slack --install").WithOp("main.secret")
	}
	return u.Vault.Set(ctx, c)
}

// slackTokens are the bot tokens by workspace: the environment's, whose workspace Slack is asked for once, and those
// that were installed. It is safe for concurrent use.
type slackTokens struct {
	env   engine.Secret
	api   slackAPI
	vault *vault.Vault

	mu   sync.Mutex
	team string // of env, once known
	name string
}

// Token is a workspace's, "" being the environment's. Errors: NotFound when the app is not installed there; those of
// Slack and of the vault.
func (t *slackTokens) Token(ctx context.Context, workspace string) (engine.Secret, error) {
	if workspace == "" && !t.env.Empty() {
		return t.env, nil
	}
	stored, err := t.stored(ctx, workspace)
	if engine.CodeOf(err) != engine.NotFound {
		return stored, err
	}
	if t.env.Empty() {
		return engine.Secret{}, err
	}
	team, _, asked := t.mine(ctx)
	switch {
	case asked != nil:
		return engine.Secret{}, asked
	case team != workspace:
		return engine.Secret{}, err
	}
	return t.env, nil
}

func (t *slackTokens) stored(ctx context.Context, workspace string) (engine.Secret, error) {
	if !slackTeam.MatchString(workspace) {
		return engine.Secret{}, notInstalled(workspace)
	}
	c, err := t.vault.Open(ctx, slackSecret+workspace)
	if engine.CodeOf(err) == engine.NotFound {
		return engine.Secret{}, notInstalled(workspace)
	}
	return c.Value, err
}

func notInstalled(workspace string) error {
	return engine.E(engine.NotFound, "I am not installed in the Slack workspace {workspace}", "workspace", workspace).
		WithHint("An admin can install me: bretelle setup slack --install").WithOp("slack.token")
}

// Workspaces lists the ids of all of them. The error is Slack's when the environment's is not known yet and cannot be
// asked for; the installed ones are given all the same.
func (t *slackTokens) Workspaces(ctx context.Context) ([]string, error) {
	list, err := t.vault.Names(ctx)
	if err != nil {
		return nil, err
	}
	var out []string
	for _, c := range list {
		if own(c.Name) {
			out = append(out, strings.TrimPrefix(c.Name, slackSecret))
		}
	}
	if t.env.Empty() {
		return out, nil
	}
	team, _, err := t.mine(ctx)
	if err != nil {
		return out, err
	}
	for _, have := range out {
		if have == team {
			return out, nil
		}
	}
	return append(out, team), nil
}

// drop forgets the token of a workspace that uninstalled the app.
func (t *slackTokens) drop(ctx context.Context, workspace string) error {
	if !slackTeam.MatchString(workspace) {
		return nil
	}
	err := t.vault.Delete(ctx, slackSecret+workspace)
	if engine.CodeOf(err) == engine.NotFound {
		return nil
	}
	return err
}

// mine is the workspace that the environment's token is of.
func (t *slackTokens) mine(ctx context.Context) (team, name string, err error) {
	t.mu.Lock()
	team, name = t.team, t.name
	t.mu.Unlock()
	if team != "" {
		return team, name, nil
	}
	var out struct {
		ID   string `json:"team_id"`
		Team string `json:"team"`
	}
	if err := t.api.ask(ctx, "auth.test", nil, func(r *http.Request) { r.Header.Set("Authorization", "Bearer "+t.env.Reveal()) }, &out); err != nil {
		return "", "", err
	}
	if !slackTeam.MatchString(out.ID) {
		return "", "", engine.E(engine.Unreadable, "Slack's answer could not be read").WithOp("slack.token")
	}
	t.mu.Lock()
	t.team, t.name = out.ID, out.Team
	t.mu.Unlock()
	return out.ID, out.Team, nil
}

// slackAPI is the little of Slack's Web API that is asked here: whose a token is, and a token for a code.
type slackAPI struct {
	url    string // "" is https://slack.com/api/
	client *http.Client
}

const (
	slackPatience = 10 * time.Second
	slackMost     = 1 << 20 // bytes of an answer
)

func (a slackAPI) base() string {
	if a.url == "" {
		return "https://slack.com/api/"
	}
	return strings.TrimRight(a.url, "/") + "/"
}

// ask calls a method with a form. Errors: Denied with Slack's own word for what it refuses, Unavailable when it cannot
// be reached.
func (a slackAPI) ask(ctx context.Context, method string, form url.Values, with func(*http.Request), out any) error {
	ctx, cancel := context.WithTimeout(ctx, slackPatience)
	defer cancel()
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, a.base()+method, strings.NewReader(form.Encode()))
	if err != nil {
		return engine.E(engine.Invalid, "{name} is no address", "name", envSlackURL).WithOp("slack.ask").Wrap(err)
	}
	req.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	with(req)
	client := a.client
	if client == nil {
		client = &http.Client{CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }} // secrets stay here
	}
	resp, err := client.Do(req)
	if err != nil {
		return engine.E(engine.Unavailable, "Slack cannot be reached").WithOp("slack.ask").Wrap(err)
	}
	defer func() { _ = resp.Body.Close() }()
	body, err := io.ReadAll(io.LimitReader(resp.Body, slackMost))
	if err != nil || resp.StatusCode != http.StatusOK {
		return engine.E(engine.Unavailable, "Slack cannot be reached").WithOp("slack.ask").Wrap(err)
	}
	var head struct {
		OK    bool   `json:"ok"`
		Error string `json:"error"`
	}
	if err := json.Unmarshal(body, &head); err != nil {
		return engine.E(engine.Unreadable, "Slack's answer could not be read").WithOp("slack.ask").Wrap(err)
	}
	if !head.OK {
		if head.Error == "ratelimited" || head.Error == "internal_error" || head.Error == "fatal_error" {
			return engine.E(engine.Unavailable, "Slack cannot be reached").WithOp("slack.ask")
		}
		return engine.E(engine.Denied, `Slack refuses: "{said}"`, "said", head.Error).WithOp("slack.ask")
	}
	if err := json.Unmarshal(body, out); err != nil {
		return engine.E(engine.Unreadable, "Slack's answer could not be read").WithOp("slack.ask").Wrap(err)
	}
	return nil
}
