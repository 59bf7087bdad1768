package sqlite

import (
	"context"
	"database/sql"
	"encoding/json"

	"github.com/bretelle/bretelle/engine"
	"github.com/bretelle/bretelle/engine/local"
	"github.com/bretelle/bretelle/storage"
)

// started is a run that a change begins, made ready to be stored.
type started struct {
	local.Start
	of   local.Accepting
	made accepting
}

// prepareStarts makes the runs that a change begins ready, before the transaction.
func (s *Store) prepareStarts(c *local.Change) ([]started, error) {
	if len(c.Starts) == 0 {
		return nil, nil
	}
	out := make([]started, len(c.Starts))
	for i := range c.Starts {
		st := &c.Starts[i]
		out[i] = started{Start: *st, of: local.Accepting{Trigger: st.Trigger, Flow: st.Flow, Version: st.Version, From: "run:" + c.Run},
			made: accepting{AcceptItem: &st.Item}}
		if err := s.prepare(&out[i].of, &out[i].made); err != nil {
			return nil, explain(s.dir, "commit", err)
		}
	}
	return out, nil
}

// calls stores the runs that a change begins and what it tells other runs.
func (t *tx) calls(number int64, c *local.Change, starts []started) error {
	for i := range starts {
		st := &starts[i]
		r, err := t.accept(&st.of, &st.made)
		if err != nil {
			return err
		}
		if _, err := t.exec(`INSERT INTO calls (child, parent, path) VALUES ($1, $2, $3) ON CONFLICT DO NOTHING`,
			r.Number, number, st.Path); err != nil {
			return err
		}
	}
	if c.TookMail != "" {
		if _, err := t.exec(`DELETE FROM mail WHERE run = $1 AND id = $2`, c.Run, c.TookMail); err != nil {
			return err
		}
	}
	return t.post(c.Mail)
}

func (t *tx) post(mail []local.Mail) error {
	for _, m := range mail {
		if _, err := t.exec(`INSERT INTO mail (run, id, kind, path, head, data, person) VALUES ($1, $2, $3, $4, $5, $6, $7)
			ON CONFLICT (run, id) DO NOTHING`, m.Run, m.ID, string(m.Kind), m.Path, text(m.Head), text(m.Data), m.By); err != nil {
			return err
		}
	}
	return nil
}

// Post stores what several runs are told at once.
func (s *Store) Post(ctx context.Context, mail []local.Mail) error {
	return s.write(ctx, "post", func(t *tx) error { return t.post(mail) })
}

// Mail lists what runs are told and have not taken yet, in the order it was said.
func (s *Store) Mail(ctx context.Context, run string, n int) ([]local.Mail, error) {
	query, args := `SELECT m.run, m.id, m.kind, m.path, m.head, m.data, m.person FROM mail m JOIN runs r ON r.id = m.run`, []any{limit(n)}
	if run != "" {
		query, args = query+` WHERE m.run = $2`, append(args, run)
	}
	out, err := all(s.reading(ctx), query+` ORDER BY m.n LIMIT $1`, args, func(row *sql.Rows) (m local.Mail, err error) {
		var head, data []byte
		err = row.Scan(&m.Run, &m.ID, &m.Kind, &m.Path, &head, &data, &m.By)
		m.Head, m.Data = json.RawMessage(head), json.RawMessage(data)
		return m, err
	})
	return out, explain(s.dir, "mail", err)
}

// Calls lists the runs that steps of a run called, oldest first, by path.
func (s *Store) Calls(ctx context.Context, run string) (map[string][]engine.Callee, error) {
	out := map[string][]engine.Callee{}
	_, err := all(s.reading(ctx), `SELECT c.path, r.id, r.number, r.flow, r.status FROM calls c JOIN runs p ON p.number = c.parent
		JOIN runs r ON r.number = c.child WHERE p.id = $1 ORDER BY c.child LIMIT $2`, []any{run, storage.MostCalls},
		func(row *sql.Rows) (c engine.Callee, err error) {
			var path string
			if err = row.Scan(&path, &c.Run, &c.Number, &c.Flow, &c.State); err == nil {
				out[path] = append(out[path], c)
			}
			return c, err
		})
	return out, explain(s.dir, "calls", err)
}

// Stalled lists runs that are running, wait for no timer of their steps, and whose last entry is older than before.
func (s *Store) Stalled(ctx context.Context, before int64, n int) ([]local.Stalled, error) {
	list, err := all(s.reading(ctx), `SELECT r.id, r.number, r.flow, r.version, r.seq FROM runs r
		WHERE r.ended = 0 AND r.status = 'running' AND r.started < $1
		AND NOT EXISTS (SELECT 1 FROM timers t WHERE t.run = r.number AND t.id NOT LIKE 'limit:%') ORDER BY r.number`,
		[]any{before}, func(row *sql.Rows) (x local.Stalled, err error) {
			err = row.Scan(&x.Run, &x.Number, &x.Flow, &x.Version, &x.Since)
			return x, err
		})
	if err != nil {
		return nil, explain(s.dir, "stalled", err)
	}
	var out []local.Stalled
	for _, x := range list {
		if n > 0 && len(out) == n {
			break
		}
		last, err := s.entries(ctx, x.Run, x.Since, 1, false)
		if err != nil {
			return nil, explain(s.dir, "stalled", err)
		}
		if len(last) == 1 && last[0].At < before {
			x.Since = last[0].At
			out = append(out, x)
		}
	}
	return out, nil
}
