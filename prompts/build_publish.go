package prompts

import (
	"encoding/json"
	"fmt"
	"strings"

	"github.com/bretelle/bretelle/engine"
)

// Power is one thing that a flow may do once it is live, as describe.Powers finds it.
type Power struct {
	Risk engine.Risk
	Text engine.Text // "write to tracker.example.org"
	Gate engine.Text // "after 1 of @triage"; zero: nobody is asked
	Here bool        // it stays in chats and tables of this installation
}

// PublishFacts is what somebody is about to make live.
type PublishFacts struct {
	Flow    string
	Version int64 // the one it becomes
	Powers  []Power
	Changes []engine.Text // against the live version; none for the first
	Warn    []engine.Text
}

// PublishAsk asks once before a version goes live. Verbs: confirm, not_yet.
func PublishAsk(c Ctx, d PublishFacts, tok Tokens) Card {
	b := c.card("publish:"+d.Flow, ToneQuestion, tok, join("  ", c.line("Publish version {version} of {flow}?", "version", d.Version, "flow", flowName(d.Flow)), c.line("From now on it may:")))
	for _, p := range d.Powers {
		b.para(c.power(p))
	}
	if len(d.Powers) == 0 {
		b.para(c.line("· read, and nothing else"))
	}
	if len(d.Changes) > 0 {
		b.para(c.line("What changes:"))
		b.changes(d.Changes)
	}
	for _, w := range d.Warn {
		b.para(append(text("⚠ "), c.words(w)...))
	}
	return b.button("confirm", "Publish", Primary).button("not_yet", "Not yet", Normal).done(engine.CardOpen)
}

func (c Ctx) power(p Power) Line {
	sign := "· "
	if p.Risk > engine.Read && !p.Here {
		sign = RiskSign + " "
	}
	return append(text(sign), c.may(p)...)
}

// may is a power in words, with who has to agree.
func (c Ctx) may(p Power) Line {
	if p.Gate.Msg == "" {
		return c.words(c.placed(p.Text))
	}
	return join("", c.words(c.placed(p.Text)), text(" ("), c.words(p.Gate), text(")"))
}

// changesMost is how many changes a card lists.
const changesMost = 15

func (b *builder) changes(list []engine.Text) {
	for i, x := range list {
		if i == changesMost {
			b.note(b.c.line("and {n} more", "n", len(list)-changesMost))
			return
		}
		b.para(append(text("· "), b.c.words(x)...))
	}
}

// DryRunFacts is what a run on a sample would do.
type DryRunFacts struct {
	Flow    string
	Sample  string
	Skipped string // the sample would start nothing, and why; the steps are shown all the same
	Steps   []DryStep
	Cut     bool          // the flow goes on for longer than was tried
	Err     *engine.Error // why it could not be tried; nil otherwise
}

// DryStep is one step of a dry run.
type DryStep struct {
	Number  string
	Step    engine.StepView
	Ask     *engine.AskView  // what people would be asked; nil for none
	Assumed bool             // nothing was done: its answer is made up
	Undo    *engine.UndoStep // how it would be taken back; nil: the flow does not say how
}

// DryRun says what each step would do with a sample. Verb again tries once more; answer, a menu, gives a step another
// answer.
func DryRun(c Ctx, d DryRunFacts, tok Tokens) Card {
	b := c.card("test:"+d.Flow, ToneNone, tok, c.line("Dry run of {flow} with {sample}", "flow", flowName(d.Flow), "sample", d.Sample))
	if d.Err != nil {
		b.Tone = ToneWarn
		return b.para(c.problem(d.Err)).done(engine.CardResolved)
	}
	if d.Skipped != "" {
		b.para(c.line("This one would start nothing: {reason}. If it did:", "reason", d.Skipped))
	}
	var options []Option
	out := true
	for _, s := range d.Steps {
		line, detail := c.would(s)
		b.para(append(text(s.Number+" "), line...))
		if detail != "" {
			b.block(Pre{Text: detail, Lang: "json"})
		}
		if s.Undo != nil {
			b.note(c.wouldUndo(s.Number, *s.Undo))
		}
		if s.Step.Kind == "do" {
			options = append(options, Option{Value: s.Step.Path, Label: s.Number + " " + s.Step.Action})
			out = out && s.Assumed
		}
	}
	if d.Cut {
		b.note(c.line("It goes on, but a dry run ends here."))
	}
	if out {
		b.note(c.line("Nothing left this machine."))
	} else {
		b.note(c.line("Steps that only read were carried out; nothing was changed."))
	}
	b.button("again", "Test again", Normal)
	if len(options) > 0 {
		b.menu("answer", "Give a sample answer", options...)
	}
	return b.done(engine.CardResolved)
}

// would is what a step would do, and the rest of what it would send.
func (c Ctx) would(s DryStep) (Line, string) {
	v := s.Step
	switch {
	case v.State == engine.StepStateSkipped:
		return join(": ", c.line("would be skipped"), text(v.Reason)), ""
	case v.Failure != nil:
		return join(": ", c.line("would fail"), c.failure(v.Failure)), ""
	case s.Ask != nil && v.Kind == "ask":
		return c.wouldAsk(*s.Ask), ""
	case v.Kind != "do":
		return c.wouldGoOn(v), ""
	}
	what := v.Line
	if what == "" {
		what = v.Action
	}
	detail := c.detail(v.Detail)
	var l Line
	switch {
	case !s.Assumed:
		l = c.line("did: {what}", "what", what)
	case s.Ask != nil:
		l = join(", ", c.wouldAsk(*s.Ask), c.line("then would do: {what}", "what", what))
	default:
		l = c.line("would do: {what}", "what", what)
	}
	switch {
	case s.Assumed && len(v.Output) > 0:
		l = join(" ", l, c.line("(not sent; answer assumed {answer})", "answer", CleanLine(Cut(compact(v.Output), 120))))
	case s.Assumed:
		l = join(" ", l, c.line("(not sent)"))
	case len(v.Output) > 0:
		l = join(" ", l, c.line("(only read; it gave {answer})", "answer", CleanLine(Cut(compact(v.Output), 120))))
	}
	return l, detail
}

func (c Ctx) wouldUndo(number string, u engine.UndoStep) Line {
	if u.Why != nil {
		return c.line("{step} could not be undone: {reason}", "step", number, "reason", T(c.Lang, u.Why.Msg, u.Why.Args))
	}
	return c.line("{step} would be undone by: {what}", "step", number, "what", u.Line)
}

func compact(raw json.RawMessage) string {
	v, err := engine.DecodeJSON(raw)
	if err != nil {
		return ""
	}
	var b strings.Builder
	spaced(&b, v)
	return b.String()
}

func (c Ctx) wouldAsk(a engine.AskView) Line {
	l := c.line("would ask {group}", "group", c.groups(a.Groups, false))
	if m, known := c.members(a.Groups); known && len(m) > 0 && !onlyDefault(a.Groups) {
		l = join(" ", l, c.line("({n} people)", "n", len(m)))
	} else if known && !onlyDefault(a.Groups) {
		l = join(" ", l, c.line("(nobody is in it)"))
	}
	if a.Title != "" {
		l = join(": ", l, text(a.Title))
	}
	return l
}

func (c Ctx) wouldGoOn(v engine.StepView) Line {
	what := text(v.Line)
	switch v.Kind {
	case "wait":
		return join(" ", c.line("would wait"), what)
	case "call":
		return join(" ", c.line("would call"), what)
	case "stop":
		return join(": ", c.line("would stop the run"), text(v.Reason))
	}
	if len(what) == 0 {
		return text(c.kindName(v.Kind))
	}
	return join(": ", text(c.kindName(v.Kind)), what)
}

// VersionFacts is one version of a flow in a list.
type VersionFacts struct {
	Number  int64
	At      int64
	By      string // person id
	Live    bool
	Changes []engine.Text // against the one before; none for the first
}

// Versions lists a flow's versions, newest first; draft says that there are edits that are not live. Menus: rollback
// (a version number), compare (two numbers with "-" between, "draft" for the draft).
func Versions(c Ctx, flow string, list []VersionFacts, draft bool, tok Tokens) Card {
	if len(list) == 0 {
		b := c.card("versions:"+flow, ToneNone, tok, c.line("{flow} was never published", "flow", flowName(flow)))
		return b.done(engine.CardResolved)
	}
	b := c.card("versions:"+flow, ToneNone, tok, c.line("Versions of {flow}", "flow", flowName(flow)))
	var f Facts
	var back, compare []Option
	for i, v := range list {
		if i == listMost {
			break
		}
		value := join(" · ", Line{c.soon(v.At), {Text: " "}, c.who(v.By)}, c.live(v.Live))
		for k, x := range v.Changes {
			if k == 3 {
				value = join("; ", value, c.line("and {n} more", "n", len(v.Changes)-3))
				break
			}
			sep := "; "
			if k == 0 {
				sep = " · "
			}
			value = join(sep, value, c.words(x))
		}
		f.Facts = append(f.Facts, Fact{Label: fmt.Sprint(v.Number), Value: value})
		if !v.Live {
			back = append(back, Option{Value: fmt.Sprint(v.Number), Label: c.t("version {version}", "version", v.Number)})
		}
		if i == 0 && draft {
			compare = append(compare, Option{Value: fmt.Sprintf("%d-draft", v.Number), Label: c.t("version {version} and the draft", "version", v.Number)})
		}
		if i+1 < len(list) && len(compare) < listMost {
			compare = append(compare, Option{Value: fmt.Sprintf("%d-%d", list[i+1].Number, v.Number), Label: c.t("versions {from} and {to}", "from", list[i+1].Number, "to", v.Number)})
		}
	}
	b.block(f).more(len(list))
	if len(compare) > 0 {
		b.menu("compare", "Compare", compare...)
	}
	if len(back) > 0 {
		b.menu("rollback", "Roll back to", back...)
	}
	return b.done(engine.CardResolved)
}

func (c Ctx) live(live bool) Line {
	if live {
		return c.line("live")
	}
	return nil
}

// CompareFacts are two versions of a flow, in words. Number 0 is the draft.
type CompareFacts struct {
	Flow     string
	From, To int64
	Changes  []engine.Text
	Powers   []Power // what To may do
}

// Compare says what is different between two versions.
func Compare(c Ctx, d CompareFacts, tok Tokens) Card {
	b := c.card(fmt.Sprintf("compare:%s:%d-%d", d.Flow, d.From, d.To), ToneNone, tok,
		join(" · ", Line{flowName(d.Flow)}, c.line("from {old} to {new}", "old", c.versionName(d.From), "new", c.versionName(d.To))))
	if len(d.Changes) == 0 {
		b.para(c.line("They do the same."))
	}
	b.changes(d.Changes)
	if len(d.Powers) > 0 && len(d.Changes) > 0 {
		b.note(c.line("With {version} it may:", "version", c.versionName(d.To)))
		for _, p := range d.Powers {
			b.para(c.power(p))
		}
	}
	return b.done(engine.CardResolved)
}

func (c Ctx) versionName(n int64) string {
	if n == 0 {
		return c.t("the draft")
	}
	return c.t("version {version}", "version", n)
}
