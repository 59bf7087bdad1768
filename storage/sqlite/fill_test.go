package sqlite

import (
	"encoding/base32"
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"testing"

	"github.com/bretelle/bretelle/engine"
	"github.com/bretelle/bretelle/engine/local"
)

// fillBatch is how many runs fill writes in one transaction.
const fillBatch = 2000

// fill makes a database as a bot leaves it after so many runs: five flows, one of them with nine runs in ten, each run
// with six entries, what its event said (and so many bytes more that cannot be squeezed), and a notice that was
// delivered; one in 5,000 failed, one in a thousand cancelled, and so many parked, waiting for a person. It writes with the
// store's own Accept and Commit, many runs in a transaction, so what lies there is what today's version writes.
func fill(t testing.TB, dir string, runs, parked, extra int) {
	t.Helper()
	s, err := Open(t.Context(), Options{Dir: dir})
	if err != nil {
		t.Fatal(err)
	}
	defer func() {
		if err := s.Close(); err != nil {
			t.Error(err)
		}
	}()
	err = s.write(t.Context(), "fill", func(t *tx) error {
		for i := range 5 {
			if _, err := t.exec(`INSERT INTO flows (name, title, state, live, place, thread, owner, trigger, changed, draft_rev, draft_by, revision)
				VALUES ($1, $1, 'live', 1, '', '', '', '', 0, 0, '', 0)`, fmt.Sprint("flow", i)); err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	noise := rand.New(rand.NewPCG(1, 2))
	for n := 1; n <= runs; {
		var list []filled
		for ; n <= runs && len(list) < fillBatch; n++ {
			f, err := s.filled(n, runs/parked, extra, noise)
			if err != nil {
				t.Fatal(err)
			}
			list = append(list, f)
		}
		if err := s.write(t.Context(), "fill", func(t *tx) error {
			for i := range list {
				if err := t.fill(&list[i]); err != nil {
					return err
				}
			}
			return nil
		}); err != nil {
			t.Fatal(err)
		}
	}
}

// filled is one run that fill writes.
type filled struct {
	accepting local.Accepting
	made      accepting
	rest      local.Change
	packed    packed
}

func (s *Store) filled(n, each, extra int, noise *rand.Rand) (f filled, err error) {
	flow := "flow0"
	if n%10 == 0 {
		flow = fmt.Sprint("flow", 1+n/10%4)
	}
	at, status := int64(n)*1000, engine.RunDone
	switch {
	case n%each == 0:
		status = engine.RunWaiting
	case n%5000 == 3:
		status = engine.RunFailed
	case n%1000 == 7:
		status = engine.RunCancelled
	}
	body := map[string]any{"customer": fmt.Sprint("Customer ", n%1000), "mail": fmt.Sprintf("c%d@example.org", n), "total": n % 97}
	if extra > 0 {
		b := make([]byte, extra*5/8)
		for i := range b {
			b[i] = byte(noise.Uint32())
		}
		body["attached"] = base32.StdEncoding.WithPadding(base32.NoPadding).EncodeToString(b) // one word
	}
	run, number := fmt.Sprintf("0190a000-0000-7000-8000-%012d", n), s.Number()
	entry := func(seq, at int64, kind engine.EntryKind, data string) engine.Entry {
		e := engine.Entry{Seq: seq, At: at, Kind: kind, Path: "step", Attempt: 1, Format: engine.EntryFormat}
		if data != "" {
			e.Data = json.RawMessage(data)
		}
		return e
	}
	f.accepting = local.Accepting{Trigger: "t", Flow: flow, Version: 1, From: "webhook", Items: []local.AcceptItem{{
		Event: engine.Event{ID: fmt.Sprintf("0190b000-0000-7000-8000-%012d", n), Key: fmt.Sprint("order-", n), At: at, Trigger: "webhook.received", Data: map[string]any{"body": body}},
		Run:   run, Outcome: engine.Accepted, Head: engine.StartHead{Run: run, Number: number, Flow: flow, Version: 1, Trigger: "t"},
		Start: &local.Change{Run: run, Expect: 1, Status: engine.RunRunning, Entries: []engine.Entry{
			entry(2, at, engine.StepStarted, `{"url":"https://tracker.example.org/tickets"}`), entry(3, at, engine.StepDone, `{"a":1}`), entry(4, at, engine.AttemptStarted, "")}},
	}}}
	f.made.AcceptItem = &f.accepting.Items[0]
	if err := s.prepare(&f.accepting, &f.made); err != nil {
		return f, err
	}
	f.rest = local.Change{Run: run, Expect: 4, Status: status, State: make([]byte, 60), At: at + 40, Entries: []engine.Entry{
		entry(5, at+40, engine.StepDone, `{"status":201}`), entry(6, at+40, engine.RunEnded, "")}}
	if status == engine.RunWaiting {
		f.rest.SetTimers = []local.Timer{{Run: run, ID: "expire", At: 1 << 50}}
	}
	f.packed, err = s.pack(&f.rest, f.rest.Entries)
	return f, err
}

func (t *tx) fill(f *filled) error {
	if _, err := t.accept(&f.accepting, &f.made); err != nil {
		return err
	}
	if err := t.change(&f.rest, &f.packed); err != nil {
		return err
	}
	n := f.made.number
	if f.rest.Status == engine.RunWaiting {
		if _, err := t.exec(`INSERT INTO cards (id, key, place, thread, ref, state, hash, card, updated) VALUES ($1, $1, '', '', $1, 'open', '', '{}', 0)`, fmt.Sprint("card", n)); err != nil {
			return err
		}
	}
	_, err := t.exec(`INSERT INTO notices (id, at, kind, topic, flow, run, number, path, place, thread, data, settled, later, outcome)
		VALUES ($1, $2, 'run.done', '', $3, $4, $5, '', '', '', NULL, $2, 0, 'told')`, fmt.Sprint("n", n), f.rest.At, f.accepting.Flow, f.rest.Run, n)
	return err
}
