package sqlite

import (
	"context"
	"database/sql"
	"encoding/json"

	"github.com/bretelle/bretelle/engine"
	"github.com/bretelle/bretelle/engine/flows"
	"github.com/bretelle/bretelle/storage"
)

const flowColumns = `f.name, f.title, f.state, f.live, f.place, f.thread, f.owner, f.trigger, f.changed, f.draft, f.draft_rev,
	f.draft_by, f.draft_at, f.draft_base, coalesce(v.source, ''), coalesce(v.by, ''), coalesce(v.at, 0), coalesce(v.contracts, '{}')
	FROM flows f LEFT JOIN versions v ON v.flow = f.name AND v.number = f.live`

func scanFlow(row interface{ Scan(...any) error }) (f flows.Stored, err error) {
	var where, thread string
	var contracts []byte
	h, v := &f.Head, flows.Version{}
	if err = row.Scan(&h.Name, &h.Title, &h.State, &h.Live, &where, &thread, &h.Owner, &h.Trigger, &h.Changed, &f.Draft,
		&f.DraftRev, &f.DraftBy, &f.DraftAt, &f.DraftBase, &v.Source, &v.By, &v.At, &contracts); err != nil {
		return f, err
	}
	h.Place, h.Draft = placed(where, thread), f.DraftRev > 0
	if h.Live > 0 {
		v.Flow, v.Number = h.Name, h.Live
		if err = json.Unmarshal(contracts, &v.Contracts); err != nil {
			return f, err
		}
		f.Live = &v
	}
	return f, nil
}

// Flows reads every flow, by name.
func (s *Store) Flows(ctx context.Context) ([]flows.Stored, error) {
	out, err := all(s.reading(ctx), `SELECT `+flowColumns+` ORDER BY f.name`, nil,
		func(row *sql.Rows) (flows.Stored, error) { return scanFlow(row) })
	return out, explain(s.dir, "flows", err)
}

func (t *tx) flow(name string) (f flows.Stored, found bool, err error) {
	list, err := all(t, `SELECT `+flowColumns+` WHERE f.name = $1`, []any{name},
		func(row *sql.Rows) (flows.Stored, error) { return scanFlow(row) })
	if err != nil || len(list) == 0 {
		return f, false, err
	}
	return list[0], true, nil
}

// SaveDraft makes or replaces the draft of a flow.
func (s *Store) SaveDraft(ctx context.Context, d flows.Draft, base int64) (out flows.Stored, err error) {
	err = s.write(ctx, "draft", func(t *tx) error {
		old, found, err := t.flow(d.Head.Name)
		if err != nil {
			return err
		}
		if base >= 0 && base != old.DraftRev {
			return storage.DraftMoved(d.Head.Name)
		}
		var head *engine.FlowHead
		if found {
			head = &old.Head
		}
		h := storage.Drafted(head, d)
		where, thread := place(h.Place)
		if _, err = t.changeFlow(`INSERT INTO flows (name, title, state, live, place, thread, owner, trigger, changed, draft,
			draft_rev, draft_by, draft_at, draft_base, revision) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, 1, $11, $12, 0, 1)
			ON CONFLICT (name) DO UPDATE SET title = excluded.title, place = excluded.place, thread = excluded.thread,
			trigger = excluded.trigger, changed = excluded.changed, draft = excluded.draft, draft_by = excluded.draft_by,
			draft_at = excluded.draft_at, draft_base = CASE WHEN flows.draft_rev = 0 THEN flows.live ELSE flows.draft_base END,
			revision = flows.revision + 1, draft_rev = flows.revision + 1`, h.Name, h.Title, string(h.State), h.Live, where,
			thread, h.Owner, h.Trigger, h.Changed, string(d.Source), d.By, d.At); err != nil {
			return err
		}
		out, _, err = t.flow(h.Name)
		return err
	})
	return out, err
}

// Publish makes the draft the next version.
func (s *Store) Publish(ctx context.Context, p flows.Publishing) (out flows.Stored, err error) {
	contracts := p.Contracts
	if contracts == nil {
		contracts = map[string]string{}
	}
	pinned, err := encode(contracts)
	if err != nil {
		return out, err
	}
	err = s.write(ctx, "publish", func(t *tx) error {
		old, found, err := t.flow(p.Name)
		switch {
		case err != nil:
			return err
		case !found:
			return storage.NoFlow(p.Name)
		case p.Source != nil && old.Head.Live != p.Rev:
			return storage.LiveMoved(p.Name)
		case p.Source == nil && (old.DraftRev == 0 || old.DraftRev != p.Rev):
			return storage.DraftMoved(p.Name)
		}
		h, source := storage.Published(old.Head, p), old.Draft
		if p.Source != nil {
			source = p.Source
		}
		if _, err = t.exec(`INSERT INTO versions (flow, number, source, by, at, contracts) VALUES ($1, $2, $3, $4, $5, $6)`,
			p.Name, h.Live, string(source), p.By, p.At, pinned); err != nil {
			return err
		}
		where, thread := place(h.Place)
		if _, err = t.changeFlow(`UPDATE flows SET title = $2, state = $3, live = $4, place = $5, thread = $6, trigger = $7,
			changed = $8 WHERE name = $1`, p.Name, h.Title, string(h.State), h.Live,
			where, thread, h.Trigger, h.Changed); err != nil {
			return err
		}
		if p.Source == nil {
			if err = t.dropDraft(p.Name); err != nil {
				return err
			}
		}
		if err = t.audit([]engine.AuditEntry{storage.PublishAudit(p, h.Live)}); err != nil {
			return err
		}
		if err = t.raise(p.Notices); err != nil {
			return err
		}
		out, _, err = t.flow(p.Name)
		return err
	})
	return out, err
}

// SetState pauses, resumes or retires a flow. Its queued runs are held or let go with it.
func (s *Store) SetState(ctx context.Context, c flows.StateChange) (out flows.Stored, err error) {
	err = s.write(ctx, "state", func(t *tx) error {
		n, err := t.changeFlow(`UPDATE flows SET state = $2, changed = $3 WHERE name = $1`, c.Name, string(c.State), c.At)
		if err != nil {
			return err
		}
		if n == 0 {
			return storage.NoFlow(c.Name)
		}
		ready := 1
		if c.State == engine.FlowPaused {
			ready = 0
		}
		if _, err = t.exec(`UPDATE runs SET ready = $2 WHERE flow = $1 AND ended = 0 AND status = 'queued' AND ready <> $2
			AND gated < 2`,
			c.Name, ready); err != nil {
			return err
		}
		if err = t.audit([]engine.AuditEntry{storage.StateAudit(c)}); err != nil {
			return err
		}
		if err = t.raise(c.Notices); err != nil {
			return err
		}
		out, _, err = t.flow(c.Name)
		return err
	})
	return out, err
}

// Version reads one version.
func (s *Store) Version(ctx context.Context, name string, version int64) (flows.Version, error) {
	v := flows.Version{Flow: name, Number: version}
	var contracts []byte
	found, err := one(s.reading(ctx), `SELECT source, by, at, contracts FROM versions WHERE flow = $1 AND number = $2`,
		[]any{name, version}, &v.Source, &v.By, &v.At, &contracts)
	switch {
	case err == nil && !found:
		err = storage.NoVersion(name, version)
	case err == nil:
		err = json.Unmarshal(contracts, &v.Contracts)
	}
	if err != nil {
		return flows.Version{}, explain(s.dir, "version", err)
	}
	return v, nil
}

func (t *tx) dropDraft(name string) error {
	_, err := t.exec(`UPDATE flows SET draft = NULL, draft_rev = 0, draft_by = '', draft_at = 0, draft_base = 0 WHERE name = $1`, name)
	return err
}

// DropDraft forgets a draft; a flow that was never published goes with it.
func (s *Store) DropDraft(ctx context.Context, name string, rev int64, by string, at int64) error {
	return s.write(ctx, "discard", func(t *tx) error {
		old, found, err := t.flow(name)
		switch {
		case err != nil:
			return err
		case !found:
			return storage.NoFlow(name)
		case old.DraftRev == 0 || old.DraftRev != rev:
			return storage.DraftMoved(name)
		case old.Head.Live > 0:
			err = t.dropDraft(name)
		default:
			if _, err = t.exec(`DELETE FROM answers WHERE flow = $1`, name); err == nil {
				_, err = t.changeFlow(`DELETE FROM flows WHERE name = $1`, name)
			}
		}
		if err != nil {
			return err
		}
		return t.audit([]engine.AuditEntry{storage.DiscardAudit(name, by, at)})
	})
}

// Versions lists every version without its text, newest first.
func (s *Store) Versions(ctx context.Context, name string) ([]flows.Version, error) {
	out, err := all(s.reading(ctx), `SELECT number, by, at FROM versions WHERE flow = $1 ORDER BY number DESC`, []any{name},
		func(row *sql.Rows) (flows.Version, error) {
			v := flows.Version{Flow: name}
			return v, row.Scan(&v.Number, &v.By, &v.At)
		})
	return out, explain(s.dir, "versions", err)
}
