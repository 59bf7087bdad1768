package slack

import (
	"context"
	"errors"
	"strconv"
	"sync"
	"testing"
	"time"
)

func TestMemo(t *testing.T) {
	at := time.Unix(1_700_000_000, 0)
	m := newMemo[int](func() time.Time { return at }, 10, time.Minute)
	asked, gate := 0, make(chan struct{})
	ask := func(context.Context) (int, error) { <-gate; asked++; return asked, nil }
	var all sync.WaitGroup
	for range 50 {
		all.Go(func() {
			if v, err := m.get(t.Context(), "k", ask); v != 1 || err != nil {
				t.Errorf("%d %v", v, err)
			}
		})
	}
	close(gate)
	all.Wait()
	if at = at.Add(time.Minute); asked != 1 {
		t.Errorf("asked %d times at once", asked)
	}
	if v, _ := m.get(t.Context(), "k", ask); v != 1 {
		t.Error("forgotten too early")
	}
	at = at.Add(time.Second)
	broken := func(context.Context) (int, error) {
		if v, _, ok := m.last("k"); !ok || v != 1 {
			t.Error("while it is asked anew nothing is known")
		}
		return 0, errors.New("no")
	}
	if _, err := m.get(t.Context(), "k", broken); err == nil {
		t.Error("an old answer counts")
	}
	if v, when, ok := m.last("k"); !ok || v != 1 || at.Sub(when) <= time.Minute {
		t.Errorf("the old answer is gone: %d %v", v, ok)
	}
	for i := range 30 {
		m.put("x"+strconv.Itoa(i), i)
	}
	if len(m.have) > 10 {
		t.Errorf("%d are remembered", len(m.have))
	}
	// Who asked gave up: the next one asks.
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	waits := func(ctx context.Context) (int, error) { return 0, ctx.Err() }
	if _, err := m.get(ctx, "new", waits); !errors.Is(err, context.Canceled) {
		t.Error(err)
	}
	if v, err := m.get(t.Context(), "new", func(context.Context) (int, error) { return 7, nil }); v != 7 || err != nil {
		t.Error(v, err)
	}
	m.forget("new")
	if _, _, ok := m.last("new"); ok {
		t.Error("not forgotten")
	}
}
