package enginetest

import (
	"context"
	"encoding/json"
	"testing"
	"time"

	"github.com/bretelle/bretelle/engine"
	"github.com/bretelle/bretelle/engine/local"
)

// byPath tells services apart by the step that calls them.
func byPath(o *local.Options) {
	o.Lane = func(t engine.Task) string { return "@" + t.Path }
	o.Workers, o.PerFlow = 4, 4
}

// troubles are the facts told about services that do not answer, oldest first.
func (w *World) troubles() (out []engine.BreakerData) {
	w.T.Helper()
	list, err := w.back.Undelivered(context.Background(), 1000)
	if err != nil {
		w.T.Fatal(err)
	}
	for _, n := range list {
		var d engine.BreakerData
		if n.Kind == engine.NoticeBreaker && json.Unmarshal(n.Data, &d) == nil {
			out = append(out, d)
		}
	}
	return out
}

// trouble waits for what is told about a service.
func (w *World) trouble(what string, is func(engine.BreakerData) bool) (d engine.BreakerData) {
	w.T.Helper()
	w.Until(what, func() bool {
		all := w.troubles()
		if len(all) == 0 {
			return false
		}
		d = all[len(all)-1]
		return is(d)
	})
	return d
}

// away begins runs of a flow whose first service is out of reach, until calls are held.
func away(t *testing.T, h Harness, after string) (w *World, runs []string, d engine.BreakerData) {
	w = NewWorld(t, h.Disk(t, 64))
	w.Kill()
	w.Tune = byPath
	w.Live(0, false)
	w.Publish(`
flow: calls
channel: "#ops"
trigger: {on: webhook.received, with: {path: calls, sender: unsigned}}
steps:
  - {id: act, do: test.thing.put, retry: {max: 20, first: 1s}}` + after)
	w.Outside.Answer("act", Fail(engine.NotSent, 0))
	runs = w.begun("calls", 0, 12)
	d = w.trouble("people are told that it does not answer", func(d engine.BreakerData) bool { return d.Since > 0 })
	w.want("it is tried again after", d.Next-engine.Millis(w.Clock.Now()), int64(30_000))
	return w, runs, d
}

// probed lets the clock come to the next try, and waits for what came of it.
func (w *World) probed(d engine.BreakerData) engine.BreakerData {
	w.T.Helper()
	w.Clock.Add(time.Duration(d.Next-engine.Millis(w.Clock.Now())) * time.Millisecond)
	w.RT.Wake()
	return w.trouble("it was tried", func(x engine.BreakerData) bool { return x.Back || x.Tries > d.Tries })
}

// breaker: calls of a service that does not answer are held and fail no more; one at a time tries it, with growing
// pauses, through restarts; when it answers all go on.
func breaker(t *testing.T, h Harness) {
	w, runs, d := away(t, h, "")
	before := w.made("act")
	if before > 5+3 {
		t.Errorf("%d calls reached it before they were held", before)
	}
	w.want("service", d.Peer, "act")
	w.Restart()
	d = w.probed(d)
	w.want("calls for a try", w.made("act"), before+1)
	w.want("the pause has grown", d.Next-engine.Millis(w.Clock.Now()), int64(60_000))
	w.Restart()
	d = w.probed(d)
	w.want("calls for two tries", w.made("act"), before+2)
	for _, id := range runs {
		if s := w.State(id); s != engine.RunRunning {
			t.Errorf("a run whose call is held is %s", s)
		}
	}
	w.Outside.Answer("act", OK(`{}`))
	first := d.Since
	d = w.probed(d)
	w.want("it answers again", d.Back, true)
	w.want("in the card of the trouble", d.Since, first)
	for range 20 { // those that failed before have timers of their own
		if !w.Next() {
			break
		}
	}
	for _, id := range runs {
		w.Reaches(id, engine.RunDone)
	}
	list, err := w.back.Breakers(context.Background())
	if err != nil || len(list) != 0 {
		t.Errorf("kept: %v, %v", list, err)
	}
	w.Verify()
}

// breakerAnswers: people try at once, or stop waiting; another service of the same flow is not held.
func breakerAnswers(t *testing.T, h Harness) {
	w, _, d := away(t, h, "")
	ctx := context.Background()
	w.Publish(`
flow: others
channel: "#ops"
trigger: {on: webhook.received, with: {path: others, sender: unsigned}}
steps: [{id: act, do: test.thing.read}]
`)
	w.want("another answer", engine.CodeOf(w.RT.Peer(ctx, "calls", d, "dance", "ann")), engine.Invalid)
	before := w.made("act")
	if err := w.RT.Peer(ctx, "calls", d, engine.BreakerTry, "ann"); err != nil {
		t.Fatal(err)
	}
	d = w.trouble("it was tried", func(x engine.BreakerData) bool { return x.Tries > 0 })
	w.want("calls for a try", w.made("act"), before+1)
	if err := w.RT.Peer(ctx, "calls", d, engine.BreakerStop, "ann"); err != nil {
		t.Fatal(err)
	}
	all := w.troubles()
	n := all[len(all)-1].Stopped
	if n < 2 {
		t.Errorf("%d calls wait no more: %+v", n, all[len(all)-1])
	}
	w.Until("their runs wait for people", func() bool { return w.notices(engine.NoticeFailed) >= n })
	w.want("nothing was called", w.made("act"), before+1)
	d.Since++
	w.want("about a trouble that is over", engine.CodeOf(w.RT.Peer(ctx, "calls", d, engine.BreakerTry, "ann")), engine.Conflict)
	w.Verify()
}
