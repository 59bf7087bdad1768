package prompts

import (
	"github.com/bretelle/bretelle/engine"
)

// NewFlowFacts is what the first page of a new flow offers. Empty options have the field typed.
type NewFlowFacts struct {
	Channels []Option // where the bot is; values as engine.ParsePlace reads them
	Channel  string   // the one proposed
	Triggers []Option // most used first; Help says the group: Outside, Time, Chat
	Name     string   // proposed
}

// NewFlowForm asks for a flow's name, purpose, channel and trigger: fields name, title, channel, trigger.
func NewFlowForm(c Ctx, d NewFlowFacts, token string, f Filled) Form {
	m := c.form("new", token, c.t("New flow"), c.t("Next"), f)
	m.field(Field{Name: "name", Label: c.t("Name"), Help: c.t("Small letters, digits, dashes"), Kind: FieldLine, Value: d.Name, Required: true, Example: "bug-triage"}, f)
	m.field(Field{Name: "title", Label: c.t("What for?"), Help: c.t("Optional"), Kind: FieldLine, Example: c.t("Bugs become tickets")}, f)
	m.field(oneOf(Field{Name: "channel", Label: c.t("Channel"), Help: c.t("Approvals, results and alerts go here"), Value: d.Channel, Required: true, Example: "#triage"}, d.Channels), f)
	m.field(oneOf(Field{Name: "trigger", Label: c.t("Starts when"), Help: c.t("What starts it"), Required: true, Example: c.t("A webhook is received")}, d.Triggers), f)
	return m
}

// listed is how many options a select holds at once on every surface that has selects; more are looked up.
const listed = 100

// oneOf makes a choice of options, or a line when there are none to choose from.
func oneOf(x Field, options []Option) Field {
	x.Kind = FieldLine
	if len(options) == 0 {
		return x
	}
	x.Kind, x.Options = FieldOne, options
	if len(options) > listed {
		x.Options, x.Live = options[:listed:listed], true
	}
	return x
}

// TriggerFacts is a trigger to set up. Fields come from its schema (package prompts/fields).
type TriggerFacts struct {
	Flow   string
	Kind   string // "webhook.received"
	Title  string // the kind's title, an English text
	Doc    string // an English text
	Fields []Field
	New    bool   // the page after the first one of a new flow: it has a way back
	Key    *Field // the dedup key; nil when it is not asked for
	Warn   []engine.Text
}

// TriggerForm asks for a trigger's settings. Its fields are those given, then "key".
func TriggerForm(c Ctx, d TriggerFacts, token string, f Filled) Form {
	title := c.t("When: {trigger}", "trigger", d.Kind)
	if d.Title != "" {
		title = c.t(d.Title) // alone: a title has room for 24 characters on Slack
	}
	m := c.form("trigger:"+d.Flow, token, title, c.t("Save"), f)
	m.Name = "trigger (" + d.Kind + ")"
	m.intro(c, "", d.Doc, d.Warn)
	m.Fields = append(m.Fields, d.Fields...)
	if d.Key != nil {
		m.Fields = append(m.Fields, *d.Key)
	}
	if d.New {
		m.act("back", c.t("Back"))
	} else {
		m.act("kind", c.t("Start with something else"))
		m.act("collect", c.t("Collect and expect…"))
	}
	return m
}

// intro says what it is about: the name that texts know it by, and doc, an English text.
func (m *Form) intro(c Ctx, name, doc string, warn []engine.Text) {
	var l Line
	if name != "" {
		l = Line{code(name)}
	}
	if doc != "" {
		l = join(" · ", l, text(c.t(doc)))
	}
	if len(l) > 0 {
		m.Intro = append(m.Intro, Note{l})
	}
	for _, w := range warn {
		m.Intro = append(m.Intro, Para{append(text("⚠ "), c.words(w)...)})
	}
}

// act adds a button to the form's body; its label is in the reader's language already.
func (m *Form) act(id, label string) {
	m.Buttons = append(m.Buttons, Button{ID: id, Label: label})
}

// TriggerKindForm asks for another trigger: field "trigger".
func TriggerKindForm(c Ctx, flow string, triggers []Option, now, token string, f Filled) Form {
	m := c.form("kind:"+flow, token, c.t("Starts when"), c.t("Next"), f)
	m.field(oneOf(Field{Name: "trigger", Label: c.t("Starts when"), Help: c.t("What starts it"), Value: now, Required: true}, triggers), f)
	return m
}

// ConditionFacts is a condition to write. Fields come from fields.ConditionFields.
type ConditionFacts struct {
	Key     string // what it belongs to: "only_if:bug-triage"
	Title   string // "" is "Only if"
	Fields  []Field
	Rows    bool // rows can be added
	Matches int
	Of      int
	Skips   string
	Remove  bool // there is one that can be taken away
}

// ConditionForm asks for a condition; buttons another and remove.
func ConditionForm(c Ctx, d ConditionFacts, token string) Form {
	title := d.Title
	if title == "" {
		title = c.t("Only if")
	}
	m := c.form(d.Key, token, title, c.t("Save"), Filled{})
	if l := c.matches(d.Matches, d.Of, d.Skips); len(l) > 0 {
		m.Intro = append(m.Intro, Note{l})
	}
	m.Fields = d.Fields
	if d.Rows {
		m.act("another", c.t("Add another"))
	}
	if d.Remove {
		m.act("remove", c.t("Remove the condition"))
	}
	return m
}

// NextFacts is what can come next. Options are grouped by their Help: People, Do, Logic.
type NextFacts struct {
	Flow    string
	After   string // where it goes, in words; "" at the end
	Options []Option
}

// NextForm asks what step comes next: field "what".
func NextForm(c Ctx, d NextFacts, token string, f Filled) Form {
	m := c.form("next:"+d.Flow, token, c.t("What next?"), c.t("Next"), f)
	if d.After != "" {
		m.Intro = append(m.Intro, Note{c.line("It goes after {place}.", "place", d.After)})
	}
	x := oneOf(Field{Name: "what", Label: c.t("What next?"), Help: c.t("Type to search all actions"), Required: true}, d.Options)
	m.field(x, f)
	return m
}

// SettingsFacts is what belongs to a flow as a whole.
type SettingsFacts struct {
	Flow      string
	Title     string
	Channel   string
	Channels  []Option
	Timezone  string
	Timezones []Option
	Called    bool   // other flows call it: it asks for output too
	Output    string // what a run gives whoever called it: "name: value" lines
	Notify    NotifyFacts
}

// NotifyFacts is where a flow's messages go besides its channel: places between commas, "" for none.
type NotifyFacts struct{ Approvals, Alerts, Results string }

// SettingsForm asks for title, channel, timezone, the places of approvals, alerts and results and, of a flow that is called, output
// (fields of those names). Button limits, to the second page.
func SettingsForm(c Ctx, d SettingsFacts, token string, f Filled) Form {
	m := c.form("settings:"+d.Flow, token, c.t("Settings of {flow}", "flow", d.Flow), c.t("Save"), f)
	m.field(Field{Name: "title", Label: c.t("What for?"), Help: c.t("Optional"), Kind: FieldLine, Value: d.Title}, f)
	m.field(oneOf(Field{Name: "channel", Label: c.t("Channel"), Help: c.t("Approvals, results and alerts go here"), Value: d.Channel, Required: true}, d.Channels), f)
	m.field(oneOf(Field{Name: "timezone", Label: c.t("Time zone"), Help: c.t("For schedules and dates. Left empty: UTC."), Value: d.Timezone, Example: "Europe/Zurich"}, d.Timezones), f)
	places := c.t("Places between commas. Left empty: only the channel.")
	for _, x := range []Field{{Name: "approvals", Label: c.t("Ask in"), Value: d.Notify.Approvals}, {Name: "alerts", Label: c.t("Tell what fails in"), Value: d.Notify.Alerts},
		{Name: "results", Label: c.t("Tell how runs end in"), Value: d.Notify.Results}} {
		x.Kind, x.Help, x.Example = FieldLine, places, "#triage, slack:T0123/#triage"
		m.field(x, f)
	}
	if d.Called {
		m.field(Field{Name: "output", Label: c.t("What a run gives back"), Help: c.t("To the flow that called it. One a line, name: value. Left empty: nothing."), Kind: FieldText, Value: d.Output, Example: "score: {{ steps.rate.body.score }}"}, f)
	}
	m.act("limits", c.t("Limits…"))
	return m
}

// AddressFacts is where a webhook is sent, and with which secret.
type AddressFacts struct {
	Flow    string
	Sender  string // how people know it: "GitHub"; "" for any
	How     string // where to enter it there: "Settings → Webhooks → Add webhook", an English text; "" when unknown
	URL     string
	Public  bool   // programs on other machines can reach it
	Secret  string // in clear, shown this once; "" when it was shown before or there is none
	Has     bool   // there is a secret
	Command string // to send one here: "bretelle hook send github-bugs -f issue.json"
	Foreign string // the secret's name where it was not made here for this flow: only the operator replaces it; "" otherwise
}

// AddressForm is the dialog that shows an address and, once, its secret: nothing to fill in, button "make".
func AddressForm(c Ctx, d AddressFacts, token string) Form {
	m := c.form("secret:"+d.Flow, token, c.t("Address and secret"), c.t("Done"), Filled{})
	switch {
	case d.Sender != "" && d.How != "":
		m.Intro = append(m.Intro, Para{c.line("In {sender}: {where}", "sender", d.Sender, "where", c.t(d.How))})
	case d.Sender != "":
		m.Intro = append(m.Intro, Para{c.line("In {sender}:", "sender", d.Sender)})
	}
	facts := Facts{[]Fact{{Label: c.t("Payload URL"), Value: Line{code(d.URL)}},
		{Label: c.t("Content type"), Value: c.line("application/json (the form type works too)")}}}
	switch {
	case d.Secret != "":
		facts.Facts = append(facts.Facts, Fact{Label: c.t("Secret"), Value: append(Line{code(d.Secret)}, c.line("  shown once, never again")...)})
	case d.Foreign != "" && d.Has:
		facts.Facts = append(facts.Facts, Fact{Label: c.t("Secret"), Value: c.line("{name}, which was not made for this flow here: the operator keeps it", "name", code(d.Foreign))})
	case d.Foreign != "":
		facts.Facts = append(facts.Facts, Fact{Label: c.t("Secret"), Value: c.line("{name}, which is not there yet: {command}", "name", code(d.Foreign), "command", code("bretelle secret set "+d.Foreign))})
	case d.Has:
		facts.Facts = append(facts.Facts, Fact{Label: c.t("Secret"), Value: c.line("is kept sealed and not shown again; if you do not have it, make a new one")})
	default:
		facts.Facts = append(facts.Facts, Fact{Label: c.t("Secret"), Value: c.line("none yet")})
	}
	m.Intro = append(m.Intro, facts)
	if !d.Public {
		m.Intro = append(m.Intro, Para{append(text("⚠ "), c.line("Only programs on this machine can reach {url}. Start with --public-url https://… (README, Webhooks), or try it here: {command}",
			"url", code(d.URL), "command", code(d.Command))...)})
	}
	if d.Secret == "" && d.Foreign == "" {
		m.act("make", c.t("Make a new one"))
	}
	return m
}

// SampleFacts is an answer of a step to be written by hand.
type SampleFacts struct {
	Flow   string
	Step   string
	Answer string // JSON that stands there now; the action's own sample otherwise
}

// SampleForm asks for a sample answer of a step as JSON: field "answer".
func SampleForm(c Ctx, d SampleFacts, token string, f Filled) Form {
	m := c.form("sample:"+d.Flow+"/"+d.Step, token, c.t("A sample answer"), c.t("Save"), f)
	m.Intro = []Block{Note{c.line("What {step} gives, as later steps will read it. It is used for previews and dry runs only.", "step", d.Step)}}
	m.field(Field{Name: "answer", Label: c.t("Answer"), Help: c.t("As JSON"), Kind: FieldText, Value: d.Answer, Required: true}, f)
	return m
}

// TemplateFacts is a template to start from. Fields come from what it asks for (package prompts/fields).
type TemplateFacts struct {
	Name   string
	Title  string // an English text
	Doc    string // an English text
	Flow   string // proposed name of the flow
	Fields []Field
}

// TemplateForm asks for the flow's name and what the template cannot know: field "name", then those given.
func TemplateForm(c Ctx, d TemplateFacts, token string, f Filled) Form {
	m := c.form("template:"+d.Name, token, c.t(d.Title), c.t("Make a draft"), f)
	m.intro(c, "", d.Doc, nil)
	m.field(Field{Name: "name", Label: c.t("Name"), Help: c.t("Small letters, digits, dashes"), Kind: FieldLine, Value: d.Flow, Required: true}, f)
	m.Fields = append(m.Fields, d.Fields...)
	return m
}

// Templates lists what can be started from; menu "template".
func Templates(c Ctx, list []TemplateFacts, tok Tokens) Card {
	b := c.card("templates", ToneNone, tok, c.line("Start from a template"))
	var facts Facts
	var options []Option
	for _, t := range list {
		facts.Facts = append(facts.Facts, Fact{Label: c.t(t.Title), Value: text(c.t(t.Doc))})
		options = append(options, Option{Value: t.Name, Label: c.t(t.Title)})
	}
	if len(options) == 0 {
		return b.para(c.line("There are none here.")).done(engine.CardResolved)
	}
	b.block(facts).menu("template", "Choose one", options...)
	return b.done(engine.CardOpen)
}
