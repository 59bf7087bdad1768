package storagetest

import (
	"encoding/json"
	"strconv"
	"strings"
	"testing"

	"github.com/bretelle/bretelle/engine"
	"github.com/bretelle/bretelle/engine/local"
)

var acceptTests = map[string]func(*testing.T, Store){
	"a new event becomes a run with entry 1": func(t *testing.T, s Store) {
		ctx := t.Context()
		got := must(s.Accept(ctx, accepting(item("r1", "k1"))))(t)
		same(t, "receipts", got, []engine.Receipt{{Outcome: engine.Accepted, Event: "event-r1", Run: "r1", Number: 1}})
		snap := must(s.Load(ctx, "r1"))(t)
		same(t, "snapshot", snap, local.Snapshot{Seq: 1, Head: engine.RunHead{ID: "r1", Number: 1, Flow: "triage", Version: 3,
			State: engine.RunQueued, Trigger: "webhook.received", Key: "k1", By: "ann", Started: 1000}})
		entries := must(s.Entries(ctx, "r1", 1, 0))(t)
		if len(entries) != 1 {
			t.Fatalf("%d entries, want 1", len(entries))
		}
		var head engine.StartHead
		ok(t, json.Unmarshal(entries[0].Head, &head))
		want := item("r1", "k1").Head
		want.Number = 1
		same(t, "head of entry 1", head, want)
		data := must(engine.DecodeJSON(entries[0].Data))(t)
		same(t, "data of entry 1", data, any(map[string]any{"id": "event-r1", "key": "k1", "at": 1000,
			"trigger": "webhook.received", "data": map[string]any{"body": map[string]any{"id": 9007199254740993, "of": "r1"}}}))
		e := entries[0]
		e.Head, e.Data = nil, nil
		same(t, "entry 1", e, engine.Entry{Seq: 1, At: 1000, Kind: engine.RunStarted, By: "ann", Format: engine.EntryFormat})
	},
	"a key that was seen gives the first receipt": func(t *testing.T, s Store) {
		ctx := t.Context()
		must(s.Accept(ctx, accepting(item("r1", "k1"))))(t)
		got := must(s.Accept(ctx, accepting(item("r2", "k1"), item("r3", "k2"), item("r4", "k2"))))(t)
		same(t, "receipts", got, []engine.Receipt{
			{Outcome: engine.Duplicate, Event: "event-r1", Run: "r1", Number: 1},
			{Outcome: engine.Accepted, Event: "event-r3", Run: "r3", Number: 2},
			{Outcome: engine.Duplicate, Event: "event-r3", Run: "r3", Number: 2}})
		_, err := s.Load(ctx, "r2")
		code(t, err, engine.NotFound)
		other := accepting(item("r5", "k1"))
		other.Trigger = "t2"
		same(t, "same key, other trigger", must(s.Accept(ctx, other))(t)[0].Outcome, engine.Accepted)
		if n := len(must(s.Events(ctx, "triage", 0))(t)); n != 3 {
			t.Fatalf("%d events, want 3: duplicates are not stored", n)
		}
	},
	"a baseline remembers keys and nothing else": func(t *testing.T, s Store) {
		ctx := t.Context()
		old := item("r1", "k1")
		old.Outcome, old.Run = engine.Seen, ""
		a := accepting(old)
		a.Cursor = []byte(`"c1"`)
		same(t, "receipt", must(s.Accept(ctx, a))(t)[0].Outcome, engine.Seen)
		same(t, "events", len(must(s.Events(ctx, "triage", 0))(t)), 0)
		same(t, "cursor", string(must(s.Cursor(ctx, a.Trigger))(t)), `"c1"`)
		got := must(s.Accept(ctx, accepting(item("r1", "k1"), item("r2", "k2"))))(t)
		same(t, "old and new", []engine.Outcome{got[0].Outcome, got[1].Outcome}, []engine.Outcome{engine.Duplicate, engine.Accepted})
	},
	"samples are trimmed by number and age, events are not": func(t *testing.T, s Store) {
		ctx := t.Context()
		for i := range 5 {
			it := item("", "sample:"+string(rune('a'+i)))
			it.Outcome, it.Event.At, it.Event.ID = engine.Sampled, int64(1000+i), "event-"+string(rune('a'+i))
			if i == 4 {
				it.Event.Data = map[string]any{"body": strings.Repeat("x", 100<<10)} // in a blob
			}
			must(s.Accept(ctx, accepting(it)))(t)
			real := item("r"+string(rune('a'+i)), "k"+string(rune('a'+i)))
			must(s.Accept(ctx, accepting(real)))(t)
		}
		ok(t, s.SetAnswer(ctx, "triage", "old", []byte(`1`), "ann", 1002))
		ok(t, s.SetAnswer(ctx, "triage", "new", []byte(`2`), "ann", 1003))
		same(t, "gone", must(s.TrimSamples(ctx, 1003, 3))(t), 3)
		same(t, "answers", must(s.Answers(ctx, "triage"))(t), map[string]json.RawMessage{"new": []byte(`2`)})
		var left []string
		for _, e := range must(s.Events(ctx, "triage", 0))(t) {
			if e.Outcome == engine.Sampled {
				left = append(left, e.Event.ID)
			}
		}
		same(t, "left", left, []string{"event-e", "event-d"})
		same(t, "gone", must(s.TrimSamples(ctx, 2000, 3))(t), 2)
		same(t, "events", len(must(s.Events(ctx, "triage", 0))(t)), 5)
	},
	"a run that may begin is stored with its first steps": func(t *testing.T, s Store) {
		ctx := t.Context()
		begin := func(run, key string) local.AcceptItem {
			it := item(run, key)
			it.Head.Number = s.Number()
			it.First = new(engine.Entry)
			*it.First = must(local.FirstEntry(it))(t)
			c := change(run, 1)
			c.AddTasks, c.StartTask = []engine.Task{task("list", 1, false)}, &local.TaskRef{Path: "list", Attempt: 1}
			it.Start = &c
			return it
		}
		it := begin("r1", "k1")
		same(t, "receipt", must(s.Accept(ctx, accepting(it)))(t)[0], engine.Receipt{Outcome: engine.Accepted, Event: "event-r1", Run: "r1", Number: 1, Begun: true})
		snap := must(s.Load(ctx, "r1"))(t)
		same(t, "run", []any{snap.Head.State, snap.Seq, string(snap.State)}, []any{it.Start.Status, int64(2), "state"})
		same(t, "journal", must(s.Entries(ctx, "r1", 1, 0))(t), []engine.Entry{*it.First, it.Start.Entries[0]})
		same(t, "task", must(s.Tasks(ctx))(t), []local.OpenTask{{Task: task("list", 1, false), Started: true}})
		again := begin("r2", "k1")
		r := must(s.Accept(ctx, accepting(again)))(t)[0]
		same(t, "again", []any{r.Outcome, r.Number, r.Begun}, []any{engine.Duplicate, int64(1), false})
		s.Unused(again.Head.Number)
		same(t, "the next number leaves no gap", started(t, s, "r3").Number, int64(2))
		c := change("r1", 2)
		c.State = nil
		ok(t, s.Commit(ctx, c))
		snap = must(s.Load(ctx, "r1"))(t)
		same(t, "an older snapshot stays", []any{snap.Seq, string(snap.State)}, []any{int64(3), "state"})
	},
	"an empty key is always new": func(t *testing.T, s Store) {
		got := must(s.Accept(t.Context(), accepting(item("r1", ""), item("r2", ""))))(t)
		same(t, "numbers", []int64{got[0].Number, got[1].Number}, []int64{1, 2})
	},
	"what makes no run is kept with its reason": func(t *testing.T, s Store) {
		ctx := t.Context()
		var items []local.AcceptItem
		for _, o := range []engine.Outcome{engine.Skipped, engine.Sampled, engine.Broken, engine.Queued} {
			it := item("r-"+string(o), string(o))
			it.Outcome, it.Reason = o, "because "+string(o)
			items = append(items, it)
		}
		got := must(s.Accept(ctx, accepting(items...)))(t)
		for i, r := range got {
			want := engine.Receipt{Outcome: items[i].Outcome, Event: items[i].Event.ID, Reason: items[i].Reason}
			if r.Outcome == engine.Queued {
				want.Run, want.Number = items[i].Run, 1
			}
			same(t, "receipt", r, want)
		}
		again := must(s.Accept(ctx, accepting(items[0])))(t)[0]
		same(t, "a skipped one again", again, engine.Receipt{Outcome: engine.Duplicate, Event: items[0].Event.ID})
		list := must(s.Events(ctx, "triage", 0))(t)
		if len(list) != 4 {
			t.Fatalf("%d events, want 4", len(list))
		}
		same(t, "newest", list[0], local.StoredEvent{Event: items[3].Event, Flow: "triage", Outcome: engine.Queued,
			Reason: "because queued", Run: "r-queued", Number: 1})
		same(t, "oldest", list[3], local.StoredEvent{Event: items[0].Event, Flow: "triage", Outcome: engine.Skipped,
			Reason: "because skipped"})
		same(t, "limit", len(must(s.Events(ctx, "triage", 2))(t)), 2)
		same(t, "another flow's", len(must(s.Events(ctx, "other", 0))(t)), 0)
	},
	"recent events are read newest first, within some bytes": func(t *testing.T, s Store) {
		ctx := t.Context()
		for i, size := range []int{10, 200_000, 1000, 1000} { // the second is too large for a row
			it := item("r"+strconv.Itoa(i), "key-"+strconv.Itoa(i))
			it.Event.Data = map[string]any{"text": strings.Repeat("x", size)}
			must(s.Accept(ctx, accepting(it)))(t)
		}
		for most, want := range map[int]int{0: 0, 1999: 1, 4000: 2, 150_000: 2, 250_000: 4} {
			list, read := must(s.Recent(ctx, "triage", 0, most))(t), 0
			for _, e := range list {
				if e.Event.Data != nil {
					read++
				}
			}
			same(t, "listed", len(list), 4)
			same(t, "read within "+strconv.Itoa(most), read, want)
			same(t, "the newest are", read < 2 || list[1].Event.Data != nil, true)
		}
		same(t, "limit", len(must(s.Recent(ctx, "triage", 3, 4000))(t)), 3)
	},
	"notices come with new items only, with the run's number": func(t *testing.T, s Store) {
		ctx := t.Context()
		it := item("r1", "k1")
		it.Notices = []engine.Notice{{ID: "n1", Kind: engine.NoticeRemind, Run: "r1"}, {ID: "n2", Kind: engine.NoticeBroken}}
		must(s.Accept(ctx, accepting(it)))(t)
		it.Notices = []engine.Notice{{ID: "n3", Kind: engine.NoticeRemind, Run: "r1"}}
		must(s.Accept(ctx, accepting(it)))(t)
		same(t, "notices", must(s.Undelivered(ctx, 0))(t), []engine.Notice{
			{ID: "n1", Kind: engine.NoticeRemind, Run: "r1", Number: 1}, {ID: "n2", Kind: engine.NoticeBroken}})
	},
	"the cursor goes with the batch": func(t *testing.T, s Store) {
		ctx := t.Context()
		same(t, "before", len(must(s.Cursor(ctx, "t1"))(t)), 0)
		a := accepting(item("r1", "k1"))
		a.Cursor = json.RawMessage(`{"after":7}`)
		must(s.Accept(ctx, a))(t)
		must(s.Accept(ctx, accepting(item("r2", "k2"))))(t)
		same(t, "cursor", string(must(s.Cursor(ctx, "t1"))(t)), `{"after":7}`)
		a = local.Accepting{Trigger: "t1", Flow: "triage", Cursor: json.RawMessage(`8`)}
		same(t, "no items", len(must(s.Accept(ctx, a))(t)), 0)
		same(t, "cursor alone", string(must(s.Cursor(ctx, "t1"))(t)), `8`)
	},
	"a batch is stored whole or not at all": func(t *testing.T, s Store) {
		ctx := t.Context()
		started(t, s, "r1")
		a := accepting(item("r2", "k2"), item("r1", "k3"))
		a.Cursor = json.RawMessage(`1`)
		_, err := s.Accept(ctx, a)
		code(t, err, engine.Conflict)
		_, err = s.Load(ctx, "r2")
		code(t, err, engine.NotFound)
		same(t, "cursor", len(must(s.Cursor(ctx, "t1"))(t)), 0)
		bad := accepting(item("r3", "k3"))
		bad.Items[0].Event.Data["body"] = func() {}
		_, err = s.Accept(ctx, bad)
		code(t, err, engine.Invalid)
		same(t, "the next number leaves no gap", started(t, s, "r4").Number, int64(2))
	},
	"large and odd payloads come back as they were": func(t *testing.T, s Store) {
		ctx := t.Context()
		big := strings.Repeat("läge <&> \u2028 ", 40_000)
		it, skipped := item("r1", "k1"), item("r2", "k2")
		it.Event.Data = map[string]any{"body": big, "n": "123456789012345678901234567890", "f": 0.5, "b": true, "nil": nil,
			"list": []any{1, "a"}}
		skipped.Outcome, skipped.Event.Data = engine.Skipped, it.Event.Data
		must(s.Accept(ctx, accepting(it, skipped)))(t)
		for _, e := range must(s.Events(ctx, "triage", 0))(t) {
			same(t, "data", e.Event.Data, it.Event.Data)
		}
		c := change("r1", 1)
		c.Entries[0].Data = json.RawMessage(`"` + big + `"`)
		ok(t, s.Commit(ctx, c))
		if got := must(s.Entries(ctx, "r1", 2, 1))(t); string(got[0].Data) != `"`+big+`"` {
			t.Fatal("a large payload of a step came back changed")
		}
	},
	"erasing keeps the journal and drops what it said": func(t *testing.T, s Store) {
		ctx := t.Context()
		started(t, s, "r1")
		code(t, s.Erase(ctx, "r1"), engine.Conflict)
		code(t, s.Erase(ctx, "r9"), engine.NotFound)
		c := change("r1", 1)
		c.Status = engine.RunDone
		c.Entries[0].Data = json.RawMessage(`"` + strings.Repeat("x", 100_000) + `"`)
		c.Notices = []engine.Notice{{ID: "n1", Run: "r1", Kind: engine.NoticeEnded, Data: json.RawMessage(`{"a":1}`)}}
		ok(t, s.Commit(ctx, c))
		ok(t, s.Erase(ctx, "r1"))
		list := must(s.Entries(ctx, "r1", 1, 0))(t)
		if len(list) != 2 || list[0].Data != nil || list[1].Data != nil || list[1].Head == nil {
			t.Fatalf("after erasing: %s", show(list))
		}
		same(t, "event", must(s.Events(ctx, "triage", 1))(t)[0].Event.Data, map[string]any(nil))
		same(t, "notice", len(must(s.Undelivered(ctx, 1))(t)[0].Data), 0)
	},
}
