package memory

import (
	"bytes"
	"context"
	"encoding/json"
	"slices"

	"github.com/bretelle/bretelle/engine"
	"github.com/bretelle/bretelle/engine/local"
	"github.com/bretelle/bretelle/storage"
)

// answer is what a step is taken to give, since at.
type answer struct {
	data json.RawMessage
	at   int64
}

// Answers gives a flow's sample answers by step id.
func (s *Store) Answers(ctx context.Context, flow string) (out map[string]json.RawMessage, err error) {
	err = s.read(ctx, func() error {
		out = map[string]json.RawMessage{}
		for step, a := range s.answers[flow] {
			out[step] = bytes.Clone(a.data)
		}
		return nil
	})
	return out, err
}

// SetAnswer stores the sample answer of a step; nil forgets it.
func (s *Store) SetAnswer(ctx context.Context, flow, step string, data json.RawMessage, _ string, at int64) error {
	return s.write(ctx, func() error {
		if data == nil {
			delete(s.answers[flow], step)
			return nil
		}
		if s.answers[flow] == nil {
			s.answers[flow] = map[string]answer{}
		}
		s.answers[flow][step] = answer{bytes.Clone(data), at}
		return nil
	})
}

// TrimSamples removes samples older than before, and of each flow all but the newest keep, sample answers older
// than before, and what came before then for waits.
func (s *Store) TrimSamples(ctx context.Context, before int64, keep int) (gone int, err error) {
	err = s.write(ctx, func() error {
		kept, newer := s.events[:0:0], map[string]int{}
		for i := len(s.events) - 1; i >= 0; i-- {
			e := s.events[i]
			if e.outcome == engine.Sampled {
				newer[e.flow]++
				old, err := storage.DecodeEvent(e.data)
				if err != nil {
					return engine.AsError(err)
				}
				if newer[e.flow] > keep || old.At < before {
					gone++
					continue
				}
			}
			kept = append(kept, e)
		}
		for i, j := 0, len(kept)-1; i < j; i, j = i+1, j-1 {
			kept[i], kept[j] = kept[j], kept[i]
		}
		s.events = kept
		s.waiting.arrivals = slices.DeleteFunc(s.waiting.arrivals, func(a local.Arrival) bool { return a.At < before })
		for _, steps := range s.answers {
			for step, a := range steps {
				if a.at < before {
					delete(steps, step)
				}
			}
		}
		return nil
	})
	return gone, err
}
