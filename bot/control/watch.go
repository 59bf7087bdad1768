package control

import (
	"context"
	"encoding/json"
	"net/http"

	"github.com/bretelle/bretelle/bot"
	"github.com/bretelle/bretelle/engine"
	"github.com/bretelle/bretelle/prompts"
)

// WatchIn asks for a channel's messages.
type WatchIn struct {
	As    string `json:"as"`
	In    string `json:"in"`
	After int64  `json:"after,omitempty"` // change number; negative: only what comes from now on
}

// watch streams messages as JSON, one after the other, until the caller leaves or the bot stops.
func (s *server) watch(w http.ResponseWriter, r *http.Request) {
	var in WatchIn
	if err := json.NewDecoder(http.MaxBytesReader(w, r.Body, bodyMost)).Decode(&in); err != nil {
		s.fail(w, badRequest(err))
		return
	}
	ctx := r.Context()
	t, err := s.seat(ctx, in.As, in.In, "")
	if err != nil {
		s.fail(w, err)
		return
	}
	changed, stop := s.Talk.Changes()
	defer stop()
	after := in.After
	if after < 0 {
		if after, err = t.last(ctx); err != nil {
			s.fail(w, err)
			return
		}
	}
	w.Header().Set("Content-Type", "application/json")
	out, flush := json.NewEncoder(w), http.NewResponseController(w)
	_ = flush.Flush() // the first Encode tells when the caller has left
	for {
		list, err := s.Messages.ChangedSince(ctx, t.place, after, 100)
		if err != nil {
			return // the caller sees the end and says so
		}
		for _, m := range list {
			after = m.Change
			if m.For != "" && m.For != t.person.ID {
				continue
			}
			h, err := t.heard(ctx, m)
			if err != nil || out.Encode(h) != nil {
				return
			}
		}
		if flush.Flush() != nil {
			return
		}
		if len(list) == 100 {
			continue
		}
		select {
		case <-ctx.Done():
			return
		case _, open := <-changed:
			if !open {
				return
			}
		}
	}
}

// last is the newest change number of the place.
func (t *seat) last(ctx context.Context) (int64, error) {
	list, err := t.s.Messages.LastMessages(ctx, t.place, cardsMost)
	var n int64
	for _, m := range list {
		n = max(n, m.Change)
	}
	return n, err
}

func (t *seat) heard(ctx context.Context, m bot.Message) (Heard, error) {
	h := Heard{Change: m.Change, Text: m.Text, Thread: m.Thread, Edited: m.Edited != 0, At: stamp(m.At)}
	if m.By != "" {
		name, err := t.s.nameOf(ctx, m.By)
		if err != nil {
			return h, err
		}
		h.By = name
	}
	if len(m.Card) == 0 {
		return h, nil
	}
	var c prompts.Card
	if err := json.Unmarshal(m.Card, &c); err != nil {
		return h, engine.AsError(err).WithOp("control.watch")
	}
	id, err := t.s.cardID(ctx, m.ID, c.Key)
	h.Card, h.Text = NewCard(id, t.base(), m.Thread, m.For != "", c), prompts.PlainCard(c)
	return h, err
}
