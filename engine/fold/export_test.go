package fold

import "github.com/bretelle/bretelle/engine"

// AskAt is one question of View; ok is false where the state has none at that path.
func (p *Program) AskAt(s *State, v Values, path string) (a engine.AskView, ok bool, err error) {
	k := s.Asks[path]
	if k == nil {
		return a, false, nil
	}
	a, err = p.machine(s, v, engine.Entry{}).viewAsk(path, k)
	return a, true, err
}

// Garbled says that a step's call took effect, and only its answer is lost.
func (s *State) Garbled(path string) bool {
	a := s.Active[path]
	return a != nil && a.garbled()
}
