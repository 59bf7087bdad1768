package enginetest

import (
	"context"
	"slices"
	"strings"
	"sync"
	"sync/atomic"

	"github.com/bretelle/bretelle/engine"
	"github.com/bretelle/bretelle/engine/flows"
	"github.com/bretelle/bretelle/engine/gate"
	"github.com/bretelle/bretelle/engine/local"
)

// Backend is the store under test.
type Backend interface {
	local.Store
	flows.Store
	Audit(ctx context.Context, entries ...engine.AuditEntry) error
	Undelivered(ctx context.Context, limit int) ([]engine.Notice, error)
}

// Gate stands between a life of the process and its store. It counts writes of runs (Accept, Commit, Arrive) and can kill
// the life at one of them: before, so that nothing of it is stored, or after, so that nobody learns that it is.
type Gate struct {
	Backend
	moved func()

	BeforeAccept func()                 // called before each Accept, when set
	BeforeCommit func(c local.Change)   // called before each Commit, when set
	OnLoad       func(run string) error // asked before each Load, when set; an error is its answer

	read atomic.Int64 // entries of journals, with and without data

	mu     sync.Mutex
	writes int
	kill   int // at this write; 0 never
	after  bool
	fails  int // so many writes from now on fail, as on a full disk
	dead   chan struct{}
	over   bool
	log    []string // of writes: "accept", or kind and path of the first entry, or of an intent among them
	audit  []engine.AuditEntry
	asked  int // how often queued runs were listed
}

func newGate(b Backend, moved func()) *Gate {
	return &Gate{Backend: b, moved: moved, dead: make(chan struct{})}
}

var errDead = engine.E(engine.Unavailable, "the process was killed")

// write brackets one write.
func (g *Gate) write(what string, do func() error) error {
	g.mu.Lock()
	if g.over {
		g.mu.Unlock()
		return errDead
	}
	g.writes++
	g.log = append(g.log, what)
	n := g.writes
	if n == g.kill && !g.after {
		g.end()
		g.mu.Unlock()
		return errDead
	}
	if g.fails > 0 {
		g.fails--
		g.mu.Unlock()
		return engine.E(engine.Unavailable, "no space left")
	}
	g.mu.Unlock()
	err := do()
	defer g.moved()
	g.mu.Lock()
	defer g.mu.Unlock()
	if n == g.kill && g.after {
		g.end()
	}
	if g.over {
		return errDead
	}
	return err
}

func (g *Gate) end() {
	if !g.over {
		g.over = true
		close(g.dead)
	}
	go g.moved()
}

// failNext has the next n writes fail.
func (g *Gate) failNext(n int) {
	g.mu.Lock()
	defer g.mu.Unlock()
	g.fails = n
}

// Kill ends the life now.
func (g *Gate) Kill() {
	g.mu.Lock()
	defer g.mu.Unlock()
	g.end()
}

// Dead reports whether the life was ended.
func (g *Gate) Dead() bool {
	g.mu.Lock()
	defer g.mu.Unlock()
	return g.over
}

// Writes is how many writes of runs there were.
func (g *Gate) Writes() int {
	g.mu.Lock()
	defer g.mu.Unlock()
	return g.writes
}

// Accept counts as a write.
func (g *Gate) Accept(ctx context.Context, a local.Accepting) (out []engine.Receipt, err error) {
	if g.BeforeAccept != nil {
		g.BeforeAccept()
	}
	what := "accept"
	for _, it := range a.Items {
		if it.Start != nil {
			what = named(what, *it.Start)
		}
	}
	err = g.write(what, func() (err error) { out, err = g.Backend.Accept(ctx, a); return err })
	return out, err
}

// Load may fail for some runs.
func (g *Gate) Load(ctx context.Context, run string) (local.Snapshot, error) {
	if g.OnLoad != nil {
		if err := g.OnLoad(run); err != nil {
			return local.Snapshot{}, err
		}
	}
	return g.Backend.Load(ctx, run)
}

// Entries counts them.
func (g *Gate) Entries(ctx context.Context, run string, from int64, limit int) ([]engine.Entry, error) {
	es, err := g.Backend.Entries(ctx, run, from, limit)
	g.read.Add(int64(len(es)))
	return es, err
}

// Heads counts them.
func (g *Gate) Heads(ctx context.Context, run string, from int64, limit int) ([]engine.Entry, error) {
	es, err := g.Backend.Heads(ctx, run, from, limit)
	g.read.Add(int64(len(es)))
	return es, err
}

// Ready is counted apart.
func (g *Gate) Ready(ctx context.Context, flow string, limit int) ([]local.ReadyRun, error) {
	runs, err := g.Backend.Ready(ctx, flow, limit)
	g.mu.Lock()
	g.asked++
	g.mu.Unlock()
	g.moved()
	return runs, err
}

// Asked is how often queued runs were listed.
func (g *Gate) Asked() int {
	g.mu.Lock()
	defer g.mu.Unlock()
	return g.asked
}

// Commit counts as a write.
func (g *Gate) Commit(ctx context.Context, c local.Change) error {
	if g.BeforeCommit != nil {
		g.BeforeCommit(c)
	}
	what := "nothing"
	if len(c.Entries) > 0 {
		what = string(c.Entries[0].Kind) + " " + c.Entries[0].Path
	}
	return g.write(named(what, c), func() error {
		err := g.Backend.Commit(ctx, c)
		if err == nil {
			g.audited(c.Audit)
		}
		return err
	})
}

// GateTick counts as a write.
func (g *Gate) GateTick(ctx context.Context, a local.GateAsk, at int64, say func(gate.Out) []engine.Notice) error {
	return g.write("gate "+a.Gate, func() error { return g.Backend.GateTick(ctx, a, at, say) })
}

// named gives a write the name of the intent that is stored with it: the call follows.
func named(what string, c local.Change) string {
	for _, e := range c.Entries {
		if e.Kind == engine.AttemptStarted {
			what = string(e.Kind) + " " + e.Path
		}
	}
	return what
}

// Arrive counts as a write.
func (g *Gate) Arrive(ctx context.Context, a local.Arrival) (fresh bool, err error) {
	err = g.write("arrive "+a.Key, func() (err error) { fresh, err = g.Backend.Arrive(ctx, a); return err })
	return fresh, err
}

// Audit is what the runtime audits outside of changes.
func (g *Gate) Audit(ctx context.Context, entries ...engine.AuditEntry) error {
	g.audited(entries)
	return g.Backend.Audit(ctx, entries...)
}

func (g *Gate) audited(entries []engine.AuditEntry) {
	g.mu.Lock()
	defer g.mu.Unlock()
	g.audit = append(g.audit, entries...)
}

// Audits counts the audit rows of one word about a run in this life.
func (g *Gate) Audits(run, what string) (n int) {
	g.mu.Lock()
	defer g.mu.Unlock()
	for _, a := range g.audit {
		if a.What == what && strings.HasPrefix(a.Object, "run/"+run) {
			n++
		}
	}
	return n
}

// Log lists the writes of this life.
func (g *Gate) Log() []string {
	g.mu.Lock()
	defer g.mu.Unlock()
	return slices.Clone(g.log)
}

// Post counts as a write.
func (g *Gate) Post(ctx context.Context, mail []local.Mail) error {
	return g.write("post", func() error { return g.Backend.Post(ctx, mail) })
}
