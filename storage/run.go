package storage

import (
	"encoding/json"

	"github.com/bretelle/bretelle/engine"
	"github.com/bretelle/bretelle/engine/local"
)

// EncodeEvent is local.EncodeEvent.
func EncodeEvent(e engine.Event) (json.RawMessage, error) { return local.EncodeEvent(e) }

// DecodeEvent reads what EncodeEvent wrote, numbers by the rule of engine.DecodeJSON.
func DecodeEvent(b []byte) (engine.Event, error) {
	v, err := engine.DecodeJSON(b)
	if err != nil {
		return engine.Event{}, err
	}
	m, _ := v.(map[string]any)
	e := engine.Event{}
	e.ID, _ = m["id"].(string)
	e.Key, _ = m["key"].(string)
	at, _ := m["at"].(int)
	e.At = int64(at)
	e.Trigger, _ = m["trigger"].(string)
	e.Data, _ = m["data"].(map[string]any)
	e.Depth, _ = m["depth"].(int)
	return e, nil
}

// MakesRun reports whether a new item of that outcome becomes a run.
func MakesRun(o engine.Outcome) bool { return o == engine.Accepted || o == engine.Queued }

// FirstEntry is entry 1 of the run that an item makes: the one it brings, or else one that says number.
func FirstEntry(it local.AcceptItem, number int64) (engine.Entry, error) {
	if it.First != nil {
		return *it.First, nil
	}
	it.Head.Number = number
	return local.FirstEntry(it)
}

// FillNotices completes an item's notices with the number of the run it made.
func FillNotices(notices []engine.Notice, run string, number int64) []engine.Notice {
	out := make([]engine.Notice, len(notices))
	for i, n := range notices {
		if run != "" && n.Run == run {
			n.Number = number
		}
		out[i] = n
	}
	return out
}

// CheckChange refuses a change whose entries do not follow each other from Expect: a defect of the caller that must
// not reach a journal.
func CheckChange(c local.Change) error {
	for i, e := range c.Entries {
		if e.Seq != c.Expect+int64(i)+1 {
			return engine.E(engine.Internal, "entry {seq} does not follow entry {last}", "seq", e.Seq,
				"last", c.Expect+int64(i)).WithOp("storage.commit")
		}
	}
	return nil
}

// RunLimit is how many runs a query gives.
func RunLimit(q local.RunQuery) int {
	switch {
	case q.Limit <= 0:
		return 50
	case q.Limit > 1000:
		return 1000
	}
	return q.Limit
}

// NoRun says that there is no such run.
func NoRun(run string) error {
	return engine.E(engine.NotFound, "there is no run {run}", "run", run)
}

// RunMoved says that a run's last entry is not the expected one.
func RunMoved(run string, expect, seq int64) error {
	return engine.E(engine.Conflict, "run {run} is at entry {seq}, not at {expect}", "run", run, "seq", seq,
		"expect", expect)
}

// NotEnded says that a run has not ended yet.
func NotEnded(number int64) error {
	return engine.E(engine.Conflict, "run #{number} has not ended yet", "number", number).
		WithHint("Stop it first.")
}

// Budget is how many bytes of payloads may still be read.
type Budget int

// Take reports whether n bytes more fit, and spends them; the first that do not fit end it for all that follow.
func (b *Budget) Take(n int) bool {
	if n > int(*b) {
		*b = -1
		return false
	}
	*b -= Budget(n)
	return true
}
