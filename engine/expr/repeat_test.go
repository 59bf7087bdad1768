package expr

import (
	"crypto/sha256"
	"fmt"
	"os"
	"os/exec"
	"strings"
	"testing"
)

// corpus is what the determinism test and the fuzzers start from: all examples, and what depends on map order,
// time zones, regular expressions and errors.
func corpus() []string {
	out := []string{
		`event`, `keys(event.body.map)`, `values(event.body)`, `toPairs(event.body.map)`, `groupBy(event.body.issue.labels, .name)`, `json(event)`,
		`keys(groupBy(1..50, string(#)))`, `merge(event.body.map, {z: 1, y: 2, x: 3})`, `event.body == merge(event.body, {})`,
		`map(keys(event.body), event.body[#])`, `unique(values(event.body))`, `event.body.text + 1`, `sum(values(event.body))`,
		`any(event.body.issue.labels, .name == "bug") && event.body.action == "opened"`, `format(event.at, "Mon 2 Jan 2006 15:04 MST")`,
		`event.body.map == {a: 2, b: 3}`, `let m = {c: 3, b: 2, a: 1}; map(toPairs(m), #[0])`, `1..3 | map(# ** 2) | sum()`, `evnt`, `1 +`,
		`event.body.text matches "^G"`, `event.body.big + 1`, `if event.body.yes { 1 } else { 2 }`, `reduce(event.body.list, #acc + #, 0)`,
		`sortBy(event.body.issue.labels, .name, "desc")`, `{b: 1, a: {d: 1, c: nil}}`, "`raw`", `event?.body?.["x"]`, `0 < event.body.n < 9`,
	}
	for _, f := range Functions() {
		out = append(out, f.Example)
	}
	return out
}

// account is everything observable about evaluating the corpus.
func account(t testing.TB) string {
	var b strings.Builder
	in := Input{Roots: data(t)}
	for _, src := range corpus() {
		fmt.Fprintf(&b, "%s => %s", src, outcome(t, src, untyped(), in))
		if x, err := Compile(src, untyped()); err == nil {
			_, steps, _ := x.run(in)
			fmt.Fprintf(&b, " (%d steps) %v %s", steps, x.Refs(), x.Why(in))
		}
		b.WriteByte('\n')
	}
	return b.String()
}

const childVariable = "EXPR_ACCOUNT"

// The same bytes fifty times in fresh processes: Go seeds its map order anew in each.
func TestSameBytesInFreshProcesses(t *testing.T) {
	if os.Getenv(childVariable) != "" {
		fmt.Printf("account %x\n", sha256.Sum256([]byte(account(t))))
		return
	}
	want := fmt.Sprintf("account %x", sha256.Sum256([]byte(account(t))))
	runs := 50
	if testing.Short() || raced {
		runs = 5
	}
	for i := range runs {
		cmd := exec.Command(os.Args[0], "-test.run=^TestSameBytesInFreshProcesses$")
		cmd.Env = append(os.Environ(), childVariable+"=1", "TZ="+[]string{"UTC", "Asia/Tokyo", "America/New_York"}[i%3])
		out, err := cmd.CombinedOutput()
		if err != nil {
			t.Fatalf("%v\n%s", err, out)
		}
		if !strings.Contains(string(out), want) {
			t.Fatalf("process %d differs:\n%s\nwant %s", i, out, want)
		}
	}
}
