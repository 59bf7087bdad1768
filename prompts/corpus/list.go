package corpus

import (
	"errors"
	"fmt"
	"time"

	"github.com/bretelle/bretelle/engine"
	"github.com/bretelle/bretelle/prompts"
)

// Cards is every card, in every state, in a language.
func Cards(lang string) []Card {
	all := append(append(asks(lang), others(lang)...), answers(lang)...)
	return append(append(append(append(all, questions(lang)...), builders(lang)...), polls(lang)...), persons(lang)...)
}

func asks(lang string) []Card {
	c := Ctx(lang)
	vary := func(f func(*engine.AskView)) prompts.Card {
		a := ask()
		f(&a)
		return prompts.Ask(c, run(), a, Tokens)
	}
	over := func(r engine.RunView, f func(*engine.AskView)) prompts.Card {
		a := ask()
		a.State, a.Decision, a.DecidedBy, a.DecidedAt = engine.CardDecided, "approve", "p-bob", Day("14:23:00")
		f(&a)
		return prompts.Ask(c, r, a, Tokens)
	}
	noLink := over(done(), func(*engine.AskView) {})
	c.Link = func(r engine.RunHead) string { return fmt.Sprintf("https://bots.example.org/runs/%d", r.Number) }
	return []Card{
		{"ask-open", vary(func(a *engine.AskView) {})},
		{"ask-open-auto-send", vary(func(a *engine.AskView) {
			a.Auto, a.Path, a.Title, a.Groups, a.Edit = true, "ticket", "", []string{engine.DefaultApprovers}, nil
			a.Plan.Steps[0].Risk = engine.Send
		})},
		{"ask-open-auto-destroy", vary(func(a *engine.AskView) {
			a.Auto, a.Path, a.Title, a.Edit = true, "ticket", "", nil
			a.Plan.Steps[0].Risk, a.Plan.Steps[0].Account = engine.Destroy, "pascal"
			a.Plan.Steps[0].Input = map[string]any{"method": "DELETE", "url": "https://tracker.example.org/tickets/481", "headers": map[string]any{"Authorization": map[string]any{"$secret": "tracker", "version": 2}}}
			a.Plan.Steps[0].Line = "DELETE https://tracker.example.org/tickets/481"
			a.Plan.Steps[0].Detail = map[string]any{"headers": a.Plan.Steps[0].Input["headers"]}
		})},
		{"ask-open-later", vary(func(a *engine.AskView) {
			a.Plan.Steps = append(a.Plan.Steps, engine.PlanStep{ID: "tell", Action: "chat.message.post", Risk: engine.Write, Line: "Post into #triage", Detail: map[string]any{"$from": "steps.ticket.body.id"},
				Input: map[string]any{"to": "#triage", "text": map[string]any{"$from": "steps.ticket.body.id"}}})
		})},
		{"ask-open-again", vary(func(a *engine.AskView) { a.Again = true })},
		{"ask-open-all", vary(func(a *engine.AskView) {
			a.Mode, a.Groups, a.Need, a.Then = "all", []string{"@triage", "@sales"}, 2, "deny"
		})},
		{"ask-open-question", vary(func(a *engine.AskView) { a.Plan, a.Edit, a.Expires = nil, nil, 0 })},
		{"ask-open-empty", vary(func(a *engine.AskView) { a.Groups = []string{"@nobody"} })},
		{"ask-voted", vary(func(a *engine.AskView) { a.Need, a.Votes = 2, []engine.Vote{{By: "p-ann", At: Day("14:22:00")}} })},
		{"ask-lapsed", vary(func(a *engine.AskView) {
			a.Need, a.Revision, a.EditedBy, a.Edited = 2, 2, "p-bob", []string{"ticket.json"}
			a.Votes, a.Lapsed = []engine.Vote{{By: "p-bob"}}, []engine.Vote{{By: "p-ann"}}
		})},
		{"ask-approved", noLink},
		{"ask-approved-link", over(done(), func(*engine.AskView) {})},
		{"ask-approved-failed", over(parked(), func(*engine.AskView) {})},
		{"ask-approved-unknown", over(unsure(), func(*engine.AskView) {})},
		{"ask-approved-two", over(run(), func(a *engine.AskView) { a.Votes = []engine.Vote{{By: "p-ann"}, {By: "p-bob"}} })},
		{"ask-approved-edited", over(run(), func(a *engine.AskView) {
			a.EditedBy, a.Edited, a.Plan.Hash = "p-bob", []string{"ticket.json"}, "c55e0b1d0000"
		})},
		{"ask-approved-expiry", over(run(), func(a *engine.AskView) { a.DecidedBy = "" })},
		{"ask-denied", over(run(), func(a *engine.AskView) { a.Decision = "deny" })},
		{"ask-denied-reason", over(run(), func(a *engine.AskView) { a.Decision, a.Reason = "deny", "duplicate of #398" })},
		{"ask-denied-expiry", over(run(), func(a *engine.AskView) { a.Decision, a.DecidedBy = "deny", "" })},
		{"ask-expired", vary(func(a *engine.AskView) { a.State = engine.CardExpired })},
		{"ask-expired-deny", vary(func(a *engine.AskView) { a.State, a.Then = engine.CardExpired, "deny" })},
		{"ask-superseded", vary(func(a *engine.AskView) { a.State = engine.CardSuperseded })},
	}
}

func others(lang string) []Card {
	c := Ctx(lang)
	u, p := unsure(), parked()
	garbled := u.Steps[1]
	garbled.Failure = &engine.Failure{Class: engine.Unsure, Code: engine.Timeout, Msg: "{peer} answered {status}", Args: map[string]any{"peer": "tracker.example.org", "status": 502}, Status: 502, Peer: "tracker.example.org"}
	retry := p.Steps[1]
	retry.Failure = &engine.Failure{Class: engine.Busy, Status: 503, Peer: "tracker.example.org", Msg: "{peer} answered {status}"}
	retry.Attempts, retry.Max, retry.RetryAt = 2, 5, Day("14:31:00")
	alert := prompts.AlertFacts{Flow: "bug-triage", Title: "Bugs become tickets", Data: failed(), Since: Day("14:10:00"), Owner: "p-ann", Line: ticketLine, Detail: ticketBody(),
		Runs: []prompts.AlertRun{{Number: 12, State: "failing", At: Day("14:10:00")}, {Number: 13, State: "failing", At: Day("14:12:00")}, {Number: 15, State: "failing", At: Day("14:13:00")}}}
	one, muted, green, stopped, lost, moved, fixed := alert, alert, alert, alert, alert, alert, alert
	lost.Lost, lost.Data.Failure = 12, &engine.Failure{Class: engine.Garbled, Code: engine.Unreadable, Status: 201, Peer: "tracker.example.org",
		Msg: "{peer} answered {status}, but its JSON cannot be read", Args: map[string]any{"peer": "tracker.example.org", "status": 201}}
	one.Runs = alert.Runs[:1]
	muted.MutedUntil, muted.MutedBy, muted.Reason = Day("15:00:00"), "p-mia", "the same failure again: counted, not posted"
	mended := []prompts.AlertRun{{Number: 12, State: "mended"}, {Number: 13, State: "mended"}, {Number: 15, State: "mended", At: Day("14:22:00")}}
	green.Resolved, green.ResolvedBy, green.ResolvedAt, green.Runs = true, "p-ann", Day("14:22:00"), mended
	stopped.Resolved, stopped.ResolvedAt, stopped.Runs = true, Day("14:22:00"), []prompts.AlertRun{{Number: 12, State: "stopped", At: Day("14:22:00")}}
	other := failed()
	other.Failure = &engine.Failure{Class: engine.Rejected, Code: engine.Refused, Status: 403, Peer: "tracker.example.org", Said: "this account may not create tickets"}
	moved.Resolved, moved.ResolvedAt, moved.Runs = true, Day("14:22:00"), []prompts.AlertRun{{Number: 12, State: "moved", At: Day("14:22:00"), Now: &other}}
	some := moved
	some.ResolvedBy, some.Runs = "p-ann", append([]prompts.AlertRun{mended[1]}, moved.Runs...)
	left := alert
	left.Runs = append(moved.Runs[:1:1], alert.Runs[1:]...)
	fixed.MutedUntil, fixed.MutedBy, fixed.MutedFixed = 1<<52, "p-mia", true
	ended := func(s engine.RunState, reason string) prompts.Card {
		r := done()
		r.State, r.Reason = s, reason
		return prompts.Ended(c, r, Tokens)
	}
	paused, draft := head(), head()
	paused.State = engine.FlowPaused
	draft.State, draft.Live = engine.FlowDraft, 0
	source := []byte("flow: bug-triage\ntrigger:\n  on: webhook.received # <b>&\n")
	flaws := engine.Problems{{Severity: engine.SevError, Pos: engine.Pos{Line: 3, Col: 7}, Msg: `unknown key "{key}"`, Args: engine.Args("key", "chanel"), Hint: "Did you mean channel?"}}
	items := []prompts.PendingItem{
		{Number: 12, Flow: "bug-triage", Title: `Ticket for "` + spelling + `"?`, Kind: "ask", For: []string{"@triage"}, Need: 2, Votes: 1, Since: Day("14:21:00"), Expires: ask().Expires, Place: head().Place},
		{Number: 16, Flow: "bug-triage", Title: "POST https://tracker.example.org/tickets", Kind: "outcome", Since: Day("14:20:03")},
		{Number: 13, Flow: "bug-triage", Title: "http.request", Kind: "failed", Since: Day("14:10:00")}}
	why := []prompts.WhyLine{{At: Day("14:20:00"), Event: "ping", Outcome: engine.Skipped, Reason: `action is missing (wanted "opened")`},
		{At: Day("14:21:00"), Event: "issues", Outcome: engine.Accepted, Number: 12}, {At: Day("14:21:30"), Event: "issues", Outcome: engine.Duplicate, Number: 12},
		{At: Day("14:22:00"), Event: "issues", Outcome: engine.Sampled}, {At: Day("14:22:10"), Event: "issues", Outcome: engine.Queued, Number: 17}, {At: Day("14:22:20"), Event: "x", Outcome: engine.Broken, Reason: "no member title"}}
	return []Card{
		{"outcome-open", prompts.Outcome(c, u, u.Steps[1], "", "", 0, Tokens)},
		{"outcome-open-answered", prompts.Outcome(c, u, garbled, "", "", 0, Tokens)},
		{"outcome-happened", prompts.Outcome(c, u, u.Steps[1], "happened", "p-bob", Day("14:23:00"), Tokens)},
		{"outcome-again", prompts.Outcome(c, u, u.Steps[1], "again", "p-bob", Day("14:23:00"), Tokens)},
		{"outcome-stop", prompts.Outcome(c, u, u.Steps[1], "stop", "p-bob", Day("14:23:00"), Tokens)},
		{"outcome-probed", prompts.Outcome(c, u, u.Steps[1], "happened", "", Day("14:23:00"), Tokens)},
		{"alert", prompts.Alert(c, alert, Tokens)}, {"alert-one", prompts.Alert(c, one, Tokens)}, {"alert-muted", prompts.Alert(c, muted, Tokens)},
		{"alert-lost", prompts.Alert(c, lost, Tokens)},
		{"alert-resolved", prompts.Alert(c, green, Tokens)}, {"alert-stopped", prompts.Alert(c, stopped, Tokens)},
		{"alert-moved", prompts.Alert(c, moved, Tokens)}, {"alert-moved-some", prompts.Alert(c, some, Tokens)}, {"alert-moved-open", prompts.Alert(c, left, Tokens)},
		{"alert-muted-fixed", prompts.Alert(c, fixed, Tokens)},
		{"alert-line-failing", prompts.AlertLine(c, alert, alert.Runs[0])}, {"alert-line-mended", prompts.AlertLine(c, alert, mended[2])},
		{"alert-line-stopped", prompts.AlertLine(c, alert, stopped.Runs[0])},
		{"retrying", prompts.Retrying(c, p, retry)},
		{"ended-done", ended(engine.RunDone, "")}, {"ended-stopped", ended(engine.RunStopped, "not a bug")}, {"ended-failed", ended(engine.RunFailed, "")}, {"ended-cancelled", ended(engine.RunCancelled, "")},
		{"published", prompts.Published(c, head(), "p-ann", published(), Tokens)},
		{"published-shell", prompts.Published(c, head(), engine.Operator, prompts.Live{}, Tokens)},
		{"paused", prompts.Paused(c, paused, "p-ann", true, 0, Tokens)}, {"resumed", prompts.Paused(c, head(), "p-ann", false, 3, Tokens)},
		{"unsigned", prompts.Unsigned(c, "github-bugs", 4, Tokens)},
		{"broken", prompts.Broken(c, "bug-triage", *run().Event, "cannot add nil and 1 (line 1, column 3)", Tokens)},
		{"away", prompts.Away(c, Day("02:10:00"), Day("02:40:00"), prompts.AwayFacts{Continued: 2, Missed: 1, Open: []int64{16}})},
		{"stalled", prompts.Stalled(c, run().RunHead, Day("02:10:00"), Tokens)},
		{"quiet", prompts.Quiet(c, "bug-triage", engine.ExpectData{Had: 0, AtLeast: 1, Every: 86_400_000})},
		{"quiet-again", prompts.Quiet(c, "bug-triage", engine.ExpectData{AtLeast: 1, Every: 86_400_000, Again: true})},
		{"runs-line", prompts.Runs(c, []engine.RunHead{{ID: "q", Number: 21, Flow: "bug-triage", State: engine.RunQueued, Started: Day("02:10:00"),
			Line: &engine.Line{Kind: engine.LineSlots, Label: "ann@example.com", Most: 2, Place: 3, Behind: []int64{17, 18}}}})},
		{"away-quiet", prompts.Away(c, Day("02:10:00"), Day("02:40:00"), prompts.AwayFacts{})},
		{"welcome", prompts.Welcome(c, "Ann", Tokens)},
		{"flows", prompts.Flows(c, []engine.FlowHead{head(), paused, draft}, Tokens)}, {"flows-none", prompts.Flows(c, nil, Tokens)},
		{"flow", prompts.Flow(c, head(), source, nil, []engine.RunHead{done().RunHead, p.RunHead}, Tokens)},
		{"flow-paused", prompts.Flow(c, paused, nil, nil, nil, Tokens)}, {"flow-draft", prompts.Flow(c, draft, source, flaws, nil, Tokens)},
		{"runs", prompts.Runs(c, []engine.RunHead{done().RunHead, p.RunHead, u.RunHead})}, {"runs-none", prompts.Runs(c, nil)},
		{"run-waiting", prompts.Run(c, run(), Tokens)}, {"run-parked", prompts.Run(c, p, Tokens)}, {"run-done", prompts.Run(c, done(), Tokens)}, {"run-unknown", prompts.Run(c, u, Tokens)},
		{"pending", prompts.Pending(c, items, false)}, {"pending-none", prompts.Pending(c, nil, true)},
		{"why", prompts.Why(c, "bug-triage", why)}, {"why-none", prompts.Why(c, "bug-triage", nil)},
		{"help", prompts.Help(c, []prompts.HelpLine{{Usage: "/flow home", Text: "what there is and what waits"}, {Usage: "/flow show NAME", Text: "a flow, its text and its latest runs"}})},
		{"say", prompts.Say(c, "Done.")},
	}
}

func answers(lang string) []Card {
	c := Ctx(lang)
	a := ask()
	r := run()
	refuse := func(v engine.Answer) prompts.Card { return prompts.Refusal(c, v, r, &a) }
	return []Card{
		{"no-not-you", refuse(engine.Answer{Verdict: engine.NotYou})},
		{"no-not-you-unknown", prompts.Refusal(c, engine.Answer{Verdict: engine.NotYou}, r, nil)},
		{"no-four-eyes-requester", refuse(engine.Answer{Verdict: engine.FourEyes, Why: "requester"})},
		{"no-four-eyes-editor", refuse(engine.Answer{Verdict: engine.FourEyes, Why: "editor"})},
		{"no-already", refuse(engine.Answer{Verdict: engine.Already, By: "p-bob", At: Day("14:23:00"), Choice: "approve"})},
		{"no-already-denied", refuse(engine.Answer{Verdict: engine.Already, By: "p-bob", At: Day("14:03:00"), Choice: "deny"})},
		{"no-already-nobody", refuse(engine.Answer{Verdict: engine.Already})},
		{"no-voted", refuse(engine.Answer{Verdict: engine.Voted, Via: "slack"})},
		{"no-old-plan", refuse(engine.Answer{Verdict: engine.OldPlan})},
		{"no-expired", refuse(engine.Answer{Verdict: engine.Expired, At: Day("14:21:00")})},
		{"no-ended", refuse(engine.Answer{Verdict: engine.Ended})},
		{"no-not-now", refuse(engine.Answer{Verdict: engine.NotNow})},
		{"no-bad-answer", refuse(engine.Answer{Verdict: engine.BadAnswer, Err: engine.E(engine.Invalid, "the answer is not JSON")})},
		{"counted", refuse(engine.Answer{Verdict: engine.Counted, Votes: 1, Need: 2})},
		{"counted-all", refuse(engine.Answer{Verdict: engine.Counted, Decided: true, Votes: 1, Need: 1})},
		{"problem", prompts.Problem(c, engine.E(engine.NotFound, "no flow is called {name}", "name", "pubish").WithHint("Did you mean {name}?"), "")},
		{"problem-internal", prompts.Problem(c, errors.New("secret cause"), "4F2A")},
		{"problem-throttled", prompts.Problem(c, &engine.Error{Code: engine.Throttled, Msg: "too many", After: 90 * time.Second}, "")},
	}
}

// Forms is every form, first opened and with errors, in a language.
func Forms(lang string) []Form {
	c := Ctx(lang)
	p := parked()
	r, a := run(), ask()
	a.Edit = []string{"ticket.json", "ticket.url"}
	many := p.Steps[1]
	many.Input = raw(map[string]any{"method": "POST", "url": "https://tracker.example.org/tickets", "query": map[string]any{"q": "1"}, "headers": map[string]any{"X-A": "b"},
		"json": map[string]any{"title": spelling}, "repeat_safe": false, "timeout": 30, "account": "pascal"})
	bad := func(name, value, why string) prompts.Filled {
		return prompts.Filled{Values: map[string]string{name: value}, Errors: map[string]string{name: why}}
	}
	_, wrong := prompts.ReadFix(p.Steps[1], map[string]string{"json": "{not json"})
	return append([]Form{
		{"form-deny", prompts.DenyForm(c, r, a, "token-f", prompts.Filled{})},
		{"form-deny-error", prompts.DenyForm(c, r, a, "token-f", bad("reason", "", "Write a reason"))},
		{"form-edit", prompts.EditForm(c, r, a, "token-f", prompts.Filled{})},
		{"form-fix", prompts.FixForm(c, p, p.Steps[1], "token-f", prompts.Filled{})},
		{"form-fix-error", prompts.FixForm(c, p, p.Steps[1], "token-f", bad("json", "{not json", wrong["json"]))},
		{"form-fix-many", prompts.FixForm(c, p, many, "token-f", prompts.Filled{})},
		{"form-happened", prompts.HappenedForm(c, unsure(), unsure().Steps[1], "token-f", []string{"body.id"}, prompts.Filled{})},
		{"form-every-kind", prompts.Form{Key: "x", Token: "token-f", Title: "Every kind", Submit: "Save", Lang: lang, Fields: []prompts.Field{
			{Name: "line", Label: "Line", Kind: prompts.FieldLine, Value: "a", Required: true, Help: "help"},
			{Name: "text", Label: "Text", Kind: prompts.FieldText, Value: "a\nb"}, {Name: "number", Label: "Number", Kind: prompts.FieldNumber, Value: "3"},
			{Name: "check", Label: "Check", Kind: prompts.FieldCheck, Value: "true"},
			{Name: "one", Label: "One", Kind: prompts.FieldOne, Value: "b", Options: []prompts.Option{{Value: "a", Label: "A"}, {Value: "b", Label: "B", Help: "the second"}}},
			{Name: "many", Label: "Many", Kind: prompts.FieldMany, Value: "a\nb", Options: []prompts.Option{{Value: "a", Label: "A"}, {Value: "b", Label: "B"}}}}}},
	}, dialogs(lang)...)
}

// published is what the flow of head does once it is live.
func published() prompts.Live {
	return prompts.Live{Starts: engine.Say("a webhook arrives at /hooks/{path}, signed ({sender})", "path", "github-bugs", "sender", "GitHub"), Known: true,
		OnlyIf: engine.Say("{field} is {value}", "field", "action", "value", `"opened"`),
		Powers: []prompts.Power{{Risk: engine.Write, Text: engine.Say("write to {host}", "host", "tracker.example.org"), Gate: engine.Say("after {who}", "who", "1 of @triage")},
			{Risk: engine.Write, Text: engine.Say("post in {place}", "place", "#triage"), Here: true}}}
}
