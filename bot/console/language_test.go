package console_test

import (
	"context"
	"io"
	"net/http"
	"strings"
	"testing"

	"github.com/bretelle/bretelle/bot/console"
	"github.com/bretelle/bretelle/engine"
	"github.com/bretelle/bretelle/prompts"
)

// A person chooses their language on the page; it is theirs on every surface, and they stay where they were.
func TestLanguageIsChosenOnThePage(t *testing.T) {
	var audit []engine.AuditEntry
	w := newWorld(t, func(o *console.Options) {
		o.Audit = func(_ context.Context, e ...engine.AuditEntry) error { audit = append(audit, e...); return nil }
	})
	b, p := w.login("Ann", engine.Admin)
	_, body := b.get("/c/general")
	if !strings.Contains(body, `lang="fr"><span class="brief"`) || !strings.Contains(body, "Direct messages") {
		t.Fatal(body)
	}
	for _, back := range []string{"/c/general", "//evil.example/x", "https://evil.example/", "/\\evil.example"} {
		status, _ := b.post("/language", "lang", "fr", "back", back)
		if status != http.StatusSeeOther {
			t.Errorf("%s: %d", back, status)
		}
	}
	if _, body = b.get("/c/general"); !strings.Contains(body, `<html lang="fr"`) || !strings.Contains(body, "English") {
		t.Error(body)
	}
	people, err := w.store.Persons(t.Context())
	w.must(err)
	if people[0].Lang != "fr" || people[0].Role != engine.Admin || len(audit) != 4 || audit[0].Actor != p.ID || audit[0].What != "person.language" {
		t.Errorf("%+v %+v", people, audit)
	}
	if status, _ := b.post("/language", "lang", "xx"); status != http.StatusBadRequest && status != http.StatusUnprocessableEntity {
		t.Errorf("xx: %d", status)
	}
}

// Whoever is not logged in yet is spoken to as their browser asks.
func TestLoginSpeaksAsTheBrowserAsks(t *testing.T) {
	w := newWorld(t)
	for accept, want := range map[string]string{"": "en", "fr-CH, fr;q=0.9, en;q=0.8": "fr", "en-GB,fr;q=0.5": "en", "de, fr;q=0.3": "fr", "fr;q=0, en;q=0.1": "en", "fr;q=x,;;,": "en"} {
		r, err := http.NewRequestWithContext(t.Context(), http.MethodGet, w.server.URL+"/login/some", nil)
		w.must(err)
		r.Header.Set("Accept-Language", accept)
		got, err := http.DefaultClient.Do(r)
		w.must(err)
		body, err := io.ReadAll(got.Body)
		_ = got.Body.Close()
		w.must(err)
		if !strings.Contains(string(body), `<html lang="`+want+`"`) || want == "fr" && !strings.Contains(string(body), "Se connecter") {
			t.Errorf("%q: not %s: %s", accept, want, body)
		}
	}
}

// The sidebar leads to a list of flows with their states, and to the tables.
func TestFlowsAreListed(t *testing.T) {
	w := newWorld(t, func(o *console.Options) {
		o.Flows = func(_ context.Context, person string) ([]engine.FlowHead, error) {
			return []engine.FlowHead{{Name: "bug-triage", Title: "Bugs <become> tickets", State: engine.FlowPaused}}, nil
		}
	})
	b, _ := w.login("Ann", engine.Admin)
	if _, body := b.get("/c/general"); !strings.Contains(body, `href="/flow"`) || !strings.Contains(body, `href="/table"`) {
		t.Error(body)
	}
	_, body := b.get("/flow")
	for _, want := range []string{`<a href="/flow/bug-triage">bug-triage</a>`, "paused", "Bugs &lt;become&gt; tickets"} {
		if !strings.Contains(body, want) {
			t.Errorf("no %q in %s", want, body)
		}
	}
}

// Names of flows and runs on a card lead to their pages, and to nothing else.
func TestNamesOnCardsAreLinks(t *testing.T) {
	for page, want := range map[string]string{"flow/hello": `<a class="subject" href="/flow/hello"><strong>x</strong></a>`, "run/12": `<a class="subject" href="/run/12"><strong>x</strong></a>`,
		"": `<strong>x</strong>`, "flow/": `<strong>x</strong>`, "flow/..": `<strong>x</strong>`, "flow/a/../b": `<strong>x</strong>`, "/evil.example": `<strong>x</strong>`, "logout/x": `<strong>x</strong>`} {
		got := string(console.RenderCard(prompts.Card{Title: prompts.Line{{Kind: prompts.Strong, Text: "x", Page: page}}}))
		if !strings.Contains(got, "<h3>"+want+"</h3>") {
			t.Errorf("%q: %s", page, got)
		}
	}
}
