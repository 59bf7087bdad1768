package corpus

import (
	"encoding/json"

	"github.com/bretelle/bretelle/engine"
	"github.com/bretelle/bretelle/prompts"
)

func draft() prompts.BuilderFacts {
	h := head()
	h.State, h.Live, h.Draft = engine.FlowDraft, 0, true
	return prompts.BuilderFacts{Head: h, SavedAt: Day("14:02:00"), SavedBy: "p-ann", Reader: "p-ann", Address: true, Awaits: "sent",
		When: engine.Say("a webhook arrives at /hooks/{path}, signed ({sender})", "path", "github-bugs", "sender", "GitHub"),
		Todo: []prompts.BuilderTodo{{Text: engine.Say("add a step")}}}
}

func sampled() prompts.BuilderFacts {
	d := draft()
	d.Sample, d.SampleAt, d.Test = `issues, opened, "`+spelling+`"`, Day("14:05:00"), true
	d.Samples = []prompts.Option{{Value: "s1", Label: d.Sample}, {Value: "s2", Label: "ping"}}
	return d
}

func built() prompts.BuilderFacts {
	d := sampled()
	d.SavedAt, d.Todo = Day("14:09:00"), nil
	d.OnlyIf, d.Matches, d.Of, d.Skips = engine.Say(`action is "opened" and one of issue.labels has name "bug"`), 1, 2, "ping"
	d.Limits = []engine.Text{engine.Say("at most {most} at once", "most", 2), engine.Say("a run lasts {time} at most", "time", "2h")}
	d.Steps = []prompts.BuilderStep{
		{ID: "review", Number: "1", Kind: "ask", Name: "ask", Text: engine.Say(`Ticket for "…"?`), Note: engine.Say("{need} of {group}, covers step {steps}", "need", 1, "group", "@triage", "steps", "2")},
		{ID: "ticket", Number: "2", Kind: "do", Name: "http.request", Text: engine.Say("http.request POST tracker.example.org"), Risk: engine.Write},
		{ID: "each_3", Number: "3", Kind: "each", Name: "each", Text: engine.Say("issue.labels")},
		{ID: "tell", Number: "3.1", Depth: 1, Branch: engine.Say("then"), Kind: "do", Name: "chat.message.post", Text: engine.Say("chat.message.post → #triage"), Risk: engine.Write},
	}
	return d
}

func builders(lang string) []Card {
	c := Ctx(lang)
	todo, live, shared := built(), built(), draft()
	todo.Todo = []prompts.BuilderTodo{{Text: engine.Say(`"{field}" is missing`, "field", "url"), Hint: engine.Say("Add it.")}, {Text: engine.Say("nobody is in {group}", "group", "@triage"), Warn: true}}
	live.Head.State, live.Head.Live = engine.FlowLive, 3
	shared.SavedBy, shared.Awaits = "p-bob", "asked"
	powers := []prompts.Power{{Risk: engine.Write, Text: engine.Say("write to {host}", "host", "tracker.example.org"), Gate: engine.Say("after {need} of {group}", "need", 1, "group", "@triage")},
		{Risk: engine.Write, Here: true, Text: engine.Say("post in {place}", "place", "#triage")}}
	changes := []engine.Text{engine.Say("step {step}: {field} is {value}", "step", "ticket", "field", "URL", "value", "https://tracker.example.org/v2")}
	versions := []prompts.VersionFacts{{Number: 2, At: Day("14:20:00"), By: "p-bob", Live: true, Changes: changes}, {Number: 1, At: Day("09:00:00"), By: "p-ann"}}
	return []Card{
		{"builder-new", prompts.Builder(c, draft(), Tokens)}, {"builder-sample", prompts.Builder(c, sampled(), Tokens)}, {"builder-built", prompts.Builder(c, built(), Tokens)},
		{"builder-todo", prompts.Builder(c, todo, Tokens)}, {"builder-live", prompts.Builder(c, live, Tokens)}, {"builder-shared", prompts.Builder(c, shared, Tokens)},
		{"publish-ask", prompts.PublishAsk(c, prompts.PublishFacts{Flow: "bug-triage", Version: 1, Powers: powers}, Tokens)},
		{"publish-ask-again", prompts.PublishAsk(c, prompts.PublishFacts{Flow: "bug-triage", Version: 3, Powers: powers[:1], Changes: changes, Warn: []engine.Text{engine.Say("nothing gates {step}", "step", "ticket")}}, Tokens)},
		{"publish-ask-harmless", prompts.PublishAsk(c, prompts.PublishFacts{Flow: "bug-triage", Version: 1}, Tokens)},
		{"dry-run", prompts.DryRun(c, prompts.DryRunFacts{Flow: "bug-triage", Sample: `"` + spelling + `"`, Steps: drySteps()}, Tokens)},
		{"dry-run-skipped", prompts.DryRun(c, prompts.DryRunFacts{Flow: "bug-triage", Sample: "ping", Skipped: `action is missing, wanted "opened"`, Steps: drySteps()[:1]}, Tokens)},
		{"dry-run-error", prompts.DryRun(c, prompts.DryRunFacts{Flow: "bug-triage", Sample: "ping", Err: engine.E(engine.Invalid, "the answer is not JSON")}, Tokens)},
		{"versions", prompts.Versions(c, "bug-triage", versions, true, Tokens)}, {"versions-none", prompts.Versions(c, "bug-triage", nil, true, Tokens)},
		{"compare", prompts.Compare(c, prompts.CompareFacts{Flow: "bug-triage", From: 1, To: 2, Changes: changes, Powers: powers}, Tokens)},
		{"compare-same", prompts.Compare(c, prompts.CompareFacts{Flow: "bug-triage", From: 2}, Tokens)},
		{"conflict", prompts.Conflict(c, prompts.ConflictFacts{Flow: "bug-triage", By: "p-bob", At: Day("14:12:00")}, Tokens)},
		{"conflict-shown", prompts.Conflict(c, prompts.ConflictFacts{Flow: "bug-triage", By: "p-bob", At: Day("14:12:00"), Shown: true, Changes: changes}, Tokens)},
		{"live-moved", prompts.LiveMoved(c, "bug-triage", 3, 2, "p-bob", Tokens)},
		{"discard-ask", prompts.DiscardAsk(c, "bug-triage", 0, Tokens)}, {"discard-ask-live", prompts.DiscardAsk(c, "bug-triage", 2, Tokens)},
		{"rollback-ask", prompts.RollbackAsk(c, "bug-triage", 2, 1, 3, changes, Tokens)},
		{"discarded", prompts.Discarded(c, "bug-triage", "p-ann", 0)}, {"draft-done", prompts.DraftDone(c, head(), "p-ann", Day("14:20:00"))},
		{"draft-saved", prompts.DraftSaved(c, true)}, {"asleep", prompts.Asleep(c, "bug-triage")}, {"open-now", prompts.OpenNow(c, "slack", Tokens)},
		{"unchecked", prompts.Unchecked(c, "steps.ticket.body.id", "ticket", Tokens)},
		{"copied", prompts.Copied(c, "bug-triage", "/flow new bug-triage when webhook.received path=github-bugs", []byte("flow: bug-triage\n"))},
		{"templates", prompts.Templates(c, []prompts.TemplateFacts{{Name: "bug-triage", Title: "Bugs become tickets", Doc: "A bug is opened on GitHub, somebody approves, a ticket is made."}}, Tokens)},
		{"picture", prompts.Card{Key: "picture", Title: prompts.Line{{Text: "bug-triage"}}, Lang: lang, Text: "bug-triage", State: engine.CardResolved, Blocks: []prompts.Block{prompts.Picture{Alt: "webhook, then review, then ticket",
			Drawing: prompts.Drawing{Title: "bug-triage", Nodes: []prompts.DrawNode{{ID: "trigger", Kind: "trigger", Label: "webhook"}, {ID: "ticket", Kind: "do", Label: "http.request", Risk: engine.Write}}}}}}},
	}
}

func drySteps() []prompts.DryStep {
	a := ask()
	return []prompts.DryStep{
		{Number: "1", Step: engine.StepView{Path: "review", Kind: "ask"}, Ask: &a},
		{Number: "2", Step: engine.StepView{Path: "ticket", Kind: "do", Action: "http.request", Line: ticketLine, Detail: ticketBody(), Risk: engine.Write, Output: json.RawMessage(`{"id": 7}`)}, Assumed: true},
		{Number: "3", Step: engine.StepView{Path: "wait_3", Kind: "wait", Line: "3d"}},
		{Number: "4", Step: engine.StepView{Path: "tell", Kind: "do", Action: "chat.message.post", Line: "Post into #triage", Detail: "Ticket 7", Risk: engine.Write}, Assumed: true},
		{Number: "5", Step: engine.StepView{Path: "look", Kind: "do", Action: "http.request", Line: "GET https://tracker.example.org/tickets/7", Risk: engine.Read, Output: json.RawMessage(`{"status": 200}`)}},
		{Number: "6", Step: engine.StepView{Path: "late", Kind: "do", Action: "http.request", State: engine.StepStateSkipped, Reason: "action is \"opened\""}},
		{Number: "7", Step: engine.StepView{Path: "bad", Kind: "do", Action: "http.request", State: engine.StepStateFailed, Failure: refused()}},
		{Number: "8", Step: engine.StepView{Path: "end", Kind: "stop", Reason: "done"}},
	}
}

func question(kind string) engine.AskView {
	return engine.AskView{Kind: kind, Path: "pick", State: engine.CardOpen, Title: "How urgent is it?", Groups: []string{"@triage"}, Need: 1, Mode: "any",
		Opened: Day("14:21:00"), Expires: Day("14:21:00") + 3*24*3600e3, Then: "skip", Options: []engine.AskOption{{Value: "now", Label: "Today"}, {Value: "later"}},
		Fields: &engine.Schema{Type: "object", Fields: []engine.Field{{Name: "reason", Schema: &engine.Schema{Type: "string", Title: "Why?", Required: true}},
			{Name: "size", Schema: &engine.Schema{Type: "string", Enum: []string{"s", "l"}, Titles: []string{"small", "large"}}}, {Name: "urgent", Schema: &engine.Schema{Type: "boolean"}}}}}
}

func questions(lang string) []Card {
	c := Ctx(lang)
	vary := func(kind string, f func(*engine.AskView)) prompts.Card {
		a := question(kind)
		f(&a)
		return prompts.Ask(c, run(), a, Tokens)
	}
	answered := func(answer string) func(*engine.AskView) {
		return func(a *engine.AskView) {
			a.State, a.Decision, a.DecidedBy, a.DecidedAt, a.Answer = engine.CardDecided, "answered", "p-bob", Day("14:23:00"), json.RawMessage(answer)
		}
	}
	return []Card{
		{"choice-open", vary(engine.AskChoice, func(*engine.AskView) {})},
		{"choice-open-many", vary(engine.AskChoice, func(a *engine.AskView) {
			a.Options, a.Then = nil, "stop"
			for _, v := range []string{"a", "b", "c", "d", "e", "f"} {
				a.Options = append(a.Options, engine.AskOption{Value: v, Label: "Answer " + v})
			}
		})},
		{"choice-open-empty", vary(engine.AskChoice, func(a *engine.AskView) { a.Groups = []string{"@nobody"} })},
		{"choice-open-anybody", vary(engine.AskChoice, func(a *engine.AskView) { a.Groups, a.Expires = nil, 0 })},
		{"choice-answered", vary(engine.AskChoice, answered(`{"choice": "now"}`))},
		{"choice-skipped", vary(engine.AskChoice, func(a *engine.AskView) { a.State, a.DecidedAt = engine.CardDecided, Day("14:23:00") })},
		{"choice-expired", vary(engine.AskChoice, func(a *engine.AskView) { a.State = engine.CardExpired })},
		{"choice-superseded", vary(engine.AskChoice, func(a *engine.AskView) { a.State = engine.CardSuperseded })},
		{"asked-form-open", vary(engine.AskForm, func(*engine.AskView) {})},
		{"asked-form-answered", vary(engine.AskForm, answered(`{"fields": {"reason": "It burns", "size": "l", "urgent": true}}`))},
	}
}
