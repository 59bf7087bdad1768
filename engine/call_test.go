package engine_test

import (
	"testing"
	"time"

	"github.com/bretelle/bretelle/engine"
)

// An id tells when it was made, to the millisecond; what is no id of ours tells nothing.
func TestIDTime(t *testing.T) {
	at := time.UnixMilli(1_790_000_000_123)
	for id, want := range map[string]int64{
		engine.NewID(at): 1_790_000_000_123, engine.IDFrom(1_790_000_000_123, "x"): 1_790_000_000_123,
		"": 0, "run": 0, "zzzzzzzz-zzzz-7000-8000-000000000000": 0,
	} {
		if got := engine.IDTime(id); got != want {
			t.Errorf("%q was made at %d, and reads as %d", id, want, got)
		}
	}
}
