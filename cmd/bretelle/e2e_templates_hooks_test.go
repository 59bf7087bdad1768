package main

import (
	"bytes"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"
	"net/http"
	"os"
	"regexp"
	"strings"
	"testing"
)

// githubSends posts a delivery to a flow's address, signed as GitHub signs, and gives the status.
func githubSends(t *testing.T, b *botProcess, path, event, id, secret string, body []byte) int {
	t.Helper()
	r, err := http.NewRequest(http.MethodPost, b.hooks+path, bytes.NewReader(body))
	if err != nil {
		t.Fatal(err)
	}
	mac := hmac.New(sha256.New, []byte(secret))
	mac.Write(body)
	r.Header.Set("Content-Type", "application/json")
	r.Header.Set("X-GitHub-Event", event)
	r.Header.Set("X-GitHub-Delivery", id)
	r.Header.Set("X-Hub-Signature-256", "sha256="+hex.EncodeToString(mac.Sum(nil)))
	resp, err := hookClient.Do(r)
	if err != nil {
		t.Fatal(err)
	}
	_ = resp.Body.Close()
	return resp.StatusCode
}

// hookSecretOf reads the secret of a draft in the dialog that shows it once, where its owner looks for it.
func (b *botProcess) hookSecretOf(flow string, draft cardJSON) string {
	b.t.Helper()
	shown := b.cli("chat", "--as", "ann", "--in", "#sales", "--press", "secret", "--card", draft.ID)
	if again := b.cli("chat", "--as", "ann", "--in", "#sales", "--press", "secret", "--card", draft.ID); !strings.Contains(again, "is kept sealed and not shown again") {
		b.t.Errorf("the secret is shown again:\n%s", again)
	}
	m := regexp.MustCompile(`(?m)^\s*Secret\s+([0-9a-f]{64})`).FindStringSubmatch(shown)
	if m == nil {
		b.t.Fatalf("no secret in\n%s", shown)
	}
	says(b.t, "the dialog", shown, "In GitHub: Settings → Webhooks → Add webhook", b.hooks+flow)
	return m[1]
}

// TestTemplateBugTriage: a bug opened on GitHub is asked about and becomes a ticket in the tracker, once; what is no
// bug is skipped. The dialog asks for nothing but who decides and where the tracker is.
func TestTemplateBugTriage(t *testing.T) {
	t.Parallel()
	b, rc := newTeam(t), newReceiver(t)
	b.secret("tracker", "a-tracker-token", "--origin", rc.URL, "--header", "Authorization")
	draft := b.draftOf("bug-triage", "channel=#sales", "group=@sales", "tracker="+rc.URL+"/tickets", "account=tracker", "private=true")
	secret := b.hookSecretOf("bug-triage", draft)
	b.publish("bug-triage", draft)
	own := ownDeliveries(t)
	for i := range 2 { // GitHub delivers again what it is unsure of
		want := []int{http.StatusAccepted, http.StatusOK}[i]
		if got := githubSends(t, b, "bug-triage", own[0].event, own[0].id, secret, own[0].body); got != want {
			t.Fatalf("delivery %d was answered %d", i+1, got)
		}
	}
	if got := githubSends(t, b, "bug-triage", own[1].event, own[1].id, "another secret", own[1].body); got != http.StatusUnauthorized {
		t.Errorf("a delivery signed with another secret was answered %d", got)
	}
	for _, d := range own[6:11] { // pull requests, a comment, a ping and a push
		if got := githubSends(t, b, "bug-triage", d.event, d.id, secret, d.body); got != http.StatusOK {
			t.Errorf("%s was answered %d", d.name, got)
		}
	}
	card := b.open("Ticket for", own[0].title(t), "POST "+rc.URL+"/tickets")
	if n := len(rc.requests()); n != 0 {
		t.Fatalf("%d calls before anybody approved", n)
	}
	b.approve("bob", card)
	b.settled("bug-triage", 1)
	got := rc.requests()
	if len(got) != 1 || !strings.Contains(got[0].Body, own[0].title(t)) || got[0].Header.Get("Authorization") != "a-tracker-token" {
		t.Fatalf("the tracker got %+v", got)
	}
	b.card("bob", "#sales", "A ticket was made for", own[0].title(t))
}

// TestTemplateRelease: a release published on GitHub is announced as somebody edited it, once, also when the bot is
// killed while it asks; a draft or a preview is not.
func TestTemplateRelease(t *testing.T) {
	t.Parallel()
	b := newTeam(t)
	draft := b.draftOf("release-announcement", "channel=#sales", "group=@sales", "audience=#news")
	secret := b.hookSecretOf("release-announcement", draft)
	b.publish("release-announcement", draft)
	body, err := os.ReadFile("testdata/release.published.json")
	if err != nil {
		t.Fatal(err)
	}
	preview := bytes.Replace(body, []byte(`"prerelease": false`), []byte(`"prerelease": true`), 1)
	if bytes.Equal(preview, body) {
		t.Fatal("the delivery does not say that it is no preview")
	}
	if got := githubSends(t, b, "release-announcement", "release", "r-1", secret, preview); got != http.StatusOK {
		t.Errorf("a preview was answered %d", got)
	}
	if got := githubSends(t, b, "release-announcement", "release", "r-2", secret, body); got != http.StatusAccepted {
		t.Fatalf("a release was answered %d", got)
	}
	card := b.open("Announce bretelle-demo v1.2.0?", "Faster by half")
	b.kill()
	b.start()
	card = b.open("Announce bretelle-demo v1.2.0?")
	b.cli("chat", "--as", "kim", "--in", "#sales", "--press", "edit", "--card", card.ID)
	b.cli("chat", "--as", "kim", "--in", "#sales", "--submit", "announce.text=v1.2.0 is out. Twice as fast!")
	b.settled("release-announcement", 1)
	b.card("bob", "#news", "v1.2.0 is out. Twice as fast!")
	if n := strings.Count(b.transcript("bob", "#news"), "v1.2.0 is out"); n != 1 {
		t.Errorf("it was announced %d times:\n%s", n, b.transcript("bob", "#news"))
	}
}
