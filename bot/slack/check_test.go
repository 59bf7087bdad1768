package slack_test

import (
	"context"
	"fmt"
	"log/slog"
	"net/http"
	"regexp"
	"strings"
	"testing"
	"time"

	slackgo "github.com/slack-go/slack"
	"go.yaml.in/yaml/v4"

	"github.com/bretelle/bretelle/bot"
	"github.com/bretelle/bretelle/bot/slack"
	"github.com/bretelle/bretelle/bot/slack/slacktest"
	"github.com/bretelle/bretelle/engine"
	"github.com/bretelle/bretelle/prompts"
)

func TestCheck(t *testing.T) {
	w := newOutside(t)
	check := func(change func(*slack.Options)) string {
		o := w.Options()
		o.App, o.Client = engine.NewSecret(slacktest.AppToken), &http.Client{Transport: w.spec}
		if change != nil {
			change(&o)
		}
		var out []string
		for _, e := range slack.New(o).Check(t.Context()) {
			out = append(out, e.Error())
		}
		return strings.Join(out, "\n")
	}
	token := func(bot, app string) func(*slack.Options) {
		return func(o *slack.Options) { o.Token, o.App = engine.NewSecret(bot), engine.NewSecret(app) }
	}
	good := w.Token(slacktest.Team)
	if got := check(nil); got != "" {
		t.Errorf("all is well, but: %s", got)
	}
	for _, x := range []struct {
		change func(*slack.Options)
		want   string
	}{
		{token("xapp-test", "xoxb-test"), "here stands a bot token, where Slack's app-level token belongs. SLACK_APP_TOKEN is the one under Basic Information, App-Level Tokens that begins with xapp-; it needs connections:write.\n" +
			"here stands an app-level token, where Slack's bot token belongs. SLACK_BOT_TOKEN is the one under OAuth & Permissions that begins with xoxb-."},
		{token("xoxp-1", slacktest.AppToken), "here stands a person's token, where Slack's bot token belongs. SLACK_BOT_TOKEN is the one under OAuth & Permissions that begins with xoxb-."},
		{token("", slacktest.AppToken), "Slack's bot token is missing. SLACK_BOT_TOKEN is the one under OAuth & Permissions that begins with xoxb-."},
		{token("hunter2", slacktest.AppToken), "this is no bot token of Slack. SLACK_BOT_TOKEN is the one under OAuth & Permissions that begins with xoxb-."},
		{token("xoxb-wrong", "xapp-wrong"), "Slack does not accept my app-level token. SLACK_APP_TOKEN is the one under Basic Information, App-Level Tokens that begins with xapp-; it needs connections:write.\n" +
			"Slack does not accept my token any more. An admin can install me anew; bretelle setup slack says how."},
		{token(good, ""), ""},
	} {
		if got := check(x.change); got != x.want {
			t.Errorf("%s\nwanted\n%s", got, x.want)
		}
	}
	w.Fault("apps.connections.open", slacktest.Fault{Error: "missing_scope", Times: 1})
	if got := check(nil); !strings.Contains(got, "lacks connections:write, so no deliveries reach me") {
		t.Error(got)
	}
	w.Lack(slacktest.Team, "files:write", "im:write")
	if got := check(nil); got != "my Slack token lacks the scope files:write: I cannot send files, and pictures come as words. An admin can add files:write under OAuth & Permissions of the app and install it again; bretelle setup slack prints the manifest.\n"+
		"my Slack token lacks the scope im:write: I cannot write to one person alone. An admin can add im:write under OAuth & Permissions of the app and install it again; bretelle setup slack prints the manifest." {
		t.Error(got)
	}
	if got := check(func(o *slack.Options) { o.Tokens = &keys{by: map[string]string{}} }); !strings.Contains(got, "not installed in any Slack workspace") {
		t.Error(got)
	}
}

var sentence = regexp.MustCompile(`^[A-Z].*\.$`)

// The shape is held to Slack's fields, strictly, and to what the reference says of lengths.
func TestManifest(t *testing.T) {
	for _, o := range []slack.ManifestOptions{{Socket: true}, {Command: "ops", Name: "Ops: \"bot\"'s", Socket: true, Lang: "fr"}, {PublicURL: "https://bots.example.org/"}} {
		text, err := slack.Manifest(o)
		if strings.Contains(o.Name, `"`) {
			if engine.CodeOf(err) != engine.Invalid {
				t.Errorf("%q: %v", o.Name, err)
			}
			continue
		}
		if err != nil {
			t.Fatal(err)
		}
		var m slackgo.Manifest
		if err := yaml.Load([]byte(text), &m, yaml.WithKnownFields()); err != nil {
			t.Fatalf("%v\n%s", err, text)
		}
		f := m.Features
		if !f.AppHome.HomeTabEnabled || !f.AppHome.MessagesTabEnabled || !f.BotUser.AlwaysOnline || len(f.SlashCommands) != 1 || f.SlashCommands[0].Command != "/flow" || len(f.Shortcuts) != 2 {
			t.Errorf("%+v", f)
		}
		kinds := map[string]string{}
		for _, x := range f.Shortcuts {
			kinds[x.CallbackID] = string(x.Type)
			if len(x.Name) > 24 || len(x.Description) > 150 {
				t.Errorf("%q is too long", x.Name)
			}
		}
		if kinds[bot.ShortNew] != "global" || kinds[bot.ShortRun] != "message" {
			t.Error(kinds)
		}
		if len(m.Display.Name) > 35 || len(m.Display.Description) > 140 {
			t.Errorf("%+v", m.Display)
		}
		if n := len(m.OAuthConfig.Scopes.Bot); n != len(slack.Scopes()) || m.Settings.SocketModeEnabled != o.Socket || !m.Settings.Interactivity.IsEnabled || m.Settings.TokenRotationEnabled || m.Settings.OrgDeployEnabled {
			t.Errorf("%+v", m.Settings)
		}
		address := "https://bots.example.org/slack/events"
		if o.Socket {
			address = ""
		}
		if m.Settings.EventSubscriptions.RequestUrl != address || m.Settings.Interactivity.RequestUrl != address || m.Settings.Interactivity.MessageMenuOptionsUrl != address {
			t.Errorf("%+v", m.Settings)
		}
		if !o.Socket && (len(m.OAuthConfig.RedirectUrls) != 1 || m.OAuthConfig.RedirectUrls[0] != "https://bots.example.org/slack/oauth") {
			t.Errorf("%+v", m.OAuthConfig)
		}
	}
	for _, o := range []slack.ManifestOptions{{}, {PublicURL: "http://plain"}, {PublicURL: "https://a/?q"}, {Command: "/Flow", Socket: true}, {Command: "/a b", Socket: true}, {Name: strings.Repeat("x", 36), Socket: true}} {
		if text, err := slack.Manifest(o); engine.CodeOf(err) != engine.Invalid {
			t.Errorf("%+v: %v %s", o, err, text)
		}
	}
	fr, _ := slack.Manifest(slack.ManifestOptions{Socket: true, Lang: "fr"})
	if !strings.Contains(fr, "- chat:write # Publier, modifier et supprimer mes propres messages.") {
		t.Error(fr)
	}
	for _, s := range slack.Scopes() {
		if !sentence.MatchString(s.Why.Msg) || s.Else.Msg == "" || strings.HasSuffix(s.Else.Msg, ".") {
			t.Errorf("%s: %q, %q", s.Name, s.Why, s.Else)
		}
	}
}

// What Slack says, in our words, however it says it; and no token in any of it.
func TestWhatSlackSays(t *testing.T) {
	w := newOutside(t)
	canary := w.Token(slacktest.Team)
	s := w.life()
	first := w.post(t, s, "first")
	show := func(err error) string {
		return fmt.Sprintf("%v %+v %#v %v", err, err, engine.AsError(err).Err, slog.AnyValue(err))
	}
	for said, code := range map[string]engine.Code{
		"not_in_channel": engine.Denied, "restricted_action": engine.Denied, "channel_not_found": engine.NotFound, "is_archived": engine.NotFound, "message_not_found": engine.NotFound,
		"thread_not_found": engine.NotFound, "cant_update_message": engine.Denied, "invalid_auth": engine.Denied, "token_revoked": engine.Denied, "account_inactive": engine.Denied,
		"missing_scope": engine.Denied, "ratelimited": engine.Throttled, "message_limit_exceeded": engine.Throttled, "internal_error": engine.Unavailable, "fatal_error": engine.Unavailable,
		"service_unavailable": engine.Unavailable, "request_timeout": engine.Unavailable, "msg_too_long": engine.TooLarge, "msg_blocks_too_long": engine.TooLarge, "no_text": engine.Invalid,
		"invalid_blocks": engine.Internal, "invalid_arguments": engine.Internal, "hash_conflict": engine.Conflict, "expired_trigger_id": engine.Invalid, "user_not_found": engine.NotFound, "a_new_word": engine.Internal,
	} {
		w.Fault("chat.update", slacktest.Fault{Error: said, Times: 1})
		_, err := s.Post(t.Context(), w.place("#triage"), first, aCard("first", "changed"))
		if engine.CodeOf(err) != code {
			t.Errorf("%s gave %s: %v", said, engine.CodeOf(err), err)
		}
		if strings.Contains(show(err), canary) {
			t.Errorf("%s: the token is in %s", said, show(err))
		}
	}
	w.Fault("chat.update", slacktest.Fault{Status: 429, RetryAfter: 7, Times: 1})
	_, err := s.Post(t.Context(), w.place("#triage"), first, aCard("first", "changed"))
	if e := engine.AsError(err); e.Code != engine.Throttled || e.After != 7*time.Second {
		t.Errorf("%v after %v", err, e.After)
	}
	for _, status := range []int{429, 500, 502, 503, 504} {
		w.Fault("chat.update", slacktest.Fault{Status: status, Times: 1})
		_, err := s.Post(t.Context(), w.place("#triage"), first, aCard("first", "changed"))
		if want := map[bool]engine.Code{true: engine.Throttled, false: engine.Unavailable}[status == 429]; engine.CodeOf(err) != want {
			t.Errorf("%d: %v", status, err)
		}
	}
	w.Fault("chat.update", slacktest.Fault{Hang: true, Times: 1})
	ctx, cancel := context.WithTimeout(t.Context(), 50*time.Millisecond)
	defer cancel()
	if _, err = s.Post(ctx, w.place("#triage"), first, aCard("first", "changed")); engine.CodeOf(err) != engine.Unavailable {
		t.Errorf("hung: %v", err)
	}
	// Everything fails, whatever is asked: no token in any of it.
	for _, f := range []slacktest.Fault{{Error: "token_revoked"}, {Status: 502}, {Error: "missing_scope"}} {
		w.Fault("*", f)
		s := w.life()
		p := w.place("C0456")
		ask := map[string]func() error{
			"Post":   func() error { _, err := s.Post(t.Context(), p, "", aCard("k", "x")); return err },
			"Delete": func() error { return s.Delete(t.Context(), p, first) },
			"React":  func() error { return s.React(t.Context(), p, first, "👍") },
			"Topic":  func() error { return s.SetTopic(t.Context(), p, "x") },
			"Upload": func() error {
				_, err := s.Upload(t.Context(), p, "", "", bot.File{Name: "a", Data: []byte("a")})
				return err
			},
			"Lookup":  func() error { _, err := s.Lookup(t.Context(), slacktest.Team, "@ann"); return err },
			"Members": func() error { _, _, err := s.Members(t.Context(), p, 5); return err },
			"Direct": func() error {
				_, err := s.Direct(t.Context(), bot.Actor{Workspace: slacktest.Team, User: slacktest.Ann}, p)
				return err
			},
			"Groups": func() error {
				_, err := s.Groups(t.Context(), bot.Actor{Workspace: slacktest.Team, User: slacktest.Ann}, []string{"slack:T0123/@triage", "slack:T0123/C0456"})
				return err
			},
			"Check": func() error { return s.Check(t.Context())[0] },
			"Complete": func() error {
				return slack.Complete(t.Context(), s, &bot.In{Actor: bot.Actor{Workspace: slacktest.Team, User: slacktest.Ann}, Place: p})
			},
		}
		for name, f := range ask {
			if err := f(); err == nil || strings.Contains(show(err), canary) || strings.Contains(show(err), "xoxb") {
				t.Errorf("%s: %s", name, show(err))
			}
		}
		w.Mend("*")
	}
}

func TestHomePublished(t *testing.T) {
	w := newOutside(t)
	s := w.life()
	var home bot.Home
	for range 60 {
		home.Cards = append(home.Cards, prompts.Card{Key: "k", Title: prompts.Line{{Text: "A flow <!channel>"}}, Blocks: []prompts.Block{prompts.Para{Line: prompts.Line{{Text: "fails"}}}},
			Buttons: []prompts.Button{{ID: "open", Label: "Open", Token: "t1"}}, Text: "A flow", Lang: "en"})
	}
	in := bot.In{ID: "1", Kind: bot.InHome, Actor: bot.Actor{Workspace: slacktest.Team, User: slacktest.Ann}, Place: w.place("")}
	for _, h := range []bot.Home{home, {Cards: home.Cards[:2]}, {}} {
		a, err := slack.Respond(in, h)
		if err != nil || a.Call == nil {
			t.Fatal(a, err)
		}
		if err := s.Send(t.Context(), *a.Call, in.Place); err != nil {
			t.Error(err)
		}
	}
	if w.spec.Seen("views.publish") != 3 {
		t.Error("the page was not published")
	}
}
