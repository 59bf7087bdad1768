package sqlite

import (
	"github.com/bretelle/bretelle/engine"
	"github.com/bretelle/bretelle/engine/local"
)

// knownRun is what the writer remembers of a run on its way, so that the next change of it need not ask: it is found by
// its number, no index is touched whose columns stay as they are, and nothing is deleted where nothing is. Only runs that
// are running and asked no gate are remembered. Memory says what is stored because nobody else writes; it is given up
// whenever something is undone (see doubt), and each change is held against the row all the same.
type knownRun struct {
	number, version int64
	flow            string
	gated           int
	status          engine.RunState

	tasks, timers, waits bool // there may be rows of it
}

// mostKnown bounds the runs that are remembered; about 200 bytes each.
const mostKnown = 4096

// know remembers a run after a change, or forgets it.
func (t *tx) know(k *knownRun, c *local.Change) {
	w := t.w
	if c.Status != engine.RunRunning || k.gated != 0 || len(c.Asks) > 0 {
		delete(w.known, c.Run)
		return
	}
	if w.known == nil || len(w.known) >= mostKnown && w.known[c.Run] == nil {
		w.known = map[string]*knownRun{}
	}
	k.status = c.Status
	w.known[c.Run] = k
}

// doubt forgets what is remembered of the database: some of it may have been undone.
func (w *writer) doubt() { w.triggers, w.known, w.goes = nil, nil, nil }

// paused tells whether a flow is. That one is not is remembered until a flow changes: see changeFlow.
func (t *tx) paused(flow string) (paused bool, err error) {
	if t.w.goes[flow] {
		return false, nil
	}
	paused, err = one(t, `SELECT 1 FROM flows WHERE name = $1 AND state = 'paused'`, []any{flow}, new(int))
	if err != nil || paused {
		return paused, err
	}
	if t.w.goes == nil || len(t.w.goes) >= mostTriggers {
		t.w.goes = map[string]bool{}
	}
	t.w.goes[flow] = true
	return false, nil
}

// changeFlow is exec of what may change whether flows are paused.
func (t *tx) changeFlow(query string, args ...any) (int64, error) {
	t.w.goes = nil
	return t.exec(query, args...)
}

// advanceKnown is advance of a run that is remembered; false: it is not as it was remembered.
func (t *tx) advanceKnown(k *knownRun, c *local.Change, p *packed) (ok bool, err error) {
	var n int64
	switch {
	case c.Status.Final():
		n, err = t.exec(`UPDATE runs SET seq = $3, state = $4, status = $5, ended = $6, reason = $7 WHERE number = $1 AND seq = $2`,
			k.number, c.Expect, last(c), p.state, string(c.Status), c.At, reason(c))
	case c.Status != k.status:
		n, err = t.exec(`UPDATE runs SET seq = $3, state = coalesce($4, state), status = $5 WHERE number = $1 AND seq = $2`,
			k.number, c.Expect, last(c), p.state, string(c.Status))
	case p.state != nil:
		n, err = t.exec(`UPDATE runs SET seq = $3, state = $4 WHERE number = $1 AND seq = $2`, k.number, c.Expect, last(c), p.state)
	default:
		n, err = t.exec(`UPDATE runs SET seq = $3 WHERE number = $1 AND seq = $2`, k.number, c.Expect, last(c))
	}
	return n == 1, err
}
