package gate_test

import (
	"math/rand/v2"
	"testing"

	"github.com/bretelle/bretelle/engine/gate"
)

// digest is what a store keeps of a digest: what was brought, by whom, and who waits.
type digest struct {
	state  gate.State
	rule   gate.Rule
	wake   int64
	waits  int         // 0: nobody
	items  map[int]int // by who brought them, in numbers
	out    []map[int]int
	orphan bool
}

func (d *digest) op(t testing.TB, op gate.Op) gate.Out {
	before := d.state
	var out gate.Out
	d.state, out = gate.Apply(before, d.rule, op)
	if s, again := gate.Apply(before, d.rule, op); s != d.state || again != out {
		t.Fatal("the same op gave another answer")
	}
	d.wake = out.Wake
	d.orphan = out.Orphan
	return out
}

func (d *digest) goOut(t testing.TB, out gate.Out) {
	if !out.Due {
		return
	}
	if d.waits == 0 {
		t.Fatal("a digest goes out, and nobody waits for it")
	}
	d.out = append(d.out, d.items)
	d.waits, d.items = 0, map[int]int{}
	if !d.state.Idle() {
		t.Fatalf("a digest that went out is %+v", d.state)
	}
}

func (d *digest) count() (n int) {
	for _, k := range d.items {
		n += k
	}
	return n
}

// TestDigest plays random digests: each item goes out once, in time, to somebody who waits, and none is forgotten.
func TestDigest(t *testing.T) {
	for seed := range uint64(3000) {
		r := rand.New(rand.NewPCG(seed, 5))
		d := &digest{items: map[int]int{}, rule: gate.Rule{Kind: gate.Digest, Most: 2 + r.IntN(6)}}
		if r.IntN(3) > 0 {
			d.rule.For = int64(1000 * (1 + r.IntN(5)))
		}
		now, brought, withdrawn := int64(1_000_000), 0, 0
		for who := 1; who < 60; who++ {
			switch now += int64(r.IntN(900)); r.IntN(8) {
			case 0: // the clock goes back
				now -= int64(r.IntN(5000))
			case 1:
				if d.wake > 0 {
					now = max(now, d.wake)
					d.goOut(t, d.op(t, gate.Op{Verb: gate.Tick, At: now}))
				}
				continue
			case 2: // who waits is cancelled
				if d.waits > 0 {
					n := d.items[d.waits]
					delete(d.items, d.waits)
					withdrawn += n
					d.waits = 0
					d.goOut(t, d.op(t, gate.Op{Verb: gate.Quit, At: now, N: n, Size: 10 * n}))
				}
				continue
			}
			n := 1 + r.IntN(3)
			brought += n
			out := d.op(t, gate.Op{Verb: gate.Ask, At: now, N: n, Size: 10 * n})
			d.items[who] = n
			switch {
			case out.Verdict == gate.Waits && d.waits == 0:
				d.waits = who
			case out.Verdict == gate.Joined && d.waits != 0:
			default:
				t.Fatalf("seed %d: %q while %d waits", seed, out.Verdict, d.waits)
			}
			d.goOut(t, out)
			if d.state.Count != d.count() || d.state.Size != 10*d.count() || (d.state.Waiting > 0) != (d.waits > 0) {
				t.Fatalf("seed %d: %+v with %v and %d waiting", seed, d.state, d.items, d.waits)
			}
			if d.count() >= d.rule.Most && d.waits > 0 {
				t.Fatalf("seed %d: it is full and does not go out", seed)
			}
			if d.rule.For > 0 && d.count() > 0 && (d.wake == 0 || d.wake > now+d.rule.For) {
				t.Fatalf("seed %d: nobody looks again at %d before %d", seed, now, d.wake)
			}
		}
		sum := d.count() + withdrawn
		for _, items := range d.out {
			for _, n := range items {
				sum += n
			}
		}
		if sum != brought {
			t.Fatalf("seed %d: %d items came, %d are accounted for", seed, brought, sum)
		}
	}
}

// TestDigestTimes are the turns that chance seldom takes.
func TestDigestTimes(t *testing.T) {
	rule := gate.Rule{Kind: gate.Digest, Most: 100, Due: 5000}
	s, out := gate.Apply(gate.State{}, rule, gate.Op{Verb: gate.Ask, At: 1000, N: 1, Size: 5})
	if out.Verdict != gate.Waits || out.Wake != 5000 {
		t.Fatalf("the first: %+v", out)
	}
	later := rule
	later.Due = 9000 // the flow was changed
	if _, out = gate.Apply(s, later, gate.Op{Verb: gate.Ask, At: 2000, N: 1, Size: 5}); out.Wake != 9000 || out.Due {
		t.Errorf("by a changed time: %+v", out)
	}
	if _, out = gate.Apply(s, later, gate.Op{Verb: gate.Ask, At: 5001, N: 1, Size: 5}); !out.Due {
		t.Errorf("one that comes after its time and before the tick: %+v", out)
	}
	if _, out = gate.Apply(s, rule, gate.Op{Verb: gate.Ask, At: 2000, N: 1, Size: gate.Room}); !out.Due {
		t.Errorf("one that is full: %+v", out)
	}
	two, _ := gate.Apply(s, rule, gate.Op{Verb: gate.Ask, At: 2000, N: 1, Size: 5})
	left, out := gate.Apply(two, rule, gate.Op{Verb: gate.Quit, At: 2500, N: 1, Size: 5})
	if left.Count != 1 || left.Waiting != 0 || out.Wake != 5000 {
		t.Errorf("who waited left: %+v %+v", left, out)
	}
	left, out = gate.Apply(left, rule, gate.Op{Verb: gate.Tick, At: 5000})
	if !out.Orphan || out.Due || out.Wake <= 5000 {
		t.Errorf("due, and nobody waits: %+v", out)
	}
	if _, out = gate.Apply(left, rule, gate.Op{Verb: gate.Ask, At: 6000}); out.Verdict != gate.Waits || !out.Due {
		t.Errorf("one that comes for it: %+v", out)
	}
	if _, out = gate.Apply(gate.State{}, rule, gate.Op{Verb: gate.Ask, At: 6000}); out.Verdict != gate.Refused {
		t.Errorf("one that comes too late: %+v", out)
	}
	back, out := gate.Apply(gate.State{}, rule, gate.Op{Verb: gate.Back, At: 7000, N: 3, Size: 30})
	if back.Count != 3 || out.Wake == 0 || out.Wake > 7000 {
		t.Errorf("what comes back is due at once: %+v %+v", back, out)
	}
	if back.Idle() {
		t.Error("what came back is forgotten")
	}
}
