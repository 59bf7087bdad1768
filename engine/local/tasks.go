package local

import (
	"context"
	"encoding/json"
	"fmt"
	"sync"
	"time"

	"github.com/bretelle/bretelle/engine"
)

// task is one outstanding task in memory; the store has it too.
type task struct {
	engine.Task
	lane    string // what it reaches for, in its flow
	started bool   // its intent was stored by an earlier life of the process
	begun   bool   // its intent is stored, with the change that commanded it
	running bool
	gone    bool   // it waits in line and is not to be done any more
	gaveUp  string // person id of who stopped waiting for the service: it fails without a call
	ctx     context.Context
	cancel  context.CancelFunc
}

// tasks hands outstanding tasks to goroutines: so many at once, so many for one flow, flows in turn, and in a flow what
// reaches for different services in turn (line.go).
type tasks struct {
	base    context.Context
	workers int
	perFlow int
	lane    func(engine.Task) string
	perform func(*task)
	lets    func(x *task, busy int) bool // whether the service may be called; nil: always

	mu      sync.Mutex
	open    map[string]map[TaskRef]*task
	lines   map[string]*line // of flows that have queued or running tasks
	turn    []string         // flows with queued tasks, next first
	busy    int
	calls   map[string]int // under way, by account
	going   bool
	awaited map[string]bool // flows whose runs wait with their start until their queue is short
	room    func()          // called when one has become short; must not block
	wg      sync.WaitGroup
}

func newTasks(base context.Context, workers, perFlow int, lane func(engine.Task) string, perform func(*task), room func()) *tasks {
	if lane == nil {
		lane = func(engine.Task) string { return "" }
	}
	return &tasks{
		base: base, workers: workers, perFlow: perFlow, lane: lane, perform: perform,
		open: map[string]map[TaskRef]*task{}, lines: map[string]*line{}, calls: map[string]int{},
		awaited: map[string]bool{}, room: room,
	}
}

// add makes a stored task known. One of the same reference is replaced, unless it is being performed.
func (d *tasks) add(t engine.Task, started bool) {
	d.mu.Lock()
	defer d.mu.Unlock()
	ref := refOf(t)
	if old := d.open[t.Run][ref]; old != nil && old.running {
		return
	}
	d.forget(t.Run, ref)
	x := &task{Task: t, lane: d.lane(t), started: started}
	x.ctx, x.cancel = context.WithCancel(d.base)
	if d.open[t.Run] == nil {
		d.open[t.Run] = map[TaskRef]*task{}
	}
	d.open[t.Run][ref] = x
	l := d.lines[t.Flow]
	if l == nil {
		l = newLine()
		d.lines[t.Flow] = l
	}
	if l.queued == 0 {
		d.turn = append(d.turn, t.Flow)
	}
	l.push(x)
	d.dispatch()
}

// free tells that runs of a flow may begin.
func (d *tasks) free(flow string) bool {
	d.mu.Lock()
	defer d.mu.Unlock()
	return d.going && d.queuedOf(flow) < longQueue
}

// reserve keeps a place for a task that is about to be stored as begun; release or begin must follow. nil: there is none,
// or others of its flow wait for one.
func (d *tasks) reserve(t engine.Task) *task {
	d.mu.Lock()
	defer d.mu.Unlock()
	x := &task{Task: t, lane: d.lane(t), begun: true, running: true}
	l := d.lines[t.Flow]
	if l == nil {
		l = newLine()
	}
	if !d.going || d.busy >= d.workers || l.queued > 0 || l.busy >= d.perFlow || l.in[x.lane] >= l.most(x.lane, d.perFlow) || !d.may(x) {
		return nil
	}
	d.lines[t.Flow] = l
	d.busy++
	l.begin(x)
	d.count(x, 1)
	d.wg.Add(1)
	return x
}

// release gives back what reserve kept.
func (d *tasks) release(x *task) {
	defer d.wg.Done()
	d.mu.Lock()
	defer d.mu.Unlock()
	d.end(x)
	d.dispatch()
}

// begin performs a task that is stored, in the place that reserve kept for it.
func (d *tasks) begin(x *task) {
	d.mu.Lock()
	defer d.mu.Unlock()
	ref := refOf(x.Task)
	d.forget(x.Run, ref)
	x.ctx, x.cancel = context.WithCancel(d.base)
	if d.open[x.Run] == nil {
		d.open[x.Run] = map[TaskRef]*task{}
	}
	d.open[x.Run][ref] = x
	go d.do(x)
}

// end gives a place back. Called with the lock held.
func (d *tasks) end(x *task) {
	d.busy--
	l := d.lines[x.Flow]
	l.end(x)
	d.count(x, -1)
	d.leave(x.Flow, l)
}

// drop forgets a task that is no longer stored.
func (d *tasks) drop(run string, ref TaskRef) {
	d.mu.Lock()
	defer d.mu.Unlock()
	x := d.open[run][ref]
	if d.forget(run, ref); x != nil && x.gone {
		d.dispatch() // there is more room in its line
	}
}

func (d *tasks) forget(run string, ref TaskRef) {
	x := d.open[run][ref]
	if x == nil {
		return
	}
	delete(d.open[run], ref)
	if len(d.open[run]) == 0 {
		delete(d.open, run)
	}
	if !x.running {
		x.cancel()
		x.gone = true // it is skipped when its turn comes
	}
}

// cancel has the run's running tasks give up.
func (d *tasks) cancel(run string) {
	d.mu.Lock()
	defer d.mu.Unlock()
	for _, x := range d.open[run] {
		x.cancel()
	}
}

// cut has one running task give up.
func (d *tasks) cut(run string, ref TaskRef) {
	d.mu.Lock()
	defer d.mu.Unlock()
	if x := d.open[run][ref]; x != nil {
		x.cancel()
	}
}

// of lists the run's tasks, in no particular order.
func (d *tasks) of(run string) []TaskRef {
	d.mu.Lock()
	defer d.mu.Unlock()
	var refs []TaskRef
	for ref := range d.open[run] {
		refs = append(refs, ref)
	}
	return refs
}

func (d *tasks) start() {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.going = true
	d.dispatch()
}

func (d *tasks) stop() {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.going = false
}

func (d *tasks) wait() { d.wg.Wait() }

// dispatch begins what may begin. Called with the lock held.
func (d *tasks) dispatch() {
	for full := 0; d.going && d.busy < d.workers && full < len(d.turn); {
		flow := d.turn[0]
		d.turn = d.turn[1:]
		l := d.lines[flow]
		x := l.pop(d.perFlow, d.may)
		if l.queued > 0 {
			d.turn = append(d.turn, flow)
		}
		switch {
		case x == nil && l.queued == 0: // all of it was gone
			d.leave(flow, l)
			continue
		case x == nil:
			full++
			continue
		}
		full = 0
		x.running = true
		d.busy++
		l.begin(x)
		d.count(x, 1)
		d.wg.Add(1)
		go d.do(x)
	}
	for flow := range d.awaited {
		if d.queuedOf(flow) < longQueue/2 {
			delete(d.awaited, flow)
			d.room()
		}
	}
}

func (d *tasks) do(x *task) {
	defer d.wg.Done()
	d.perform(x)
	x.cancel()
	d.mu.Lock()
	defer d.mu.Unlock()
	d.end(x)
	if d.open[x.Run][refOf(x.Task)] == x {
		d.forget(x.Run, refOf(x.Task)) // its outcome could not be stored: the next start takes it up
	}
	d.dispatch()
}

// may tells whether the limit of a task's account lets it begin. What is under way dies with the process, so nothing of
// it is stored: after a crash nobody holds a place.
func (d *tasks) may(x *task) bool {
	if x.Most > 0 && d.calls[x.Account] >= x.Most {
		return false
	}
	busy := 0
	if l := d.lines[x.Flow]; l != nil {
		busy = l.in[x.lane]
	}
	return x.gaveUp != "" || d.lets == nil || d.lets(x, busy)
}

// again begins what may begin now.
func (d *tasks) again() {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.dispatch()
}

// waiting is how many tasks of a flow wait for a service.
func (d *tasks) waiting(flow, lane string) int {
	d.mu.Lock()
	defer d.mu.Unlock()
	if l := d.lines[flow]; l != nil {
		return len(l.wait(lane))
	}
	return 0
}

// giveUp has the tasks of a flow that wait for a service fail; it tells how many.
func (d *tasks) giveUp(flow, lane, by string) (n int) {
	d.mu.Lock()
	defer d.mu.Unlock()
	if l := d.lines[flow]; l != nil {
		for _, x := range l.wait(lane) {
			x.gaveUp = by
			n++
		}
	}
	d.dispatch()
	return n
}

func (d *tasks) count(x *task, n int) {
	if x.Account == "" {
		return
	}
	if d.calls[x.Account] += n; d.calls[x.Account] == 0 {
		delete(d.calls, x.Account)
	}
}

// leave forgets a flow that has nothing to do.
func (d *tasks) leave(flow string, l *line) {
	if l.idle() {
		delete(d.lines, flow)
	}
}

func (d *tasks) queuedOf(flow string) int {
	if l := d.lines[flow]; l != nil {
		return l.queued
	}
	return 0
}

// longQueue is how many queued tasks of a flow are enough for its runs to wait with their start.
const longQueue = 1024

// full tells that a flow has enough to do. Room is called when it has not any more.
func (d *tasks) full(flow string) bool {
	d.mu.Lock()
	defer d.mu.Unlock()
	if d.queuedOf(flow) < longQueue {
		return false
	}
	d.awaited[flow] = true
	return true
}

// defaultTimeout is how long one attempt may take when the flow says nothing.
const defaultTimeout = 30 * time.Second

// perform carries out one task: intent, call, outcome (R7).
func (r *Runtime) perform(x *task) {
	ref := refOf(x.Task)
	base := input{run: x.Run, path: x.Path, attempt: x.Attempt}
	held, err := r.held(x)
	if err != nil {
		r.log.Error("a task of a restored run waits for the next start", "run", x.Run, "path", x.Path, "err", err)
		return
	}
	if held {
		in := base
		in.kind, in.ends, in.head = engine.AttemptLost, &ref, encode(engine.LostHead{Restored: true})
		r.report(x, in)
		return
	}
	lost := x.Intent && !x.Probe && !x.begun && x.started
	if x.gaveUp != "" && !lost {
		r.gaveUp(x, base)
		return
	}
	if x.Intent && !x.Probe && !x.begun {
		in := base
		if x.started {
			in.kind, in.ends = engine.AttemptLost, &ref
			r.report(x, in)
			return
		}
		in.kind, in.begins = engine.AttemptStarted, &ref
		if !r.report(x, in) {
			return
		}
	}
	timeout := x.Timeout
	if timeout <= 0 {
		timeout = defaultTimeout
	}
	ctx, cancel := context.WithTimeout(x.ctx, timeout)
	began := r.now()
	res := r.call(ctx, x.Task)
	cancel()
	r.learn(x, began, res)
	in := base
	in.ends = &ref
	switch {
	case x.Probe:
		in.kind, in.data = engine.ProbeDone, res.Output
		if res.Found == "" {
			res.Found = engine.ProbeUnsure
		}
		if res.Found == engine.ProbeUnsure && r.base.Err() != nil {
			return // only cut short: the next start looks again
		}
		in.head = encode(engine.ProbeHead{Found: res.Found})
	case res.Failure != nil:
		in.kind, in.head = engine.StepFailed, encode(res.Failure)
	default:
		in.kind, in.data = engine.StepDone, res.Output
		if len(in.data) == 0 {
			in.data = json.RawMessage("null")
		}
	}
	r.report(x, in)
}

// report feeds what became of a task until it is stored. It tells whether the run took it.
func (r *Runtime) report(x *task, in input) bool {
	var a engine.Answer
	err := r.persist(r.base, func() (err error) {
		a, err = r.feed(r.base, in)
		return err
	})
	if err != nil {
		r.log.Error("what became of a task could not be stored", "run", x.Run, "path", x.Path, "attempt", x.Attempt,
			"kind", in.kind, "err", err, "cause", engine.AsError(err).Err)
		return false
	}
	return a.Verdict == engine.Counted
}

// call asks the performer. A performer that panics has sent who knows what.
func (r *Runtime) call(ctx context.Context, t engine.Task) (res engine.Result) {
	defer func() {
		if x := recover(); x != nil {
			r.log.Error("an action panicked", "action", t.Action, "run", t.Run, "path", t.Path, "panic", fmt.Sprint(x))
			res = engine.Result{Failure: &engine.Failure{
				Class: engine.Unsure, Code: engine.Internal, Msg: "Something went wrong on my side during this call",
			}}
		}
	}()
	if ctx.Err() != nil { // the run was cancelled, or we are stopping, while the intent was being stored
		return engine.Result{Found: engine.ProbeUnsure, Failure: &engine.Failure{
			Class: engine.NotSent, Code: engine.Canceled, Msg: "I was stopped before this call began",
		}}
	}
	if t.Emit != nil {
		return r.emit(ctx, t)
	}
	res = r.o.Performer.Perform(ctx, t)
	if len(res.Output) > 0 && !json.Valid(res.Output) {
		r.log.Error("an action's output is no JSON", "action", t.Action, "run", t.Run, "path", t.Path)
		res = engine.Result{Found: engine.ProbeUnsure, Failure: &engine.Failure{
			Class: engine.Garbled, Code: engine.Unreadable, Msg: "The answer could not be understood",
		}}
	}
	return res
}

// encode is for our own small structs, which always encode.
func encode(v any) json.RawMessage {
	b, err := engine.EncodeJSON(v)
	if err != nil {
		return nil
	}
	return b
}
