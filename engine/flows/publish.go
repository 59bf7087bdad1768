package flows

import (
	"bytes"
	"context"

	"github.com/bretelle/bretelle/engine"
	"github.com/bretelle/bretelle/engine/flow"
)

// Applied is what Apply did.
type Applied struct {
	Head      engine.FlowHead
	Problems  engine.Problems // of the text, warnings included
	New       bool            // the flow did not exist before
	Changed   bool            // the text differs from what was there
	Published bool
}

// PublishedData is the Data of NoticePublished.
type PublishedData struct {
	Version int64  `json:"version"`
	By      string `json:"by"` // person id
}

// StateData is the Data of NoticePaused.
type StateData struct {
	State engine.FlowState `json:"state"` // the new one
	By    string           `json:"by"`    // person id
}

// Apply makes or replaces the draft of the flow that source names, problems and all, and with publish makes it live.
// A text equal to what is there already changes nothing.
//
// Errors: Invalid when the text does not even name its flow, or has errors and was to be published, in which case the
// draft is kept; Conflict when another flow has the trigger's address, or the draft was changed by another process;
// Unavailable. Applied.Problems is set in any case.
func (l *Library) Apply(ctx context.Context, source []byte, by string, publish bool) (Applied, error) {
	return l.apply(ctx, source, -1, by, publish)
}

func (l *Library) apply(ctx context.Context, source []byte, rev int64, by string, publish bool) (Applied, error) {
	t := l.read(source)
	a := Applied{Problems: t.problems}
	if t.flow == nil || t.flow.Name == "" || flow.CheckName(t.flow.Name) != nil {
		return a, nameless(t.problems)
	}
	l.write.Lock()
	defer l.write.Unlock()
	if err := l.taken(t.flow.Name, t.flow); err != nil {
		return a, err
	}
	old := l.index.Load().flows[t.flow.Name]
	a.New = old == nil
	if has := old.rev(); rev >= 0 && rev != has {
		return a, engine.E(engine.Conflict, "the draft of {flow} has changed since you read it", "flow", t.flow.Name).
			WithOp("flows.save").WithHint("Look at it again, then repeat your change.")
	}
	if old == nil || !old.has(source) {
		e, err := l.saveDraft(ctx, old, t, source, by)
		if err != nil {
			return a, err
		}
		a.Changed, old = true, e
	}
	a.Head = old.head
	if !publish || old.stored.Draft == nil {
		return a, nil
	}
	e, err := l.publish(ctx, old, by)
	if err != nil {
		return a, err
	}
	a.Head, a.Published = e.head, true
	return a, nil
}

// rev is the revision of the draft; 0 when there is none. A flow that does not exist has none.
func (e *entry) rev() int64 {
	if e == nil || e.stored.Draft == nil {
		return 0
	}
	return e.stored.DraftRev
}

// has reports whether source is the draft, or the live version while there is no draft.
func (e *entry) has(source []byte) bool {
	if e.stored.Draft != nil {
		return bytes.Equal(e.stored.Draft, source)
	}
	return e.stored.Live != nil && bytes.Equal(e.stored.Live.Source, source)
}

func nameless(problems engine.Problems) *engine.Error {
	if problems.Bad() {
		return engine.E(engine.Invalid, "this text is not a flow").WithOp("flows.apply").WithHint("Nothing was stored.")
	}
	return engine.E(engine.Invalid, "this flow has no name").WithOp("flows.apply").WithHint(`Begin with "flow: my-flow".`)
}

func (l *Library) saveDraft(ctx context.Context, old *entry, t *text, source []byte, by string) (*entry, error) {
	head := engine.FlowHead{State: engine.FlowDraft, Owner: by}
	rev := int64(0)
	if old != nil {
		head, rev = old.head, old.stored.DraftRev
		if old.stored.Draft == nil {
			rev = 0
		}
	}
	head.Name, head.Draft, head.Changed = t.flow.Name, true, l.now()
	if old == nil || old.stored.Live == nil {
		head.Title, head.Place, head.Trigger = t.flow.Title, t.flow.Channel, t.flow.Trigger.On
	}
	s, err := l.o.Store.SaveDraft(ctx, Draft{Head: head, Source: source, By: by, At: l.now()}, rev)
	if err != nil {
		return nil, err
	}
	return l.swap(s, t), nil
}

// swap puts what is stored into the index.
func (l *Library) swap(s Stored, draft *text) *entry {
	e := l.entry(s, draft)
	l.index.Store(l.index.Load().with(e))
	l.o.Wake()
	return e
}

// Publish makes the draft the next version, live. The problems are the draft's. Errors: NotFound; Invalid when it has
// errors; Conflict when there is no draft, another flow has its address, or it was changed meanwhile; Unavailable.
func (l *Library) Publish(ctx context.Context, name, by string) (engine.FlowHead, engine.Problems, error) {
	return l.publishIf(ctx, name, by, func(*entry) bool { return true })
}

// PublishRev is Publish of what somebody was shown: the draft of revision rev (0: there is none), in place of the
// version live (0: none). It gives a Conflict too when either is another by now.
func (l *Library) PublishRev(ctx context.Context, name string, rev, live int64, by string) (engine.FlowHead, engine.Problems, error) {
	return l.publishIf(ctx, name, by, func(e *entry) bool { return e.rev() == rev && e.head.Live == live })
}

func (l *Library) publishIf(ctx context.Context, name, by string, shown func(*entry) bool) (engine.FlowHead, engine.Problems, error) {
	l.write.Lock()
	defer l.write.Unlock()
	e, err := l.find(name)
	if err != nil {
		return engine.FlowHead{}, nil, err
	}
	if !shown(e) {
		return e.head, nil, engine.E(engine.Conflict, "{flow} has changed since you were asked", "flow", name).
			WithOp("flows.publish").WithHint("Look at it again, then publish.")
	}
	if e.draft == nil {
		return e.head, nil, engine.E(engine.Conflict, "{flow} has no draft to publish", "flow", name).WithHint("Its live version is the latest.")
	}
	problems := e.draft.problems
	done, err := l.publish(ctx, e, by)
	if err != nil {
		return e.head, problems, err
	}
	return done.head, problems, nil
}

// publish is Publish with the lock held and a draft at hand.
func (l *Library) publish(ctx context.Context, e *entry, by string) (*entry, error) {
	// What the installation has may have changed since the draft was saved.
	t := l.read(e.stored.Draft)
	if t.problems.Bad() || t.program == nil {
		return nil, engine.E(engine.Invalid, "{flow} cannot be published: its text has errors", "flow", e.head.Name).
			WithOp("flows.publish").WithHint("The draft is kept. Mend it and publish again.")
	}
	return l.release(ctx, e, t, nil, by)
}

// release makes a text that compiles the next version: the draft, or source where that is given.
func (l *Library) release(ctx context.Context, e *entry, t *text, source []byte, by string) (*entry, error) {
	if err := l.taken(e.head.Name, t.flow); err != nil {
		return nil, err
	}
	contracts := map[string]string{}
	t.flow.Walk(func(s *flow.Step) {
		if a, ok := l.o.Catalog.Action(s.Action); ok && s.Kind == flow.KindDo {
			contracts[s.Action] = a.Contract
		}
	})
	now := l.now()
	head := e.head
	head.Title, head.Place, head.Trigger, head.Changed = t.flow.Title, t.flow.Channel, t.flow.Trigger.On, now
	n, err := l.notice(engine.NoticePublished, head, PublishedData{Version: head.Live + 1, By: by})
	if err != nil {
		return nil, err
	}
	p := Publishing{Name: head.Name, Rev: e.stored.DraftRev, By: by, At: now, Head: head, Contracts: contracts, Notices: []engine.Notice{n}}
	if source != nil {
		p.Source, p.Rev = source, e.head.Live
	}
	s, err := l.o.Store.Publish(ctx, p)
	if err != nil {
		return nil, err
	}
	if source == nil {
		return l.swap(s, nil), nil
	}
	return l.swap(s, e.draft), nil
}

func (l *Library) notice(kind engine.NoticeKind, head engine.FlowHead, data any) (engine.Notice, error) {
	b, err := engine.EncodeJSON(data)
	if err != nil {
		return engine.Notice{}, engine.AsError(err)
	}
	return engine.Notice{
		ID: engine.NewID(l.o.Now()), At: l.now(), Kind: kind, Topic: "flow:" + head.Name, Flow: head.Name, Place: head.Place, Data: b,
	}, nil
}

// SetState pauses (FlowPaused), resumes (FlowLive) or retires (FlowRetired) a flow; the state it has already is no
// error and changes nothing. Errors: NotFound; Invalid for another state, or for a flow that was never published and
// is not to be retired; Conflict when a retired flow's address was taken meanwhile; Unavailable.
func (l *Library) SetState(ctx context.Context, name string, state engine.FlowState, by string) (engine.FlowHead, error) {
	l.write.Lock()
	defer l.write.Unlock()
	e, err := l.find(name)
	if err != nil {
		return engine.FlowHead{}, err
	}
	switch {
	case state != engine.FlowLive && state != engine.FlowPaused && state != engine.FlowRetired:
		return e.head, engine.E(engine.Invalid, `a flow cannot be made "{state}"`, "state", state).WithHint("It can be live, paused or retired.")
	case state == e.head.State:
		return e.head, nil
	case e.stored.Live == nil && state != engine.FlowRetired:
		return e.head, engine.E(engine.Invalid, "{flow} was never published", "flow", name).WithHint("Publish it first.")
	}
	if e.head.State == engine.FlowRetired && e.live.flow != nil {
		if err := l.taken(name, e.live.flow); err != nil {
			return e.head, err
		}
	}
	n, err := l.notice(engine.NoticePaused, e.head, StateData{State: state, By: by})
	if err != nil {
		return e.head, err
	}
	s, err := l.o.Store.SetState(ctx, StateChange{Name: name, State: state, By: by, At: l.now(), Notices: []engine.Notice{n}})
	if err != nil {
		return e.head, err
	}
	return l.swap(s, e.draft).head, nil
}
