package pack

import (
	"encoding/binary"
	"errors"

	"github.com/bretelle/bretelle/engine"
)

// kinds have numbers; a kind keeps its number for ever, and one that is not here is written out.
var kinds = [...]engine.EntryKind{
	1: engine.RunStarted, 2: engine.RunBegun, 3: engine.StepStarted, 4: engine.StepSkipped, 5: engine.AttemptStarted,
	6: engine.AttemptLost, 7: engine.StepDone, 8: engine.StepFailed, 9: engine.StepParked, 10: engine.ProbeDone,
	11: engine.AskOpened, 12: engine.AskVoted, 13: engine.AskEdited, 14: engine.AskAnswered, 15: engine.AskDecided,
	16: engine.OutcomeAsked, 17: engine.OutcomeGiven, 18: engine.StepRetry, 19: engine.StepFixed, 20: engine.TimerFired,
	21: engine.WaitAnswered, 22: engine.EachItems, 23: engine.RoundDone, 24: engine.RunCancel, 25: engine.RunEnded,
	26: engine.CallEnded, 27: engine.StepKept, 28: engine.GateAnswered,
}

func kindNumber(k engine.EntryKind) byte {
	for i := 1; i < len(kinds); i++ {
		if kinds[i] == k {
			return byte(i)
		}
	}
	return 0
}

// What an entry has; a bit each.
const (
	samePath = 1 << iota // as the entry before
	hasAttempt
	hasBy
	hasHead
	hasData
	elsewhere // its data is kept apart, under its number
	hasFormat // it is not 1
)

// Entries packs entries that follow each other. Where apart says so, an entry's data is left to the caller. data is nil
// when there is none.
func Entries(entries []engine.Entry, apart func(i int) bool) (heads, data []byte) {
	var h, d []byte
	var path string
	var at int64
	for i := range entries {
		e := &entries[i]
		var has byte
		set := func(bit byte, yes bool) {
			if yes {
				has |= bit
			}
		}
		set(samePath, e.Path == path)
		set(hasAttempt, e.Attempt != 0)
		set(hasBy, e.By != "")
		set(hasHead, e.Head != nil)
		set(elsewhere, apart != nil && apart(i))
		set(hasData, e.Data != nil && has&elsewhere == 0)
		set(hasFormat, e.Format != 1)
		kind := kindNumber(e.Kind)
		h = append(h, has, kind)
		if kind == 0 {
			h = appendText(h, string(e.Kind))
		}
		h = binary.AppendVarint(h, e.At-at)
		if has&samePath == 0 {
			h = appendText(h, e.Path)
		}
		if has&hasAttempt != 0 {
			h = binary.AppendVarint(h, int64(e.Attempt))
		}
		if has&hasBy != 0 {
			h = appendText(h, e.By)
		}
		if has&hasFormat != 0 {
			h = binary.AppendVarint(h, int64(e.Format))
		}
		if has&hasHead != 0 {
			h = appendText(h, string(e.Head))
		}
		if has&hasData != 0 {
			d = appendText(d, string(e.Data))
		}
		path, at = e.Path, e.At
	}
	if d != nil {
		data = squeeze(nil, d)
	}
	return squeeze(nil, h), data
}

func appendText(b []byte, s string) []byte {
	return append(binary.AppendUvarint(b, uint64(len(s))), s...)
}

// Unpacked is an entry that was packed.
type Unpacked struct {
	engine.Entry
	Apart bool // its data is where the caller kept it
}

// Unpack gives back what Entries was given; seq is the number of the first. Without data, because it was erased, the
// entries have none. The error says that the bytes are damaged, or written by a newer version.
func Unpack(seq int64, heads, data []byte) ([]Unpacked, error) {
	h, err := expand(heads)
	if err != nil {
		return nil, err
	}
	erased := data == nil
	d := reader{}
	if !erased {
		if d.rest, err = expand(data); err != nil {
			return nil, err
		}
	}
	var out []Unpacked
	r := reader{rest: h}
	var path string
	var at int64
	for len(r.rest) > 0 {
		has, kind := r.byte(), r.byte()
		u := Unpacked{Apart: has&elsewhere != 0}
		e := &u.Entry
		e.Seq, e.Format = seq+int64(len(out)), 1
		switch {
		case kind == 0:
			e.Kind = engine.EntryKind(r.text())
		case int(kind) < len(kinds):
			e.Kind = kinds[kind]
		default:
			return nil, errors.New("pack: an entry of a kind that a newer version wrote")
		}
		e.At = at + r.int()
		e.Path = path
		if has&samePath == 0 {
			e.Path = string(r.text())
		}
		if has&hasAttempt != 0 {
			e.Attempt = int(r.int())
		}
		if has&hasBy != 0 {
			e.By = string(r.text())
		}
		if has&hasFormat != 0 {
			e.Format = int(r.int())
		}
		if has&hasHead != 0 {
			e.Head = r.text()
		}
		if has&hasData != 0 && !erased {
			e.Data = d.text()
		}
		if r.bad || d.bad {
			return nil, errDamaged
		}
		path, at = e.Path, e.At
		out = append(out, u)
	}
	if len(d.rest) > 0 {
		return nil, errDamaged
	}
	return out, nil
}

// reader takes values off the front; bad when there are too few bytes.
type reader struct {
	rest []byte
	bad  bool
}

func (r *reader) byte() byte {
	if len(r.rest) == 0 {
		r.bad = true
		return 0
	}
	b := r.rest[0]
	r.rest = r.rest[1:]
	return b
}

func (r *reader) int() int64 {
	v, n := binary.Varint(r.rest)
	if n <= 0 {
		r.bad, r.rest = true, nil
		return 0
	}
	r.rest = r.rest[n:]
	return v
}

func (r *reader) text() []byte {
	v, n := binary.Uvarint(r.rest)
	if n <= 0 || v > uint64(len(r.rest)-n) {
		r.bad, r.rest = true, nil
		return nil
	}
	t := r.rest[n : n+int(v) : n+int(v)]
	r.rest = r.rest[n+int(v):]
	return t
}

// Squeeze makes one text shorter where it can.
func Squeeze(text []byte) []byte { return squeeze(nil, text) }

// Expand gives back what Squeeze was given. The error says that the bytes are damaged, or written by a newer version.
func Expand(b []byte) ([]byte, error) { return expand(b) }
