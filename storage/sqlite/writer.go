package sqlite

import (
	"context"
	"database/sql"
	"database/sql/driver"
	"errors"
	"sync"
	"time"

	"github.com/bretelle/bretelle/engine"
)

// writer owns the only connection that writes. Only its goroutine touches what stands below closed.
type writer struct {
	db      *sql.DB
	tap     *tap
	store   *Store
	options Options
	jobs    chan *job
	ended   chan struct{}

	gate   sync.RWMutex // held for reading while queueing, so that close cannot come in between
	closed bool

	conn      *sql.Conn
	direct    direct
	stmts     map[string]*sql.Stmt
	triggers  map[string]int64 // numbers of triggers that are stored, by id
	known     map[string]*knownRun
	goes      map[string]bool // flows that are known not to be paused
	commits   int
	nextCheck int64 // size of the log at which it is emptied next
}

// job is one member of a transaction. do may run more than once: when another member undoes the transaction, it is
// repeated alone.
type job struct {
	do   func(*tx) error
	done chan error

	asked bool  // in this transaction, the failpoint was asked
	fails error // what it said
}

// tx is what a member writes through.
type tx struct {
	ctx context.Context // never cancelled
	w   *writer
}

// write has do run as a member of a transaction and returns when it is durable or has failed. It does not return
// early when ctx ends: then nobody would know whether it was stored.
func (s *Store) write(ctx context.Context, op string, do func(*tx) error) error {
	if err := ctx.Err(); err != nil {
		return explain(s.dir, op, err)
	}
	j := &job{do: do, done: make(chan error, 1)}
	if !s.w.queue(j) {
		return explain(s.dir, op, errClosed)
	}
	return explain(s.dir, op, <-j.done)
}

func (w *writer) queue(j *job) bool {
	w.gate.RLock()
	defer w.gate.RUnlock()
	if w.closed {
		return false
	}
	w.jobs <- j
	return true
}

func (w *writer) close() {
	w.gate.Lock()
	if !w.closed {
		w.closed = true
		close(w.jobs)
	}
	w.gate.Unlock()
	<-w.ended
}

func (w *writer) loop(ctx context.Context) {
	defer close(w.ended)
	batch := make([]*job, 0, w.options.Batch)
	var began time.Time // the last transaction
	last := 0           // its members
	for j := range w.jobs {
		batch = w.gather(append(batch[:0], j))
		if last >= crowd && len(batch) < w.options.Batch/2 {
			if early := pace - time.Since(began); early > 0 {
				time.Sleep(early)
				batch = w.gather(batch)
			}
		}
		began, last = time.Now(), len(batch)
		w.run(ctx, batch)
		w.checkpoint(ctx)
	}
	w.forget()
}

// Where crowds write, transactions begin no more often than each pace: a COMMIT costs as much as ten members, and those
// who come meanwhile share it. Whoever writes alone, or with few others, never waits, nor does anybody where the disk is
// slower than that.
const (
	crowd = 4 // members of the transaction before
	pace  = 2 * time.Millisecond
)

// gather adds members that wait already.
func (w *writer) gather(batch []*job) []*job {
	for len(batch) < w.options.Batch {
		select {
		case j, ok := <-w.jobs:
			if !ok {
				return batch
			}
			batch = append(batch, j)
		default:
			return batch
		}
	}
	return batch
}

// run carries out a batch. When a member's failure may have undone the transaction, that member has failed and the
// others are run again, each alone.
func (w *writer) run(ctx context.Context, batch []*job) {
	errs, culprit := w.transaction(ctx, batch)
	for i, j := range batch {
		if culprit < 0 || i == culprit {
			j.done <- errs[i]
		} else {
			w.run(ctx, []*job{j})
		}
	}
}

// transaction runs members in one transaction. culprit is the member that spoilt it, -1 for none. Members are not
// guarded from each other at first: one hardly ever fails, and a savepoint for each costs a tenth of the writer's work.
// When one does, all is undone and done again with savepoints.
func (w *writer) transaction(ctx context.Context, batch []*job) (errs []error, culprit int) {
	for _, j := range batch {
		j.asked, j.fails = false, nil
	}
	if len(batch) > 1 {
		if errs, culprit, ok := w.attempt(ctx, batch, false); ok {
			return errs, culprit
		}
	}
	errs, culprit, _ = w.attempt(ctx, batch, len(batch) > 1)
	return errs, culprit
}

// attempt runs members in one transaction, each in a savepoint when guarded. ok is false when it has to be done again so.
func (w *writer) attempt(ctx context.Context, batch []*job, guarded bool) (errs []error, culprit int, ok bool) {
	errs = make([]error, len(batch))
	all := func(err error) ([]error, int, bool) {
		w.rollback(ctx)
		for i := range errs {
			errs[i] = w.unstored(err)
		}
		return errs, -1, true
	}
	t := &tx{ctx: ctx, w: w}
	if _, err := t.exec("BEGIN IMMEDIATE"); err != nil {
		return all(err)
	}
	kept := 0
	for i, j := range batch {
		err := w.member(t, j, guarded)
		switch {
		case err == nil:
			kept++
		case !alone(err):
			w.rollback(ctx)
			errs[i] = w.unstored(err)
			return errs, i, true
		case !guarded && len(batch) > 1:
			w.rollback(ctx)
			return nil, -1, false
		default:
			errs[i] = err
		}
	}
	if kept == 0 {
		w.rollback(ctx)
		return errs, -1, true
	}
	if err := w.commit(t); err != nil {
		return all(err)
	}
	return errs, -1, true
}

func (w *writer) member(t *tx, j *job, guarded bool) error {
	if w.options.Fail != nil && !j.asked {
		j.asked, j.fails = true, w.options.Fail("member")
	}
	if j.fails != nil {
		return j.fails
	}
	if !guarded {
		return j.do(t)
	}
	if _, err := t.exec("SAVEPOINT member"); err != nil {
		return err
	}
	err := j.do(t)
	if err != nil && !alone(err) {
		return err
	}
	if err != nil {
		w.doubt()
		if _, undo := t.exec("ROLLBACK TO member"); undo != nil {
			return undo
		}
	}
	if _, free := t.exec("RELEASE member"); free != nil {
		return free
	}
	return err
}

func (w *writer) commit(t *tx) error {
	w.commits++
	if w.options.Fail != nil {
		if err := w.options.Fail("commit"); err != nil {
			return err
		}
	}
	if w.options.Commit != nil {
		w.options.Commit(w.commits, "before")
	}
	if _, err := t.exec("COMMIT"); err != nil {
		return err
	}
	if w.options.Commit != nil {
		w.options.Commit(w.commits, "after")
	}
	return nil
}

// rollback ends the transaction whatever state it is in. Where that cannot be known, the connection is given up.
func (w *writer) rollback(ctx context.Context) {
	w.doubt()
	if w.conn == nil {
		return
	}
	if _, err := w.conn.ExecContext(ctx, "ROLLBACK"); err == nil {
		return
	}
	// The failure may have undone the transaction already: then one can be begun, and this connection is good.
	if _, err := w.conn.ExecContext(ctx, "BEGIN"); err == nil {
		if _, err = w.conn.ExecContext(ctx, "ROLLBACK"); err == nil {
			return
		}
	}
	w.forget()
}

// forget closes the connection; the next use opens another.
func (w *writer) forget() {
	w.doubt()
	for _, st := range w.stmts {
		_ = st.Close()
	}
	w.stmts = nil
	w.direct.close()
	if w.conn != nil {
		_ = w.conn.Raw(func(any) error { return driver.ErrBadConn })
		_ = w.conn.Close()
		w.conn = nil
	}
}

// unstored makes any failure of a transaction Unavailable: whatever the reason, nothing was stored.
func (w *writer) unstored(err error) error {
	err = explain(w.store.dir, "write", err)
	var e *engine.Error
	if errors.As(err, &e) && (e.Code == engine.Unavailable || e.Code == engine.Unreadable) {
		return err
	}
	return engine.E(engine.Unavailable, "it could not be stored in {dir}", "dir", w.store.dir).Wrap(err)
}

// Queued tells how many writes wait for the transaction after the present one.
func (s *Store) Queued() int { return len(s.w.jobs) }
