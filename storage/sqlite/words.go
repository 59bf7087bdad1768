package sqlite

import (
	"bytes"
	"context"
	"database/sql"
	"strings"

	"github.com/bretelle/bretelle/engine"
	"github.com/bretelle/bretelle/storage"
	"github.com/bretelle/bretelle/storage/pack"
)

// wordsBatch is how many runs one transaction makes findable.
const wordsBatch = 200

// wordsMost is how many runs a search looks at after their words fit: with a flow or a state beside them, runs further
// back are not found.
const wordsMost = 20_000

// Index makes runs findable by their words, oldest first, at most so many (≤ 0: all). It says how many it did; none
// are left when that is less. It is not done when a run is stored, where it would cost every run some time of the
// writer, but soon after.
func (s *Store) Index(ctx context.Context, most int) (done int, err error) {
	s.words.Lock()
	defer s.words.Unlock()
	for ctx.Err() == nil && (most <= 0 || done < most) {
		n, err := s.index(ctx)
		done += n
		if err != nil || n < wordsBatch {
			return done, explain(s.dir, "words", err)
		}
	}
	return done, nil
}

func (s *Store) index(ctx context.Context) (int, error) {
	var from int64
	if _, err := one(s.reading(ctx), `SELECT upto FROM sweeps WHERE class = 'words' AND flow = ''`, nil, &from); err != nil {
		return 0, err
	}
	// Read and worked out before the transaction, which only writes. A run whose payloads go meanwhile is not in the
	// index yet, and is left out by the condition below.
	list, err := s.wordsOf(s.reading(ctx), `r.number > $1 ORDER BY r.number LIMIT $2`, from, wordsBatch)
	if err != nil || len(list) == 0 {
		return 0, err
	}
	return len(list), s.write(ctx, "words", func(t *tx) error {
		for _, w := range list {
			if w.words == "" {
				continue
			}
			if _, err := t.exec(`INSERT INTO run_words (rowid, words) SELECT $1, $2 WHERE EXISTS
				(SELECT 1 FROM payloads WHERE run = $1 AND seq = 1 UNION ALL SELECT 1 FROM journal WHERE id = $1 << 24 | 1 AND data IS NOT NULL)`, w.number, w.words); err != nil {
				return err
			}
		}
		_, err := t.exec(`INSERT INTO sweeps (class, flow, upto) VALUES ('words', '', $1)
			ON CONFLICT (class, flow) DO UPDATE SET upto = excluded.upto`, list[len(list)-1].number)
		return err
	})
}

// worded is a run and its words; none when its event is gone.
type worded struct {
	number int64
	words  string
}

func (s *Store) wordsOf(from source, where string, args ...any) ([]worded, error) {
	return all(from, `SELECT r.number, r.key, r.trigger, p.data, coalesce(p.blob, ''), p.run IS NOT NULL, j.heads, j.data FROM runs r
		LEFT JOIN payloads p ON p.run = r.number AND p.seq = 1 LEFT JOIN journal j ON j.id = r.number << 24 | 1 WHERE `+where, args,
		func(row *sql.Rows) (w worded, err error) {
			h := engine.RunHead{}
			var blob string
			var raw, heads, said sql.RawBytes
			var there bool
			if err = row.Scan(&h.Number, &h.Key, &h.Trigger, &raw, &blob, &there, &heads, &said); err != nil {
				return w, err
			}
			w.number = h.Number
			data := bytes.Clone(raw)
			if said != nil && !there {
				there = true
				list, err := pack.Unpack(1, heads, said)
				if err != nil || len(list) == 0 || whole(&list[0].Entry, &h) != nil {
					return w, nil // damaged: it is not found by its words, and keeps no other from being found
				}
				data = bytes.Clone(list[0].Data)
			}
			if !there {
				return w, nil
			}
			if blob != "" {
				data = nil // what is that large is not looked up by its words
			}
			w.words = strings.Join(storage.Words(h.Key, data), " ")
			return w, nil
		})
}

// unword takes a run's words out of the index, before its payloads go.
func (t *tx) unword(number int64) error {
	var upto int64
	if _, err := one(t, `SELECT upto FROM sweeps WHERE class = 'words' AND flow = ''`, nil, &upto); err != nil || number > upto {
		return err
	}
	list, err := t.w.store.wordsOf(t, `r.number = $1`, number)
	if err != nil || len(list) == 0 || list[0].words == "" {
		return err
	}
	_, err = t.exec(`INSERT INTO run_words (run_words, rowid, words) VALUES ('delete', $1, $2)`, number, list[0].words)
	return err
}

// match is the full-text query for a search; "" finds nothing: it has no words.
func match(text string) string {
	var parts []string
	for _, w := range storage.Seek(text) {
		part := `"` + w.Word + `"`
		if w.Open {
			part += "*"
		}
		parts = append(parts, part)
	}
	return strings.Join(parts, " AND ")
}
