package contact_test

import (
	"context"
	"encoding/json"
	"io"
	"net/http"
	"strings"
	"sync"
	"testing"

	"github.com/bretelle/bretelle/connectors"
	"github.com/bretelle/bretelle/connectors/connectortest"
	"github.com/bretelle/bretelle/connectors/contact"
	"github.com/bretelle/bretelle/connectors/counterparttest"
	"github.com/bretelle/bretelle/engine"
)

func TestContract(t *testing.T) { connectortest.Run(t, contact.New(), connectortest.Options{}) }

// A real address book: made once by many at once, found, completed, changed by others, never overwritten.
func TestRealBook(t *testing.T) {
	book := counterparttest.Radicale(t)
	cat, err := connectors.NewCatalog(contact.New())
	if err != nil {
		t.Fatal(err)
	}
	p := connectors.NewPerformer(cat, connectors.Exits{Secrets: connectortest.Secrets{List: []engine.Credential{
		{Name: "people", Origin: book.URL, User: book.User, Value: engine.NewSecret(book.Password)},
		{Name: "wrong", Origin: book.URL, User: book.User, Value: engine.NewSecret("wrong-password")}}}})
	defer p.Close()
	perform := func(key string, in map[string]any) engine.Result {
		base := map[string]any{"account": "people", "book": "/bot/people/", "name": "Zoë Ångström; Jr.", "email": "Zoe@example.org", "allow_private": true}
		for k, v := range in {
			base[k] = v
		}
		b, err := json.Marshal(base)
		if err != nil {
			t.Fatal(err)
		}
		return p.Perform(context.Background(), engine.Task{Action: "contact.card.find_or_create", Key: key, Input: b})
	}
	output := func(r engine.Result) (out contact.Output) {
		t.Helper()
		if r.Failure != nil {
			t.Fatalf("%v %+v", r.Failure.Error(), r.Failure)
		}
		if err := json.Unmarshal(r.Output, &out); err != nil {
			t.Fatal(err)
		}
		return out
	}
	var wait sync.WaitGroup
	results := make([]engine.Result, 6)
	for i := range results {
		wait.Go(func() { results[i] = perform(string(rune('a'+i)), map[string]any{"note": "first"}) })
	}
	wait.Wait()
	made, uids := 0, map[string]bool{}
	for _, r := range results {
		out := output(r)
		uids[out.UID] = true
		if out.Created {
			made++
		}
	}
	if made != 1 || len(uids) != 1 {
		t.Fatalf("%d were made, under %v", made, uids)
	}
	first := output(perform("again", nil))
	if first.Created || first.Name != "Zoë Ångström; Jr." || first.Email != "zoe@example.org" {
		t.Errorf("found as %+v", first)
	}
	other := func(method, body string) string {
		req, err := http.NewRequest(method, first.URL, strings.NewReader(body))
		if err != nil {
			t.Fatal(err)
		}
		req.SetBasicAuth(book.User, book.Password)
		resp, err := http.DefaultClient.Do(req)
		if err != nil {
			t.Fatal(err)
		}
		defer func() { _ = resp.Body.Close() }()
		b, err := io.ReadAll(resp.Body)
		if err != nil {
			t.Fatal(err)
		}
		return string(b)
	}
	card := other("GET", "")
	if !strings.Contains(card, "NOTE:first") {
		t.Errorf("it lies there as %s", card)
	}
	other("PUT", strings.Replace(card, "NOTE:first", "NOTE:first\r\nTEL:+41 1\r\nX-OWN:kept", 1))
	if out := output(perform("later", map[string]any{"note": "second", "phone": "+41 2", "job": "Chief", "update": true})); !out.Updated || out.Created {
		t.Errorf("completed as %+v", out)
	}
	card = other("GET", "")
	for _, want := range []string{`NOTE:first\nsecond`, "TEL:+41 1", "TITLE:Chief", "X-OWN:kept"} {
		if !strings.Contains(card, want) {
			t.Errorf("it lacks %q: %s", want, card)
		}
	}
	if strings.Contains(card, "+41 2") {
		t.Errorf("what a person wrote was overwritten: %s", card)
	}
	if r := perform("x", map[string]any{"account": "wrong"}); r.Failure == nil || r.Failure.Class != engine.Unauthorized || strings.Contains(r.Failure.Said, "wrong-password") {
		t.Errorf("a wrong password gives %+v", r.Failure)
	}
	if r := perform("x", map[string]any{"book": "/bot/nothing/"}); r.Failure == nil || r.Failure.Class != engine.Rejected {
		t.Errorf("no such book gives %+v", r.Failure)
	}
	if r := perform("x", map[string]any{"allow_private": false}); r.Failure == nil || r.Failure.Class != engine.Forbidden {
		t.Errorf("this machine without allow_private gives %+v", r.Failure)
	}
	// Its e-mail was changed by hand, so the address is taken: the next one is another contact.
	other("PUT", strings.ReplaceAll(card, "zoe@example.org", "other@example.org"))
	if out := output(perform("new", nil)); !out.Created || out.UID == first.UID {
		t.Errorf("after the e-mail was changed: %+v", out)
	}
}
