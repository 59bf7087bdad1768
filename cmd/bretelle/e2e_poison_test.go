package main

import (
	"fmt"
	"net/http"
	"os"
	"regexp"
	"strconv"
	"strings"
	"testing"
)

var residentMost = regexp.MustCompile(`(?m)^VmHWM:\s+(\d+) kB`)

// RELIABILITY, F-18: flows that never end by themselves, answer with 10 MB, branch 10,000 times and grow what they hold.
// Each stops itself and says why, another flow's runs are done meanwhile, and the bot stays below 256 MiB.
func TestPoison(t *testing.T) {
	if !*long {
		t.Skip("half a minute long: run with -long")
	}
	b, rc := opsRoom(t), newReceiver(t)
	ten := strings.Repeat("x", 10<<20)
	rc.set(func(_ int, w http.ResponseWriter, _ *http.Request, _ []byte) {
		w.Header().Set("Content-Type", "application/json")
		_, _ = fmt.Fprintf(w, `{"text": %q}`, ten)
	})
	get := fmt.Sprintf("do: http.request, with: {method: GET, url: \"%s\", allow_private: true}", rc.URL)
	b.apply(hookFlow("calm", "  - {id: s, set: {n: \"{{ event.body.n }}\"}}\n"))
	poison := map[string]string{
		"endless":  "  - {id: round, while: {cond: \"{{ true }}\", most: 10000}, steps: [{id: s, set: {n: 1}}]}\n",
		"nested":   "  - {id: a, each: {list: \"{{ 1..10000 }}\"}, steps: [{id: b, each: {list: \"{{ 1..10000 }}\", as: x}, steps: [{id: s, set: {n: \"{{ x }}\"}}]}]}\n",
		"large":    "  - {id: g, " + get + ", retry: {max: 1}, on_error: {then: stop}}\n",
		"branches": "  - {id: a, each: {list: \"{{ 1..10000 }}\", parallel: 100}, steps: [{id: s, set: {n: \"{{ item }}\"}}]}\n",
		"bomb":     "  - {id: a, set: {x: \"{{ repeat('x', 1000000) }}\"}}\n  - {id: b, set: {x: \"{{ repeat(vars.x, 1000000) }}\"}}\n",
	}
	numbers := map[string]int64{}
	for name, steps := range poison {
		b.apply(hookFlow(name, steps))
		numbers[name] = b.send(name, `{}`)
	}
	for i := range 50 {
		n := b.send("calm", fmt.Sprintf(`{"n": %d}`, i))
		b.await(n, "done")
	}
	for name, n := range numbers {
		var r runJSON
		eventually(t, func() bool {
			r = b.listed(name)[0]
			return r.State != "running" && r.State != "queued"
		}, func() string { return fmt.Sprintf("%s (#%d) does not stop itself", name, n) })
		t.Logf("%s: %s", name, r.State)
		if name != "branches" && name != "endless" && r.State == "done" {
			t.Errorf("%s went through", name)
		}
	}
	b.peak("after they ran", 256)
	for name, n := range numbers { // a hundred thousand rounds are looked at like ten
		shown := b.cli("run", "show", fmt.Sprint(n))
		if lines := strings.Count(shown, "\n"); lines > 1000 {
			t.Errorf("%s is shown in %d lines", name, lines)
		}
	}
	b.peak("after they were looked at", 256)
}

// peak says how much memory the bot has taken at most, and fails above so many MiB.
func (b *botProcess) peak(when string, most int) {
	t := b.t
	t.Helper()
	status, err := os.ReadFile(fmt.Sprintf("/proc/%d/status", b.cmd.Process.Pid))
	if err != nil {
		t.Skip("no /proc here: ", err)
	}
	m := residentMost.FindSubmatch(status)
	if m == nil {
		t.Skip("no VmHWM in ", string(status))
	}
	kb, _ := strconv.Atoi(string(m[1]))
	t.Logf("%s: at most %d MiB", when, kb>>10)
	if kb > most<<10 {
		t.Errorf("%s the bot took %d MiB", when, kb>>10)
	}
}
