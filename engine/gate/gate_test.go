package gate_test

import (
	"encoding/json"
	"math/rand/v2"
	"testing"

	"github.com/bretelle/bretelle/engine/gate"
)

// line is what a store keeps of a gate, in memory: who holds a place, who waits.
type line struct {
	state gate.State
	rule  gate.Rule
	next  int
	hold  []place
	wait  []int
	gone  map[int]bool // refused, or had to give way
	wake  int64
}

type place struct {
	who   int
	until int64
}

func (l *line) op(t testing.TB, verb gate.Verb, at int64, n int) gate.Out {
	op := gate.Op{Verb: verb, At: at, N: n}
	if l.rule.Kind == gate.Rate {
		var left []place
		for _, p := range l.hold {
			if p.until <= at {
				op.Over++
				continue
			}
			left = append(left, p)
			if op.Next == 0 || p.until < op.Next {
				op.Next = p.until
			}
		}
		l.hold = left
	}
	before := l.state
	var out, again gate.Out
	l.state, out = gate.Apply(before, l.rule, op)
	var same gate.State
	if same, again = gate.Apply(before, l.rule, op); same != l.state || again != out {
		t.Fatal("the same op gave another answer")
	}
	l.wake = out.Wake
	return out
}

func (l *line) admit(t testing.TB, out gate.Out, at int64) {
	for range out.Admit {
		if len(l.wait) == 0 {
			t.Fatal("somebody is let through who is not there")
		}
		l.hold, l.wait = append(l.hold, place{l.wait[0], at + l.rule.Per}), l.wait[1:]
	}
}

func (l *line) ask(t testing.TB, at int64) {
	out := l.op(t, gate.Ask, at, 0)
	l.next++
	switch out.Oust {
	case gate.Waiter:
		l.gone[l.wait[0]] = true
		l.wait = l.wait[1:]
	case gate.Holder:
		if len(l.hold) == 0 {
			t.Fatal("nobody holds a place, and is to give it up")
		}
	}
	l.admit(t, out, at)
	switch out.Verdict {
	case gate.Through:
		if len(l.wait) > 0 {
			t.Fatal("one who came later overtook the line")
		}
		l.hold = append(l.hold, place{l.next, at + l.rule.Per})
	case gate.Waits:
		l.wait = append(l.wait, l.next)
	case gate.Refused:
		l.gone[l.next] = true
	}
}

// check holds the line to what a gate promises.
func (l *line) check(t testing.TB, at int64) {
	t.Helper()
	b, err := json.Marshal(l.state)
	if err != nil || len(b) > 200 {
		t.Fatalf("the state has grown to %d bytes (%v)", len(b), err)
	}
	switch {
	case l.state.Held != len(l.hold) || l.state.Waiting != len(l.wait):
		t.Fatalf("the state counts %+v, there are %d through and %d waiting", l.state, len(l.hold), len(l.wait))
	case len(l.hold) > l.rule.Most:
		t.Fatalf("%d are through, %d may be", len(l.hold), l.rule.Most)
	case len(l.wait) > 0 && len(l.hold) < l.rule.Most:
		t.Fatal("there is room, and somebody waits")
	case len(l.hold)+len(l.wait)+len(l.gone) > l.next:
		t.Fatal("somebody is in two places")
	case l.rule.Kind == gate.Rate && len(l.hold) > 0 && l.wake <= at:
		t.Fatalf("nobody is woken: %d at %d", l.wake, at)
	}
}

func drive(t testing.TB, rule gate.Rule, verbs []byte) {
	l := &line{rule: rule, gone: map[int]bool{}}
	at, left := int64(1000), 0
	for _, v := range verbs {
		switch v % 5 {
		case 0, 1:
			l.ask(t, at)
		case 2:
			if len(l.hold) == 0 || rule.Kind == gate.Rate {
				continue
			}
			i := int(v/5) % len(l.hold)
			l.hold = append(l.hold[:i:i], l.hold[i+1:]...)
			left++
			l.admit(t, l.op(t, gate.Leave, at, 1), at)
		case 3:
			if len(l.wait) == 0 {
				continue
			}
			i := int(v/5) % len(l.wait)
			l.wait = append(l.wait[:i:i], l.wait[i+1:]...)
			left++
			l.admit(t, l.op(t, gate.Quit, at, 1), at)
		case 4:
			at += int64(v)
			before := len(l.hold)
			out := l.op(t, gate.Tick, at, 0)
			left += before - len(l.hold)
			l.admit(t, out, at)
		}
		if rule.Kind == gate.Rate {
			l.check(t, at)
			continue
		}
		l.check(t, at)
		if n := len(l.hold) + len(l.wait) + len(l.gone) + left; n != l.next {
			t.Fatalf("%d came, %d are known of", l.next, n)
		}
	}
	for i, w := range l.wait {
		if i > 0 && l.wait[i-1] > w {
			t.Fatal("the line is out of order")
		}
	}
}

func rules() (out []gate.Rule) {
	for _, most := range []int{1, 2, 7} {
		for _, full := range []gate.Full{"", gate.Queue, gate.Drop, gate.Replace, gate.Coalesce} {
			out = append(out, gate.Rule{Kind: gate.Slots, Most: most, Full: full})
		}
		out = append(out, gate.Rule{Kind: gate.Rate, Most: most, Per: 300}, gate.Rule{Kind: gate.Rate, Most: most, Per: 300, Full: gate.Drop})
	}
	return append(out, gate.Rule{Kind: gate.Rate, Most: 0, Per: 300, Full: gate.Drop})
}

// Never more than may be, the first first, nobody lost, nobody waiting while there is room.
func TestPromises(t *testing.T) {
	r := rand.New(rand.NewPCG(1, 2))
	for _, rule := range rules() {
		for range 200 {
			verbs := make([]byte, 60)
			for i := range verbs {
				verbs[i] = byte(r.IntN(256))
			}
			drive(t, rule, verbs)
		}
	}
}

func FuzzPromises(f *testing.F) {
	f.Add(0, []byte{0, 0, 0, 2, 3, 4, 0})
	f.Fuzz(func(t *testing.T, which int, verbs []byte) {
		all := rules()
		drive(t, all[(which%len(all)+len(all))%len(all)], verbs)
	})
}

// In any window of a rate there are at most as many as it says.
func TestRateIsExact(t *testing.T) {
	rule := gate.Rule{Kind: gate.Rate, Most: 3, Per: 100}
	l := &line{rule: rule, gone: map[int]bool{}}
	var through []int64
	for at := int64(1); at < 5000; at++ {
		before := l.next - len(l.wait)
		if at%7 == 0 && at < 700 {
			l.ask(t, at)
		} else if l.wake > 0 && l.wake <= at {
			l.admit(t, l.op(t, gate.Tick, at, 0), at)
		}
		for range l.next - len(l.wait) - before {
			through = append(through, at)
		}
	}
	if len(through) != l.next || len(l.wait) != 0 {
		t.Fatalf("%d came, %d are through", l.next, len(through))
	}
	for i := 3; i < len(through); i++ {
		if through[i]-through[i-3] < rule.Per {
			t.Fatalf("four within %d ms", through[i]-through[i-3])
		}
	}
	if !l.state.Idle() {
		t.Errorf("it is not forgotten: %+v", l.state)
	}
}

func TestGather(t *testing.T) {
	type at struct {
		at   int64
		wake int64
	}
	for name, c := range map[string]struct {
		rule gate.Rule
		asks []at
	}{
		"quiet":                {gate.Rule{Kind: gate.Gather, Quiet: 30}, []at{{100, 130}, {120, 150}, {149, 179}}},
		"quiet, at the latest": {gate.Rule{Kind: gate.Gather, Quiet: 30, For: 50}, []at{{100, 130}, {120, 150}, {149, 150}}},
		"batch":                {gate.Rule{Kind: gate.Gather, For: 50, Most: 3}, []at{{100, 150}, {120, 150}, {121, 121}}},
		"only a number":        {gate.Rule{Kind: gate.Gather, Most: 2}, []at{{100, 0}, {120, 120}}},
	} {
		t.Run(name, func(t *testing.T) {
			var s gate.State
			var out gate.Out
			for _, a := range c.asks {
				if s, out = gate.Apply(s, c.rule, gate.Op{Verb: gate.Ask, At: a.at}); out.Wake != a.wake || out.Verdict != gate.Waits {
					t.Fatalf("at %d: %+v, want wake %d", a.at, out, a.wake)
				}
			}
			if s, out = gate.Apply(s, c.rule, gate.Op{Verb: gate.Quit, At: 500, N: s.Waiting}); !s.Idle() || out.Wake != 0 {
				t.Errorf("all were taken, left are %+v, %+v", s, out)
			}
		})
	}
}

func TestExpect(t *testing.T) {
	r := gate.Rule{Kind: gate.Expect, Most: 2, Per: 100}
	var s gate.State
	var out gate.Out
	step := func(v gate.Verb, at int64) gate.Out {
		s, out = gate.Apply(s, r, gate.Op{Verb: v, At: at})
		return out
	}
	step(gate.Tick, 1000)
	step(gate.Ask, 1010)
	if step(gate.Ask, 1020); out.Wake != 1100 || out.Short || out.Again {
		t.Fatalf("%+v", out)
	}
	if step(gate.Tick, 1100); out.Short || out.Wake != 1200 {
		t.Fatalf("enough came: %+v", out)
	}
	step(gate.Ask, 1150)
	if step(gate.Tick, 1200); !out.Short || out.Had != 1 {
		t.Fatalf("too few came: %+v", out)
	}
	if step(gate.Tick, 1300); out.Short {
		t.Fatal("it is said again for each period")
	}
	step(gate.Ask, 1310)
	if step(gate.Ask, 1320); out.Wake > 1320 {
		t.Fatal("that enough come again is not looked at at once")
	}
	if step(gate.Tick, 1320); !out.Again {
		t.Fatal("that enough come again is not said")
	}
	if step(gate.Tick, 1400); out.Again || out.Short {
		t.Fatalf("it is said twice: %+v", out)
	}
	if step(gate.Tick, 2000); !out.Short || out.Wake != 2100 {
		t.Fatalf("nobody looked for long, and nothing came: %+v", out)
	}
}

// A window that was made shorter by a new version of the flow: places taken in the old one stay taken until their time is
// over, and the gate is woken then and not before, over and over.
func TestRateIsWokenLaterWhenItsWindowWasShortened(t *testing.T) {
	for _, most := range []int{2, 5} {
		l := &line{rule: gate.Rule{Kind: gate.Rate, Most: most, Per: 3_600_000}, gone: map[int]bool{}}
		l.ask(t, 1000)
		l.rule.Per = 60_000
		l.ask(t, 2000)
		at := int64(2000)
		for n := 0; l.wake > 0; n++ {
			if l.wake <= at || n > 4 {
				t.Fatalf("at %d it is woken at %d, the %d. time", at, l.wake, n)
			}
			at = l.wake
			l.admit(t, l.op(t, gate.Tick, at, 0), at)
			l.check(t, at)
		}
		if !l.state.Idle() || at < 3_601_000 {
			t.Errorf("it is over at %d with %+v", at, l.state)
		}
	}
}
