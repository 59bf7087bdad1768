package main

import (
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
		p.log, p.now, p.trouble, p.linked = a.log, a.now, a.tellTrouble, a.remember
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
	p.surface = slack.New(slack.Options{Token: e.bot, APIURL: e.url})
	p.paths = map[string]http.Handler{}
	if installable {
		a.install = &slackInstall{id: e.id, secret: e.secret, api: slackAPI{url: e.url}, public: a.public, people: a.store, vault: a.vault,
			scopes: slackScopes(), audit: a.store, now: a.now, log: a.log}
		p.paths[installPath] = http.HandlerFunc(a.install.start)
		p.paths[oauthPath] = http.HandlerFunc(a.install.finish)
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
	s, err := discord.New(discord.Options{Token: e.token, APIURL: e.url})
	if err != nil {
		p.off = engine.AsError(err)
		return p
	}
	p.surface, p.how = s, "gateway"
	return p
}

// paths are what platforms deliver to, by exact path.
func (s *serving) paths() map[string]http.Handler {
	all := map[string]http.Handler{}
	for _, p := range s.platforms {
		for path, h := range p.paths {
			all[path] = h
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

// remember keeps that a workspace is there.
func (a *app) remember(ctx context.Context, p *platform, l bot.Link) {
	if l.Workspace == "" {
		return
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
func slackScopes() []string { return []string{"chat:write", "commands"} }
