package main

import (
	"net/http"
	"net/url"
	"regexp"
	"strings"
	"testing"

	"github.com/bretelle/bretelle/bot"
	"github.com/bretelle/bretelle/bot/slack"
	"github.com/bretelle/bretelle/connectors/counterparttest"
)

var hidden = regexp.MustCompile(`name="([a-z_]+)" value="([^"]*)"`)

// The same against an emulated Slack that is not ours: authorize, code, token; the token works, the code does not work
// again.
func TestInstallWithEmulate(t *testing.T) {
	seed := map[string]any{"slack": map[string]any{"team": map[string]any{"name": "Example"}, "users": []any{map[string]any{"name": "ann"}}}}
	real := counterparttest.Emulate(t, seed)
	i := newInstalling(t, real.URL)
	to := i.begin(bot.Operator)
	status, _, body := i.open(i.browser, to.String())
	if status != http.StatusOK {
		t.Fatalf("authorize is answered %d %s", status, body)
	}
	form := url.Values{}
	for _, m := range hidden.FindAllStringSubmatch(body, -1) {
		if form.Get(m[1]) == "" {
			form.Set(m[1], strings.NewReplacer("&amp;", "&", "&quot;", `"`).Replace(m[2]))
		}
	}
	resp, err := i.browser.PostForm(real.URL+"/oauth/v2/authorize/callback", form)
	if err != nil {
		t.Fatal(err)
	}
	_ = resp.Body.Close()
	back := resp.Header.Get("Location")
	if !strings.HasPrefix(back, i.url+slack.OAuthPath) {
		t.Fatalf("Slack sends the browser to %q", back)
	}
	status, _, body = i.open(i.browser, back)
	if status != http.StatusOK {
		t.Fatalf("%d %s", status, body)
	}
	teams := i.installed()
	if len(teams) != 1 {
		t.Fatalf("installed in %v: %s", teams, body)
	}
	token, err := i.app.tokens.Token(t.Context(), teams[0])
	if err != nil {
		t.Fatal(err)
	}
	asked := &slackTokens{env: token, api: slackAPI{url: real.URL + "/api/"}, vault: i.app.vault}
	if team, _, err := asked.mine(t.Context()); err != nil || team != teams[0] {
		t.Errorf("the token is of %s: %v", team, err)
	}
	u, err := url.Parse(back)
	if err != nil {
		t.Fatal(err)
	}
	state := i.begin(bot.Operator).Query().Get("state")
	status, _, body = i.open(i.browser, i.back(url.Values{"code": u.Query()["code"], "state": {state}}))
	if status != http.StatusForbidden || !strings.Contains(body, "invalid_code") {
		t.Errorf("the code again: %d %s", status, body)
	}
}
