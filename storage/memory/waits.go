package memory

import (
	"bytes"
	"cmp"
	"context"
	"slices"
	"strings"

	"github.com/bretelle/bretelle/engine/local"
	"github.com/bretelle/bretelle/storage"
)

// waits are what runs wait for by key, and what came.
type waits struct {
	open     map[waitKey]local.Wait
	arrivals []local.Arrival         // in the order they came
	taken    map[string][]local.Took // by run
}

type waitKey struct{ run, path string }

// Arrive keeps what came for a key.
func (s *Store) Arrive(ctx context.Context, a local.Arrival) (fresh bool, err error) {
	err = s.write(ctx, func() error {
		w := &s.waiting
		old := a.At - local.ArrivalsKept.Milliseconds()
		w.arrivals = slices.DeleteFunc(w.arrivals, func(o local.Arrival) bool { return o.At < old })
		if fresh = !slices.ContainsFunc(w.arrivals, func(o local.Arrival) bool { return o.Key == a.Key && o.ID == a.ID }); fresh {
			a.Data = bytes.Clone(a.Data)
			w.arrivals = append(w.arrivals, a)
		}
		return nil
	})
	return fresh, err
}

// Matches lists what came for open waits.
func (s *Store) Matches(ctx context.Context, q local.MatchQuery) (out []local.Match, err error) {
	err = s.read(ctx, func() error {
		w := &s.waiting
		for _, a := range w.arrivals {
			n := len(out)
			for k, o := range w.open {
				if o.Key != a.Key || q.Run != "" && q.Run != k.run || q.Key != "" && q.Key != a.Key || q.ID != "" && q.ID != a.ID ||
					slices.Contains(w.taken[k.run], local.Took{Key: a.Key, ID: a.ID}) {
					continue
				}
				m := local.Match{Run: k.run, Path: k.path, From: slices.Clone(o.From), Arrival: a}
				m.Data = bytes.Clone(a.Data)
				out = append(out, m)
			}
			slices.SortFunc(out[n:], func(a, b local.Match) int {
				return cmp.Or(cmp.Compare(s.byID[a.Run].head.Number, s.byID[b.Run].head.Number), cmp.Compare(a.Path, b.Path))
			})
		}
		out = upTo(out, storage.MostMatches)
		return nil
	})
	return out, err
}

func (w *waits) change(c local.Change) {
	for _, path := range c.DropWaits {
		delete(w.open, waitKey{c.Run, path})
	}
	for _, o := range c.AddWaits {
		if w.open == nil {
			w.open = map[waitKey]local.Wait{}
		}
		o.From = slices.Clone(o.From)
		w.open[waitKey{c.Run, o.Path}] = o
	}
	if c.Took != nil {
		if w.taken == nil {
			w.taken = map[string][]local.Took{}
		}
		w.taken[c.Run] = append(w.taken[c.Run], *c.Took)
	}
	if c.Status.Final() {
		for k := range w.open {
			if k.run == c.Run {
				delete(w.open, k)
			}
		}
	}
}

// erase removes the content of what answered a run, and of what it told.
func (w *waits) erase(run string) {
	for i, a := range w.arrivals {
		if slices.Contains(w.taken[run], local.Took{Key: a.Key, ID: a.ID}) || strings.HasPrefix(a.ID, run+"/") {
			w.arrivals[i].Data = nil
		}
	}
}
