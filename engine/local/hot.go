package local

import (
	"container/list"
	"context"
	"encoding/json"
	"sync"

	"github.com/bretelle/bretelle/engine"
	"github.com/bretelle/bretelle/engine/fold"
)

// hot is a run in memory, as the store has it. Whoever holds the run's lock owns it.
type hot struct {
	head   engine.RunHead
	state  *fold.State // nil: entry 1 is stored but not applied yet
	size   int         // of the state when it was last encoded
	saved  int64       // entry up to which the stored state goes; 0: none is stored
	behind int64       // last entry of the journal while the state is older; 0: it is not
	values values
}

// cost is roughly the memory it takes.
func (h *hot) cost() int { return 1024 + 4*h.size + 4*h.values.size }

// cache keeps runs that moved lately, up to a budget of bytes. A run is taken out while it is worked on, and put
// back only when what is in memory is what is stored.
type cache struct {
	mu     sync.Mutex
	budget int
	used   int
	byRun  map[string]*list.Element
	order  *list.List // of *hot, last used first
}

func newCache(budget int) *cache {
	return &cache{budget: budget, byRun: map[string]*list.Element{}, order: list.New()}
}

func (c *cache) take(run string) *hot {
	c.mu.Lock()
	defer c.mu.Unlock()
	e := c.byRun[run]
	if e == nil {
		return nil
	}
	return c.remove(e)
}

func (c *cache) put(h *hot) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.byRun[h.head.ID] = c.order.PushFront(h)
	c.used += h.cost()
	for c.used > c.budget && c.order.Len() > 0 {
		c.remove(c.order.Back())
	}
}

func (c *cache) remove(e *list.Element) *hot {
	h := c.order.Remove(e).(*hot)
	delete(c.byRun, h.head.ID)
	c.used -= h.cost()
	return h
}

// load gives the run, from memory or from the store. The caller holds the run's lock.
func (r *Runtime) load(ctx context.Context, run string) (*hot, error) {
	if h := r.cache.take(run); h != nil {
		return h, nil
	}
	snap, err := r.store.Load(ctx, run)
	if err != nil {
		return nil, err
	}
	h := &hot{head: snap.Head, size: len(snap.State)}
	if snap.State != nil {
		if h.state, err = fold.Decode(snap.State); err != nil {
			return nil, broken("local.load", err)
		}
		h.saved = h.state.Seq()
	}
	switch {
	case h.saved > snap.Seq:
		return nil, broken("local.load", errGap)
	case h.saved < snap.Seq && snap.Seq > 1:
		h.behind = snap.Seq
	}
	return h, nil
}

// values are payloads of a run's entries, read when asked for. Only what is stored or about to be is in them.
type values struct {
	kept map[int64]*kept
	size int // bytes of what is kept
}

type kept struct {
	raw     json.RawMessage // nil once decoded
	value   any
	decoded bool
}

// maxKept bounds the payloads kept of one run, in bytes; one that needs more reads them again.
const maxKept = 256 << 10

func (v *values) keep(e engine.Entry) {
	if v.kept == nil {
		v.kept = map[int64]*kept{}
	}
	if v.kept[e.Seq] != nil {
		return
	}
	v.kept[e.Seq] = &kept{raw: e.Data}
	v.size += len(e.Data)
}

// trim forgets everything when it has become too much. Called between entries.
func (v *values) trim() {
	if v.size > maxKept {
		*v = values{}
	}
}

// reader is the fold.Values of one Apply.
type reader struct {
	ctx  context.Context
	r    *Runtime
	run  string
	v    *values
	lean bool // forget what was read when it becomes too much, also within one Apply: a view reads hardly anything twice
}

func (x reader) Value(seq int64) (any, error) {
	k := x.v.kept[seq]
	if k == nil {
		if x.lean {
			x.v.trim()
		}
		es, err := x.r.store.Entries(x.ctx, x.run, seq, 1)
		if err != nil {
			return nil, engine.AsError(err)
		}
		if len(es) != 1 || es[0].Seq != seq {
			return nil, broken("local.value", errGap)
		}
		x.v.keep(es[0])
		k = x.v.kept[seq]
	}
	if !k.decoded {
		if len(k.raw) > 0 {
			v, err := engine.DecodeJSON(k.raw)
			if err != nil {
				return nil, broken("local.value", err)
			}
			k.value = v
		}
		k.raw, k.decoded = nil, true
	}
	return k.value, nil
}
