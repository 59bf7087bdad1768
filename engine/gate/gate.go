package gate

// Kind of a gate.
type Kind string

// The kinds of gate.
const (
	// Slots lets Most through at once; a place is free again when its holder leaves.
	Slots Kind = "slots"
	// Rate lets Most through in any window of Per: a place is free again Per after it was taken.
	Rate Kind = "rate"
	// Gather collects what comes and is due when nothing came for Quiet, For after the first, or at Most.
	Gather Kind = "gather"
	// Expect counts what comes, and says when a period of Per had fewer than Most, and when one has enough again.
	Expect Kind = "expect"
	// Digest collects what steps bring, for the first of them (digest.go).
	Digest Kind = "digest"
)

// Full says what becomes of who comes to a full gate.
type Full string

// What to do at a full gate.
const (
	Queue    Full = "queue"    // wait in line
	Drop     Full = "drop"     // be refused
	Replace  Full = "replace"  // wait, and the older one gives way: who waits, else who has held a place longest
	Coalesce Full = "coalesce" // wait, and who waited before joins this one
)

// Rule is what a gate is held to. Each ask brings it; the last one counts, so that a limit that was changed holds from
// the next ask on. Times are milliseconds.
type Rule struct {
	Kind  Kind  `json:"kind"`
	Most  int   `json:"most,omitempty"` // of Expect: at least
	Per   int64 `json:"per,omitempty"`
	Quiet int64 `json:"quiet,omitempty"`
	For   int64 `json:"for,omitempty"`
	Due   int64 `json:"due,omitempty"`  // of Digest: when it goes out by the clock, worked out anew by each ask
	Full  Full  `json:"full,omitempty"` // "" is Queue
	Say   bool  `json:"say,omitempty"`  // people are asked, once for the whole line, what is to become of it (say.go)
}

// State is what a gate remembers. The zero State is a gate that nobody came to.
type State struct {
	Held    int   `json:"held,omitempty"`    // through, and their places not free yet
	Waiting int   `json:"waiting,omitempty"` // in line; of Gather: collected
	First   int64 `json:"first,omitempty"`   // of Gather: when the first came; of Expect: when the period began
	Last    int64 `json:"last,omitempty"`    // when the last came or was let through
	Count   int   `json:"count,omitempty"`   // of Expect: in this period; of Digest: items
	Size    int   `json:"size,omitempty"`    // of Digest: bytes of them
	Missed  bool  `json:"missed,omitempty"`  // of Expect: the last period that was judged had too few

	Asked int64 `json:"asked,omitempty"` // of Say: when people were asked, which also names the question; 0: they are not
	Once  int64 `json:"once,omitempty"`  // the question before
	Said  int   `json:"said,omitempty"`  // how many waited when they were told last
	Extra int   `json:"extra,omitempty"` // so many more than Most are let through, until Until
	Until int64 `json:"until,omitempty"`

	Breaker Breaker `json:"breaker,omitzero"` // of one that holds calls back (breaker.go); nothing else is set then
}

// Idle tells that nothing would be forgotten with the state.
func (s State) Idle() bool {
	return s.Held == 0 && s.Waiting == 0 && s.First == 0 && s.Asked == 0 && s.Extra == 0
}

// Verb is what happens at a gate.
type Verb string

// What can happen.
const (
	Ask   Verb = "ask"   // one comes
	Leave Verb = "leave" // N holders leave
	Quit  Verb = "quit"  // N of the line leave it; of Gather: N are taken
	Tick  Verb = "tick"  // time has passed
	Back  Verb = "back"  // of Digest: N items of Size bytes that went out reached nobody

	// What people answer where they are asked.
	Let   Verb = "let"   // the N first in line are let through, however many there have been
	Raise Verb = "raise" // N more than Most are let through, for a time of Per
	Stop  Verb = "stop"  // the N first in line are refused
)

// Op is something that happens at a gate. At never needs to be in order; a clock that went back frees nothing early.
type Op struct {
	Verb Verb
	At   int64
	N    int // of Leave, Quit and what people answer; of Digest: items
	Size int // of Digest: bytes of them
	// Over and Next are looked up before each op at a Rate: how many places became free since the last op, and when the
	// next one will be (0: none is taken).
	Over  int
	Next  int64
	Asked int64 // of what people answer: the question
}

// Verdict is the answer to an Ask.
type Verdict string

// Answers to an Ask.
const (
	Through Verdict = "through"
	Waits   Verdict = "waits"
	Refused Verdict = "refused"
	Joined  Verdict = "joined" // of Digest: what it brought is added to what another waits for
)

// Oust says who is to give way to the one who asked.
type Oust string

// Who is to give way.
const (
	Nobody Oust = ""
	Waiter Oust = "waiter" // the first of the line; it is in the line no more
	Holder Oust = "holder" // who has held a place longest; it holds it until it leaves
)

// Out is what follows from an op.
type Out struct {
	Verdict Verdict // of an Ask
	Oust    Oust
	Admit   int   // so many of the line's first are let through
	Refuse  int   // so many of the line's first are refused
	Wake    int64 // a tick is wanted then; 0: none
	Due     bool  // of Gather: what was collected is to be taken now; of Digest: the one that waits gets it now
	Orphan  bool  // of Digest: it is due, and nobody waits
	// Short and Again are of Expect: the period that ended had only so many, and the first to have enough after that.
	Short, Again bool
	Had          int // of Expect: how many the period that ended had

	Said  Said  // what people are to be told
	Asked int64 // in which question
	Rule  Rule  // what the gate is held to
	Line  int   // how many wait
	Next  int64 // when the next is let through without anybody's answer; 0: never
}

// Apply is the only rule book: the same state, rule and op give the same answer.
func Apply(s State, r Rule, op Op) (State, Out) {
	switch r.Kind {
	case Gather:
		return gather(s, r, op)
	case Expect:
		return expect(s, r, op)
	case Digest:
		return digest(s, r, op)
	}
	return pass(s, r, op)
}

func pass(s State, r Rule, op Op) (State, Out) {
	var out Out
	before := s
	s.Held = max(s.Held-op.Over, 0)
	if s.Extra > 0 && op.At >= s.Until {
		s.Extra, s.Until = 0, 0
	}
	next := op.Next
	take := func() {
		s.Held++
		s.Last = max(s.Last, op.At)
		if r.Kind == Rate && next == 0 {
			next = op.At + r.Per
		}
	}
	admit := func() {
		s.Waiting--
		out.Admit++
		take()
	}
	switch op.Verb {
	case Leave:
		s.Held = max(s.Held-op.N, 0)
	case Quit:
		s.Waiting = max(s.Waiting-op.N, 0)
	case Let, Raise, Stop:
		if out = decide(&s, r, op); out.Said == Stale {
			return before, out
		}
	}
	if op.Verb == Let {
		for range min(op.N, s.Waiting) {
			admit()
		}
	}
	for s.Waiting > 0 && s.Held < r.Most+s.Extra {
		admit()
	}
	if op.Verb == Ask {
		switch {
		case s.Held < r.Most+s.Extra:
			out.Verdict = Through
			take()
		case r.Full == Drop:
			out.Verdict = Refused
		default:
			out.Verdict = Waits
			if (r.Full == Replace || r.Full == Coalesce) && s.Waiting > 0 {
				out.Oust = Waiter
			} else {
				s.Waiting++
				if r.Full == Replace {
					out.Oust = Holder
				}
			}
		}
	}
	if r.Kind == Rate && s.Held > 0 {
		if out.Wake = s.Last + r.Per; s.Waiting > 0 || out.Wake <= op.At { // places taken when Per was longer are taken still
			out.Wake = next
		}
	}
	if s.Extra > 0 && (out.Wake == 0 || s.Until < out.Wake) {
		out.Wake = s.Until
	}
	if r.Say || s.Asked != 0 {
		say(&s, r, op, &out)
	}
	return s, out
}

func gather(s State, r Rule, op Op) (State, Out) {
	var out Out
	switch op.Verb {
	case Ask:
		out.Verdict = Waits
		if s.Waiting == 0 {
			s.First = op.At
		}
		s.Waiting++
		s.Last = max(s.Last, op.At)
	case Quit:
		s.Waiting = max(s.Waiting-op.N, 0)
		s.First = op.At // what is left came after what was taken was looked at
	}
	if s.Waiting == 0 {
		return State{}, out
	}
	at := int64(0)
	sooner := func(since, wait int64) {
		if wait > 0 && (at == 0 || since+wait < at) {
			at = since + wait
		}
	}
	sooner(s.Last, r.Quiet)
	sooner(s.First, r.For)
	if r.Most > 0 && s.Waiting >= r.Most {
		at = max(op.At, 1)
	}
	out.Wake, out.Due = at, at > 0 && at <= op.At
	return s, out
}

// expect judges periods at ticks alone, so that what they came to can be told; an Ask before the tick that ends its period
// counts for that one.
func expect(s State, r Rule, op Op) (State, Out) {
	var out Out
	if s.First == 0 {
		s.First = max(op.At, 1)
	}
	if op.Verb == Ask {
		out.Verdict = Through
		s.Count++
		s.Last = max(s.Last, op.At)
		if out.Wake = s.First + r.Per; s.Missed && s.Count >= r.Most {
			out.Wake = max(op.At, 1)
		}
		return s, out
	}
	if s.Missed && s.Count >= r.Most {
		out.Again, s.Missed = true, false
	}
	if over := op.At - s.First; over >= r.Per && r.Per > 0 {
		out.Had = s.Count
		if over >= 2*r.Per {
			out.Had = 0 // nobody looked for long: of several periods the last one counts, and nothing came in it
		}
		out.Short = out.Had < r.Most && !s.Missed
		s.Missed = out.Had < r.Most
		s.First += over / r.Per * r.Per
		s.Count = 0
	}
	out.Wake = s.First + r.Per
	return s, out
}
