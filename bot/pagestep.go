package bot

import (
	"context"
	"strconv"
	"strings"

	"github.com/bretelle/bretelle/bot/build"
	"github.com/bretelle/bretelle/engine"
	"github.com/bretelle/bretelle/engine/edit"
	"github.com/bretelle/bretelle/prompts"
	"github.com/bretelle/bretelle/prompts/fields"
)

// formNext asks what a new step does, and where it goes.
func (b *Bot) formNext(_ context.Context, s *sitting) (prompts.Form, error) {
	w := build.Words{Lang: s.lang}
	f := prompts.NextForm(s.ctx, prompts.NextFacts{Flow: s.it.Flow, Options: w.NextOptions(b.o.Catalog, "")}, s.in.Token, prompts.Filled{Values: s.typed, Errors: s.errs})
	for i := range f.Fields {
		if f.Fields[i].Name == "what" && f.Fields[i].Value == "" {
			f.Fields[i].Value = s.g.What
		}
	}
	if len(s.w.places) > 0 {
		f.Fields = append(f.Fields, s.field(prompts.Field{Name: "where", Label: s.t("Where?"), Kind: prompts.FieldOne, Value: or(s.g.Where, build.End), Options: w.Where(s.w.places)}))
	}
	return f, nil
}

func or(value, otherwise string) string {
	if value == "" {
		return otherwise
	}
	return value
}

func (b *Bot) saveNext(ctx context.Context, s *sitting) (Reply, error) {
	what := s.said("what", s.g.What)
	if _, err := (build.Words{Lang: s.lang}).Next(b.o.Catalog, what); err != nil {
		s.wrong("what", b.words(s.caller, err))
		return nil, nil
	}
	next := page{Name: pageStep, What: what, Where: s.said("where", s.g.Where), Rev: s.w.Rev, Source: string(s.w.Source)}
	return b.openPage(ctx, s.press, s.it.Flow, next)
}

// stepNow is the step that the page is about, as written, or as begun when it is a new one.
func (b *Bot) stepNow(s *sitting) (edit.Map, error) {
	if s.g.Step != "" {
		step, err := edit.Step(s.w.Source, s.g.Step)
		if engine.CodeOf(err) == engine.NotFound {
			return nil, engine.E(engine.Conflict, `Step "{step}" is gone: somebody removed it meanwhile`, "step", s.g.Step).WithHint("What you typed is kept.")
		}
		return step, err
	}
	step, err := (build.Words{Lang: s.lang}).Next(b.o.Catalog, s.g.What)
	if err != nil {
		return nil, err
	}
	if step.Text("ask") == "approval" && (s.g.Where == "" || s.g.Where == build.End) {
		step = step.With("covers", []any{build.Next}) // nothing stands after it yet: what comes is what it is for
	}
	return append(edit.Map{{Key: "id", Value: build.NewID(step, s.w.places)}}, step...), nil
}

// stepAsk is what an action's input is asked with.
func (b *Bot) stepAsk(s *sitting, step edit.Map) fields.Ask {
	return fields.Ask{Schema: (build.Words{Lang: s.lang}).Schema(b.o.Catalog, step), Values: step, Sample: s.w.sample(), Choices: b.choices(s.caller, s.lang),
		Lang: s.lang, Expressions: true, Typed: s.typed, Errors: s.errs}
}

// stepFields are the fields of the step's own kind.
func (b *Bot) stepFields(s *sitting, step edit.Map) []prompts.Field {
	w, filled := build.Words{Lang: s.lang}, prompts.Filled{Values: s.typed, Errors: s.errs}
	sample := s.w.sample()
	switch {
	case step.Text("do") != "":
		return fields.Form(b.stepAsk(s, step))
	case step.Text("ask") != "":
		d := w.AskFacts(step, s.w.places, b.o.Catalog, b.choices(s.caller, s.lang)("person-or-group"))
		d.Preview = preview(sample, s.said("title", d.Title))
		return prompts.AskFields(s.ctx, d, filled)
	}
	d := w.BlockFacts(step)
	if d.Kind == "if" {
		d.Condition = fields.ConditionFields(b.conditionOf(s, step))
	}
	for _, name := range []string{"on", "list", "values", "reason"} {
		if text, typed := s.typed[name]; typed {
			d.Preview = preview(sample, text)
		}
	}
	return prompts.BlockFields(s.ctx, d, filled)
}

// preview is what a text gives with the sample; "" when there is nothing to say.
func preview(sample *fields.Sample, text string) string {
	out, err := fields.Preview(sample, text)
	if err != nil {
		return ""
	}
	return out
}

// decided are the settings of an action that were chosen from lists: its risk may hang on them.
func decided(all []prompts.Field) map[string]any {
	out := map[string]any{}
	for _, f := range all {
		if name, ok := strings.CutPrefix(f.Name, "with."); ok && f.Kind == prompts.FieldOne && f.Value != "" {
			out[name] = f.Value
		}
	}
	return out
}

func (b *Bot) formStep(_ context.Context, s *sitting) (prompts.Form, error) {
	step, err := b.stepNow(s)
	if err != nil {
		return prompts.Form{}, err
	}
	d := prompts.StepFacts{Flow: s.it.Flow, Number: strconv.Itoa(len(s.w.places) + 1), ID: step.Text("id"), When: step.Text("when"), New: s.g.Step == "", Fields: b.stepFields(s, step)}
	if d.ID == "" {
		d.ID = s.g.Step
	}
	for i, p := range s.w.places {
		if p.ID == s.g.Step {
			d.Number, d.Up, d.Down = strconv.Itoa(i+1), p.Index > 0, p.Index+1 < p.Of
		}
	}
	ask := fields.Ask{Sample: s.w.sample(), Lang: s.lang, Expressions: true, Typed: s.typed}
	if do := step.Text("do"); do != "" {
		d.Kind, d.IfFails, d.Tries = do, build.OnError(step), build.Tries(step)
		if a, ok := b.o.Catalog.Action(do); ok {
			d.Title, d.Doc, d.Risk, d.Inverse = a.Title, a.Doc, a.TraitsOf(decided(d.Fields)).Risk, a.Undo != nil
		}
		d.Undo, d.Undoes = build.Undo(step, b.o.Catalog)
	} else if k, ok := (build.Words{Lang: s.lang}).KindOf(step); ok {
		d.Kind = k.Name
	}
	d.Timeout, d.Lasts = build.Timeout(step)
	if d.Kind != "if" {
		d.Insert = fields.InsertFields(ask, d.Fields)
	}
	f := prompts.StepForm(s.ctx, d, s.in.Token, prompts.Filled{Values: s.typed, Errors: s.errs})
	if d.Kind == "if" {
		f.Buttons = append(f.Buttons, prompts.Button{ID: "another", Label: s.t("Add another")})
	}
	return f, nil
}

// actStep does what a button in a step's dialog says. Moving and removing are saved at once, and can be undone.
func (b *Bot) actStep(ctx context.Context, s *sitting, name string) (Reply, error) {
	here := page{Rev: s.w.Rev, Source: string(s.w.Source), Step: s.g.Step}
	switch name {
	case fields.InsertName:
		step, err := b.stepNow(s)
		if err != nil {
			return nil, err
		}
		if _, is := step.Look("if"); is {
			s.typed = b.conditionOf(s, step).InsertInto(s.typed)
		} else {
			s.typed = fields.ApplyInsert(b.stepFields(s, step), s.typed)
		}
		return nil, nil
	case "another":
		s.g.Extra = 1 // from now on it is among what is typed
		return nil, nil
	case "back":
		if s.g.Step == "" {
			here.Name, here.What, here.Where = pageNext, s.g.What, s.g.Where
			return b.openPage(ctx, s.press, s.it.Flow, here)
		}
	case "up":
		return b.saveOps(ctx, s, edit.MoveStep{ID: s.g.Step, By: -1})
	case "down":
		return b.saveOps(ctx, s, edit.MoveStep{ID: s.g.Step, By: 1})
	case "remove":
		return b.saveOps(ctx, s, edit.RemoveStep{ID: s.g.Step})
	}
	return nil, nil
}

// readStep is the step as it was typed; what is wrong stands in s.errs.
func (b *Bot) readStep(s *sitting, was edit.Map) edit.Map {
	w, typed := build.Words{Lang: s.lang}, merged(s.g.Fields, s.typed)
	if typed[fields.InsertName] != "" { // chosen where a dialog cannot act at once
		typed = fields.ApplyInsert(b.stepFields(s, was), typed)
	}
	if typed[prompts.RepeatName] == "false" && edit.Map(was).Text("do") != "" {
		typed = merged(typed, map[string]string{prompts.RepeatName: ""})
	}
	next, bad := was, map[string]string(nil)
	switch {
	case was.Text("do") != "":
		next, bad = fields.Read(b.stepAsk(s, was), typed)
	case was.Text("ask") != "":
		next, bad = w.ReadAsk(was, w.AskFacts(was, s.w.places, b.o.Catalog, b.choices(s.caller, s.lang)("person-or-group")), typed)
	default:
		d := w.BlockFacts(was)
		if d.Kind == "if" {
			var source string
			source, bad = fields.ReadCondition(b.conditionOf(s, was), typed)
			if source == "" && len(bad) == 0 {
				bad = map[string]string{fields.FieldName + "1": s.t("This is needed."), fields.SourceName: s.t("This is needed.")}
			}
			next = was.With("if", braced(source))
			break
		}
		next, bad = w.ReadBlock(was, d, typed)
	}
	for name, words := range bad {
		s.wrong(name, words)
	}
	id := was.Text("id")
	if id == "" {
		id = s.g.Step
	}
	next, bad = w.Common(next, id, typed)
	for name, words := range bad {
		s.wrong(name, words)
	}
	next, bad = w.ReadUndo(next, b.o.Catalog, typed)
	for name, words := range bad {
		s.wrong(name, words)
	}
	return next
}

func braced(source string) any {
	if source == "" {
		return nil
	}
	return "{{ " + source + " }}"
}

// saveStep puts the step into the draft's text.
func (b *Bot) saveStep(ctx context.Context, s *sitting) (Reply, error) {
	was, err := b.stepNow(s)
	if err != nil {
		return nil, err
	}
	next := b.readStep(s, was)
	b.misfit(s, next)
	id := next.Text("id")
	for _, p := range s.w.places {
		if p.ID == id && id != s.g.Step && id != "" {
			s.wrong("id", s.t(`There is a step called "{id}" already.`, "id", id))
		}
	}
	if len(s.errs) > 0 {
		return nil, nil
	}
	var ops []edit.Op
	switch {
	case s.g.Step == "":
		in, after := build.At(s.w.places, s.g.Where)
		ops = []edit.Op{edit.AddStep{In: in, After: after, Step: next}}
	case id != "" && id != s.g.Step && was.Text("id") != "":
		ops = []edit.Op{edit.RenameStep{ID: s.g.Step, To: id}, edit.ReplaceStep{ID: id, Step: next}}
	default:
		ops = []edit.Op{edit.ReplaceStep{ID: s.g.Step, Step: next}}
	}
	if next.Text("ask") == "approval" && id != "" {
		ops = append(ops, edit.ResolveNext{ID: id})
	}
	return b.saveOps(ctx, s, ops...)
}

// misfit says what the action would refuse in constants before anything is sent.
func (b *Bot) misfit(s *sitting, step edit.Map) {
	with, _ := step.Get("with").(edit.Map)
	plain, _ := edit.Plain(with).(map[string]any)
	if step.Text("do") == "" || len(s.errs) > 0 {
		return
	}
	for name, e := range b.misfits(step.Text("do"), plain) {
		if text, is := plain[name].(string); plain[name] != nil && !(is && strings.Contains(text, "{{")) && scalarValue(plain[name]) {
			s.wrong("with."+name, b.words(s.caller, e))
		}
	}
}

func scalarValue(v any) bool {
	switch v.(type) {
	case map[string]any, []any:
		return false
	}
	return true
}

// formAnswer asks what a step is taken to give when the flow is tried.
func (b *Bot) formAnswer(_ context.Context, s *sitting) (prompts.Form, error) {
	step, err := b.stepNow(s)
	if err != nil {
		return prompts.Form{}, err
	}
	d := prompts.SampleFacts{Flow: s.it.Flow, Step: s.g.Step, Answer: string(s.w.answers[s.g.Step])}
	if d.Answer == "" {
		if a, ok := b.o.Catalog.Action(step.Text("do")); ok && a.Sample != nil {
			d.Answer = jsonText(a.Sample)
		}
	}
	return prompts.SampleForm(s.ctx, d, s.in.Token, prompts.Filled{Values: s.typed, Errors: s.errs}), nil
}

func (b *Bot) saveAnswer(ctx context.Context, s *sitting) (Reply, error) {
	if b.o.Samples == nil {
		return nil, stale()
	}
	text := strings.TrimSpace(s.said("answer", ""))
	if len(text) > maxManual {
		return nil, engine.E(engine.TooLarge, "The answer is over {size} KiB", "size", maxManual>>10, "field", "answer")
	}
	var data []byte
	if text != "" {
		v, err := engine.DecodeJSON([]byte(text))
		if err != nil {
			return nil, engine.E(engine.Invalid, "This is not JSON: {reason}", "reason", err.Error(), "field", "answer").WithHint(`Write something like {"title": "Crash on start"}.`)
		}
		if data, err = engine.EncodeJSON(v); err != nil {
			return nil, engine.AsError(err).WithOp("bot.saveAnswer")
		}
	}
	if err := b.o.Samples.SetAnswer(ctx, s.it.Flow, s.g.Step, data, s.person.ID, b.now()); err != nil {
		return nil, err
	}
	return b.showBuilder(ctx, s.caller, s.in, s.it.Flow)
}
