package prompts

import (
	"strings"

	"github.com/bretelle/bretelle/engine"
)

// StepFacts is a step to write. Fields come from the action's schema (package prompts/fields), or are the own fields
// of a kind (AskFields, BlockFields).
type StepFacts struct {
	Flow   string
	Number string // "2"
	Kind   string // "http.request", or a kind of step: approval, choice, form, if, switch, each, try, wait, set, stop
	Title  string // what it does in a few words, an English text
	Doc    string // an English text
	Risk   engine.Risk
	Fields []Field
	Insert []Field // fields.InsertFields
	// IfFails is what on_error says: "retry", "ask", "continue", "stop", "steps"; "" does not ask. Tries is how often it
	// tries.
	IfFails string
	Tries   int
	ID      string // the step's name in expressions
	When    string // condition of the step; "" for none
	Lasts   bool   // it takes time, and is asked how long it may
	Timeout string // "30s"; "" for the usual
	Undoes  bool   // it changes something, and is asked how that is taken back
	Undo    string // as one line: http.request method=DELETE url="…"
	Inverse bool   // its action knows by itself how it is taken back
	New     bool   // the page after "What next?": it has a way back
	Up      bool   // it can move up, down
	Down    bool
	Warn    []engine.Text
}

// RepeatName is the setting of an action that says it may be sent twice; StepForm asks for it in words.
const RepeatName = "with.repeat_safe"

// UndoName is the field about how a step is taken back.
const UndoName = "undo"

// StepForm asks for a step. After the fields given: repeat-safe, on_error, id, when, timeout, undo. Buttons: back, up, down, remove.
func StepForm(c Ctx, d StepFacts, token string, f Filled) Form {
	kind, name := c.stepKind(d.Kind), ""
	if d.Title != "" { // an action: people know it by its title, texts by its name
		kind, name = c.t(d.Title), d.Kind
	}
	m := c.form("step:"+d.Flow+"/"+d.ID, token, c.t("Step {number}: {kind}", "number", d.Number, "kind", kind), c.t("Save"), f)
	m.intro(c, name, d.Doc, d.Warn)
	if d.Risk > engine.Read {
		m.Intro = append(m.Intro, Note{append(text(RiskSign+" "), c.line("changes things: {risk}", "risk", c.risk(d.Risk))...)})
	}
	var repeat *Field
	for _, x := range d.Fields {
		if x.Name == RepeatName && x.Kind == FieldCheck {
			y := c.repeats(x)
			repeat = &y
			continue
		}
		m.Fields = append(m.Fields, x)
	}
	m.Fields = append(m.Fields, d.Insert...)
	if repeat != nil {
		m.Fields = append(m.Fields, *repeat)
	}
	if d.IfFails != "" {
		m.field(c.ifFails(d), f)
	}
	m.field(Field{Name: "id", Label: c.t("Name of the step"), Help: c.t("Later steps read its answer by this name"), Kind: FieldLine, Value: d.ID, Example: "ticket"}, f)
	m.field(Field{Name: "when", Label: c.t("Only when"), Help: c.t("A condition; without one it always runs"), Kind: FieldLine, Value: d.When, Example: `{{ event.body.action == "opened" }}`}, f)
	if d.Lasts {
		m.field(Field{Name: "timeout", Label: c.t("Takes at most"), Help: c.t("What takes longer has failed. Of an action, each try. Left empty: the usual."), Kind: FieldLine, Value: d.Timeout, Example: "30s", Fixed: true}, f)
	}
	if d.Undoes {
		help := c.t("The action that takes it back when somebody undoes a run, as one line. It sees result and input. Left empty: it cannot be undone.")
		if d.Inverse {
			help = c.t("The action that takes it back when somebody undoes a run, as one line. It sees result and input. Left empty: as the action does it by itself.")
		}
		m.field(Field{Name: UndoName, Label: c.t("Undone by"), Help: help, Kind: FieldText, Value: d.Undo, Example: `http.request method=DELETE url="{{ result.body.url }}"`}, f)
	}
	if d.New {
		m.act("back", c.t("Back"))
		return m
	}
	if d.Up {
		m.act("up", c.t("Move up"))
	}
	if d.Down {
		m.act("down", c.t("Move down"))
	}
	m.act("remove", c.t("Remove"))
	return m
}

// stepKind is what a dialog calls a kind of step; an action is called by its name.
func (c Ctx) stepKind(kind string) string {
	switch kind {
	case "approval":
		return c.t("approval")
	case "choice":
		return c.t("question")
	case "form":
		return c.t("form")
	}
	return c.kindName(kind)
}

// repeats asks in words whether a step may be sent twice; the values stay "true" and "false".
func (c Ctx) repeats(x Field) Field {
	x.Label, x.Kind = c.t("Repeat-safe"), FieldOne
	x.Options = []Option{{Value: "false", Label: c.t("No: ask me if unsure")}, {Value: "true", Label: c.t("Yes: it may be sent twice")}}
	if x.Value != "true" {
		x.Value = "false"
	}
	return x
}

func (c Ctx) ifFails(d StepFacts) Field {
	tries := d.Tries
	if tries == 0 {
		tries = 5
	}
	x := Field{Name: "on_error", Label: c.t("If it fails"), Kind: FieldOne, Value: d.IfFails, Options: []Option{
		{Value: "retry", Label: c.t("Try {n} times, then alert", "n", tries)},
		{Value: "ask", Label: c.t("Ask what to do")},
		{Value: "continue", Label: c.t("Go on without it")},
		{Value: "stop", Label: c.t("Stop the run")},
		{Value: "steps", Label: c.t("Do other steps, added afterwards")}}}
	return x
}

// AskFacts is a question to people in the making.
type AskFacts struct {
	Kind    string   // approval, choice, form
	Title   string   // the question, with its expressions
	Preview string   // what it gives with the sample
	Covers  []string // ids of covered steps; "next" is the next step, whatever it will be
	Steps   []Option // steps that can be covered
	Who     string   // "@triage"
	Groups  []Option
	Need    int
	Edit    []string // "ticket.json"
	Can     []Option // what may be edited
	After   string   // "3d"
	Then    string   // stop, deny, approve; of a choice or form: stop, skip
	Lax     bool     // approve is possible: nothing covered is worse than write
	Options string   // of a choice: one a line, "value: label" or just the label
	Form    string   // of a form: its fields, one a line or as YAML
}

// AskFields are the fields of a question: title covers who need edit after then; of a choice also options, of a form
// also fields.
func AskFields(c Ctx, d AskFacts, f Filled) []Field {
	var m Form
	m.Lang = Lang(c.Lang)
	m.field(Field{Name: "title", Label: c.t("Question"), Kind: FieldText, Value: d.Title, Preview: d.Preview, Required: true, Example: c.t("Go on?")}, f)
	switch d.Kind {
	case "choice":
		m.field(Field{Name: "options", Label: c.t("Answers"), Help: c.t("One a line. A word before a colon is what later steps read: yes: Yes, please"), Kind: FieldText, Value: d.Options, Required: true}, f)
	case "form":
		m.field(Field{Name: "fields", Label: c.t("Fields"), Help: c.t("One a line: name: Title, then (type) if it is not one line of text. Types: {types}", "types", "lines, number, check, choice, many, email, date"),
			Kind: FieldText, Value: d.Form, Required: true, Example: "reason: Why?\namount: How much? (number)"}, f)
	default:
		covers := Field{Name: "covers", Label: c.t("Covers"), Help: c.t("Steps that wait for this approval"), Kind: FieldMany, Value: lines(d.Covers)}
		covers.Options = append([]Option{{Value: NextStep, Label: c.t("the next step")}}, d.Steps...)
		m.field(covers, f)
	}
	m.field(oneOf(Field{Name: "who", Label: c.t("Who"), Help: c.t("A group or a person"), Value: d.Who, Required: true, Example: "@triage"}, d.Groups), f)
	if d.Kind == "approval" || d.Kind == "" {
		m.field(Field{Name: "need", Label: c.t("How many"), Help: c.t("Different people who have to approve"), Kind: FieldNumber, Value: number(d.Need)}, f)
		if len(d.Can) > 0 {
			m.field(Field{Name: "edit", Label: c.t("May edit"), Help: c.t("What they may change before they approve"), Kind: FieldMany, Value: lines(d.Edit), Options: d.Can}, f)
		}
	}
	m.field(Field{Name: "after", Label: c.t("No answer after"), Help: c.t("Left empty: it waits for ever"), Kind: FieldLine, Value: d.After, Example: "3d", Fixed: true}, f)
	m.field(Field{Name: "then", Label: c.t("then"), Kind: FieldOne, Value: d.Then, Options: c.thens(d)}, f)
	return m.Fields
}

// NextStep among Covers is the step that comes next, which need not exist yet.
const NextStep = "next"

func (c Ctx) thens(d AskFacts) []Option {
	stop := Option{Value: "stop", Label: c.t("stop the run")}
	if d.Kind == "choice" || d.Kind == "form" {
		return []Option{stop, {Value: "skip", Label: c.t("go on without an answer")}}
	}
	out := []Option{stop, {Value: "deny", Label: c.t("count it as denied")}}
	if d.Lax {
		out = append(out, Option{Value: "approve", Label: c.t("count it as approved")})
	}
	return out
}

func number(n int) string {
	if n <= 0 {
		return "1"
	}
	return jsonText(n)
}

// BlockFacts is a step that is no action and no question, in the making. Only what its kind has is filled.
type BlockFacts struct {
	Kind      string  // if, switch, each, while, parallel, try, wait, set, stop
	Condition []Field // of an if: fields.ConditionFields
	On        string  // of a switch: the value looked at
	Cases     string  // of a switch: one a line; several values of one case are joined by commas
	List      string  // of an each
	As        string  // of an each and a while
	AtOnce    string  // of an each: rounds at once; "" is one
	Batch     string  // of an each: elements a round; "" is one, as it is
	MayFail   string  // of an each: "" parks, "all", or how many rounds may fail
	Cond      string  // of a while
	Most      string  // of a while: rounds
	Branches  string  // of a parallel: one name a line
	Join      string  // of a parallel: all, any or a number
	Losers    string  // of a parallel: cancel or finish
	Mode      string  // of a wait: for, until, hours, reply, event; of a call: wait, forget
	For       string  // of a wait: "3d"
	Until     string  // of a wait: a time or an expression
	Reply     string  // of a wait: to what, as reply.to in the flow
	From      string  // of a wait: reply.from
	Event     string  // of an emit, and of a wait for one
	Key       string  // of that event
	Hours     string  // of a wait for working hours
	Holidays  string  // of it, with commas
	Flow      string  // of a call
	Version   string  // of a call: "" is the published one
	Given     string  // of a call what it is given, of an emit what goes with it: "name: value" lines
	Rate      string  // of a throttle, "10/m"
	Item      string  // of a digest: what is added
	At        string  // of a digest: when it goes out by the clock, in words
	Set       string  // of a set: "name: value" lines
	Reason    string  // of a stop
	Preview   string  // of what is computed
}

// BlockFields are the own fields of a step: of an if those of its condition; of a switch on and cases; of an each
// list, as, atonce, batch and mayfail; of a while cond, most and as; of a parallel branches, join and losers; of a wait mode and for, until, hours, reply or event; of a call flow, given, mode and version; of an emit event,
// key and given; of a throttle rate and key; of a dedupe key, for and mode; of a digest item, at, for, most, key
// and mode; of a set values; of a stop reason. A try has none.
func BlockFields(c Ctx, d BlockFacts, f Filled) []Field {
	var m Form
	m.Lang = Lang(c.Lang)
	switch d.Kind {
	case "if":
		return d.Condition
	case "switch":
		m.field(Field{Name: "on", Label: c.t("Look at"), Help: c.t("The value that decides"), Kind: FieldLine, Value: d.On, Preview: d.Preview, Required: true, Example: "{{ event.body.size }}"}, f)
		m.field(Field{Name: "cases", Label: c.t("Cases"), Help: c.t("One a line; small, medium on one line is one case"), Kind: FieldText, Value: d.Cases, Required: true}, f)
	case "each":
		c.eachFields(&m, d, f)
	case "while":
		c.whileFields(&m, d, f)
	case "parallel":
		c.parallelFields(&m, d, f)
	case "wait":
		c.waitFields(&m, d, f)
	case "call":
		c.callFields(&m, d, f)
	case "emit":
		c.emitFields(&m, d, f)
	case "throttle", "dedupe", "digest":
		c.gateFields(&m, d, f)
	case "set":
		m.field(Field{Name: "values", Label: c.t("Values"), Help: c.t("One a line, name: value. Later steps read them as vars.name."), Kind: FieldText, Value: d.Set, Preview: d.Preview, Required: true, Example: "total: {{ sum(event.body.items, .price) }}"}, f)
	case "stop":
		m.field(Field{Name: "reason", Label: c.t("Why?"), Help: c.t("People read it where the run is listed"), Kind: FieldLine, Value: d.Reason, Preview: d.Preview}, f)
	}
	return m.Fields
}

func (c Ctx) waitFields(m *Form, d BlockFacts, f Filled) {
	mode := d.Mode
	if v := f.Values["mode"]; v != "" {
		mode = v
	}
	if mode == "" {
		mode = "for"
	}
	m.field(Field{Name: "mode", Label: c.t("Wait"), Kind: FieldOne, Value: mode, Acts: true, Options: []Option{
		{Value: "for", Label: c.t("for a time")}, {Value: "until", Label: c.t("until a moment")}, {Value: "reply", Label: c.t("for a reply")},
		{Value: "event", Label: c.t("for an event")}, {Value: "hours", Label: c.t("for working hours")}}}, f)
	switch mode {
	case "event":
		c.eventFields(m, d, f)
	case "hours":
		c.hoursFields(m, d, f)
	case "until":
		m.field(Field{Name: "until", Label: c.t("Until"), Kind: FieldLine, Value: d.Until, Preview: d.Preview, Required: true, Example: "2026-12-01T09:00:00+01:00"}, f)
	case "reply":
		m.field(Field{Name: "reply", Label: c.t("To what"), Help: c.t("A message that an earlier step posted: its ref"), Kind: FieldLine, Value: d.Reply, Preview: d.Preview, Required: true, Example: "{{ steps.tell.ref }}"}, f)
		m.field(Field{Name: "from", Label: c.t("From whom"), Help: c.t("A group or a person. Left empty: anybody."), Kind: FieldLine, Value: d.From, Example: "@triage"}, f)
		m.field(Field{Name: "for", Label: c.t("At most"), Help: c.t("Left empty: it waits for ever"), Kind: FieldLine, Value: d.For, Example: "3d"}, f)
	default:
		m.field(Field{Name: "for", Label: c.t("How long"), Kind: FieldLine, Value: d.For, Preview: d.Preview, Required: true, Example: "3d"}, f)
	}
}

// lines are the values of a field of several choices as it holds them.
func lines(values []string) string { return strings.Join(values, "\n") }
