package gate

// Breaker keeps calls back from a service that does not answer, instead of letting one after the other fail. The zero
// Breaker lets everything through.
//
//	closed ── Enough failures of several runs in a row ──▶ open: nothing but a probe at Next
//	   ▲                                                     │ ▲
//	   └── twice as many at once with each answer ◀─ answer ─┘ └── a probe fails: the pause doubles
//
// Why of several runs: one run that fails is retried with pauses of its own, and holds nobody up.
type Breaker struct {
	Fails int    `json:"fails,omitempty"` // in a row
	First int64  `json:"first,omitempty"` // when the first of them was
	Run   string `json:"run,omitempty"`   // whose the first was
	Many  bool   `json:"many,omitempty"`  // others failed as well
	Since int64  `json:"since,omitempty"` // when calls began to be held; 0: they are not
	Was   int64  `json:"was,omitempty"`   // of one that closed: its Since, until everything may go again
	Tries int    `json:"tries,omitempty"` // probes that failed
	Next  int64  `json:"next,omitempty"`  // when the next probe may go
	Pace  int    `json:"pace,omitempty"`  // of one that closed: so many at once; 0 is any number
}

// When a breaker opens, and how it closes. Times are milliseconds.
const (
	Enough = 5           // failures in a row
	Within = 10 * 60_000 // from the first of them

	firstPause   = int64(30_000)
	longestPause = int64(15 * 60_000)
	fullPace     = 32
)

// Open tells that calls are held.
func (b Breaker) Open() bool { return b.Since != 0 }

// Lets tells whether a call may begin while busy others of the service are under way.
func (b Breaker) Lets(at int64, busy int) bool {
	switch {
	case b.Open():
		return at >= b.Next && busy == 0
	case b.Pace > 0:
		return busy < b.Pace
	}
	return true
}

// Failed is a call of a run that began at a time and got no answer; enough of them in a row open it. One that began before
// the trouble was known says nothing new, however long it took. told says that people and the store have to learn of it.
func (b Breaker) Failed(run string, began, at int64, enough int) (_ Breaker, told bool) {
	switch {
	case began < max(b.Since, b.Was), b.Open() && at < b.Next:
		return b, false
	case b.Open():
		b.Tries++
		b.Next = at + pause(b.Tries)
		return b, true
	case b.Pace > 0:
		return Breaker{Since: b.Was, Tries: b.Tries + 1, Next: at + pause(b.Tries+1)}, true
	}
	if b.Fails == 0 || at-b.First > Within {
		b = Breaker{First: at, Run: run}
	}
	b.Fails++
	if b.Many = b.Many || run != b.Run; b.Many && b.Fails >= enough {
		return Breaker{Since: max(at, 1), Next: at + pause(0)}, true
	}
	return b, false
}

// Answered is a call that was answered, whatever the answer.
func (b Breaker) Answered() (_ Breaker, told bool) {
	switch {
	case b.Open():
		return Breaker{Was: b.Since, Tries: b.Tries, Pace: 1}, true
	case b.Pace > 0 && 2*b.Pace < fullPace:
		b.Pace *= 2
		return b, false
	}
	return Breaker{}, false
}

// pause is how long nothing is tried after so many probes failed.
func pause(tries int) int64 {
	return min(firstPause<<min(tries, 10), longestPause)
}
