package memory

import (
	"context"
	"math"
	"slices"
	"strconv"
	"strings"

	"github.com/bretelle/bretelle/bot"
	"github.com/bretelle/bretelle/engine"
	"github.com/bretelle/bretelle/engine/local"
	"github.com/bretelle/bretelle/storage"
)

// Runs lists runs, newest first.
func (s *Store) Runs(ctx context.Context, q local.RunQuery) (out []engine.RunHead, err error) {
	err = s.read(ctx, func() error {
		for _, r := range slices.Backward(s.runs) {
			h := r.head
			if (q.Flow == "" || h.Flow == q.Flow) && (q.Before == 0 || h.Number < q.Before) &&
				(len(q.States) == 0 || slices.Contains(q.States, h.State)) && (q.Text == "" || r.found(q.Text)) {
				out = append(out, h)
			}
		}
		out = upTo(out, storage.RunLimit(q))
		return nil
	})
	return out, err
}

// Events lists recent occurrences of a flow, newest first.
func (s *Store) Events(ctx context.Context, flow string, limit int) (out []local.StoredEvent, err error) {
	return s.Recent(ctx, flow, limit, math.MaxInt)
}

// Recent is Events that reads at most so many bytes of payloads; the rest come without their Data.
func (s *Store) Recent(ctx context.Context, flow string, limit, most int) (out []local.StoredEvent, err error) {
	left := storage.Budget(most)
	err = s.read(ctx, func() error {
		for _, e := range slices.Backward(s.events) {
			if e.flow != flow {
				continue
			}
			ev, err := storage.DecodeEvent(e.data)
			if err != nil {
				return err
			}
			if !left.Take(len(e.data)) {
				ev.Data = nil
			}
			out = append(out, local.StoredEvent{Event: ev, Flow: e.flow, Outcome: e.outcome, Reason: e.reason,
				Run: e.run, Number: e.number})
			if len(out) == limit {
				break
			}
		}
		return nil
	})
	return out, err
}

// Cleared lists the steps that a person approved in a version.
func (s *Store) Cleared(ctx context.Context, flow string, version int64) (out []string, err error) {
	err = s.read(ctx, func() error {
		for k := range s.cleared {
			if k.flow == flow && k.version == version {
				out = append(out, k.step)
			}
		}
		slices.Sort(out)
		return nil
	})
	return out, err
}

// Erase removes the payloads of a run that has ended: what its event and its steps said, and what notices say of
// it. The journal's heads stay. NotFound, or Conflict while the run has not ended.
func (s *Store) Erase(ctx context.Context, id string) error {
	return s.write(ctx, func() error {
		r := s.byID[id]
		if r == nil {
			return storage.NoRun(id)
		}
		if !r.head.State.Final() {
			return storage.NotEnded(r.head.Number)
		}
		for i := range r.entries {
			r.entries[i].Data = nil
		}
		s.waiting.erase(id)
		for _, g := range s.gates.rows {
			if g.Run == r.head.Number && g.State == storage.GateItem {
				g.Data = []byte(`{"number":` + strconv.FormatInt(g.Run, 10) + `,"items":[]}`)
			}
		}
		s.copies = slices.DeleteFunc(s.copies, func(c bot.Copy) bool { return c.Run == id })
		for i := range s.events {
			if e := &s.events[i]; e.run == id {
				ev, err := storage.DecodeEvent(e.data)
				if err != nil {
					return err
				}
				ev.Data = nil
				if e.data, err = storage.EncodeEvent(ev); err != nil {
					return err
				}
			}
		}
		for _, n := range s.notices {
			if n.Run == id {
				n.Data = nil
			}
		}
		for i := range s.cards {
			if c := &s.cards[i]; c.State != engine.CardOpen && strings.Contains(c.Key, ":"+id) {
				c.Card = nil
			}
		}
		for token, i := range s.intents {
			if i.Run == id && !strings.HasPrefix(i.Key, "alert:") {
				i.Data = nil
				s.intents[token] = i
			}
		}
		return nil
	})
}

// found tells that all words of a search are among the run's.
func (r *run) found(text string) bool {
	var event []byte
	if len(r.entries) > 0 {
		event = r.entries[0].Data
	}
	words, sought := storage.Words(r.head.Key, event), storage.Seek(text)
	for _, x := range sought {
		if !slices.ContainsFunc(words, func(w string) bool { return w == x.Word || x.Open && strings.HasPrefix(w, x.Word) }) {
			return false
		}
	}
	return len(sought) > 0
}
