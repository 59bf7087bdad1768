package bot

import (
	"bytes"
	"context"
	"encoding/json"
	"strings"

	"github.com/bretelle/bretelle/bot/build"
	"github.com/bretelle/bretelle/engine"
	"github.com/bretelle/bretelle/engine/describe"
	"github.com/bretelle/bretelle/engine/edit"
	"github.com/bretelle/bretelle/engine/flow"
	"github.com/bretelle/bretelle/prompts"
)

// saveOps makes a page's changes to the draft, if the draft is still the one that the page was opened on. Somebody
// else's save in between costs neither of them anything: a card asks whose changes count.
func (b *Bot) saveOps(ctx context.Context, s *sitting, ops ...edit.Op) (Reply, error) {
	if s.w.Rev != s.g.Rev {
		return b.conflict(ctx, s, false)
	}
	next, err := edit.Apply(s.w.Source, ops...)
	if err != nil {
		return nil, err
	}
	same := bytes.Equal(next, s.w.Source)
	switch {
	case same && s.next != nil:
		return b.openNext(ctx, s, next, nil)
	case same && s.w.Rev != 0:
		return b.showBuilder(ctx, s.caller, s.in, s.it.Flow)
	}
	reply, err := b.saveText(ctx, s, next)
	if err != nil || s.next == nil {
		return reply, err
	}
	return b.openNext(ctx, s, next, reply)
}

// keepDraft saves a draft. Whoever builds it needs the right where it listens: what is said there, or told by other flows,
// is kept as its samples.
// Errors: Denied, and those of Drafts.Save.
func (b *Bot) keepDraft(ctx context.Context, c *caller, name string, text []byte, rev int64) error {
	if f, _ := b.o.Drafts.Check(text); f != nil {
		for _, p := range describe.Hears(f, b.o.Catalog) {
			if err := b.may(ctx, c, DeedBuild, name, p, false); err != nil {
				return elsewhere(err, "This flow listens in {place}, where you may not build flows", p)
			}
		}
		var heard []string
		if name := heardBy(f); name != "" {
			heard = append(heard, name)
		}
		if err := b.mayHear(ctx, c, f, heard); err != nil {
			return err
		}
	}
	_, err := b.o.Drafts.Save(ctx, text, rev, c.person.ID)
	return err
}

func (b *Bot) saveText(ctx context.Context, s *sitting, next []byte) (Reply, error) {
	if err := b.keepDraft(ctx, s.caller, s.it.Flow, next, s.w.Rev); err != nil {
		if engine.CodeOf(err) == engine.Conflict {
			if now, again := b.o.Drafts.Draft(ctx, s.it.Flow); again == nil && now.Rev != s.w.Rev {
				s.w.Edit = now
				return b.conflict(ctx, s, false)
			}
		}
		return nil, err
	}
	b.audit(ctx, s.person.ID, "draft.saved", "flow/"+s.it.Flow, "page="+s.g.Name+" source="+source(s.in))
	if err := b.keepUndo(ctx, s.caller, s.it.Flow, s.w.Source); err != nil {
		b.o.Log.Warn("what a draft was before could not be kept", "flow", s.it.Flow, "err", err)
	}
	reply, err := b.showSaved(ctx, s.caller, s.in, s.it.Flow)
	if err != nil {
		return nil, err
	}
	if said, unchecked, err := b.unchecked(ctx, s, next); unchecked || err != nil {
		return said, err
	}
	return reply, nil
}

// unchecked says, after a step was saved, that something in it could not be tried, because a step before has no sample.
func (b *Bot) unchecked(ctx context.Context, s *sitting, next []byte) (Reply, bool, error) {
	if s.g.Name != pageStep || b.o.Samples == nil || len(s.w.matches) == 0 {
		return nil, false, nil
	}
	id := s.g.Step
	if f, _ := b.o.Drafts.Check(next); f != nil && id == "" {
		for _, st := range flowSteps(f) {
			if !knows(s.w.places, st.ID) {
				id = st.ID
			}
		}
	}
	step, err := edit.Step(next, id)
	if err != nil {
		return nil, false, nil //nolint:nilerr // it was removed: nothing to check
	}
	path, of := build.Unknown(step, s.w.places, s.w.answers)
	if path == "" {
		return nil, false, nil
	}
	g := page{Name: pageAnswer, Step: of}
	w, err := b.open(ctx, s.person.ID, s.it.Flow)
	if err != nil {
		return nil, false, err
	}
	g.Rev, g.Source = w.Rev, string(w.Source)
	data, err := json.Marshal(g)
	if err != nil {
		return nil, false, engine.AsError(err).WithOp("bot.unchecked")
	}
	name := of
	for i, p := range s.w.places {
		if p.ID == of {
			name = s.t("step {n}", "n", i+1)
		}
	}
	dr := &draft{card: prompts.Unchecked(s.ctx, path, name, every), means: Intent{Flow: s.it.Flow, Data: data}}
	dr.card.Key = "unchecked:" + s.it.Flow
	r, err := b.reply(ctx, s.caller, s.in, dr.card.Key, dr)
	return r, err == nil, err
}

func flowSteps(f *flow.Flow) (all []*flow.Step) {
	f.Walk(func(s *flow.Step) { all = append(all, s) })
	return all
}

func knows(places []edit.Place, id string) bool {
	for _, p := range places {
		if p.ID == id {
			return true
		}
	}
	return false
}

// conflict says that somebody else saved the draft, and keeps what was typed until somebody decides.
func (b *Bot) conflict(ctx context.Context, s *sitting, shown bool) (Reply, error) {
	g := s.g
	g.Fields = merged(s.g.Fields, s.typed)
	if s.press.undecided = true; !shown { // whoever opens it anew, rather than answer, has it before them, too
		if err := b.keepTypedAt(ctx, s.press, s.typingNow(), typed{Fields: g.Fields}); err != nil {
			return nil, err
		}
	}
	data, err := json.Marshal(g)
	if err != nil {
		return nil, engine.AsError(err).WithOp("bot.conflict")
	}
	d := prompts.ConflictFacts{Flow: s.it.Flow, By: s.w.By, At: s.w.At, Shown: shown}
	if shown {
		base, _ := flow.Parse([]byte(s.g.Source))
		now, _ := flow.Parse(s.w.Source)
		if base != nil && now != nil {
			d.Changes = describe.Changes(base, now, b.o.Catalog)
		}
	}
	value := ""
	if s.in.Kind == InSubmit {
		value = s.in.Value
	}
	dr := &draft{card: prompts.Conflict(s.ctx, d, every), means: Intent{Flow: s.it.Flow, Data: data, Path: value, Expires: b.now() + pageLife.Milliseconds()}}
	b.note(ctx, s.press, "conflict")
	return b.reply(ctx, s.caller, s.in, "conflict:"+s.it.Flow+":"+g.Name+g.Step, dr)
}

// pressConflict decides about a conflict: see what the other changed, keep mine (made to the draft as it is now, so
// that what the other did elsewhere stays), or take theirs.
func (b *Bot) pressConflict(ctx context.Context, p *press) (Reply, error) {
	s, do, err := b.sit(ctx, p)
	if err != nil {
		return nil, err
	}
	switch p.it.Verb {
	case "theirs_show":
		return b.conflict(ctx, s, true)
	case "theirs":
		b.forgetTyped(ctx, s)
		return b.showBuilder(ctx, s.caller, s.in, s.it.Flow)
	}
	s.typed, s.g.Fields = s.g.Fields, nil
	s.g.Rev = s.w.Rev
	var reply Reply
	if name, acts := cutAct(p.it.Path); acts && do.act != nil {
		reply, err = do.act(b, ctx, s, name)
	} else {
		reply, err = do.save(b, ctx, s)
	}
	if err != nil {
		return nil, err
	}
	if reply != nil && !p.undecided {
		b.forgetTyped(ctx, s)
	}
	if reply == nil { // it fits no longer: the dialog again, with what was typed
		next := s.g
		next.Fields = s.typed
		return b.openPage(ctx, s.press, s.it.Flow, next)
	}
	return reply, nil
}

// typingNow is where typing into this page is kept, once it is opened on the draft as it is now.
func (s *sitting) typingNow() string {
	g := s.g
	g.Source = string(s.w.Source)
	return typedToken(g.subject(s.it.Flow), s.person.ID)
}

// forgetTyped forgets what was kept until somebody decided. Should that fail, it is only offered once more.
func (b *Bot) forgetTyped(ctx context.Context, s *sitting) {
	for _, token := range []string{typedToken(s.g.subject(s.it.Flow), s.person.ID), s.typingNow()} {
		if err := b.keepTypedAt(ctx, s.press, token, typed{}); err != nil {
			b.o.Log.Warn("what was typed into a form could not be forgotten", "err", err)
		}
	}
}

func cutAct(value string) (string, bool) {
	if len(value) > len(ActPrefix) && value[:len(ActPrefix)] == ActPrefix {
		return value[len(ActPrefix):], true
	}
	return "", false
}

// undoing is a text that a draft had before its last change.
type undoing struct {
	Source string `json:"source"`
	By     string `json:"by"`
}

func undoToken(flow string) string { return typedToken("undo\x00"+flow, "") }

// keepUndo remembers what a draft was, so that the change can be taken back.
func (b *Bot) keepUndo(ctx context.Context, c *caller, name string, source []byte) error {
	data, err := json.Marshal(undoing{Source: string(source), By: c.person.ID})
	if err != nil {
		return engine.AsError(err).WithOp("bot.keepUndo")
	}
	return b.remember(ctx, c.actor.Surface, Intent{Token: undoToken(name), Verb: "undone", Flow: name, Data: data,
		Expires: b.now() + answerLife.Milliseconds()})
}

func (b *Bot) cmdUndo(ctx context.Context, c *call) (Reply, error) {
	if name := c.args["FLOW"]; strings.HasPrefix(name, "#") || strings.Trim(name, "0123456789") == "" {
		return b.undoRun(ctx, c, name, c.args["STEP"])
	}
	return b.undo(ctx, c.caller, c.in, c.args["FLOW"])
}

// undo makes a draft what it was before its last change; undoing twice gives the change back. A draft that was
// discarded is there again.
func (b *Bot) undo(ctx context.Context, c *caller, in In, name string) (Reply, error) {
	if err := b.unbuilt(); err != nil {
		return nil, err
	}
	rev, now := int64(0), []byte(nil)
	e, err := b.o.Drafts.Draft(ctx, name)
	switch {
	case err == nil:
		if _, err := b.head(ctx, c, in, name, DeedBuild); err != nil {
			return nil, err
		}
		rev, now = e.Rev, e.Source
	case engine.CodeOf(err) != engine.NotFound:
		return nil, err
	default:
		if err := b.may(ctx, c, DeedBuild, name, in.Place, false); err != nil {
			return nil, err
		}
	}
	it, err := b.o.Outbox.Intent(ctx, undoToken(name))
	var u undoing
	if err == nil {
		err = json.Unmarshal(it.Data, &u)
	}
	if err != nil || u.Source == "" || bytes.Equal(now, []byte(u.Source)) {
		if err != nil && engine.CodeOf(err) != engine.NotFound {
			return nil, unsaved(err)
		}
		return nil, engine.E(engine.NotFound, "There is nothing to undo in {flow}", "flow", name)
	}
	var at engine.Place // of a text that cannot be read, nobody knows the channel
	if f, _ := b.o.Drafts.Check([]byte(u.Source)); f != nil {
		at = f.Channel
	}
	if err := b.may(ctx, c, DeedBuild, name, at, false); err != nil {
		return nil, err
	}
	if err := b.keepDraft(ctx, c, name, []byte(u.Source), rev); err != nil {
		return nil, err
	}
	b.audit(ctx, c.person.ID, "draft.undone", "flow/"+name, "source="+source(in))
	if now != nil {
		if err := b.keepUndo(ctx, c, name, now); err != nil {
			b.o.Log.Warn("what a draft was before could not be kept", "flow", name, "err", err)
		}
	}
	return b.showBuilder(ctx, c, in, name)
}
