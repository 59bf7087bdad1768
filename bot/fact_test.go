package bot_test

import (
	"encoding/json"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/bretelle/bretelle/bot"
	"github.com/bretelle/bretelle/engine"
	"github.com/bretelle/bretelle/prompts"
)

// fact raises a notice that is about no run.
func (w *world) fact(kind engine.NoticeKind, place engine.Place, data any) string {
	w.t.Helper()
	w.seq++
	b, err := json.Marshal(data)
	if err != nil {
		w.t.Fatal(err)
	}
	id := "fact-" + itoa(w.seq)
	w.must(nil, w.store.Raise(w.ctx, engine.Notice{ID: id, At: engine.Millis(w.now), Kind: kind, Topic: "flow:bug-triage", Flow: "bug-triage", Place: place, Data: b}))
	w.deliver()
	return id
}

func itoa(n int) string { b, _ := json.Marshal(n); return string(b) }

func TestFactsAboutFlows(t *testing.T) {
	w := newWorld(t)
	w.fact(engine.NoticePublished, triage, bot.FlowFacts{Version: 3, By: w.ids["ann"]})
	card := w.card(w.chat, "flow:bug-triage@3")
	if text := prompts.PlainCard(card); !strings.Contains(text, "ann published bug-triage, version 3") {
		t.Errorf("got %q", text)
	}
	if got := w.text(w.press("vic", token(t, card, "details"))); !strings.Contains(got, "bug-triage") {
		t.Errorf("Show: %q", got)
	}
	id := w.fact(engine.NoticePaused, triage, bot.FlowFacts{State: engine.FlowPaused, By: w.ids["ann"]})
	w.flows.heads["bug-triage"] = engine.FlowHead{Name: "bug-triage", State: engine.FlowPaused, Live: 1, Place: triage}
	resume := token(t, w.card(w.chat, "flow:bug-triage:"+id), "resume")
	if _, err := w.press("vic", resume); engine.CodeOf(err) != engine.Denied {
		t.Errorf("a viewer resumes nothing: %v", err)
	}
	w.must(w.press("ann", resume))
	if got := strings.Join(w.flows.did, ","); got != "live bug-triage" {
		t.Errorf("did %s", got)
	}
	if got := w.text(w.press("ann", resume)); !strings.Contains(got, "running already") {
		t.Errorf("twice: %q", got)
	}
}

func TestFactsAboutEvents(t *testing.T) {
	w := newWorld(t)
	w.fact(engine.NoticeUnsigned, triage, bot.HookFacts{Path: "github-bugs", Count: 4})
	if text := prompts.PlainCard(w.chat.messages[0].card); !strings.Contains(text, "4 deliveries to /hooks/github-bugs were signed with another secret") {
		t.Errorf("got %q", text)
	}
	w.runs.events = []bot.Occurrence{{Event: engine.Event{ID: "e1", Data: map[string]any{"body": map[string]any{"a": 1}}}, Outcome: engine.Broken}}
	id := w.fact(engine.NoticeBroken, triage, bot.BrokenFacts{Event: "e1", Reason: "when: 1 + nil"})
	again := token(t, w.card(w.chat, "broken:"+id), "again")
	if _, err := w.press("vic", again); engine.CodeOf(err) != engine.Denied {
		t.Errorf("a viewer starts nothing: %v", err)
	}
	w.must(w.press("ann", again))
	if len(w.runs.batches) != 1 || !w.runs.batches[0].Manual || w.runs.batches[0].Items[0].Data["body"].(map[string]any)["a"] != 1 {
		t.Errorf("%+v", w.runs.batches)
	}
	id = w.fact(engine.NoticeAway, engine.Place{}, bot.AwayData{From: engine.Millis(w.now) - 1, To: engine.Millis(w.now), Continued: 2})
	if text := prompts.PlainCard(w.card(w.cons, "away:"+id)); !strings.Contains(text, "2 runs went on") {
		t.Errorf("got %q", text)
	}
}

// A jump of the clock is told where the operator is; that it was put right changes the same card.
func TestFactsAboutTheClock(t *testing.T) {
	w := newWorld(t)
	d := engine.ClockData{Since: engine.Millis(w.now), From: engine.Millis(w.now), To: engine.Millis(w.now.Add(time.Hour)), By: 3600_000,
		Held: engine.Millis(w.now.Add(70 * time.Minute))}
	key := fmt.Sprintf("clock:%d", d.Since)
	w.fact(engine.NoticeClock, engine.Place{}, d)
	if text := prompts.PlainCard(w.card(w.cons, key)); !strings.Contains(text, "jumped forward by 1h, or the machine slept") || !strings.Contains(text, "people can still answer") {
		t.Errorf("got %q", text)
	}
	d.From, d.To, d.By, d.Held, d.Right = d.To, d.From, -d.By, 0, true
	w.fact(engine.NoticeClock, engine.Place{}, d)
	if text := prompts.PlainCard(w.card(w.cons, key)); !strings.Contains(text, "right again") {
		t.Errorf("got %q", text)
	}
	if n := w.cons.count(key); n != 1 {
		t.Errorf("%d cards", n)
	}
	d.Since, d.Right, d.From, d.By = 1, false, engine.Millis(w.now.AddDate(10, 0, 0)), -engine.Millis(w.now)
	w.fact(engine.NoticeClock, engine.Place{}, d)
	if text := prompts.PlainCard(w.card(w.cons, "clock:1")); !strings.Contains(text, "went back by") || !strings.Contains(text, "stays expired") {
		t.Errorf("got %q", text)
	}
}

func TestBrokenNoticesNeverBlock(t *testing.T) {
	w := newWorld(t)
	w.fact("something.new", triage, nil)
	w.raise(engine.NoticeAsk, "ask", "no-such-run", "review", nil)
	w.deliver()
	if n := w.undelivered(); n != 0 {
		t.Errorf("%d left", n)
	}
	w.must(nil, w.store.Raise(w.ctx, engine.Notice{ID: "bad", Kind: engine.NoticePublished, Topic: "x", Flow: "bug-triage", Place: triage, Data: json.RawMessage(`[1]`)}))
	w.deliver()
	w.ask()
	if n := w.chat.count("ask:"); n != 1 {
		t.Errorf("an unreadable notice blocks the others: %d", n)
	}
}

func TestCardsHaveTheirChannelsLanguage(t *testing.T) {
	w := newWorld(t)
	w.must(w.bot.AddChannel(w.ctx, bot.Operator, "slack:T1/#triage", "fr"))
	w.ask()
	if c := w.card(w.chat, "ask:run-12/review"); c.Lang != "fr" {
		t.Errorf("the card is in %q", c.Lang)
	}
	in := w.in(bot.InCommand, "bob")
	in.Text, in.Actor.Lang = "/flow help", "fr"
	r, err := w.bot.Handle(w.ctx, in)
	if err != nil || r.(bot.Private).Card.Lang != "fr" {
		t.Errorf("the reader's language: %#v, %v", r, err)
	}
}
