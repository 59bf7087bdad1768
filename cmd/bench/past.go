package main

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"sync"
	"sync/atomic"

	"github.com/bretelle/bretelle/engine"
	"github.com/bretelle/bretelle/engine/local"
	"github.com/bretelle/bretelle/storage"
	"github.com/bretelle/bretelle/storage/sqlite"
)

// pastBatch is how many runs of a past are accepted in one transaction.
const pastBatch = 1000

// past gives a stopped program's data so many runs more: each is the last one over again, journal and all, with an event,
// a key and an id of its own, written by the store's own Accept and Commit. The program itself would need ten times as long.
func past(ctx context.Context, dir string, runs int64) (err error) {
	s, err := sqlite.Open(ctx, sqlite.Options{Dir: dir, Batch: 512})
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, s.Close()) }()
	m, err := lastRun(ctx, s)
	if err != nil {
		return err
	}
	for made := int64(0); made < runs && err == nil; made += pastBatch {
		err = m.repeat(ctx, s, min(pastBatch, runs-made))
	}
	return err
}

// model is a run that is done.
type model struct {
	head  engine.RunHead
	start engine.StartHead
	event engine.Event
	begun []engine.Entry // 2, 3, … up to the intent of its call
	rest  []engine.Entry
	state []byte
}

func lastRun(ctx context.Context, s *sqlite.Store) (m model, err error) {
	list, err := s.Runs(ctx, local.RunQuery{Limit: 1, States: []engine.RunState{engine.RunDone}})
	if err != nil || len(list) == 0 {
		return m, errors.Join(err, errors.New("there is no run to make a past of"))
	}
	m.head = list[0]
	snap, err := s.Load(ctx, m.head.ID)
	if err != nil {
		return m, err
	}
	all, err := s.Entries(ctx, m.head.ID, 1, 0)
	if err != nil {
		return m, err
	}
	m.state = snap.State
	if err := json.Unmarshal(all[0].Head, &m.start); err != nil {
		return m, err
	}
	if m.event, err = storage.DecodeEvent(all[0].Data); err != nil {
		return m, err
	}
	m.begun = all[1:]
	for i, e := range all {
		if e.Kind == engine.AttemptStarted {
			m.begun, m.rest = all[1:i+1], all[i+1:]
		}
	}
	if len(m.rest) == 0 {
		return m, fmt.Errorf("run #%d made no call", m.head.Number)
	}
	return m, nil
}

func (m *model) repeat(ctx context.Context, s *sqlite.Store, n int64) error {
	a := local.Accepting{Trigger: m.start.Trigger, Flow: m.head.Flow, Version: m.head.Version, From: "webhook"}
	for range n {
		run, ev, head := engine.IDFrom(m.event.At, engine.Token(8)), m.event, m.start
		ev.ID = engine.IDFrom(m.event.At, engine.Token(8))
		ev.Key = ev.ID
		head.Run, head.Number = run, s.Number()
		a.Items = append(a.Items, local.AcceptItem{Event: ev, Outcome: engine.Accepted, Run: run, Head: head,
			Start: &local.Change{Run: run, Expect: 1, Entries: m.begun, Status: engine.RunRunning, At: m.event.At}})
	}
	if _, err := s.Accept(ctx, a); err != nil {
		return err
	}
	var all sync.WaitGroup
	var failed atomic.Pointer[error]
	work := make(chan string)
	for range 128 {
		all.Go(func() {
			for run := range work {
				err := s.Commit(ctx, local.Change{Run: run, Expect: int64(len(m.begun)) + 1, Entries: m.rest, Status: m.head.State, At: m.head.Ended,
					State: bytes.ReplaceAll(m.state, []byte(m.head.ID), []byte(run))})
				if err != nil {
					failed.Store(&err)
				}
			}
		})
	}
	for i := range a.Items {
		work <- a.Items[i].Run
	}
	close(work)
	all.Wait()
	if err := failed.Load(); err != nil {
		return *err
	}
	return nil
}
