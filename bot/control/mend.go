package control

import (
	"context"
	"encoding/json"
	"strconv"

	"github.com/bretelle/bretelle/bot"
	"github.com/bretelle/bretelle/engine"
	"github.com/bretelle/bretelle/prompts"
)

// MendIn asks to run a run again, to take back what it did, or to move runs that wait to the newest version. Without Do
// nothing happens: the answer says what would.
type MendIn struct {
	Number  int64           `json:"number,omitempty"`
	Flow    string          `json:"flow,omitempty"`    // move
	Step    string          `json:"step,omitempty"`    // again: to begin at; undo: only this one
	Version int64           `json:"version,omitempty"` // again: 0 is the published one
	Event   json.RawMessage `json:"event,omitempty"`   // again: instead of the one it began with, an object
	Do      bool            `json:"do,omitempty"`
	As      string          `json:"as,omitempty"`
}

// MendOut is what would be done, or what was.
type MendOut struct {
	Plan any       `json:"plan"`
	Text string    `json:"text"`           // it in words
	Runs []MendRun `json:"runs,omitempty"` // those that began
}

// MendRun is a run that goes on for another one.
type MendRun struct {
	Old    int64  `json:"old"`
	Number int64  `json:"number,omitempty"`
	Stays  string `json:"stays,omitempty"` // why it did not move
}

// words is for whom a plan is put into words: whoever sits at the terminal.
func (s *server) words() prompts.Ctx {
	return prompts.Ctx{Lang: "en", Now: engine.Millis(s.Now())}
}

// mended is the run that is about to be mended, and who does it, if they may.
func (s *server) mended(ctx context.Context, in MendIn) (v engine.RunView, by string, err error) {
	if s.Mender == nil {
		return v, "", engine.E(engine.Invalid, "Runs cannot be run again here")
	}
	if v, err = s.run(ctx, in.Number); err != nil {
		return v, "", err
	}
	if by, err = s.by(ctx, in.As); err != nil {
		return v, "", err
	}
	return v, by, s.Admin.MayRun(ctx, by, bot.DeedRun, v)
}

// runAgain runs a run again, from a step on.
func (s *server) runAgain(ctx context.Context, in MendIn) (MendOut, error) {
	v, by, err := s.mended(ctx, in)
	if err != nil {
		return MendOut{}, err
	}
	ask := engine.AgainAsk{Run: v.ID, From: in.Step, Version: in.Version}
	if len(in.Event) > 0 {
		x, err := engine.DecodeJSON(in.Event)
		event, ok := x.(map[string]any)
		if err != nil || !ok {
			return MendOut{}, engine.E(engine.Invalid, "the event must be one JSON object").
				WithHint(`Its members are what expressions see: {"body": {…}}.`).Wrap(err)
		}
		ask.Event = event
	}
	if ask.From == "" {
		ask.From = bot.FailedStep(v)
	}
	plan, err := s.Mender.PlanAgain(ctx, ask)
	if err != nil {
		return MendOut{}, err
	}
	if err := s.Admin.MayAgain(ctx, by, v, plan.Version); err != nil {
		return MendOut{}, err
	}
	ask.Version = plan.Version
	out := MendOut{Plan: plan, Text: prompts.AgainPlan(s.words(), plan, ask.Event != nil, nil).Text}
	if !in.Do {
		return out, nil
	}
	r, err := s.Mender.RunAgain(ctx, ask, plan.Seq, by, engine.NewID(s.Now()))
	return s.began(ctx, out, v, r, by, "run.again", err)
}

// began adds the run that began for another one, and tells the audit.
func (s *server) began(ctx context.Context, out MendOut, old engine.RunView, r engine.Receipt, by, what string, err error) (MendOut, error) {
	if err != nil {
		return out, err
	}
	out.Runs = append(out.Runs, MendRun{Old: old.Number, Number: r.Number})
	return out, s.audit(ctx, by, what, "run/"+old.ID)
}

// runUndo takes back what a run did, or one of its steps.
func (s *server) runUndo(ctx context.Context, in MendIn) (MendOut, error) {
	v, by, err := s.mended(ctx, in)
	if err != nil {
		return MendOut{}, err
	}
	plan, err := s.Mender.PlanUndo(ctx, v.ID, in.Step)
	if err != nil {
		return MendOut{}, err
	}
	out := MendOut{Plan: plan, Text: prompts.UndoPlan(s.words(), plan, nil).Text}
	if !in.Do {
		return out, nil
	}
	r, err := s.Mender.RunUndo(ctx, v.ID, in.Step, by)
	return s.began(ctx, out, v, r, by, "run.undo", err)
}

// runMove brings runs that wait to the live version; each moves whole, or stays.
func (s *server) runMove(ctx context.Context, in MendIn) (MendOut, error) {
	by, err := s.byFor(ctx, in.As, bot.DeedPublish, in.Flow)
	if err != nil {
		return MendOut{}, err
	}
	h, err := s.Flows.Head(ctx, in.Flow)
	switch {
	case err != nil:
		return MendOut{}, err
	case s.Mender == nil || h.Live == 0:
		return MendOut{}, engine.E(engine.Invalid, "{flow} was never published", "flow", h.Name)
	}
	only := ""
	if in.Number > 0 {
		only = strconv.FormatInt(in.Number, 10)
	}
	moves, more, err := bot.Moves(ctx, s.Runs, s.Mender, h, only)
	if err != nil {
		return MendOut{}, err
	}
	out := MendOut{Text: prompts.MovePlan(s.words(), prompts.MoveFacts{Flow: h.Name, Version: h.Live, Runs: moves, More: more}, nil).Text}
	plan := []engine.AgainPlan{}
	for _, m := range moves {
		if m.Problem == nil {
			plan = append(plan, m.Plan)
		} else {
			out.Runs = append(out.Runs, MendRun{Old: m.Old.Number, Stays: m.Problem.Error()})
		}
	}
	out.Plan = plan
	for _, p := range plan {
		if !in.Do {
			break
		}
		r, err := s.Mender.RunAgain(ctx, engine.AgainAsk{Run: p.Old.ID, Move: true}, p.Seq, by, engine.NewID(s.Now()))
		switch engine.CodeOf(err) {
		case "":
			out, err = s.began(ctx, out, engine.RunView{RunHead: p.Old}, r, by, "run.moved", nil)
		case engine.Conflict, engine.NotFound, engine.Invalid:
			out.Runs = append(out.Runs, MendRun{Old: p.Old.Number, Stays: engine.AsError(err).Error()})
			err = nil
		}
		if err != nil {
			return out, err
		}
	}
	return out, nil
}
