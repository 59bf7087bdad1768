package main

import (
	"net/netip"
	"net/url"
	"strings"

	"github.com/bretelle/bretelle/engine"
)

// What chat platforms are connected with (README, "Slack in five minutes" and "Discord in five minutes").
const (
	envSlackBot     = "SLACK_BOT_TOKEN"
	envSlackApp     = "SLACK_APP_TOKEN"
	envSlackSigning = "SLACK_SIGNING_SECRET"
	envSlackID      = "SLACK_CLIENT_ID"
	envSlackSecret  = "SLACK_CLIENT_SECRET"
	envSlackURL     = "SLACK_API_URL"
	envDiscordToken = "DISCORD_TOKEN"
	envDiscordKey   = "DISCORD_PUBLIC_KEY"
	envDiscordURL   = "DISCORD_API_URL"
)

// slackEnv is what the environment says of Slack.
type slackEnv struct {
	bot     engine.Secret // of one workspace; others are installed (OAuth)
	app     engine.Secret // opens sockets
	signing engine.Secret // checks deliveries by HTTP
	id      string
	secret  engine.Secret
	url     string // replaces https://slack.com/api/
}

// discordEnv is what the environment says of Discord.
type discordEnv struct {
	token engine.Secret
	key   string // of interactions by HTTP, hex
	url   string // replaces https://discord.com/api/v9
}

// spoiled are the ways a token is spoiled when it is copied, with what to do. value is never repeated.
func spoiled(name, value string) *engine.Error {
	switch {
	case strings.TrimSpace(value) != value:
		return engine.E(engine.Invalid, "{name} begins or ends with a space or a line break", "name", name).
			WithHint("Copy it again, without anything around it.")
	case strings.ContainsAny(value, "\"'`“”"):
		return engine.E(engine.Invalid, "{name} has quotation marks in it", "name", name).
			WithHint("Leave them out: they belong to the shell, not to the value.")
	case strings.ContainsFunc(value, func(r rune) bool { return r <= ' ' || r > '~' }):
		return engine.E(engine.Invalid, "{name} has characters in it that no such value has", "name", name).
			WithHint("Copy it again, without anything around it.")
	}
	return nil
}

// address checks an address from the environment: tokens go there, unencrypted to this machine alone.
func address(name, value string) *engine.Error {
	if value == "" {
		return nil
	}
	u, err := url.Parse(value)
	if err != nil || u.Host == "" || u.Scheme != "http" && u.Scheme != "https" {
		return engine.E(engine.Invalid, "{name} is no address", "name", name).WithHint("Write it with its scheme, https://….")
	}
	if ip, err := netip.ParseAddr(u.Hostname()); u.Scheme == "http" && u.Hostname() != "localhost" && (err != nil || !ip.IsLoopback()) {
		return engine.E(engine.Invalid, "{name} would send tokens where others can read them", "name", name).WithHint("Write it with https://.")
	}
	return nil
}

// prefixes of Slack's tokens, and what each is.
var slackKinds = []struct{ prefix, what string }{
	{"xoxb-", "a bot token"}, {"xapp-", "an app-level token"}, {"xoxp-", "a user token"}, {"xoxe.", "a rotating token"},
	{"xoxe-", "a refresh token"}, {"xoxs-", "a session token"}, {"xoxc-", "a session token"},
}

// slackToken checks that value is the kind of token that its variable is for.
func slackToken(name, value, prefix string) *engine.Error {
	if value == "" {
		return nil
	}
	if bad := spoiled(name, value); bad != nil {
		return bad
	}
	if strings.HasPrefix(value, prefix) && len(value) > len(prefix) {
		return nil
	}
	hint := "The bot token is under OAuth & Permissions, it begins with xoxb-."
	if prefix == "xapp-" {
		hint = "The app-level token is under Basic Information, App-Level Tokens, it begins with xapp-."
	}
	for _, k := range slackKinds {
		if strings.HasPrefix(value, k.prefix) {
			return engine.E(engine.Invalid, "{name} holds {what}, not the one it is for", "name", name, "what", k.what).WithHint(hint)
		}
	}
	return engine.E(engine.Invalid, "{name} holds no token of Slack's", "name", name).WithHint(hint)
}

// readSlack reads the environment; bad are all things wrong with it, in the order of the variables.
func readSlack(getenv func(string) string) (s slackEnv, bad []*engine.Error) {
	note := func(e *engine.Error) {
		if e != nil {
			bad = append(bad, e)
		}
	}
	note(slackToken(envSlackBot, getenv(envSlackBot), "xoxb-"))
	note(slackToken(envSlackApp, getenv(envSlackApp), "xapp-"))
	for _, name := range []string{envSlackSigning, envSlackID, envSlackSecret} {
		note(spoiled(name, getenv(name)))
	}
	if id, secret := getenv(envSlackID), getenv(envSlackSecret); (id == "") != (secret == "") {
		note(engine.E(engine.Invalid, "{one} and {other} belong together", "one", envSlackID, "other", envSlackSecret).
			WithHint("Set both, or neither: they are for installing the app in further workspaces."))
	}
	note(address(envSlackURL, getenv(envSlackURL)))
	return slackEnv{bot: engine.NewSecret(getenv(envSlackBot)), app: engine.NewSecret(getenv(envSlackApp)),
		signing: engine.NewSecret(getenv(envSlackSigning)), id: getenv(envSlackID), secret: engine.NewSecret(getenv(envSlackSecret)),
		url: getenv(envSlackURL)}, bad
}

// readDiscord is readSlack for Discord.
func readDiscord(getenv func(string) string) (d discordEnv, bad []*engine.Error) {
	note := func(e *engine.Error) {
		if e != nil {
			bad = append(bad, e)
		}
	}
	token := getenv(envDiscordToken)
	if e := spoiled(envDiscordToken, strings.TrimPrefix(token, "Bot ")); e != nil {
		note(e)
	} else if token != "" && strings.Count(token, ".") != 2 {
		note(engine.E(engine.Invalid, "{name} holds no bot token", "name", envDiscordToken).
			WithHint("The token is under Bot, Reset Token; it has three parts with dots between them. The public key and the client secret are other things."))
	}
	key := getenv(envDiscordKey)
	if len(key) != 0 && (len(key) != 64 || strings.Trim(key, "0123456789abcdefABCDEF") != "") {
		note(engine.E(engine.Invalid, "{name} is no public key", "name", envDiscordKey).
			WithHint("It is under General Information: 64 digits and letters from a to f."))
	}
	note(address(envDiscordURL, getenv(envDiscordURL)))
	return discordEnv{token: engine.NewSecret(strings.TrimPrefix(token, "Bot ")), key: key, url: getenv(envDiscordURL)}, bad
}
