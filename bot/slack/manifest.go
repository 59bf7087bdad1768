package slack

import (
	"encoding/json"
	"fmt"
	"net/url"
	"regexp"
	"strings"
	"unicode/utf8"

	"github.com/bretelle/bretelle/bot"
	"github.com/bretelle/bretelle/engine"
	"github.com/bretelle/bretelle/prompts"
)

// ManifestOptions say how the app is to be.
type ManifestOptions struct {
	Command   string // the slash command; "" is "/flow"
	Name      string // of the app and its bot user; "" is "Bretelle"
	Socket    bool   // deliveries come through sockets, so that no public address is needed
	PublicURL string // "https://bots.example.org": where Slack calls, without Socket; and for installing in more workspaces
	Lang      string // of the reasons, which are comments
}

// OAuthPath is where an installation ends on the public address.
const OAuthPath = "/slack/oauth"

var (
	commandName = regexp.MustCompile(`^/[a-z0-9_-]{1,31}$`)
	appName     = regexp.MustCompile(`^[^<>"\\\x00-\x1f]{1,35}$`)
)

// Manifest is the app as YAML, for "Create New App, From a manifest" at api.slack.com/apps; each scope and event has
// its reason beside it. Errors: Invalid for a command or name that Slack refuses, and for HTTP without a public https
// address. Source: docs.slack.dev, "App manifest reference".
func Manifest(o ManifestOptions) (string, error) {
	if o.Command == "" {
		o.Command = "/flow"
	}
	if o.Name == "" {
		o.Name = "Bretelle"
	}
	if !strings.HasPrefix(o.Command, "/") {
		o.Command = "/" + o.Command
	}
	if !commandName.MatchString(o.Command) {
		return "", engine.E(engine.Invalid, "Slack takes no command called {command}", "command", o.Command).WithOp("slack.manifest").
			WithHint("Write a slash and up to 31 small letters, digits, dashes.")
	}
	if !appName.MatchString(o.Name) || utf8.RuneCountInString(o.Name) > 35 {
		return "", engine.E(engine.Invalid, "Slack takes no app called {name}", "name", o.Name).WithOp("slack.manifest").WithHint("Write up to 35 characters.")
	}
	base, err := publicURL(o.PublicURL)
	if err != nil {
		return "", err
	}
	if !o.Socket && base == "" {
		return "", engine.E(engine.Invalid, "Slack needs a public address to call, or sockets").WithOp("slack.manifest").
			WithHint("Give --public-url https://…, or leave Socket Mode on: then none is needed.")
	}
	return o.yaml(base), nil
}

// publicURL is the address without a last slash; "" for none.
func publicURL(s string) (string, error) {
	if s == "" {
		return "", nil
	}
	u, err := url.Parse(s)
	if err != nil || u.Scheme != "https" || u.Host == "" || u.RawQuery != "" || u.Fragment != "" || u.User != nil {
		return "", engine.E(engine.Invalid, "{url} is no address that Slack can call", "url", s).WithOp("slack.manifest").WithHint("Write https://host, without anything behind it.")
	}
	return strings.TrimSuffix(u.String(), "/"), nil
}

func (o ManifestOptions) yaml(base string) string {
	var b strings.Builder
	line := func(deep int, format string, args ...any) {
		b.WriteString(strings.Repeat("  ", deep) + fmt.Sprintf(format, args...) + "\n")
	}
	say := func(t engine.Text) string { return prompts.T(o.Lang, t.Msg, t.Args) }
	line(0, "_metadata:")
	line(1, "major_version: 1")
	line(0, "display_information:")
	line(1, "name: %s", quoted(o.Name))
	line(1, "description: %s", quoted("Automations that live in your channels and ask before they act"))
	line(1, "background_color: %s", quoted("#2b3a4a"))
	line(0, "features:")
	line(1, "app_home:")
	line(2, "home_tab_enabled: true")
	line(2, "messages_tab_enabled: true")
	line(2, "messages_tab_read_only_enabled: false")
	line(1, "bot_user:")
	line(2, "display_name: %s", quoted(o.Name))
	line(2, "always_online: true")
	line(1, "shortcuts:")
	for _, s := range []struct{ name, kind, id, text string }{
		{"New flow", "global", bot.ShortNew, "Build a new flow"}, {"Run a flow on this", "message", bot.ShortRun, "Run a flow with this message"},
	} {
		line(2, "- name: %s", quoted(s.name))
		line(3, "type: %s", s.kind)
		line(3, "callback_id: %s", s.id)
		line(3, "description: %s", quoted(s.text))
	}
	line(1, "slash_commands:")
	line(2, "- command: %s", quoted(o.Command))
	line(3, "description: %s", quoted("Build, run and watch flows"))
	line(3, "usage_hint: %s", quoted("help | new | edit | show | run | runs"))
	line(3, "should_escape: false")
	if !o.Socket {
		line(3, "url: %s", quoted(base+EventsPath))
	}
	line(0, "oauth_config:")
	if base != "" {
		line(1, "redirect_urls:")
		line(2, "- %s", quoted(base+OAuthPath))
	}
	line(1, "scopes:")
	line(2, "bot:")
	for _, s := range Scopes() {
		line(3, "- %s # %s", s.Name, say(s.Why))
	}
	line(0, "settings:")
	line(1, "event_subscriptions:")
	if !o.Socket {
		line(2, "request_url: %s", quoted(base+EventsPath))
	}
	line(2, "bot_events:")
	for _, e := range Events() {
		line(3, "- %s # %s", e.Name, say(e.Why))
	}
	line(1, "interactivity:")
	line(2, "is_enabled: true")
	if !o.Socket {
		line(2, "request_url: %s", quoted(base+EventsPath))
		line(2, "message_menu_options_url: %s", quoted(base+EventsPath))
	}
	line(1, "org_deploy_enabled: false")
	line(1, "socket_mode_enabled: %v", o.Socket)
	line(1, "token_rotation_enabled: false")
	return b.String()
}

// quoted is a text in YAML's double quotes, of which JSON's are a part.
func quoted(s string) string {
	out, err := json.Marshal(s)
	if err != nil { // a string always can be
		return `""`
	}
	return string(out)
}
