package bot

import (
	"context"
	"encoding/json"
	"sort"
	"time"

	"github.com/bretelle/bretelle/engine"
	"github.com/bretelle/bretelle/prompts"
)

// What somebody's own page holds at most, so that it fits the hundred blocks that Slack gives it. What is over is
// counted, and /flow pending and /flow home list it.
const (
	homeFlows  = 12
	homeAsks   = 4
	homeAlerts = 3
	homeBlocks = 12 // of one card; a longer one stands there as a line
)

// homeLife is how long the buttons of somebody's own page can be used: it is made anew whenever they look at it, each
// time with others.
const homeLife = 7 * 24 * time.Hour

func (b *Bot) cmdHome(ctx context.Context, c *call) (Reply, error) {
	if err := b.mayLook(ctx, c.caller, c.in.Place); err != nil {
		return nil, err
	}
	l, err := b.look(ctx, c.caller)
	if err != nil {
		return nil, err
	}
	pc := b.private(c.caller, c.in.Place, nil)
	if len(l.heads) == 0 && len(l.waiting) == 0 {
		return b.reply(ctx, c.caller, c.in, "home", &draft{card: b.beginning(pc, prompts.Welcome(pc, c.person.Name, verbs))})
	}
	f := l.facts(c.person.Name)
	for _, w := range l.waiting {
		f.Waiting = append(f.Waiting, w.item)
	}
	for _, a := range l.failing {
		f.Failing = append(f.Failing, a.facts)
	}
	return b.reply(ctx, c.caller, c.in, "home", &draft{card: b.startable(ctx, c.caller, c.in, pc, prompts.Home(pc, f, nil))})
}

// mayLook asks whether somebody may have a page of their own: who may see flows here or, with a role for a channel or a
// flow alone, any at all.
func (b *Bot) mayLook(ctx context.Context, c *caller, at engine.Place) error {
	err := b.may(ctx, c, DeedSee, "", at, false)
	if engine.CodeOf(err) != engine.Denied || c.outside() != nil {
		return err
	}
	heads, failed := b.seen(ctx, c)
	if failed != nil || len(heads) > 0 {
		return failed
	}
	return err
}

// startable adds ways to begin a flow for those who may.
func (b *Bot) startable(ctx context.Context, c *caller, in In, pc prompts.Ctx, card prompts.Card) prompts.Card {
	if b.may(ctx, c, DeedBuild, "", in.Place, false) != nil {
		return card
	}
	return b.beginning(pc, card)
}

// failing is an open alert.
type failing struct {
	alert Alert
	facts prompts.HomeFailing
	data  engine.FailedData
}

// outlook is what there is for the caller.
type outlook struct {
	heads   []engine.FlowHead // that they may see, their own first
	last    map[string]*engine.RunHead
	waiting []awaited
	unsure  bool
	failing []failing
}

func (l *outlook) facts(name string) prompts.HomeFacts {
	f := prompts.HomeFacts{Name: name, Unsure: l.unsure}
	for i, h := range l.heads {
		if i == homeFlows {
			f.More = len(l.heads) - i
			break
		}
		f.Flows = append(f.Flows, prompts.HomeFlow{Head: h, Last: l.last[h.Name]})
	}
	return f
}

// look gathers what there is for the caller.
func (b *Bot) look(ctx context.Context, c *caller) (*outlook, error) {
	heads, err := b.seen(ctx, c)
	if err != nil {
		return nil, err
	}
	sort.SliceStable(heads, func(i, j int) bool {
		if mine := heads[i].Owner == c.person.ID; mine != (heads[j].Owner == c.person.ID) {
			return mine
		}
		return heads[i].Name < heads[j].Name
	})
	l := &outlook{heads: heads, last: map[string]*engine.RunHead{}}
	for i, h := range heads {
		if i == homeFlows {
			break
		}
		runs, err := b.o.Runs.List(ctx, h.Name, nil, 1)
		if err != nil {
			return nil, err
		}
		if len(runs) > 0 {
			l.last[h.Name] = &runs[0]
		}
	}
	if l.waiting, l.unsure, err = b.awaiting(ctx, c); err != nil {
		return nil, err
	}
	l.failing, err = b.failures(ctx, heads)
	return l, err
}

// failures are the open alerts of flows, newest first.
func (b *Bot) failures(ctx context.Context, heads []engine.FlowHead) (out []failing, err error) {
	mine := map[string]bool{}
	for _, h := range heads {
		mine[h.Name] = true
	}
	cards, err := b.o.Outbox.OpenCards(ctx, engine.Place{}, 500)
	if err != nil {
		return nil, err
	}
	seen := map[string]bool{}
	for _, k := range cards {
		fp, ok := alertOf(k.Key)
		if !ok || seen[fp] {
			continue
		}
		seen[fp] = true
		a, err := b.alert(ctx, fp)
		if err != nil {
			return nil, err
		}
		if a.State != alertOpen || !mine[a.Flow] {
			continue
		}
		x := failing{alert: a}
		if len(a.Last) > 0 && json.Unmarshal(a.Last, &x.data) != nil {
			continue
		}
		x.facts = prompts.HomeFailing{Flow: a.Flow, Data: x.data, Runs: len(a.Runs), Since: a.Since}
		out = append(out, x)
	}
	return out, nil
}

// home is the caller's own page: their flows and what can be begun on top, then what waits for them and what fails, with
// the buttons that work there. Whoever may do nothing reads why, and how that changes.
func (b *Bot) home(ctx context.Context, c *caller, in In) (Reply, error) {
	pc := b.private(c, in.Place, nil)
	if why := c.outside(); why != nil {
		if b.hellos.first("home/"+c.actor.Surface+"/"+c.actor.Workspace+"/"+c.actor.User, b.o.Now(), helloEvery) {
			_ = b.enter(ctx, c, in, "home.refused") // once an hour: they look at it again and again
		}
		return Home{Cards: []prompts.Card{prompts.HomeStranger(pc, why, "admin claim CODE")}}, nil
	}
	if err := b.mayLook(ctx, c, in.Place); err != nil {
		return Home{Cards: []prompts.Card{prompts.HomeStranger(pc, err, "")}}, nil
	}
	l, err := b.look(ctx, c)
	if err != nil {
		return nil, err
	}
	var cards []prompts.Card
	add := func(about string, dr *draft) error {
		dr.means.Expires = b.now() + homeLife.Milliseconds()
		r, err := b.reply(ctx, c, in, "home:"+about, dr)
		if p, ok := r.(Private); ok && err == nil {
			cards = append(cards, p.Card)
		}
		return err
	}
	f := l.facts(c.person.Name)
	f.Cards = len(l.waiting)+len(l.failing) > 0
	var more []*draft
	var abouts []string
	for _, w := range l.waiting {
		if dr := b.waitingCard(pc, w); dr != nil && len(more) < homeAsks {
			more, abouts = append(more, dr), append(abouts, w.item.Kind+":"+w.view.ID+"/"+dr.means.Path)
			continue
		}
		f.Waiting = append(f.Waiting, w.item)
	}
	asks := len(more)
	for _, a := range l.failing {
		if dr := b.failingCard(pc, a); dr != nil && len(more)-asks < homeAlerts {
			more, abouts = append(more, dr), append(abouts, "alert:"+a.alert.Fingerprint)
			continue
		}
		f.Failing = append(f.Failing, a.facts)
	}
	top := prompts.Home(pc, f, nil)
	if len(l.heads) == 0 {
		top = prompts.Welcome(pc, c.person.Name, verbs)
	}
	if err := add("top", &draft{card: b.startable(ctx, c, in, pc, top)}); err != nil {
		return nil, err
	}
	for i, dr := range more {
		if err := add(abouts[i], dr); err != nil {
			return nil, err
		}
	}
	return Home{Cards: cards}, nil
}

// waitingCard is what waits as a card with its buttons; nil when it is too long for the page: a question is shown whole
// or not at all, because what is approved is what was shown.
func (b *Bot) waitingCard(pc prompts.Ctx, w awaited) *draft {
	dr := &draft{means: Intent{Run: w.view.ID, Flow: w.view.Flow}}
	switch {
	case w.ask != nil:
		dr.means.Path = w.ask.Path
		if w.ask.Plan != nil {
			dr.means.Plan = w.ask.Plan.Hash
		}
		dr.card = prompts.Ask(pc, w.view, *w.ask, verbs)
	case w.item.Kind == "outcome":
		dr.means.Path = w.step.Path
		dr.card = prompts.Outcome(pc, w.view, *w.step, "", "", 0, verbs)
	default:
		return nil // a failure has its alert
	}
	if len(dr.card.Blocks) > homeBlocks {
		return nil
	}
	dr.card.Key = ""
	return dr
}

// failingCard is an alert with its buttons, in the reader's language.
func (b *Bot) failingCard(pc prompts.Ctx, a failing) *draft {
	data, err := json.Marshal(alertData{a.alert.Fingerprint})
	if err != nil {
		return nil
	}
	f := prompts.AlertFacts{Flow: a.alert.Flow, Data: a.data, Since: a.alert.Since, MutedUntil: a.alert.MutedUntil, MutedBy: a.alert.MutedBy,
		MutedFixed: a.alert.MutedUntil >= MutedUntilFixed}
	for _, r := range a.alert.Runs {
		f.Runs = append(f.Runs, prompts.AlertRun{Number: r.Number, State: r.State, At: r.At})
	}
	dr := &draft{means: Intent{Flow: a.alert.Flow, Data: data}}
	if first := a.alert.first(); first != nil {
		dr.means.Run, dr.means.Path = first.Run, first.Path
	}
	dr.card = prompts.Alert(pc, f, verbs)
	if len(dr.card.Blocks) > homeBlocks {
		return nil
	}
	dr.card.Key = ""
	return dr
}
