package intake

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"

	"github.com/bretelle/bretelle/connectors"
	"github.com/bretelle/bretelle/engine"
	"github.com/bretelle/bretelle/engine/flows"
)

// failureOf is why a source could not be read.
func failureOf(err error) engine.Failure {
	var f *connectors.Fault
	if errors.As(err, &f) {
		return f.Failure
	}
	e := engine.AsError(err)
	return engine.Failure{Class: engine.NotSent, Code: e.Code, Msg: e.Msg, Args: e.Args, Hint: e.Hint, After: e.After.Milliseconds()}
}

// say raises a notice about a polled trigger. One that cannot be stored is logged: what it is about stands elsewhere.
func (p *Poller) say(ctx context.Context, t flows.Trigger, kind engine.NoticeKind, id string, d engine.PollData) {
	d.Trigger = t.ID
	d.What, _ = t.With["url"].(string)
	data, err := engine.EncodeJSON(d)
	if err == nil {
		err = p.Raise(ctx, engine.Notice{ID: id, At: engine.Millis(p.Now()), Kind: kind, Topic: "poll:" + t.ID, Flow: t.Flow, Place: t.Place, Data: data})
	}
	if err != nil {
		p.Log.Error("a notice about a source could not be stored", "flow", t.Flow, "kind", kind, "err", err)
	}
}

// noticeID is the same for the same thing said again, after a crash in between.
func noticeID(trigger, what string, items []connectors.Found) string {
	h := sha256.New()
	h.Write([]byte(trigger + "\x00" + what))
	for _, it := range items {
		h.Write([]byte("\x00" + it.ID))
	}
	return "poll-" + hex.EncodeToString(h.Sum(nil)[:16])
}

// titles names some of the items for people, newest first.
func titles(items []connectors.Found) []string {
	var out []string
	for _, it := range items {
		if title, ok := it.Data["title"].(string); ok && title != "" && len(out) < 3 {
			out = append(out, title)
		}
	}
	return out
}
