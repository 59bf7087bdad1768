package local

import (
	"context"
	"log/slog"
	"sync"
	"time"

	"github.com/bretelle/bretelle/engine"
	"github.com/bretelle/bretelle/engine/flows"
	"github.com/bretelle/bretelle/engine/fold"
	"github.com/bretelle/bretelle/engine/gate"
)

// Flows is what the runtime needs of the library of flows.
type Flows interface {
	// Program is the compiled version of a flow. NotFound when there is none; Unavailable when it could not be read;
	// Invalid when it does not compile with this program any more.
	Program(ctx context.Context, flow string, version int64) (*fold.Program, error)
	// Trigger finds a trigger by its id; ok is false when there is none, or its flow is retired.
	Trigger(id string) (t flows.Trigger, ok bool)
	// ManualTrigger is the id of a flow's trigger. Invalid when it is retired or has none.
	ManualTrigger(ctx context.Context, flow string) (string, error)
	// Listeners are the triggers of a kind whose setting field is value.
	Listeners(kind, field, value string) []flows.Trigger
	// Callee finds what a step calls: version 0 is the published one. Unavailable when it could not be read; any other
	// error says why it cannot be called.
	Callee(ctx context.Context, name string, version int64) (flows.Callee, error)
	// Expecting are the triggers of live flows that expect so many events in a time.
	Expecting() []flows.Trigger
}

// Options say what a runtime works with. Store, Flows and Performer are required; zero numbers are the defaults.
type Options struct {
	Store     Store
	Flows     Flows
	Performer engine.Performer
	Now       func() time.Time // the clock; nil is time.Now
	// Steady reads Now and, at the same moment, a clock that nobody sets: by it jumps of Now are noticed. Nil: the monotonic
	// one that times of Now carry; where they carry none, as those of a fake do, jumps are not noticed.
	Steady func() (now time.Time, since time.Duration)
	// Audit stores refused signals; nil leaves them out. Those that count are stored with their change.
	Audit func(ctx context.Context, entries ...engine.AuditEntry) error
	// Members looks up in which of some groups ("@sales") a person is: evidence for waits that say who may answer. Nil:
	// nobody is in any.
	Members  func(ctx context.Context, person string, groups []string) ([]string, error)
	OnCommit func() // called after a commit that stored notices; must not block
	// Lane names what a task reaches for, a host for example: one that hangs does not hold up what its flow asks of
	// others. Nil: everything of a flow is one lane.
	Lane func(engine.Task) string
	// HoldAfter is how many calls in a row without an answer have the others of their Lane wait; default gate.Enough,
	// negative for never.
	HoldAfter int
	Workers   int           // tasks performed at once; default 192
	PerFlow   int           // of those, for one flow; default half of Workers
	Feeders   int           // runs started and timers fired at once: what a group commit is made of; default 64
	CacheMB   int           // states of runs kept in memory; default 16, negative for none
	Grace     time.Duration // how long Close waits for running tasks before it cancels them; default 8 s
	Log       *slog.Logger  // nil discards
}

// Runtime runs flows. It implements engine.Intake and engine.Signaller. All methods are safe for concurrent use.
type Runtime struct {
	o     Options
	store Store
	flows Flows
	log   *slog.Logger
	locks locks
	cache *cache
	tasks *tasks
	ready *ready
	waits *matcher
	mail  *letters
	gates *gates
	peers *breakers
	clear cleared
	watch watch

	copied bool // the store comes from a backup, and runs in it were open then; set by Start

	timerWake chan struct{}
	timerMu   sync.Mutex
	timerNext int64 // what the timer loop sleeps until; 0: nothing
	heldBack  int   // due timers that the last look left alone because the clock jumped
	looked    int64 // when the timer loop last looked for runs that make no progress

	base  context.Context // ends when tasks must give up
	abort context.CancelFunc
	loops context.Context // ends when nothing new may begin
	stop  context.CancelFunc
	wg    sync.WaitGroup
}

var (
	_ engine.Intake    = (*Runtime)(nil)
	_ engine.Signaller = (*Runtime)(nil)
)

// closing is how long Close waits for tasks that it cancelled.
const closing = 2 * time.Second

// New makes a runtime that does nothing until Start. The error is Invalid when something required is missing.
func New(o Options) (*Runtime, error) {
	if o.Store == nil || o.Flows == nil || o.Performer == nil {
		return nil, engine.E(engine.Invalid, "a runtime needs a store, flows and a performer").WithOp("local.new")
	}
	if o.Now == nil {
		o.Now = time.Now
	}
	if o.Log == nil {
		o.Log = slog.New(slog.DiscardHandler)
	}
	if o.OnCommit == nil {
		o.OnCommit = func() {}
	}
	o.Workers = positive(o.Workers, 192)
	o.PerFlow = positive(o.PerFlow, (o.Workers+1)/2)
	o.Feeders = positive(o.Feeders, 64)
	if o.CacheMB = max(o.CacheMB, -1); o.CacheMB >= 0 {
		o.CacheMB = positive(o.CacheMB, 16)
	}
	if o.HoldAfter == 0 {
		o.HoldAfter = gate.Enough
	}
	if o.Grace <= 0 {
		o.Grace = 8 * time.Second
	}
	r := &Runtime{o: o, store: o.Store, flows: o.Flows, log: o.Log, timerWake: make(chan struct{}, 1)}
	r.watch.read = o.Steady
	if begun := o.Now(); o.Steady == nil {
		r.watch.read = func() (time.Time, time.Duration) { t := o.Now(); return t, t.Sub(begun) }
	}
	r.watch.look()
	r.base, r.abort = context.WithCancel(context.Background())
	r.loops, r.stop = context.WithCancel(r.base)
	r.cache = newCache(o.CacheMB << 20)
	r.ready = newReady()
	r.tasks = newTasks(r.base, o.Workers, o.PerFlow, o.Lane, r.perform, r.ready.poke)
	r.waits = newMatcher()
	r.mail = newLetters()
	r.gates = newGates()
	r.peers = newBreakers()
	r.tasks.lets = func(x *task, busy int) bool { return r.peers.lets(x, busy, r.now()) }
	return r, nil
}

func positive(n, otherwise int) int {
	if n > 0 {
		return n
	}
	return otherwise
}

// Start takes up what was left when the runtime last stopped: outstanding tasks, queued runs, timers that are
// late. It returns once outstanding tasks are known; the error is Unavailable. Signals may come before it.
func (r *Runtime) Start(ctx context.Context) error {
	open, err := r.store.Tasks(ctx)
	if err != nil {
		return engine.AsError(err)
	}
	if _, r.copied, err = r.store.Restored(ctx, ""); err != nil {
		return engine.AsError(err)
	}
	held, err := r.store.Breakers(ctx)
	if err != nil {
		return engine.AsError(err)
	}
	r.peers.load(held)
	for _, t := range open {
		r.tasks.add(t.Task, t.Started)
	}
	r.tasks.start()
	r.ready.ask()
	r.waits.ask("")
	r.mail.ask()
	r.wg.Add(6)
	go func() { defer r.wg.Done(); r.watchPeers() }()
	go func() { defer r.wg.Done(); r.deliverMail() }()
	go func() { defer r.wg.Done(); r.keepGates() }()
	go func() { defer r.wg.Done(); r.matchWaits() }()
	go func() { defer r.wg.Done(); r.startRuns() }()
	go func() { defer r.wg.Done(); r.fireTimers() }()
	return nil
}

// Wake has the runtime look at the store and the clock again: a flow was resumed, a fake clock was moved.
func (r *Runtime) Wake() {
	r.ready.ask()
	r.wakeTimers()
	r.gates.expect()
}

// Close stops taking new work, waits for running tasks and their outcomes, and cancels those that take longer than
// Options.Grace or ctx; it returns within ten seconds. What was not begun stays in the store for the next Start.
// The error is Timeout when a task did not return in spite of being cancelled.
func (r *Runtime) Close(ctx context.Context) error {
	r.stop()
	idle := make(chan struct{})
	r.tasks.stop()
	r.log.Info("stopping: waiting for running tasks")
	go func() {
		r.wg.Wait()
		r.tasks.wait()
		close(idle)
	}()
	grace, cancel := context.WithTimeout(ctx, r.o.Grace)
	defer cancel()
	select {
	case <-idle:
		r.abort()
		return nil
	case <-grace.Done():
	}
	r.abort()
	last := time.NewTimer(closing)
	defer last.Stop()
	select {
	case <-idle:
		return nil
	case <-last.C:
		return engine.E(engine.Timeout, "some tasks did not stop in time").WithOp("local.close").
			WithHint("They are taken up again at the next start.")
	}
}

// passing tells errors that are worth another try: disk full, storage out of reach.
func passing(err error) bool {
	c := engine.CodeOf(err)
	return c == engine.Unavailable || c == engine.Timeout
}

// persist calls do until it succeeds or fails for good, waiting longer and longer; it gives up only when ctx ends,
// but tries once in any case. The longest wait is what a full disk costs at most once there is room again.
func (r *Runtime) persist(ctx context.Context, do func() error) error {
	for wait := 20 * time.Millisecond; ; wait = min(2*wait, 2*time.Second) {
		err := do()
		if err == nil || !passing(err) {
			return err
		}
		r.log.Warn("storing failed, trying again", "wait", wait, "err", err, "cause", engine.AsError(err).Err)
		t := time.NewTimer(wait)
		select {
		case <-t.C:
		case <-ctx.Done():
			t.Stop()
			return err
		}
	}
}

func (r *Runtime) now() int64 { return engine.Millis(r.o.Now()) }
