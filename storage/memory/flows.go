package memory

import (
	"bytes"
	"context"
	"maps"
	"slices"

	"github.com/bretelle/bretelle/engine"
	"github.com/bretelle/bretelle/engine/flows"
	"github.com/bretelle/bretelle/storage"
)

func (f *flow) copy() flows.Stored {
	out := f.stored
	out.Draft = bytes.Clone(out.Draft)
	if n := len(f.versions); n > 0 {
		v := copyVersion(f.versions[n-1])
		out.Live = &v
	}
	return out
}

func copyVersion(v flows.Version) flows.Version {
	v.Source, v.Contracts = bytes.Clone(v.Source), maps.Clone(v.Contracts)
	return v
}

// Flows reads every flow, by name.
func (s *Store) Flows(ctx context.Context) (out []flows.Stored, err error) {
	err = s.read(ctx, func() error {
		for _, name := range slices.Sorted(maps.Keys(s.flows)) {
			out = append(out, s.flows[name].copy())
		}
		return nil
	})
	return out, err
}

// SaveDraft makes or replaces the draft of a flow.
func (s *Store) SaveDraft(ctx context.Context, d flows.Draft, base int64) (out flows.Stored, err error) {
	err = s.write(ctx, func() error {
		f := s.flows[d.Head.Name]
		current, head := int64(0), (*engine.FlowHead)(nil)
		if f != nil {
			current, head = f.stored.DraftRev, &f.stored.Head
		}
		if base >= 0 && base != current {
			return storage.DraftMoved(d.Head.Name)
		}
		if f == nil {
			f = &flow{}
			s.flows[d.Head.Name] = f
		}
		if f.stored.DraftRev == 0 {
			f.stored.DraftBase = f.stored.Head.Live
		}
		f.revision++
		f.stored.Head = storage.Drafted(head, d)
		f.stored.Draft, f.stored.DraftRev, f.stored.DraftBy = bytes.Clone(d.Source), f.revision, d.By
		f.stored.DraftAt = d.At
		out = f.copy()
		return nil
	})
	return out, err
}

// Publish makes the draft the next version.
func (s *Store) Publish(ctx context.Context, p flows.Publishing) (out flows.Stored, err error) {
	err = s.write(ctx, func() error {
		f := s.flows[p.Name]
		if f == nil {
			return storage.NoFlow(p.Name)
		}
		source, draft := bytes.Clone(p.Source), f.stored.Head.Draft
		switch {
		case source != nil && f.stored.Head.Live != p.Rev:
			return storage.LiveMoved(p.Name)
		case source == nil && (f.stored.DraftRev == 0 || f.stored.DraftRev != p.Rev):
			return storage.DraftMoved(p.Name)
		}
		f.stored.Head = storage.Published(f.stored.Head, p)
		if source != nil {
			f.stored.Head.Draft = draft
		} else {
			source = f.stored.Draft
			f.dropDraft()
		}
		f.versions = append(f.versions, flows.Version{Flow: p.Name, Number: f.stored.Head.Live, Source: source,
			By: p.By, At: p.At, Contracts: maps.Clone(p.Contracts)})
		s.chain(storage.PublishAudit(p, f.stored.Head.Live))
		s.raise(p.Notices)
		out = f.copy()
		return nil
	})
	return out, err
}

// SetState pauses, resumes or retires a flow.
func (s *Store) SetState(ctx context.Context, c flows.StateChange) (out flows.Stored, err error) {
	err = s.write(ctx, func() error {
		f := s.flows[c.Name]
		if f == nil {
			return storage.NoFlow(c.Name)
		}
		f.stored.Head.State, f.stored.Head.Changed = c.State, c.At
		s.chain(storage.StateAudit(c))
		s.raise(c.Notices)
		out = f.copy()
		return nil
	})
	return out, err
}

// Version reads one version.
func (s *Store) Version(ctx context.Context, name string, version int64) (v flows.Version, err error) {
	err = s.read(ctx, func() error {
		f := s.flows[name]
		if f == nil || version < 1 || version > int64(len(f.versions)) {
			return storage.NoVersion(name, version)
		}
		v = copyVersion(f.versions[version-1])
		return nil
	})
	return v, err
}

func (f *flow) dropDraft() {
	s := &f.stored
	s.Draft, s.DraftRev, s.DraftBy, s.DraftAt, s.DraftBase = nil, 0, "", 0, 0
}

// DropDraft forgets a draft; a flow that was never published goes with it.
func (s *Store) DropDraft(ctx context.Context, name string, rev int64, by string, at int64) error {
	return s.write(ctx, func() error {
		f := s.flows[name]
		if f == nil {
			return storage.NoFlow(name)
		}
		if f.stored.DraftRev == 0 || f.stored.DraftRev != rev {
			return storage.DraftMoved(name)
		}
		f.dropDraft()
		f.stored.Head.Draft = false
		if f.stored.Head.Live == 0 {
			delete(s.flows, name)
			delete(s.answers, name)
		}
		s.chain(storage.DiscardAudit(name, by, at))
		return nil
	})
}

// Versions lists every version without its text, newest first.
func (s *Store) Versions(ctx context.Context, name string) (out []flows.Version, err error) {
	err = s.read(ctx, func() error {
		if f := s.flows[name]; f != nil {
			for _, v := range slices.Backward(f.versions) {
				out = append(out, flows.Version{Flow: name, Number: v.Number, By: v.By, At: v.At})
			}
		}
		return nil
	})
	return out, err
}
