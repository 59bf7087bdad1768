package corpus

import (
	"github.com/bretelle/bretelle/engine"
	"github.com/bretelle/bretelle/prompts"
)

// dialogs are the forms of the builder.
func dialogs(lang string) []Form {
	c := Ctx(lang)
	groups := []prompts.Option{{Value: "@triage", Label: "@triage (3 people)"}, {Value: "@sales", Label: "@sales"}}
	channels := []prompts.Option{{Value: "#triage", Label: "#triage"}, {Value: "#ops", Label: "#ops"}}
	triggers := []prompts.Option{{Value: "webhook.received", Label: "A webhook is received", Help: "Outside"}, {Value: "schedule.tick", Label: "A time comes", Help: "Time"}}
	trigger := prompts.TriggerFacts{Flow: "bug-triage", Kind: "webhook.received", Title: "A webhook is received", New: true, Fields: []prompts.Field{
		{Name: "path", Label: "Path", Kind: prompts.FieldLine, Required: true, Example: "github-bugs"},
		{Name: "sender", Label: "Sender", Kind: prompts.FieldOne, Value: "unsigned", Acts: true, Options: []prompts.Option{{Value: "github", Label: "GitHub"}, {Value: "unsigned", Label: "Unsigned"}}, Warn: "Anybody who knows the address can start runs."}}}
	old := trigger
	old.New, old.Key = false, &prompts.Field{Name: "key", Label: "Key", Kind: prompts.FieldLine, Value: "{{ event.body.id }}"}
	insert := []prompts.Field{{Name: "insert", Label: "Insert", Kind: prompts.FieldOne, Acts: true, Live: true, Options: []prompts.Option{
		{Value: "event.body.issue.title", Label: `issue.title = "` + spelling + `"`}, {Value: "event.body.issue.number", Label: "issue.number = 7"}}}}
	step := prompts.StepFacts{Flow: "bug-triage", Number: "2", Kind: "http.request", Title: "Call a web address", Risk: engine.Write, IfFails: "retry", ID: "ticket", New: true, Insert: insert, Fields: []prompts.Field{
		{Name: "with.method", Label: "Method", Kind: prompts.FieldOne, Value: "POST", Options: []prompts.Option{{Value: "GET", Label: "GET"}, {Value: "POST", Label: "POST"}}},
		{Name: "with.url", Label: "Address", Kind: prompts.FieldLine, Value: "tracker.example", Required: true, Error: `"tracker.example" has no scheme. Write https://…`},
		{Name: "with.json", Label: "JSON", Kind: prompts.FieldText, Value: `{"title": "{{ event.body.isue.title }}"}`, Preview: `{"title": null}`, Warn: `No sample has "isue". Did you mean event.body.issue?  (line 1, column 26)`},
		{Name: prompts.RepeatName, Label: "Safe to repeat", Kind: prompts.FieldCheck}}}
	again := step
	again.Lasts, again.Timeout = true, "30s"
	again.New, again.Up, again.Down, again.When = false, true, true, `{{ event.body.action == "opened" }}`
	ask := func(kind string) prompts.StepFacts {
		d := prompts.AskFacts{Kind: kind, Title: `Ticket for "{{ event.body.issue.title }}"?`, Preview: `Ticket for "` + spelling + `"?`, Covers: []string{prompts.NextStep}, Who: "@triage", Groups: groups, Need: 1,
			Can: []prompts.Option{{Value: "ticket.json", Label: "Step 2: JSON"}}, After: "3d", Then: "stop", Lax: true, Options: "now: Today\nlater: Later"}
		return prompts.StepFacts{Flow: "bug-triage", Number: "1", Kind: kind, ID: "review", New: true, Fields: prompts.AskFields(c, d, prompts.Filled{})}
	}
	block := func(d prompts.BlockFacts) prompts.Form {
		return prompts.StepForm(c, prompts.StepFacts{Flow: "bug-triage", Number: "3", Kind: d.Kind, ID: d.Kind + "_3", Fields: prompts.BlockFields(c, d, prompts.Filled{})}, "token-f", prompts.Filled{})
	}
	rows := []prompts.Field{{Name: "field1", Label: "Field", Kind: prompts.FieldOne, Acts: true, Value: "event.body.action", Options: []prompts.Option{{Value: "event.body.action", Label: `action = "opened"`}}},
		{Name: "test1", Label: "Test", Kind: prompts.FieldOne, Value: "is", Options: []prompts.Option{{Value: "is", Label: "is"}, {Value: "is_not", Label: "is not"}}},
		{Name: "value1", Label: "Value", Kind: prompts.FieldLine, Value: "opened"}, {Name: "myself", Label: "Write it myself: {{ … }}", Kind: prompts.FieldCheck, Acts: true}}
	address := prompts.AddressFacts{Flow: "bug-triage", Sender: "GitHub", How: "Settings → Webhooks → Add webhook", URL: "https://bots.example.org/hooks/github-bugs", Public: true, Secret: "5b1f0000c09e", Has: true}
	near := prompts.AddressFacts{Flow: "bug-triage", URL: "http://127.0.0.1:7701/hooks/github-bugs", Has: true, Command: "bretelle hook send github-bugs -f issue.json"}
	f := prompts.Filled{}
	return []Form{
		{"form-new", prompts.NewFlowForm(c, prompts.NewFlowFacts{Channels: channels, Channel: "#triage", Triggers: triggers, Name: "bug-triage"}, "token-f", f)},
		{"form-new-taken", prompts.NewFlowForm(c, prompts.NewFlowFacts{}, "token-f", prompts.Filled{Values: map[string]string{"name": "bug-triage"},
			Errors: map[string]string{"name": "bug-triage exists already (by Bob, live). Choose another, or close and type /flow edit bug-triage."}})},
		{"form-trigger", prompts.TriggerForm(c, trigger, "token-f", f)}, {"form-trigger-old", prompts.TriggerForm(c, old, "token-f", f)},
		{"form-trigger-kind", prompts.TriggerKindForm(c, "bug-triage", triggers, "schedule.tick", "token-f", f)},
		{"form-condition", prompts.ConditionForm(c, prompts.ConditionFacts{Key: "only_if:bug-triage", Fields: rows, Rows: true, Remove: true, Matches: 1, Of: 2, Skips: "ping"}, "token-f")},
		{"form-next", prompts.NextForm(c, prompts.NextFacts{Flow: "bug-triage", Options: []prompts.Option{{Value: "ask:approval", Label: "Ask for approval", Help: "People"}, {Value: "do:http.request", Label: "Call a web address", Help: "Do"}}}, "token-f", f)},
		{"form-step", prompts.StepForm(c, step, "token-f", f)}, {"form-step-old", prompts.StepForm(c, again, "token-f", f)},
		{"form-ask-approval", prompts.StepForm(c, ask("approval"), "token-f", f)}, {"form-ask-choice", prompts.StepForm(c, ask("choice"), "token-f", f)}, {"form-ask-form", prompts.StepForm(c, ask("form"), "token-f", f)},
		{"form-if", block(prompts.BlockFacts{Kind: "if", Condition: rows})}, {"form-switch", block(prompts.BlockFacts{Kind: "switch", On: "{{ event.body.size }}", Cases: "small, medium\nlarge", Preview: "small"})},
		{"form-each", block(prompts.BlockFacts{Kind: "each", List: "{{ event.body.issue.labels }}", As: "label"})}, {"form-try", block(prompts.BlockFacts{Kind: "try"})},
		{"form-wait", block(prompts.BlockFacts{Kind: "wait", For: "3d"})}, {"form-wait-reply", block(prompts.BlockFacts{Kind: "wait", Mode: "reply", Reply: "{{ steps.tell.ref }}"})},
		{"form-wait-event", block(prompts.BlockFacts{Kind: "wait", Mode: "event", Event: "order-paid", Key: "{{ steps.order.body.id }}", For: "2d"})}, {"form-wait-hours", block(prompts.BlockFacts{Kind: "wait", Mode: "hours", Hours: "Mon-Fri 08:00-18:00", Holidays: "12-25"})},
		{"form-call", block(prompts.BlockFacts{Kind: "call", Flow: "enrich", Mode: "wait", Given: "email: {{ event.body.email }}"})}, {"form-emit", block(prompts.BlockFacts{Kind: "emit", Event: "order-paid", Key: "{{ event.body.order }}", Given: "total: {{ event.body.total }}"})},
		{"form-set", block(prompts.BlockFacts{Kind: "set", Set: "total: {{ sum(event.body.items, .price) }}"})}, {"form-stop", block(prompts.BlockFacts{Kind: "stop", Reason: "not a bug"})},
		{"form-settings", prompts.SettingsForm(c, prompts.SettingsFacts{Flow: "bug-triage", Title: "Bugs become tickets", Channel: "#triage", Channels: channels, Timezone: "Europe/Zurich"}, "token-f", f)},
		{"form-settings-called", prompts.SettingsForm(c, prompts.SettingsFacts{Flow: "enrich", Called: true, Output: "score: {{ steps.rate.body.score }}"}, "token-f", f)},
		{"form-limits", prompts.LimitsForm(c, prompts.LimitFacts{Flow: "bug-triage", Concurrency: "2", Full: "drop", Time: "2h", Budget: map[string]string{"send": "50/h"}}, "token-f", prompts.Filled{Errors: map[string]string{"time": `"soon" is not a duration. Write a number with its unit: 90s, 10m, 4h, 3d or 2w.`}})},
		{"form-collect", prompts.CollectForm(c, prompts.CollectFacts{Flow: "bug-triage", Mode: "debounce", For: "30s", AtLeast: "1", Every: "1d"}, "token-f", f)},
		{"form-collect-batch", prompts.CollectForm(c, prompts.CollectFacts{Flow: "bug-triage", Mode: "batch", For: "1m", Most: "50"}, "token-f", f)},
		{"form-address", prompts.AddressForm(c, address, "token-f")}, {"form-address-near", prompts.AddressForm(c, near, "token-f")},
		{"form-sample", prompts.SampleForm(c, prompts.SampleFacts{Flow: "bug-triage", Step: "ticket", Answer: `{"id": 7}`}, "token-f", f)},
		{"form-template", prompts.TemplateForm(c, prompts.TemplateFacts{Name: "bug-triage", Title: "Bugs become tickets", Doc: "A bug is opened on GitHub, somebody approves, a ticket is made.", Flow: "bug-triage", Fields: rows[2:3]}, "token-f", f)},
		{"form-fill", prompts.FillForm(c, run(), question(engine.AskForm), []prompts.Field{{Name: "reason", Label: "Why?", Kind: prompts.FieldLine, Required: true}}, "token-f")},
	}
}

// hostileBuilds puts a hostile text everywhere that a draft, a sample or a version can carry one.
func hostileBuilds(lang, text string) []prompts.Card {
	c := Ctx(lang)
	c.Who = func(string) string { return text }
	d := built()
	d.Head.Name, d.Sample, d.Skips, d.When, d.OnlyIf = text, text, text, engine.Say("{x}", "x", text), engine.Say("{x}", "x", text)
	d.Samples = []prompts.Option{{Value: "a", Label: text}, {Value: "b", Label: text, Help: text}}
	d.Steps[1].Text, d.Steps[1].Name, d.Steps[1].Note = engine.Say("{x}", "x", text), text, engine.Say("{x}", "x", text)
	d.Todo = []prompts.BuilderTodo{{Text: engine.Say("{x}", "x", text), Hint: engine.Say("{x}", "x", text), Warn: true}}
	says := []engine.Text{engine.Say("{x}", "x", text)}
	q := question(engine.AskChoice)
	q.Title, q.Groups, q.Options = text, []string{text}, []engine.AskOption{{Value: "a", Label: text}}
	form := question(engine.AskForm)
	form.State, form.DecidedBy, form.Answer = engine.CardDecided, "x", raw(map[string]any{"fields": map[string]any{"reason": text, "size": text}})
	a := ask()
	a.Title, a.Groups = text, []string{text}
	dry := []prompts.DryStep{{Number: "1", Ask: &a, Step: engine.StepView{Kind: "ask"}}, {Number: "2", Assumed: true, Step: engine.StepView{Kind: "do", Action: text, Line: text, Detail: text, Output: raw(text), Path: "x"}},
		{Number: "3", Step: engine.StepView{Kind: "stop", Reason: text}}, {Number: "4", Step: engine.StepView{Kind: "do", State: engine.StepStateSkipped, Reason: text}}}
	return []prompts.Card{
		prompts.Builder(c, d, Tokens), prompts.PublishAsk(c, prompts.PublishFacts{Flow: text, Version: 1, Powers: []prompts.Power{{Text: says[0], Gate: says[0]}}, Changes: says, Warn: says}, Tokens),
		prompts.DryRun(c, prompts.DryRunFacts{Flow: text, Sample: text, Skipped: text, Steps: dry}, Tokens), prompts.Versions(c, text, []prompts.VersionFacts{{Number: 1, By: "x", Changes: says}}, true, Tokens),
		prompts.Compare(c, prompts.CompareFacts{Flow: text, From: 1, To: 2, Changes: says}, Tokens), prompts.Conflict(c, prompts.ConflictFacts{Flow: text, By: "x", Shown: true, Changes: says}, Tokens),
		prompts.Copied(c, text, text, []byte(text)), prompts.Unchecked(c, text, text, Tokens), prompts.Question(c, done(), q, Tokens), prompts.Question(c, done(), form, Tokens),
		prompts.Asleep(c, text), prompts.Discarded(c, text, "x", 0), prompts.LiveMoved(c, text, 3, 2, "x", Tokens), prompts.RollbackAsk(c, text, 2, 1, 3, says, Tokens),
		prompts.DiscardAsk(c, text, 1, Tokens), prompts.DraftDone(c, d.Head, "x", 1), prompts.FormCard(c, text, text, text),
		prompts.Templates(c, []prompts.TemplateFacts{{Name: "t", Title: text, Doc: text}}, Tokens),
		prompts.Tables(c, []engine.Table{hostileTable(text)}), prompts.TableExport(c, text, text), prompts.TableRowDone(c, text, 1, "made"),
		prompts.Table(c, hostileTable(text), []engine.TableRow{{N: 1, Data: map[string]any{"a": text, text: map[string]any{text: text}}}}, Tokens),
		{Title: prompts.Line{{Text: text}}, Lang: lang, Text: text, State: engine.CardResolved, Blocks: []prompts.Block{prompts.Picture{Alt: text,
			Drawing: prompts.Drawing{Title: text, Nodes: []prompts.DrawNode{{ID: "trigger", Kind: "trigger", Label: text}, {ID: "x", Kind: "do", Label: text}}}}}},
	}
}

func hostileTable(text string) engine.Table {
	return engine.Table{Name: text, Rows: 1, By: "x", Columns: []engine.Column{{Name: "a", Type: engine.ColText}, {Name: text, Type: engine.ColJSON}}}
}
