package gate

// Room is how many bytes a digest may hold: it goes out then, whatever else is said.
const Room = 1 << 20

// adoptAgain is how long nobody is looked for again, in milliseconds, where a digest is due and no run waits for it.
const adoptAgain = int64(60 * 60_000)

// digest collects what steps of runs bring. The first to come waits for all of it; the others have added theirs, which
// stays whatever becomes of them. Where the one that waits leaves, the next to come takes its place.
//
//	ask ──▶ nobody waits ──▶ Waits   ─┐ due: For after the first, at Due, at Most items, at Room
//	        somebody does ─▶ Joined   ├──▶ Due: the one that waits gets all, and the gate begins anew
//	quit ─▶ nobody waits any more ────┘──▶ Orphan: somebody has to be found
func digest(s State, r Rule, op Op) (State, Out) {
	var out Out
	s.First = min(s.First, max(op.At, 1)) // the clock was ahead
	switch op.Verb {
	case Ask:
		if op.N == 0 && (s.Waiting > 0 || s.Count == 0) { // it came for what others left, and that is gone
			out.Verdict = Refused
			return s, out
		}
		s.bring(op)
		if s.Until == 0 || op.At < s.Until { // else it is due already: another time comes too late
			s.Until = r.Due
		}
		if out.Verdict = Joined; s.Waiting == 0 {
			s.Waiting, out.Verdict = 1, Waits
		}
	case Quit: // the one that waits goes, and takes along what it brought
		s.Waiting = 0
		s.withdraw(op)
	case Leave: // one that has not heard yet that it joined
		s.withdraw(op)
	case Back: // what went out reached nobody
		s.bring(op)
		s.Until = s.First
	}
	if s.Waiting == 0 && s.Count == 0 {
		return State{}, out
	}
	at := s.due(r, op.At)
	switch {
	case at == 0 || at > op.At:
		out.Wake = at
	case s.Waiting > 0:
		out.Due = true
		return State{}, out
	case op.Verb == Tick:
		out.Orphan, out.Wake = true, op.At+adoptAgain
	default:
		out.Wake = max(op.At, 1)
	}
	return s, out
}

// due is when a digest goes out; 0: nobody knows yet.
func (s State) due(r Rule, now int64) int64 {
	at := s.Until
	if r.For > 0 && (at == 0 || s.First+r.For < at) {
		at = s.First + r.For
	}
	if r.Most > 0 && s.Count >= r.Most || s.Size >= Room {
		at = max(now, 1)
	}
	return at
}

func (s *State) bring(op Op) {
	if s.Count == 0 && s.Waiting == 0 {
		s.First = max(op.At, 1)
	}
	s.Count += op.N
	s.Size += op.Size
	s.Last = max(s.Last, op.At)
}

func (s *State) withdraw(op Op) {
	s.Count = max(s.Count-op.N, 0)
	if s.Size = max(s.Size-op.Size, 0); s.Count == 0 {
		s.Size = 0
	}
}
