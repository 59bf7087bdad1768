package gate_test

import (
	"math/rand"
	"testing"

	"github.com/bretelle/bretelle/engine/gate"
)

// budget plays a rate that people are asked about, with the leases a store would keep.
type budget struct {
	t      *testing.T
	rule   gate.Rule
	state  gate.State
	leases []int64 // when each ends
	asks   []int64 // when who waits came
	wake   int64
	open   int64 // the question that people see
}

func (b *budget) do(op gate.Op) gate.Out {
	if op.Asked != b.state.Asked && op.Verb != gate.Ask && op.Verb != gate.Tick && op.Verb != gate.Quit {
		s, out := gate.Apply(b.state, b.rule, op)
		if s != b.state || out.Said != gate.Stale {
			b.t.Fatalf("a late answer changed %+v to %+v", b.state, s)
		}
		return out
	}
	var left []int64
	for _, until := range b.leases {
		if until <= op.At {
			op.Over++
		} else if left = append(left, until); op.Next == 0 || until < op.Next {
			op.Next = until
		}
	}
	b.leases = left
	s, out := gate.Apply(b.state, b.rule, op)
	b.state, b.wake = s, out.Wake
	n := out.Admit
	if out.Verdict == gate.Through {
		n++
	}
	if out.Verdict == gate.Waits {
		b.asks = append(b.asks, op.At)
	}
	if op.Verb == gate.Quit {
		b.asks = b.asks[op.N:]
	}
	b.asks = b.asks[out.Admit+out.Refuse:]
	for range n {
		b.leases = append(b.leases, op.At+b.rule.Per)
	}
	if op.Verb != gate.Let && n > 0 && len(b.leases) > b.rule.Most+b.state.Extra {
		b.t.Fatalf("%s at %d lets %d through where %d and %d more may be", op.Verb, op.At, len(b.leases), b.rule.Most, b.state.Extra)
	}
	if len(b.asks) != b.state.Waiting {
		b.t.Fatalf("%d wait, the state says %d", len(b.asks), b.state.Waiting)
	}
	switch out.Said {
	case gate.Crowd:
		if b.open != 0 && b.open != out.Asked {
			b.t.Fatalf("a second question %d while %d is open", out.Asked, b.open)
		}
		b.open = out.Asked
	case gate.Calm, gate.Decided:
		if out.Asked != b.open {
			b.t.Fatalf("question %d is over, but %d is open", out.Asked, b.open)
		}
		b.open = 0
	}
	return out
}

func TestBudgetLetsNoMoreThroughThanPeopleSaidAndIsNeverStuck(t *testing.T) {
	for seed := range int64(3000) {
		r := rand.New(rand.NewSource(seed))
		b := &budget{t: t, rule: gate.Rule{Kind: gate.Rate, Most: r.Intn(4), Per: 1000, Say: true}}
		at, asked := int64(1), []int64(nil)
		for range 200 {
			at += r.Int63n(200)
			for b.wake > 0 && b.wake <= at {
				b.do(gate.Op{Verb: gate.Tick, At: b.wake})
			}
			if b.state.Waiting > 0 && b.open == 0 {
				t.Fatalf("seed %d: %d wait, and nobody is asked", seed, b.state.Waiting)
			}
			if b.open != 0 {
				asked = append(asked, b.open)
			}
			switch v := r.Intn(12); {
			case v < 7:
				b.do(gate.Op{Verb: gate.Ask, At: at})
			case v == 7 && b.state.Waiting > 0:
				b.do(gate.Op{Verb: gate.Quit, N: 1, At: at})
			case v > 7 && len(asked) > 0:
				verb := []gate.Verb{gate.Let, gate.Raise, gate.Stop}[r.Intn(3)]
				q := asked[r.Intn(len(asked))]
				stale := q != b.open
				if out := b.do(gate.Op{Verb: verb, N: 1 + r.Intn(4), At: at, Asked: q}); (out.Said == gate.Stale) != stale {
					t.Fatalf("seed %d: an answer to %d while %d is open: %q", seed, q, b.open, out.Said)
				}
			}
		}
		if b.rule.Most == 0 {
			continue
		}
		for range 1000 {
			if b.wake == 0 {
				break
			}
			at = max(at, b.wake)
			b.do(gate.Op{Verb: gate.Tick, At: at})
		}
		if b.state.Waiting > 0 || b.open != 0 || !b.state.Idle() {
			t.Fatalf("seed %d: in the end %+v", seed, b.state)
		}
	}
}

func TestALineIsToldOfAsOftenAsItDoubles(t *testing.T) {
	b := &budget{t: t, rule: gate.Rule{Kind: gate.Rate, Per: 1, Say: true}}
	told := 0
	for i := range 1000 {
		b.do(gate.Op{Verb: gate.Ask, At: int64(i + 1)})
		if b.wake > 0 && b.do(gate.Op{Verb: gate.Tick, At: b.wake}).Said == gate.Crowd {
			told++
		}
	}
	if told != 10 {
		t.Errorf("a line of a thousand is told of %d times", told)
	}
}
