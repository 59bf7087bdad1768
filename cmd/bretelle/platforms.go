package main

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"net/http"
	"slices"
	"sync"
	"time"

	"github.com/bretelle/bretelle/bot"
	"github.com/bretelle/bretelle/bot/discord"
	"github.com/bretelle/bretelle/bot/slack"
	"github.com/bretelle/bretelle/engine"
)

// drainChat is how long deliveries that a platform handed over may take to be worked off when the bot stops.
const drainChat = 2 * time.Second

// connect makes the platforms of what the environment says. Nothing speaks to anybody yet; what is wrong switches a
// platform off and says why.
func (a *app) connect() []*platform {
	a.platforms = []*platform{a.slack(), a.discord()}
	for _, p := range a.platforms {
		p.log, p.now, p.trouble, p.linked, p.again = a.log, a.now, a.tellTrouble, a.remember, make(chan struct{}, 1)
	}
	return a.platforms
}

// unset says which variable is missing; the code is what the banner tells "not set up" by.
func unset(name string) *engine.Error {
	return engine.E(engine.NotFound, "{name} is not set", "name", name)
}

func (a *app) slack() *platform {
	p := &platform{name: "slack", title: "Slack"}
	e, bad := readSlack(a.getenv)
	installable := e.id != "" && a.public != nil
	var there []string
	if a.vault != nil {
		a.tokens = &slackTokens{env: e.bot, api: slackAPI{url: e.url}, vault: a.vault}
		there, _ = (&slackTokens{vault: a.vault}).Workspaces(context.Background()) // a vault that cannot be read is said elsewhere
	}
	switch {
	case len(bad) > 0:
		p.off = bad[0]
		return p
	case e.bot.Empty() && len(there) == 0 && e.id != "" && a.public == nil:
		p.off = engine.E(engine.Invalid, "{name} is for installing the app in workspaces, which needs --public-url", "name", envSlackID, "bot", envSlackBot).
			WithHint("Start with --public-url https://…, or set {bot}.")
		return p
	case e.bot.Empty() && len(there) == 0 && !installable:
		p.off = unset(envSlackBot)
		return p
	case e.app.Empty() && e.signing.Empty():
		p.off = unset(envSlackApp)
		return p
	}
	p.how = "socket"
	if e.app.Empty() {
		p.how = "HTTP"
	}
	o := slack.Options{Token: e.bot, APIURL: e.url, App: e.app, Signing: e.signing, Inbox: a.store, Now: a.now, Log: a.log}
	if installable || len(there) > 0 {
		o.Tokens = a.tokens
	}
	s := slack.New(o)
	p.surface = s
	p.lost = a.uninstalled
	p.paths = map[string]func(bot.Handler) (http.Handler, error){}
	if !e.signing.Empty() {
		p.paths[slack.EventsPath] = func(h bot.Handler) (http.Handler, error) { return s.Handler(h), nil }
	}
	if installable {
		a.install = &slackInstall{id: e.id, secret: e.secret, api: slackAPI{url: e.url}, public: a.public, people: a.store, vault: a.vault,
			scopes: slackScopes(), audit: a.store, now: a.now, log: a.log}
		p.paths[installPath] = func(bot.Handler) (http.Handler, error) { return http.HandlerFunc(a.install.start), nil }
		p.paths[slack.OAuthPath] = func(bot.Handler) (http.Handler, error) { return http.HandlerFunc(a.install.finish), nil }
	}
	return p
}

func (a *app) discord() *platform {
	p := &platform{name: "discord", title: "Discord"}
	e, bad := readDiscord(a.getenv)
	switch {
	case len(bad) > 0:
		p.off = bad[0]
		return p
	case e.token.Empty():
		p.off = unset(envDiscordToken)
		return p
	}
	s, err := discord.New(discord.Options{Token: e.token, APIURL: e.url, Now: a.now, Live: discord.Live{Inbox: a.store, PublicKey: e.key,
		Load: a.store.Setting, Store: a.store.SetSetting, Log: a.log}})
	if err != nil {
		p.off = engine.AsError(err)
		return p
	}
	p.surface, p.how = s, "gateway"
	p.register = a.registering(s)
	if e.key != "" {
		p.paths = map[string]func(bot.Handler) (http.Handler, error){interactionsPath: s.Handler}
	}
	return p
}

// interactionsPath is where Discord delivers interactions to, when it does so by HTTP.
const interactionsPath = "/discord/interactions"

// paths are what platforms deliver to, by exact path.
func (s *serving) paths(h bot.Handler) map[string]http.Handler {
	all := map[string]http.Handler{}
	for _, p := range s.platforms {
		for path, make := range p.paths {
			taker, err := make(h)
			if err != nil {
				s.log.Error("a platform cannot deliver by HTTP", "platform", p.name, "err", err)
				continue
			}
			all[path] = taker
		}
	}
	return all
}

// closer is a surface that works deliveries off in the background.
type closer interface {
	// Close waits until what was taken is worked off, or ctx ends.
	Close(ctx context.Context)
}

// listenAll has every platform that is on listen; hangUp ends it: first nothing new is taken, then what was taken is
// worked off.
func (s *serving) listenAll(life context.Context) {
	taking, end := context.WithCancel(life)
	var listening sync.WaitGroup
	for _, p := range s.platforms {
		if p.surface == nil {
			continue
		}
		listening.Go(func() { p.listen(taking, s.bot) })
		s.beside.Go(func() { p.watch(taking) })
		if p.register != nil {
			s.beside.Go(func() { p.registered(taking) })
		}
	}
	s.hangUp = func() {
		end()
		ctx, cancel := context.WithTimeout(context.Background(), drainChat)
		defer cancel()
		done := make(chan struct{})
		go func() { listening.Wait(); close(done) }()
		select {
		case <-done:
		case <-ctx.Done():
			s.log.Warn("a chat platform did not end in time")
		}
		for _, p := range s.platforms {
			if c, ok := p.surface.(closer); ok {
				c.Close(ctx)
			}
		}
	}
}

// knownSetting holds the workspaces that a platform was connected to, by id, for the banner: it is printed before
// anybody was asked.
func knownSetting(name string) string { return "platform." + name + ".workspaces" }

type knownWorkspace struct {
	ID   string `json:"id"`
	Name string `json:"name"`
}

func (a *app) known(ctx context.Context, name string) (list []knownWorkspace) {
	text, err := a.store.Setting(ctx, knownSetting(name))
	if err != nil || json.Unmarshal([]byte(text), &list) != nil {
		return nil
	}
	return list
}

// knownWorkspaces is how they are written.
func (a *app) knownWorkspaces(ctx context.Context, name string) (out []string) {
	for _, w := range a.known(ctx, name) {
		out = append(out, workspaceName(bot.Link{Workspace: w.ID, Name: w.Name}))
	}
	return out
}

// remember keeps that a workspace is there, and gives its link with what it is called: a surface that has just come up
// may not know yet.
func (a *app) remember(ctx context.Context, p *platform, l bot.Link) bot.Link {
	a.bot.Reachable(ctx, p.name) // what waited for it is tried now
	if l.Workspace == "" && p.name == "slack" && !a.tokens.env.Empty() {
		team, name, err := a.tokens.mine(ctx)
		if why := engine.AsError(err); err != nil && lasting(why) {
			a.log.Warn("the token of a chat platform is refused", "platform", p.name, "err", why)
			a.tellTrouble(ctx, p, why)
		}
		l.Workspace, l.Name = team, name
	}
	if l.Workspace == "" {
		return l
	}
	list := a.known(ctx, p.name)
	list = slices.DeleteFunc(list, func(w knownWorkspace) bool { return w.ID == l.Workspace })
	list = append(list, knownWorkspace{ID: l.Workspace, Name: l.Name})
	slices.SortFunc(list, func(x, y knownWorkspace) int {
		if x.ID < y.ID {
			return -1
		}
		return 1
	})
	a.keepKnown(ctx, p.name, list)
	return l
}

// forget keeps that a workspace is there no more.
func (a *app) forget(ctx context.Context, name, workspace string) {
	a.keepKnown(ctx, name, slices.DeleteFunc(a.known(ctx, name), func(w knownWorkspace) bool { return w.ID == workspace }))
}

func (a *app) keepKnown(ctx context.Context, name string, list []knownWorkspace) {
	text, err := json.Marshal(list)
	if err == nil {
		err = a.store.SetSetting(context.WithoutCancel(ctx), knownSetting(name), string(text))
	}
	if err != nil {
		a.log.Warn("the workspaces of a platform could not be stored", "platform", name, "err", err)
	}
}

// tellTrouble says in the operator's channel, once a day for one reason, that a platform is not connected and what to
// do about it.
func (a *app) tellTrouble(ctx context.Context, p *platform, why *engine.Error) {
	sum := sha256.Sum256([]byte(p.name + "\x00" + why.Error() + "\x00" + a.now().UTC().Format(time.DateOnly)))
	place := engine.Place{Surface: engine.ConsoleSurface, Channel: "#general"}
	if _, err := a.bot.Say(ctx, place, "", "platform:"+hex.EncodeToString(sum[:8]), bot.Words{Text: p.title + " is not connected: " + why.Error()}); err != nil {
		a.log.Warn("nobody could be told that a platform is not connected", "platform", p.name, "err", err)
	}
}

// slackScopes are the names of what the app asks workspaces for.
func slackScopes() (names []string) {
	for _, s := range slack.Scopes() {
		names = append(names, s.Name)
	}
	return names
}

// uninstalled forgets the token of a workspace that took the app out, once Slack says that it is none any more; what
// was lost in another way comes back by itself.
func (a *app) uninstalled(ctx context.Context, p *platform, l bot.Link) {
	if l.Workspace == "" || l.Why == nil || !lasting(l.Why) {
		return
	}
	token, err := a.tokens.stored(ctx, l.Workspace)
	if err != nil {
		return
	}
	_, _, err = (&slackTokens{env: token, api: a.tokens.api, vault: a.vault}).mine(ctx)
	if engine.CodeOf(err) != engine.Denied {
		return
	}
	if err := a.tokens.drop(ctx, l.Workspace); err != nil {
		a.log.Warn("the token of a workspace that is gone could not be removed", "workspace", l.Workspace, "err", err)
		return
	}
	a.forget(ctx, p.name, l.Workspace)
	if err := a.store.Audit(context.WithoutCancel(ctx), engine.AuditEntry{At: engine.Millis(a.now()), Actor: "slack", What: "slack.uninstalled",
		Object: "workspace/" + l.Workspace}); err != nil {
		a.log.Error("an audit row could not be written", "what", "slack.uninstalled", "err", err)
	}
}

// registering has Discord know the commands: ours, and flows' own in the guilds that the bot is on and that are in use.
// Those that it is on are remembered for the banner.
func (a *app) registering(s *discord.Surface) func(ctx context.Context) error {
	var told []byte // what was registered last
	return func(ctx context.Context) error {
		r := discord.Registrations{Command: a.command, Commands: bot.Commands(), Own: starters{a.loops.starts}.Commands()}
		ours, err := a.inUse(ctx, s.Name())
		if err != nil {
			return err
		}
		var list []knownWorkspace
		for _, g := range s.Servers() {
			if ours[g.ID] {
				r.Guilds = append(r.Guilds, g.ID)
			} else {
				r.Others = append(r.Others, g.ID)
			}
			list = append(list, knownWorkspace(g))
		}
		a.keepKnown(ctx, s.Name(), list)
		text, err := json.Marshal(r)
		if err == nil && bytes.Equal(text, told) {
			return nil
		}
		if why := s.Register(ctx, r); why != nil || err != nil {
			return why
		}
		told = text
		return nil
	}
}
