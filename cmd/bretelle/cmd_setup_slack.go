package main

import (
	"context"
	"strings"

	"github.com/bretelle/bretelle/bot/control"
	"github.com/bretelle/bretelle/bot/slack"
	"github.com/bretelle/bretelle/engine"
)

type setupSlack struct {
	HTTP      bool   `name:"http" help:"Slack delivers by HTTP instead of through a socket; needs --public-url."`
	PublicURL string `name:"public-url" help:"How the outside reaches this machine; also for installing the app in more workspaces." placeholder:"URL"`
	Command   string `help:"The slash command." default:"flow" placeholder:"WORD"`
	Name      string `help:"What the app is called." default:"Bretelle" placeholder:"NAME"`
	Check     bool   `help:"Ask Slack what is missing. SLACK_BOT_TOKEN and SLACK_APP_TOKEN (or SLACK_SIGNING_SECRET) are needed."`
	Install   bool   `help:"Make a link that installs the app in another workspace. The bot has to run, with SLACK_CLIENT_ID, SLACK_CLIENT_SECRET and --public-url."`
	Stdin     bool   `help:"Read SLACK_BOT_TOKEN=… and the like from standard input."`
	JSON      bool   `name:"json" help:"Print JSON."`
}

// slackApp is what setup slack prints as JSON.
type slackApp struct {
	Manifest string   `json:"manifest"` // YAML
	Scopes   []reason `json:"scopes"`
	Events   []reason `json:"events"`
}

// Run needs no running bot, but for --install, and prints no token.
func (c *setupSlack) Run(e *env) error {
	if c.Install {
		var out control.InstallOut
		if err := e.client.Do(e.ctx, "slack.install", struct{}{}, &out); err != nil {
			return err
		}
		if c.JSON {
			return e.json(out)
		}
		e.say("Open this once, within 10 minutes, and choose the workspace:\n  %s", out.URL)
		return nil
	}
	getenv, err := setupEnv(e.in, c.Stdin)
	if err != nil {
		return err
	}
	if c.Check {
		return c.check(e, getenv)
	}
	manifest, err := slack.Manifest(slack.ManifestOptions{Command: "/" + strings.TrimPrefix(c.Command, "/"), Name: c.Name, Socket: !c.HTTP, PublicURL: c.PublicURL})
	if err != nil {
		return usage{err}
	}
	out := slackApp{Manifest: manifest}
	for _, s := range slack.Scopes() {
		out.Scopes = append(out.Scopes, reason{Name: s.Name, Why: s.Why.String()})
	}
	for _, v := range slack.Events() {
		out.Events = append(out.Events, reason{Name: v.Name, Why: v.Why.String()})
	}
	if c.JSON {
		return e.json(out)
	}
	printTo(e.out, "%s", out.Manifest)
	// What to do with it goes to standard error, so that the manifest alone can be kept in a file.
	say := func(format string, args ...any) { printTo(e.err, format+"\n", args...) }
	say("\n1. Open https://api.slack.com/apps?new_app=1, From a manifest, choose the workspace, YAML, and paste what stands above.")
	say("   Then Install to Workspace. Under OAuth & Permissions, copy the Bot User OAuth Token:")
	say("     export %s=xoxb-…", envSlackBot)
	if c.HTTP {
		say("2. Under Basic Information, App Credentials, copy the Signing Secret:")
		say("     export %s=…", envSlackSigning)
	} else {
		say("2. Under Basic Information, App-Level Tokens, generate one with the scope connections:write:")
		say("     export %s=xapp-…", envSlackApp)
	}
	if c.PublicURL != "" {
		say("   For more workspaces also, from Basic Information, App Credentials, the Client ID and the Client Secret:")
		say("     export %s=… %s=…", envSlackID, envSlackSecret)
		say("   Under Manage Distribution, activate it. Once the bot runs, for each workspace: bretelle setup slack --install")
	}
	say("3. Look whether everything is there, and start:")
	say("     bretelle setup slack --check && bretelle%s", c.flags())
	return nil
}

// flags are those of serve that go with what the manifest says.
func (c *setupSlack) flags() (out string) {
	if word := strings.TrimPrefix(c.Command, "/"); word != "flow" {
		out += " --command-name " + word
	}
	if c.PublicURL != "" {
		out += " --public-url " + c.PublicURL
	}
	return out
}

func (c *setupSlack) check(e *env, getenv func(string) string) error {
	given, bad := readSlack(getenv)
	var found checked
	found.add(bad...)
	if given.bot.Empty() {
		found.add(unset(envSlackBot).WithHint("bretelle setup slack says where it is."))
	}
	if given.app.Empty() && given.signing.Empty() {
		found.add(unset(envSlackApp).WithHint("bretelle setup slack says where it is; for HTTP set SLACK_SIGNING_SECRET instead."))
	}
	if len(found.Wrong) == 0 {
		found.ask(e.ctx, slack.New(slack.Options{Token: given.bot, APIURL: given.url, App: given.app, Signing: given.signing}))
	}
	return found.tell(e, c.JSON, "Slack: nothing is missing.")
}

// installLink makes the link of setup slack --install. by is whoever asked.
func (a *app) installLink(ctx context.Context, by string) (string, error) {
	if a.install == nil {
		return "", engine.E(engine.Invalid, "this bot was not started for more than one Slack workspace").WithOp("slack.install").
			WithHint("Start it with SLACK_CLIENT_ID, SLACK_CLIENT_SECRET and --public-url; SLACK_SIGNING_SECRET or SLACK_APP_TOKEN as before.")
	}
	return a.install.begin(ctx, by)
}
