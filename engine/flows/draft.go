package flows

import (
	"context"
	"slices"

	"github.com/bretelle/bretelle/engine"
	"github.com/bretelle/bretelle/engine/flow"
)

// Edit is the text that an edit begins with.
type Edit struct {
	Head   engine.FlowHead
	Source []byte // the draft, or the live text where there is none
	Rev    int64  // of the draft, for Save; 0: there is none
	By     string // person id of who saved it last
	At     int64  // when
	Base   int64  // the version that was live when the draft was begun; the live one where there is no draft
	Live   int64  // the version that is live now; 0: none
}

// Draft gives the text that an edit of a flow begins with. NotFound.
func (l *Library) Draft(_ context.Context, name string) (Edit, error) {
	e, err := l.find(name)
	if err != nil {
		return Edit{}, err
	}
	s := e.stored
	if s.Draft != nil {
		return Edit{Head: e.head, Source: slices.Clone(s.Draft), Rev: s.DraftRev, By: s.DraftBy, At: s.DraftAt, Base: s.DraftBase, Live: e.head.Live}, nil
	}
	return Edit{Head: e.head, Source: slices.Clone(s.Live.Source), By: s.Live.By, At: s.Live.At, Base: e.head.Live, Live: e.head.Live}, nil
}

// Save makes source the draft of the flow it names, if the draft is still the one of revision rev (0: there is none, and
// for a new flow the name is still free; below 0 does not care). Errors as of Apply; Conflict also when the draft is
// another by now, in which case Draft tells who changed it.
func (l *Library) Save(ctx context.Context, source []byte, rev int64, by string) (Applied, error) {
	return l.apply(ctx, source, rev, by, false)
}

// Discard forgets the draft; a flow that was never published goes with it. Errors: NotFound; Conflict when there is no
// draft; Unavailable.
func (l *Library) Discard(ctx context.Context, name, by string) error {
	l.write.Lock()
	defer l.write.Unlock()
	e, err := l.find(name)
	if err != nil {
		return err
	}
	if e.stored.Draft == nil {
		return noDraft(name)
	}
	if err := l.o.Store.DropDraft(ctx, name, e.stored.DraftRev, by, l.now()); err != nil {
		return err
	}
	if e.stored.Live == nil {
		l.index.Store(l.index.Load().without(name))
		l.o.Wake()
		return nil
	}
	s := e.stored
	s.Draft, s.DraftRev, s.DraftBy, s.DraftAt, s.DraftBase = nil, 0, "", 0, 0
	s.Head.Draft = false
	l.swap(s, nil)
	return nil
}

func noDraft(name string) error {
	return engine.E(engine.Conflict, "{flow} has no draft", "flow", name).WithHint("Its live version has no edits.")
}

// Versions lists a flow's versions without their texts, newest first. NotFound, Unavailable.
func (l *Library) Versions(ctx context.Context, name string) ([]Version, error) {
	if _, err := l.find(name); err != nil {
		return nil, err
	}
	return l.o.Store.Versions(ctx, name)
}

// Rollback makes the text of an earlier version the next one, live; a draft stays as it is. Errors: NotFound (no such
// flow or version); Invalid when it is the live one, or does not work any more; Conflict when another flow has its
// address by now, or another version went live meanwhile; Unavailable.
func (l *Library) Rollback(ctx context.Context, name string, version int64, by string) (engine.FlowHead, error) {
	l.write.Lock()
	defer l.write.Unlock()
	e, err := l.find(name)
	if err != nil {
		return engine.FlowHead{}, err
	}
	if version == e.head.Live {
		return e.head, engine.E(engine.Invalid, "version {version} of {flow} is live already", "version", version, "flow", name)
	}
	v, err := l.version(ctx, e, version)
	if err != nil {
		return e.head, err
	}
	t := l.read(v.Source)
	if t.problems.Bad() || t.program == nil {
		return e.head, engine.E(engine.Invalid, "version {version} of {flow} does not work any more", "version", version, "flow", name).
			WithHint("Take its text as a draft and mend it.")
	}
	done, err := l.release(ctx, e, t, v.Source, by)
	if err != nil {
		return e.head, err
	}
	return done.head, nil
}

// Triggers lists every trigger of a kind, in the order of flow names.
func (l *Library) Triggers(kind string) []Trigger {
	found := l.index.Load().byKind[kind]
	out := make([]Trigger, len(found))
	for i, t := range found {
		out[i] = *t
	}
	return out
}

// Check parses and checks a text as Apply would. The flow is nil when the text is no map.
func (l *Library) Check(source []byte) (*flow.Flow, engine.Problems) {
	t := l.read(source)
	return t.flow, t.problems
}
