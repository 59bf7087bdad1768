package storage

import (
	"slices"
	"sync"
)

// Numbers gives runs their numbers: one after the other, each once. A run is made ready outside of the transaction that
// stores it, and its first entry says its number. A number that came to nothing is given to the next run, so that people
// see no gaps but those that a kill leaves.
type Numbers struct {
	mu   sync.Mutex
	last int64
	free []int64 // sorted
}

// Begin says which number was given last; to be called once, before Take.
func (n *Numbers) Begin(last int64) { n.last = last }

// Take gives the lowest number that is free.
func (n *Numbers) Take() int64 {
	n.mu.Lock()
	defer n.mu.Unlock()
	if len(n.free) > 0 {
		first := n.free[0]
		n.free = slices.Delete(n.free, 0, 1)
		return first
	}
	n.last++
	return n.last
}

// Give takes back numbers that no run got.
func (n *Numbers) Give(numbers ...int64) {
	n.mu.Lock()
	defer n.mu.Unlock()
	n.free = append(n.free, numbers...)
	slices.Sort(n.free)
	for len(n.free) > 0 && n.free[len(n.free)-1] == n.last {
		n.free = n.free[:len(n.free)-1]
		n.last--
	}
}

// Last is the greatest number that was given.
func (n *Numbers) Last() int64 {
	n.mu.Lock()
	defer n.mu.Unlock()
	return n.last
}
