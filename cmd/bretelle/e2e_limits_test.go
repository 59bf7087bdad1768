package main

import (
	"fmt"
	"net/http"
	"strings"
	"sync"
	"testing"
	"time"
)

// limitFlow is hookFlow with limits, and more of its trigger.
func limitFlow(path, trigger, limits, steps string) string {
	f := strings.Replace(hookFlow(path, steps), "sender: unsigned}\n", "sender: unsigned}\n"+trigger, 1)
	return strings.Replace(f, "steps:\n", limits+"steps:\n", 1)
}

// crowd is a receiver that knows how many requests it has at once.
type crowd struct {
	mu        sync.Mutex
	at, worst int
	slow      time.Duration
}

func (c *crowd) answer(_ int, w http.ResponseWriter, r *http.Request, _ []byte) {
	c.mu.Lock()
	c.at++
	c.worst = max(c.worst, c.at)
	c.mu.Unlock()
	select {
	case <-time.After(c.slow):
	case <-r.Context().Done():
	}
	c.mu.Lock()
	c.at--
	c.mu.Unlock()
	w.Header().Set("Content-Type", "application/json")
	_, _ = fmt.Fprint(w, `{}`)
}

// Two runs at once, fifty events, kill -9 in between: never more than two at once, all of them done in the end, and who
// waits is told why.
func TestTwoAtOnceThroughKills(t *testing.T) {
	b, rc := opsRoom(t), newReceiver(t)
	c := &crowd{slow: 10 * time.Millisecond}
	rc.set(c.answer)
	b.apply(limitFlow("few", "", "limits: {concurrency: 2}\n", fmt.Sprintf(
		"  - {id: put, do: http.request, with: {method: PUT, url: \"%s/{{ event.body.n }}\", allow_private: true, json: {n: \"{{ event.body.n }}\"}}}\n", rc.URL)))
	var runs []int64
	for i := range 50 {
		runs = append(runs, b.send("few", fmt.Sprintf(`{"n": %d}`, i)))
		if i == 20 || i == 35 {
			b.kill()
			b.start()
		}
	}
	b.kill()
	b.start()
	for _, n := range runs {
		b.await(n, "done")
	}
	if c.worst > 2 {
		t.Errorf("%d requests at once, two runs may be under way", c.worst)
	}
	seen := map[string]bool{}
	for _, r := range rc.requests() {
		seen[r.Path] = true
	}
	if len(seen) != 50 {
		t.Errorf("%d of 50 were done", len(seen))
	}
}

// The second of a key waits until the first, which waits for an approval, has ended, through a kill; another key does not.
func TestOrderAcrossAnApproval(t *testing.T) {
	b := opsRoom(t)
	b.cli("person", "add", "bob")
	b.cli("group", "set", "ops", "bob")
	b.apply(limitFlow("ordered", "", "limits: {order: \"{{ event.body.key }}\"}\n", `
  - id: ok
    ask: approval
    with: {title: "Go on with {{ event.body.n }}?", by: {any: ["@ops"]}}
`))
	first, second, other := b.send("ordered", `{"key": "a", "n": "one"}`), b.send("ordered", `{"key": "a", "n": "two"}`), b.send("ordered", `{"key": "b", "n": "three"}`)
	b.await(first, "waiting")
	b.await(other, "waiting")
	b.kill()
	b.start()
	b.await(second, "queued")
	text := b.cli("run", "list", "--state", "queued")
	wantWords(t, "the list of runs", text, `number 1 in line`, `runs of a go one after the other`, fmt.Sprintf(`under way: #%d`, first))
	c := b.card("bob", "#ops", "Go on with one?")
	b.cli("chat", "--as", "bob", "--in", "#ops", "--press", "approve", "--card", c.ID)
	b.await(first, "done")
	b.await(second, "waiting")
	b.card("bob", "#ops", "Go on with two?")
}

// Of several events in a row the last becomes a run, and a batch makes one run of all; a kill while they wait loses none.
func TestDebounceAndBatch(t *testing.T) {
	b := opsRoom(t)
	b.apply(limitFlow("quiet", "  debounce: {for: 1s, per: \"{{ event.body.key }}\"}\n", "", "  - {id: s, set: {n: \"{{ event.body.n }}\"}}\n"))
	b.apply(limitFlow("lot", "  batch: {for: 1s, most: 10}\n", "", "  - {id: s, set: {n: \"{{ len(event.items) }}\"}}\n"))
	for i := range 3 {
		for _, path := range []string{"quiet", "lot"} {
			a := b.deliver("POST", path, nil, strings.NewReader(fmt.Sprintf(`{"key": "a", "n": %d}`, i)))
			if a.Status != http.StatusAccepted || a.Result != "accepted" || a.Run != 0 {
				t.Fatalf("%s answered %+v", path, a)
			}
		}
	}
	b.kill()
	b.start()
	for path, want := range map[string]string{"quiet": `{"n":2}`, "lot": `{"n":3}`} {
		eventually(t, func() bool { return len(b.runsOf(path)) == 1 }, func() string { return "no run of " + path + "\n" + b.log() })
		r := b.await(b.runsOf(path)[0].Number, "done")
		if got := string(r.Steps[0].Output); got != want {
			t.Errorf("%s: the run has %s, wanted %s", path, got, want)
		}
	}
	why := b.cli("chat", "--as", "ann", "--in", "#ops", "-m", "/flow why quiet")
	wantWords(t, "why", why, `joined by #`)
}
