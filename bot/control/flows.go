package control

import (
	"context"
	"encoding/json"
	"fmt"

	"github.com/bretelle/bretelle/bot"
	"github.com/bretelle/bretelle/engine"
)

// nothing is an operation's answer when there is nothing to say.
type nothing struct{}

func (s *server) flowOut(ctx context.Context, h engine.FlowHead) (FlowOut, error) {
	owner, err := s.nameOf(ctx, h.Owner)
	return FlowOut{Name: h.Name, Title: h.Title, State: string(h.State), Version: h.Live, Draft: h.Draft, Place: h.Place,
		Trigger: h.Trigger, Owner: owner, Changed: stamp(h.Changed)}, err
}

func (s *server) flowApply(ctx context.Context, in ApplyIn) (ApplyOut, error) {
	by, err := s.byForText(ctx, in.As, in.Source)
	if err != nil {
		return ApplyOut{}, err
	}
	a, err := s.Flows.Apply(ctx, []byte(in.Source), by, in.Publish)
	if err != nil {
		return ApplyOut{}, flawed{err, a.Problems}
	}
	if err := s.audit(ctx, by, "flow.applied", "flow/"+a.Head.Name); err != nil {
		return ApplyOut{}, err
	}
	f, err := s.flowOut(ctx, a.Head)
	return ApplyOut{Flow: f, New: a.New, Changed: a.Changed, Published: a.Published, Problems: ProblemsOut(a.Problems)}, err
}

func (s *server) flowList(ctx context.Context, _ nothing) ([]FlowOut, error) {
	heads, err := s.Flows.List(ctx)
	if err != nil {
		return nil, err
	}
	out := make([]FlowOut, 0, len(heads))
	for _, h := range heads {
		f, err := s.flowOut(ctx, h)
		if err != nil {
			return nil, err
		}
		out = append(out, f)
	}
	return out, nil
}

func (s *server) flowShow(ctx context.Context, in NamedIn) (FlowOut, error) {
	h, err := s.Flows.Head(ctx, in.Name)
	if err != nil {
		return FlowOut{}, err
	}
	out, err := s.flowOut(ctx, h)
	if err != nil {
		return FlowOut{}, err
	}
	problems, err := s.Flows.Problems(ctx, in.Name)
	if err != nil {
		return FlowOut{}, err
	}
	out.Problems = ProblemsOut(problems)
	source, err := s.Flows.Source(ctx, in.Name, in.Which)
	out.Source = string(source)
	return out, err
}

func (s *server) flowExport(ctx context.Context, in NamedIn) (FlowOut, error) {
	source, err := s.Flows.Source(ctx, in.Name, in.Which)
	return FlowOut{Name: in.Name, Source: string(source)}, err
}

func (s *server) flowPublish(ctx context.Context, in NamedIn) (FlowOut, error) {
	by, err := s.byFor(ctx, in.As, bot.DeedPublish, in.Name)
	if err != nil {
		return FlowOut{}, err
	}
	if by != bot.Operator {
		source, err := s.Flows.Source(ctx, in.Name, "")
		if err != nil {
			return FlowOut{}, err
		}
		if _, err := s.byForText(ctx, in.As, string(source)); err != nil {
			return FlowOut{}, err
		}
	}
	h, problems, err := s.Flows.Publish(ctx, in.Name, by)
	if err != nil {
		return FlowOut{}, flawed{err, problems}
	}
	return s.flowOut(ctx, h)
}

func (s *server) flowPause(ctx context.Context, in NamedIn) (FlowOut, error) {
	return s.setState(ctx, in, engine.FlowPaused)
}

func (s *server) flowResume(ctx context.Context, in NamedIn) (FlowOut, error) {
	return s.setState(ctx, in, engine.FlowLive)
}

func (s *server) setState(ctx context.Context, in NamedIn, to engine.FlowState) (FlowOut, error) {
	by, err := s.byFor(ctx, in.As, bot.DeedPause, in.Name)
	if err != nil {
		return FlowOut{}, err
	}
	h, err := s.Flows.SetState(ctx, in.Name, to, by)
	if err != nil {
		return FlowOut{}, err
	}
	return s.flowOut(ctx, h)
}

// flowRun starts a flow by hand through the one door in (R6).
func (s *server) flowRun(ctx context.Context, in StartIn) (StartOut, error) {
	by, err := s.byFor(ctx, in.As, bot.DeedRun, in.Name)
	if err != nil {
		return StartOut{}, err
	}
	data := map[string]any{}
	if len(in.Event) > 0 {
		v, err := engine.DecodeJSON(in.Event)
		m, ok := v.(map[string]any)
		if err != nil || !ok {
			return StartOut{}, engine.E(engine.Invalid, "the event must be one JSON object").
				WithHint(`Its members are what expressions see: {"body": {…}}.`).Wrap(err)
		}
		data = m
	}
	id, err := s.Flows.ManualTrigger(ctx, in.Name)
	if err != nil {
		return StartOut{}, err
	}
	receipts, err := s.Runs.Accept(ctx, engine.Batch{Trigger: id, From: "person:" + by, Manual: true,
		Items: []engine.Item{{Data: data}}})
	if err != nil {
		return StartOut{}, err
	}
	if len(receipts) != 1 {
		return StartOut{}, engine.AsError(fmt.Errorf("%d receipts for one event", len(receipts))).WithOp("control.run")
	}
	r := receipts[0]
	return StartOut{Result: string(r.Outcome), Run: r.Number, Reason: r.Reason}, nil
}

func (s *server) run(ctx context.Context, number int64) (engine.RunView, error) {
	id, err := s.Runs.RunID(ctx, number)
	if err != nil {
		return engine.RunView{}, err
	}
	return s.Runs.Run(ctx, id)
}

func (s *server) runList(ctx context.Context, in RunIn) ([]RunOut, error) {
	states := make([]engine.RunState, 0, len(in.States))
	for _, x := range in.States {
		states = append(states, engine.RunState(x))
	}
	limit := in.Limit
	if limit <= 0 {
		limit = 50
	}
	var heads []engine.RunHead
	var err error
	switch f, ok := s.Runs.(bot.Finder); {
	case in.Text == "":
		heads, err = s.Runs.List(ctx, in.Flow, states, limit)
	case ok:
		heads, err = f.Find(ctx, in.Text, in.Flow, states, limit)
	}
	if err != nil {
		return nil, err
	}
	out := make([]RunOut, 0, len(heads))
	for _, h := range heads {
		out = append(out, NewRun(engine.RunView{RunHead: h}))
	}
	return out, nil
}

func (s *server) runShow(ctx context.Context, in RunIn) (RunOut, error) {
	v, err := s.run(ctx, in.Number)
	if err != nil {
		return RunOut{}, err
	}
	return NewRun(v), nil
}

// runRetry tries the failed step again.
func (s *server) runRetry(ctx context.Context, in RunIn) (RunOut, error) {
	v, err := s.run(ctx, in.Number)
	if err != nil {
		return RunOut{}, err
	}
	path := in.Path
	for _, st := range v.Steps {
		if path == "" && st.State == engine.StepStateFailed {
			path = st.Path
		}
	}
	if path == "" {
		return RunOut{}, engine.E(engine.Conflict, "no step of #{number} has failed, so there is nothing to retry", "number", v.Number)
	}
	return s.signal(ctx, v, engine.Signal{Run: v.ID, Path: path, Kind: engine.StepRetry}, in.As, bot.DeedRetry)
}

func (s *server) runCancel(ctx context.Context, in RunIn) (RunOut, error) {
	v, err := s.run(ctx, in.Number)
	if err != nil {
		return RunOut{}, err
	}
	return s.signal(ctx, v, engine.Signal{Run: v.ID, Kind: engine.RunCancel}, in.As, bot.DeedOutcome)
}

func (s *server) signal(ctx context.Context, v engine.RunView, sig engine.Signal, as string, d bot.Deed) (RunOut, error) {
	by, err := s.by(ctx, as)
	if err != nil {
		return RunOut{}, err
	}
	if err := s.Admin.MayRun(ctx, by, d, v); err != nil {
		return RunOut{}, err
	}
	sig.By, sig.Source = by, "control"
	a, err := s.Runs.Signal(ctx, sig)
	if err != nil {
		return RunOut{}, err
	}
	switch {
	case a.Verdict == engine.BadAnswer && a.Err != nil:
		return RunOut{}, a.Err
	case a.Verdict == engine.Ended:
		return RunOut{}, engine.E(engine.Conflict, "#{number} has ended", "number", v.Number)
	case a.Verdict != engine.Counted:
		return RunOut{}, engine.E(engine.Conflict, "#{number} did not take that: {verdict}", "number", v.Number, "verdict", string(a.Verdict))
	}
	return s.runShow(ctx, RunIn{Number: v.Number})
}

func (s *server) doctor(ctx context.Context, in struct {
	Ref string `json:"ref"`
}) (json.RawMessage, error) {
	out, err := s.Doctor(ctx, in.Ref)
	if err != nil {
		return nil, err
	}
	return json.Marshal(out)
}

func (s *server) slackInstall(ctx context.Context, _ struct{}) (InstallOut, error) {
	if s.SlackInstall == nil {
		return InstallOut{}, engine.E(engine.Invalid, "this bot cannot be installed in Slack").WithOp("control.install")
	}
	url, err := s.SlackInstall(ctx)
	return InstallOut{URL: url}, err
}

// InstallOut is a link that installs the bot in another workspace.
type InstallOut struct {
	URL string `json:"url"`
}
