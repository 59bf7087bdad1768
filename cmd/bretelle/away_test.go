package main

import (
	"context"
	"slices"
	"strconv"
	"testing"
	"time"

	"github.com/bretelle/bretelle/engine"
	"github.com/bretelle/bretelle/engine/local"
	"github.com/bretelle/bretelle/storage/memory"
)

// ranList is a list of runs by state.
type ranList []engine.RunHead

func (l ranList) Runs(_ context.Context, q local.RunQuery) ([]engine.RunHead, error) {
	var out []engine.RunHead
	for _, r := range l {
		if len(q.States) == 0 || slices.Contains(q.States, r.State) {
			out = append(out, r)
		}
	}
	return out, nil
}

// TestAway: people hear of an absence that was long enough to matter, and of what was left open in it.
func TestAway(t *testing.T) {
	now := time.UnixMilli(1_800_000_000_000)
	runs := ranList{{Number: 16, State: engine.RunUnknown}, {Number: 15, State: engine.RunRunning}, {Number: 14, State: engine.RunQueued}, {Number: 13, State: engine.RunDone}}
	for name, c := range map[string]struct {
		off  time.Duration // 0: never ran
		runs ranList
		ok   bool
	}{
		"first start":      {0, runs, false},
		"a short restart":  {2 * time.Minute, runs, false},
		"half an hour":     {30 * time.Minute, runs, true},
		"nothing ever ran": {30 * time.Minute, nil, false},
	} {
		t.Run(name, func(t *testing.T) {
			s := memory.New()
			if c.off > 0 {
				if err := s.SetSetting(t.Context(), aliveSetting, strconv.FormatInt(now.Add(-c.off).UnixMilli(), 10)); err != nil {
					t.Fatal(err)
				}
			}
			d, ok, err := away(t.Context(), s, c.runs, now)
			if err != nil || ok != c.ok {
				t.Fatalf("away: %v %v, wanted %v", ok, err, c.ok)
			}
			if ok && (d.Continued != 2 || !slices.Equal(d.Open, []int64{16}) || d.To-d.From != c.off.Milliseconds()) {
				t.Errorf("away gives %+v", d)
			}
		})
	}
}
