package memory

import (
	"bytes"
	"context"
	"slices"
	"strings"

	"github.com/bretelle/bretelle/engine"
	"github.com/bretelle/bretelle/engine/local"
	"github.com/bretelle/bretelle/storage"
)

// calls are who called whom, and what runs have to tell each other.
type calls struct {
	made []made
	mail []local.Mail // in the order it was said
}

type made struct{ child, parent, path string }

// call stores the runs that a change begins and what it tells other runs. data are the events of those runs.
func (s *Store) call(c local.Change, data [][]byte) error {
	for i, st := range c.Starts {
		a := local.Accepting{Trigger: st.Trigger, Flow: st.Flow, Version: st.Version, From: "run:" + c.Run}
		r, err := s.accept(a, st.Item, data[i])
		if err != nil {
			return err
		}
		s.called.made = append(s.called.made, made{r.Run, c.Run, st.Path})
	}
	if c.TookMail != "" {
		s.called.mail = slices.DeleteFunc(s.called.mail, func(m local.Mail) bool { return m.Run == c.Run && m.ID == c.TookMail })
	}
	s.post(c.Mail)
	return nil
}

func (s *Store) post(mail []local.Mail) {
	for _, m := range mail {
		if !slices.ContainsFunc(s.called.mail, func(o local.Mail) bool { return o.Run == m.Run && o.ID == m.ID }) {
			m.Head, m.Data = bytes.Clone(m.Head), bytes.Clone(m.Data)
			s.called.mail = append(s.called.mail, m)
		}
	}
}

// Post stores what several runs are told at once.
func (s *Store) Post(ctx context.Context, mail []local.Mail) error {
	return s.write(ctx, func() error {
		s.post(mail)
		return nil
	})
}

func encodeStarts(c local.Change) ([][]byte, error) {
	var out [][]byte
	for _, st := range c.Starts {
		b, err := storage.EncodeEvent(st.Item.Event)
		if err != nil {
			return nil, err
		}
		out = append(out, b)
	}
	return out, nil
}

// Mail lists what runs are told and have not taken yet, in the order it was said.
func (s *Store) Mail(ctx context.Context, run string, limit int) (out []local.Mail, err error) {
	err = s.read(ctx, func() error {
		for _, m := range s.called.mail {
			if s.byID[m.Run] != nil && (run == "" || m.Run == run) {
				m.Head, m.Data = bytes.Clone(m.Head), bytes.Clone(m.Data)
				out = append(out, m)
			}
		}
		out = upTo(out, limit)
		return nil
	})
	return out, err
}

// Calls lists the runs that steps of a run called, oldest first, by path.
func (s *Store) Calls(ctx context.Context, run string) (out map[string][]engine.Callee, err error) {
	out = map[string][]engine.Callee{}
	err = s.read(ctx, func() error {
		for _, m := range s.called.made {
			if r := s.byID[m.child]; r != nil && m.parent == run {
				out[m.path] = append(out[m.path], engine.Callee{Run: r.head.ID, Number: r.head.Number, Flow: r.head.Flow, State: r.head.State})
			}
		}
		return nil
	})
	return out, err
}

// Stalled lists runs that are running, wait for no timer of their steps, and whose last entry is older than before.
func (s *Store) Stalled(ctx context.Context, before int64, limit int) (out []local.Stalled, err error) {
	err = s.read(ctx, func() error {
		for _, r := range s.runs {
			last := r.entries[len(r.entries)-1].At
			waits := false
			for id := range r.timers {
				waits = waits || !strings.HasPrefix(id, "limit:")
			}
			if r.head.State == engine.RunRunning && last < before && !waits {
				out = append(out, local.Stalled{Run: r.head.ID, Number: r.head.Number, Flow: r.head.Flow, Version: r.head.Version, Since: last})
			}
		}
		out = upTo(out, limit)
		return nil
	})
	return out, err
}
