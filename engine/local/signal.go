package local

import (
	"context"
	"encoding/json"

	"github.com/bretelle/bretelle/engine"
)

// Signal implements engine.Signaller. A kind that persons do not make is Invalid.
func (r *Runtime) Signal(ctx context.Context, s engine.Signal) (engine.Answer, error) {
	switch s.Kind {
	case engine.AskVoted, engine.AskEdited, engine.AskAnswered, engine.OutcomeGiven, engine.StepRetry, engine.StepFixed, engine.RunCancel:
	default:
		return engine.Answer{}, engine.E(engine.Invalid, `"{kind}" is nothing that a person says to a run`, "kind", s.Kind).WithOp("local.signal")
	}
	if len(s.Data) > 0 && !json.Valid(s.Data) {
		return engine.Answer{
			Verdict: engine.BadAnswer, Err: engine.E(engine.Invalid, "this is no JSON").WithOp("local.signal"),
		}, nil
	}
	if err := ctx.Err(); err != nil {
		return engine.Answer{}, engine.E(engine.Canceled, "the request was cancelled before it was stored").WithOp("local.signal").Wrap(err)
	}
	return r.feed(ctx, input{
		run: s.Run, kind: s.Kind, path: s.Path, by: s.By, head: s.Head, data: s.Data, signal: true, source: s.Source,
	})
}

// SignalAll stores, in one transaction, what a person says to several runs at once, and has each told it once: a crash in
// the middle changes nothing about that. id names the occasion. What a run makes of it is in its journal and in the audit;
// one that has moved on meanwhile stays as it is. Errors: Invalid for what nobody says so; Unavailable, and nothing is
// stored.
func (r *Runtime) SignalAll(ctx context.Context, id string, list []engine.Signal) error {
	mail := make([]Mail, len(list))
	for i, s := range list {
		if s.Kind != engine.StepFixed && s.Kind != engine.StepRetry || s.By == "" || len(s.Data) > 0 && !json.Valid(s.Data) {
			return engine.E(engine.Invalid, `"{kind}" is nothing that a person says to several runs`, "kind", s.Kind).WithOp("local.signalAll")
		}
		mail[i] = Mail{Run: s.Run, ID: id, Kind: s.Kind, Path: s.Path, Head: s.Head, Data: s.Data, By: s.By}
	}
	if err := r.store.Post(context.WithoutCancel(ctx), mail); err != nil {
		return err
	}
	for _, m := range mail {
		r.mail.push(m.Run)
	}
	return nil
}

// refused audits a signal that did not count. The answer is true whether or not the audit can be written.
func (r *Runtime) refused(ctx context.Context, in input, m *move) {
	if !in.signal || r.o.Audit == nil {
		return
	}
	if err := r.o.Audit(ctx, auditEntry(in, m.answer, r.now())); err != nil {
		r.log.Warn("a refused signal could not be audited", "run", in.run, "kind", in.kind, "err", err)
	}
}
