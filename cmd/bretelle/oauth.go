package main

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"log/slog"
	"net/http"
	"net/url"
	"strings"
	"time"

	"github.com/bretelle/bretelle/bot"
	"github.com/bretelle/bretelle/bot/slack"
	"github.com/bretelle/bretelle/engine"
	"github.com/bretelle/bretelle/storage/vault"
)

// slackInstall installs the app in further workspaces (OAuth 2.0, Slack's "Installing with OAuth"):
//
//	bretelle setup slack --install ─▶ GET /slack/install?ticket ─▶ Slack asks the workspace's admin
//	                                                            ─▶ GET /slack/oauth?code&state ─▶ token, sealed
//
// Who begins proves to be an admin of the bot by a ticket; who comes back proves by a cookie to be the same browser,
// and by a state that works once that they came from here less than ten minutes ago. The address to come back to is
// made of --public-url, never of what a request says.
type slackInstall struct {
	id     string
	secret engine.Secret
	api    slackAPI
	public *url.URL
	scopes []string
	people bot.People
	vault  *vault.Vault
	audit  bot.Auditor
	now    func() time.Time
	log    *slog.Logger
	// installed is told of a workspace with its name.
	installed func(ctx context.Context, team, name string)
}

const (
	installPath = "/slack/install"
	installLife = 10 * time.Minute
	// Kinds of ticket. Their hashes have words of their own before them, so that none of these logs anybody in, and no
	// login link installs anything.
	kindInstall   = "slack-install"
	kindState     = "slack-state"
	installCookie = "bretelle_slack"
)

func ticketHash(kind string, parts ...string) string {
	sum := sha256.Sum256([]byte(kind + "\x00" + strings.Join(parts, "\x00")))
	return hex.EncodeToString(sum[:])
}

// begin makes the address that an admin opens; it works once, for ten minutes. by is a person's id, or the operator.
func (i *slackInstall) begin(ctx context.Context, by string) (string, error) {
	ticket := engine.Token(32)
	err := i.people.PutTicket(ctx, bot.Ticket{Hash: ticketHash(kindInstall, ticket), Kind: kindInstall, Person: by,
		Expires: engine.Millis(i.now().Add(installLife))})
	if err != nil {
		return "", err
	}
	return i.public.JoinPath(installPath).String() + "?ticket=" + url.QueryEscape(ticket), nil
}

// back is the address that Slack sends people back to. It is what the app's settings name.
func (i *slackInstall) back() string { return i.public.JoinPath(slack.OAuthPath).String() }

// take uses a ticket up. The person has to be an admin still.
func (i *slackInstall) take(ctx context.Context, kind, hash string) (person string, err error) {
	t, err := i.people.UseTicket(ctx, hash, engine.Millis(i.now()))
	if engine.CodeOf(err) == engine.NotFound || err == nil && t.Kind != kind {
		return "", engine.E(engine.Denied, "this link was used, has expired, or never was").
			WithHint("Ask for a new one: bretelle setup slack --install").WithOp("slack.install")
	}
	if err != nil {
		return "", err
	}
	if t.Person == bot.Operator {
		return t.Person, nil
	}
	list, err := i.people.Persons(ctx)
	if err != nil {
		return "", err
	}
	for _, p := range list {
		if p.ID == t.Person && p.Role == engine.Admin {
			return p.ID, nil
		}
	}
	return "", engine.E(engine.Denied, "only an admin can install me in a workspace").WithOp("slack.install")
}

// start sends an admin to Slack.
func (i *slackInstall) start(w http.ResponseWriter, r *http.Request) {
	if r.Method != http.MethodGet {
		w.Header().Set("Allow", http.MethodGet)
		installPage(w, http.StatusMethodNotAllowed, "This address is opened, nothing is sent to it.")
		return
	}
	by, err := i.take(r.Context(), kindInstall, ticketHash(kindInstall, r.URL.Query().Get("ticket")))
	if err != nil {
		i.refuse(w, r, err)
		return
	}
	state, browser := engine.Token(32), engine.Token(32)
	err = i.people.PutTicket(r.Context(), bot.Ticket{Hash: ticketHash(kindState, state, browser), Kind: kindState, Person: by,
		Expires: engine.Millis(i.now().Add(installLife))})
	if err != nil {
		i.refuse(w, r, err)
		return
	}
	http.SetCookie(w, i.cookie(browser, int(installLife.Seconds())))
	q := url.Values{"client_id": {i.id}, "scope": {strings.Join(i.scopes, ",")}, "state": {state}, "redirect_uri": {i.back()}}
	quiet(w)
	http.Redirect(w, r, strings.TrimSuffix(i.api.base(), "api/")+"oauth/v2/authorize?"+q.Encode(), http.StatusFound)
}

// cookie binds a state to the browser that began. Lax: it comes along when Slack sends the browser back.
func (i *slackInstall) cookie(value string, age int) *http.Cookie {
	return &http.Cookie{Name: installCookie, Value: value, Path: i.public.JoinPath(slack.OAuthPath).Path, MaxAge: age, HttpOnly: true,
		Secure: i.public.Scheme == "https", SameSite: http.SameSiteLaxMode}
}

// finish takes the code that Slack sends the browser back with.
func (i *slackInstall) finish(w http.ResponseWriter, r *http.Request) {
	if r.Method != http.MethodGet {
		w.Header().Set("Allow", http.MethodGet)
		installPage(w, http.StatusMethodNotAllowed, "This address is opened, nothing is sent to it.")
		return
	}
	q := r.URL.Query()
	var browser string
	if c, err := r.Cookie(installCookie); err == nil {
		browser = c.Value
	}
	by, err := i.take(r.Context(), kindState, ticketHash(kindState, q.Get("state"), browser))
	if err != nil {
		i.refuse(w, r, err)
		return
	}
	http.SetCookie(w, i.cookie("", -1))
	if q.Get("error") != "" || q.Get("code") == "" {
		installPage(w, http.StatusOK, "Nothing was installed: Slack says that it was not allowed. You can close this page.")
		return
	}
	team, name, err := i.exchange(r.Context(), q.Get("code"))
	if err != nil {
		i.refuse(w, r, err)
		return
	}
	if err := i.audit.Audit(context.WithoutCancel(r.Context()), engine.AuditEntry{At: engine.Millis(i.now()), Actor: by, What: "slack.installed",
		Object: "workspace/" + team}); err != nil {
		i.log.Error("an audit row could not be written", "what", "slack.installed", "err", err)
	}
	if i.installed != nil {
		i.installed(context.WithoutCancel(r.Context()), team, name)
	}
	installPage(w, http.StatusOK, "Bretelle is in the workspace "+name+" ("+team+") now. You can close this page.")
}

// exchange gives a code back for the workspace's token, and seals that.
func (i *slackInstall) exchange(ctx context.Context, code string) (team, name string, err error) {
	var out struct {
		Token string `json:"access_token"`
		Kind  string `json:"token_type"`
		Whole bool   `json:"is_enterprise_install"`
		Team  struct {
			ID   string `json:"id"`
			Name string `json:"name"`
		} `json:"team"`
	}
	form := url.Values{"code": {code}, "redirect_uri": {i.back()}}
	err = i.api.ask(ctx, "oauth.v2.access", form, func(r *http.Request) {
		r.SetBasicAuth(url.QueryEscape(i.id), url.QueryEscape(i.secret.Reveal()))
	}, &out)
	if err != nil {
		return "", "", err
	}
	switch {
	case out.Whole:
		return "", "", engine.E(engine.Invalid, "Slack installed me for a whole organisation, which I do not work with yet").
			WithHint("Install me in one workspace.").WithOp("slack.install")
	case out.Kind != "bot" || !strings.HasPrefix(out.Token, "xoxb-") || !slackTeam.MatchString(out.Team.ID):
		return "", "", engine.E(engine.Unreadable, "Slack gave no bot token").
			WithHint("Look whether the app has a bot user, and turn token rotation off.").WithOp("slack.install")
	}
	_, err = i.vault.Set(ctx, engine.Credential{Name: slackSecret + out.Team.ID, Origin: "https://slack.com", Header: "Authorization",
		Value: engine.NewSecret(out.Token)})
	return out.Team.ID, out.Team.Name, err
}

// refuse says why, without anything that came with the request.
func (i *slackInstall) refuse(w http.ResponseWriter, r *http.Request, err error) {
	e, status := engine.AsError(err), http.StatusForbidden
	if e.Code != engine.Denied && e.Code != engine.Invalid {
		status = http.StatusServiceUnavailable
	}
	i.log.Warn("an installation in Slack was refused", "path", r.URL.Path, "err", e, "cause", e.Err)
	installPage(w, status, "Nothing was installed: "+e.Error())
}

func quiet(w http.ResponseWriter) {
	h := w.Header()
	h.Set("Cache-Control", "no-store")
	h.Set("Referrer-Policy", "no-referrer")
	h.Set("X-Content-Type-Options", "nosniff")
	h.Set("Content-Security-Policy", "default-src 'none'; frame-ancestors 'none'")
}

// installPage answers with a sentence. It is plain text: nothing in it can act.
func installPage(w http.ResponseWriter, status int, text string) {
	quiet(w)
	w.Header().Set("Content-Type", "text/plain; charset=utf-8")
	w.WriteHeader(status)
	_, _ = w.Write([]byte(text + "\n")) // the browser has gone when this fails
}
