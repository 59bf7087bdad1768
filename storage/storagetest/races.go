package storagetest

import (
	"fmt"
	"sync"
	"testing"

	"github.com/bretelle/bretelle/bot"
	"github.com/bretelle/bretelle/engine"
	"github.com/bretelle/bretelle/engine/local"
)

// together runs f(0) … f(n-1) at once and waits for all.
func together(n int, f func(i int)) {
	var begin, end sync.WaitGroup
	begin.Add(1)
	for i := range n {
		end.Go(func() {
			begin.Wait()
			f(i)
		})
	}
	begin.Done()
	end.Wait()
}

var raceTests = map[string]func(*testing.T, Store){
	"one delivery many times makes one run": func(t *testing.T, s Store) {
		ctx := t.Context()
		got := make([]engine.Receipt, 200)
		together(len(got), func(i int) {
			r, err := s.Accept(ctx, accepting(item(fmt.Sprintf("r%d", i), fmt.Sprintf("k%d", i%5))))
			if err != nil {
				t.Error(err)
				return
			}
			got[i] = r[0]
		})
		numbers, fresh := map[int64]string{}, 0
		for _, r := range got {
			if r.Outcome == engine.Accepted {
				fresh++
			}
			if had, ok := numbers[r.Number]; ok && had != r.Run {
				t.Fatalf("run %d is %s and %s", r.Number, had, r.Run)
			}
			numbers[r.Number] = r.Run
		}
		same(t, "new", fresh, 5)
		same(t, "numbers", len(numbers), 5)
		same(t, "runs", len(must(s.Runs(ctx, local.RunQuery{}))(t)), 5)
		same(t, "newest number", must(s.Runs(ctx, local.RunQuery{Limit: 1}))(t)[0].Number, int64(5))
	},
	"of changes at once exactly one wins": func(t *testing.T, s Store) {
		ctx := t.Context()
		for i := range 10 {
			started(t, s, fmt.Sprintf("r%d", i))
		}
		var mu sync.Mutex
		won := map[string]int{}
		together(100, func(i int) {
			run := fmt.Sprintf("r%d", i%10)
			c := change(run, 1)
			c.Entries[0].By = fmt.Sprint(i)
			switch err := s.Commit(ctx, c); engine.CodeOf(err) {
			case "":
				mu.Lock()
				won[run]++
				mu.Unlock()
			case engine.Conflict:
			default:
				t.Error(err)
			}
		})
		for i := range 10 {
			run := fmt.Sprintf("r%d", i)
			same(t, run, won[run], 1)
			same(t, "entries", len(must(s.Entries(ctx, run, 1, 0))(t)), 2)
		}
	},
	"a failing change never harms those beside it": func(t *testing.T, s Store) {
		ctx := t.Context()
		for i := range 60 {
			started(t, s, fmt.Sprintf("r%d", i))
		}
		together(120, func(i int) {
			run := fmt.Sprintf("r%d", i/2)
			if i%2 == 0 {
				if err := s.Commit(ctx, change(run, 1)); err != nil {
					t.Error(err)
				}
				return
			}
			bad := change(run, 40)
			if err := s.Commit(ctx, bad); engine.CodeOf(err) != engine.Conflict {
				t.Errorf("a change that does not fit: %v", err)
			}
		})
		for i := range 60 {
			same(t, "entries", len(must(s.Entries(ctx, fmt.Sprintf("r%d", i), 1, 0))(t)), 2)
		}
	},
	"all doors at once": func(t *testing.T, s Store) {
		ctx := t.Context()
		addPeople(t, s, "ann")
		ok(t, s.PutTicket(ctx, bot.Ticket{Hash: "one", Expires: 10}))
		var mu sync.Mutex
		used, fresh, named := 0, 0, 0
		count := func(n *int, hit bool) {
			if hit {
				mu.Lock()
				*n++
				mu.Unlock()
			}
		}
		together(64, func(i int) {
			_, err := s.UseTicket(ctx, "one", 1)
			count(&used, err == nil)
			f, err := s.Keep(ctx, "slack", "d", nil, 1)
			count(&fresh, f && err == nil)
			count(&named, s.AddPerson(ctx, engine.Person{ID: fmt.Sprint(i), Name: "zoe"}) == nil)
			if err := s.Audit(ctx, engine.AuditEntry{At: int64(i)}); err != nil {
				t.Error(err)
			}
			if _, err := s.PutMessage(ctx, bot.Message{ID: fmt.Sprint(i % 8), Place: triage}); err != nil {
				t.Error(err)
			}
			if _, err := s.Undelivered(ctx, 5); err != nil {
				t.Error(err)
			}
		})
		same(t, "ticket", used, 1)
		same(t, "delivery", fresh, 1)
		same(t, "name", named, 1)
		same(t, "audit", must(s.VerifyAudit(ctx))(t), int64(64))
		changes := map[int64]bool{}
		list := must(s.ChangedSince(ctx, engine.Place{}, 0, 0))(t)
		for _, m := range list {
			changes[m.Change] = true
		}
		same(t, "messages", len(list), 8)
		same(t, "changes are all different", len(changes), 8)
	},
}
