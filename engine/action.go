package engine

// Action is what a connector can do, as everything outside connectors sees it. Its functions are pure: the fold
// calls them.
type Action struct {
	Name     string // service.object.verb
	Title    string
	Doc      string
	In, Out  *Schema
	Risk     Risk     // the greatest it can have; what Traits is measured against
	Repeat   bool     // idempotent whatever the input: doing it twice is doing it once
	Probe    bool     // an unknown outcome can be looked up
	Scopes   []string // what the account must allow; of a chat action what each platform must, "slack:chat:write", "discord:SEND_MESSAGES"
	Account  string   // kind of account needed; "" needs none
	Store    string   // how an account for it is stored, after "bretelle secret set NAME": "--origin smtps://mail.example.org --user NAME"
	Sample   any      // an answer as it may look; what a dry run assumes
	Contract string   // hash of name, schemas and risk; pinned at publication

	// Undo is the call that takes back one that was made with this input and gave this; false where there is none. Nil:
	// it cannot be undone, unless a flow says how.
	Undo func(in map[string]any, out any) (Inverse, bool)
	// Traits tells risk and repeatability for an input (http.request: by method). Nil means Risk and Repeat hold
	// for every input. Values not known yet are absent from in, and count as the worst they could be.
	Traits func(in map[string]any) Traits
	// Describe says in one line what would happen, "POST https://tracker…", and gives whatever else is sent, for
	// showing below it (a body, a text; nil: nothing): what people see is all that runs. Parts of a plan that are
	// not known yet are maps with the one member "$from". Nil shows the title and the whole input.
	Describe func(in map[string]any) (line string, detail any)
}

// Traits is what decides about gates and repeats for one input of an action.
type Traits struct {
	Risk   Risk
	Repeat bool // idempotent, or declared repeat-safe by the flow's author
}

// TraitsOf is the action's traits for an input, never milder than unknown allows.
func (a *Action) TraitsOf(in map[string]any) Traits {
	if a.Traits != nil {
		return a.Traits(in)
	}
	return Traits{Risk: a.Risk, Repeat: a.Repeat}
}

// Line is what would happen in one line, with the rest of what is sent below it.
func (a *Action) Line(in map[string]any) (line string, detail any) {
	if a.Describe != nil {
		return a.Describe(in)
	}
	return a.Title, in
}

// Text is a sentence to translate: its English as message id, with what fills it. An argument may be a Text.
type Text struct {
	Msg  string
	Args map[string]any
}

// String is the text in English.
func (t Text) String() string { return Fill(t.Msg, t.Args) }

// Say makes a Text of a message and pairs of names and values.
func Say(msg string, pairs ...any) Text { return Text{Msg: msg, Args: Args(pairs...)} }

// TriggerKind is a kind of thing that starts flows, "webhook.received".
type TriggerKind struct {
	Name     string
	Title    string
	Doc      string
	With     *Schema  // its settings
	Event    *Schema  // declared shape of event; nil: untyped
	Identity []string // the fields of With that make a trigger what it is; changing one re-baselines
	Store    string   // how an account for it is stored, as for an Action
	Scopes   []string // what must be allowed for it, as for an Action; an intent of Discord's is "discord:intent:GUILD_MESSAGES"
	// Check finds what a schema cannot say about settings, as pure text errors by field; nil checks nothing.
	Check func(with map[string]any) map[string]*Error
	// Describe says in words when it happens, "a webhook arrives at /hooks/{path}", as message id and arguments. Nil
	// shows the title.
	Describe func(with map[string]any) Text
	// Keyed reports whether each occurrence says by itself which one it is. Where it does not, and the flow has no
	// key, every delivery is new, and check warns. Nil: they always do.
	Keyed func(with map[string]any) bool
}

// Catalog is the set of known actions and triggers. Implementations are immutable and safe for concurrent use.
type Catalog interface {
	Action(name string) (*Action, bool)
	Trigger(name string) (*TriggerKind, bool)
	Names() []string        // of all actions, sorted
	TriggerNames() []string // sorted
}
