package fold

import "github.com/bretelle/bretelle/engine"

// cut is a call of a block that was cut short. The block may be gone through again, when a person tries it again: attempts
// are counted on then, so that a late outcome of the old one is not taken for the new one's, and what must not be
// repeated is not.
type cut struct {
	Attempt int   `json:"attempt"`
	Unsure  bool  `json:"unsure,omitempty"` // it may have been done
	Done    int64 `json:"done,omitempty"`   // entry of what it gave
}

// countOn goes on with the attempts of a call at the same path in a block that was cut short; unsure says that it may have
// been done, and must not be done again before somebody has said that it was not.
func (m *machine) countOn(path string, a *active) (unsure bool) {
	was := m.s.Cut[path]
	if d := m.s.Done[path]; d != nil {
		was.Attempt = max(was.Attempt, d.Attempts)
	}
	delete(m.s.Cut, path)
	a.Attempt, a.Base = max(a.Attempt, was.Attempt), max(a.Base, was.Attempt)
	return was.Unsure
}

// given is the entry of what a call gave that must not be repeated, in a block that is gone through again; 0 when there is
// none.
func (m *machine) given(n *node, in map[string]any) int64 {
	if t := n.action.TraitsOf(in); t.Repeat || t.Risk == engine.Read {
		return 0
	}
	if d := m.s.Done[n.path]; d != nil && d.State == engine.StepStateDone {
		return d.Seq
	}
	return m.s.Cut[n.path].Done
}

// cutOff remembers a call of a round that is not over and may be gone through again.
func (m *machine) cutOff(path string, d *done) {
	was := m.s.Cut[path]
	was.Attempt = max(was.Attempt, d.Attempts)
	if d.State == engine.StepStateDone {
		was.Done = d.Seq
	}
	if m.s.Cut == nil {
		m.s.Cut = map[string]cut{}
	}
	m.s.Cut[path] = was
}
