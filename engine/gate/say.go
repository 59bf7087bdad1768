package gate

// Said is what people are to be told of a line that they are asked about.
type Said string

// What people are told.
const (
	Nothing Said = ""
	Crowd   Said = "crowd"   // so many wait: what is to become of them
	Calm    Said = "calm"    // nobody waits any more, and nobody had to decide
	Decided Said = "decided" // somebody did, and the question is over
	Stale   Said = "stale"   // an answer to a question that is over: nothing changed
)

// decide is what people answer. A question has one answer: who still waits after it is asked about anew, so that a
// second click lets nobody through that the first person did not see.
func decide(s *State, r Rule, op Op) Out {
	if s.Asked == 0 || op.Asked != s.Asked {
		return Out{Said: Stale}
	}
	out := Out{Said: Decided, Asked: s.Asked, Rule: r}
	s.Once, s.Asked, s.Said = s.Asked, 0, 0
	switch op.Verb {
	case Raise:
		s.Extra += max(op.N, 0)
		s.Until = op.At + r.Per
	case Stop:
		out.Refuse = min(op.N, s.Waiting)
		s.Waiting -= out.Refuse
	}
	return out
}

// say works out what people are to be told after an op. They are told at a tick, as often as the line has doubled: a
// line of a thousand is ten tellings and not a thousand.
func say(s *State, r Rule, op Op, out *Out) {
	out.Line, out.Next = s.Waiting, 0
	if s.Waiting > 0 && s.Held > 0 && r.Most+s.Extra > 0 {
		out.Next = out.Wake
	}
	due := s.Waiting > 0 && r.Say && (s.Asked == 0 || s.Waiting >= 2*s.Said) || s.Waiting == 0 && s.Asked != 0
	if !due {
		return
	}
	if op.Verb != Tick || out.Said != Nothing {
		out.Wake = max(op.At, 1)
		return
	}
	if s.Waiting == 0 {
		out.Said, out.Asked = Calm, s.Asked
		s.Once, s.Asked, s.Said = s.Asked, 0, 0
		return
	}
	if s.Asked == 0 {
		s.Asked = max(op.At, s.Once+1)
	}
	out.Said, out.Asked, s.Said = Crowd, s.Asked, s.Waiting
}
