package corpus

import (
	"github.com/bretelle/bretelle/engine"
	"github.com/bretelle/bretelle/prompts"
)

// persons are the cards that speak to one person: their page, how to talk to the bot, rights that are asked for.
func persons(lang string) []Card {
	c := Ctx(lang)
	last := done().RunHead
	paused := head()
	paused.State = engine.FlowPaused
	f := prompts.HomeFacts{Name: "Ann", Flows: []prompts.HomeFlow{{Head: head(), Last: &last}, {Head: paused}}, More: 3,
		Waiting: []prompts.PendingItem{{Number: 12, Flow: "bug-triage", Title: `Ticket for "` + spelling + `"?`, Kind: "ask",
			For: []string{"@triage", "slack:T0123/@ops", "discord:42/#bugs"}, Since: Day("14:21:00"), Place: head().Place}},
		Failing: []prompts.HomeFailing{{Flow: "bug-triage", Runs: 2, Since: Day("14:10:00"), Data: engine.FailedData{Step: "ticket", Index: 2, Action: "http.request",
			Failure: &engine.Failure{Class: engine.Rejected, Code: engine.Refused, Msg: "it answered {status}", Args: engine.Args("status", 422), Status: 422, Peer: "tracker.example.org", Said: "<!channel> *required*"}}}},
		Unsure: true}
	stranger := engine.E(engine.Unsigned, "I do not know you yet").WithHint("Ask an admin for a code, then type: /flow admin claim CODE")
	plea := prompts.PleaFacts{Who: "p-bob", Deed: "publish", Flow: "bug-triage", Place: head().Place, Role: engine.Builder, Where: "#triage", At: Day("14:20:00"), By: "p-mia", Then: Day("14:25:00")}
	vary := func(f func(*prompts.PleaFacts)) prompts.PleaFacts {
		x := plea
		f(&x)
		return x
	}
	granted, refused := vary(func(x *prompts.PleaFacts) { x.Answer = "granted" }), vary(func(x *prompts.PleaFacts) { x.Answer, x.Where = "refused", "" })
	return []Card{
		{"home", prompts.Home(c, f, Tokens)}, {"home-none", prompts.Home(c, prompts.HomeFacts{}, Tokens)},
		{"home-quiet", prompts.Home(c, prompts.HomeFacts{Flows: f.Flows[:1]}, Tokens)},
		{"home-stranger", prompts.HomeStranger(c, stranger, "admin claim CODE")},
		{"home-guest", prompts.HomeStranger(c, engine.E(engine.Denied, "Guests of this workspace cannot use me").WithHint("Ask a full member to do it."), "")},
		{"hello", prompts.Hello(c, "Ann", []prompts.HelpLine{{Usage: "home", Text: "what there is and how it goes"}, {Usage: "pending", Text: "what waits for you"}}, Tokens)},
		{"opener", prompts.Opener(c, "Run bug-triage", Tokens)},
		{"plea", prompts.Plea(c, plea, Tokens)},
		{"plea-no-role", prompts.Plea(c, vary(func(x *prompts.PleaFacts) { x.Role, x.Deed, x.Flow = "", "people", "" }), Tokens)},
		{"plea-granted", prompts.Plea(c, granted, Tokens)}, {"plea-refused", prompts.Plea(c, refused, Tokens)},
		{"plea-answer", prompts.PleaAnswered(c, granted)}, {"plea-answer-no", prompts.PleaAnswered(c, refused)},
		{"nudge", prompts.Nudge(c, "p-ann", []string{"@triage", "slack:T0123/@ops"}, []string{"p-bob", "p-kim"})},
	}
}
