package prompts

import "github.com/bretelle/bretelle/engine"

// Card is one message of ours, the same facts and buttons on every surface. Renderers are total: whatever Fit
// returns can be shown.
type Card struct {
	Key     string // what it is about; at most one card for one key stands in a place
	Tone    Tone
	Title   Line
	Blocks  []Block
	Buttons []Button
	Menus   []Menu
	Text    string // plain text of the whole, for notifications and screen readers; never empty
	State   engine.CardState
	Lang    string // language of the card: "en" or "fr"
}

// Tone colours a card and chooses its sign. Words never depend on it alone.
type Tone string

// The tones and their signs.
const (
	ToneNone     Tone = ""
	ToneQuestion Tone = "question" // ❓ somebody is asked
	ToneUnsure   Tone = "unsure"   // ❔ an outcome is unknown
	ToneWorking  Tone = "working"  // ◔
	ToneGood     Tone = "good"     // ✔
	ToneBad      Tone = "bad"      // ▲ something fails
	ToneDenied   Tone = "denied"   // ✖
	ToneWarn     Tone = "warn"     // ⚠
	ToneLive     Tone = "live"     // ▶
	ToneDraft    Tone = "draft"    // ✎
)

// Block is one part of a card. The set is closed: Para, Facts, Pre, Note, Divider, Picture.
type Block interface{ block() }

// Para is running text.
type Para struct{ Line Line }

// Facts are label and value pairs, aligned where the surface can.
type Facts struct{ Facts []Fact }

// Fact is one pair. Risky marks a value that changes something outside (▲ before it).
type Fact struct {
	Label string
	Value Line
	Risky bool
}

// Pre is preformatted text from outside or from a flow, shown as it is.
type Pre struct {
	Text string
	Lang string // "json", "yaml", or ""
}

// Note is small print.
type Note struct{ Line Line }

// Divider is a line across.
type Divider struct{}

// Picture is a drawing: SVG on the web, a PNG file in chat. Alt says the same in words and is never empty.
type Picture struct {
	Alt     string
	Drawing Drawing
}

func (Picture) block() {}
func (Para) block()    {}
func (Facts) block()   {}
func (Pre) block()     {}
func (Note) block()    {}
func (Divider) block() {}

// Line is text made of spans.
type Line []Span

// Span is a piece of a line. Text from outside is always a Plain (or Strong, Code) span: only renderers make
// markup, and they escape every Text (R15).
type Span struct {
	Kind SpanKind
	Text string // Plain, Strong, Code: the text; Link: its label; Person, Group: the name shown; Time: a fallback
	URL  string // Link only: http or https
	At   int64  // Time only: milliseconds; the platform shows it in the reader's zone
	How  TimeStyle
	ID   string // Mention: whom; a person's id until Address, then the surface's own. "" shows only the name
	Ping bool   // Mention: notify them. Only ids of such spans may notify anybody.
	// Page of Strong is what it names, for a surface that has pages of its own: "flow/NAME", "run/NUMBER"; "" for none.
	Page string `json:",omitempty"`
}

// SpanKind of a Span.
type SpanKind uint8

// The kinds.
const (
	Plain SpanKind = iota
	Strong
	Code
	Link
	Time
	Mention // a person or a group
)

// TimeStyle says how a time is written.
type TimeStyle uint8

// The styles.
const (
	Clock    TimeStyle = iota // 14:23
	DayClock                  // Thu 14:21
	Date                      // 23 November 2026
)

// Button is a verb that can be pressed. Token is what comes back: random, looked up on the server, meaning nothing
// by itself. A button without Token and with URL is a link.
type Button struct {
	ID    string // stable verb: approve, deny, edit, … (CONTRACTS, "JSON of the command line")
	Label string
	Style ButtonStyle
	Token string
	URL   string
}

// ButtonStyle of a Button.
type ButtonStyle string

// The styles.
const (
	Normal  ButtonStyle = ""
	Primary ButtonStyle = "primary"
	Danger  ButtonStyle = "danger"
)

// Menu is a choice that acts when made.
type Menu struct {
	ID      string
	Label   string
	Token   string
	Options []Option
}

// Option of a menu or a select field.
type Option struct {
	Value string
	Label string
	Help  string // one short line; "" for none
}

// Form is a dialog.
type Form struct {
	Key  string // what it is about
	Name string // what it asks, the same in every language, for terminals: "new", "trigger (webhook.received)"
	// Read says that what stands above and around the fields has to be read before anything is typed, so that a terminal
	// shows all of it and not one line of fields.
	Read   bool
	Token  string // comes back with the submission
	Title  string
	Submit string  // label of the button that submits
	Intro  []Block // shown above the fields
	Fields []Field
	// Buttons stand in the dialog's body ([Back], [Add another]) and hand over what is typed so far, unchecked. Their
	// ID is what comes back (see bot.ActPrefix); Token and URL are empty.
	Buttons []Button
	Lang    string
}

// Field is one input of a form. Credentials are never asked for (R17), so there is no masked kind.
type Field struct {
	Name     string
	Label    string
	Help     string
	Kind     FieldKind
	Value    string // what stands in it; of Many, values joined by newlines
	Options  []Option
	Required bool
	Error    string // what is wrong with Value, shown under the field
	Warn     string // what may be wrong with it, shown under the field; it can be submitted all the same
	Preview  string // what Value gives with the chosen sample, shown under the field after "→"
	Example  string // shown in an empty input where the surface can
	// Acts has a choice of this field (FieldOne, FieldCheck) handed over at once, with all that is typed so far, and the
	// dialog shown anew: a list that inserts, a kind that decides which fields follow. A surface that cannot leaves
	// it to the submission or shows it as a menu on the message before the dialog.
	Acts bool
	// Live has options looked up while typing, by the handler's Options with the form's token, this field's name and
	// the text; Options are then the first ones to show.
	Live bool
	// Fixed is text that nothing of a sample can be put into: a duration, a name.
	Fixed bool
}

// FieldKind of a Field.
type FieldKind string

// The kinds.
const (
	FieldLine   FieldKind = "line" // one line of text
	FieldText   FieldKind = "text" // several lines
	FieldNumber FieldKind = "number"
	FieldCheck  FieldKind = "check" // "true" or ""
	FieldOne    FieldKind = "one"   // one of Options
	FieldMany   FieldKind = "many"  // any of Options
)

// Limits says as data what a surface can show; Fit obeys it. Zero means no limit.
type Limits struct {
	Name         string
	CardText     int // characters in all of a card
	BlockText    int // characters in one block
	Blocks       int
	Title        int
	Buttons      int // on a card
	ButtonsARow  int
	ButtonLabel  int
	MenuOptions  int
	OptionLabel  int
	FormTitle    int
	FormFields   int // a dialog's inputs; more become pages
	FieldLabel   int
	FieldHelp    int
	FieldValue   int  // characters a text input holds
	FieldName    int  // bytes of a field's name
	FormOptions  int  // options of a field in a dialog, over all the lists that a surface makes of them
	OptionValue  int  // characters of an option's value in a dialog
	FormButtons  int  // buttons in a dialog's body
	FieldErrors  bool // errors can be shown under fields
	FormFromForm bool // a dialog may answer a dialog
	FormSelects  bool // selects inside dialogs
}
