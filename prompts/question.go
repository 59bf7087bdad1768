package prompts

import (
	"encoding/json"

	"github.com/bretelle/bretelle/engine"
)

// choiceButtons is how many answers of a choice are buttons; more are a menu.
const choiceButtons = 5

// ChoicePrefix begins the verb of a choice's button, before its number from 0: "choose0". The menu's verb is "choose"
// and its values are the answers themselves.
const ChoicePrefix = "choose"

// Question is a choice or a form in any of its states: open (with nobody there to answer), answered, expired,
// superseded. It has the manners of Ask, which shows approvals. Verbs: choose0…, choose (menu), fill.
func Question(c Ctx, run engine.RunView, ask engine.AskView, tok Tokens) Card {
	key := "ask:" + run.ID + "/" + ask.Path
	switch ask.State {
	case engine.CardDecided:
		return c.answered(key, run, ask, tok)
	case engine.CardExpired:
		b := c.card(key, ToneNone, tok, join(" · ", c.runName(run.RunHead), c.line("nobody answered until {time}", "time", c.dayClock(max(ask.Expires, ask.DecidedAt)))))
		return b.para(text(c.askTitle(ask))).note(c.unanswered(ask.Then, true)).open(run.RunHead).done(engine.CardExpired)
	case engine.CardSuperseded:
		b := c.card(key, ToneNone, tok, join(" · ", c.runName(run.RunHead), text(c.askTitle(ask))))
		return b.note(c.line("No longer asked: a newer question or the end of the run took its place.")).open(run.RunHead).done(engine.CardSuperseded)
	}
	members, known := c.members(ask.Groups)
	empty := known && len(members) == 0 && !onlyDefault(ask.Groups) && len(ask.Groups) > 0
	tone := ToneQuestion
	if empty {
		tone = ToneWarn
	}
	b := c.card(key, tone, tok, join(" · ", c.runName(run.RunHead), text(c.askTitle(ask))))
	switch {
	case empty:
		b.para(c.line("{group} is empty, so nobody can answer. The run is waiting.", "group", c.groups(ask.Groups, false)))
		b.note(c.line("An admin can fill it: {command}", "command", code("bretelle group set "+groupWord(ask.Groups[0])+" NAME")))
	case len(ask.Groups) == 0:
		b.para(c.line("the first answer counts"))
	default:
		b.para(c.line("for {group}, the first answer counts", "group", c.groups(ask.Groups, true)))
	}
	if from := c.from(run); len(from) > 0 {
		b.block(Facts{[]Fact{{Label: c.t("From"), Value: from}}})
	}
	if ask.Expires > 0 {
		b.note(join(", ", c.line("expires {time}", "time", c.dayClock(ask.Expires)), c.unanswered(ask.Then, false)))
	}
	if !empty {
		b.answers(ask)
	}
	return b.button("details", "Details", Normal).done(engine.CardOpen)
}

func groupWord(g string) string {
	if len(g) > 1 && g[0] == '@' {
		return g[1:]
	}
	return g
}

// answers are the ways to answer.
func (b *builder) answers(ask engine.AskView) {
	if ask.Kind == engine.AskForm {
		b.button("fill", "Fill in", Primary)
		return
	}
	if len(ask.Options) <= choiceButtons {
		for i, o := range ask.Options {
			b.named(ChoicePrefix+jsonText(i), optionLabel(o), Normal)
		}
		return
	}
	var options []Option
	for _, o := range ask.Options {
		options = append(options, Option{Value: o.Value, Label: optionLabel(o)})
	}
	b.menu(ChoicePrefix, "Choose an answer", options...)
}

func optionLabel(o engine.AskOption) string {
	if o.Label != "" {
		return o.Label
	}
	return o.Value
}

// unanswered says what happens, or happened, when nobody answers.
func (c Ctx) unanswered(then string, past bool) Line {
	switch {
	case then == "skip" && past:
		return c.line("So the run went on without an answer.")
	case then == "skip":
		return c.line("then goes on without an answer")
	case past:
		return c.line("So the run stopped.")
	}
	return c.line("then stops")
}

// answerOf is what was answered, as engine.AskView keeps it.
type answerOf struct {
	Choice *string        `json:"choice"`
	Fields map[string]any `json:"fields"`
}

func (c Ctx) answered(key string, run engine.RunView, ask engine.AskView, tok Tokens) Card {
	at := c.soon(ask.DecidedAt)
	var said answerOf
	_ = json.Unmarshal(ask.Answer, &said)
	var line Line
	switch {
	case ask.DecidedBy == "":
		line = c.line("went on without an answer at {time}", "time", at)
	case said.Choice != nil:
		line = c.line("{who} chose {answer} at {time}", "who", c.who(ask.DecidedBy), "answer", strong(chosenLabel(ask, *said.Choice)), "time", at)
	case ask.Kind == engine.AskForm:
		line = c.line("{who} filled it in at {time}", "who", c.who(ask.DecidedBy), "time", at)
	default:
		line = c.line("{who} answered at {time}", "who", c.who(ask.DecidedBy), "time", at)
	}
	tone := ToneGood
	if ask.DecidedBy == "" {
		tone = ToneNone
	}
	b := c.card(key, tone, tok, join(" · ", c.runName(run.RunHead), join(", ", line, c.via(ask.Via))))
	b.para(text(c.askTitle(ask)))
	if facts := c.filledIn(ask, said.Fields); len(facts.Facts) > 0 {
		b.block(facts)
	}
	return b.open(run.RunHead).done(engine.CardDecided)
}

func chosenLabel(ask engine.AskView, value string) string {
	for _, o := range ask.Options {
		if o.Value == value {
			return optionLabel(o)
		}
	}
	return value
}

// filledIn lists a form's answers in the order of its fields.
func (c Ctx) filledIn(ask engine.AskView, fields map[string]any) Facts {
	var out Facts
	if ask.Fields == nil {
		return out
	}
	for _, f := range ask.Fields.Fields {
		v, there := fields[f.Name]
		if !there || v == nil || v == "" {
			continue
		}
		label := f.Title
		if label == "" {
			label = fieldLabel(f.Name)
		}
		out.Facts = append(out.Facts, Fact{Label: label, Value: text(c.answerText(f.Schema, v))})
	}
	return out
}

func (c Ctx) answerText(s *engine.Schema, v any) string {
	switch v := v.(type) {
	case bool:
		if v {
			return c.t("yes")
		}
		return c.t("no")
	case string:
		return titleOf(s, v)
	case []any:
		out := ""
		for i, x := range v {
			if i > 0 {
				out += ", "
			}
			out += c.answerText(s.Items, x)
		}
		return out
	}
	return jsonText(v)
}

// titleOf is how people read one of an Enum.
func titleOf(s *engine.Schema, value string) string {
	if s == nil {
		return value
	}
	for i, e := range s.Enum {
		if e == value && i < len(s.Titles) && s.Titles[i] != "" {
			return s.Titles[i]
		}
	}
	return value
}

// FillForm opens a form that a flow asks for. Fields come from ask.Fields by the package prompts/fields.
func FillForm(c Ctx, run engine.RunView, ask engine.AskView, fields []Field, token string) Form {
	m := c.runForm("fill:"+run.ID+"/"+ask.Path, token, c.t("{flow} #{number}", "flow", run.Flow, "number", run.Number), c.t("Send"), Filled{})
	m.Intro = []Block{Para{text(c.askTitle(ask))}}
	m.Fields = fields
	return m
}
