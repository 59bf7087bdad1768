package bot

import (
	"context"
	"encoding/json"
	"strings"

	"github.com/bretelle/bretelle/engine"
	"github.com/bretelle/bretelle/prompts"
)

// show brings the cards that the notice is about up to date. A card always says how things are now, whatever the
// notice was raised for, so a late notice never shows an old state. NotFound means there is nothing left to show.
func (d *delivery) show(ctx context.Context) error {
	switch d.n.Kind {
	case engine.NoticeAsk, engine.NoticeAskMoved, engine.NoticeRemind:
		return d.showAsk(ctx)
	case engine.NoticeRetrying:
		return d.showRetrying(ctx)
	case engine.NoticeFailed, engine.NoticeMended:
		return d.showAlert(ctx)
	case engine.NoticeOutcome, engine.NoticeOutcomeIn:
		return d.showOutcome(ctx)
	case engine.NoticeEnded:
		return d.showEnded(ctx)
	case engine.NoticePoll, engine.NoticeFlood:
		return d.showPoll(ctx)
	case engine.NoticeBreaker:
		return d.showBreaker(ctx)
	case engine.NoticeBudget:
		return d.showBudget(ctx)
	case engine.NoticeSample:
		d.reason("shown to those who build it")
		return d.b.builderAnew(ctx, d.n.Flow, nil)
	}
	return d.showFact(ctx)
}

// scene is a run with what a card about it needs.
type scene struct {
	view  engine.RunView
	flow  map[string]engine.Role
	ctx   prompts.Ctx
	place engine.Place
}

func (d *delivery) scene(ctx context.Context) (*scene, error) {
	view, err := d.b.o.Runs.Run(ctx, d.n.Run)
	if err != nil {
		return nil, err
	}
	return d.b.sceneOf(ctx, d.book, view, d.n.Place)
}

func (b *Bot) sceneOf(ctx context.Context, k *book, view engine.RunView, place engine.Place) (*scene, error) {
	flow, err := b.flowRoles(ctx, view.Flow)
	if err != nil {
		return nil, err
	}
	place = b.orOperator(place)
	at := view.Place
	if at.Channel == "" {
		at = place
	}
	return &scene{view: view, flow: flow, ctx: b.shared(k, place, at, flow), place: place}, nil
}

func askKey(run, path string) string     { return "ask:" + run + "/" + path }
func outcomeKey(run, path string) string { return "outcome:" + run + "/" + path }
func retryKey(run, path string) string   { return "retry:" + run + "/" + path }
func failKey(run, path string) string    { return "fail:" + run + "/" + path }

// askAt is the newest question at a path.
func askAt(v engine.RunView, path string) *engine.AskView {
	for i := len(v.Asks) - 1; i >= 0; i-- {
		if v.Asks[i].Path == path {
			return &v.Asks[i]
		}
	}
	return nil
}

func stepAt(v engine.RunView, path string) *engine.StepView {
	for i := range v.Steps {
		if v.Steps[i].Path == path {
			return &v.Steps[i]
		}
	}
	return nil
}

// askOf is the run and path in the card key of a question.
func askOf(key string) (run, path string, ok bool) {
	rest, ok := strings.CutPrefix(key, "ask:")
	run, path, ok2 := strings.Cut(rest, "/")
	return run, path, ok && ok2
}

// in is the scene as it is told in a place, in its language.
func (s *scene) in(b *Bot, k *book, p engine.Place) *scene {
	there := *s
	at := s.view.Place
	if there.place = p; at.Channel == "" {
		at = s.place
	}
	there.ctx = b.shared(k, p, at, s.flow)
	there.ctx.Surface = p.Surface
	return &there
}

// askMaker makes the card of a question for each place.
func (b *Bot) askMaker(k *book, s *scene, ask *engine.AskView) maker {
	return func(p engine.Place) (*draft, error) { return askDraft(s.in(b, k, p), ask), nil }
}

// approvals is where the run's questions are asked, and where instead.
func (d *delivery) approvals(s *scene, ask *engine.AskView) ([]engine.Place, wayOut) {
	n := s.view.Notify
	at := n.Approvals
	if ask != nil && len(ask.In) > 0 {
		at = ask.In
	}
	out := wayOut{to: n.Fallback, after: n.After}
	if out.to.Channel == "" {
		out.to = d.b.o.Operator
	}
	if out.after <= 0 {
		out.after = engine.DefaultFallback
	}
	return orElse(at, s.place), out
}

// orElse is where a flow wants something told: the places that it names, else its channel.
func orElse(places []engine.Place, channel engine.Place) []engine.Place {
	if len(places) == 0 {
		return []engine.Place{channel}
	}
	return places
}

func askDraft(s *scene, ask *engine.AskView) *draft {
	dr := &draft{number: s.view.Number, means: Intent{Run: s.view.ID, Path: ask.Path, Flow: s.view.Flow}}
	if ask.Plan != nil {
		dr.means.Plan = ask.Plan.Hash
	}
	dr.card = prompts.Ask(s.ctx, s.view, *ask, verbs)
	dr.card.Key = askKey(s.view.ID, ask.Path)
	return dr
}

func (d *delivery) showAsk(ctx context.Context) error {
	s, err := d.scene(ctx)
	if err != nil {
		return err
	}
	ask := askAt(s.view, d.n.Path)
	if ask == nil {
		d.reason("nothing is asked there")
		return nil
	}
	key := askKey(s.view.ID, ask.Path)
	here, err := d.b.present(ctx, key)
	if err != nil {
		return err
	}
	if !here.any() && ask.State == engine.CardSuperseded {
		d.reason("over before it was asked")
		return nil
	}
	places, out := d.approvals(s, ask)
	if ask.State != engine.CardOpen {
		out = wayOut{}
		if here.any() {
			places = nil // what was never asked there need not be told there
		}
	}
	if err := d.putOr(ctx, key, places, out, d.b.askMaker(d.book, s, ask)); err != nil {
		return err
	}
	if ask.State != engine.CardOpen {
		return nil
	}
	if d.n.Kind == engine.NoticeRemind {
		return d.remind(s, ask)
	}
	if nobody(d.book, ask, s.view.Place, s.flow) {
		return d.tellAdmins(ctx, s, ask)
	}
	return nil
}

// asksFollow lets the questions of a run that stand somewhere say what became of what they covered; told is whether
// there are any.
func (d *delivery) asksFollow(ctx context.Context, s *scene) (told bool, err error) {
	for i := range s.view.Asks {
		ask := &s.view.Asks[i]
		if ask != askAt(s.view, ask.Path) {
			continue
		}
		key := askKey(s.view.ID, ask.Path)
		here, err := d.b.present(ctx, key)
		if err != nil {
			return told, err
		}
		if here.any() {
			told = true
			_, out := d.approvals(s, ask)
			if ask.State != engine.CardOpen {
				out = wayOut{}
			}
			if err := d.putOr(ctx, key, nil, out, d.b.askMaker(d.book, s, ask)); err != nil {
				return told, err
			}
		}
	}
	return told, nil
}

// nobody reports that a question cannot be decided, because those who are asked are not there.
func nobody(k *book, ask *engine.AskView, place engine.Place, flow map[string]engine.Role) bool {
	none := k.empty(ask.Groups, place, flow)
	if ask.Mode == "all" {
		return len(none) > 0
	}
	return len(none) == len(ask.Groups)
}

// remind writes below the question, so that those asked hear of it again.
func (d *delivery) remind(s *scene, ask *engine.AskView) error {
	return d.below(askKey(s.view.ID, ask.Path), func(p engine.Place) (*draft, error) {
		c := s.in(d.b, d.book, p).ctx
		card := prompts.Say(c, "{flow} #{number} still waits for an answer", "flow", s.view.Flow, "number", s.view.Number)
		card.Key = "remind:" + d.n.ID
		return &draft{card: card, means: Intent{Run: s.view.ID}}, nil
	})
}

// tellAdmins says where admins look that a question has nobody to answer it.
func (d *delivery) tellAdmins(ctx context.Context, s *scene, ask *engine.AskView) error {
	op := d.b.o.Operator
	if s.place == op {
		return nil
	}
	none := d.book.empty(ask.Groups, s.view.Place, s.flow)
	c := d.b.shared(d.book, op, s.view.Place, s.flow)
	card := prompts.Say(c, "{flow} #{number} waits, but {group} is empty, so nobody can approve. Fill it with: {command}",
		"flow", s.view.Flow, "number", s.view.Number, "group", join(none, ", "),
		"command", "/"+d.b.o.Command+" admin group-set "+trimAt(none[0])+" NAME")
	card.Tone, card.Key = prompts.ToneWarn, "empty:"+s.view.ID+"/"+ask.Path
	card.Buttons = []prompts.Button{{ID: "choose_who", Label: prompts.T(c.Lang, "Choose who", nil), Token: "choose_who"}}
	dr := &draft{card: card, means: Intent{Run: s.view.ID, Path: ask.Path, Flow: s.view.Flow, Data: json.RawMessage(jsonText(trimAt(none[0])))}}
	asked := d.settled.Reason
	err := d.put(ctx, card.Key, []engine.Place{op}, same(dr))
	d.settled.Reason = asked
	return err
}

// showRetrying keeps one working card a step: the next try while it is planned, how it ended when it went through.
// When the step gives up, the alert takes the card over.
func (d *delivery) showRetrying(ctx context.Context) error {
	s, err := d.scene(ctx)
	if err != nil {
		return err
	}
	return d.retryCard(ctx, s, d.n.Path, true)
}

func (d *delivery) retryCard(ctx context.Context, s *scene, path string, mayPost bool) error {
	step := stepAt(s.view, path)
	if step == nil {
		return nil
	}
	key := retryKey(s.view.ID, path)
	here, err := d.b.present(ctx, key)
	if err != nil {
		return err
	}
	var make func(c prompts.Ctx) prompts.Card
	switch {
	case step.RetryAt > 0 && !s.view.State.Final() && (here.any() || mayPost):
		make = func(c prompts.Ctx) prompts.Card { return prompts.Retrying(c, s.view, *step) }
	case !here.any():
		d.reason("over before it was told")
		return nil
	case step.State == engine.StepStateDone:
		make = func(c prompts.Ctx) prompts.Card {
			card := prompts.Say(c, "{flow} #{number} step {index} went through at try {try}",
				"flow", s.view.Flow, "number", s.view.Number, "index", step.Index, "try", step.Attempts)
			card.Tone = prompts.ToneGood
			return card
		}
	case s.view.State.Final():
		make = func(c prompts.Ctx) prompts.Card { return prompts.Ended(c, s.view, nil) }
	default:
		return nil // under way, or an alert or a question is about to follow
	}
	var places []engine.Place
	if mayPost || here.any() {
		places = orElse(s.view.Notify.Alerts, s.place)
	}
	return d.put(ctx, key, places, func(p engine.Place) (*draft, error) {
		card := make(s.in(d.b, d.book, p).ctx)
		if card.State == engine.CardOpen {
			card.State = engine.CardResolved // nothing can be pressed on it
		}
		return &draft{card: card, number: s.view.Number, means: Intent{Run: s.view.ID}}, nil
	})
}

// given is the answer to an unknown outcome.
type given struct {
	Choice string `json:"choice"`
	By     string `json:"by"`
	At     int64  `json:"at"`
}

func (d *delivery) showOutcome(ctx context.Context) error {
	s, err := d.scene(ctx)
	if err != nil {
		return err
	}
	step := stepAt(s.view, d.n.Path)
	if step == nil {
		d.reason("there is no such step")
		return nil
	}
	if _, err := d.asksFollow(ctx, s); err != nil {
		return err
	}
	var g given
	if d.n.Kind == engine.NoticeOutcomeIn && json.Unmarshal(d.n.Data, &g) != nil {
		g = given{}
	}
	if d.n.Kind == engine.NoticeOutcomeIn && g.Choice == "" {
		g = given{Choice: "stop", At: d.n.At} // the run ended while it was asked
	}
	if d.n.Kind == engine.NoticeOutcome && step.State != engine.StepStateUnknown {
		here, err := d.b.present(ctx, outcomeKey(s.view.ID, step.Path))
		if err != nil || !here.any() {
			d.reason("answered before it was asked")
			return err
		}
		return nil // the notice of the answer follows
	}
	if d.n.Kind == engine.NoticeOutcomeIn && step.State == engine.StepStateUnknown {
		d.reason("asked again meanwhile")
		return nil
	}
	places, out := d.approvals(s, nil)
	if g.Choice != "" {
		out = wayOut{}
	}
	key := outcomeKey(s.view.ID, step.Path)
	return d.putOr(ctx, key, places, out, func(p engine.Place) (*draft, error) {
		dr := &draft{number: s.view.Number, means: Intent{Run: s.view.ID, Path: step.Path, Flow: s.view.Flow}}
		dr.card = prompts.Outcome(s.in(d.b, d.book, p).ctx, s.view, *step, g.Choice, g.By, g.At, verbs)
		return dr, nil
	})
}

// showEnded lets the cards of the run say how it ended, and says so itself where no other card does.
func (d *delivery) showEnded(ctx context.Context) error {
	s, err := d.scene(ctx)
	if err != nil {
		return err
	}
	told, err := d.asksFollow(ctx, s)
	if err != nil {
		return err
	}
	alerted := false
	for _, step := range s.view.Steps {
		if err := d.retryCard(ctx, s, step.Path, false); err != nil {
			return err
		}
		for _, key := range []string{outcomeKey(s.view.ID, step.Path), failKey(s.view.ID, step.Path)} {
			here, err := d.told(ctx, key)
			if err != nil {
				return err
			}
			told = told || here
			alerted = alerted || here
		}
	}
	key := "run:" + s.view.ID
	here, err := d.told(ctx, key)
	if err != nil {
		return err
	}
	quiet := s.view.State == engine.RunDone && s.view.By == "" || told && (s.view.State != engine.RunFailed || alerted)
	if quiet && !here {
		d.settled.Reason = ""
		d.reason("its cards say it")
		return nil
	}
	return d.put(ctx, key, orElse(s.view.Notify.Results, s.place), func(p engine.Place) (*draft, error) {
		dr := &draft{number: s.view.Number, means: Intent{Run: s.view.ID, Flow: s.view.Flow}}
		dr.card = prompts.Ended(s.in(d.b, d.book, p).ctx, s.view, verbs)
		return dr, nil
	})
}

// told reports whether a card stands somewhere or is about to.
func (d *delivery) told(ctx context.Context, key string) (bool, error) {
	x, err := d.b.present(ctx, key)
	return err == nil && x.any(), err
}
