package control

import (
	"container/list"
	"sync"

	"github.com/bretelle/bretelle/prompts"
)

// talk is what a person in a place has before them in the terminal: an open dialog, or none.
type talk struct {
	mu   sync.Mutex // one call of a person in a place at a time
	key  talkKey
	form *prompts.Form
	card *shown // whose button opened the form; nil when a command did
}

type talkKey struct{ person, place, thread string }

// talksMost bounds how many are kept; the one unused for longest goes first.
const talksMost = 1000

type talks struct {
	mu    sync.Mutex
	byKey map[talkKey]*list.Element
	order list.List // of *talk, last used first
}

func newTalks() *talks { return &talks{byKey: map[talkKey]*list.Element{}} }

func (t *talks) of(key talkKey) *talk {
	t.mu.Lock()
	defer t.mu.Unlock()
	if e := t.byKey[key]; e != nil {
		t.order.MoveToFront(e)
		return e.Value.(*talk)
	}
	n := &talk{key: key}
	t.byKey[key] = t.order.PushFront(n)
	for len(t.byKey) > talksMost {
		delete(t.byKey, t.order.Remove(t.order.Back()).(*talk).key)
	}
	return n
}
