package sqlite

import (
	"bytes"
	"context"
	"database/sql"
	"encoding/hex"
	"encoding/json"

	"github.com/bretelle/bretelle/engine"
	"github.com/bretelle/bretelle/engine/local"
	"github.com/bretelle/bretelle/storage/pack"
)

// A row of the journal is known by its run and its first entry. No run has 16 million entries.
const entryBits = 24

func rowID(run, seq int64) int64 { return run<<entryBits | seq }

// What a row of the journal holds at most: reading one entry unpacks its row.
const (
	mostEntries = 64
	mostData    = 32 << 10 // bytes, but for a single entry
)

// journalRow is one row to be, packed before the transaction.
type journalRow struct {
	seq         int64
	heads, data []byte
	blobs       []blobRow
}

type blobRow struct {
	seq  int64
	name any
}

// rows packs entries; large payloads become files. The caller holds blobs.using.
func (s *Store) rows(entries []engine.Entry) ([]journalRow, error) {
	var out []journalRow
	for len(entries) > 0 {
		row := journalRow{seq: entries[0].Seq}
		n, size := 0, 0
		var apart map[int]bool
		for n < len(entries) && n < mostEntries && (n == 0 || size < mostData) {
			if e := &entries[n]; len(e.Data) > inline {
				p, err := s.blobs.keep(e.Data)
				if err != nil {
					return nil, err
				}
				if apart == nil {
					apart = map[int]bool{}
				}
				apart[n] = true
				row.blobs = append(row.blobs, blobRow{e.Seq, p.blob})
			} else {
				size += len(e.Data)
			}
			n++
		}
		row.heads, row.data = pack.Entries(entries[:n], func(i int) bool { return apart[i] })
		out, entries = append(out, row), entries[n:]
	}
	return out, nil
}

func (t *tx) journal(run int64, rows []journalRow) error {
	for _, r := range rows {
		var data any
		if r.data != nil {
			data = r.data
		}
		if _, err := t.exec(`INSERT INTO journal (id, heads, data) VALUES ($1, $2, $3)`, rowID(run, r.seq), r.heads, data); err != nil {
			return err
		}
		for _, b := range r.blobs {
			if _, err := t.exec(`INSERT INTO payloads (run, seq, blob) VALUES ($1, $2, $3)`, run, b.seq, b.name); err != nil {
				return err
			}
		}
	}
	return nil
}

// bare is entry 1 as it is packed: without what the row of the run says already. Its path, which it does not have, is
// the event's id.
func bare(e engine.Entry, a *local.Accepting, it *local.AcceptItem) engine.Entry {
	h := it.Head
	start := eventStart(it.Event)
	if h.Run != it.Run || h.Flow != a.Flow || h.Version != a.Version || e.At != it.Event.At || !bytes.HasPrefix(e.Data, start) {
		return e
	}
	h.Run, h.Number, h.Flow, h.Version = "", 0, "", 0
	head, err := engine.EncodeJSON(h)
	if err != nil {
		return e
	}
	e.Head, e.Path = head, shortID(it.Event.ID)
	e.Data = e.Data[len(start) : len(e.Data)-1]
	return e
}

// eventStart is how the text of an event begins (storage.EncodeEvent), up to its data.
func eventStart(ev engine.Event) []byte {
	b, err := engine.EncodeJSON(struct {
		ID      string `json:"id"`
		Key     string `json:"key"`
		At      int64  `json:"at"`
		Trigger string `json:"trigger"`
	}{ev.ID, ev.Key, ev.At, ev.Trigger})
	if err != nil || ev.ID == "" {
		return []byte{0} // no text begins so
	}
	return append(b[:len(b)-1], `,"data":`...)
}

// whole makes entry 1 again what it was before bare.
func whole(e *engine.Entry, h *engine.RunHead) error {
	if e.Seq != 1 || e.Path == "" {
		return nil
	}
	id := longID(e.Path)
	e.Path = ""
	var head engine.StartHead
	if err := json.Unmarshal(e.Head, &head); err != nil {
		return err
	}
	head.Run, head.Number, head.Flow, head.Version = h.ID, h.Number, h.Flow, h.Version
	var err error
	if e.Head, err = engine.EncodeJSON(head); err != nil || e.Data == nil {
		return err
	}
	start := eventStart(engine.Event{ID: id, Key: h.Key, At: e.At, Trigger: h.Trigger})
	data := make([]byte, 0, len(start)+len(e.Data)+1)
	e.Data = append(append(append(data, start...), e.Data...), '}')
	return nil
}

// shortID makes a UUID its sixteen bytes, behind a mark; what is none stays text, behind another.
func shortID(id string) string {
	if len(id) == 36 && id[8] == '-' && id[13] == '-' && id[18] == '-' && id[23] == '-' {
		b, err := hex.DecodeString(id[:8] + id[9:13] + id[14:18] + id[19:23] + id[24:])
		if err == nil && longID("u"+string(b)) == id {
			return "u" + string(b)
		}
	}
	return "t" + id
}

func longID(short string) string {
	if short[0] != 'u' || len(short) != 17 {
		return short[1:]
	}
	h := hex.EncodeToString([]byte(short[1:]))
	return h[:8] + "-" + h[8:12] + "-" + h[12:16] + "-" + h[16:20] + "-" + h[20:]
}

// Entries reads a part of a journal, with data.
func (s *Store) Entries(ctx context.Context, run string, from int64, n int) ([]engine.Entry, error) {
	out, err := s.entries(ctx, run, max(from, 1), n, true)
	return out, explain(s.dir, "entries", err)
}

// Heads is Entries without the data, which it does not read.
func (s *Store) Heads(ctx context.Context, run string, from int64, n int) ([]engine.Entry, error) {
	out, err := s.entries(ctx, run, max(from, 1), n, false)
	return out, explain(s.dir, "heads", err)
}

func (s *Store) entries(ctx context.Context, run string, from int64, n int, data bool) (out []engine.Entry, err error) {
	var h engine.RunHead
	found, err := one(s.reading(ctx), `SELECT `+headColumns+` FROM runs WHERE id = $1`, []any{run}, headFields(&h)...)
	if err != nil || !found {
		return nil, err
	}
	if h.Number <= s.oldest {
		if out, err = s.oldEntries(ctx, h.Number, from, n, data); err != nil {
			return nil, err
		}
		if n > 0 && len(out) == n {
			return out, nil
		}
		from += int64(len(out))
	}
	next := rowID(h.Number, from)
	var first sql.Null[int64]
	if _, err = one(s.reading(ctx), `SELECT max(id) FROM journal WHERE id > $1 AND id <= $2`, []any{rowID(h.Number, 0), next}, &first); err != nil {
		return nil, err
	}
	if first.Valid {
		next = first.V
	}
	query := `SELECT id, heads, data FROM journal WHERE id >= $1 AND id < $2 ORDER BY id`
	if !data {
		query = `SELECT id, heads, NULL FROM journal WHERE id >= $1 AND id < $2 ORDER BY id`
	}
	var large []int // entries whose data is kept apart: read when no query is open
	err = each(s.reading(ctx), query, []any{next, rowID(h.Number+1, 0)}, func(row *sql.Rows) (bool, error) {
		var id int64
		var heads, packed []byte
		if err := row.Scan(&id, &heads, &packed); err != nil {
			return false, err
		}
		list, err := pack.Unpack(id&(1<<entryBits-1), heads, packed)
		if err != nil {
			return false, damaged(h.Number, err)
		}
		for i := range list {
			u := &list[i]
			if u.Seq < from {
				continue
			}
			if data && u.Apart {
				large = append(large, len(out))
			}
			if out = append(out, u.Entry); n > 0 && len(out) == n {
				return false, nil
			}
		}
		return true, nil
	})
	if err != nil {
		return nil, err
	}
	for _, i := range large {
		if out[i].Data, err = s.apart(ctx, h.Number, out[i].Seq); err != nil {
			return nil, err
		}
	}
	if len(out) > 0 {
		err = whole(&out[0], &h) // entry 1 can only be the first
	}
	if err != nil {
		return nil, err
	}
	return out, nil
}

// apart reads a large payload; nil when it was erased.
func (s *Store) apart(ctx context.Context, run, seq int64) ([]byte, error) {
	var blob string
	found, err := one(s.reading(ctx), `SELECT coalesce(blob, '') FROM payloads WHERE run = $1 AND seq = $2`, []any{run, seq}, &blob)
	if err != nil || !found || blob == "" {
		return nil, err
	}
	return s.blobs.load(nil, blob)
}

// oldEntries reads what versions before the packed journal wrote.
func (s *Store) oldEntries(ctx context.Context, run, from int64, n int, data bool) ([]engine.Entry, error) {
	type stored struct {
		entry engine.Entry
		blob  string
	}
	query := `SELECT e.seq, e.at, e.kind, e.path, e.attempt, e.by, e.format, e.head, p.data,
		coalesce(p.blob, '') FROM entries e LEFT JOIN payloads p ON p.run = e.run AND p.seq = e.seq
		WHERE e.run = $1 AND e.seq >= $2 ORDER BY e.seq LIMIT $3`
	if !data {
		query = `SELECT seq, at, kind, path, attempt, by, format, head, NULL, '' FROM entries
			WHERE run = $1 AND seq >= $2 ORDER BY seq LIMIT $3`
	}
	list, err := all(s.reading(ctx), query, []any{run, from, limit(n)}, func(row *sql.Rows) (o stored, err error) {
		e := &o.entry
		var head, data []byte
		err = row.Scan(&e.Seq, &e.At, &e.Kind, &e.Path, &e.Attempt, &e.By, &e.Format, &head, &data, &o.blob)
		e.Head, e.Data = head, data
		return o, err
	})
	if err != nil {
		return nil, err
	}
	var out []engine.Entry
	for _, o := range list {
		if o.entry.Data, err = s.blobs.load(o.entry.Data, o.blob); err != nil {
			return nil, err
		}
		out = append(out, o.entry)
	}
	return out, nil
}
