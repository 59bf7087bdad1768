package sqlite

import (
	"context"
	"database/sql"
	"errors"
	"sort"

	"github.com/bretelle/bretelle/storage"
)

// sweepRuns and sweepRows are how much one transaction forgets: little, so that whoever writes meanwhile waits some
// milliseconds at most.
const (
	sweepRuns = 50
	sweepRows = 250
)

// The classes that are forgotten run by run.
const (
	classPayloads = "payloads"
	classHistory  = "history"
)

// Sweep forgets what was kept for long enough at a time (milliseconds), in many small transactions, and stops early
// when ctx ends. What a run that is not over yet needs stays. It is safe to be killed at any moment: the next sweep
// goes on. Only one runs at a time. The error is of the first class that failed; the others were swept all the same.
func (s *Store) Sweep(ctx context.Context, keep storage.Keep, now int64) (storage.Swept, error) {
	s.sweeping.Lock()
	defer s.sweeping.Unlock()
	w := &sweep{s: s, ctx: ctx, keep: keep, now: now}
	var errs []error
	for _, class := range []func() error{w.payloads, w.history, w.events, w.keys, w.outbox, w.inbox, w.messages, w.audit, w.orphans} {
		if ctx.Err() == nil {
			errs = append(errs, class())
		}
	}
	return w.out, explain(s.dir, "sweep", errors.Join(errs...))
}

// sweep is one under way.
type sweep struct {
	s    *Store
	ctx  context.Context
	keep storage.Keep
	now  int64
	out  storage.Swept
}

func (w *sweep) write(do func(*tx) error) error { return w.s.write(w.ctx, "sweep", do) }

// over is a run whose turn it is, and when it ended; 0 while it has not.
type over struct{ number, ended int64 }

func (w *sweep) payloads() error {
	return w.runs(classPayloads, func(k storage.FlowKeep) int64 { return storage.Before(w.now, k.Payloads) }, func(t *tx, number int64) error {
		return t.forgetPayloads(number)
	}, &w.out.Payloads)
}

func (w *sweep) history() error {
	return w.runs(classHistory, func(k storage.FlowKeep) int64 { return storage.Before(w.now, k.History) }, func(t *tx, number int64) error {
		return t.forgetRun(number)
	}, &w.out.Runs)
}

// runs forgets one class of all flows: first of the runs that were not over when their turn came, then of those whose
// turn it is now.
func (w *sweep) runs(class string, before func(storage.FlowKeep) int64, forget func(*tx, int64) error, count *int) error {
	flows, err := all(w.s.reading(w.ctx), `SELECT name FROM flows`, nil, oneString)
	if err != nil {
		return err
	}
	if err := w.late(class, before, forget, count); err != nil {
		return err
	}
	for _, flow := range flows {
		limit := before(w.keep.Of(flow))
		for more := limit > 0; more; {
			if w.ctx.Err() != nil {
				return nil
			}
			n := 0
			err := w.write(func(t *tx) (err error) { n, more, err = t.turn(class, flow, limit, forget); return err })
			if err != nil {
				return err
			}
			*count += n
		}
	}
	return nil
}

// turn takes the next runs of a flow that began before a time.
func (t *tx) turn(class, flow string, before int64, forget func(*tx, int64) error) (n int, more bool, err error) {
	var from int64
	if _, err := one(t, `SELECT upto FROM sweeps WHERE class = $1 AND flow = $2`, []any{class, flow}, &from); err != nil {
		return 0, false, err
	}
	upto := from
	rows, err := all(t, `SELECT number, ended, started FROM runs WHERE flow = $1 AND number > $2 ORDER BY number LIMIT $3`,
		[]any{flow, from, sweepRuns}, func(row *sql.Rows) (o struct {
			over
			started int64
		}, err error) {
			return o, row.Scan(&o.number, &o.ended, &o.started)
		})
	if err != nil {
		return 0, false, err
	}
	for _, r := range rows {
		if r.started >= before {
			break
		}
		upto = r.number
		if r.ended == 0 || r.ended >= before {
			_, err = t.exec(`INSERT INTO overdue (class, run) VALUES ($1, $2) ON CONFLICT DO NOTHING`, class, r.number)
		} else if err = forget(t, r.number); err == nil {
			n++
		}
		if err != nil {
			return 0, false, err
		}
	}
	if upto == from {
		return 0, false, nil
	}
	_, err = t.exec(`INSERT INTO sweeps (class, flow, upto) VALUES ($1, $2, $3)
		ON CONFLICT (class, flow) DO UPDATE SET upto = excluded.upto`, class, flow, upto)
	return n, len(rows) == sweepRuns && upto == rows[len(rows)-1].number, err
}

// late takes the runs that were not over when their turn came. Those that still are not cost a read, no transaction.
func (w *sweep) late(class string, before func(storage.FlowKeep) int64, forget func(*tx, int64) error, count *int) error {
	for from := int64(0); w.ctx.Err() == nil; {
		rows, err := all(w.s.reading(w.ctx), `SELECT o.run, coalesce(r.ended, -1), coalesce(r.flow, '') FROM overdue o
			LEFT JOIN runs r ON r.number = o.run WHERE o.class = $1 AND o.run > $2 ORDER BY o.run LIMIT $3`,
			[]any{class, from, sweepRows}, func(row *sql.Rows) (o struct {
				over
				flow string
			}, err error) {
				return o, row.Scan(&o.number, &o.ended, &o.flow)
			})
		if err != nil || len(rows) == 0 {
			return err
		}
		from = rows[len(rows)-1].number
		var due []over
		for _, r := range rows {
			if limit := before(w.keep.Of(r.flow)); r.ended == -1 || r.ended > 0 && r.ended < limit {
				due = append(due, r.over)
			}
		}
		for len(due) > 0 && w.ctx.Err() == nil {
			now := due[:min(len(due), sweepRuns)]
			due = due[len(now):]
			err := w.write(func(t *tx) error {
				for _, r := range now {
					if r.ended != -1 { // its row may be gone already
						if err := forget(t, r.number); err != nil {
							return err
						}
					}
					if _, err := t.exec(`DELETE FROM overdue WHERE class = $1 AND run = $2`, class, r.number); err != nil {
						return err
					}
				}
				return nil
			})
			if err != nil {
				return err
			}
			*count += len(now)
		}
	}
	return nil
}

// forgetPayloads removes what a run's event and steps said, and the words it is found by. Files are left to orphans.
func (t *tx) forgetPayloads(number int64) error {
	if err := t.unword(number); err != nil {
		return err
	}
	for _, q := range []string{
		`UPDATE journal SET data = NULL WHERE id > $1 << 24 AND id < ($1 + 1) << 24`,
		`DELETE FROM payloads WHERE run = $1`,
		`UPDATE arrivals SET data = NULL WHERE n IN (SELECT arrival FROM taken WHERE run = $1)`,
		`UPDATE notices SET data = NULL WHERE run = (SELECT id FROM runs WHERE number = $1) AND run <> '' AND settled > 0`,
	} {
		if _, err := t.exec(q, number); err != nil {
			return err
		}
	}
	return nil
}

// forgetRun removes a run as if it had never been. Its number never comes again.
func (t *tx) forgetRun(number int64) error {
	if err := t.unword(number); err != nil {
		return err
	}
	for _, q := range []string{
		`DELETE FROM payloads WHERE run = $1`,
		`DELETE FROM entries WHERE run = $1`,
		`DELETE FROM journal WHERE id > $1 << 24 AND id < ($1 + 1) << 24`,
		`DELETE FROM taken WHERE run = $1`,
		`DELETE FROM restored WHERE run = $1`,
		`DELETE FROM calls WHERE child = $1`,
		`DELETE FROM mail WHERE run = (SELECT id FROM runs WHERE number = $1)`,
		`DELETE FROM runs WHERE number = $1`,
	} {
		if _, err := t.exec(q, number); err != nil {
			return err
		}
	}
	return nil
}

// row is one that may be forgotten: how old it is, and whether anybody still needs it.
type row struct {
	n, at int64
	free  bool
}

// rows forgets rows of one table, oldest first, until one is too young. look lists them after a row's number ($1), at
// most so many ($2), with their time and whether they are free to go; queries remove one.
func (w *sweep) rows(count *int, before int64, look string, args []any, queries ...string) error {
	if before == 0 {
		return nil
	}
	for from, young := int64(0), false; !young && w.ctx.Err() == nil; {
		list, err := all(w.s.reading(w.ctx), look, append([]any{from, sweepRows}, args...), func(r *sql.Rows) (o row, err error) {
			return o, r.Scan(&o.n, &o.at, &o.free)
		})
		if err != nil || len(list) == 0 {
			return err
		}
		var gone []int64
		for _, r := range list {
			if young = r.at >= before; young {
				break
			}
			if from = r.n; r.free {
				gone = append(gone, r.n)
			}
		}
		if len(gone) == 0 {
			continue
		}
		err = w.write(func(t *tx) error {
			for _, n := range gone {
				for _, q := range queries {
					if _, err := t.exec(q, n); err != nil {
						return err
					}
				}
			}
			return nil
		})
		if err != nil {
			return err
		}
		*count += len(gone)
	}
	return nil
}

// The newest row of each table stays, whatever its age: row numbers are places in a list for those who read along, and
// the number after the greatest must not come twice.

func (w *sweep) events() error {
	flows, err := all(w.s.reading(w.ctx), `SELECT name FROM flows`, nil, oneString)
	if err != nil {
		return err
	}
	var errs []error
	for _, flow := range flows {
		k, none := w.keep.Of(flow), 0
		// What an event without a run said is a payload; that there was one is history. Samples have a time of their own.
		errs = append(errs, w.rows(&none, storage.Before(w.now, k.Payloads), `SELECT e.n, e.at, p.event IS NOT NULL AND e.outcome <> 'sample'
			FROM events e LEFT JOIN event_payloads p ON p.event = e.n WHERE e.flow = $3 AND e.n > $1 ORDER BY e.n LIMIT $2`,
			[]any{flow}, `DELETE FROM event_payloads WHERE event = $1`))
		errs = append(errs, w.rows(&w.out.Events, storage.Before(w.now, k.History), `SELECT e.n, e.at, e.outcome <> 'sample'
			AND (r.number IS NULL OR r.ended > 0 AND r.ended < $4) AND e.n < (SELECT max(n) FROM events) FROM events e LEFT JOIN runs r ON r.number = e.run
			WHERE e.flow = $3 AND e.n > $1 ORDER BY e.n LIMIT $2`,
			[]any{flow, storage.Before(w.now, k.History)}, `DELETE FROM event_payloads WHERE event = $1`, `DELETE FROM events WHERE n = $1`))
	}
	return errors.Join(errs...)
}

func (w *sweep) outbox() error {
	before := storage.Before(w.now, w.keep.Outbox)
	return errors.Join(
		w.rows(&w.out.Outbox, before, `SELECT n, max(at, settled), settled > 0 AND n < (SELECT max(n) FROM notices) FROM notices
			WHERE n > $1 ORDER BY n LIMIT $2`, nil, `DELETE FROM notices WHERE n = $1 AND settled > 0`),
		w.rows(&w.out.Outbox, before, `SELECT n, CASE state WHEN 'open' THEN 0 ELSE updated END, state <> 'open'
			AND NOT EXISTS (SELECT 1 FROM copies WHERE copies.key = cards.key) AND n < (SELECT max(n) FROM cards)
			FROM cards WHERE n > $1 ORDER BY n LIMIT $2`, nil, `DELETE FROM cards WHERE n = $1 AND state <> 'open'`),
	)
}

func (w *sweep) inbox() error {
	return w.rows(&w.out.Inbox, storage.Before(w.now, w.keep.Inbox), `SELECT n, at, done = 1 AND n < (SELECT max(n) FROM deliveries)
		FROM deliveries WHERE n > $1 ORDER BY n LIMIT $2`, nil, `DELETE FROM deliveries WHERE n = $1 AND done = 1`)
}

func (w *sweep) messages() error {
	return w.rows(&w.out.Messages, storage.Before(w.now, w.keep.Messages), `SELECT n, at, NOT EXISTS (SELECT 1 FROM cards c
		WHERE c.ref = messages.id AND c.state = 'open') AND n < (SELECT max(n) FROM messages)
		AND change < (SELECT max(change) FROM messages) FROM messages WHERE n > $1 ORDER BY n LIMIT $2`, nil,
		`DELETE FROM messages WHERE n = $1`)
}

// keys walks the dedup keys in the order they lie in, and removes the old ones whose run, if any, is over.
func (w *sweep) keys() error {
	before := storage.Before(w.now, w.keep.Keys)
	if before == 0 {
		return nil
	}
	type key struct {
		trigger int64
		key     string
		old     bool
	}
	for last := (key{}); w.ctx.Err() == nil; {
		list, err := all(w.s.reading(w.ctx), `SELECT k.trigger, k.key, k.at < $3 AND (r.number IS NULL OR r.ended > 0 AND r.ended < $3)
			FROM trigger_keys k LEFT JOIN runs r ON r.number = k.run AND k.at < $3
			WHERE (k.trigger, k.key) > ($1, $2) ORDER BY k.trigger, k.key LIMIT 2000`, []any{last.trigger, last.key, before},
			func(row *sql.Rows) (k key, err error) { return k, row.Scan(&k.trigger, &k.key, &k.old) })
		if err != nil || len(list) == 0 {
			return err
		}
		last = list[len(list)-1]
		list = list[:len(list):len(list)]
		sort.SliceStable(list, func(i, j int) bool { return list[i].old && !list[j].old })
		n := sort.Search(len(list), func(i int) bool { return !list[i].old })
		for list = list[:n]; len(list) > 0 && w.ctx.Err() == nil; {
			now := list[:min(len(list), sweepRows)]
			list = list[len(now):]
			err := w.write(func(t *tx) error {
				for _, k := range now {
					if _, err := t.exec(`DELETE FROM trigger_keys WHERE trigger = $1 AND key = $2 AND at < $3`, k.trigger, k.key, before); err != nil {
						return err
					}
				}
				return nil
			})
			if err != nil {
				return err
			}
			w.out.Keys += len(now)
		}
	}
	return nil
}

// touch makes a dedup key young again that is offered once more.
func (t *tx) touch(trigger int64, key string, at, offered int64) error {
	if !storage.Touch(at, offered) {
		return nil
	}
	_, err := t.exec(`UPDATE trigger_keys SET at = $3 WHERE trigger = $1 AND key = $2`, trigger, key, offered)
	return err
}
