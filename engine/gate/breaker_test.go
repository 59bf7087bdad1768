package gate_test

import (
	"math/rand"
	"strconv"
	"testing"

	"github.com/bretelle/bretelle/engine/gate"
)

// A service is away for a while and many call it: few calls reach it meanwhile, and when it is back all get through.
func TestBreakerSparesAServiceThatIsAwayAndLetsEverybodyThroughAfterwards(t *testing.T) {
	for seed := range int64(300) {
		r := rand.New(rand.NewSource(seed))
		away := 60_000 + r.Int63n(7_200_000)
		var b gate.Breaker
		at, busy, queue, reached, worst, back := int64(1), 0, 500, 0, 0, 0
		for at < away+2*900_000 && queue+busy > 0 {
			at += 100
			for queue > 0 && b.Lets(at, busy) && busy < 32 {
				queue--
				busy++
			}
			for busy > 0 && r.Intn(3) > 0 {
				busy--
				if at < away {
					reached++
					queue++ // it is retried
					b, _ = b.Failed(strconv.Itoa(r.Intn(500)), at, at, gate.Enough)
					continue
				}
				back++
				b, _ = b.Answered()
			}
			if b.Open() {
				worst = max(worst, busy)
			}
		}
		if queue+busy > 0 || b != (gate.Breaker{}) {
			t.Fatalf("seed %d: %d are left, %+v", seed, queue+busy, b)
		}
		if most := gate.Enough + 64 + int(away/900_000) + 6; reached > most {
			t.Errorf("seed %d: %d calls reached it in %d s, at most %d may", seed, reached, away/1000, most)
		}
	}
}

func TestBreakerIsForSeveralRuns(t *testing.T) {
	var b gate.Breaker
	for i := range 20 {
		if b, _ = b.Failed("one", int64(i), int64(i), gate.Enough); b.Open() {
			t.Fatal("one run alone held the others up")
		}
	}
	if b, _ = b.Failed("two", 21, 21, gate.Enough); !b.Open() {
		t.Fatal("20 failures of several runs, and it is not open")
	}
	if b.Lets(22, 0) || !b.Lets(b.Next, 0) || b.Lets(b.Next, 1) {
		t.Error("a probe at Next, and nothing else")
	}
	for _, at := range []int64{23, b.Next, b.Next + 300_000} {
		if late, told := b.Failed("three", 20, at, gate.Enough); late != b || told {
			t.Errorf("a call that began before it opened, and failed at %d, counts as a probe", at)
		}
	}
	since := b.Since
	b, _ = b.Answered()
	if b.Open() || b.Lets(30_100, 1) || !b.Lets(30_100, 0) {
		t.Errorf("after an answer one at a time: %+v", b)
	}
	if late, told := b.Failed("three", 20, 30_150, gate.Enough); late != b || told {
		t.Error("a call that began before it opened counts when it is closed again")
	}
	if b, _ = b.Failed("four", 30_100, 30_200, gate.Enough); b.Since != since || b.Next != 30_200+60_000 {
		t.Errorf("it fails again at once: the same trouble, a longer pause: %+v", b)
	}
}
