package main

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"testing"

	"github.com/chromedp/cdproto/cdp"
	"github.com/chromedp/cdproto/input"
	"github.com/chromedp/chromedp"
	"github.com/chromedp/chromedp/kb"
)

// keyboard is somebody in front of the console without a mouse: keys go to whatever has the focus.
type keyboard struct{ *tab }

func (k keyboard) keys(text string) {
	k.t.Helper()
	k.do(chromedp.Func(func(ctx context.Context, t *chromedp.Target) error {
		for _, r := range text {
			events := kb.Encode(r)
			for _, e := range events[1:] {
				events[0].Text += e.Text // a stroke that the page takes for itself types nothing
			}
			for _, e := range []*input.DispatchKeyEventParams{events[0], events[len(events)-1]} {
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

// reach walks with Tab to what css names, as far as most; where the focus went is told when it is not met.
func (k keyboard) reach(css string, most int) {
	k.t.Helper()
	k.until(fmt.Sprintf(`[...document.querySelectorAll(%q)].some((x) => x.getClientRects().length > 0)`, css))
	seen := ""
	for n := range most {
		if ask[bool](k.tab, fmt.Sprintf(`document.activeElement.matches(%q)`, css)) {
			k.t.Logf("%s: %d", css, n)
			return
		}
		k.keys(kb.Tab)
		seen += "\n" + ask[string](k.tab, `document.activeElement.outerHTML.slice(0, 110)`)
	}
	k.shot("failed")
	k.t.Fatalf("%s is not reached with %d tabs: %s", css, most, seen)
}

// press goes to a button and presses it.
func (k keyboard) press(css string, most int) {
	k.t.Helper()
	k.reach(css, most)
	k.keys(kb.Enter)
}

// fill writes into a field of the open dialog.
func (k keyboard) fill(name, text string) {
	k.t.Helper()
	k.reach(fmt.Sprintf(`#dialog [name="f.%s"]`, name), 15)
	k.keys(text)
}

// pick types into a list that is searched and takes the first that is found.
func (k keyboard) pick(name, text, value string) {
	k.t.Helper()
	css := fmt.Sprintf(`#dialog [name="f.%s"]`, name)
	list := `document.querySelector('` + css + `')`
	k.until(`!!` + list)
	if !ask[bool](k.tab, `!!`+list+`.ui`) { // a plain list finds what is typed itself
		k.reach(css, 15)
		k.keys(text)
		k.until(fmt.Sprintf(`%s.value === %q || %[2]q === "" && %[1]s.value !== ""`, list, value))
		return
	}
	k.reach(`[id="`+ask[string](k.tab, list+`.ui.id`)+`"]`, 15)
	k.keys(text)
	k.until(fmt.Sprintf(`(() => { const all = [...document.querySelectorAll("#dialog .combo .offers:not([hidden]) [role=option]")]; return all.length > 0 && all.every((o) => (o.textContent + o.dataset.value).includes(%q)) })()`, text))
	k.keys(kb.ArrowDown + kb.Enter)
	if value != "" {
		k.until(fmt.Sprintf(`%s?.value === %q`, list, value))
	}
}

// The tour of the README without a mouse, from the first login to the dry run: all is reached with Tab, Enter and arrows.
func TestTheTourByKeyboard(t *testing.T) {
	b := newBot(t)
	p := openBrowser(t)
	b.start()
	k := keyboard{p}
	p.do(chromedp.Navigate(b.login))
	k.reach(`#name`, 5)
	k.keys("Ann" + kb.Enter)
	p.do(chromedp.WaitVisible(chromedp.CSS("#log")))
	p.until(`document.body.dataset.ready === "yes"`)

	k.press(`#log [data-verb="new"]`, 25)
	k.fill("name", "hello")
	k.pick("trigger", "webhook", "webhook.received")
	k.keys(kb.Enter)
	k.fill("path", "hello")
	k.pick("sender", "Anybody", "unsigned")
	k.press(`#dialog [data-submit]`, 10)
	p.until(`!document.querySelector("#dialog").open && !document.querySelector("#panel").hidden`)

	data := filepath.Join(t.TempDir(), "ada.json")
	if err := os.WriteFile(data, []byte(`{"name": "Ada"}`), 0o600); err != nil {
		t.Fatal(err)
	}
	b.cli("hook", "send", "hello", "-f", data)

	k.step("approval")
	k.fill("title", "Greet ")
	k.pick("insert", "name", "")
	p.until(`document.querySelector('#dialog [name="f.title"]')?.value.includes("event.body.name")`)
	k.pick("who", "Ann", "")
	p.shot("keyboard-approval")
	k.press(`#dialog [data-submit]`, 25)
	p.until(`!document.querySelector("#dialog").open`)
	k.step("chat.message.post")
	k.fill("with.text", "Hello {{ event.body.name }}!")
	p.shot("keyboard-step")
	k.press(`#dialog [data-submit]`, 25)
	p.until(`!document.querySelector("#dialog").open`)

	k.press(`#panel [data-verb="test"]`, 40)
	p.until(`[...document.querySelectorAll("#log .card")].at(-1).textContent.includes("Dry run")`)
	if at := ask[string](p, `document.activeElement.dataset.verb ?? ""`); at != "test" {
		t.Errorf("the focus went from the button to %q", at)
	}
}

// step adds a step of a kind.
func (k keyboard) step(what string) {
	k.t.Helper()
	k.press(`#panel [data-verb="add"]`, 40)
	k.pick("what", what, what)
	k.press(`#dialog [data-submit]`, 10)
	k.until(`!document.querySelector('#dialog [name="f.what"]')`)
}
