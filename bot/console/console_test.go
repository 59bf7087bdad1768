package console_test

import (
	"bufio"
	"context"
	"encoding/json"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/bretelle/bretelle/bot"
	"github.com/bretelle/bretelle/bot/console"
	"github.com/bretelle/bretelle/engine"
	"github.com/bretelle/bretelle/prompts"
)

func TestFirstAdmin(t *testing.T) {
	w := newWorld(t)
	token, b := w.link(""), w.browser()
	second := w.link("") // left over from another start
	for range 2 {        // a link scanner opens it as often as it likes
		if status, body := b.get("/login/" + token); status != 200 || !strings.Contains(body, "What should people call you?") {
			t.Fatalf("%d %s", status, body)
		}
	}
	if status, body := b.post("/login/"+token, "name", "a b"); status != 422 || !strings.Contains(body, "cannot be a name") || !strings.Contains(body, `value="a b"`) {
		t.Fatalf("a bad name: %d %s", status, body)
	}
	if status, _ := b.post("/login/"+token, "name", "Ann"); status != http.StatusSeeOther {
		t.Fatalf("login answered %d", status)
	}
	if all, err := w.store.Persons(t.Context()); err != nil || len(all) != 1 || all[0].Name != "Ann" || all[0].Role != engine.Admin {
		t.Errorf("persons: %+v %v", all, err)
	}
	if status, body := b.get("/c/general"); status != 200 || !strings.Contains(body, "Flows live in channels") {
		t.Errorf("the channel: %d %s", status, body)
	}
	if status, _ := w.browser().post("/login/"+token, "name", "Eve"); status != http.StatusUnauthorized {
		t.Errorf("the link worked twice: %d", status)
	}
	if status, _ := w.browser().post("/login/"+second, "name", "Eve"); status != http.StatusForbidden {
		t.Errorf("a late first-admin link: %d", status)
	}
}

func TestLoginGivesANewSessionAndEnds(t *testing.T) {
	w := newWorld(t)
	b, p := w.login("Ann", engine.Admin)
	r, _ := http.NewRequest("GET", w.server.URL, nil)
	before := b.c.Jar.Cookies(r.URL)[0].Value
	if status, _ := b.post("/login/" + w.link(p.ID)); status != http.StatusSeeOther {
		t.Fatal("second login failed")
	}
	if after := b.c.Jar.Cookies(r.URL)[0].Value; after == before {
		t.Error("the session id did not change at login")
	}
	old := w.browser()
	old.c.Jar.SetCookies(r.URL, []*http.Cookie{{Name: b.c.Jar.Cookies(r.URL)[0].Name, Value: before}})
	if status, _ := old.get("/c/general"); status != http.StatusUnauthorized {
		t.Errorf("the session from before the login still works: %d", status)
	}
	b.get("/c/general")
	if status, _ := b.post("/logout"); status != 200 {
		t.Errorf("logout: %d", status)
	}
	if status, _ := b.get("/c/general"); status != http.StatusUnauthorized {
		t.Errorf("after logout: %d", status)
	}
	late := w.link(p.ID)
	w.pass(11 * time.Minute)
	if status, _ := b.post("/login/" + late); status != http.StatusUnauthorized {
		t.Errorf("a link of eleven minutes ago: %d", status)
	}
}

func TestLoginGuessesAreLimited(t *testing.T) {
	w := newWorld(t)
	_, p := w.login("Ann", engine.Admin)
	b := w.browser()
	for i := range 10 {
		if status, _ := b.post("/login/AAAA-AAAA"); status != http.StatusUnauthorized {
			t.Fatalf("guess %d: %d", i, status)
		}
	}
	good := w.link(p.ID)
	if status, _ := b.post("/login/" + good); status != http.StatusTooManyRequests {
		t.Errorf("the eleventh try: %d", status)
	}
	w.pass(time.Minute)
	if status, _ := b.post("/login/" + good); status != http.StatusSeeOther {
		t.Errorf("a minute later: %d", status)
	}
}

func TestCSRFAndForeignSites(t *testing.T) {
	w := newWorld(t)
	b, _ := w.login("Ann", engine.Admin)
	good := b.csrf
	for _, bad := range []string{"", "x", good[:len(good)-1]} {
		b.csrf = bad
		if status, _ := b.post("/c/general/send", "text", "hello"); status != http.StatusForbidden {
			t.Errorf("csrf %q: %d", bad, status)
		}
	}
	b.csrf = good
	r, _ := http.NewRequest("POST", w.server.URL+"/c/general/send", strings.NewReader("text=x&csrf="+good))
	r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	r.Header.Set("Origin", "https://evil.example")
	if status, _ := b.do(r); status != http.StatusForbidden {
		t.Errorf("another site's form: %d", status)
	}
	if len(w.bot.deeds()) != 0 {
		t.Errorf("the bot heard %v", w.bot.deeds())
	}
	if status, _ := b.post("/c/general/send", "text", "hello"); status != 200 || len(w.bot.deeds()) != 1 {
		t.Errorf("the right token: %d", status)
	}
}

func TestHostsOfOtherNamesAreRefused(t *testing.T) {
	w := newWorld(t, func(o *console.Options) { o.Host = "bots.example.org" })
	_, port, _ := strings.Cut(strings.TrimPrefix(w.server.URL, "http://"), ":")
	for host, want := range map[string]int{
		"127.0.0.1:" + port: 200, "localhost:" + port: 200, "[::1]:" + port: 200, "bots.example.org": 200, "BOTS.example.org": 200,
		"evil.example": 421, "evil.example:" + port: 421, "127.0.0.1.evil.example": 421, "bots.example.org.evil.example": 421, "10.0.0.1": 421,
	} {
		r, _ := http.NewRequest("GET", w.server.URL+"/healthz", nil)
		r.Host = host
		if status, _ := w.browser().do(r); status != want {
			t.Errorf("Host %q: %d, want %d", host, status, want)
		}
	}
}

func TestPressesDialogsAndErrors(t *testing.T) {
	w := newWorld(t)
	b, p := w.login("Ann", engine.Admin)
	form := prompts.Form{Token: "f1", Title: "Edit", Submit: "Save", Fields: []prompts.Field{{Name: "body", Label: "Body", Kind: prompts.FieldText}}}
	w.bot.do = func(in bot.In) (bot.Reply, error) {
		switch {
		case in.Kind == bot.InPress && in.Token == "edit":
			return bot.Dialog{Form: form}, nil
		case in.Kind == bot.InSubmit && in.Fields["body"] == "boom":
			return nil, engine.AsError(context.DeadlineExceeded)
		case in.Kind == bot.InSubmit && in.Fields["body"] == "bang":
			panic("a defect")
		case in.Kind == bot.InSubmit && in.Fields["body"] != "good":
			return bot.FieldErrors{Form: form, Errors: map[string]string{"body": "needs a <project>"}}, nil
		case in.Kind == bot.InCommand:
			return nil, engine.E(engine.NotFound, `I know no "{command}"`, "command", in.Text)
		}
		return bot.Nothing{}, nil
	}
	status, body := b.post("/c/triage/press", "token", "edit", "id", "d1")
	if status != 200 || !strings.Contains(body, `"kind":"form"`) {
		t.Fatalf("press: %d %s", status, body)
	}
	status, body = b.post("/c/triage/submit", "token", "f1", "f.body", "my long text", "id", "d2")
	var a struct{ Kind, HTML string }
	if err := json.Unmarshal([]byte(body), &a); err != nil || status != 200 {
		t.Fatalf("submit: %d %s", status, body)
	}
	if !strings.Contains(a.HTML, "my long text") || !strings.Contains(a.HTML, "needs a &lt;project&gt;") || !strings.Contains(a.HTML, "aria-invalid") {
		t.Errorf("the form lost what was typed or why it is wrong: %s", a.HTML)
	}
	if status, body = b.post("/c/triage/submit", "token", "f1", "f.body", "boom", "id", "d2"); status != 500 || !strings.Contains(body, "4F2A") {
		t.Errorf("an internal error: %d %s", status, body)
	}
	if status, body = b.post("/c/triage/submit", "token", "f1", "f.body", "bang", "id", "d2"); status != 500 || !strings.Contains(body, "4F2A") || strings.Contains(body, "defect") {
		t.Errorf("a panic: %d %s", status, body)
	}
	if status, body = b.post("/c/triage/submit", "token", "f1", "f.body", "good", "id", "d2"); status != 200 || !strings.Contains(body, `"kind":"ok"`) {
		t.Errorf("the mended form: %d %s", status, body)
	}
	n := len(w.bot.deeds())
	b.post("/c/triage/submit", "token", "f1", "f.body", "good", "id", "d2")
	if len(w.bot.deeds()) != n {
		t.Error("a repeated delivery was worked twice")
	}
	if in := w.bot.deeds()[0]; in.Actor.User != p.ID || in.Actor.Surface != "console" || in.Place.Channel != "#triage" {
		t.Errorf("the bot was given %+v", in)
	}
	b.post("/c/triage/send", "text", "/flow pubish")
	if _, page := b.get("/c/triage"); !strings.Contains(page, "/flow pubish") || !strings.Contains(page, "I know no") {
		t.Error("the command's echo or its answer is missing")
	}
	other, _ := w.login("Bob", engine.Viewer)
	if _, page := other.get("/c/triage"); strings.Contains(page, "I know no") {
		t.Error("a private answer is shown to somebody else")
	}
}

func TestPostTwiceIsOneMessage(t *testing.T) {
	w := newWorld(t)
	ctx, card := t.Context(), prompts.Card{Key: "ask:1", Text: "first"}
	ref, err := w.console.Post(ctx, place("#triage"), "", card)
	w.must(err)
	before, err := w.store.LastMessages(ctx, place("#triage"), 10)
	w.must(err)
	w.pass(time.Hour)
	card.Text = "second"
	again := console.New(console.Options{Messages: w.store, People: w.store, Now: w.clock}) // after a restart that lost the reference
	ref2, err := again.Post(ctx, place("#triage"), "", card)
	w.must(err)
	after, err := w.store.LastMessages(ctx, place("#triage"), 10)
	w.must(err)
	if ref != ref2 || len(after) != 1 || after[0].Text != "second" || after[0].At != before[0].At || after[0].Edited == 0 {
		t.Errorf("refs %s %s, messages %+v", ref, ref2, after)
	}
	if ref3, err := w.console.Post(ctx, place("#general"), "", card); err != nil || ref3 == ref {
		t.Errorf("the same card elsewhere: %s %v", ref3, err)
	}
	if _, err := w.console.Post(ctx, place("#nowhere"), "", card); engine.CodeOf(err) != engine.NotFound {
		t.Errorf("an unknown channel: %v", err)
	}
}

func TestLiveUpdatesResume(t *testing.T) {
	w := newWorld(t)
	b, _ := w.login("Ann", engine.Admin)
	post := func(key, text string) {
		_, err := w.console.Post(t.Context(), place("#triage"), "", prompts.Card{Key: key, Title: prompts.Line{{Text: text}}, Text: text})
		w.must(err)
	}
	open := func(last string) (*bufio.Scanner, func()) {
		r, _ := http.NewRequestWithContext(t.Context(), "GET", w.server.URL+"/events/triage?since=0", nil)
		if last != "" {
			r.Header.Set("Last-Event-ID", last)
		}
		resp, err := b.c.Do(r)
		w.must(err)
		if ct := resp.Header.Get("Content-Type"); ct != "text/event-stream" {
			t.Fatalf("content type %q", ct)
		}
		return bufio.NewScanner(resp.Body), func() { _ = resp.Body.Close() }
	}
	next := func(s *bufio.Scanner) (id, data string) {
		for s.Scan() {
			if v, ok := strings.CutPrefix(s.Text(), "id: "); ok {
				id = v
			}
			if v, ok := strings.CutPrefix(s.Text(), "data: "); ok {
				return id, v
			}
		}
		t.Fatal("the stream ended")
		return "", ""
	}
	post("a", "one")
	s, stop := open("")
	if _, data := next(s); !strings.Contains(data, "one") {
		t.Errorf("the first event: %s", data)
	}
	post("b", "two")
	id, data := next(s)
	if !strings.Contains(data, "two") {
		t.Errorf("the second event: %s", data)
	}
	stop()
	post("a", "one, edited")
	post("c", "three")
	s, stop = open(id)
	defer stop()
	if _, data = next(s); !strings.Contains(data, "one, edited") {
		t.Errorf("after coming back: %s", data)
	}
	if _, data = next(s); !strings.Contains(data, "three") {
		t.Errorf("after coming back: %s", data)
	}
}

func TestDemoActsAsAnybody(t *testing.T) {
	w := newWorld(t, func(o *console.Options) { o.Demo = true })
	b, _ := w.login("Ann", engine.Admin)
	bob := w.person("Bob", engine.Viewer)
	if status, _ := b.post("/demo/as", "person", bob.ID, "channel", "triage"); status != http.StatusSeeOther {
		t.Fatalf("the switch: %d", status)
	}
	b.post("/c/triage/send", "text", "hello")
	if got := w.bot.deeds(); len(got) != 1 || got[0].Actor.User != bob.ID {
		t.Errorf("acted as %+v", got)
	}
	strict := newWorld(t)
	a, p := strict.login("Ann", engine.Admin)
	if status, _ := a.post("/demo/as", "person", p.ID); status != http.StatusForbidden {
		t.Errorf("without --demo: %d", status)
	}
}

func TestPagesSpeakFrench(t *testing.T) {
	w := newWorld(t)
	b, p := w.login("Ann", engine.Admin)
	p.Lang = "fr"
	w.must(w.store.SetPerson(t.Context(), p))
	if _, page := b.get("/c/general"); !strings.Contains(page, "Envoyer") || !strings.Contains(page, `lang="fr"`) || strings.Contains(page, "Send<") {
		t.Errorf("the channel: %s", page)
	}
	if status, page := b.get("/c/nowhere"); status != http.StatusNotFound || !strings.Contains(page, "Retour aux canaux") {
		t.Errorf("an error: %d %s", status, page)
	}
}

// Without the script, forms answer with pages.
func TestWithoutScript(t *testing.T) {
	w := newWorld(t)
	b, _ := w.login("Ann", engine.Admin)
	w.bot.do = func(in bot.In) (bot.Reply, error) {
		if in.Kind == bot.InPress {
			return bot.Dialog{Form: prompts.Form{Token: "f", Title: "A title", Submit: "Save", Fields: []prompts.Field{{Name: "x", Label: "X"}}}}, nil
		}
		return bot.Nothing{}, nil
	}
	plain := func(path, form string) (int, string) {
		r, _ := http.NewRequest("POST", w.server.URL+path, strings.NewReader(form+"&csrf="+b.csrf))
		r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
		return b.do(r)
	}
	if status, _ := plain("/c/triage/send", "text=hello"); status != http.StatusSeeOther {
		t.Errorf("a message: %d", status)
	}
	if status, page := plain("/c/triage/press", "token=t"); status != 200 || !strings.Contains(page, "A title") || !strings.Contains(page, `action="/c/triage/submit"`) {
		t.Errorf("a dialog: %d %s", status, page)
	}
}
