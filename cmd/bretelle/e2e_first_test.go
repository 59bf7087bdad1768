package main

import (
	"net"
	"net/http"
	"os"
	"strings"
	"testing"
	"time"
)

func serveLocal(t testing.TB, h http.Handler) string {
	t.Helper()
	ln, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	srv := &http.Server{Handler: h, ReadHeaderTimeout: 10 * time.Second}
	go func() { _ = srv.Serve(ln) }()
	t.Cleanup(func() { _ = srv.Close() })
	return "http://" + ln.Addr().String()
}

// triage sets up bug triage as in the examples: ann is admin, bob and kim are in @triage, the tracker is rc.
func triage(t *testing.T, b *botProcess, rc *receiver) {
	t.Helper()
	b.cli("person", "add", "ann", "--role", "admin")
	b.cli("person", "add", "bob")
	b.cli("person", "add", "kim")
	b.cli("person", "add", "zoe")
	b.cli("group", "set", "triage", "bob", "kim")
	b.cli("channel", "add", "#triage")
	b.secret("github_bugs", hookSecret)
	b.apply(triageFlow(t, rc.URL+"/tickets"))
}

const hookSecret = "a-secret-for-deliveries-2791"

func triageFlow(t *testing.T, url string) string {
	t.Helper()
	text, err := os.ReadFile("examples/bug-triage.yaml")
	if err != nil {
		t.Fatal(err)
	}
	return strings.ReplaceAll(string(text), "http://127.0.0.1:7790/tickets", url)
}

// TestFirstRun is the story in small: a signed delivery asks in the channel, a person approves, one call is made, a
// message stands there.
func TestFirstRun(t *testing.T) {
	b, rc := newBot(t), newReceiver(t)
	b.start()
	triage(t, b, rc)
	out := b.cli("hook", "send", "github-bugs", "-f", "testdata/deliveries/01.issues.json", "--event", "issues")
	if !strings.Contains(out, "202 accepted, run #1") {
		t.Fatalf("hook send said %q", out)
	}
	c := b.card("bob", "#triage", "Ticket for \"The login page stays white\"?", "POST "+rc.URL+"/tickets")
	if !c.offers("approve") || !c.offers("edit") || !c.offers("deny") || c.State != "open" {
		t.Errorf("the card offers %v and is %s", c.Buttons, c.State)
	}
	if n := len(rc.requests()); n != 0 {
		t.Fatalf("%d calls before anybody approved", n)
	}
	b.cli("chat", "--as", "bob", "--in", "#triage", "--press", "approve")
	b.await(1, "done")
	if got := rc.requests(); len(got) != 1 || !strings.Contains(got[0].Body, "The login page stays white") {
		t.Errorf("the tracker got %+v", got)
	}
	b.card("bob", "#triage", "Ticket 1 for \"The login page stays white\"")
	if c := b.card("bob", "#triage", "bob approved at"); c.offers("approve") || c.State == "open" {
		t.Errorf("the decided card still offers %v and is %s", c.Buttons, c.State)
	}
}
