package sqlite

import (
	"context"

	"github.com/bretelle/bretelle/engine"
	"github.com/bretelle/bretelle/engine/local"
	"github.com/bretelle/bretelle/storage"
)

// Number gives the number of a run to be accepted.
func (s *Store) Number() int64 { return s.numbers.Take() }

// Unused takes a number back that no run got.
func (s *Store) Unused(number int64) { s.numbers.Give(number) }

// accepting is an item made ready outside of the transaction.
type accepting struct {
	*local.AcceptItem
	number int64
	p      payload // of an item that may make no run
	ready  packed  // its entry 1, and what it led to when the run may begin
}

// Accept stores a batch in one transaction.
func (s *Store) Accept(ctx context.Context, a local.Accepting) ([]engine.Receipt, error) {
	s.blobs.using.RLock()
	defer s.blobs.using.RUnlock()
	items := make([]accepting, len(a.Items))
	var out []engine.Receipt
	stored := false
	defer func() {
		for i := range items {
			if !stored {
				s.back(&items[i], 0)
			} else {
				s.back(&items[i], out[i].Number)
			}
		}
	}()
	var err error
	for i := range a.Items {
		items[i].AcceptItem = &a.Items[i]
		if e := s.prepare(&a, &items[i]); err == nil {
			err = e
		}
	}
	if err != nil {
		return nil, explain(s.dir, "accept", err)
	}
	err = s.write(ctx, "accept", func(t *tx) error {
		out = make([]engine.Receipt, 0, len(a.Items))
		if err := t.take(&a); err != nil {
			return err
		}
		for i := range items {
			r, err := t.accept(&a, &items[i])
			if err != nil {
				return err
			}
			out = append(out, r)
		}
		if a.Take != nil && len(out) == 1 {
			if err := t.taken(&a, out[0]); err != nil {
				return err
			}
		}
		if a.Cursor == nil {
			return nil
		}
		_, err := t.exec(`INSERT INTO cursors (trigger, cursor) VALUES ($1, $2)
			ON CONFLICT (trigger) DO UPDATE SET cursor = excluded.cursor`, a.Trigger, string(a.Cursor))
		return err
	})
	if err != nil {
		return nil, err
	}
	stored = true
	return out, nil
}

// back gives an item's number back when it is not the one that was used. One that the item brought is its caller's. Where
// a transaction failed it is not taken for granted that nothing of it was stored: a number that may be a run's is given
// to no other, which would leave a gap at worst.
func (s *Store) back(it *accepting, used int64) {
	if it.Head.Number != 0 || it.number <= 0 || it.number == used {
		return
	}
	if used == 0 {
		var is int
		if found, err := one(s.reading(context.Background()), `SELECT 1 FROM runs WHERE number = $1`, []any{it.number}, &is); found || err != nil {
			return
		}
	}
	s.numbers.Give(it.number)
}

// prepare packs what an item will store.
func (s *Store) prepare(a *local.Accepting, it *accepting) (err error) {
	if len(it.Gates) > 0 || !storage.MakesRun(it.Outcome) {
		data, err := storage.EncodeEvent(it.Event)
		if err == nil {
			it.p, err = s.blobs.keep(data)
		}
		return err // what gates say is in entry 1: packed then
	}
	it.number = it.Head.Number
	first, err := storage.FirstEntry(*it.AcceptItem, it.number)
	if err != nil {
		return err
	}
	entries := []engine.Entry{bare(first, a, it.AcceptItem)}
	if it.number == 0 && entries[0].Path == "" {
		return nil // it says its number, which it gets when it is new: packed then
	}
	if it.Start == nil {
		it.ready.rows, err = s.rows(entries)
		return err
	}
	if err := storage.CheckChange(*it.Start); err != nil {
		return err
	}
	it.ready, err = s.pack(it.Start, append(entries, it.Start.Entries...))
	return err
}

func (t *tx) accept(a *local.Accepting, made *accepting) (engine.Receipt, error) {
	it := *made.AcceptItem // what gates make of it holds for this try of the transaction
	var trigger int64
	if it.Event.Key != "" && a.Take == nil {
		var err error
		if trigger, err = t.trigger(a.Trigger); err != nil {
			return engine.Receipt{}, err
		}
		if r, seen, err := t.seen(trigger, it.Event.Key, it.Event.At); seen || err != nil {
			return r, err
		}
	}
	if len(it.Gates) > 0 {
		why, err := storage.WouldRefuse(t, it.Gates, it.Event.At)
		if err != nil {
			return engine.Receipt{}, err
		}
		if why != "" {
			it.Outcome, it.Reason = engine.Skipped, why
		}
	}
	if it.Count != "" {
		if err := storage.CountAt(t, it.Count, it.Event.At); err != nil {
			return engine.Receipt{}, err
		}
	}
	r := engine.Receipt{Outcome: it.Outcome, Event: it.Event.ID, Reason: it.Reason}
	var run, event any
	if storage.MakesRun(it.Outcome) {
		if made.number == 0 {
			made.number = t.w.store.numbers.Take()
		}
		var err error
		if r.Begun, r.Waits, err = t.start(a, &it, made); err != nil {
			return r, err
		}
		r.Run, r.Number, run = it.Run, made.number, made.number
	} else {
		event = it.Event.ID
	}
	if it.Event.Key != "" && a.Take == nil {
		if _, err := t.exec(`INSERT INTO trigger_keys (trigger, key, event, run, at) VALUES ($1, $2, $3, $4, $5)`,
			trigger, it.Event.Key, event, run, it.Event.At); err != nil {
			return r, err
		}
	}
	if it.Outcome == engine.Seen || a.Take != nil {
		return r, t.raise(storage.FillNotices(it.Notices, r.Run, r.Number))
	}
	if listed(&it, a) {
		n, err := t.insert(`INSERT INTO events (id, flow, trigger, kind, key, at, outcome, reason, source, run, after)
			VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11)`, it.Event.ID, a.Flow, a.Trigger, it.Event.Trigger, it.Event.Key,
			it.Event.At, string(it.Outcome), it.Reason, a.From, run, t.w.store.numbers.Last())
		if err != nil {
			return r, err
		}
		if run == nil {
			if _, err := t.exec(`INSERT INTO event_payloads (event, data, blob) VALUES ($1, $2, $3)`, n, made.p.data, made.p.blob); err != nil {
				return r, err
			}
		}
		if it.Gather != nil {
			if err := storage.Gather(t, *it.Gather, n, it.Event.At); err != nil {
				return r, err
			}
		}
	}
	return r, t.raise(storage.FillNotices(it.Notices, r.Run, r.Number))
}

// listed says that an event needs a row of its own among the events: its run does not say all that is to be known.
func listed(it *local.AcceptItem, a *local.Accepting) bool {
	return a.Take != nil || it.Outcome != engine.Accepted || it.Reason != "" || it.Head.Flow != a.Flow || it.Head.Run != it.Run
}

// trigger is the number of a trigger's id.
func (t *tx) trigger(id string) (n int64, err error) {
	if n, ok := t.w.triggers[id]; ok {
		return n, nil
	}
	found, err := one(t, `SELECT n FROM triggers WHERE id = $1`, []any{id}, &n)
	switch {
	case err != nil:
		return 0, err
	case found:
		// Only what is stored is remembered: what this transaction adds may be undone.
		if t.w.triggers == nil || len(t.w.triggers) >= mostTriggers {
			t.w.triggers = map[string]int64{}
		}
		t.w.triggers[id] = n
		return n, nil
	}
	return t.insert(`INSERT INTO triggers (id) VALUES ($1)`, id)
}

// mostTriggers bounds the triggers whose numbers are remembered.
const mostTriggers = 1000

// seen is the receipt of a key that came before.
func (t *tx) seen(trigger int64, key string, now int64) (engine.Receipt, bool, error) {
	r := engine.Receipt{Outcome: engine.Duplicate}
	var event *string
	var at int64
	found, err := one(t, `SELECT k.event, coalesce(r.id, ''), coalesce(k.run, 0), k.at FROM trigger_keys k
		LEFT JOIN runs r ON r.number = k.run WHERE k.trigger = $1 AND k.key = $2`, []any{trigger, key}, &event, &r.Run, &r.Number, &at)
	if err != nil || !found {
		return r, false, err
	}
	if err := t.touch(trigger, key, at, now); err != nil {
		return r, true, err
	}
	if event != nil {
		r.Event = *event
		return r, true, nil
	}
	r.Event, err = t.eventOf(r.Number)
	return r, true, err
}

// start makes the run of a new item: with its first steps where it brings them and may begin, else queued.
func (t *tx) start(a *local.Accepting, it *local.AcceptItem, made *accepting) (begun, waits bool, err error) {
	row := []any{made.number, it.Run, a.Flow, a.Version, it.Event.Trigger, it.Event.Key, it.Head.By, it.Event.At, listed(it, a)}
	rows := made.ready.rows
	if c := it.Start; c != nil {
		paused, err := t.paused(a.Flow)
		if err != nil {
			return false, false, err
		}
		if !paused {
			if _, err := t.exec(`INSERT INTO runs (number, id, flow, version, trigger, key, by, started, listed, status, ready, seq, state, ended, reason)
				VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, 0, $11, $12, $13, $14)`,
				append(row, string(c.Status), last(c), made.ready.state, ended(c), reason(c))...); err != nil {
				return false, false, err
			}
			if err := t.journal(made.number, rows); err != nil {
				return false, false, err
			}
			if err := t.inherit(a.From, made.number); err != nil {
				return false, false, err
			}
			k := &knownRun{number: made.number, flow: a.Flow, version: a.Version}
			return true, false, t.follow(k, c, &made.ready)
		}
		rows = nil
	}
	if _, err := t.exec(`INSERT INTO runs (number, id, flow, version, trigger, key, by, started, listed, status, ready, seq, ended, reason)
		VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, 'queued', CASE WHEN EXISTS (SELECT 1 FROM flows WHERE name = $3 AND state = 'paused')
		THEN 0 ELSE 1 END, 1, 0, '')`, row...); err != nil {
		return false, false, err
	}
	if len(it.Gates) > 0 {
		if waits, err = storage.AskGates(t, made.number, it.Gates, it.Event.At); err != nil {
			return false, false, err
		}
		it.Head.Queued = it.Head.Queued || waits
	}
	if err := t.inherit(a.From, made.number); err != nil {
		return false, false, err
	}
	if rows == nil {
		first, err := storage.FirstEntry(*it, made.number)
		if err != nil {
			return false, false, err
		}
		if rows, err = t.w.store.rows([]engine.Entry{bare(first, a, it)}); err != nil {
			return false, false, err
		}
	}
	return false, waits, t.journal(made.number, rows)
}

// Cursor reads where a trigger stands; nil when it never stored one.
func (s *Store) Cursor(ctx context.Context, trigger string) ([]byte, error) {
	var c []byte
	_, err := one(s.reading(ctx), `SELECT cursor FROM cursors WHERE trigger = $1`, []any{trigger}, &c)
	return c, explain(s.dir, "cursor", err)
}
