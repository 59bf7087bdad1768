package fold

import (
	"github.com/bretelle/bretelle/engine"
)

// Triggered is what a flow's trigger makes of an event.
type Triggered struct {
	Key    string // dedup key; the event's own when the flow has no key expression
	Run    bool
	Reason string // why not, printable
}

// Trigger evaluates `key` and `when` on an event, before there is a run. The error is an *engine.Error about the
// flow or its data: the event must be kept, marked failed and alerted, neither run nor skipped.
func (p *Program) Trigger(e engine.Event) (Triggered, error) {
	t := Triggered{Key: e.Key, Run: true}
	sc := p.eventScope(e)
	if p.key != nil {
		x, err := sc.eval(p.key)
		if err != nil {
			return t, err
		}
		if t.Key = plain(x); x == nil || t.Key == "" {
			return t, engine.E(engine.Invalid, "the trigger's key is empty for this event").
				WithHint("Without a key the same event could run twice. Choose a field that every event has.")
		}
	}
	if p.when != nil {
		ok, why, err := sc.bool(p.when)
		if err != nil {
			return t, err
		}
		t.Run, t.Reason = ok, why
	}
	return t, nil
}
