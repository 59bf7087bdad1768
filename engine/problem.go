package engine

import (
	"fmt"
	"sort"
	"strings"
)

// Pos is a place in a flow's text, counted from 1; the zero Pos is nowhere in particular.
type Pos struct {
	Line, Col int
}

// Severity of a problem.
type Severity string

// Severities. Only errors keep a flow from being published.
const (
	SevError   Severity = "error"
	SevWarning Severity = "warning"
)

// Problem is one finding about a flow's text. Msg, Args and Hint are as in Error.
type Problem struct {
	Severity Severity
	Pos      Pos
	Where    string // step id and field, "ticket.with.url"; "" is the flow itself
	Msg      string
	Args     map[string]any
	Hint     string
}

// String is "12:7: error: unknown key "chanel". Did you mean channel?".
func (p Problem) String() string {
	s := fmt.Sprintf("%s: %s", p.Severity, Fill(p.Msg, p.Args))
	if p.Pos.Line > 0 {
		s = fmt.Sprintf("%d:%d: %s", p.Pos.Line, p.Pos.Col, s)
	}
	if p.Hint != "" {
		s += ". " + Fill(p.Hint, p.Args)
	}
	return s
}

// Problems are findings in the order of the text.
type Problems []Problem

// Bad reports whether there is an error among them.
func (ps Problems) Bad() bool {
	for _, p := range ps {
		if p.Severity == SevError {
			return true
		}
	}
	return false
}

// Sort puts them in the order of the text.
func (ps Problems) Sort() {
	sort.SliceStable(ps, func(i, j int) bool {
		a, b := ps[i].Pos, ps[j].Pos
		return a.Line < b.Line || a.Line == b.Line && a.Col < b.Col
	})
}

// String is one finding a line.
func (ps Problems) String() string {
	lines := make([]string, len(ps))
	for i, p := range ps {
		lines[i] = p.String()
	}
	return strings.Join(lines, "\n")
}

// Suggest is the candidate closest to word by edit distance, when it is close enough to be a slip of the
// fingers; "" otherwise. Ties go to the first in order.
func Suggest(word string, candidates []string) string {
	best, most := "", 1+len(word)/3
	for _, c := range candidates {
		if d := distance(strings.ToLower(word), strings.ToLower(c), most); d <= most && (best == "" || d < most) {
			best, most = c, d
		}
	}
	return best
}

// distance is the optimal string alignment distance of a and b in bytes, or anything above limit.
func distance(a, b string, limit int) int {
	if len(a)-len(b) > limit || len(b)-len(a) > limit {
		return limit + 1
	}
	before, prev, cur := make([]int, len(b)+1), make([]int, len(b)+1), make([]int, len(b)+1)
	for j := range prev {
		prev[j] = j
	}
	for i := 1; i <= len(a); i++ {
		cur[0] = i
		for j := 1; j <= len(b); j++ {
			cost := 1
			if a[i-1] == b[j-1] {
				cost = 0
			}
			cur[j] = min(prev[j]+1, cur[j-1]+1, prev[j-1]+cost)
			if i > 1 && j > 1 && a[i-1] == b[j-2] && a[i-2] == b[j-1] {
				cur[j] = min(cur[j], before[j-2]+1)
			}
		}
		before, prev, cur = prev, cur, before
	}
	return prev[len(b)]
}
