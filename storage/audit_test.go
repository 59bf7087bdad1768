package storage_test

import (
	"encoding/hex"
	"testing"

	"github.com/bretelle/bretelle/engine"
	"github.com/bretelle/bretelle/storage"
)

func TestAuditHash(t *testing.T) {
	prev := make([]byte, 32)
	e := engine.AuditEntry{At: 1700000000000, Actor: "ann", What: "flow.published", Object: "flow/a@1", Detail: "d"}
	first := hex.EncodeToString(storage.AuditHash(prev, 2, e))
	// Chains that were written must verify for ever: this value never changes.
	if want := "dfe7000dda0cad32657ffac92125323cf305b5f96a0842fa879b8d33ed798b61"; first != want {
		t.Errorf("hash is %s, want %s", first, want)
	}
	other := make([]byte, 32)
	other[31] = 1
	seen := map[string]string{"as it was": first}
	for what, hash := range map[string][]byte{
		"another hash before": storage.AuditHash(other, 2, e),
		"no hash before":      storage.AuditHash(nil, 2, e),
		"another row":         storage.AuditHash(prev, 3, e),
		"another time":        storage.AuditHash(prev, 2, engine.AuditEntry{At: e.At + 1, Actor: e.Actor, What: e.What, Object: e.Object, Detail: e.Detail}),
		"text moved over":     storage.AuditHash(prev, 2, engine.AuditEntry{At: e.At, Actor: "annf", What: "low.published", Object: e.Object, Detail: e.Detail}),
		"another detail":      storage.AuditHash(prev, 2, engine.AuditEntry{At: e.At, Actor: e.Actor, What: e.What, Object: e.Object}),
	} {
		for had, h := range seen {
			if h == hex.EncodeToString(hash) {
				t.Errorf("%s and %s give the same hash", what, had)
			}
		}
		seen[what] = hex.EncodeToString(hash)
	}
}

func TestWithin(t *testing.T) {
	channel := engine.Place{Surface: "slack", Workspace: "T1", Channel: "#a"}
	thread := channel
	thread.Thread = "1.2"
	for _, c := range []struct {
		place, filter engine.Place
		want          bool
	}{
		{channel, engine.Place{}, true},
		{thread, channel, true},
		{channel, thread, false},
		{thread, thread, true},
		{engine.Place{Channel: "#a"}, engine.Place{Surface: "console", Channel: "#a"}, true},
		{channel, engine.Place{Surface: "slack", Workspace: "T2", Channel: "#a"}, false},
	} {
		if got := storage.Within(c.place, c.filter); got != c.want {
			t.Errorf("%+v within %+v is %v", c.place, c.filter, got)
		}
	}
}
