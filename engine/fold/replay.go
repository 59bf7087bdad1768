package fold

import (
	"bytes"
	"encoding/json"
	"fmt"

	"github.com/bretelle/bretelle/engine"
)

// Replay feeds a recorded journal to a new state, verifying that what Apply records equals what was recorded (R4).
func (p *Program) Replay(entries []engine.Entry) (*State, error) {
	s := NewState()
	if err := p.Resume(s, &remembered{Journal: entries, values: make([]any, len(entries))}, entries); err != nil {
		return nil, err
	}
	return s, nil
}

// Resume feeds the entries that follow what s has seen, verifying them as Replay does. v has their values too.
func (p *Program) Resume(s *State, v Values, entries []engine.Entry) error {
	for i := 0; i < len(entries); {
		cmds, err := p.Apply(s, v, entries[i])
		if err != nil {
			return err
		}
		i++
		for _, c := range cmds {
			switch c := c.(type) {
			case Reply:
				if c.Answer.Verdict != engine.Counted {
					return fmt.Errorf("fold: entry %d was recorded, but changes nothing (%s)", entries[i-1].Seq, c.Answer.Verdict)
				}
			case Record:
				if i >= len(entries) {
					return fmt.Errorf("fold: replay records entry %d, which the journal does not have", c.Entry.Seq)
				}
				if err := sameEntry(entries[i], c.Entry); err != nil {
					return err
				}
				i++
			}
		}
	}
	return nil
}

// Remains is what is known of a run without its program: with Gone it can be cancelled. first is its entry 1, last the
// number of its last one, and at a time not before that one's.
func Remains(first engine.Entry, last, at int64) (*State, error) {
	s := NewState()
	if err := json.Unmarshal(first.Head, &s.Head); err != nil {
		return nil, fmt.Errorf("fold: head of entry 1: %w", err)
	}
	s.Head.Queued = false
	s.LastSeq, s.LastAt, s.Run = last, max(at, first.At), engine.RunRunning
	return s, nil
}

func sameEntry(was, is engine.Entry) error {
	if was.Seq == is.Seq && was.Kind == is.Kind && was.Path == is.Path && was.Attempt == is.Attempt && was.At == is.At &&
		bytes.Equal(was.Head, is.Head) && bytes.Equal(was.Data, is.Data) {
		return nil
	}
	return fmt.Errorf("fold: entry %d was recorded as %s %s, replay gives %s %s", was.Seq, was.Kind, was.Path, is.Kind, is.Path)
}

// remembered decodes each entry once: what it gives is immutable.
type remembered struct {
	Journal
	values []any
}

func (r *remembered) Value(seq int64) (any, error) {
	if seq < 1 || seq > int64(len(r.values)) {
		return r.Journal.Value(seq)
	}
	if r.values[seq-1] == nil {
		x, err := r.Journal.Value(seq)
		if err != nil {
			return nil, err
		}
		r.values[seq-1] = x
	}
	return r.values[seq-1], nil
}

// Journal is a whole journal as Values.
type Journal []engine.Entry

// Value is the decoded data of entry seq.
func (j Journal) Value(seq int64) (any, error) {
	if seq < 1 || seq > int64(len(j)) {
		return nil, fmt.Errorf("fold: no entry %d", seq)
	}
	return decode(j[seq-1].Data)
}
