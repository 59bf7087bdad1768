package storagetest

import (
	"context"
	"encoding/json"
	"fmt"
	"reflect"
	"testing"

	"github.com/bretelle/bretelle/bot"
	"github.com/bretelle/bretelle/connectors/intake"
	"github.com/bretelle/bretelle/engine"
	"github.com/bretelle/bretelle/engine/flows"
	"github.com/bretelle/bretelle/engine/local"
	"github.com/bretelle/bretelle/storage"
	"github.com/bretelle/bretelle/storage/vault"
)

// Store is everything that is asked of storage.
type Store interface {
	local.Store
	flows.Store
	bot.People
	bot.Outbox
	bot.Inbox
	bot.Messages
	bot.Auditor
	vault.Records
	Tables
	bot.Samples
	intake.FailureLog

	// MarkRestored makes the store a restored copy at a time.
	MarkRestored(ctx context.Context, now int64) (storage.Marked, error)

	// TrimSamples removes samples older than before (milliseconds), and of each flow all but the newest keep, and
	// sample answers and what came for waits older than before.
	TrimSamples(ctx context.Context, before int64, keep int) (gone int, err error)
	// TrimIntents removes intents that expired before expired, and the cards of answers and dialogs (resolved, standing
	// nowhere) not updated since before that have no intents left, so that what people typed is not kept for ever. All
	// in milliseconds.
	TrimIntents(ctx context.Context, expired, before int64) (gone int, err error)
	// Cursor reads where a trigger stands; nil when it never stored one.
	Cursor(ctx context.Context, trigger string) ([]byte, error)
	// AuditEntries reads rows of the audit from a row on (1 is the first), at most limit.
	AuditEntries(ctx context.Context, from int64, limit int) ([]engine.AuditEntry, error)
	// Erase removes the payloads of a run that has ended and keeps its journal's heads.
	Erase(ctx context.Context, run string) error
	Close() error
}

// Run holds a store to the contract. open gives a fresh, empty one and arranges for its end by t.Cleanup.
func Run(t *testing.T, open func(t *testing.T) Store) {
	for _, topic := range []struct {
		name  string
		tests map[string]func(*testing.T, Store)
	}{
		{"accept", acceptTests}, {"commit", commitTests}, {"waits", waitTests}, {"erase", eraseTests}, {"gates", gateTests}, {"calls", callTests}, {"lists", listTests}, {"flows", flowTests},
		{"people", peopleTests}, {"outbox", outboxTests}, {"copies", copyTests}, {"inbox", inboxTests}, {"audit", auditTests},
		{"secrets", secretTests}, {"tables", tableTests}, {"restored", restoredTests}, {"failures", failureTests}, {"races", raceTests},
	} {
		for name, test := range topic.tests {
			t.Run(topic.name+"/"+name, func(t *testing.T) { test(t, open(t)) })
		}
	}
}

// ok stops the test on an error.
func ok(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatalf("%v (%v)", err, engine.CodeOf(err))
	}
}

// must is ok for calls with a value.
func must[T any](v T, err error) func(*testing.T) T {
	return func(t *testing.T) T {
		t.Helper()
		ok(t, err)
		return v
	}
}

func code(t *testing.T, err error, want engine.Code) {
	t.Helper()
	if got := engine.CodeOf(err); got != want {
		t.Fatalf("error is %q (%v), want %q", got, err, want)
	}
}

func same(t *testing.T, what string, got, want any) {
	t.Helper()
	if !reflect.DeepEqual(got, want) {
		t.Fatalf("%s:\n got %s\nwant %s", what, show(got), show(want))
	}
}

func show(v any) string {
	if b, err := json.Marshal(v); err == nil {
		return fmt.Sprintf("%s (%T)", b, v)
	}
	return fmt.Sprintf("%#v", v)
}

// item is an event that becomes a run of its own.
func item(run, key string) local.AcceptItem {
	return local.AcceptItem{
		Event: engine.Event{ID: "event-" + run, Key: key, At: 1000, Trigger: "webhook.received",
			Data: map[string]any{"body": map[string]any{"id": 9007199254740993, "of": run}}},
		Outcome: engine.Accepted,
		Run:     run,
		Head:    engine.StartHead{Run: run, Flow: "triage", Version: 3, Trigger: "t1", By: "ann"},
	}
}

func accepting(items ...local.AcceptItem) local.Accepting {
	return local.Accepting{Trigger: "t1", Flow: "triage", Version: 3, From: "webhook", Items: items}
}

// started makes a run with entry 1 only.
func started(t *testing.T, s Store, run string) engine.Receipt {
	t.Helper()
	return must(s.Accept(t.Context(), accepting(item(run, ""))))(t)[0]
}

func entry(seq int64, kind engine.EntryKind, data string) engine.Entry {
	e := engine.Entry{Seq: seq, At: 1000 + seq, Kind: kind, Path: "list", Attempt: 1, By: "ben", Format: engine.EntryFormat,
		Head: json.RawMessage(`{"class":"busy"}`)}
	if data != "" {
		e.Data = json.RawMessage(data)
	}
	return e
}

// change is a change with one entry after expect.
func change(run string, expect int64) local.Change {
	return local.Change{Run: run, Expect: expect, Entries: []engine.Entry{entry(expect+1, engine.StepDone, `{"x":1}`)},
		State: []byte("state"), Status: engine.RunRunning, At: 2000}
}
