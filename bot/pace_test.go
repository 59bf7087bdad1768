package bot

import (
	"math/rand/v2"
	"testing"
	"time"
)

// Whatever comes when, a bucket never lets more go than its rate allows, in any stretch of time, never before it is
// unblocked, and nothing waits longer than it must.
func TestBucketKeepsItsRate(t *testing.T) {
	for seed := range uint64(200) {
		r := rand.New(rand.NewPCG(seed, 1))
		b := bucket{rate: Rate{Every: time.Duration(1+r.IntN(3000)) * time.Millisecond, Burst: r.IntN(6)}}
		every, burst := b.rate.Every.Milliseconds(), max(b.rate.Burst, 1)
		now, blocked := int64(1_800_000_000_000), int64(0)
		var went []int64
		for range 200 {
			if r.IntN(4) == 0 {
				now += r.Int64N(5 * every)
			}
			if r.IntN(20) == 0 {
				blocked = max(blocked, now+r.Int64N(10_000))
				b.block(blocked)
			}
			at := b.next(now)
			if at < now || at < blocked {
				t.Fatalf("seed %d: it goes at %d, asked at %d, blocked until %d", seed, at, now, blocked)
			}
			if at > now && at != blocked && at > went[len(went)-1]+every {
				t.Fatalf("seed %d: it waits until %d though the last went at %d", seed, at, went[len(went)-1])
			}
			now = at
			b.take(now)
			went = append(went, now)
		}
		for i := range went {
			for j := i; j < len(went); j++ {
				if n, most := j-i+1, int64(burst)+(went[j]-went[i])/every; int64(n) > most {
					t.Fatalf("seed %d: %d messages in %d ms, %d are allowed", seed, n, went[j]-went[i], most)
				}
			}
		}
	}
}

func TestNoRateLetsEverythingGo(t *testing.T) {
	var b bucket
	for range 1000 {
		if at := b.next(5); at != 5 {
			t.Fatalf("it waits until %d", at)
		}
		b.take(5)
	}
}
