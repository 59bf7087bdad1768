package bot

import (
	"context"
	"strings"

	"github.com/bretelle/bretelle/engine"
	"github.com/bretelle/bretelle/prompts"
)

// Command is one command of ours. The list of them gives parsing, completion, help and a platform's registration.
type Command struct {
	Group string // "admin", or "" for a plain verb
	Verb  string
	Args  []Arg
	Text  string // what it does, an English message id
	Deed  Deed   // what one needs to be allowed for it to be offered in help; "" is for everybody

	run func(b *Bot, ctx context.Context, c *call) (Reply, error)
}

// Arg is one argument of a command.
type Arg struct {
	Name     string
	Kind     ArgKind
	Optional bool
	Rest     bool // takes what is left: all further words, or the raw text for ArgText
}

// ArgKind says what completes an argument.
type ArgKind string

// The kinds.
const (
	ArgFlow   ArgKind = "flow"
	ArgRun    ArgKind = "run"
	ArgPerson ArgKind = "person"
	ArgGroup  ArgKind = "group"
	ArgRole   ArgKind = "role"
	ArgPlace  ArgKind = "place"
	ArgLang   ArgKind = "lang"
	ArgText   ArgKind = "text"
)

// Commands lists every command in the order of the help.
func Commands() []Command {
	flow, person := Arg{Name: "FLOW", Kind: ArgFlow}, Arg{Name: "PERSON", Kind: ArgPerson}
	anyFlow := Arg{Name: "FLOW", Kind: ArgFlow, Optional: true}
	group := Arg{Name: "GROUP", Kind: ArgGroup}
	people := Arg{Name: "PERSON…", Kind: ArgPerson, Optional: true, Rest: true}
	role := Arg{Name: "ROLE", Kind: ArgRole}
	return []Command{
		{Verb: "home", Text: "what there is and how it goes", Deed: DeedSee, run: (*Bot).cmdHome},
		{Verb: "show", Args: []Arg{flow}, Text: "a flow: its text, state and last runs", Deed: DeedSee, run: (*Bot).cmdShow},
		{Verb: "publish", Args: []Arg{flow}, Text: "make the draft live", Deed: DeedPublish, run: (*Bot).cmdPublish},
		{Verb: "pause", Args: []Arg{flow}, Text: "keep events and start nothing", Deed: DeedPause, run: (*Bot).cmdPause},
		{Verb: "resume", Args: []Arg{flow}, Text: "go on after a pause", Deed: DeedPause, run: (*Bot).cmdResume},
		{Verb: "run", Args: []Arg{flow, {Name: "JSON", Kind: ArgText, Optional: true, Rest: true}}, Text: "start a flow by hand, with the event's body as JSON", Deed: DeedRun, run: (*Bot).cmdRun},
		{Verb: "runs", Args: []Arg{anyFlow}, Text: "the last runs; a number shows one run", Deed: DeedSee, run: (*Bot).cmdRuns},
		{Verb: "pending", Text: "what waits for you", Deed: DeedSee, run: (*Bot).cmdPending},
		{Verb: "why", Args: []Arg{flow}, Text: "what came for a flow and what became of it", Deed: DeedSee, run: (*Bot).cmdWhy},
		{Verb: "help", Text: "what you can do here", run: (*Bot).cmdHelp},
		{Group: "admin", Verb: "claim", Args: []Arg{{Name: "CODE", Kind: ArgText}, {Name: "NAME", Kind: ArgText, Optional: true}}, Text: "say who you are, with a code you were given", run: (*Bot).cmdClaim},
		{Group: "admin", Verb: "link", Args: []Arg{{Name: "PERSON", Kind: ArgPerson, Optional: true}}, Text: "a code that links another account of yours", Deed: DeedSee, run: (*Bot).cmdLink},
		{Group: "admin", Verb: "people", Text: "persons, roles and groups", Deed: DeedPeople, run: (*Bot).cmdPeople},
		{Group: "admin", Verb: "person-add", Args: []Arg{{Name: "NAME", Kind: ArgText}, {Name: "ROLE", Kind: ArgRole, Optional: true}}, Text: "add a person", Deed: DeedPeople, run: (*Bot).cmdPersonAdd},
		{Group: "admin", Verb: "role", Args: []Arg{person, role, {Name: "#CHANNEL or FLOW", Kind: ArgPlace, Optional: true}}, Text: "give a role: everywhere, in a channel or for a flow", Deed: DeedPeople, run: (*Bot).cmdRole},
		{Group: "admin", Verb: "group-add", Args: []Arg{group, people}, Text: "put people into a group", Deed: DeedPeople, run: (*Bot).cmdGroupAdd},
		{Group: "admin", Verb: "group-set", Args: []Arg{group, people}, Text: "say who is in a group", Deed: DeedPeople, run: (*Bot).cmdGroupSet},
		{Group: "admin", Verb: "channel-add", Args: []Arg{{Name: "#CHANNEL", Kind: ArgText}, {Name: "LANGUAGE", Kind: ArgLang, Optional: true}}, Text: "let me speak in a channel", Deed: DeedPeople, run: (*Bot).cmdChannelAdd},
	}
}

// Name is "show" or "admin person-add".
func (c Command) Name() string {
	if c.Group == "" {
		return c.Verb
	}
	return c.Group + " " + c.Verb
}

// Usage is "/flow show FLOW"; what is optional stands in brackets.
func (c Command) Usage(command string) string {
	var b strings.Builder
	b.WriteString("/" + command + " " + c.Name())
	for _, a := range c.Args {
		if a.Optional {
			b.WriteString(" [" + a.Name + "]")
		} else {
			b.WriteString(" " + a.Name)
		}
	}
	return b.String()
}

// parsed is a command line taken apart.
type parsed struct {
	cmd  Command
	args map[string]string
	list []string // of a Rest argument that is a list
}

// word is a word of the line and where it ends and begins.
type word struct {
	text       string
	start, end int
}

func words(line string) []word {
	var out []word
	for i := 0; i < len(line); {
		if isSpace(line[i]) {
			i++
			continue
		}
		j := i
		for j < len(line) && !isSpace(line[j]) {
			j++
		}
		out = append(out, word{line[i:j], i, j})
		i = j
	}
	return out
}

func isSpace(c byte) bool { return c == ' ' || c == '\t' || c == '\n' || c == '\r' }

// parse takes a command line apart. An unknown verb gives an *unknown; anything else wrong is Invalid with the usage.
func parse(line, command string) (parsed, error) {
	ws := words(line)
	if len(ws) > 0 && strings.EqualFold(strings.TrimPrefix(ws[0].text, "/"), command) {
		ws = ws[1:]
	}
	if len(ws) == 0 {
		ws = []word{{text: "home"}}
	}
	cmd, used, err := lookUp(ws, command)
	if err != nil {
		return parsed{}, err
	}
	p := parsed{cmd: cmd, args: map[string]string{}}
	ws = ws[used:]
	for _, a := range cmd.Args {
		switch {
		case len(ws) == 0 && !a.Optional:
			return p, engine.E(engine.Invalid, "{what} is missing", "what", a.Name, "usage", cmd.Usage(command)).WithHint("Write it like this: {usage}")
		case len(ws) == 0:
		case a.Rest && a.Kind == ArgText:
			p.args[a.Name] = strings.TrimSpace(line[ws[0].start:])
			ws = nil
		case a.Rest:
			for _, w := range ws {
				p.list = append(p.list, w.text)
			}
			ws = nil
		default:
			p.args[a.Name] = ws[0].text
			ws = ws[1:]
		}
	}
	if len(ws) > 0 {
		return p, engine.E(engine.Invalid, `"{what}" is too much`, "what", ws[0].text, "usage", cmd.Usage(command)).WithHint("Write it like this: {usage}")
	}
	return p, nil
}

// unknown is a command that there is not.
type unknown struct {
	typed, meant string // whole commands, "/flow pubish"; meant is "" when nothing is close
}

func (u *unknown) Error() string { return "I know no \"" + u.typed + "\"" }

func lookUp(ws []word, command string) (Command, int, error) {
	verb, sub := strings.ToLower(ws[0].text), ""
	if len(ws) > 1 {
		sub = strings.ToLower(ws[1].text)
	}
	var names, subs []string
	for _, c := range Commands() {
		switch {
		case c.Group == "" && c.Verb == verb:
			return c, 1, nil
		case c.Group == verb && c.Verb == sub:
			return c, 2, nil
		case c.Group == verb:
			subs = append(subs, c.Verb)
		}
		if c.Group == "" {
			names = append(names, c.Verb)
		} else if !has(names, c.Group) {
			names = append(names, c.Group)
		}
	}
	typed, meant := "/"+command+" "+ws[0].text, ""
	if len(subs) > 0 {
		if typed += " " + sub; sub != "" {
			meant = engine.Suggest(sub, subs)
		}
		if meant != "" {
			meant = "/" + command + " " + verb + " " + meant
		}
	} else if meant = engine.Suggest(verb, names); meant != "" {
		meant = "/" + command + " " + meant
	}
	return Command{}, 0, &unknown{typed: strings.TrimSpace(typed), meant: meant}
}

// Options completes a command line: each value is a whole line to go on with. Only what the actor may is offered.
func (b *Bot) Options(ctx context.Context, in In) ([]prompts.Option, error) {
	c, err := b.caller(ctx, in.Actor)
	if err != nil {
		return nil, err
	}
	if b.may(ctx, c, DeedSee, "", in.Place, false) != nil {
		return nil, nil
	}
	ws := words(in.Text)
	if len(ws) > 0 && strings.EqualFold(strings.TrimPrefix(ws[0].text, "/"), b.o.Command) {
		ws = ws[1:]
	} else if len(ws) > 0 && strings.HasPrefix(ws[0].text, "/") {
		if strings.HasPrefix("/"+b.o.Command, ws[0].text) && len(ws) == 1 {
			return []prompts.Option{{Value: "/" + b.o.Command + " ", Label: "/" + b.o.Command}}, nil
		}
		return nil, nil
	}
	begun := "" // the word being typed
	if n := len(ws); n > 0 && !isSpace(in.Text[len(in.Text)-1]) {
		begun, ws = ws[n-1].text, ws[:n-1]
	}
	head := "/" + b.o.Command
	for _, w := range ws {
		head += " " + w.text
	}
	var out []prompts.Option
	offer := func(word, help string) {
		if len(out) < 25 && strings.HasPrefix(strings.ToLower(word), strings.ToLower(begun)) {
			out = append(out, prompts.Option{Value: head + " " + word, Label: word, Help: help})
		}
	}
	if len(ws) == 0 || len(ws) == 1 && strings.EqualFold(ws[0].text, "admin") {
		b.offerVerbs(ctx, c, in, len(ws) == 1, offer)
		return out, nil
	}
	cmd, used, err := lookUp(ws, b.o.Command)
	if err != nil {
		return nil, nil
	}
	if i := len(ws) - used; len(cmd.Args) > 0 {
		if a := cmd.Args[min(i, len(cmd.Args)-1)]; i < len(cmd.Args) || a.Rest {
			err = b.offerArg(ctx, c, a, offer)
		}
	}
	return out, err
}

func (b *Bot) offerVerbs(ctx context.Context, c *caller, in In, admin bool, offer func(word, help string)) {
	lang := b.private(c, in.Place, nil).Lang
	groups := map[string]bool{}
	for _, cmd := range Commands() {
		if cmd.Deed != "" && b.may(ctx, c, cmd.Deed, "", in.Place, false) != nil {
			continue
		}
		switch {
		case admin && cmd.Group != "", !admin && cmd.Group == "":
			offer(cmd.Verb, prompts.T(lang, cmd.Text, nil))
		case !admin && !groups[cmd.Group]:
			groups[cmd.Group] = true
			offer(cmd.Group, prompts.T(lang, "persons, roles, groups and channels", nil))
		}
	}
}

func (b *Bot) offerArg(ctx context.Context, c *caller, a Arg, offer func(word, help string)) error {
	switch a.Kind {
	case ArgPerson, ArgGroup, ArgPlace:
		if b.may(ctx, c, DeedPeople, "", engine.Place{}, false) != nil {
			return nil
		}
	}
	switch a.Kind {
	case ArgFlow:
		heads, err := b.o.Flows.List(ctx)
		if err != nil {
			return err
		}
		for _, h := range heads {
			if b.may(ctx, c, DeedSee, h.Name, h.Place, false) == nil {
				offer(h.Name, h.Title)
			}
		}
	case ArgPerson:
		for _, p := range c.book.persons {
			offer(p.Name, string(p.Role))
		}
	case ArgGroup:
		for _, name := range c.book.groupNames() {
			offer(name, "")
		}
	case ArgRole:
		for _, r := range []engine.Role{engine.Viewer, engine.Runner, engine.Builder, engine.Approver, engine.Admin} {
			offer(string(r), "")
		}
	case ArgPlace:
		for _, ch := range c.book.channels {
			offer(ch.Place.String(), "")
		}
	case ArgLang:
		offer("en", "English")
		offer("fr", "français")
	}
	return nil
}
