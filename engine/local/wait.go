package local

import (
	"context"
	"encoding/json"
	"sync"
	"time"

	"github.com/bretelle/bretelle/engine"
)

// ArrivalsKept is how long what came for a key is kept for a wait that is not there yet, and how long a repeated
// delivery of it is known.
const ArrivalsKept = 7 * 24 * time.Hour

// maxArrival bounds what comes for a key, in bytes.
const maxArrival = 256 << 10

// Wait is a step that waits for something with a key.
type Wait struct {
	Path string
	Key  string
	From []string // groups whose members may answer; nil: anybody
}

// Arrival is something that came for a key. ID tells one from its repetition.
type Arrival struct {
	Key  string
	ID   string
	By   string // person id; "" when nobody's
	At   int64  // milliseconds
	Data json.RawMessage
}

// Took names the arrival that answered a run.
type Took struct{ Key, ID string }

// Match is an arrival and an open wait for its key.
type Match struct {
	Run  string
	Path string
	From []string
	Arrival
}

// MatchQuery narrows Matches; empty fields do not.
type MatchQuery struct{ Run, Key, ID string }

// Correlate hands what came from outside to the runs that wait for key (engine.ReplyKey for a reply), and keeps it for
// those that wait later. id tells one arrival from its repetition: the same one answers a run once. by is the person
// it comes from, "" for nobody; data is JSON, for a reply {"text": …, "by": name}. n is how many runs it answered now.
// A nil error means it is stored. Errors: Invalid, TooLarge, Unavailable (nothing was stored, or not all runs have it
// yet: hand it over again).
func (r *Runtime) Correlate(ctx context.Context, key string, data json.RawMessage, by, id string) (n int, err error) {
	switch {
	case key == "" || id == "" || len(key) > 4*maxKey || len(id) > 4*maxKey:
		return 0, engine.E(engine.Invalid, "what comes for a wait has a key and an id").WithOp("local.correlate")
	case len(data) > maxArrival:
		return 0, engine.E(engine.TooLarge, "this is longer than {most} bytes", "most", maxArrival).WithOp("local.correlate")
	case len(data) > 0 && !json.Valid(data):
		return 0, engine.E(engine.Invalid, "this is no JSON").WithOp("local.correlate")
	}
	if err := ctx.Err(); err != nil {
		return 0, engine.E(engine.Canceled, "the request was cancelled before it was stored").WithOp("local.correlate").Wrap(err)
	}
	ctx = context.WithoutCancel(ctx)
	if _, err := r.store.Arrive(ctx, Arrival{Key: key, ID: id, By: by, At: r.now(), Data: data}); err != nil {
		return 0, engine.AsError(err)
	}
	return r.match(ctx, MatchQuery{Key: key, ID: id})
}

// match feeds what came to the waits that are open.
func (r *Runtime) match(ctx context.Context, q MatchQuery) (n int, err error) {
	found, err := r.store.Matches(ctx, q)
	if err != nil {
		return 0, engine.AsError(err)
	}
	done := map[waitID]bool{}
	for _, m := range found {
		w := waitID{m.Run, m.Path}
		if done[w] {
			continue // answered by an earlier arrival
		}
		h := engine.ArrivalHead{Key: m.Key, ID: m.ID}
		if len(m.From) > 0 {
			if h.Groups, err = r.members(ctx, m.By, m.From); err != nil {
				return n, err
			}
			h.GroupsAt = r.now()
		}
		a, err := r.feed(ctx, input{
			run: m.Run, kind: engine.WaitAnswered, path: m.Path, by: m.By, head: encode(h), data: m.Data, took: &Took{m.Key, m.ID},
		})
		switch {
		case passing(err):
			return n, err
		case err != nil:
			r.log.Error("what a run waits for could not be given to it", "run", m.Run, "path", m.Path, "err", err, "cause", engine.AsError(err).Err)
		case a.Verdict == engine.Counted:
			done[w] = true
			n++
		}
	}
	return n, nil
}

type waitID struct{ run, path string }

// members looks up in which of the groups a person is; nobody is in any where that cannot be asked.
func (r *Runtime) members(ctx context.Context, person string, groups []string) ([]string, error) {
	if person == "" || r.o.Members == nil {
		return nil, nil
	}
	return r.o.Members(ctx, person, groups)
}

// matcher has the store asked, after a wait was opened, for what came before it.
type matcher struct {
	mu   sync.Mutex
	runs map[string]bool
	all  bool
	wake chan struct{}
}

func newMatcher() *matcher { return &matcher{runs: map[string]bool{}, wake: make(chan struct{}, 1)} }

// ask has a run looked at; "" is every run.
func (q *matcher) ask(run string) {
	q.mu.Lock()
	if run == "" {
		q.all = true
	} else {
		q.runs[run] = true
	}
	q.mu.Unlock()
	select {
	case q.wake <- struct{}{}:
	default:
	}
}

// next is a run to look at.
func (q *matcher) next() (m MatchQuery, ok bool) {
	q.mu.Lock()
	defer q.mu.Unlock()
	if q.all {
		q.all = false
		clear(q.runs)
		return MatchQuery{}, true
	}
	for run := range q.runs {
		delete(q.runs, run)
		return MatchQuery{Run: run}, true
	}
	return MatchQuery{}, false
}

// matchWaits gives new waits what came before them, until the runtime stops; what is left then is found at the next
// start.
func (r *Runtime) matchWaits() {
	for {
		for q, ok := r.waits.next(); ok && r.loops.Err() == nil; q, ok = r.waits.next() {
			err := r.persist(r.loops, func() error {
				_, err := r.match(context.WithoutCancel(r.loops), q)
				return err
			})
			if err != nil && r.loops.Err() == nil {
				r.log.Error("what came for a wait could not be read", "run", q.Run, "err", err)
			}
		}
		select {
		case <-r.waits.wake:
		case <-r.loops.Done():
			return
		}
	}
}
