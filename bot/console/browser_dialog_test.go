package console_test

import (
	"context"
	"fmt"
	"net/http"
	"strings"
	"sync"
	"testing"

	"github.com/chromedp/cdproto/cdp"
	"github.com/chromedp/cdproto/emulation"
	"github.com/chromedp/cdproto/input"
	"github.com/chromedp/chromedp"
	"github.com/chromedp/chromedp/kb"

	"github.com/bretelle/bretelle/bot"
	"github.com/bretelle/bretelle/engine"
	"github.com/bretelle/bretelle/prompts"
)

// enter logs a person in and waits until the page's script runs.
func (p *page) enter(w *world, name string, role engine.Role) engine.Person {
	p.t.Helper()
	person := w.person(name, role)
	p.do(chromedp.Navigate(w.server.URL+"/login/"+w.link(person.ID)), chromedp.Click(chromedp.CSS("form button")), chromedp.WaitVisible(chromedp.CSS("#log")))
	p.ready()
	return person
}

func (p *page) ready() {
	p.t.Helper()
	p.until(`document.body?.dataset.ready === "yes"`)
	eval[bool](p, watch)
}

func (p *page) visit(w *world, path string) {
	p.t.Helper()
	p.do(chromedp.Navigate(w.server.URL + path))
	p.until(`document.readyState === "complete"`)
}

// keys types as a keyboard does: a key whose stroke the page takes for itself types nothing.
func (p *page) keys(keys string, shift ...bool) {
	p.t.Helper()
	p.do(chromedp.Func(func(ctx context.Context, t *chromedp.Target) error {
		for _, r := range keys {
			events := kb.Encode(r)
			for _, e := range events[1:] {
				events[0].Text += e.Text
			}
			for _, e := range []*input.DispatchKeyEventParams{events[0], events[len(events)-1]} {
				if len(shift) > 0 {
					e.Modifiers |= int64(chromedp.ModifierShift)
				}
				if e != events[0] {
					e.Text = ""
				}
				if _, err := cdp.Call(ctx, t, input.DispatchKeyEvent, *e); err != nil {
					return err
				}
			}
		}
		return nil
	}))
}

// press opens what a card's button opens; the card is posted first.
func (p *page) press(w *world) {
	p.t.Helper()
	_, err := w.console.Post(context.Background(), place("#general"), "", prompts.Card{Key: "c", Title: prompts.Line{{Text: "A card"}}, Text: "A card",
		Buttons: []prompts.Button{{ID: "open", Label: "Open", Token: "open"}}})
	w.must(err)
	p.until(`!!document.querySelector('[data-verb="open"]')`)
	p.do(chromedp.Click(chromedp.CSS(`[data-verb="open"]`)))
	p.until(`document.querySelector("#dialog").open`)
}

// builder is a bot whose dialog has everything a dialog can have.
func builder() func(in bot.In) (bot.Reply, error) {
	form := func(in bot.In) prompts.Form {
		val := func(name, otherwise string) string {
			if v, ok := in.Fields[name]; ok {
				return v
			}
			return otherwise
		}
		var fields []prompts.Option
		for i := range 40 {
			fields = append(fields, prompts.Option{Value: fmt.Sprint("field-", i), Label: fmt.Sprint("issue.field_", i), Help: fmt.Sprint("value ", i)})
		}
		f := prompts.Form{Key: "step", Token: "step", Title: "Step 2: http.request", Submit: "Save", Buttons: []prompts.Button{{ID: "back", Label: "Back"}},
			Intro: []prompts.Block{prompts.Note{Line: prompts.Line{{Text: "changes things: "}, {Kind: prompts.Strong, Text: "write"}}}},
			Fields: []prompts.Field{
				{Name: "method", Label: "Method", Kind: prompts.FieldOne, Required: true, Acts: true, Value: val("method", "POST"), Options: []prompts.Option{{Value: "GET", Label: "GET"}, {Value: "POST", Label: "POST"}}},
				{Name: "url", Label: "URL", Kind: prompts.FieldLine, Required: true, Value: val("url", ""), Example: "https://tracker.example.org/tickets", Help: "where it goes"},
				{Name: "body", Label: "Body", Kind: prompts.FieldText, Value: val("body", `{"title": "{{ event.body.issue.title }}"}`), Preview: `{"title": "Spelling error in the README file"}`, Warn: `No sample has "isue". Did you mean event.body.issue?`},
				{Name: "insert", Label: "Insert", Kind: prompts.FieldOne, Acts: true, Options: fields, Help: "adds a field of the sample to the body"},
				{Name: "account", Label: "Account", Kind: prompts.FieldOne, Live: true, Value: val("account", ""), Options: []prompts.Option{{Value: "a1", Label: "The first account"}}},
				{Name: "tries", Label: "Tries", Kind: prompts.FieldNumber, Value: val("tries", "5")},
				{Name: "who", Label: "Who", Kind: prompts.FieldMany, Value: val("who", "ann"), Options: []prompts.Option{{Value: "ann", Label: "Ann"}, {Value: "bob", Label: "Bob", Help: "@triage"}}},
				{Name: "safe", Label: "Repeat-safe", Kind: prompts.FieldCheck, Value: val("safe", "")},
			}}
		return f
	}
	return func(in bot.In) (bot.Reply, error) {
		f := form(in)
		switch {
		case in.Kind == bot.InPress:
			return bot.Dialog{Form: f}, nil
		case in.Kind == bot.InSubmit && in.Value == bot.ActPrefix+"insert":
			f.Fields[2].Value += " {{ " + in.Fields["insert"] + " }}"
			f.Fields[3].Value = ""
			return bot.Dialog{Form: f}, nil
		case in.Kind == bot.InSubmit && in.Value == bot.ActPrefix+"method":
			f.Fields[0].Help = "chosen: " + in.Fields["method"]
			return bot.Dialog{Form: f}, nil
		case in.Kind == bot.InSubmit && in.Value == bot.ActPrefix+"back":
			return bot.Dialog{Form: prompts.Form{Key: "next", Token: "next", Title: "What next?", Submit: "Next", Fields: []prompts.Field{{Name: "kind", Label: "Kind"}}}}, nil
		case in.Kind == bot.InSubmit && in.Token == "next":
			return bot.Nothing{}, nil
		case in.Kind == bot.InSubmit && !strings.HasPrefix(in.Fields["url"], "https://"):
			return bot.FieldErrors{Form: f, Errors: map[string]string{"url": "has no scheme. Write https://…", "who": "one of them is needed"}}, nil
		}
		return bot.Nothing{}, nil
	}
}

// Everything in a dialog is changed in place: acting fields and buttons, wrong fields, lists that are searched; what is
// typed and where one is stay.
func TestDialogInPlace(t *testing.T) {
	w := newWorld(t)
	w.bot.do = builder()
	w.bot.options = func(in bot.In) []prompts.Option {
		if in.Kind != bot.InLookUp || in.Token != "step" || in.Value != "account" {
			return nil
		}
		return []prompts.Option{{Value: "found", Label: "Found by " + in.Text}, {Value: "other", Label: "Another", Help: "of Pascal"}}
	}
	p := openBrowser(t)
	p.enter(w, "Ann", engine.Admin)
	p.press(w)
	p.shot("builder-dialog")
	if got := eval[string](p, `document.activeElement.name`); got != "f.method" {
		t.Errorf("the focus is on %q", got)
	}

	// An acting field hands over what is typed, and the dialog changes around it.
	p.do(chromedp.SendKeys(chromedp.CSS(`[name="f.url"]`), "tracker.example"))
	eval[bool](p, `(() => { const s = document.querySelector('[name="f.method"]'); s.focus(); s.value = "GET"; s.dispatchEvent(new Event("change", {bubbles: true})); return true })()`)
	p.until(`document.querySelector("#dialog").textContent.includes("chosen: GET")`)
	if got := eval[string](p, `document.querySelector('[name="f.url"]').value + " " + document.activeElement.name`); got != "tracker.example f.method" {
		t.Errorf("after acting: %q", got)
	}

	// A long list is a combobox: typed into, chosen by keys, and it acts when chosen.
	p.do(chromedp.SendKeys(chromedp.CSS(`[data-field="insert"] [role=combobox]`), "field_17"))
	p.until(`document.querySelectorAll('[data-field="insert"] [role=option]').length === 1`)
	p.shot("combobox")
	p.keys(kb.ArrowDown)
	p.until(`document.activeElement.getAttribute("aria-activedescendant") && document.activeElement.getAttribute("aria-expanded") === "true"`)
	p.keys(kb.Enter)
	p.until(`document.querySelector('[name="f.body"]').value.includes("field-17")`)
	if got := eval[string](p, `document.activeElement.closest(".field").dataset.field`); got != "insert" {
		t.Errorf("after inserting the focus is in %q", got)
	}
	p.keys("zzz")
	p.until(`!!document.querySelector('[data-field="insert"] .none')`)
	p.keys(kb.Escape)
	p.until(`document.querySelector('[data-field="insert"] .offers').hidden`)
	if !eval[bool](p, `document.querySelector("#dialog").open`) {
		t.Error("Escape closed more than the list")
	}

	// A live one asks the server.
	p.do(chromedp.SendKeys(chromedp.CSS(`[data-field="account"] [role=combobox]`), "pasc"))
	p.until(`document.querySelector('[data-field="account"] [role=option]')?.textContent.includes("Found by pasc")`)
	p.shot("live")
	p.do(chromedp.Click(chromedp.CSS(`[data-field="account"] [role=option]:nth-child(2)`)))
	p.until(`document.querySelector('[name="f.account"]').value === "other"`)

	// What is wrong is said in its place, and the first such field has the focus.
	p.do(chromedp.Click(chromedp.CSS(`#dialog [data-submit]`)))
	p.until(`document.querySelectorAll("#dialog .field .error").length === 2`)
	p.shot("dialog-errors")
	if !eval[bool](p, `(() => { const x = document.activeElement; const by = (x.getAttribute("aria-describedby") || "").split(" ").map((id) => document.getElementById(id)?.textContent).join(" ");
		return x.name === "f.url" && x.getAttribute("aria-invalid") === "true" && by.includes("has no scheme") && by.includes("where it goes") })()`) {
		t.Error("the wrong field is not focused, marked and described")
	}
	if got := eval[string](p, `document.querySelector('[name="f.account"]').value`); got != "other" {
		t.Errorf("the account chosen is gone: %q", got)
	}

	// A needed field that is empty is found without asking the server.
	before := len(w.bot.deeds())
	eval[bool](p, `(() => { document.querySelector('[name="f.url"]').value = ""; return true })()`)
	p.do(chromedp.Click(chromedp.CSS(`#dialog [data-submit]`)))
	p.until(`document.activeElement.name === "f.url" && document.activeElement.getAttribute("aria-invalid") === "true"`)
	if len(w.bot.deeds()) != before {
		t.Error("an empty needed field was sent")
	}

	p.keys("h")
	if eval[bool](p, `!!document.querySelector('[data-field="url"] [data-own]') || document.activeElement.hasAttribute("aria-invalid")`) {
		t.Error("a field that is filled in is still said to be needed")
	}

	// A button in the body leads elsewhere, and Enter is never it.
	p.do(chromedp.Click(chromedp.CSS(`[data-act="back"]`)))
	p.until(`document.querySelector("#dialog h2").textContent === "What next?" && document.activeElement.name === "f.kind"`)
	p.keys("x" + kb.Enter)
	p.until(`!document.querySelector("#dialog").open`)
	all := w.bot.deeds()
	if last := all[len(all)-1]; last.Value != "" || last.Fields["kind"] != "x" {
		t.Errorf("Enter sent %+v", last)
	}
	p.sane(t)
}

// What is typed survives a reload, a restart of the server, closing the dialog, and a network that fails.
func TestTypedTextSurvives(t *testing.T) {
	var down sync.Map
	w := newWorld(t)
	w.bot.do = builder()
	inner := w.server.Config.Handler
	w.server.Config.Handler = http.HandlerFunc(func(rw http.ResponseWriter, r *http.Request) {
		if _, is := down.Load("down"); is && strings.HasSuffix(r.URL.Path, "/submit") {
			panic(http.ErrAbortHandler)
		}
		inner.ServeHTTP(rw, r)
	})
	p := openBrowser(t)
	person := p.enter(w, "Ann", engine.Admin)
	p.press(w)
	p.do(chromedp.SendKeys(chromedp.CSS(`[name="f.url"]`), "https://typed.example"))
	eval[bool](p, `(() => { const b = document.querySelector('[name="f.who"][value="ann"]'); b.click(); return true })()`)
	w.kept(t, person.ID, "https://typed.example")

	p.visit(w, "/c/general")
	p.ready()
	p.until(`document.querySelector("#dialog").open && document.querySelector('[name="f.url"]').value === "https://typed.example"`)
	if eval[bool](p, `document.querySelector('[name="f.who"][value="ann"]').checked`) {
		t.Error("a box that was cleared is ticked again")
	}

	p.keys(kb.Escape)
	p.until(`!document.querySelector("#dialog").open && !!document.querySelector("#state button")`)
	p.shot("put-away")
	p.do(chromedp.Click(chromedp.CSS("#state button")))
	p.until(`document.querySelector("#dialog").open && document.querySelector('[name="f.url"]').value === "https://typed.example"`)

	down.Store("down", true)
	p.do(chromedp.Click(chromedp.CSS(`#dialog [data-submit]`)))
	p.until(`document.querySelector("#dialog .problem")?.textContent.includes("Not sent")`)
	p.shot("not-sent")
	down.Delete("down")
	p.do(chromedp.Click(chromedp.CSS(`#dialog .problem button`)))
	p.until(`!document.querySelector("#dialog").open`)
	p.visit(w, "/c/general")
	p.ready()
	if eval[bool](p, `document.querySelector("#dialog").open || !!document.querySelector("#state button")`) {
		t.Error("an answered dialog came back")
	}
}

// kept waits until the store holds what was typed, and another console over it shows that.
func (w *world) kept(t *testing.T, person, text string) {
	t.Helper()
	changed, stop := w.console.Changes()
	defer stop()
	_ = changed
	for {
		v, err := w.store.Setting(t.Context(), "console.dialog."+person)
		w.must(err)
		if strings.Contains(v, text) {
			if strings.Contains(v, "changes things") {
				t.Error("words above the fields were stored: they may hold a secret")
			}
			return
		}
		if t.Context().Err() != nil {
			t.Fatal("what was typed was never kept")
		}
	}
}

// sane says what the page must never have done.
func (p *page) sane(t *testing.T) {
	t.Helper()
	if bad := eval[[]string](p, `window.__bad ?? []`); len(bad) > 0 {
		t.Errorf("the page did what it must not: %q", bad)
	}
}

// Commands are completed by keyboard, mouse and touch; what was sent before comes back; several lines are one message.
func TestInputBox(t *testing.T) {
	w := newWorld(t)
	lines := []string{"/flow new ", "/flow show bug-triage", "/flow show contact", "/flow help"}
	w.bot.options = func(in bot.In) (out []prompts.Option) {
		for _, l := range lines {
			if strings.HasPrefix(l, in.Text) {
				out = append(out, prompts.Option{Value: l, Label: l, Help: "what it does"})
			}
		}
		return out
	}
	p := openBrowser(t)
	p.enter(w, "Ann", engine.Admin)
	value := func(want string) {
		t.Helper()
		p.until(fmt.Sprintf(`document.querySelector("#text").value === %q`, want))
	}
	p.keys("/") // from anywhere, it begins a command
	p.until(`document.activeElement.id === "text" && document.querySelectorAll("#offers [role=option]").length === 4`)
	p.shot("completion")
	p.keys(kb.ArrowDown + kb.ArrowDown)
	p.until(`document.getElementById(document.activeElement.getAttribute("aria-activedescendant"))?.textContent.includes("bug-triage")`)
	p.keys(kb.Enter)
	value("/flow show bug-triage ")
	p.keys(kb.Enter)
	value("")
	p.keys("/flow sh")
	p.until(`document.querySelectorAll("#offers [role=option]").length === 2`)
	p.keys(kb.Tab)
	value("/flow show bug-triage ")
	eval[bool](p, `(() => { document.querySelector("#text").value = ""; return true })()`)
	p.keys("/flow h")
	p.until(`!document.querySelector("#offers").hidden`)
	p.keys(kb.Escape)
	p.until(`document.querySelector("#offers").hidden && document.querySelector("#text").getAttribute("aria-expanded") === "false"`)
	p.keys("e")
	p.until(`!document.querySelector("#offers").hidden`)
	p.do(chromedp.Click(chromedp.CSS("#offers [role=option]")))
	value("/flow help ")
	p.keys(kb.Enter)
	value("")
	p.keys(kb.ArrowUp)
	value("/flow help")
	p.keys(kb.ArrowUp)
	value("/flow show bug-triage")
	p.keys(kb.ArrowDown + kb.ArrowDown)
	value("")
	p.keys("one")
	p.keys(kb.Enter, true)
	p.keys("two" + kb.Enter)
	value("")
	all := w.bot.deeds()
	var said []string
	for _, in := range all {
		said = append(said, in.Text)
	}
	if got := strings.Join(said, "|"); got != "/flow show bug-triage|/flow help|one\ntwo" {
		t.Errorf("said %q", got)
	}
	eval[bool](p, `(() => { document.activeElement.blur(); return true })()`)
	p.keys("?")
	p.until(`document.querySelector("#keys").open`)
	p.shot("shortcuts")
	p.sane(t)
}

// media emulates what a system says about colours.
func media(scheme string) chromedp.Action[chromedp.Void] {
	return chromedp.Func(func(ctx context.Context, t *chromedp.Target) error {
		_, err := cdp.Call(ctx, t, emulation.SetEmulatedMedia, emulation.SetEmulatedMediaParams{Features: []*emulation.MediaFeature{{Name: "prefers-color-scheme", Value: scheme}}})
		return err
	})
}
