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

	ArgTrigger  ArgKind = "trigger"  // a kind of trigger
	ArgVersion  ArgKind = "version"  // a published version's number
	ArgTemplate ArgKind = "template" // a template's name
	ArgAccount  ArgKind = "account"  // somebody's account on a surface, "slack:T0123/@U42"
	ArgTable    ArgKind = "table"    // a table's name
	ArgLine     ArgKind = "line"     // a flow in one line: "when TRIGGER k=v … then ACTION k=v …", or a kind of trigger alone
)

// Commands lists every command in the order of the help.
func Commands() []Command {
	flow, person := Arg{Name: "FLOW", Kind: ArgFlow}, Arg{Name: "PERSON", Kind: ArgPerson}
	anyFlow := Arg{Name: "FLOW", Kind: ArgFlow, Optional: true}
	version := Arg{Name: "VERSION", Kind: ArgVersion, Optional: true}
	group := Arg{Name: "GROUP", Kind: ArgGroup}
	people := Arg{Name: "PERSON…", Kind: ArgPerson, Optional: true, Rest: true}
	role := Arg{Name: "ROLE", Kind: ArgRole}
	return append([]Command{
		{Verb: "home", Text: "what there is and how it goes", Deed: DeedSee, run: (*Bot).cmdHome},
		{Verb: "new", Args: []Arg{{Name: "NAME", Kind: ArgText, Optional: true}, {Name: "LINE", Kind: ArgLine, Optional: true, Rest: true}}, Text: "make a flow: in dialogs, or in one line that begins with when", Deed: DeedBuild, run: (*Bot).cmdNew},
		{Verb: "edit", Args: []Arg{flow}, Text: "change a flow in dialogs", Deed: DeedBuild, run: (*Bot).cmdEdit},
		{Verb: "show", Args: []Arg{flow, version}, Text: "a flow: its text, state and last runs", Deed: DeedSee, run: (*Bot).cmdShow},
		{Verb: "test", Args: []Arg{flow}, Text: "what the draft would do with a sample; nothing is sent", Deed: DeedBuild, run: (*Bot).cmdTest},
		{Verb: "publish", Args: []Arg{flow}, Text: "make the draft live", Deed: DeedPublish, run: (*Bot).cmdPublish},
		{Verb: "discard", Args: []Arg{flow}, Text: "forget the draft", Deed: DeedBuild, run: (*Bot).cmdDiscard},
		{Verb: "undo", Args: []Arg{flow, {Name: "STEP", Kind: ArgText, Optional: true}}, Text: "take back the last change of a draft; of a run, #12, what it did", Deed: DeedBuild, run: (*Bot).cmdUndo},
		{Verb: "sample", Args: []Arg{flow}, Text: "the events a draft can be tried with; ask for a new one", Deed: DeedBuild, run: (*Bot).cmdSample},
		{Verb: "template", Args: []Arg{{Name: "TEMPLATE", Kind: ArgTemplate, Optional: true}}, Text: "start from a flow that is ready", Deed: DeedBuild, run: (*Bot).cmdTemplate},
		{Verb: "pause", Args: []Arg{flow}, Text: "keep events and start nothing", Deed: DeedPause, run: (*Bot).cmdPause},
		{Verb: "resume", Args: []Arg{flow}, Text: "go on after a pause", Deed: DeedPause, run: (*Bot).cmdResume},
		{Verb: "run", Args: []Arg{flow, {Name: "JSON", Kind: ArgText, Optional: true, Rest: true}}, Text: "start a flow by hand, with the event's body as JSON", Deed: DeedRun, run: (*Bot).cmdRun},
		{Verb: "form", Args: []Arg{flow, {Name: "post", Kind: ArgText, Optional: true}}, Text: "open a flow's form; with post, put its button here", Deed: DeedRun, run: (*Bot).cmdForm},
		{Verb: "again", Args: []Arg{{Name: "#RUN", Kind: ArgRun}, {Name: "STEP", Kind: ArgText, Optional: true}, version}, Text: "run a run again, from a step on, with what the steps before gave", Deed: DeedRun, run: (*Bot).cmdAgain},
		{Verb: "move", Args: []Arg{flow, {Name: "#RUN", Kind: ArgRun, Optional: true}}, Text: "bring runs that wait to the newest version", Deed: DeedPublish, run: (*Bot).cmdMove},
		{Verb: "runs", Args: []Arg{anyFlow}, Text: "the last runs; a number shows one run", Deed: DeedSee, run: (*Bot).cmdRuns},
		{Verb: "pending", Text: "what waits for you", Deed: DeedSee, run: (*Bot).cmdPending},
		{Verb: "why", Args: []Arg{flow}, Text: "what came for a flow and what became of it", Deed: DeedSee, run: (*Bot).cmdWhy},
		{Verb: "help", Args: []Arg{{Name: "ABOUT", Kind: ArgText, Optional: true}}, Text: "what you can do here", run: (*Bot).cmdHelp},
		{Group: "version", Verb: "list", Args: []Arg{flow}, Text: "a flow's published versions", Deed: DeedSee, run: (*Bot).cmdVersions},
		{Group: "version", Verb: "show", Args: []Arg{flow, must(version)}, Text: "the text of a version", Deed: DeedSee, run: (*Bot).cmdShow},
		{Group: "version", Verb: "compare", Args: []Arg{flow, {Name: "A", Kind: ArgVersion}, {Name: "B", Kind: ArgVersion, Optional: true}}, Text: "what is different between two versions, in words", Deed: DeedSee, run: (*Bot).cmdCompare},
		{Group: "version", Verb: "rollback", Args: []Arg{flow, must(version)}, Text: "make an earlier version live again", Deed: DeedPublish, run: (*Bot).cmdRollback},
		{Group: "version", Verb: "export", Args: []Arg{flow, version}, Text: "a version's text as a file", Deed: DeedSee, run: (*Bot).cmdExport},
		{Group: "admin", Verb: "claim", Args: []Arg{{Name: "CODE", Kind: ArgText}, {Name: "NAME", Kind: ArgText, Optional: true}}, Text: "say who you are, with a code you were given", run: (*Bot).cmdClaim},
		{Group: "admin", Verb: "link", Args: []Arg{{Name: "PERSON", Kind: ArgPerson, Optional: true}}, Text: "a code that links another account of yours", Deed: DeedSee, run: (*Bot).cmdLink},
		{Group: "admin", Verb: "unlink", Args: []Arg{{Name: "ACCOUNT", Kind: ArgAccount}}, Text: "take an account from the person it was linked to: yours, or as admin anybody's", Deed: DeedSee, run: (*Bot).cmdUnlink},
		{Group: "admin", Verb: "people", Text: "persons, roles and groups", Deed: DeedPeople, run: (*Bot).cmdPeople},
		{Group: "admin", Verb: "person-add", Args: []Arg{{Name: "NAME", Kind: ArgText}, {Name: "ROLE", Kind: ArgRole, Optional: true}}, Text: "add a person", Deed: DeedPeople, run: (*Bot).cmdPersonAdd},
		{Group: "admin", Verb: "role", Args: []Arg{person, role, {Name: "#CHANNEL or FLOW", Kind: ArgPlace, Optional: true}}, Text: "give a role: everywhere, in a channel or for a flow", Deed: DeedPeople, run: (*Bot).cmdRole},
		{Group: "admin", Verb: "group-add", Args: []Arg{group, people}, Text: "put people into a group", Deed: DeedPeople, run: (*Bot).cmdGroupAdd},
		{Group: "admin", Verb: "group-set", Args: []Arg{group, people}, Text: "say who is in a group", Deed: DeedPeople, run: (*Bot).cmdGroupSet},
		{Group: "admin", Verb: "channel-add", Args: []Arg{{Name: "#CHANNEL", Kind: ArgText}, {Name: "LANGUAGE", Kind: ArgLang, Optional: true}}, Text: "let me speak in a channel", Deed: DeedPeople, run: (*Bot).cmdChannelAdd},
	}, tableCommands()...)
}

// must makes an argument that cannot be left out.
func must(a Arg) Arg { a.Optional = false; return a }

// groupText says what a group of commands is about.
func groupText(lang, group string) string {
	if group == "version" {
		return prompts.T(lang, "published versions: list, compare, roll back", nil)
	}
	if group == "table" {
		return prompts.T(lang, "tables that flows and people keep", nil)
	}
	return prompts.T(lang, "persons, roles, groups and channels", nil)
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
		case a.Rest && (a.Kind == ArgText || a.Kind == ArgLine):
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
