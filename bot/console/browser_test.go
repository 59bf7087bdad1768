package console_test

import (
	"context"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/chromedp/chromedp"

	"github.com/bretelle/bretelle/bot"
	"github.com/bretelle/bretelle/engine"
	"github.com/bretelle/bretelle/prompts"
)

// page is a real browser's tab.
type page struct {
	t   *testing.T
	ctx context.Context
}

// openBrowser starts a headless Chromium; the test skips where there is none.
func openBrowser(t *testing.T) *page {
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
	ctx, cancel := context.WithTimeout(t.Context(), 2*time.Minute)
	t.Cleanup(cancel)
	ctx, cancel = chromedp.NewExecAllocator(ctx, chromedp.ExecPath(path), chromedp.Headless, chromedp.NoSandbox, chromedp.DisableGPU,
		chromedp.NoFirstRun, chromedp.UserDataDir(t.TempDir()), chromedp.WindowSize(1100, 800), chromedp.Flag("disable-quic", true),
		chromedp.Flag("disable-background-networking", true), chromedp.Flag("disable-component-update", true), chromedp.Flag("disable-sync", true))
	t.Cleanup(cancel)
	ctx, cancel = chromedp.NewContext(ctx)
	t.Cleanup(cancel)
	return &page{t, ctx}
}

func (p *page) do(actions ...chromedp.Action[chromedp.Void]) {
	p.t.Helper()
	if err := chromedp.Do(p.ctx, actions...); err != nil {
		p.shot("failed")
		p.t.Fatal(err)
	}
}

// until waits for an expression to become true.
func (p *page) until(js string) {
	p.t.Helper()
	ctx, cancel := context.WithTimeout(p.ctx, time.Minute)
	defer cancel()
	_, err := chromedp.Run(ctx, chromedp.Poll[bool](js))
	for err != nil && ctx.Err() == nil && strings.Contains(err.Error(), "(-32000)") { // the page was loaded anew meanwhile
		_, err = chromedp.Run(ctx, chromedp.Poll[bool](js))
	}
	if err != nil {
		p.shot("failed")
		p.t.Fatalf("%s never came true: %v", js, err)
	}
}

func eval[T any](p *page, js string) T {
	p.t.Helper()
	v, err := chromedp.Run(p.ctx, chromedp.Evaluate[T](js))
	if err != nil {
		p.t.Fatalf("%s: %v", js, err)
	}
	return v
}

// shot saves a picture for people to look at, where BRETELLE_SHOTS names a directory.
func (p *page) shot(name string) {
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

// watch records what a page must never do: run a script of somebody else, break its policy, throw.
const watch = `window.__bad = []; window.alert = (x) => __bad.push("alert " + x);
addEventListener("error", (e) => __bad.push("error " + e.message));
addEventListener("securitypolicyviolation", (e) => __bad.push("policy " + e.violatedDirective + " " + e.blockedURI)); true`

var payloads = []string{
	`<script>alert(1)</script>`, `<img src=x onerror=alert(1)>`, `"><svg onload=alert(1)>`, `javascript:alert(1)`,
	`</textarea><script>alert(1)</script>`, `{{constructor.constructor('alert(1)')()}}`, `<iframe srcdoc="<script>alert(1)</script>">`,
	"</li></ol><form action=https://evil.example><button>x", `<a href="data:text/html,<script>alert(1)</script>">x</a>`, "\u202egnp.exe<b>",
	`' onfocus=alert(1) autofocus '`, `<style>@import'https://evil.example'</style>`, `<math><mtext></p><img src onerror=alert(1)>`,
}

func TestInABrowser(t *testing.T) {
	w := newWorld(t)
	form := prompts.Form{Key: "k", Token: "form", Title: "Edit and approve", Submit: "Approve this", Fields: []prompts.Field{
		{Name: "body", Label: "Body", Kind: prompts.FieldText, Value: `{"title": "Spelling error"}`, Required: true},
		{Name: "many", Label: "How many", Kind: prompts.FieldOne, Value: "1", Options: []prompts.Option{{Value: "1", Label: "one"}, {Value: "2", Label: "two"}}}}}
	card := func(title, text string) prompts.Card {
		return prompts.Card{Key: "ask:1", Tone: prompts.ToneQuestion, Title: prompts.Line{{Text: title}}, Text: title, State: engine.CardOpen, Lang: "en",
			Blocks: []prompts.Block{
				prompts.Facts{Facts: []prompts.Fact{{Label: "From", Value: prompts.Line{{Text: "github.com, by "}, {Kind: prompts.Strong, Text: "Codertocat"}}},
					{Label: "Will", Value: prompts.Line{{Text: "POST https://tracker.example.org/tickets"}}, Risky: true}}},
				prompts.Pre{Text: text, Lang: "json"}, prompts.Note{Line: prompts.Line{{Text: "Plan 7f3a91c2"}}}},
			Buttons: []prompts.Button{{ID: "approve", Label: "Approve", Style: prompts.Primary, Token: "approve"}, {ID: "edit", Label: "Edit and approve", Token: "edit"},
				{ID: "deny", Label: "Deny", Style: prompts.Danger, Token: "deny"}},
			Menus: []prompts.Menu{{ID: "mute", Label: "Mute", Token: "mute", Options: []prompts.Option{{Value: "1h", Label: "for an hour"}}}}}
	}
	w.bot.do = func(in bot.In) (bot.Reply, error) {
		switch {
		case in.Kind == bot.InCommand:
			_, err := w.console.Post(context.Background(), place("#general"), "", card(`bug-triage #12 · Ticket for "Spelling error"?`, `{"title": "Spelling error"}`))
			return bot.Private{Card: prompts.Card{Title: prompts.Line{{Text: "Here it is"}}, Text: "Here it is"}}, err
		case in.Kind == bot.InPress && in.Token == "edit":
			return bot.Dialog{Form: form}, nil
		case in.Kind == bot.InSubmit && !strings.Contains(in.Fields["body"], "project"):
			return bot.FieldErrors{Form: form, Errors: map[string]string{"body": "project is required"}}, nil
		case in.Kind == bot.InSubmit:
			done := card("bug-triage #12 · Ann approved", in.Fields["body"])
			done.Buttons, done.Menus, done.State, done.Tone = nil, nil, engine.CardDecided, prompts.ToneGood
			_, err := w.console.Post(context.Background(), place("#general"), "", done)
			return bot.Nothing{}, err
		}
		return bot.Nothing{}, nil
	}
	link := w.server.URL + "/login/" + w.link("")
	p := openBrowser(t)
	p.do(chromedp.Navigate(link))
	p.shot("login")
	p.do(chromedp.SendKeys(chromedp.CSS("#name"), "Ann"), chromedp.Click(chromedp.CSS("form button")), chromedp.WaitVisible(chromedp.CSS("#log")))
	p.until(`document.body.dataset.ready === "yes"`)
	eval[bool](p, watch)

	p.do(chromedp.SendKeys(chromedp.CSS("#text"), "/flow show bug-triage\r"))
	p.until(`!!document.querySelector('[data-verb="edit"]') && document.body.textContent.includes("Here it is")`)
	p.shot("card")
	p.do(chromedp.Click(chromedp.CSS(`[data-verb="edit"]`)))
	p.until(`document.querySelector("#dialog").open`)
	p.do(chromedp.SetValue(chromedp.CSS("#dialog textarea"), `{"title": "typed by Ann"}`), chromedp.Click(chromedp.CSS("#dialog .primary")))
	p.until(`document.querySelector("#dialog .error")?.textContent === "project is required"`)
	p.shot("dialog")
	if got := eval[string](p, `document.querySelector("#dialog textarea").value`); !strings.Contains(got, "typed by Ann") {
		t.Errorf("what was typed is gone: %q", got)
	}
	if !eval[bool](p, `(() => { const x = document.querySelector("#dialog textarea"); return x.getAttribute("aria-invalid") === "true" && document.activeElement === x && !!document.getElementById(x.getAttribute("aria-describedby")) })()`) {
		t.Error("the wrong field is not marked, described and focused")
	}
	p.do(chromedp.SetValue(chromedp.CSS("#dialog textarea"), `{"title": "typed by Ann", "project": "WEB"}`), chromedp.Click(chromedp.CSS("#dialog .primary")))
	p.until(`!document.querySelector("#dialog").open && document.body.textContent.includes("Ann approved")`)
	if n := eval[int](p, `document.querySelectorAll('.card[data-state="open"], .card[data-state="decided"]').length`); n != 1 {
		t.Errorf("%d cards stand for one question", n)
	}
	p.shot("decided")

	for i, text := range payloads { // as a message, as an event's data in a card, in a thread
		w.must(post(w, text, i))
	}
	_, err := w.store.PutMessage(t.Context(), bot.Message{ID: "mlast", Place: place("#general"), Text: "the end", At: engine.Millis(w.clock())})
	w.must(err)
	w.must(post(w, "ring", 99))
	p.until(`document.body.textContent.includes("the end")`)
	p.do(chromedp.Navigate(w.server.URL+"/c/general"), chromedp.WaitVisible(chromedp.CSS("#log")))
	p.until(`document.body.dataset.ready === "yes"`)
	eval[bool](p, watch)
	p.until(`document.body.textContent.includes("the end")`)
	if bad := eval[[]string](p, `window.__bad`); len(bad) > 0 {
		t.Errorf("the page did what it must not: %q", bad)
	}
	if n := eval[int](p, `document.querySelectorAll("main script, main img, main svg, main iframe, main style, main math, main [onerror], main [onfocus], main form[action^='https']").length`); n != 0 {
		t.Errorf("%d elements came from text", n)
	}
	p.do(chromedp.EmulateViewport(390, 760), chromedp.Navigate(w.server.URL+"/c/general?thread="+eval[string](p, `document.querySelector(".msg").id`)), chromedp.WaitVisible(chromedp.CSS("#thread-log")))
	p.shot("phone-thread")
	p.do(chromedp.Navigate(w.server.URL+"/c/general"), chromedp.WaitVisible(chromedp.CSS("#log")))
	p.shot("phone")
	if wide := eval[bool](p, `document.documentElement.scrollWidth > innerWidth + 1`); wide {
		t.Error("the page is wider than a phone")
	}
}

// post brings text from outside into the channel.
func post(w *world, text string, i int) error {
	card := prompts.Card{Key: "x" + string(rune('a'+i%26)), Title: prompts.Line{{Text: text}, {Kind: prompts.Link, Text: text, URL: text}}, Text: text,
		Blocks:  []prompts.Block{prompts.Para{Line: prompts.Line{{Kind: prompts.Code, Text: text}, {Kind: prompts.Mention, Text: text}}}, prompts.Pre{Text: text}},
		Buttons: []prompts.Button{{ID: text, Label: text, Token: text}, {ID: "u", Label: text, URL: text}}}
	_, err := w.console.Post(context.Background(), place("#general"), "", card)
	return err
}

// full is a picture of the whole page.
func (p *page) full(name string) {
	dir := os.Getenv("BRETELLE_SHOTS")
	if dir == "" {
		return
	}
	b, err := chromedp.Run(p.ctx, chromedp.FullScreenshot(100))
	if err == nil {
		err = os.WriteFile(filepath.Join(dir, name+".png"), b, 0o644)
	}
	if err != nil {
		p.t.Log(err)
	}
}
