package console_test

import (
	"context"
	"encoding/json"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/chromedp/chromedp"
	"github.com/chromedp/chromedp/kb"

	"github.com/bretelle/bretelle/bot"
	"github.com/bretelle/bretelle/bot/console"
	"github.com/bretelle/bretelle/engine"
	"github.com/bretelle/bretelle/prompts"
)

// accessible lists what assistive technology would trip over: unnamed inputs, buttons, links and pictures, headings,
// landmarks, ids used twice, references to nothing, text that is too faint.
const accessible = `(() => {
const bad = [];
const seen = (e) => e.checkVisibility?.({visibilityProperty: true}) ?? true;
const words = (ids) => (ids || "").split(/\s+/).filter(Boolean).map((id) => { const e = document.getElementById(id); if (!e) bad.push("no element " + id); return e?.textContent.trim() ?? ""; }).join(" ");
const name = (e) => words(e.getAttribute("aria-labelledby")) || e.getAttribute("aria-label") || [...(e.labels || [])].map((l) => l.textContent.trim()).join(" ") || (e.value && e.type === "submit" ? e.value : "") || e.textContent.trim() || e.title;
for (const e of document.querySelectorAll("input:not([type=hidden]), select, textarea")) {
  if (!seen(e)) continue;
  const labelled = words(e.getAttribute("aria-labelledby")) || e.getAttribute("aria-label") || [...(e.labels || [])].map((l) => l.textContent.trim()).join("");
  if (!labelled) bad.push("unlabelled " + e.outerHTML.slice(0, 120));
}
for (const e of document.querySelectorAll("button, a[href], dialog, nav, aside, [role=listbox], [role=log], [role=region]")) if (seen(e) && !name(e)) bad.push("unnamed " + e.outerHTML.slice(0, 120));
for (const e of document.querySelectorAll("[role=img]")) if (!words(e.getAttribute("aria-labelledby"))) bad.push("picture without words");
for (const e of document.querySelectorAll("[aria-describedby], [aria-controls]")) { words(e.getAttribute("aria-describedby")); words(e.getAttribute("aria-controls")); }
if ([...document.querySelectorAll("h1")].filter(seen).length !== 1) bad.push("h1: " + document.querySelectorAll("h1").length);
if (document.querySelectorAll("main").length !== 1) bad.push("main: " + document.querySelectorAll("main").length);
if (!document.documentElement.lang) bad.push("no language");
const ids = [...document.querySelectorAll("[id]")].map((e) => e.id);
for (const id of new Set(ids)) if (ids.filter((x) => x === id).length > 1) bad.push("id twice: " + id);
for (const e of document.querySelectorAll("[tabindex]")) if (e.tabIndex > 0) bad.push("tabindex " + e.tabIndex);
for (const e of document.querySelectorAll("[style]")) if (!e.matches("textarea")) bad.push("style on " + e.tagName);
const canvas = document.createElement("canvas").getContext("2d", {willReadFrequently: true});
const rgb = (c, over) => { canvas.clearRect(0, 0, 1, 1); if (over) { canvas.fillStyle = over; canvas.fillRect(0, 0, 1, 1); } canvas.fillStyle = c; canvas.fillRect(0, 0, 1, 1); return [...canvas.getImageData(0, 0, 1, 1).data]; };
const light = ([r, g, b]) => { const f = (v) => { v /= 255; return v <= .03928 ? v / 12.92 : ((v + .055) / 1.055) ** 2.4; }; return .2126 * f(r) + .7152 * f(g) + .0722 * f(b); };
const ground = (e) => { for (; e; e = e.parentElement) { const c = getComputedStyle(e).backgroundColor; if (rgb(c)[3] === 255) return c; } return "white"; };
for (const e of document.querySelectorAll("body *")) {
  if (!seen(e) || e.closest("svg, [aria-hidden=true], .hidden, .skip") || ![...e.childNodes].some((n) => n.nodeType === 3 && n.textContent.trim())) continue;
  const s = getComputedStyle(e);
  if (s.opacity !== "1") continue;
  const back = ground(e); const a = light(rgb(s.color, back)), b = light(rgb(back));
  const ratio = (Math.max(a, b) + .05) / (Math.min(a, b) + .05);
  if (ratio < 4.5) bad.push("contrast " + ratio.toFixed(2) + " of " + e.tagName + "." + e.className + " " + e.textContent.trim().slice(0, 30));
}
for (const e of document.querySelectorAll(".flow-picture text")) {
  const back = getComputedStyle(document.querySelector(".flow-picture .box")).fill; const a = light(rgb(getComputedStyle(e).fill, back)), b = light(rgb(back));
  if ((Math.max(a, b) + .05) / (Math.min(a, b) + .05) < 4.5) bad.push("faint in the picture: " + e.textContent);
}
if (document.documentElement.scrollWidth > innerWidth + 1) bad.push("wider than the window: " + [...document.querySelectorAll("body *")].filter((e) => e.getBoundingClientRect().right > innerWidth + 1).slice(0, 3).map((e) => e.outerHTML.slice(0, 80)));
return bad; })()`

func (p *page) check(t *testing.T, what string) {
	t.Helper()
	for _, bad := range eval[[]string](p, accessible) {
		t.Errorf("%s: %s", what, bad)
	}
	p.sane(t)
}

// picture is a flow with everything hostile texts can be put into.
func drawn(text string) prompts.Drawing {
	return prompts.Drawing{Title: "bug-triage", Lang: "en", Nodes: []prompts.DrawNode{
		{ID: "trigger", Kind: "trigger", Label: "a webhook arrives at /hooks/github-bugs", Detail: `only if action is "opened"`},
		{ID: "review", Kind: "ask", Label: text, Gates: []string{"ticket"}, State: "done"},
		{ID: "ticket", Kind: "do", Label: "POST tracker.example.org", Risk: engine.Write, State: "failed"},
		{ID: "if_3", Kind: "if", Label: text, State: "pending", Branches: []prompts.DrawBranch{
			{Label: "yes", Nodes: []prompts.DrawNode{{ID: "tell", Kind: "do", Label: "post in #triage", Risk: engine.Write, State: "pending"}}}, {Label: "no"}}}}}
}

func draftCard(name, note string, state engine.CardState) prompts.Card {
	return prompts.Card{Key: "builder:" + name, Tone: prompts.ToneDraft, Lang: "en", State: state, Text: name, Title: prompts.Line{{Text: name + " · draft, not live"}},
		Blocks: []prompts.Block{
			prompts.Facts{Facts: []prompts.Fact{{Label: "When", Value: prompts.Line{{Text: "a webhook arrives at /hooks/github-bugs"}}}, {Label: "To do", Value: prompts.Line{{Text: note}}}}},
			prompts.Picture{Alt: "a flow", Drawing: drawn("Ticket?")}},
		Buttons: []prompts.Button{{ID: "add", Label: "Add step", Token: "add", Style: prompts.Primary}, {ID: "test", Label: "Test", Token: "test"}, {ID: "publish", Label: "Publish", Token: "publish"}},
		Menus:   []prompts.Menu{{ID: "change", Label: "Edit…", Token: "change", Options: []prompts.Option{{Value: "when", Label: "When"}, {Value: "ticket", Label: "2 http.request"}}}}}
}

// The draft stands beside the channel, opens when its author builds, is edited in place, and on a phone is a sheet with a
// way back. Nobody else sees it.
func TestDraftInTheSidePanel(t *testing.T) {
	w := newWorld(t)
	var ann engine.Person
	w.bot.do = func(in bot.In) (bot.Reply, error) {
		at, err := w.console.Direct(context.Background(), in.Actor, in.Place)
		if err != nil {
			return nil, err
		}
		note := "add a step"
		if in.Kind == bot.InPress {
			note = "nothing"
		}
		_, err = w.console.Post(context.Background(), at, "", draftCard("bug-triage", note, engine.CardOpen))
		return bot.Nothing{About: "builder:bug-triage"}, err
	}
	p := openBrowser(t)
	ann = p.enter(w, "Ann", engine.Admin)
	if eval[bool](p, `!document.querySelector("#panel").hidden`) {
		t.Error("the panel is open before there is a draft")
	}
	p.keys("/")
	p.keys("flow new bug-triage" + kb.Enter)
	p.until(`!document.querySelector("#panel").hidden && document.querySelector("#panel .draft:not([hidden])")?.textContent.includes("add a step")`)
	p.shot("panel")
	p.check(t, "the side panel")
	p.do(chromedp.Click(chromedp.CSS(`#panel [data-verb="add"]`)))
	p.until(`document.querySelector("#panel .draft").textContent.includes("nothing") && document.querySelectorAll("#panel .draft").length === 1`)
	if got := eval[string](p, `document.activeElement.dataset.verb`); got != "add" {
		t.Errorf("the focus left the button: %q", got)
	}
	all := w.bot.deeds()
	if last := all[len(all)-1]; last.Place.Channel != "#general" || last.Token != "add" || last.Message == "" {
		t.Errorf("pressed %+v", last)
	}
	p.do(media("dark"))
	p.shot("panel-dark")
	p.check(t, "the side panel in the dark")
	p.visit(w, eval[string](p, "location.pathname + location.search")) // a reload keeps it open
	p.ready()
	p.until(`!document.querySelector("#panel").hidden && !!document.querySelector("#panel .draft:not([hidden])")`)

	p.do(chromedp.EmulateViewport(360, 740))
	p.shot("panel-phone-dark")
	p.check(t, "the sheet on a phone")
	p.do(chromedp.Click(chromedp.CSS(`.panel-head .back`)))
	p.until(`document.querySelector("#panel").hidden`)
	p.check(t, "the channel on a phone")
	p.do(chromedp.Click(chromedp.CSS(`[data-draft]`)))
	p.until(`!document.querySelector("#panel").hidden`)
	p.keys(kb.Escape)
	p.until(`document.querySelector("#panel").hidden`)

	_, err := w.console.Post(t.Context(), engine.Place{Surface: "console", Channel: "@" + ann.ID}, "", draftCard("bug-triage", "done", engine.CardResolved))
	w.must(err)
	p.until(`document.querySelector("#drafts").hidden`)

	bob, _ := w.login("Bob", engine.Admin)
	if status, body := bob.get("/c/@" + ann.ID); status != 403 || strings.Contains(body, "bug-triage") {
		t.Errorf("Bob reads Ann's direct messages: %d", status)
	}
	if _, body := bob.get("/c/general?panel=builder:bug-triage"); strings.Contains(body, `="builder:bug-triage"`) { // as a key; the address may stand there
		t.Error("Bob sees Ann's draft")
	}
}

func runFacts(text string) engine.RunView {
	at := time.Date(2026, 11, 23, 14, 0, 0, 0, time.UTC).UnixMilli()
	big := map[string]any{}
	for i := range 60 {
		big[fmt.Sprint("field_", i)] = map[string]any{"n": i, "text": text, "ok": true, "none": nil}
	}
	out, _ := json.Marshal(big)
	return engine.RunView{RunHead: engine.RunHead{ID: "r", Number: 12, Flow: "bug-triage", Version: 3, State: engine.RunParked, Trigger: "webhook.received", Key: "issues-1", By: "", Started: at},
		Title: "Bugs become tickets", Place: place("#triage"), Event: &engine.Event{Data: big},
		Steps: []engine.StepView{
			{Path: "review", Kind: "ask", Index: 1, State: engine.StepStateDone, EndedAt: at + 95_000},
			{Path: "ticket", Kind: "do", Action: "http.request", Line: "POST https://tracker.example.org/tickets " + text, Risk: engine.Write, State: engine.StepStateFailed, Attempts: 3, Max: 5, SentAt: at + 130_000, EndedAt: at + 131_000,
				Input: json.RawMessage(`{"title": "Spelling error", "n": 1.5e3, "ok": true, "none": null}`), Failure: &engine.Failure{Msg: "tracker.example.org answered 422: {said}", Args: engine.Args("said", text)}},
			{Path: "each_1[3]/notify", Kind: "do", Action: "chat.message.post", State: engine.StepStateDone, EndedAt: at + 140_000, Output: out},
			{Path: "last", Kind: "wait", State: engine.StepPending}},
		Asks: []engine.AskView{{Path: "review", Title: `Ticket for "Spelling error"?`, State: engine.CardDecided, Decision: "approve", DecidedAt: at + 95_000, Opened: at, DecidedBy: "p-bob",
			Votes: []engine.Vote{{By: "p-bob"}}, Plan: &engine.Plan{Hash: "7f3a91c2d4e5"}}},
		History: []engine.EntryBrief{{Seq: 1, At: at, Kind: engine.RunStarted}, {Seq: 2, At: at + 10, Kind: engine.AskOpened, Path: "review"}, {Seq: 3, At: at + 95_000, Kind: engine.AskVoted, Path: "review", By: "p-bob"},
			{Seq: 4, At: at + 95_100, Kind: engine.StepStarted, Path: "ticket"}, {Seq: 5, At: at + 131_000, Kind: engine.StepFailed, Path: "ticket", Attempt: 3}, {Seq: 6, At: at + 132_000, Kind: engine.StepStarted, Path: "each_1[3]/notify"}}}
}

// Every screen in light, dark and on a phone, in both languages, with texts that try to be more than text.
func TestEveryScreen(t *testing.T) {
	text := strings.Join(payloads, " ")
	w := newWorld(t, func(o *console.Options) {
		o.Run = func(context.Context, string, int64) (engine.RunView, error) { return runFacts(text), nil }
		o.Draw = func(context.Context, string, int64, string, map[string]engine.StepState) (prompts.Drawing, error) {
			return drawn(text), nil
		}
		o.Flow = func(_ context.Context, _, name string) (console.FlowFacts, error) {
			run := runFacts(text)
			return console.FlowFacts{Head: engine.FlowHead{Name: name, Title: text, State: engine.FlowLive, Live: 3, Draft: true, Place: place("#triage"), Trigger: "webhook.received"},
				Source: []byte("flow: bug-triage # " + text + "\n"), Versions: []console.FlowVersion{{Number: 3, By: "p-ann", At: run.Started}, {Number: 2, By: "p-bob", At: run.Started}},
				Runs: []engine.RunHead{run.RunHead}, Sample: run.Event.Data, Problems: engine.Problems{{Msg: "{x}", Args: engine.Args("x", text)}}}, nil
		}
	})
	w.bot.do = builder()
	p := openBrowser(t)
	person := p.enter(w, "Ann", engine.Admin)
	p.press(w)
	_, err := w.console.Post(t.Context(), place("#general"), "", prompts.Card{Key: "x", Title: prompts.Line{{Text: text}}, Text: text, Blocks: []prompts.Block{prompts.Picture{Alt: text, Drawing: drawn(text)}}})
	w.must(err)
	look := func(name string) {
		t.Helper()
		p.shot(name)
		p.check(t, name)
	}
	for _, at := range []struct {
		name, colours string
		width         int64
	}{{"light", "light", 1100}, {"dark", "dark", 1100}, {"phone", "light", 360}} {
		person.Lang = map[string]string{"light": "en", "dark": "fr", "phone": "fr"}[at.name]
		w.must(w.store.SetPerson(t.Context(), person))
		p.do(media(at.colours), chromedp.EmulateViewport(at.width, 760))
		p.visit(w, "/c/general")
		p.ready()
		eval[bool](p, `(() => { document.querySelector("#state button")?.click(); return true })()`)
		p.until(`document.querySelector("#dialog").open`)
		look("dialog-" + at.name)
		p.keys(kb.Escape)
		p.until(`!document.querySelector("#dialog").open`)
		look("channel-" + at.name)
		eval[bool](p, `(() => { document.activeElement.blur(); return true })()`)
		p.keys("?")
		p.until(`document.querySelector("#keys").open`)
		look("keys-" + at.name)
		p.visit(w, "/run/12")
		look("run-" + at.name)
		p.full("run-full-" + at.name)
		p.visit(w, "/flow/bug-triage")
		look("flow-" + at.name)
		p.visit(w, "/nowhere")
		look("error-" + at.name)
	}
	p.do(chromedp.EmulateViewport(1100, 760), media("light"))
	p.visit(w, "/run/12")
	p.do(chromedp.Click(chromedp.CSS(".colours button"))) // automatic → light
	p.until(`document.documentElement.dataset.theme === "light"`)
	p.do(chromedp.Click(chromedp.CSS(".colours button")))
	p.until(`document.documentElement.dataset.theme === "dark"`)
	p.visit(w, "/c/general")
	if got := eval[string](p, `getComputedStyle(document.documentElement).colorScheme`); got != "dark" {
		t.Errorf("the colours chosen are forgotten: %s", got)
	}
}
