package local

// line is what of one flow waits to be performed, in lanes: tasks that reach for the same service share one. A service
// that hangs holds its own lane up, never the whole flow.
type line struct {
	lanes  map[string][]*task
	order  []string // lanes with tasks that wait, next first
	queued int
	busy   int
	in     map[string]int // busy, by lane
}

func newLine() *line { return &line{lanes: map[string][]*task{}, in: map[string]int{}} }

func (l *line) idle() bool { return l.queued == 0 && l.busy == 0 }

func (l *line) push(x *task) {
	if len(l.lanes[x.lane]) == 0 {
		l.order = append(l.order, x.lane)
	}
	l.lanes[x.lane] = append(l.lanes[x.lane], x)
	l.queued++
}

// most is how many tasks of a lane may be under way where the flow may have so many: of what the other lanes leave it
// takes three quarters, so that however many lanes hang, something is left for the next.
func (l *line) most(lane string, perFlow int) int {
	left := perFlow - (l.busy - l.in[lane])
	return (3*left + 3) / 4
}

// pop takes the next task that may begin, may has the last word of it, lanes in turn; nil when none may. Few lanes are passed over, however many
// there are: one that may not begin holds most of what the others leave.
func (l *line) pop(perFlow int, may func(*task) bool) *task {
	if l.busy >= perFlow {
		return nil
	}
	for range len(l.order) {
		lane := l.order[0]
		l.order = l.order[1:]
		if l.clear(lane); len(l.lanes[lane]) == 0 {
			continue
		}
		if l.in[lane] >= l.most(lane, perFlow) || !may(l.lanes[lane][0]) {
			l.order = append(l.order, lane)
			continue
		}
		q := l.lanes[lane]
		x := q[0]
		q[0] = nil
		if len(q) == 1 {
			delete(l.lanes, lane)
		} else {
			l.lanes[lane] = q[1:]
			l.order = append(l.order, lane)
		}
		l.queued--
		return x
	}
	return nil
}

// clear forgets the first tasks of a lane that are not to be done any more: a lane that is held does not grow with what
// was cancelled meanwhile.
func (l *line) clear(lane string) {
	q := l.lanes[lane]
	for len(q) > 0 && q[0].gone {
		q[0] = nil
		q = q[1:]
		l.queued--
	}
	if l.lanes[lane] = q; len(q) == 0 {
		delete(l.lanes, lane)
	}
}

// wait lists the tasks of a lane that are still to be done.
func (l *line) wait(lane string) (out []*task) {
	for _, x := range l.lanes[lane] {
		if !x.gone {
			out = append(out, x)
		}
	}
	return out
}

func (l *line) begin(x *task) {
	l.busy++
	l.in[x.lane]++
}

func (l *line) end(x *task) {
	l.busy--
	if l.in[x.lane]--; l.in[x.lane] == 0 {
		delete(l.in, x.lane)
	}
}
