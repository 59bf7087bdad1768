package main

import (
	"bufio"
	"context"
	"encoding/base64"
	"io"
	"os"
	"slices"
	"strings"
	"time"

	"github.com/bretelle/bretelle/bot"
	"github.com/bretelle/bretelle/bot/discord"
	"github.com/bretelle/bretelle/engine"
)

type setupCmds struct {
	Slack   setupSlack   `cmd:"" help:"Print the manifest of the Slack app and what to do with it; --check looks at the tokens."`
	Discord setupDiscord `cmd:"" help:"Print the invitation of the Discord bot and what to switch on; --check looks at the token."`
}

// setupWithin bounds asking a platform.
const setupWithin = 30 * time.Second

// setupEnv is the environment, with NAME=VALUE lines of standard input before it.
func setupEnv(in io.Reader, stdin bool) (func(string) string, error) {
	given := map[string]string{}
	if stdin {
		lines := bufio.NewScanner(io.LimitReader(in, secretMost))
		for lines.Scan() {
			line := strings.TrimPrefix(strings.TrimSpace(lines.Text()), "export ")
			name, value, ok := strings.Cut(line, "=")
			if !ok {
				if line == "" || strings.HasPrefix(line, "#") {
					continue
				}
				return nil, usage{engine.E(engine.Invalid, "standard input holds a line that is not NAME=VALUE")}
			}
			given[strings.TrimSpace(name)] = unquoted(strings.TrimSpace(value))
		}
		if err := lines.Err(); err != nil {
			return nil, engine.E(engine.Unavailable, "standard input cannot be read").Wrap(err)
		}
	}
	return func(name string) string {
		if v, ok := given[name]; ok {
			return v
		}
		return os.Getenv(name)
	}, nil
}

// unquoted is a value without the quotation marks that files of settings have around theirs.
func unquoted(value string) string {
	if n := len(value); n > 1 && value[0] == value[n-1] && (value[0] == '"' || value[0] == '\'') {
		return value[1 : n-1]
	}
	return value
}

// checked is what a check found, one sentence for each thing that is wrong.
type checked struct {
	Wrong []string `json:"wrong"`
}

// tell prints what a check found; the error is errTold when something is wrong.
func (c checked) tell(e *env, asJSON bool, fine string) error {
	switch {
	case asJSON:
		if c.Wrong == nil {
			c.Wrong = []string{}
		}
		if err := e.json(c); err != nil {
			return err
		}
	case len(c.Wrong) == 0:
		e.say("✓ %s", fine)
	default:
		for _, w := range c.Wrong {
			e.say("✖ %s", w)
		}
	}
	if len(c.Wrong) > 0 {
		return errTold
	}
	return nil
}

func (c *checked) add(list ...*engine.Error) {
	for _, e := range list {
		c.Wrong = append(c.Wrong, e.Error())
	}
}

// ask has a surface check itself. What could not be reached is said once, with what there is to do here: nothing goes
// on by itself as in a running bot.
func (c *checked) ask(ctx context.Context, s bot.Surface) {
	ctx, cancel := context.WithTimeout(ctx, setupWithin)
	defer cancel()
	k, ok := s.(bot.Checker)
	if !ok {
		return
	}
	for _, e := range k.Check(ctx) {
		if e.Code == engine.Unavailable {
			away := *e
			e = away.WithHint("Look at this machine's network, and run this again.")
		}
		if !slices.Contains(c.Wrong, e.Error()) {
			c.add(e)
		}
	}
}

type setupDiscord struct {
	App   string `help:"The application's id; it is read from DISCORD_TOKEN when that is set." placeholder:"ID"`
	Check bool   `help:"Ask Discord what is missing. DISCORD_TOKEN is needed."`
	Stdin bool   `help:"Read DISCORD_TOKEN=… from standard input."`
	JSON  bool   `name:"json" help:"Print JSON."`
}

// invitation is what setup discord prints as JSON.
type invitation struct {
	Invite  string        `json:"invite"`
	Permits []reason      `json:"permissions"`
	Intents []intentShown `json:"intents"`
}

type reason struct {
	Name     string `json:"name"`
	Why      string `json:"why"`
	Optional bool   `json:"optional,omitempty"`
}

type intentShown struct {
	Name       string `json:"name"`
	Label      string `json:"label,omitempty"`
	Why        string `json:"why"`
	Privileged bool   `json:"privileged"`
}

// noApp stands where the application's id is not known yet.
const noApp = "APPLICATION_ID"

// Run needs no running bot, and prints no token.
func (c *setupDiscord) Run(e *env) error {
	getenv, err := setupEnv(e.in, c.Stdin)
	if err != nil {
		return err
	}
	given, bad := readDiscord(getenv)
	if c.Check {
		return c.check(e, given, bad)
	}
	if c.App != "" && (len(c.App) > 20 || strings.Trim(c.App, "0123456789") != "") {
		return usage{engine.E(engine.Invalid, "--app is the application's id, a long number")}
	}
	app := c.App
	if app == "" {
		app = appOf(given.token)
	}
	known := app != ""
	if !known {
		app = noApp
	}
	out := invitation{Invite: discord.InviteURL(app)}
	for _, p := range discord.Permits() {
		out.Permits = append(out.Permits, reason{p.Name, p.Why.String(), p.Optional})
	}
	for _, i := range discord.Intents() {
		out.Intents = append(out.Intents, intentShown{i.Name, i.Label, i.Why.String(), i.Privileged})
	}
	if c.JSON {
		return e.json(out)
	}
	e.say("1. Open https://discord.com/developers/applications, New Application. Under Bot, press Reset Token and keep it:")
	e.say("     export %s=…", envDiscordToken)
	e.say("   Under Bot, Privileged Gateway Intents, switch on:")
	for _, i := range out.Intents {
		if i.Privileged {
			e.say("     %-24s %s", i.Label, i.Why)
		}
	}
	e.say("2. Open this address and choose the server:")
	e.say("     %s", out.Invite)
	if !known {
		e.say("   with the Application ID (General Information) in the place of %s; or run this again with --app ID", noApp)
	}
	e.say("   It asks for:")
	for _, p := range out.Permits {
		if !p.Optional {
			e.say("     %-24s %s", p.Name, p.Why)
		}
	}
	e.say("   and not for what only some flows need:")
	for _, p := range out.Permits {
		if p.Optional {
			e.say("     %-24s %s", p.Name, p.Why)
		}
	}
	e.say("3. Look whether everything is there, and start:")
	e.say("     bretelle setup discord --check && bretelle")
	return nil
}

func (c *setupDiscord) check(e *env, given discordEnv, bad []*engine.Error) error {
	var found checked
	found.add(bad...)
	if given.token.Empty() {
		found.add(unset(envDiscordToken).WithHint("bretelle setup discord says where it is."))
	}
	if len(found.Wrong) == 0 {
		s, err := discord.New(discord.Options{Token: given.token, APIURL: given.url})
		if err != nil {
			return err
		}
		found.ask(e.ctx, s)
	}
	return found.tell(e, c.JSON, "Discord: nothing is missing.")
}

// appOf is the application's id in a bot's token, whose first part is that number in base64; "" when it is not.
func appOf(token engine.Secret) string {
	first, _, _ := strings.Cut(token.Reveal(), ".")
	b, err := base64.RawStdEncoding.DecodeString(strings.TrimRight(first, "="))
	if err != nil || len(b) == 0 || len(b) > 20 || strings.Trim(string(b), "0123456789") != "" {
		return ""
	}
	return string(b)
}
