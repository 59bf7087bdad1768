package control

import (
	"encoding/json"

	"github.com/bretelle/bretelle/engine"
)

// The messages of the protocol. Those named in CONTRACTS, "JSON of the command line", are what `--json` prints.

// ApplyIn asks to store a flow's text as its draft.
type ApplyIn struct {
	Source  string `json:"source"`
	Publish bool   `json:"publish,omitempty"`
	As      string `json:"as,omitempty"` // name of the person who does it; "" is the operator
}

// ApplyOut is what came of it.
type ApplyOut struct {
	Flow      FlowOut      `json:"flow"`
	New       bool         `json:"new"`
	Changed   bool         `json:"changed"`
	Published bool         `json:"published"`
	Problems  []ProblemOut `json:"problems"`
}

// ProblemOut is one finding about a text.
type ProblemOut struct {
	Severity string `json:"severity"`
	Line     int    `json:"line,omitempty"`
	Column   int    `json:"column,omitempty"`
	Message  string `json:"message"`
	Hint     string `json:"hint,omitempty"`
	Text     string `json:"text"` // all of it, as a terminal shows it
}

// FlowOut is a flow.
type FlowOut struct {
	Name     string       `json:"name"`
	Title    string       `json:"title,omitempty"`
	State    string       `json:"state"`
	Version  int64        `json:"version,omitempty"`
	Draft    bool         `json:"draft"`
	Place    engine.Place `json:"place"`
	Trigger  string       `json:"trigger"`
	Owner    string       `json:"owner,omitempty"`
	Changed  string       `json:"changed"`
	Problems []ProblemOut `json:"problems,omitempty"`
	Source   string       `json:"source,omitempty"`
}

// NamedIn names a flow, and for some operations a version or a new state.
type NamedIn struct {
	Name  string `json:"name"`
	Which string `json:"which,omitempty"`
	As    string `json:"as,omitempty"`
}

// StartIn starts a flow by hand with an event.
type StartIn struct {
	Name  string          `json:"name"`
	Event json.RawMessage `json:"event,omitempty"` // the members body, headers, query …
	As    string          `json:"as,omitempty"`
}

// StartOut is the answer of the one door in.
type StartOut struct {
	Result string `json:"result"`
	Run    int64  `json:"run,omitempty"`
	Reason string `json:"reason,omitempty"`
}

// RunIn names a run, or filters a list.
type RunIn struct {
	Number int64    `json:"number,omitempty"`
	Path   string   `json:"path,omitempty"`
	Flow   string   `json:"flow,omitempty"`
	States []string `json:"states,omitempty"`
	Limit  int      `json:"limit,omitempty"`
	Text   string   `json:"text,omitempty"` // words of its event
	As     string   `json:"as,omitempty"`
}

// RunOut is a run (CONTRACTS, "JSON of the command line").
type RunOut struct {
	Number  int64     `json:"number"`
	ID      string    `json:"id"`
	Flow    string    `json:"flow"`
	Version int64     `json:"version"`
	State   string    `json:"state"`
	Trigger string    `json:"trigger"`
	Started string    `json:"started"`
	Ended   string    `json:"ended,omitempty"`
	Reason  string    `json:"reason,omitempty"`
	Steps   []StepOut `json:"steps,omitempty"`

	CalledBy int64           `json:"called_by,omitempty"` // number of the run that called it
	Output   json.RawMessage `json:"output,omitempty"`    // what it gave to that run
}

// StepOut is a step of a run.
type StepOut struct {
	Path     string          `json:"path"`
	State    string          `json:"state"`
	Attempts int             `json:"attempts"`
	Line     string          `json:"line,omitempty"`
	Reason   string          `json:"reason,omitempty"`
	Input    json.RawMessage `json:"input,omitempty"`
	Output   json.RawMessage `json:"output,omitempty"`
	Error    *ErrorOut       `json:"error,omitempty"`
	Calls    []engine.Callee `json:"calls,omitempty"`  // the runs it called
	Rounds   int             `json:"rounds,omitempty"` // of a loop: how many it has
	Hidden   int             `json:"hidden,omitempty"` // of a loop: earlier rounds that are not among the steps
}

// ErrorOut is an error in JSON.
type ErrorOut struct {
	Code    engine.Code `json:"code"`
	Message string      `json:"message"`
	Hint    string      `json:"hint,omitempty"`
}

// PersonIn adds a person, or asks for a login link for one.
type PersonIn struct {
	Name string `json:"name"`
	Role string `json:"role,omitempty"`
}

// PersonOut is a person.
type PersonOut struct {
	ID   string `json:"id"`
	Name string `json:"name"`
	Role string `json:"role"`
}

// GroupIn makes or replaces a group.
type GroupIn struct {
	Name    string   `json:"name"`
	Members []string `json:"members"` // names of persons
}

// ChannelIn adds a channel.
type ChannelIn struct {
	Place string `json:"place"`
	Lang  string `json:"lang,omitempty"`
}

// SecretIn sets a secret. It travels over the private socket only and is sealed before anything is stored.
type SecretIn struct {
	Name   string `json:"name"`
	Value  string `json:"value"`
	Origin string `json:"origin,omitempty"`
	Header string `json:"header,omitempty"`
	User   string `json:"user,omitempty"`
}

// SecretOut is a secret without its value.
type SecretOut struct {
	Name    string `json:"name"`
	Version int64  `json:"version"`
	Origin  string `json:"origin,omitempty"`
	Header  string `json:"header,omitempty"`
	User    string `json:"user,omitempty"`
	Set     string `json:"set,omitempty"`
}

// HookIn asks how a delivery to a webhook must look like: the server signs it, so that the secret stays there.
type HookIn struct {
	Path  string `json:"path"`
	Event string `json:"event,omitempty"`
	ID    string `json:"id,omitempty"`
	Body  []byte `json:"body"`
}

// HookOut is the request to send.
type HookOut struct {
	URL     string            `json:"url"`
	Headers map[string]string `json:"headers"`
}

// LoginOut is a one-time login link.
type LoginOut struct {
	URL string `json:"url"`
}

// KeyOut says where the master key lies: a path, or $NAME of an environment variable.
type KeyOut struct {
	Place string `json:"place"`
}

// CardOut is a card (CONTRACTS, "JSON of the command line"). The tokens stay inside.
type CardOut struct {
	ID      string           `json:"id"`
	Key     string           `json:"key,omitempty"`   // what it is about: "builder:bug-triage"
	Brief   string           `json:"brief,omitempty"` // of a draft's card: what is left to do, in one line
	Place   engine.Place     `json:"place"`
	Thread  string           `json:"thread,omitempty"`
	Title   string           `json:"title"`
	Text    string           `json:"text"`
	Blocks  []BlockOut       `json:"blocks"`
	Buttons []ButtonOut      `json:"buttons"`
	Menus   []MenuOut        `json:"menus"`
	State   engine.CardState `json:"state"`
	Private bool             `json:"private,omitempty"` // only the person who asked sees it
}

// BlockOut is a part of a card; Type is para, facts, pre, note, picture or divider.
type BlockOut struct {
	Type  string    `json:"type"`
	Text  string    `json:"text,omitempty"`
	Lang  string    `json:"lang,omitempty"`
	Facts []FactOut `json:"facts,omitempty"`
}

// FactOut is a label with its value.
type FactOut struct {
	Label string `json:"label"`
	Value string `json:"value"`
	Risky bool   `json:"risky,omitempty"`
}

// ButtonOut is a button; ID is its verb.
type ButtonOut struct {
	ID    string `json:"id"`
	Label string `json:"label"`
	Style string `json:"style"`
	URL   string `json:"url,omitempty"`
}

// MenuOut is a menu; its options are the values that `--choose ID=VALUE` takes.
type MenuOut struct {
	ID      string   `json:"id"`
	Options []string `json:"options"`
}

// FormOut is an open dialog.
type FormOut struct {
	Name    string      `json:"name"`
	Title   string      `json:"title"`
	Submit  string      `json:"submit"`
	Fields  []FieldOut  `json:"fields"`
	Buttons []ButtonOut `json:"buttons"` // of its body, for --press
	Text    string      `json:"text"`    // all of it, as a terminal shows it
	Line    string      `json:"line"`    // its fields in one line
	Read    bool        `json:"read"`    // what stands around the fields has to be read: show Text
}

// FieldOut is a field of a dialog.
type FieldOut struct {
	Name     string      `json:"name"`
	Short    string      `json:"short"` // the name as people may write it: "url" for "with.url"
	Label    string      `json:"label"`
	Kind     string      `json:"kind"`
	Value    string      `json:"value"`
	Help     string      `json:"help,omitempty"`
	Example  string      `json:"example,omitempty"`
	Required bool        `json:"required,omitempty"`
	Options  []string    `json:"options,omitempty"` // values; --submit takes labels too
	Choices  []ChoiceOut `json:"choices,omitempty"` // the same with their labels
	Acts     bool        `json:"acts,omitempty"`    // choosing changes the dialog at once
	Live     bool        `json:"live,omitempty"`    // there are more choices than these: any part of one finds them
	Preview  string      `json:"preview,omitempty"`
	Warning  string      `json:"warning,omitempty"`
	Error    string      `json:"error,omitempty"`
}

// ChoiceOut is a choice of a field.
type ChoiceOut struct {
	Value string `json:"value"`
	Label string `json:"label"`
}

// ChatIn is one call of `bretelle chat`. What is set is done in the order of the fields; where Press names a button of
// the open dialog, Submit fills the dialog first and the button sends it.
type ChatIn struct {
	As     string            `json:"as"`
	In     string            `json:"in"`
	Thread string            `json:"thread,omitempty"`
	Text   string            `json:"text,omitempty"`
	Press  string            `json:"press,omitempty"`
	Card   string            `json:"card,omitempty"`
	Choose map[string]string `json:"choose,omitempty"`
	Submit map[string]string `json:"submit,omitempty"`
}

// ChatOut is what the person sees: a card, an open form, or nothing.
type ChatOut struct {
	Card *CardOut `json:"card,omitempty"`
	Form *FormOut `json:"form,omitempty"`
	// Wrong tells that the form came back because of what was typed; its fields say why.
	Wrong bool `json:"wrong,omitempty"`
}

// Heard is one message of a channel, as the stream gives it.
type Heard struct {
	Change int64    `json:"change"`
	By     string   `json:"by"` // name; "" is the bot
	Text   string   `json:"text"`
	Thread string   `json:"thread,omitempty"`
	Edited bool     `json:"edited,omitempty"`
	At     string   `json:"at"`
	Card   *CardOut `json:"card,omitempty"`
}
