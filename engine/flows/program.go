package flows

import (
	"container/list"
	"context"
	"sync"

	"github.com/bretelle/bretelle/engine"
	"github.com/bretelle/bretelle/engine/fold"
)

// maxPrograms bounds the compiled versions kept besides those that are live.
const maxPrograms = 200

type versionKey struct {
	flow    string
	version int64
}

// programs keeps compiled versions, last used first.
type programs struct {
	mu    sync.Mutex
	byKey map[versionKey]*list.Element
	order list.List // of kept
}

type kept struct {
	key     versionKey
	program *fold.Program
}

func (c *programs) get(key versionKey) *fold.Program {
	c.mu.Lock()
	defer c.mu.Unlock()
	e := c.byKey[key]
	if e == nil {
		return nil
	}
	c.order.MoveToFront(e)
	return e.Value.(kept).program
}

func (c *programs) put(key versionKey, p *fold.Program) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.byKey == nil {
		c.byKey = map[versionKey]*list.Element{}
	}
	if e := c.byKey[key]; e != nil {
		e.Value = kept{key, p}
		c.order.MoveToFront(e)
		return
	}
	c.byKey[key] = c.order.PushFront(kept{key, p})
	for len(c.byKey) > maxPrograms {
		delete(c.byKey, c.order.Remove(c.order.Back()).(kept).key)
	}
}

// Program gives a published version, compiled. Errors: NotFound; Unavailable; Invalid when the text, fine once, does
// not compile with this program any more, naming the first reason.
func (l *Library) Program(ctx context.Context, flow string, version int64) (*fold.Program, error) {
	e, err := l.find(flow)
	if err != nil {
		return nil, err
	}
	if e.live != nil && e.stored.Live.Number == version && e.live.program != nil {
		return e.live.program, nil
	}
	key := versionKey{flow, version}
	if p := l.programs.get(key); p != nil {
		return p, nil
	}
	v, err := l.version(ctx, e, version)
	if err != nil {
		return nil, err
	}
	t := l.read(v.Source)
	if t.program == nil {
		reason := ""
		for _, p := range t.problems {
			if p.Severity == engine.SevError {
				reason = p.String()
				break
			}
		}
		return nil, engine.E(engine.Invalid, "version {version} of {flow} does not work any more: {reason}",
			"version", version, "flow", flow, "reason", reason).WithOp("flows.program")
	}
	l.programs.put(key, t.program)
	return t.program, nil
}
