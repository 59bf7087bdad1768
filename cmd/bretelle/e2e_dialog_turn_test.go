package main

import (
	"strings"
	"testing"

	"github.com/chromedp/chromedp"
	"github.com/chromedp/chromedp/kb"
)

// Save that is pressed while a choice is still being handed over waits for its turn, and takes the last choice: nothing
// that somebody pressed is dropped, however slow the machine is.
func TestSaveWaitsForTheChoiceBeforeIt(t *testing.T) {
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
	ask[bool](p, `(() => {
		const list = document.querySelector('#dialog [name="f.sender"]');
		for (const v of ["hmac-sha256", "token", "unsigned"]) {
			list.value = v;
			list.dispatchEvent(new Event("change", { bubbles: true }));
		}
		document.querySelector("#dialog [data-submit]").click();
		return true;
	})()`)
	p.until(`!document.querySelector("#dialog").open && !document.querySelector("#panel").hidden`)
	if out := b.cli("flow", "export", "hello"); !strings.Contains(out, "unsigned") {
		t.Errorf("the draft is\n%s", out)
	}
}
