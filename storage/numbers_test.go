package storage

import "testing"

func TestNumbersLeaveNoGap(t *testing.T) {
	var n Numbers
	n.Begin(7)
	a, b, c := n.Take(), n.Take(), n.Take()
	n.Give(b)
	n.Give(a)
	for _, want := range []int64{8, 9, 11} {
		if got := n.Take(); got != want {
			t.Errorf("got %d, want %d", got, want)
		}
	}
	n.Give(11, c)
	if n.Last() != 9 || n.Take() != 10 {
		t.Error("what was given back at the end is not forgotten")
	}
}
