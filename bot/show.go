package bot

import (
	"context"
	"encoding/json"

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

func askDraft(s *scene, ask *engine.AskView) *draft {
	dr := &draft{means: Intent{Run: s.view.ID, Path: ask.Path, Flow: s.view.Flow}}
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
	stands, err := d.b.standing(ctx, askKey(s.view.ID, ask.Path))
	if err != nil {
		return err
	}
	if len(stands) == 0 && ask.State == engine.CardSuperseded {
		d.reason("over before it was asked")
		return nil
	}
	if err := d.put(ctx, askDraft(s, ask), s.place); err != nil {
		return err
	}
	if ask.State != engine.CardOpen {
		return nil
	}
	if d.n.Kind == engine.NoticeRemind {
		return d.remind(ctx, s, ask)
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
		stands, err := d.b.standing(ctx, askKey(s.view.ID, ask.Path))
		if err != nil {
			return told, err
		}
		if len(stands) > 0 {
			told = true
			if err := d.put(ctx, askDraft(s, ask), s.place); err != nil {
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
func (d *delivery) remind(ctx context.Context, s *scene, ask *engine.AskView) error {
	for _, c := range append([]StoredCard(nil), d.settled.Cards...) { // the question, wherever it stands
		if c.Key != askKey(s.view.ID, ask.Path) {
			continue
		}
		card := prompts.Say(s.ctx, "{flow} #{number} still waits for an answer", "flow", s.view.Flow, "number", s.view.Number)
		card.Key = "remind:" + d.n.ID
		if err := d.below(ctx, c, &draft{card: card}); err != nil {
			return err
		}
	}
	return nil
}

// below writes a card into the thread of another. Where there is no thread to write to, nothing is lost: the card
// above says it too.
func (d *delivery) below(ctx context.Context, above StoredCard, dr *draft) error {
	if above.Ref == "" || above.Place.Thread != "" {
		return nil
	}
	p := above.Place
	p.Thread = string(above.Ref)
	c, _, err := d.b.put(ctx, dr, p)
	switch engine.CodeOf(err) {
	case "":
		d.settled.Cards = append(d.settled.Cards, c)
		return nil
	case engine.Throttled, engine.Unavailable, engine.Timeout, engine.Canceled, engine.Internal:
		if !d.giveUp {
			return err
		}
	}
	return nil
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
	return d.putIn(ctx, &draft{card: card, means: Intent{Run: s.view.ID, Path: ask.Path, Flow: s.view.Flow, Data: json.RawMessage(jsonText(trimAt(none[0])))}}, op)
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
	stands, err := d.b.standing(ctx, retryKey(s.view.ID, path))
	if err != nil {
		return err
	}
	var card prompts.Card
	switch {
	case step.RetryAt > 0 && !s.view.State.Final() && (len(stands) > 0 || mayPost):
		card = prompts.Retrying(s.ctx, s.view, *step)
	case len(stands) == 0:
		d.reason("over before it was told")
		return nil
	case step.State == engine.StepStateDone:
		card = prompts.Say(s.ctx, "{flow} #{number} step {index} went through at try {try}",
			"flow", s.view.Flow, "number", s.view.Number, "index", step.Index, "try", step.Attempts)
		card.Tone = prompts.ToneGood
	case s.view.State.Final():
		card = prompts.Ended(s.ctx, s.view, nil)
	default:
		return nil // under way, or an alert or a question is about to follow
	}
	card.Key = retryKey(s.view.ID, path)
	if card.State == engine.CardOpen {
		card.State = engine.CardResolved // nothing can be pressed on it
	}
	return d.put(ctx, &draft{card: card}, s.place)
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
		stands, err := d.b.standing(ctx, outcomeKey(s.view.ID, step.Path))
		if err != nil || len(stands) == 0 {
			d.reason("answered before it was asked")
			return err
		}
		return nil // the notice of the answer follows
	}
	if d.n.Kind == engine.NoticeOutcomeIn && step.State == engine.StepStateUnknown {
		d.reason("asked again meanwhile")
		return nil
	}
	dr := &draft{means: Intent{Run: s.view.ID, Path: step.Path, Flow: s.view.Flow}}
	dr.card = prompts.Outcome(s.ctx, s.view, *step, g.Choice, g.By, g.At, verbs)
	dr.card.Key = outcomeKey(s.view.ID, step.Path)
	return d.put(ctx, dr, s.place)
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
			stands, err := d.b.standing(ctx, key)
			if err != nil {
				return err
			}
			told = told || len(stands) > 0
			alerted = alerted || len(stands) > 0
		}
	}
	stands, err := d.b.standing(ctx, "run:"+s.view.ID)
	if err != nil {
		return err
	}
	quiet := s.view.State == engine.RunDone && s.view.By == "" || told && (s.view.State != engine.RunFailed || alerted)
	if quiet && len(stands) == 0 {
		d.settled.Reason = ""
		d.reason("its cards say it")
		return nil
	}
	dr := &draft{means: Intent{Run: s.view.ID, Flow: s.view.Flow}}
	dr.card = prompts.Ended(s.ctx, s.view, verbs)
	dr.card.Key = "run:" + s.view.ID
	return d.put(ctx, dr, s.place)
}
