package corpus

import (
	"github.com/bretelle/bretelle/engine"
	"github.com/bretelle/bretelle/prompts"
)

// polls are the cards about what is looked at, and a posted form.
func polls(lang string) []Card {
	c := Ctx(lang)
	d := engine.PollData{Trigger: "news:feed.item:1", What: "https://example.org/feed.xml?key=abc", Since: Day("13:05:00"), Next: Day("15:00:00"), Count: 3, Most: 25}
	vary := func(f func(*engine.PollData)) engine.PollData {
		x := d
		f(&x)
		return x
	}
	trouble := vary(func(d *engine.PollData) {
		d.Failure = &engine.Failure{Class: engine.Garbled, Code: engine.Unreadable, Msg: "{peer} sent a web page where a feed was expected",
			Args: engine.Args("peer", "example.org"), Hint: "Look for the feed's own address on that page; often it ends in /feed or .xml.", Status: 200, Peer: "example.org"}
	})
	flood := vary(func(d *engine.PollData) {
		d.Count, d.Titles = 82, []string{"Release 2.0", "*bold* <!channel> @everyone", "Third"}
	})
	budget := engine.BudgetData{Risk: "send", Most: 50, Per: 3_600_000, Line: 51, Asked: 1, Next: Day("15:00:00"), Calls: []engine.BudgetCall{
		{Number: 14, Step: "greet", Line: "Send a message to ada@example.org"}, {Number: 15, Step: "greet", Line: "*bold* <!channel> @everyone"},
	}}
	away := engine.BreakerData{Lane: "@tracker.example.org", Peer: "tracker.example.org", Waiting: 14, Since: Day("13:05:00"), Next: Day("14:35:00"),
		Failure: &engine.Failure{Class: engine.NotSent, Code: engine.Unavailable, Msg: "{peer} is out of reach", Args: engine.Args("peer", "tracker.example.org"), Peer: "tracker.example.org"}}
	stopped := away
	stopped.Waiting, stopped.Stopped, stopped.By = 0, 14, "p-bob"
	return []Card{
		{"poll-trouble", prompts.Poll(c, "news", trouble, Tokens)},
		{"poll-mended", prompts.Poll(c, "news", vary(func(d *engine.PollData) { d.Mended = true }), Tokens)},
		{"poll-moved", prompts.Poll(c, "news", vary(func(d *engine.PollData) { d.Moved, d.Count, d.Titles = true, 1, []string{"Old"} }), Tokens)},
		{"flood-open", prompts.Flood(c, "news", flood, Tokens)},
		{"flood-taken", prompts.Flood(c, "news", vary(func(d *engine.PollData) { d.Count, d.Mended, d.Taken, d.By = 82, true, true, "p-bob" }), Tokens)},
		{"flood-skipped", prompts.Flood(c, "news", vary(func(d *engine.PollData) { d.Count, d.Mended, d.By = 82, true, "p-bob" }), Tokens)},
		{"budget-open", prompts.Budget(c, "news", budget, Tokens)},
		{"budget-none", prompts.Budget(c, "news", engine.BudgetData{Risk: "destroy", Line: 1, Calls: budget.Calls[:1], Asked: 1}, Tokens)},
		{"budget-let", prompts.Budget(c, "news", engine.BudgetData{Risk: "send", Most: 50, Per: 3_600_000, Asked: 1, Did: engine.BudgetLet, N: 51, By: "p-bob"}, Tokens)},
		{"budget-raised", prompts.Budget(c, "news", engine.BudgetData{Risk: "send", Most: 50, Per: 3_600_000, Asked: 1, Did: engine.BudgetRaise, N: 50, By: "p-bob"}, Tokens)},
		{"budget-stopped", prompts.Budget(c, "news", engine.BudgetData{Risk: "write", Most: 50, Per: 60_000, Asked: 1, Did: engine.BudgetStop, N: 51, By: "p-bob"}, Tokens)},
		{"budget-calm", prompts.Budget(c, "news", engine.BudgetData{Risk: "send", Most: 50, Per: 3_600_000, Asked: 1, Calm: true}, Tokens)},
		{"breaker-open", prompts.Breaker(c, "news", away, Tokens)},
		{"breaker-stopped", prompts.Breaker(c, "news", stopped, Tokens)},
		{"breaker-back", prompts.Breaker(c, "news", engine.BreakerData{Lane: "@t", Peer: "tracker.example.org", Since: Day("13:05:00"), Back: true}, Tokens)},
		{"form-posted", prompts.FormCard(c, "Contact request", "We answer within a day.\nNo spam.", "Ask us")},
	}
}
