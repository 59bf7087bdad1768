package main

import (
	"context"
	"fmt"
	"os"
	"strings"
	"testing"

	"github.com/chromedp/chromedp"
	"github.com/chromedp/chromedp/kb"
)

// browserHands are somebody's in front of the console: they click, type, and walk through lists by the arrow keys.
type browserHands struct{ *tab }

// look takes pictures for people to look at, wide and on a phone.
func (h browserHands) look(name string) {
	if os.Getenv("BRETELLE_SHOTS") == "" {
		return
	}
	h.shot(name)
	h.do(chromedp.EmulateViewport(390, 780))
	h.shot(name + "-phone")
	h.do(chromedp.EmulateViewport(1100, 800))
}

// click clicks as a person does: again, when the page moved under the pointer.
func (h browserHands) click(css string, before ...func()) {
	h.t.Helper()
	eventually(h.t, func() bool {
		for _, f := range before {
			f()
		}
		ctx, cancel := context.WithTimeout(h.ctx, patience/10)
		defer cancel()
		ask[bool](h.tab, fmt.Sprintf(`window.__hit = false; document.addEventListener("click", (e) => { window.__hit = !!e.target.closest(%q) }, { capture: true, once: true }); true`, css))
		return chromedp.Do(ctx, chromedp.Click(chromedp.CSS(css))) == nil && ask[bool](h.tab, `window.__hit`)
	}, func() string { return css + " is never hit" })
}

// field is a selector of what holds a field of the open dialog.
func (h browserHands) field(name string) string {
	h.t.Helper()
	css := `#dialog[open] [name="f.` + action(name) + `"]`
	h.until(`!!document.querySelector('` + css + `')`)
	return css
}

// say types into the channel and sends it.
func (h browserHands) say(text string) {
	h.t.Helper()
	h.do(chromedp.SendKeys(chromedp.CSS("#text"), text))
	h.until(fmt.Sprintf(`document.querySelector("#text").value === %q`, text))
	h.do(chromedp.SendKeys(chromedp.CSS("#text"), kb.Escape+kb.Enter)) // what is offered to complete it is put away
}

func (h browserHands) New(flow string) { h.t.Helper(); h.say("/flow new " + flow) }

func (h browserHands) Set(name, value string) {
	h.t.Helper()
	css := h.field(name)
	switch kind := ask[string](h.tab, `(() => { const x = document.querySelector('`+css+`'); return x.ui ? "combo" : x.type })()`); kind {
	case "combo":
		h.search(css, value)
	case "select-one":
		h.walk(css, value)
	case "checkbox":
		for _, v := range strings.Split(value, "\n") {
			box := fmt.Sprintf(`%s[value=%q]`, css, v)
			if !ask[bool](h.tab, `document.querySelector('`+box+`').checked`) {
				h.click(box)
			}
		}
	default:
		ask[bool](h.tab, `(() => { const x = document.querySelector('`+css+`'); x.focus(); x.select(); return true })()`)
		h.do(chromedp.SendKeys(chromedp.CSS(css), value))
	}
}

// search types into a list that is searched, and clicks what is found.
func (h browserHands) search(css, value string) {
	h.t.Helper()
	ui := ask[string](h.tab, `document.querySelector('`+css+`').ui.id`)
	acts := ask[bool](h.tab, `(() => { const x = document.getElementById("`+ui+`"); x.focus(); x.select(); return "acts" in document.querySelector('`+css+`').dataset })()`)
	h.do(chromedp.SendKeys(chromedp.CSS(fmt.Sprintf("[id=%q]", ui)), value))
	option := fmt.Sprintf(`[id=%q] [data-value=%q]`, strings.TrimSuffix(ui, "-q")+"-list", value)
	h.until(`!!document.querySelector('` + option + `')`)
	h.changing(func() { h.click(option) }, acts)
	if got := ask[string](h.tab, `document.querySelector('`+css+`')?.value ?? ""`); !acts && got != value {
		h.t.Fatalf("%s holds %q, not %q", css, got, value)
	}
}

// walk goes to an option of a list with the arrow keys.
func (h browserHands) walk(css, value string) {
	h.t.Helper()
	for range 60 {
		step := ask[int](h.tab, fmt.Sprintf(`(() => { const x = document.querySelector('%s'); x.focus(); return [...x.options].findIndex((o) => o.value === %q) - x.selectedIndex })()`, css, value))
		if step == 0 {
			return
		}
		key := kb.ArrowDown
		if step < 0 {
			key = kb.ArrowUp
		}
		h.changing(func() { h.do(chromedp.SendKeys(chromedp.CSS(css), key)) }, ask[bool](h.tab, `"acts" in document.querySelector('`+css+`').dataset`))
	}
	h.t.Fatalf("%s has no %q", css, value)
}

// changing does something that the dialog is made anew for, when it acts.
func (h browserHands) changing(do func(), acts bool) {
	h.t.Helper()
	if acts {
		ask[bool](h.tab, `(window.__form = document.querySelector("#dialog form.dialog")) !== null`)
	}
	if do(); acts {
		h.until(`!document.querySelector("#dialog").open || document.querySelector("#dialog form.dialog") !== window.__form || !!document.querySelector("#dialog .problem, #dialog [data-own]")`)
	}
}

func (h browserHands) Insert(name, label, path string) {
	h.t.Helper()
	if ask[bool](h.tab, `!!document.querySelector('#dialog [name="f.into"]')`) {
		h.Set("into", action(name))
	}
	h.Set("insert", path)
}

func (h browserHands) Value(name string) string {
	h.t.Helper()
	return ask[string](h.tab, `document.querySelector('`+h.field(name)+`').value`)
}

func (h browserHands) Act(name string) {
	h.t.Helper()
	h.changing(func() { h.click(fmt.Sprintf(`#dialog [data-act=%q]`, name)) }, true)
}

func (h browserHands) Save() {
	h.t.Helper()
	h.changing(func() { h.click("#dialog [data-submit]") }, true)
}

func (h browserHands) Close() {
	h.t.Helper()
	h.click("#dialog [data-close]")
}

// Press clicks the newest button that is called so: in the panel, else in the channel.
func (h browserHands) Press(verb string) {
	h.t.Helper()
	found := fmt.Sprintf(`[...document.querySelectorAll('#panel .draft:not([hidden]) button[data-verb=%q], #log button[data-verb=%q]')]`, verb, verb)
	h.until(found + `.length > 0`)
	h.click("[data-hit]", func() {
		ask[bool](h.tab, `(() => { document.querySelectorAll("[data-hit]").forEach((b) => b.removeAttribute("data-hit")); `+found+`.at(-1).dataset.hit = "1"; return true })()`)
	})
}

func (h browserHands) Choose(menu, option string) {
	h.t.Helper()
	css := fmt.Sprintf(`#panel .draft:not([hidden]) select[data-verb=%q]`, menu)
	h.until(fmt.Sprintf(`[...document.querySelector('%s')?.options ?? []].some((o) => o.value === %q)`, css, option))
	h.walk(css, option)
	h.click(fmt.Sprintf(`#panel .draft:not([hidden]) form.menu:has(select[data-verb=%q]) button`, menu))
}

func (h browserHands) Screen() string {
	h.t.Helper()
	return ask[string](h.tab, `document.body.innerText`)
}

func (h browserHands) Restarted() {}

// Issue 3: bug triage from nothing on the console, in "real Chromium", with the bot killed and started anew while a
// dialog is open; the page is never loaded again.
func TestBuildBugTriageInABrowser(t *testing.T) {
	w := &bench{t: t, b: newBot(t), rc: newReceiver(t)}
	p := openBrowser(t)
	w.b.start()
	w.people()
	w.b.args = append(w.b.args, "--listen", strings.TrimPrefix(w.b.console, "http://")) // the same address when it comes back
	w.restart = func() { w.b.kill(); w.b.start() }
	p.enter(w.b, "ann", "triage")
	h := browserHands{p}
	secret := w.buildTriage(h)
	h.look("build-done")
	p.do(chromedp.EmulateViewport(390, 780)) // on a phone the panel lies upon the channel: an answer there comes to the front
	h.Press("test")
	p.until(`document.querySelector("#panel").hidden && [...document.querySelectorAll("#log .card")].at(-1).textContent.includes("Dry run")`)
	p.shot("build-test-on-a-phone")
	if ask[bool](p, `document.documentElement.scrollWidth > innerWidth + 1`) {
		t.Error("the page is wider than a phone")
	}
	p.do(chromedp.EmulateViewport(1100, 800))
	h.click("#draft-list a") // and the draft is found again where drafts are listed
	p.until(`!document.querySelector("#panel").hidden`)

	w.publishTriage(h, secret)
	h.look("build-live")
	if !ask[bool](p, `window.__loaded === 1`) {
		t.Error("the page was loaded again")
	}
}
