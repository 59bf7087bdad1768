package main

import (
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/bretelle/bretelle/bot/slack/slacktest"
)

// passing are the secrets that come with deliveries: a response_url, an interaction's token; each is good for minutes and
// as good as ours. The test servers make them like this.
var passing = regexp.MustCompile(`/back/[A-Za-z0-9]|token[0-9]{15,}`)

// Issue 4, RELIABILITY A-13: after whole conversations on both platforms, the tokens of bots and of the app, the signing
// and the client secret, response_urls and the tokens of interactions are in no log, error, card, export or command's
// output, and nowhere in the bytes of the data directory; Discord's session is in no log or output.
func TestCanarySecretsOfPlatforms(t *testing.T) {
	s := heldSlack(t)
	b, d := liveDiscord(t)
	secrets := canaries{"Slack's bot token": s.Token(slacktest.Team), "Slack's app token": slacktest.AppToken, "Discord's token": aBotToken,
		"the signing secret": s.Signing, "the client secret": "client-Canary/18+d~e"}
	b.env = append(b.env, envSlackURL+"="+s.URL, envSlackBot+"="+s.Token(slacktest.Team), envSlackID+"=1.2", envSlackSecret+"="+secrets["the client secret"])
	b.start(envSlackApp + "=" + slacktest.AppToken)
	b.sees(b.log, "connected")
	ann, bob := s.Client(slacktest.Ann), d.Client(discordBob)
	ann.Command("/flow admin claim " + b.code() + " Ann")
	b.sees(ann.Screen, "You are Ann now")
	bob.Command("admin claim", "code", b.codeFor("Bob"), "name", "Bob")
	b.sees(bob.Screen, "You are Bob now")
	b.apply(strings.Replace(hookFlow("asked", `
  - id: review
    ask: approval
    covers: [say]
    with: {title: "Post {{ event.body.title }}?", by: {any: ["@Ann", "@Bob"]}, edit: [say.text], in: ["slack:`+slacktest.Team+`/#triage", "`+discordRoom+`"]}
  - {id: say, do: chat.message.post, with: {text: "It says {{ event.body.title }}"}}
`), `"#ops"`, `"slack:`+slacktest.Team+`/#triage"`, 1))
	n := b.send("asked", `{"title": "one"}`)
	b.sees(ann.Screen, "Post one?", "Approve")
	b.sees(bob.Screen, "Post one?", "Approve")
	ann.Command("/flow list")     // a private answer, by response_url
	ann.Command("/flow nonsense") // an error
	ann.OpenHome("home")
	ann.Say("<@U0BOT> hello", "")
	bob.Command("home")
	bob.Press("Approve")
	b.await(n, "done")
	b.sees(ann.Screen, "It says one")
	n = b.send("asked", `{"title": "two"}`)
	b.sees(ann.Screen, "Post two?")
	b.sees(bob.Screen, "Post two?")
	ann.Press("Deny")
	ann.Set("reason", "no")
	ann.Save()
	b.await(n, "stopped", "denied", "cancelled", "failed", "done")
	s.Fault("response_url", slacktest.Fault{Status: 500}) // what goes wrong is logged
	ann.Command("/flow list")
	s.Mend("response_url")
	s.Fault("chat.postMessage", slacktest.Fault{Error: "fatal_error", Times: 1})
	b.send("asked", `{"title": "three"}`)
	b.sees(ann.Screen, "Post three?")

	seen := func(where, text string) {
		t.Helper()
		secrets.absent(t, where, []byte(text))
		if m := passing.FindString(text); m != "" {
			t.Errorf("%s holds %q", where, m)
		}
		if strings.Contains(text, "session-") {
			t.Errorf("%s holds Discord's session", where)
		}
	}
	for _, args := range [][]string{{"doctor"}, {"doctor", "--json"}, {"setup", "slack"}, {"setup", "slack", "--check"}, {"setup", "discord"}, {"setup", "slack", "--install"}, {"flow", "export", "asked"},
		{"run", "show", "1", "--json"}, {"person", "list", "--json"}, {"secret", "list"}, {"chat", "--as", "Ann", "--in", "#general", "--json"}} {
		out, _ := b.try("", args...)
		seen(strings.Join(args, " "), out)
	}
	seen("the screen in Slack", ann.Screen()+ann.HomeText())
	seen("the screen in Discord", bob.Screen())
	b.kill()
	secrets.absentFrom(t, "after kill -9", b.dir)
	b.start(envSlackSigning + "=" + s.Signing) // what was under way is worked off; the rest comes by HTTP
	s.Events = strings.TrimSuffix(b.hooks, "/hooks/") + "/slack/events"
	ann.Command("/flow list")
	b.stop()
	secrets.absentFrom(t, "after a clean stop", b.dir)
	seen("the log", b.log()+b.out())
	err := filepath.WalkDir(b.dir, func(path string, e fs.DirEntry, err error) error {
		if err != nil || !e.Type().IsRegular() {
			return err
		}
		raw, err := os.ReadFile(path)
		if at := passing.FindIndex(raw); at != nil {
			t.Errorf("%s holds a delivery's secret: …%q…", e.Name(), raw[max(0, at[0]-200):min(len(raw), at[1]+20)])
		}
		return err
	})
	if err != nil {
		t.Error(err)
	}
	keeps(t, b.dir, "It says")
}
