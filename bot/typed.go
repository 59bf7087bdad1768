package bot

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"strconv"
	"strings"
	"time"

	"github.com/bretelle/bretelle/engine"
	"github.com/bretelle/bretelle/prompts"
)

// What In.Value says where a surface shows a form in pages, or cannot keep it open: a press asks for a page, or for
// the form again; a submission brings one page's fields, or none and saves what was typed so far.
const (
	PagePrefix = "page " // "page 1/2"
	FormAgain  = "again"
	FormSave   = "save"
)

// Page reads "page 1/2"; ok is false for any other value.
func Page(value string) (page, of int, ok bool) {
	rest, ok := strings.CutPrefix(value, PagePrefix)
	a, b, cut := strings.Cut(rest, "/")
	page, err := strconv.Atoi(a)
	of, err2 := strconv.Atoi(b)
	ok = ok && cut && err == nil && err2 == nil && 1 <= page && page <= of && of <= 100
	return page, of, ok
}

// typedLife is how long what somebody typed into a form that was not sent is kept.
const typedLife = 24 * time.Hour

// typed is what one person typed into a form so far. It is stored, so that neither a restart nor an answer that was
// wrong in one field costs the others.
type typed struct {
	Fields map[string]string `json:"fields,omitempty"`
	Pages  []int             `json:"pages,omitempty"` // that came in, of Of
	Of     int               `json:"of,omitempty"`

	kept bool // it is stored
}

// typedToken is where a person's typing into a form is kept. It has no verb that can be pressed.
func typedToken(form, person string) string {
	sum := sha256.Sum256([]byte("typed:" + form + ":" + person))
	return hex.EncodeToString(sum[:16])
}

// typing is where this press's typing is kept: a page of the builder that is opened again, from wherever, has what was
// typed into it.
func (p *press) typing() string {
	var g page
	if p.it.Verb == verbPage && json.Unmarshal(p.it.Data, &g) == nil {
		return typedToken(g.subject(p.it.Flow), p.person.ID)
	}
	return typedToken(p.in.Token, p.person.ID)
}

func (b *Bot) readTyped(ctx context.Context, p *press) (t typed, err error) {
	it, err := b.o.Outbox.Intent(ctx, p.typing())
	switch {
	case engine.CodeOf(err) == engine.NotFound || err == nil && it.Expires < b.now():
		return t, nil
	case err != nil:
		return t, unsaved(err)
	}
	if err := json.Unmarshal(it.Data, &t); err != nil {
		return t, engine.AsError(err).WithOp("bot.readTyped")
	}
	t.kept = len(t.Fields) > 0
	return t, nil
}

func (b *Bot) keepTyped(ctx context.Context, p *press, t typed) error {
	return b.keepTypedAt(ctx, p, p.typing(), t)
}

func (b *Bot) keepTypedAt(ctx context.Context, p *press, token string, t typed) error {
	data, err := json.Marshal(t)
	if err != nil {
		return engine.AsError(err).WithOp("bot.keepTyped")
	}
	it := Intent{Token: token, Card: token, Key: "typed:" + token, Verb: "typed", Run: p.it.Run, Path: p.it.Path, Flow: p.it.Flow,
		Data: data, Expires: b.now() + typedLife.Milliseconds()}
	stored := StoredCard{ID: token, Key: it.Key, Place: engine.Place{Surface: p.actor.Surface}, State: engine.CardResolved, Updated: b.now(),
		Card: json.RawMessage("{}")}
	if err := b.o.Outbox.PutCard(ctx, stored, []Intent{it}); err != nil {
		return unsaved(err)
	}
	return nil
}

// perform does what a press or a submission means. A form's pages are put together first: it is acted upon when the
// last page is in, or when it is saved and no field that is required is empty; before that the same form comes back,
// filled. What was typed is kept until it was acted upon.
func (b *Bot) perform(ctx context.Context, p *press, do presser) (Reply, error) {
	if !p.submitted() {
		reply, err := do(b, ctx, p)
		if d, ok := reply.(Dialog); ok && err == nil {
			return b.filled(ctx, p, d)
		}
		return reply, err
	}
	t, err := b.collect(ctx, p)
	if err != nil {
		return nil, err
	}
	if reply, err := b.unfinished(ctx, p, do, &t); reply != nil || err != nil {
		return reply, err
	}
	p.in.Fields = t.Fields
	reply, err := do(b, ctx, p)
	if acting(p.in) {
		return reply, b.keepShown(ctx, p, t, reply, err)
	}
	_, wrong := reply.(FieldErrors)
	switch {
	case err != nil || wrong || p.undecided:
		if kept := b.keepTyped(ctx, p, t); kept != nil && err == nil {
			return nil, kept
		}
	case t.kept: // acted upon: should forgetting fail, it is only offered once more
		if err := b.keepTyped(ctx, p, typed{}); err != nil {
			b.o.Log.Warn("what was typed into a form could not be forgotten", "err", err)
		}
	}
	return reply, err
}

// acting reports whether something in a dialog's body was used, rather than the dialog sent.
func acting(in In) bool { return in.Kind == InSubmit && strings.HasPrefix(in.Value, ActPrefix) }

// keepShown keeps what stands in a dialog after something in it acted: what was typed, with what the answer made of
// it. A surface that shows a dialog in parts hands over one part at a time.
func (b *Bot) keepShown(ctx context.Context, p *press, t typed, reply Reply, err error) error {
	if d, ok := reply.(Dialog); ok && d.Form.Token == p.in.Token {
		fields := make(map[string]string, len(d.Form.Fields))
		for _, f := range d.Form.Fields {
			fields[f.Name] = f.Value
		}
		t.add(In{Fields: fields})
	}
	if kept := b.keepTyped(ctx, p, t); kept != nil && err == nil {
		return kept
	}
	return err
}

// filled is a form with what the caller typed into it before.
func (b *Bot) filled(ctx context.Context, p *press, d Dialog) (Reply, error) {
	t, err := b.readTyped(ctx, p)
	if err != nil {
		return nil, err
	}
	return t.fill(d), nil
}

// collect puts a submission over what was typed before, and keeps it when more is to come.
func (b *Bot) collect(ctx context.Context, p *press) (typed, error) {
	b.typing.Lock() // two pages of one form may come at once
	defer b.typing.Unlock()
	t, err := b.readTyped(ctx, p)
	if err != nil {
		return t, err
	}
	page, of, paged := Page(p.in.Value)
	if !paged && p.in.Value != FormSave && !acting(p.in) {
		t = typed{kept: t.kept} // a form sent whole is all there is
	}
	t.add(p.in)
	if !paged {
		return t, nil
	}
	t.turn(page, of)
	t.kept = true
	return t, b.keepTyped(ctx, p, t)
}

// unfinished is the form again while pages are missing or, saved early, a field that is required is empty; nil when
// it can be acted upon.
func (b *Bot) unfinished(ctx context.Context, p *press, do presser, t *typed) (Reply, error) {
	if _, _, paged := Page(p.in.Value); acting(p.in) || p.in.Value != FormSave && (!paged || len(t.Pages) == t.Of) {
		return nil, nil
	}
	asked := *p
	asked.in.Kind = InPress
	reply, err := do(b, ctx, &asked)
	d, ok := reply.(Dialog)
	if !ok || err != nil {
		return reply, err // refused
	}
	d = t.fill(d)
	if p.in.Value != FormSave || d.Form.Lacks() {
		return d, nil
	}
	all := make(map[string]string, len(d.Form.Fields)) // what was shown and not touched is meant, too
	for _, f := range d.Form.Fields {
		all[f.Name] = f.Value
	}
	t.Fields = all
	return nil, nil
}

// add puts the fields of a submission over those typed before.
func (t *typed) add(in In) {
	all := make(map[string]string, len(t.Fields)+len(in.Fields))
	for k, v := range t.Fields {
		all[k] = v
	}
	for k, v := range in.Fields {
		all[k] = v
	}
	t.Fields = all
}

// turn notes that a page came in. Another number of pages is another form: its pages are counted anew.
func (t *typed) turn(page, of int) {
	if t.Of != of {
		t.Pages, t.Of = nil, of
	}
	for _, n := range t.Pages {
		if n == page {
			return
		}
	}
	t.Pages = append(t.Pages, page)
}

// fill puts what was typed into a form about to be shown.
func (t typed) fill(d Dialog) Dialog {
	fields := append([]prompts.Field(nil), d.Form.Fields...)
	for i := range fields {
		if v, ok := t.Fields[fields[i].Name]; ok {
			fields[i].Value = v
		}
	}
	d.Form.Fields = fields
	return d
}
