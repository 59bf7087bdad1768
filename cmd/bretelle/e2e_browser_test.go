package main

import (
	"context"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"testing"

	"github.com/chromedp/chromedp"
)

// tab is a person's page in a real browser.
type tab struct {
	t   *testing.T
	ctx context.Context
}

// openBrowser starts a headless Chromium with data of its own and one tab; the test skips where there is none.
func openBrowser(t *testing.T) *tab {
	t.Helper()
	path := ""
	for _, name := range []string{"chromium", "chromium-browser", "google-chrome", "headless-shell"} {
		if found, err := exec.LookPath(name); err == nil {
			path = found
			break
		}
	}
	if path == "" {
		t.Skip("no Chromium is installed")
	}
	opts := []chromedp.ExecAllocatorOption{chromedp.ExecPath(path), chromedp.Headless, chromedp.NoSandbox, chromedp.DisableGPU,
		chromedp.NoFirstRun, chromedp.UserDataDir(t.TempDir()), chromedp.WindowSize(1100, 800), chromedp.Flag("disable-quic", true),
		chromedp.Flag("disable-background-networking", true), chromedp.Flag("disable-component-update", true), chromedp.Flag("disable-sync", true)}
	if os.Getenv("BRETELLE_DARK") != "" {
		opts = append(opts, chromedp.Flag("blink-settings", "preferredColorScheme=0"))
	}
	ctx, cancel := context.WithTimeout(t.Context(), 4*patience)
	t.Cleanup(cancel)
	ctx, cancel = chromedp.NewExecAllocator(ctx, opts...)
	t.Cleanup(cancel)
	ctx, cancel = chromedp.NewContext(ctx)
	t.Cleanup(cancel)
	p := &tab{t, ctx}
	p.do() // the browser starts
	return p
}

// another is somebody else in the same browser program: nothing is shared, no cookie either.
func (p *tab) another() *tab {
	ctx, cancel := chromedp.NewContext(p.ctx, chromedp.WithNewBrowserContext())
	p.t.Cleanup(cancel)
	return &tab{p.t, ctx}
}

func (p *tab) do(actions ...chromedp.Action[chromedp.Void]) {
	p.t.Helper()
	if err := chromedp.Do(p.ctx, actions...); err != nil {
		p.shot("failed")
		p.t.Fatal(err)
	}
}

// until waits for an expression to become true.
func (p *tab) until(js string) {
	p.t.Helper()
	ctx, cancel := context.WithTimeout(p.ctx, patience)
	defer cancel()
	if _, err := chromedp.Run(ctx, chromedp.Poll[bool](js)); err != nil {
		p.shot("failed")
		text, _ := chromedp.Run(p.ctx, chromedp.Evaluate[string](`document.body.innerText`))
		p.t.Fatalf("%s never came true: %v\n%s", js, err, text)
	}
}

func ask[T any](p *tab, js string) T {
	p.t.Helper()
	v, err := chromedp.Run(p.ctx, chromedp.Evaluate[T](js))
	if err != nil {
		p.t.Fatalf("%s: %v", js, err)
	}
	return v
}

// shot saves a picture for people to look at, where BRETELLE_SHOTS names a directory.
func (p *tab) shot(name string) {
	dir := os.Getenv("BRETELLE_SHOTS")
	if dir == "" {
		return
	}
	b, err := chromedp.Run(p.ctx, chromedp.CaptureScreenshot())
	if err == nil {
		err = os.WriteFile(filepath.Join(dir, name+".png"), b, 0o644)
	}
	if err != nil {
		p.t.Log(err)
	}
}

// enter opens a person's own login link, and then a channel.
func (p *tab) enter(b *botProcess, name, channel string) {
	p.t.Helper()
	link := linkWord.FindString(b.cli("login", name))
	p.do(chromedp.Navigate(link), chromedp.Click(chromedp.CSS("form button")), chromedp.WaitVisible(chromedp.CSS("#log")))
	p.open(b, channel)
}

// open goes to a channel. The mark is gone when the page is loaded again.
func (p *tab) open(b *botProcess, channel string) {
	p.t.Helper()
	p.do(chromedp.Navigate(b.console+"/c/"+channel), chromedp.WaitVisible(chromedp.CSS("#log")))
	p.until(`document.body.dataset.ready === "yes"`)
	ask[bool](p, `(window.__loaded = 1) === 1`)
}

// offered are the ids of the messages whose card offers a button, in their order.
func (p *tab) offered(verb string) []string {
	p.t.Helper()
	return ask[[]string](p, fmt.Sprintf(`[...document.querySelectorAll('#log [data-verb=%q]')].map((b) => b.closest(".msg").id)`, verb))
}

// press clicks a button of a message, as a person does: again, when the page moved under the pointer.
func (p *tab) press(message, verb string) {
	p.t.Helper()
	button := fmt.Sprintf(`[id=%q] [data-verb=%q]`, message, verb)
	eventually(p.t, func() bool {
		ask[bool](p, `window.__hit = false; document.addEventListener("click", (e) => { window.__hit = e.target.matches('`+button+`') }, { capture: true, once: true }); true`)
		p.do(chromedp.Click(chromedp.CSS(button)))
		return ask[bool](p, `window.__hit`)
	}, func() string { return "the button is never hit" })
}

// Issue 2: "The same through headless Chromium clicks": the deliveries of the bug-triage flow, approved by clicking in a
// page that is never loaded again.
func TestBugTriageInABrowser(t *testing.T) {
	for _, c := range []struct {
		name       string
		deliveries func(t *testing.T) []githubDelivery
		all, wait  int
	}{{"own", ownDeliveries, 12, 2}, {"github", sharedDeliveries, 89, 4}} {
		t.Run(c.name, func(t *testing.T) {
			deliveries := c.deliveries(t)
			if len(deliveries) != c.all {
				t.Fatalf("%d deliveries, wanted %d", len(deliveries), c.all)
			}
			mia := openBrowser(t)
			b, rc := newBot(t), newReceiver(t)
			b.start()
			mia.do(chromedp.Navigate(b.loginLink()))
			mia.shot("first-" + c.name)
			mia.do(chromedp.SendKeys(chromedp.CSS("#name"), "Mia"), chromedp.Click(chromedp.CSS("form button")), chromedp.WaitVisible(chromedp.CSS("#log")))
			mia.until(`document.body.textContent.includes("Welcome, Mia")`)
			mia.shot("welcome-" + c.name)
			triage(t, b, rc)
			bob := mia.another()
			bob.enter(b, "bob", "triage")
			mia.open(b, "triage")

			var titles []string
			for _, d := range deliveries {
				a, err := d.send(t, b.hooks, false)
				if err != nil {
					t.Fatal(err)
				}
				if a.Result == "accepted" {
					titles = append(titles, d.title(t))
				}
			}
			bob.until(fmt.Sprintf(`document.querySelectorAll('#log [data-verb="approve"]').length === %d`, c.wait))
			bob.shot("asked-" + c.name)
			cards := bob.offered("approve")
			for _, id := range cards {
				bob.press(id, "approve")
				for _, p := range []*tab{bob, mia} { // in place, for everybody who looks
					p.until(fmt.Sprintf(`document.getElementById(%q)?.querySelector('.card[data-state="decided"]')?.textContent.includes("bob approved at")`, id))
				}
			}
			bob.until(fmt.Sprintf(`[...document.querySelectorAll("#log .msg")].filter((m) => m.textContent.includes('Ticket ') && m.textContent.includes(' for "') && !m.querySelector('[data-state="decided"]')).length === %d`, c.wait))
			for _, r := range b.runs() {
				b.await(r.Number, "done")
			}
			bob.shot("decided-" + c.name)
			if left := bob.offered("approve"); len(left) != 0 {
				t.Errorf("still offered on %q", left)
			}
			for _, p := range []*tab{bob, mia} {
				if !ask[bool](p, `window.__loaded === 1`) {
					t.Error("the page was loaded again")
				}
			}
			if len(titles) != c.wait || len(cards) != c.wait {
				t.Errorf("%d events, %d cards", len(titles), len(cards))
			}
			eachOnce(t, b, rc, titles)
		})
	}
}

// loginLink is the first admin's.
func (b *botProcess) loginLink() string {
	b.t.Helper()
	if b.login == "" {
		b.t.Fatal("there is no link for the first admin")
	}
	return b.login
}

// Issue 2: a failure in the page: "the alert" comes live, "Fix input" is a real form with inline errors, "Fix finish[es]
// the run, the alert turns green".
func TestFailAndMendInABrowser(t *testing.T) {
	ann := openBrowser(t)
	b, rc := alertRoom(t)
	ann.enter(b, "ann", "ops")
	n := b.send("plain", `{"title": "Crash on start"}`)
	ann.until(`document.querySelectorAll('#log [data-verb="fix"]').length === 1`)
	b.send("plain", `{"title": "Crash on stop"}`)
	ann.until(`[...document.querySelectorAll("#log .card")].some((c) => c.textContent.includes("2 runs since") && c.textContent.includes("project is required"))`)
	ann.shot("alert")
	alert := ann.offered("fix")
	if len(alert) != 1 {
		t.Fatalf("%d cards offer Fix input", len(alert))
	}
	ann.press(alert[0], "fix")
	ann.until(`document.querySelector("#dialog").open`)
	ann.shot("fix")
	const body = `#dialog textarea[name="f.json"]`
	ann.do(chromedp.SetValue(chromedp.CSS(body), `{"title": "Crash on start", "project"`), chromedp.Click(chromedp.CSS("#dialog .primary")))
	ann.until(`document.querySelector("#dialog .error")?.textContent.includes("must stay JSON")`)
	ann.shot("fix-wrong")
	if got := ask[string](ann, `document.querySelector('`+body+`').value`); got != `{"title": "Crash on start", "project"` {
		t.Errorf("what was typed is gone: %q", got)
	}
	if !ask[bool](ann, `(() => { const x = document.querySelector('`+body+`'); return x.getAttribute("aria-invalid") === "true" && document.activeElement === x && document.getElementById(x.getAttribute("aria-describedby").split(" ")[0])?.textContent.includes("JSON") })()`) {
		t.Error("the error does not stand at its field")
	}
	ann.do(chromedp.SetValue(chromedp.CSS(body), `{"title": "Crash on start", "project": "WEB"}`), chromedp.Click(chromedp.CSS("#dialog .primary")))
	ann.until(`!document.querySelector("#dialog").open`)
	b.await(n, "done")
	rc.set(nil)
	ann.until(fmt.Sprintf(`document.getElementById(%q).textContent.includes("1 of 2 runs done")`, alert[0]))
	ann.press(alert[0], "retry")
	ann.until(fmt.Sprintf(`document.getElementById(%q).querySelector('.card.tone-good[data-state="resolved"]')?.textContent.includes("works again")`, alert[0]))
	ann.shot("mended")
	if !ask[bool](ann, `window.__loaded === 1`) {
		t.Error("the page was loaded again")
	}
	ann.do(chromedp.EmulateViewport(390, 760))
	ann.shot("phone")
	ann.do(chromedp.Navigate(b.console + "/run/1"))
	ann.shot("phone-run")
	if ask[bool](ann, `document.documentElement.scrollWidth > innerWidth + 1`) {
		t.Error("the run's page is wider than a phone")
	}
	ann.do(chromedp.EmulateViewport(1100, 800))
	ann.shot("run")
	ann.do(chromedp.Navigate(b.console+"/c/ops?thread="+alert[0]), chromedp.WaitVisible(chromedp.CSS("#thread-log")))
	ann.until(`document.body.dataset.ready === "yes" && document.querySelectorAll("#thread-log .msg").length > 2`)
	ann.shot("thread")
}
