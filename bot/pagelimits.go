package bot

import (
	"bytes"
	"context"

	"github.com/bretelle/bretelle/bot/build"
	"github.com/bretelle/bretelle/engine"
	"github.com/bretelle/bretelle/engine/edit"
	"github.com/bretelle/bretelle/prompts"
)

// formLimits asks when a flow's runs may begin and how much they may do: the second page of its settings.
func (b *Bot) formLimits(_ context.Context, s *sitting) (prompts.Form, error) {
	top, err := edit.Top(s.w.Source)
	if err != nil {
		return prompts.Form{}, err
	}
	d := build.LimitFacts(top)
	d.Flow = s.it.Flow
	return prompts.LimitsForm(s.ctx, d, s.in.Token, prompts.Filled{Values: s.typed, Errors: s.errs}), nil
}

func (b *Bot) saveLimits(ctx context.Context, s *sitting) (Reply, error) {
	top, err := edit.Top(s.w.Source)
	if err != nil {
		return nil, err
	}
	was, _ := top.Get("limits").(edit.Map)
	next, bad := (build.Words{Lang: s.lang}).ReadLimits(was, build.LimitFacts(top), merged(s.g.Fields, s.typed))
	op := edit.SetTop{Key: "limits"}
	if len(next) > 0 {
		op.Value = next
	}
	return b.saveChecked(ctx, s, bad, build.LimitField, op)
}

// formCollect asks what a trigger collects before a run begins, and how many events are expected.
func (b *Bot) formCollect(_ context.Context, s *sitting) (prompts.Form, error) {
	top, err := edit.Top(s.w.Source)
	if err != nil {
		return prompts.Form{}, err
	}
	d := build.CollectFacts(top)
	d.Flow = s.it.Flow
	return prompts.CollectForm(s.ctx, d, s.in.Token, prompts.Filled{Values: s.typed, Errors: s.errs}), nil
}

func (b *Bot) saveCollect(ctx context.Context, s *sitting) (Reply, error) {
	top, err := edit.Top(s.w.Source)
	if err != nil {
		return nil, err
	}
	ops, bad := (build.Words{Lang: s.lang}).ReadCollect(top, build.CollectFacts(top), merged(s.g.Fields, s.typed))
	return b.saveChecked(ctx, s, bad, build.CollectField, ops...)
}

// saveChecked saves changes unless something was wrong already, or the text with them has errors that belong to a field
// of the page: those stand under it in the words of whoever reads flows. field names it; "" is none of the page's.
func (b *Bot) saveChecked(ctx context.Context, s *sitting, bad map[string]string, field func(where string) string, ops ...edit.Op) (Reply, error) {
	for name, words := range bad {
		s.wrong(name, words)
	}
	next, err := edit.Apply(s.w.Source, ops...)
	if err != nil && len(s.errs) == 0 {
		return nil, err
	}
	said := func(p engine.Problem) string {
		return b.words(s.caller, &engine.Error{Code: engine.Invalid, Msg: p.Msg, Args: p.Args, Hint: p.Hint})
	}
	stood := map[string]bool{} // what was wrong before keeps nobody from saving the rest
	for _, p := range s.w.problems {
		stood[p.Where+"\x00"+said(p)] = true
	}
	_, problems := b.o.Drafts.Check(next)
	for _, p := range problems {
		if name := field(p.Where); name != "" && p.Severity == engine.SevError && !stood[p.Where+"\x00"+said(p)] {
			s.wrong(name, said(p))
		}
	}
	if len(s.errs) > 0 {
		return nil, nil
	}
	return b.saveOps(ctx, s, ops...)
}

// actSettings goes to the second page of the settings.
func (b *Bot) actSettings(ctx context.Context, s *sitting, name string) (Reply, error) {
	if name != "limits" {
		return nil, nil
	}
	return b.onward(ctx, s, page{Name: pageLimits}, (*Bot).saveSettings)
}

func (b *Bot) actLimits(ctx context.Context, s *sitting, name string) (Reply, error) {
	if name != "back" {
		return nil, nil
	}
	return b.onward(ctx, s, page{Name: pageSettings}, (*Bot).saveLimits)
}

func (b *Bot) actCollect(ctx context.Context, s *sitting, name string) (Reply, error) {
	if name != "back" || s.w.flow == nil {
		return nil, nil
	}
	return b.onward(ctx, s, page{Name: pageTrigger, What: s.w.flow.Trigger.On}, (*Bot).saveCollect)
}

// onward saves what was typed into a page and goes to another: nothing that somebody typed is lost on the way. What is
// wrong keeps them where they are.
func (b *Bot) onward(ctx context.Context, s *sitting, to page, save func(b *Bot, ctx context.Context, s *sitting) (Reply, error)) (Reply, error) {
	s.next = &to
	if s.typed == nil {
		return b.openNext(ctx, s, s.w.Source, nil)
	}
	return save(b, ctx, s)
}

// openNext opens the page that a save leads to, on the text that was saved; otherwise is the answer when that is not what
// is stored.
func (b *Bot) openNext(ctx context.Context, s *sitting, saved []byte, otherwise Reply) (Reply, error) {
	now, err := b.o.Drafts.Draft(ctx, s.it.Flow)
	if err != nil {
		return nil, err
	}
	if otherwise != nil && !bytes.Equal(now.Source, saved) {
		return otherwise, nil
	}
	s.next.Rev, s.next.Source = now.Rev, string(now.Source)
	return b.openPage(ctx, s.press, s.it.Flow, *s.next)
}
