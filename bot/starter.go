package bot

import (
	"context"
	"encoding/json"
	"strings"

	"github.com/bretelle/bretelle/engine"
	"github.com/bretelle/bretelle/prompts"
	"github.com/bretelle/bretelle/prompts/fields"
)

// Starters is how people start flows by the flows' own forms and commands. It is implemented in cmd, by
// connectors/intake.
type Starters interface {
	// Forms and Commands list them by name of flow; where two flows have one command, the first is meant.
	Forms() []Starter
	Commands() []Starter
	// Arguments reads what was typed behind a command, by field; values are text. The error is Invalid.
	Arguments(s Starter, line string) (map[string]any, *engine.Error)
	// Begin offers what a person gave. wrong are the fields that do not fit; nothing was offered then. Errors: NotFound
	// when the flow starts in another way by now, Unavailable.
	Begin(ctx context.Context, s Starter, in Begun) (r engine.Receipt, wrong map[string]*engine.Error, err error)
}

// Starter is a flow's form or command.
type Starter struct {
	Trigger string // trigger id
	Flow    string
	Command string // without the slash; "" is a form
	Title   string // of a form; "" is the flow's
	About   string
	Button  string // of a form's button
	Usage   string // what may stand behind a command
	Fields  *engine.Schema
}

// Begun is what a person gave.
type Begun struct {
	Given map[string]any
	By    string // person id
	Name  string
	Place engine.Place
	Text  string // behind a command, as typed
	Key   string // the delivery: the same when it comes again
}

// startVerb is the verb of buttons and dialogs that start a flow by its form or command.
const startVerb = "start"

// startData is what such a dialog remembers.
type startData struct {
	Command string `json:"command,omitempty"` // "" is the form
	Text    string `json:"text,omitempty"`
}

// ownCommand finds the flow whose command a line is: "/oncall ann", or "/flow oncall ann". ok is false when no flow has
// such a command; our own commands are looked for first.
func (b *Bot) ownCommand(line string) (s Starter, rest string, ok bool) {
	if b.o.Starters == nil {
		return s, "", false
	}
	line = strings.TrimSpace(line)
	ws := words(line)
	if len(ws) > 0 && strings.EqualFold(strings.TrimPrefix(ws[0].text, "/"), b.o.Command) {
		ws = ws[1:]
	} else if len(ws) == 0 || !strings.HasPrefix(ws[0].text, "/") {
		return s, "", false
	}
	if len(ws) == 0 {
		return s, "", false
	}
	name := strings.ToLower(strings.TrimPrefix(ws[0].text, "/"))
	for _, s := range b.o.Starters.Commands() {
		if s.Command == name {
			return s, strings.TrimSpace(line[ws[0].end:]), true
		}
	}
	return s, "", false
}

// own does a flow's own command. What is required and was left out is asked for in a dialog.
func (b *Bot) own(ctx context.Context, c *caller, in In, s Starter, text string) (Reply, error) {
	h, err := b.head(ctx, c, in, s.Flow, DeedRun)
	if err != nil {
		return nil, err
	}
	given, bad := b.o.Starters.Arguments(s, text)
	if bad != nil {
		bad.Args = both(bad.Args, "usage", strings.TrimSpace("/"+s.Command+" "+s.Usage))
		return nil, bad
	}
	d := startData{Command: s.Command, Text: text}
	return b.begin(ctx, c, in, h, s, d, given, func(typed map[string]string, wrong map[string]*engine.Error) (Reply, error) {
		for name := range wrong {
			if _, typed := given[name]; !typed {
				delete(wrong, name) // it was only left out
			}
		}
		return b.startDialog(ctx, c, in, h, s, d, typed, wrong)
	})
}

// both adds a name and value to arguments.
func both(args map[string]any, name string, value any) map[string]any {
	out := map[string]any{name: value}
	for k, v := range args {
		if k != name {
			out[k] = v
		}
	}
	return out
}

// begin offers what was given; where it does not fit, again asks for it.
func (b *Bot) begin(ctx context.Context, c *caller, in In, h engine.FlowHead, s Starter, d startData, given map[string]any,
	again func(typed map[string]string, wrong map[string]*engine.Error) (Reply, error)) (Reply, error) {
	r, wrong, err := b.o.Starters.Begin(ctx, s, Begun{Given: given, By: c.person.ID, Name: c.person.Name, Place: in.Place, Text: d.Text, Key: source(in)})
	if err != nil {
		return nil, err
	}
	if len(wrong) > 0 {
		typed := map[string]string{}
		for k, v := range given {
			if text, ok := v.(string); ok {
				typed[k] = text
			}
		}
		return again(typed, wrong)
	}
	b.Wake()
	b.audit(ctx, c.person.ID, "run.started", "run/"+r.Run, "flow="+h.Name+" result="+string(r.Outcome)+" source="+source(in))
	return b.receipt(c, in, h, r)
}

// receipt says what became of an event that a person gave.
func (b *Bot) receipt(c *caller, in In, h engine.FlowHead, r engine.Receipt) (Reply, error) {
	pc := b.private(c, in.Place, nil)
	switch r.Outcome {
	case engine.Collected:
		return Private{prompts.Say(pc, "{flow} has it, and waits for others", "flow", h.Name)}, nil
	case engine.Accepted:
		return Private{prompts.Say(pc, "Run #{number} of {flow} has started", "number", r.Number, "flow", h.Name)}, nil
	case engine.Queued:
		return Private{prompts.Say(pc, "Run #{number} of {flow} waits, because the flow is paused", "number", r.Number, "flow", h.Name)}, nil
	case engine.Broken:
		return nil, engine.E(engine.Invalid, "The event could not be checked: {reason}", "reason", r.Reason)
	case engine.Skipped:
		return Private{prompts.Say(pc, "Skipped: {reason}", "reason", r.Reason)}, nil
	case engine.Duplicate:
		return Private{prompts.Say(pc, "You have sent this already")}, nil
	}
	return Private{prompts.Say(pc, "Kept as a sample; nothing runs before {flow} is published", "flow", h.Name)}, nil
}

// startForm is the dialog of a form or a command.
func (b *Bot) startForm(c *caller, h engine.FlowHead, s Starter, typed map[string]string, wrong map[string]*engine.Error) (prompts.Form, map[string]string) {
	lang := b.private(c, h.Place, nil).Lang
	errs := map[string]string{}
	for name, e := range wrong {
		errs[name] = fields.Say(lang, e)
	}
	title := firstOf(s.Title, h.Title, h.Name)
	if s.Command != "" {
		title = "/" + s.Command
	}
	f := prompts.Form{Title: title, Submit: prompts.T(lang, "Send", nil), Lang: lang,
		Fields: fields.Form(fields.Ask{Schema: s.Fields, Typed: typed, Errors: errs, Lang: lang})}
	return f, errs
}

func firstOf(texts ...string) string {
	for _, t := range texts {
		if t != "" {
			return t
		}
	}
	return ""
}

func (b *Bot) startDialog(ctx context.Context, c *caller, in In, h engine.FlowHead, s Starter, d startData, typed map[string]string, wrong map[string]*engine.Error) (Reply, error) {
	data, err := json.Marshal(d)
	if err != nil {
		return nil, engine.AsError(err).WithOp("bot.start")
	}
	f, _ := b.startForm(c, h, s, typed, wrong)
	return b.form(ctx, c, in, Intent{Verb: startVerb, Flow: h.Name, Data: data}, f)
}

// starter finds what a dialog or button was made for. Conflict when the flow starts in another way by now.
func (b *Bot) starter(flow string, d startData) (Starter, error) {
	if b.o.Starters != nil {
		list := b.o.Starters.Forms()
		if d.Command != "" {
			list = b.o.Starters.Commands()
		}
		for _, s := range list {
			if s.Flow == flow && s.Command == d.Command {
				return s, nil
			}
		}
	}
	if d.Command == "" {
		return Starter{}, engine.E(engine.Conflict, "{flow} has no form", "flow", flow).WithHint("What starts it can be changed in its draft.")
	}
	return Starter{}, engine.E(engine.Conflict, "/{command} does not start {flow} any more", "command", d.Command, "flow", flow)
}

// cmdForm opens a flow's form, or posts a button that does: "/flow form contacts post".
func (b *Bot) cmdForm(ctx context.Context, cl *call) (Reply, error) {
	h, err := b.head(ctx, cl.caller, cl.in, cl.args["FLOW"], DeedRun)
	if err != nil {
		return nil, err
	}
	s, err := b.starter(h.Name, startData{})
	if err != nil {
		return nil, err
	}
	switch how := cl.args["post"]; {
	case how == "":
		return b.startDialog(ctx, cl.caller, cl.in, h, s, startData{}, nil, nil)
	case !strings.EqualFold(how, "post"):
		return nil, engine.E(engine.Invalid, `"{what}" is too much`, "what", how, "usage", cl.cmd.Usage(b.o.Command)).WithHint("Write it like this: {usage}")
	}
	return b.postForm(ctx, cl.caller, cl.in, h, s)
}

// postForm posts the card whose button opens the form for whoever presses it, for as long as it stands.
func (b *Bot) postForm(ctx context.Context, c *caller, in In, h engine.FlowHead, s Starter) (Reply, error) {
	pc := b.shared(c.book, in.Place, h.Place, nil)
	card := prompts.FormCard(pc, firstOf(s.Title, h.Title, h.Name), s.About, firstOf(s.Button, s.Title, h.Title, h.Name))
	dr := &draft{card: card, means: Intent{Flow: h.Name}}
	dr.card.Key = "form:" + h.Name + ":" + in.ID
	dr.means.On = in.Actor.Surface
	stored := StoredCard{ID: engine.NewID(b.o.Now()), Key: dr.card.Key, Place: in.Place, State: engine.CardOpen, Updated: b.now()}
	card, intents := b.mint(dr, stored.ID)
	var err error
	if stored.Card, err = json.Marshal(card); err != nil {
		return nil, engine.AsError(err).WithOp("bot.postForm")
	}
	if err := b.o.Outbox.PutCard(ctx, stored, intents); err != nil {
		return nil, err
	}
	return Shared{card}, nil
}

// pressStart is a posted form's button, or the answer to a dialog.
func (b *Bot) pressStart(ctx context.Context, p *press) (Reply, error) {
	h, err := b.head(ctx, p.caller, p.in, p.it.Flow, DeedRun)
	if err != nil {
		return nil, err
	}
	var d startData
	if len(p.it.Data) > 0 && json.Unmarshal(p.it.Data, &d) != nil {
		return nil, stale()
	}
	s, err := b.starter(h.Name, d)
	if err != nil {
		return nil, err
	}
	if !p.submitted() {
		if !strings.HasPrefix(p.it.Key, "form:"+p.person.ID+":") { // a button for everybody: the dialog is the presser's own
			return b.startDialog(ctx, p.caller, p.in, h, s, d, nil, nil)
		}
		f, _ := b.startForm(p.caller, h, s, nil, nil)
		f.Key, f.Token = p.it.Key, p.in.Token
		return Dialog{f}, nil
	}
	given := map[string]any{}
	for k, v := range p.in.Fields {
		if s.Fields.Field(k) != nil {
			given[k] = v
		}
	}
	return b.begin(ctx, p.caller, p.in, h, s, d, given, func(typed map[string]string, wrong map[string]*engine.Error) (Reply, error) {
		f, errs := b.startForm(p.caller, h, s, typed, wrong)
		f.Key, f.Token = p.it.Key, p.in.Token
		return FieldErrors{Errors: errs, Form: f}, nil
	})
}

// offerOwn offers flows' own commands while a line is typed.
func (b *Bot) offerOwn(ctx context.Context, c *caller, offer func(word, help string)) {
	if b.o.Starters == nil {
		return
	}
	for _, s := range b.o.Starters.Commands() {
		h, err := b.o.Flows.Head(ctx, s.Flow)
		if err == nil && b.may(ctx, c, DeedRun, h.Name, h.Place, false) == nil {
			offer(s.Command, firstOf(s.About, h.Title))
		}
	}
}

// ownOffers are flows' own commands that begin with what is typed, slash included.
func (b *Bot) ownOffers(ctx context.Context, c *caller, begun string) []prompts.Option {
	var out []prompts.Option
	b.offerOwn(ctx, c, func(word, help string) {
		if strings.HasPrefix("/"+word, strings.ToLower(begun)) && len(out) < offersMost {
			out = append(out, prompts.Option{Value: "/" + word + " ", Label: "/" + word, Help: help})
		}
	})
	return out
}
