package prompts

import (
	"strings"

	"github.com/bretelle/bretelle/engine"
)

// BuilderFacts is a draft as its one card shows it.
type BuilderFacts struct {
	Head    engine.FlowHead // name, state, live version, place
	SavedAt int64           // milliseconds; 0: nothing is saved yet
	SavedBy string          // person id; named when it is not Reader
	Reader  string          // person id of whom the card is for
	When    engine.Text     // when it starts
	Address bool            // it has an address and a secret to show
	// Awaits says where samples come from while there is none: "sent" (events that arrive are kept), "asked" (one can
	// be fetched or made), "" (nothing to wait for).
	Awaits   string
	Sample   string // the chosen sample in words; "" when there is none
	SampleAt int64
	Samples  []Option      // all samples, for the menu; the chosen one first or anywhere
	OnlyIf   engine.Text   // zero: no condition
	Matches  int           // of Of samples
	Of       int           // samples the condition was tried on; 0: not tried
	Skips    string        // a sample that would be skipped, in words; "" for none
	Limits   []engine.Text // when runs may begin, how much they may do, what is collected
	Steps    []BuilderStep
	Todo     []BuilderTodo
	Test     bool // a dry run can be made
}

// BuilderStep is one step as the builder card lists it.
type BuilderStep struct {
	ID     string
	Number string      // "2", inside a block "2.1"
	Depth  int         // 0 outside blocks
	Branch engine.Text // first step of a branch: "then", a case; zero otherwise
	Kind   string      // ask, do, if, switch, each, try, wait, set, stop
	Name   string      // as the Edit menu lists it: the action, else the kind
	Text   engine.Text // what it does, in a line
	Note   engine.Text // how: "1 of @triage, covers step 2"; zero for none
	Risk   engine.Risk // of a do step; 0 otherwise
}

// BuilderTodo is something between the draft and its publication.
type BuilderTodo struct {
	Text engine.Text
	Hint engine.Text // what to do about it; zero for none
	Warn bool        // only advice: it does not keep from publishing
}

// Builder is the one card of a draft: when, only if, steps with their risk, what is left to do. Only buttons that can
// work now are there. Its verbs: test publish secret add condition settings discard text; menus edit and sample.
func Builder(c Ctx, d BuilderFacts, tok Tokens) Card {
	title := join(" · ", Line{flowName(d.Head.Name)}, text(c.flowState(d.Head)), c.saved(d), text(c.place(d.Head.Place)))
	b := c.card("builder:"+d.Head.Name, ToneDraft, tok, title)
	b.block(Facts{[]Fact{{Label: c.t("WHEN"), Value: c.words(d.When)}}})
	b.note(c.sampleLine(d))
	if d.OnlyIf.Msg != "" {
		only := c.words(d.OnlyIf)
		if l := c.matches(d.Matches, d.Of, d.Skips); len(l) > 0 {
			only = join("", only, text("  ("), l, text(")"))
		}
		b.block(Facts{[]Fact{{Label: c.t("ONLY IF"), Value: only}}})
	}
	var limits Line
	for _, t := range d.Limits {
		limits = join("; ", limits, c.words(t))
	}
	if len(limits) > 0 {
		b.block(Facts{[]Fact{{Label: c.t("LIMITS"), Value: limits}}})
	}
	steps := Facts{}
	for _, s := range d.Steps {
		steps.Facts = append(steps.Facts, c.stepOfDraft(s))
	}
	if len(steps.Facts) == 0 {
		b.block(Facts{[]Fact{{Label: c.t("STEPS"), Value: c.line("none yet")}}})
	} else {
		b.para(Line{strong(c.t("STEPS"))}).block(steps)
	}
	b.todo(d.Todo)
	return b.builderButtons(d).done(engine.CardOpen)
}

func (c Ctx) saved(d BuilderFacts) Line {
	switch {
	case d.SavedAt == 0:
		return nil
	case d.SavedBy != "" && d.SavedBy != d.Reader:
		return c.line("saved {time} by {who}", "time", c.soon(d.SavedAt), "who", c.who(d.SavedBy))
	}
	return c.line("saved {time}", "time", c.soon(d.SavedAt))
}

func (c Ctx) sampleLine(d BuilderFacts) Line {
	switch {
	case d.Sample != "" && d.SampleAt > 0:
		return c.line("sample: {sample} {time}", "sample", d.Sample, "time", c.soon(d.SampleAt))
	case d.Sample != "":
		return c.line("sample: {sample}", "sample", d.Sample)
	case d.Awaits == "sent" && d.Head.Live > 0:
		return c.line("no sample yet: the next events are kept as samples, and run as before")
	case d.Awaits == "sent":
		return c.line("no sample yet: events sent now are kept as samples, nothing runs")
	case d.Awaits == "asked":
		return c.line("no sample yet: press Test, and I get one")
	}
	return nil
}

// matches says the truth about the samples.
func (c Ctx) matches(have, of int, skips string) Line {
	switch {
	case of == 0:
		return nil
	case skips != "" && have < of && !strings.ContainsAny(skips, " \""):
		return c.line("matches {have} of {n} samples; the {skipped} would be skipped", "have", have, "n", of, "skipped", skips)
	case skips != "" && have < of:
		return c.line("matches {have} of {n} samples; {skipped} would be skipped", "have", have, "n", of, "skipped", skips)
	}
	return c.line("matches {have} of {n} samples", "have", have, "n", of)
}

func (c Ctx) stepOfDraft(s BuilderStep) Fact {
	value := c.words(s.Text)
	if s.Branch.Msg != "" {
		value = join(": ", c.words(s.Branch), value)
	}
	value = join(" · ", value, c.words(s.Note))
	risky := s.Risk > engine.Read
	if risky {
		value = join(" · ", value, text(c.risk(s.Risk)))
	}
	return Fact{Label: strings.Repeat("– ", min(s.Depth, 4)) + s.Number + " " + c.kindName(s.Kind), Value: value, Risky: risky}
}

// risk is a risk's name in the reader's language.
func (c Ctx) risk(r engine.Risk) string {
	switch r {
	case engine.Read:
		return c.t("reads")
	case engine.Write:
		return c.t("write")
	case engine.Send:
		return c.t("send")
	}
	return c.t("destroy")
}

// kindName is what a kind of step is called in a list.
func (c Ctx) kindName(kind string) string {
	switch kind {
	case "ask":
		return c.t("ask")
	case "do":
		return c.t("do")
	case "if":
		return c.t("if")
	case "switch":
		return c.t("switch")
	case "each":
		return c.t("for each")
	case "while":
		return c.t("as long as")
	case "parallel":
		return c.t("at once")
	case "try":
		return c.t("try")
	case "wait":
		return c.t("wait")
	case "call":
		return c.t("call")
	case "emit":
		return c.t("tell")
	case "throttle":
		return c.t("not too many")
	case "dedupe":
		return c.t("only new ones")
	case "digest":
		return c.t("together")
	case "set":
		return c.t("set")
	case "stop":
		return c.t("stop")
	}
	return kind
}

func (b *builder) todo(list []BuilderTodo) {
	if len(list) == 0 {
		b.block(Facts{[]Fact{{Label: b.c.t("TO DO"), Value: b.c.line("nothing")}}})
		return
	}
	var f Facts
	for i, x := range list {
		if i == 8 {
			break
		}
		sign := "● "
		if x.Warn {
			sign = "○ "
		}
		label := b.c.t("TO DO")
		if i > 0 {
			label = b.c.t("and")
		}
		f.Facts = append(f.Facts, Fact{Label: label, Value: append(text(sign), join(" ", sentenceIf(b.c.words(x.Text), x.Hint.Msg != ""), b.c.words(x.Hint))...)})
	}
	b.block(f)
	if len(list) > 8 {
		b.note(b.c.line("and {n} more", "n", len(list)-8))
	}
}

func sentenceIf(l Line, end bool) Line {
	if end {
		return sentence(l)
	}
	return l
}

// blocked reports whether something keeps a draft from being published.
func (d BuilderFacts) blocked() bool {
	for _, x := range d.Todo {
		if !x.Warn {
			return true
		}
	}
	return len(d.Steps) == 0
}

func (b *builder) builderButtons(d BuilderFacts) *builder {
	ready := !d.blocked()
	if d.Test && len(d.Steps) > 0 {
		b.button("test", "Test", Normal)
	}
	if ready && (d.Head.Live == 0 || d.Head.Draft) {
		b.button("publish", "Publish", Primary)
	}
	if d.Address {
		b.button("secret", "Address and secret", Normal)
	}
	b.button("add", "Add step", first(ready))
	if d.Sample != "" && d.OnlyIf.Msg == "" {
		b.button("condition", "Add condition", Normal)
	}
	b.button("settings", "Settings", Normal)
	if d.Head.Live == 0 || d.Head.Draft {
		b.button("discard", "Discard", Danger)
	}
	if len(d.Steps) > 0 {
		b.button("text", "Copy as text", Normal)
	}
	if len(d.Steps) > 0 || d.OnlyIf.Msg != "" {
		b.menu("edit", "Edit…", b.c.editable(d)...)
	}
	if len(d.Samples) > 1 {
		b.menu("sample", "Other samples", d.Samples...)
	}
	return b
}

// first is the style of the button that leads on while nothing can be published yet.
func first(ready bool) ButtonStyle {
	if ready {
		return Normal
	}
	return Primary
}

// Values of the builder card's Edit menu; a step's is its id behind EditStep.
const (
	EditWhen   = "when"
	EditOnlyIf = "only_if"
	EditStep   = "step:"
)

func (c Ctx) editable(d BuilderFacts) []Option {
	out := []Option{{Value: EditWhen, Label: c.t("When")}}
	if d.OnlyIf.Msg != "" {
		out = append(out, Option{Value: EditOnlyIf, Label: c.t("Only if")})
	}
	for _, s := range d.Steps {
		name := s.Name
		if name == "" || name == s.Kind {
			name = c.kindName(s.Kind)
		}
		out = append(out, Option{Value: EditStep + s.ID, Label: s.Number + " " + name, Help: c.words(s.Text).String()})
	}
	return out
}

// words is a text in the reader's language; what fills it stays text, and may be texts itself.
func (c Ctx) words(t engine.Text) Line {
	if t.Msg == "" {
		return nil
	}
	pairs := make([]any, 0, 2*len(t.Args))
	for k, v := range t.Args {
		switch x := v.(type) {
		case engine.Text:
			v = c.words(x)
		case []engine.Text:
			var l Line
			for i, y := range x {
				if i > 0 {
					l = l.add(", ")
				}
				l = join("", l, c.words(y))
			}
			v = l
		}
		pairs = append(pairs, k, v)
	}
	return c.line(t.Msg, pairs...)
}

// Words is a text in a language, as plain text.
func Words(lang string, t engine.Text) string { return Ctx{Lang: lang}.words(t).String() }
