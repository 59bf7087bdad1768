package flows_test

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/bretelle/bretelle/engine"
	"github.com/bretelle/bretelle/engine/check"
	"github.com/bretelle/bretelle/engine/enginetest"
	"github.com/bretelle/bretelle/engine/flows"
	"github.com/bretelle/bretelle/storage/memory"
)

func source(name, path, title string) []byte {
	return []byte("# a comment that stays\nflow: " + name + "\ntitle: " + title + `
channel: "#ops"
trigger: {on: webhook.received, with: {path: ` + path + `, sender: unsigned}, key: "{{ event.key }}"}
steps:
  - id: act
    do: test.thing.put   # and this one
`)
}

type fixture struct {
	*testing.T
	store *memory.Store
	clock *enginetest.Clock
	woken int
	*flows.Library
}

func library(t *testing.T, known check.Known) *fixture {
	t.Helper()
	f := &fixture{T: t, store: memory.New(), clock: enginetest.NewClock()}
	f.open(known)
	return f
}

func (f *fixture) open(known check.Known) {
	f.T.Helper()
	var err error
	f.Library, err = flows.New(context.Background(), flows.Options{
		Store: f.store, Catalog: enginetest.Catalog(), Known: known, Now: f.clock.Now, Wake: func() { f.woken++ },
	})
	if err != nil {
		f.T.Fatal(err)
	}
}

func (f *fixture) apply(src []byte, publish bool) flows.Applied {
	f.T.Helper()
	a, err := f.Apply(context.Background(), src, "bea", publish)
	if err != nil {
		f.T.Fatalf("%v\n%s", err, a.Problems)
	}
	return a
}

func (f *fixture) code(what string, err error, want engine.Code) {
	f.T.Helper()
	if got := engine.CodeOf(err); got != want {
		f.T.Errorf("%s: %q (%v), want %q", what, got, err, want)
	}
}

func TestDraftsVersionsAndTheirBytes(t *testing.T) {
	ctx := context.Background()
	f := library(t, check.Known{})
	one, two, three := source("bugs", "bugs", "One"), source("bugs", "bugs", "Two"), source("bugs", "bugs", "Three")

	a := f.apply(one, false)
	if !a.New || !a.Changed || a.Published || a.Head.State != engine.FlowDraft || a.Head.Owner != "bea" || a.Head.Title != "One" {
		t.Errorf("a new draft: %+v", a)
	}
	if a = f.apply(one, false); a.New || a.Changed {
		t.Errorf("the same text again: %+v", a)
	}
	if _, err := f.Source(ctx, "bugs", "live"); err == nil {
		t.Error("a draft has a live text")
	}
	a = f.apply(two, true)
	if !a.Published || a.Head.Live != 1 || a.Head.Draft || a.Head.State != engine.FlowLive {
		t.Errorf("published: %+v", a)
	}
	if a = f.apply(two, true); a.Published || a.Changed || a.Head.Live != 1 {
		t.Errorf("publishing what is live already: %+v", a)
	}
	f.apply(three, false)
	if head, _ := f.Head(ctx, "bugs"); head.Title != "Two" || !head.Draft || head.Live != 1 {
		t.Errorf("a draft over a live version: %+v", head)
	}
	head, problems, err := f.Publish(ctx, "bugs", "ann")
	if err != nil || head.Live != 2 || problems.Bad() {
		t.Fatalf("%+v %v %v", head, problems, err)
	}
	_, _, err = f.Publish(ctx, "bugs", "ann")
	f.code("nothing to publish", err, engine.Conflict)
	f.apply(one, false)

	f.open(check.Known{}) // a restart
	for which, want := range map[string][]byte{"draft": one, "": one, "live": three, "1": two, "@1": two, "2": three} {
		got, err := f.Source(ctx, "bugs", which)
		if err != nil || !bytes.Equal(got, want) {
			t.Errorf("source %q: %v\n%s", which, err, got)
		}
	}
	_, err = f.Source(ctx, "bugs", "9")
	f.code("a version that never was", err, engine.NotFound)
	_, err = f.Source(ctx, "bugs", "newest")
	f.code("no version", err, engine.Invalid)
	for v, title := range map[int64]string{1: "Two", 2: "Three"} {
		p, err := f.Program(ctx, "bugs", v)
		if err != nil || p.Flow.Title != title {
			t.Errorf("program %d: %v", v, err)
		}
	}
	_, err = f.Program(ctx, "bugs", 9)
	f.code("a program that never was", err, engine.NotFound)
	tr, ok := f.Find("webhook.received", "path", "bugs")
	if !ok || tr.Editor != "ann" || tr.Version != 2 || tr.Program == nil || tr.Place.Channel != "#ops" {
		t.Errorf("the trigger: %+v", tr)
	}
	if f.woken == 0 {
		t.Error("nobody was woken")
	}
}

func TestDraftsWithErrorsAreKept(t *testing.T) {
	ctx := context.Background()
	f := library(t, check.Known{})
	bad := bytes.Replace(source("bugs", "bugs", "Bad"), []byte("test.thing.put"), []byte("test.thing.putt"), 1)
	a, err := f.Apply(ctx, bad, "bea", true)
	f.code("publishing errors", err, engine.Invalid)
	if !a.Problems.Bad() || !a.Changed || !strings.Contains(a.Problems.String(), "test.thing.put") {
		t.Errorf("problems: %s", a.Problems)
	}
	if got, err := f.Source(ctx, "bugs", "draft"); err != nil || !bytes.Equal(got, bad) {
		t.Errorf("the draft is lost: %v", err)
	}
	if ps, err := f.Problems(ctx, "bugs"); err != nil || !ps.Bad() {
		t.Errorf("problems of the flow: %v %v", ps, err)
	}
	for _, src := range []string{"", "- a\n- list", "title: nameless", "flow: Not A Name!\ntrigger: {on: x}", "flow: [1"} {
		_, err := f.Apply(ctx, []byte(src), "bea", false)
		f.code(src, err, engine.Invalid)
	}
	if heads, _ := f.List(ctx); len(heads) != 1 {
		t.Errorf("flows: %v", heads)
	}
	_, err = f.Head(ctx, "bgus")
	f.code("a slip", err, engine.NotFound)
	if !strings.Contains(err.Error(), "Did you mean bugs?") {
		t.Errorf("no suggestion: %v", err)
	}
}

func TestWhatTheInstallationLacksKeepsAFlowFromPublishing(t *testing.T) {
	there := false
	f := library(t, check.Known{Group: func(string) bool { return there }})
	src := append(source("bugs", "bugs", "One"), []byte("  - id: ask\n    ask: approval\n    with: {title: Ok?, by: {any: ['@ops']}}\n")...)
	a := f.apply(src, false)
	if len(a.Problems) == 0 {
		t.Error("an unknown group is no problem")
	}
	there = true
	if _, ps, err := f.Publish(context.Background(), "bugs", "bea"); err != nil {
		t.Errorf("%v\n%s", err, ps)
	}
}

func TestOnePathBelongsToOneFlow(t *testing.T) {
	ctx := context.Background()
	f := library(t, check.Known{})
	f.apply(source("first", "bugs", "One"), true)
	_, err := f.Apply(ctx, source("second", "bugs", "Two"), "bea", false)
	f.code("a taken path", err, engine.Conflict)
	if !strings.Contains(fmt.Sprint(err), "first") {
		t.Errorf("the other flow is not named: %v", err)
	}
	f.apply(source("second", "ideas", "Two"), true)
	f.apply(source("first", "later", "One"), false) // a draft takes its path as well
	_, err = f.Apply(ctx, source("second", "later", "Two"), "bea", false)
	f.code("a path taken by a draft", err, engine.Conflict)

	if _, err := f.SetState(ctx, "first", engine.FlowRetired, "bea"); err != nil {
		t.Fatal(err)
	}
	f.apply(source("second", "bugs", "Two"), true)
	if tr, ok := f.Find("webhook.received", "path", "bugs"); !ok || tr.Flow != "second" {
		t.Errorf("the path of a retired flow is not free: %+v", tr)
	}
	if _, ok := f.Find("webhook.received", "path", "ideas"); ok {
		t.Error("a path that was given up is still found")
	}
	_, err = f.SetState(ctx, "first", engine.FlowLive, "bea")
	f.code("back to a path that was taken", err, engine.Conflict)
}

func TestStates(t *testing.T) {
	ctx := context.Background()
	f := library(t, check.Known{})
	f.apply(source("bugs", "bugs", "One"), false)
	id, err := f.ManualTrigger(ctx, "bugs")
	if err != nil {
		t.Fatal(err)
	}
	if tr, ok := f.Trigger(id); !ok || tr.State != engine.FlowDraft || tr.Program == nil || tr.Version != 0 {
		t.Errorf("a draft's trigger: %+v", tr)
	}
	_, err = f.SetState(ctx, "bugs", engine.FlowPaused, "bea")
	f.code("pausing a draft", err, engine.Invalid)
	f.apply(source("bugs", "bugs", "Two"), true)
	if again, _ := f.ManualTrigger(ctx, "bugs"); again != id {
		t.Errorf("editing the title made another trigger: %s, %s", id, again)
	}
	for _, s := range []engine.FlowState{engine.FlowPaused, engine.FlowPaused, engine.FlowLive, engine.FlowRetired} {
		head, err := f.SetState(ctx, "bugs", s, "bea")
		if err != nil || head.State != s {
			t.Fatalf("%s: %+v %v", s, head, err)
		}
		if tr, ok := f.Trigger(id); ok != (s != engine.FlowRetired) || ok && tr.State != s {
			t.Errorf("%s: trigger %+v", s, tr)
		}
	}
	_, err = f.SetState(ctx, "bugs", "asleep", "bea")
	f.code("no state", err, engine.Invalid)
	_, err = f.ManualTrigger(ctx, "bugs")
	f.code("starting a retired flow", err, engine.Invalid)
	if _, err := f.Program(ctx, "bugs", 1); err != nil {
		t.Errorf("runs of a retired flow cannot go on: %v", err)
	}

	all, err := f.store.Undelivered(ctx, 100)
	if err != nil {
		t.Fatal(err)
	}
	var told []string
	for _, n := range all {
		var d struct {
			State   engine.FlowState
			Version int64
			By      string
		}
		if err := json.Unmarshal(n.Data, &d); err != nil || d.By != "bea" || n.Topic != "flow:bugs" || n.Place.Channel != "#ops" {
			t.Errorf("notice %+v: %v", n, err)
		}
		told = append(told, fmt.Sprint(n.Kind, d.State, d.Version))
	}
	want := []string{"flow.published1", "flow.pausedpaused0", "flow.pausedlive0", "flow.pausedretired0"}
	for i := range want {
		want[i] = strings.ReplaceAll(want[i], " ", "")
	}
	for i := range told {
		told[i] = strings.ReplaceAll(told[i], " ", "")
	}
	if !slices.Equal(told, want) {
		t.Errorf("told %q, want %q", told, want)
	}
}

func TestContractsArePinned(t *testing.T) {
	ctx := context.Background()
	f := library(t, check.Known{})
	f.apply(source("bugs", "bugs", "One"), true)
	if moved, err := f.Drift(ctx, "bugs"); err != nil || len(moved) > 0 {
		t.Errorf("drift at once: %v %v", moved, err)
	}
	a, _ := enginetest.Catalog().Action("test.thing.put")
	v, err := f.store.Version(ctx, "bugs", 1)
	if err != nil || v.Contracts["test.thing.put"] != a.Contract || v.By != "bea" {
		t.Errorf("%+v %v", v, err)
	}
}

func TestAStoreThatFailsChangesNothing(t *testing.T) {
	ctx := context.Background()
	f := library(t, check.Known{})
	f.apply(source("bugs", "bugs", "One"), true)
	f.store.Fail = func(string) error { return fmt.Errorf("disk full") }
	_, err := f.Apply(ctx, source("bugs", "bugs", "Two"), "bea", true)
	f.code("apply", err, engine.Unavailable)
	_, err = f.SetState(ctx, "bugs", engine.FlowPaused, "bea")
	f.code("pause", err, engine.Unavailable)
	if head, _ := f.Head(ctx, "bugs"); head.Draft || head.State != engine.FlowLive {
		t.Errorf("memory says what is not stored: %+v", head)
	}
	f.store.Fail = nil
	f.apply(source("bugs", "bugs", "Two"), true)
}

func TestManyAtOnce(t *testing.T) {
	ctx := context.Background()
	f := library(t, check.Known{})
	f.apply(source("bugs", "bugs", "Zero"), true)
	var wg sync.WaitGroup
	for i := range 8 {
		wg.Go(func() {
			for n := range 10 {
				if _, err := f.Apply(ctx, source("bugs", "bugs", fmt.Sprintf("T%d-%d", i, n)), "bea", true); err != nil {
					t.Error(err)
				}
			}
		})
		wg.Go(func() {
			for range 100 {
				tr, ok := f.Find("webhook.received", "path", "bugs")
				if !ok {
					t.Error("the trigger is gone for a moment")
					return
				}
				if p, err := f.Program(ctx, tr.Flow, tr.Version); err != nil || p == nil {
					t.Error(err)
				}
			}
		})
	}
	wg.Wait()
	head, _ := f.Head(ctx, "bugs")
	if head.Live != 81 {
		t.Errorf("versions: %d", head.Live)
	}
}
