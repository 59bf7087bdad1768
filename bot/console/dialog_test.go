package console_test

import (
	"bufio"
	"context"
	"net/http"
	"net/url"
	"strings"
	"testing"

	"github.com/bretelle/bretelle/bot"
	"github.com/bretelle/bretelle/bot/console"
	"github.com/bretelle/bretelle/engine"
	"github.com/bretelle/bretelle/prompts"
)

// restart is a second console over the same store, as after a restart of the process.
func (w *world) restart() *world {
	w.t.Helper()
	next := newWorld(w.t, func(o *console.Options) { o.Messages, o.People = w.store, w.store })
	next.store = w.store
	return next
}

// What is typed into a dialog is there after a restart; words that may hold a secret are not.
func TestTypedTextSurvivesARestart(t *testing.T) {
	w := newWorld(t)
	w.bot.do = builder()
	b, p := w.login("Ann", engine.Admin)
	b.get("/c/general")
	b.post("/c/general/press", "token", "open", "id", "1")
	if status, _ := b.post("/keep", "token", "step", "f.url", "https://typed.example", "f.who", "bob"); status != http.StatusOK {
		t.Fatalf("keeping: %d", status)
	}
	if status, _ := b.post("/keep", "token", "another", "f.url", "https://lost.example"); status != http.StatusOK {
		t.Fatalf("keeping another's: %d", status)
	}
	next := w.restart()
	old, err := url.Parse(w.server.URL)
	w.must(err)
	again := next.browser()
	home, err := url.Parse(next.server.URL)
	w.must(err)
	var cookies []*http.Cookie
	for _, c := range b.c.Jar.Cookies(old) { // named after the port, which is another one here
		cookies = append(cookies, &http.Cookie{Name: "bretelle_" + home.Port(), Value: c.Value})
	}
	again.c.Jar.SetCookies(home, cookies)
	_, page := again.get("/c/general")
	if !strings.Contains(page, `value="https://typed.example"`) || !strings.Contains(page, `data-kept="open"`) || strings.Contains(page, "changes things") {
		t.Errorf("after a restart the page is %s", page)
	}
	if _, page := again.get("/c/triage"); strings.Contains(page, "typed.example") {
		t.Error("the dialog is open in another channel too")
	}
	other, _ := w.login("Bob", engine.Admin)
	if _, page := other.get("/c/general"); strings.Contains(page, "typed.example") {
		t.Error("Bob sees what Ann types")
	}
	again.get("/c/general")
	next.bot.do = builder()
	again.post("/c/general/submit", "token", "step", "f.url", "https://x.example", "id", "2")
	if v, err := w.store.Setting(t.Context(), "console.dialog."+p.ID); err != nil || v != "" {
		t.Errorf("an answered dialog is kept: %q %v", v, err)
	}
}

// A button in a dialog's body is handed to the bot as an act, and as nothing else; its lost answer comes again.
func TestActs(t *testing.T) {
	w := newWorld(t)
	w.bot.do = builder()
	b, _ := w.login("Ann", engine.Admin)
	b.get("/c/general")
	for range 2 {
		if _, body := b.post("/c/general/submit", "token", "step", "value", "act insert", "f.insert", "field-3", "f.body", "x", "id", "one"); !strings.Contains(body, "field-3") {
			t.Errorf("answered %s", body)
		}
	}
	deeds := w.bot.deeds()
	if len(deeds) != 1 || deeds[0].Value != bot.ActPrefix+"insert" || deeds[0].Fields["insert"] != "field-3" {
		t.Errorf("handed over %+v", deeds)
	}
	for _, value := range []string{"page 2", "act " + strings.Repeat("x", 300)} {
		if status, _ := b.post("/c/general/submit", "token", "step", "value", value, "id", "two"); status != http.StatusUnprocessableEntity {
			t.Errorf("%.10q answered %d", value, status)
		}
	}
}

// What is posted to a person alone reaches only their pages, and in the order it was written.
func TestDirectMessagesArePrivate(t *testing.T) {
	w := newWorld(t)
	ann, p := w.login("Ann", engine.Admin)
	bob, _ := w.login("Bob", engine.Admin)
	ctx := context.Background()
	at, err := w.console.Direct(ctx, bot.Actor{Person: p.ID}, place("#general"))
	w.must(err)
	for i := range 130 {
		to := place("#triage")
		if i%2 == 0 {
			to = at
		}
		_, err := w.console.Post(ctx, to, "", prompts.Card{Key: "builder:flow-" + string(rune('a'+i%26)) + string(rune('a'+i/26)), Title: prompts.Line{{Text: "card"}}, Text: "card"})
		w.must(err)
	}
	if _, err := w.console.Direct(ctx, bot.Actor{User: "nobody"}, place("#general")); engine.CodeOf(err) != engine.NotFound {
		t.Errorf("of nobody: %v", err)
	}
	count := func(b *browser, want int) (direct, all int) {
		s, last := bufio.NewScanner(b.stream("triage").Body), ""
		s.Buffer(nil, 1<<20)
		for all < want && s.Scan() {
			if id, ok := strings.CutPrefix(s.Text(), "id: "); ok {
				if len(id) < len(last) || len(id) == len(last) && id <= last {
					t.Errorf("%s comes after %s", id, last)
				}
				last = id
			}
			if strings.HasPrefix(s.Text(), "data: ") {
				all++
				if strings.Contains(s.Text(), `"draft":"builder:`) {
					direct++
				}
			}
		}
		return direct, all
	}
	if direct, _ := count(ann, 130); direct != 65 {
		t.Errorf("Ann was sent %d drafts", direct)
	}
	if direct, _ := count(bob, 65); direct != 0 {
		t.Errorf("Bob was sent %d of Ann's drafts", direct)
	}
	for _, path := range []string{"/c/@" + p.ID, "/events/@" + p.ID + "?since=0", "/complete/@" + p.ID, "/look/@" + p.ID} {
		if status, _ := bob.get(path); status != http.StatusForbidden {
			t.Errorf("%s: %d", path, status)
		}
	}
	bob.get("/c/general")
	if status, _ := bob.post("/c/@"+p.ID+"/send", "text", "hello"); status != http.StatusForbidden {
		t.Errorf("Bob writes there: %d", status)
	}
}
