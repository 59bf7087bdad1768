package intake

import (
	"context"
	"sync"
	"time"

	"github.com/bretelle/bretelle/engine"
)

// quiet is the least time between two notices about one path.
const quiet = time.Hour

// UnsignedFacts is the Data of engine.NoticeUnsigned.
type UnsignedFacts struct {
	Path  string `json:"path"`
	Flow  string `json:"flow"`
	Count int    `json:"count"` // deliveries refused since the notice before
}

// tally counts refused deliveries by path. Only paths that a flow listens at are counted, so it stays small.
type tally struct {
	mu    sync.Mutex
	paths map[string]*refused
}

type refused struct {
	count int
	told  time.Time
}

func newTally() *tally { return &tally{paths: map[string]*refused{}} }

// add counts one refusal; n is how many to tell people of now, 0 when it is too soon for another notice.
func (t *tally) add(path string, now time.Time) (n int) {
	t.mu.Lock()
	defer t.mu.Unlock()
	r := t.paths[path]
	if r == nil {
		r = &refused{}
		t.paths[path] = r
	}
	r.count++
	if !r.told.IsZero() && now.Sub(r.told) < quiet {
		return 0
	}
	n, r.count, r.told = r.count, 0, now
	return n
}

// back puts a count back that could not be told.
func (t *tally) back(path string, n int) {
	t.mu.Lock()
	defer t.mu.Unlock()
	if r := t.paths[path]; r != nil {
		r.count, r.told = r.count+n, time.Time{}
	}
}

// tell raises a notice about unsigned deliveries, at most once an hour for a path.
func (h *webhooks) tell(ctx context.Context, hook Hook, path string) {
	now := h.Now()
	n := h.unsigned.add(path, now)
	if n == 0 || h.Raise == nil {
		return
	}
	data, err := engine.EncodeJSON(UnsignedFacts{Path: path, Flow: hook.Flow, Count: n})
	if err == nil {
		err = h.Raise(ctx, engine.Notice{
			ID: engine.NewID(now), At: engine.Millis(now), Kind: engine.NoticeUnsigned, Topic: "hook:" + path,
			Flow: hook.Flow, Place: hook.Place, Data: data,
		})
	}
	if err != nil {
		h.unsigned.back(path, n)
		h.Log.Error("a notice about unsigned deliveries could not be stored", "flow", hook.Flow, "error", err)
	}
}
