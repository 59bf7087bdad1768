package bot

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"strings"

	"github.com/bretelle/bretelle/engine"
	"github.com/bretelle/bretelle/engine/edit"
	"github.com/bretelle/bretelle/prompts"
)

// verbPage is the verb of every dialog of the builder: which one it is stands in its page.
const verbPage = "page"

// page is a dialog of the builder: all that is needed to show it again and to do what is sent, after a restart as well
// as before.
type page struct {
	Name   string            `json:"page"`
	Rev    int64             `json:"rev"`              // of the draft it was opened on
	Source string            `json:"source,omitempty"` // the draft's text then; "" for a flow yet to be made
	What   string            `json:"what,omitempty"`   // kind of trigger, kind of step or action chosen on the page before
	Step   string            `json:"step,omitempty"`   // id of the step that is edited; "" adds one
	Where  string            `json:"where,omitempty"`  // where to add it
	Extra  int               `json:"-"`                // empty rows that are added just now
	First  map[string]string `json:"first,omitempty"`  // what was answered on the page before
	Fields map[string]string `json:"fields,omitempty"` // the answers, where no dialog holds them: on a card about them
}

// subject tells one person's typing into one dialog from that into others: the same dialog opened again, while what it
// is about has not changed, comes with what was typed.
func (g *page) subject(flow string) string {
	about := ""
	if step, err := edit.Step([]byte(g.Source), g.Step); err == nil && g.Step != "" {
		about = jsonText(edit.Plain(step))
	} else if g.Step == "" && g.Name != pageStep && g.Name != pageNext {
		about = g.Source
	}
	sum := sha256.Sum256([]byte(about))
	return strings.Join([]string{"page", flow, g.Name, g.What, g.Step, g.Where, hex.EncodeToString(sum[:8])}, "\x00")
}

func jsonText(v any) string {
	b, err := engine.EncodeJSON(v)
	if err != nil {
		return ""
	}
	return string(b)
}

// sitting is somebody at a page.
type sitting struct {
	*press
	g     page
	typed map[string]string // nil: it is opened for the first time
	errs  map[string]string
	w     *work // of the flow; nil for one yet to be made
	lang  string
	ctx   prompts.Ctx
	next  *page // where saving leads; nil: to the draft's card

	secret engine.Secret // made just now, to be shown this once
}

// pager is what one page does.
type pager struct {
	form func(b *Bot, ctx context.Context, s *sitting) (prompts.Form, error)
	// act does what a button in the dialog or an acting field asks, with all typed so far in s.typed, which it may
	// change; a nil reply shows the page anew. Nil knows none.
	act   func(b *Bot, ctx context.Context, s *sitting, name string) (Reply, error)
	save  func(b *Bot, ctx context.Context, s *sitting) (Reply, error)
	edits bool // saving changes the draft
}

// The pages.
const (
	pageNew      = "new"
	pageTrigger  = "when"
	pageKind     = "kind"
	pageIf       = "if"
	pageNext     = "next"
	pageStep     = "step"
	pageSettings = "settings"
	pageLimits   = "limits"
	pageCollect  = "collect"
	pageAnswer   = "answer"
	pageTemplate = "template"
	pageSecret   = "secret"
)

func pagerOf(name string) (pager, bool) {
	switch name {
	case pageNew:
		return pager{(*Bot).formNew, nil, (*Bot).saveNew, false}, true
	case pageTrigger:
		return pager{(*Bot).formTrigger, (*Bot).actTrigger, (*Bot).saveTrigger, true}, true
	case pageKind:
		return pager{(*Bot).formKind, nil, (*Bot).saveKind, false}, true
	case pageSecret:
		return pager{(*Bot).formSecret, (*Bot).actSecret, (*Bot).saveSecret, false}, true
	case pageIf:
		return pager{(*Bot).formIf, (*Bot).actIf, (*Bot).saveIf, true}, true
	case pageNext:
		return pager{(*Bot).formNext, nil, (*Bot).saveNext, false}, true
	case pageStep:
		return pager{(*Bot).formStep, (*Bot).actStep, (*Bot).saveStep, true}, true
	case pageSettings:
		return pager{(*Bot).formSettings, (*Bot).actSettings, (*Bot).saveSettings, true}, true
	case pageLimits:
		return pager{(*Bot).formLimits, (*Bot).actLimits, (*Bot).saveLimits, true}, true
	case pageCollect:
		return pager{(*Bot).formCollect, (*Bot).actCollect, (*Bot).saveCollect, true}, true
	case pageAnswer:
		return pager{(*Bot).formAnswer, nil, (*Bot).saveAnswer, false}, true
	case pageTemplate:
		return pager{(*Bot).formTemplate, nil, (*Bot).saveTemplate, false}, true
	}
	return pager{}, false
}

// openPage answers with a page as a dialog. What the person typed into the same one before and never sent stands in it.
func (b *Bot) openPage(ctx context.Context, p *press, flow string, g page) (Reply, error) {
	data, err := json.Marshal(g)
	if err != nil {
		return nil, engine.AsError(err).WithOp("bot.openPage")
	}
	means := Intent{Verb: verbPage, Flow: flow, Data: data, Expires: b.now() + pageLife.Milliseconds()}
	d, err := b.form(ctx, p.caller, p.in, means, prompts.Form{})
	if err != nil {
		return nil, err
	}
	dialog, ok := d.(Dialog)
	if !ok {
		return d, nil
	}
	means.Token, means.Key = dialog.Form.Token, dialog.Form.Key
	next := &press{caller: p.caller, in: p.in, it: means}
	next.in.Kind, next.in.Token, next.in.Value, next.in.Fields = InPress, means.Token, "", nil
	return b.pressPage(ctx, next)
}

// sit is a person at the page of a press.
func (b *Bot) sit(ctx context.Context, p *press) (*sitting, pager, error) {
	s := &sitting{press: p, ctx: b.private(p.caller, p.in.Place, nil)}
	s.lang = s.ctx.Lang
	if err := json.Unmarshal(p.it.Data, &s.g); err != nil {
		return nil, pager{}, engine.AsError(err).WithOp("bot.page")
	}
	do, ok := pagerOf(s.g.Name)
	if !ok || !b.builds() {
		return nil, pager{}, stale()
	}
	if p.it.Flow == "" {
		return s, do, b.may(ctx, p.caller, DeedBuild, "", p.in.Place, false)
	}
	w, err := b.work(ctx, p.caller, p.in, p.it.Flow, DeedBuild)
	if err != nil {
		return nil, pager{}, err
	}
	s.w = w
	return s, do, nil
}

// pressPage opens a page, or does what came back of it.
func (b *Bot) pressPage(ctx context.Context, p *press) (Reply, error) {
	s, do, err := b.sit(ctx, p)
	if err != nil {
		b.note(ctx, p, "refused")
		return nil, err
	}
	switch name, acts := strings.CutPrefix(p.in.Value, ActPrefix); {
	case !p.submitted():
		t, err := b.readTyped(ctx, p)
		if err != nil {
			return nil, err
		}
		switch {
		case t.kept:
			s.typed = t.Fields
		case s.g.Fields != nil:
			s.typed = s.g.Fields
		}
		return b.dialog(ctx, s, do)
	case acts:
		s.typed = p.in.Fields
		if do.act != nil && name != "typed" {
			if reply, err := do.act(b, ctx, s, name); reply != nil || err != nil {
				return reply, err
			}
		}
		return b.dialog(ctx, s, do)
	}
	s.typed = p.in.Fields
	if s.w != nil && s.w.Rev != s.g.Rev && do.edits {
		return b.conflict(ctx, s, false)
	}
	reply, err := do.save(b, ctx, s)
	if err != nil {
		return b.unsavedPage(ctx, s, do, err)
	}
	if reply == nil { // something is wrong in its fields
		d, err := b.dialog(ctx, s, do)
		if err != nil {
			return nil, err
		}
		b.note(ctx, p, "wrong_fields")
		return FieldErrors{Errors: s.errs, Form: d.(Dialog).Form}, nil
	}
	return reply, nil
}

// unsavedPage puts an error that names a field of the page under it; any other is an error, and what was typed is kept.
func (b *Bot) unsavedPage(ctx context.Context, s *sitting, do pager, err error) (Reply, error) {
	e := engine.AsError(err)
	name, _ := e.Args["field"].(string)
	if name == "" && e.Args["path"] != nil && e.Code == engine.Conflict {
		name = "path" // the address belongs to another flow
	}
	if name == "" || e.Code == engine.Internal || e.Code == engine.Unavailable {
		b.note(ctx, s.press, "error_"+string(e.Code))
		return nil, err
	}
	d, shown := b.dialog(ctx, s, do)
	if shown != nil {
		return nil, err
	}
	form := d.(Dialog).Form
	for i, f := range form.Fields {
		if f.Name == name || strings.HasSuffix(f.Name, "."+name) {
			form.Fields[i].Error = b.words(s.caller, err)
			b.note(ctx, s.press, "wrong_fields")
			return FieldErrors{Errors: map[string]string{f.Name: form.Fields[i].Error}, Form: form}, nil
		}
	}
	return nil, err
}

// dialog is the page as it stands.
func (b *Bot) dialog(ctx context.Context, s *sitting, do pager) (Reply, error) {
	f, err := do.form(b, ctx, s)
	if err != nil {
		return nil, err
	}
	f.Key, f.Token, f.Lang = s.it.Key, s.in.Token, s.lang
	return Dialog{f}, nil
}

// t is an English text in the reader's language.
func (s *sitting) t(msg string, pairs ...any) string {
	return prompts.T(s.lang, msg, engine.Args(pairs...))
}

// wrong notes what is wrong with a field.
func (s *sitting) wrong(name, words string) {
	if s.errs == nil {
		s.errs = map[string]string{}
	}
	if s.errs[name] == "" {
		s.errs[name] = words
	}
}

// said is what was typed into a field, else what stands in it.
func (s *sitting) said(name, otherwise string) string {
	if v, ok := s.typed[name]; ok {
		return v
	}
	return otherwise
}

// line makes a field with what is typed in it and what is wrong with it.
func (s *sitting) field(f prompts.Field) prompts.Field {
	f.Value = s.said(f.Name, f.Value)
	f.Error = s.errs[f.Name]
	return f
}
