package local

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"slices"
	"strconv"
	"strings"
	"sync"

	"github.com/bretelle/bretelle/engine"
	"github.com/bretelle/bretelle/engine/flows"
)

// BrokenData is the Data of NoticeBroken.
type BrokenData struct {
	Event  string `json:"event"`  // event id
	Reason string `json:"reason"` // one printable sentence
}

// FromPerson is the Batch.From of what a person offers; the id becomes the run's requester.
func FromPerson(id string) string { return fromPerson + id }

const fromPerson = "person:"

// sampleKey keeps the keys of a draft's samples apart from those of real events: an event that was tried on the
// draft still starts a run when it is delivered again after publication.
const sampleKey = "sample:"

// Accept implements engine.Intake. `when` and `key` are evaluated before the transaction; runs begin after it.
func (r *Runtime) Accept(ctx context.Context, b engine.Batch) ([]engine.Receipt, error) {
	t, ok := r.flows.Trigger(b.Trigger)
	if !ok {
		return nil, engine.E(engine.NotFound, "this trigger is gone").WithOp("local.accept").
			WithHint("Its flow was retired, or has another trigger now.")
	}
	a := Accepting{Trigger: b.Trigger, Flow: t.Flow, Cursor: b.Cursor, From: b.From}
	if t.State != engine.FlowDraft {
		a.Version = t.Version
	}
	head, err := r.startHead(ctx, t, b)
	if err != nil {
		return nil, err
	}
	told, gated := false, false
	begins := make([]*beginning, len(b.Items))
	for i, it := range b.Items {
		x := r.judge(t, b, it)
		if b.Manual && b.Once != "" && x.Outcome != engine.Sampled {
			x.Event.Key = boundedKey(onceKey + b.Once + "/" + strconv.Itoa(i))
		}
		if t.Program != nil && t.Program.Gated() {
			r.collect(&x, t, b)
			gated = gated || x.Count != ""
		}
		r.admit(&x, t, head)
		begins[i] = r.atOnce(ctx, t, &x)
		told = told || len(x.Notices) > 0
		gated = gated || x.Gather != nil || len(x.Gates) > 0
		a.Items = append(a.Items, x)
	}
	receipts, err := r.store.Accept(context.WithoutCancel(ctx), a)
	r.settle(begins, receipts)
	for i, x := range a.Items {
		if n := x.Head.Number; n > 0 && (err != nil || receipts[i].Number != n) {
			r.store.Unused(n)
		}
	}
	if err != nil {
		return nil, err
	}
	r.startThose(t.Flow, b.Trigger, receipts)
	if gated {
		r.gates.poke()
	}
	if told {
		r.o.OnCommit()
	}
	return receipts, nil
}

// startThose queues the new runs for their start. The flow may have been resumed while they were stored as queued, and
// whoever resumed it did not see them.
func (r *Runtime) startThose(flow, trigger string, receipts []engine.Receipt) {
	var runs []string
	for _, rec := range receipts {
		switch {
		case rec.Begun:
		case rec.Waits: // whoever lets it through says so
		case rec.Outcome == engine.Accepted:
			runs = append(runs, rec.Run)
		case rec.Outcome == engine.Queued:
			if t, ok := r.flows.Trigger(trigger); ok && t.State == engine.FlowLive {
				runs = append(runs, rec.Run)
			}
		}
	}
	if len(runs) > 0 {
		r.ready.push(flow, runs...)
	}
}

func (r *Runtime) startHead(ctx context.Context, t flows.Trigger, b engine.Batch) (engine.StartHead, error) {
	h := engine.StartHead{Flow: t.Flow, Version: t.Version, Trigger: t.ID, Editor: t.Editor, Manual: b.Manual, Depth: b.Depth}
	if id, ok := strings.CutPrefix(b.From, fromPerson); ok {
		h.By = id
	}
	if t.State == engine.FlowDraft || t.Program == nil {
		return h, nil
	}
	var err error
	h.Cleared, err = r.clear.of(ctx, r.store, t.Flow, t.Version)
	return h, err
}

// judge says what is to become of one item if it is new.
func (r *Runtime) judge(t flows.Trigger, b engine.Batch, it engine.Item) AcceptItem {
	now := r.o.Now()
	e := engine.Event{ID: engine.NewID(now), Key: it.Key, At: engine.Millis(now), Trigger: t.Kind, Data: it.Data}
	if e.Data == nil {
		e.Data = map[string]any{}
	}
	x := AcceptItem{Event: e, Outcome: engine.Accepted}
	draft := t.State == engine.FlowDraft || b.Sample
	switch {
	case b.Baseline:
		if t.Program != nil { // only to know the key: what `when` says of an old item does not matter
			if got, err := t.Program.Trigger(e); err == nil {
				x.Event.Key = got.Key
			}
		}
	case b.Manual:
		x.Event.Key = ""
		if t.Program == nil && !draft {
			r.fail(&x, t, errUnreadable)
		}
	case t.Program == nil:
		if !draft {
			r.fail(&x, t, errUnreadable)
		}
	default:
		r.ask(&x, t)
	}
	x.Event.Key = boundedKey(x.Event.Key)
	switch {
	case b.Baseline:
		x.Outcome = engine.Seen
	case draft:
		x.Outcome = engine.Sampled
		x.Notices = []engine.Notice{{ID: engine.NewID(now), At: x.Event.At, Kind: engine.NoticeSample, Topic: "sample:" + t.Flow,
			Flow: t.Flow, Place: t.Place}}
		if x.Event.Key != "" {
			x.Event.Key = sampleKey + x.Event.Key
		}
	case x.Outcome == engine.Accepted && t.State == engine.FlowPaused:
		x.Outcome = engine.Queued
	}
	return x
}

// onceKey keeps the keys of what one delivery asked for by hand apart from those of events.
const onceKey = "by-hand:"

// maxKey bounds a dedup key as it is kept, in bytes: senders choose keys, and lists show them.
const maxKey = 200

// boundedKey stands in for a key: equal ones stay equal, others stay apart.
func boundedKey(key string) string {
	if len(key) <= maxKey {
		return key
	}
	sum := sha256.Sum256([]byte(key))
	return "sha256:" + hex.EncodeToString(sum[:])
}

// ask evaluates the flow's `when` and `key`.
func (r *Runtime) ask(x *AcceptItem, t flows.Trigger) {
	got, err := t.Program.Trigger(x.Event)
	if err != nil {
		r.fail(x, t, err)
		return
	}
	x.Event.Key = got.Key
	if !got.Run {
		x.Outcome, x.Reason = engine.Skipped, got.Reason
	}
}

// errUnreadable is why events of a published flow that this program cannot compile any more are kept as broken.
var errUnreadable = engine.E(engine.Invalid, "the published version does not work with this version of Bretelle").
	WithHint("Check the flow and publish it again.")

func (r *Runtime) fail(x *AcceptItem, t flows.Trigger, err error) {
	x.Outcome, x.Reason = engine.Broken, engine.AsError(err).Error()
	x.Notices = []engine.Notice{{
		ID: engine.NewID(r.o.Now()), At: x.Event.At, Kind: engine.NoticeBroken, Topic: "event:" + t.Flow, Flow: t.Flow,
		Place: t.Place, Data: encode(BrokenData{Event: x.Event.ID, Reason: x.Reason}),
	}}
}

// cleared remembers, per version, the steps that a person approved once.
type cleared struct {
	mu    sync.Mutex
	known map[flowVersion][]string
	adds  int
}

type flowVersion struct {
	flow    string
	version int64
}

// maxCleared bounds the versions remembered; beyond it everything is asked for again.
const maxCleared = 1000

func (c *cleared) of(ctx context.Context, s Store, flow string, version int64) ([]string, error) {
	key := flowVersion{flow, version}
	c.mu.Lock()
	ids, ok := c.known[key]
	adds := c.adds
	c.mu.Unlock()
	if ok {
		return ids, nil
	}
	ids, err := s.Cleared(ctx, flow, version)
	if err != nil {
		return nil, err
	}
	ids = slices.Clone(ids)
	slices.Sort(ids)
	c.mu.Lock()
	defer c.mu.Unlock()
	if adds != c.adds {
		return ids, nil // more was learnt meanwhile: true for now, not to be remembered
	}
	if c.known == nil || len(c.known) >= maxCleared {
		c.known = map[flowVersion][]string{}
	}
	c.known[key] = ids
	return ids, nil
}

// add has the store asked again: it has just learnt more.
func (c *cleared) add(flow string, version int64) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.adds++
	delete(c.known, flowVersion{flow, version})
}

// EncodeEvent is the canonical JSON of an event, as journals and event lists keep it. The error is Invalid: the
// data holds what JSON cannot say.
func EncodeEvent(e engine.Event) (json.RawMessage, error) {
	b, err := engine.EncodeJSON(e)
	if err != nil {
		return nil, engine.E(engine.Invalid, "the event cannot be stored as JSON").Wrap(err)
	}
	return b, nil
}

// FirstEntry is entry 1 of the run that an item makes.
func FirstEntry(it AcceptItem) (engine.Entry, error) {
	data, err := EncodeEvent(it.Event)
	if err != nil {
		return engine.Entry{}, err
	}
	head, err := engine.EncodeJSON(it.Head)
	if err != nil {
		return engine.Entry{}, err
	}
	return engine.Entry{Seq: 1, At: it.Event.At, Kind: engine.RunStarted, By: it.Head.By, Format: engine.EntryFormat,
		Head: head, Data: data}, nil
}
