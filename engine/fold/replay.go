package fold

import (
	"bytes"
	"fmt"

	"github.com/bretelle/bretelle/engine"
)

// Replay feeds a recorded journal to a new state, verifying that what Apply records equals what was recorded (R4).
func (p *Program) Replay(entries []engine.Entry) (*State, error) {
	s := NewState()
	v := &remembered{Journal: entries, values: make([]any, len(entries))}
	for i := 0; i < len(entries); {
		cmds, err := p.Apply(s, v, entries[i])
		if err != nil {
			return nil, err
		}
		i++
		for _, c := range cmds {
			switch c := c.(type) {
			case Reply:
				if c.Answer.Verdict != engine.Counted {
					return nil, fmt.Errorf("fold: entry %d was recorded, but changes nothing (%s)", i, c.Answer.Verdict)
				}
			case Record:
				if i >= len(entries) {
					return nil, fmt.Errorf("fold: replay records entry %d, which the journal does not have", c.Entry.Seq)
				}
				if err := sameEntry(entries[i], c.Entry); err != nil {
					return nil, err
				}
				i++
			}
		}
	}
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
