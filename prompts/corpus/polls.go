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
	return []Card{
		{"poll-trouble", prompts.Poll(c, "news", trouble, Tokens)},
		{"poll-mended", prompts.Poll(c, "news", vary(func(d *engine.PollData) { d.Mended = true }), Tokens)},
		{"poll-moved", prompts.Poll(c, "news", vary(func(d *engine.PollData) { d.Moved, d.Count, d.Titles = true, 1, []string{"Old"} }), Tokens)},
		{"flood-open", prompts.Flood(c, "news", flood, Tokens)},
		{"flood-taken", prompts.Flood(c, "news", vary(func(d *engine.PollData) { d.Count, d.Mended, d.Taken, d.By = 82, true, true, "p-bob" }), Tokens)},
		{"flood-skipped", prompts.Flood(c, "news", vary(func(d *engine.PollData) { d.Count, d.Mended, d.By = 82, true, "p-bob" }), Tokens)},
		{"form-posted", prompts.FormCard(c, "Contact request", "We answer within a day.\nNo spam.", "Ask us")},
	}
}
