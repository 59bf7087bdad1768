package intake_test

import (
	"context"
	"fmt"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/bretelle/bretelle/connectors"
	"github.com/bretelle/bretelle/connectors/all"
	"github.com/bretelle/bretelle/connectors/intake"
	"github.com/bretelle/bretelle/engine"
)

// floods publishes a flow whose feed has too many items at its second look.
func floods(w *world, t *testing.T) *server {
	srv := newServer(t)
	w.publish(feedFlow(srv.URL, ""))
	w.poller(t).Pass(context.Background())
	w.now = w.now.Add(time.Hour)
	srv.change(func() {
		for i := range 20 {
			srv.entries = append(srv.entries, entry{fmt.Sprint("n", i), "New", w.now})
		}
	})
	return srv
}

// A flood that cannot be stored is found again, instead of waiting for an answer that nobody was asked for.
func TestFloodOnAFullDisk(t *testing.T) {
	w := memoryWorld(t)
	floods(w, t)
	p := w.poller(t)
	w.full.Store(true)
	p.Pass(context.Background())
	w.full.Store(false)
	w.now = w.now.Add(time.Hour)
	p.Pass(context.Background())
	if said := w.notices(engine.NoticeFlood); len(said) != 1 {
		t.Fatalf("asked %d times", len(said))
	}
	if err := p.Answer(context.Background(), w.trigger("news"), intake.FloodTake, "ann"); err != nil {
		t.Fatal(err)
	}
	if p.Pass(context.Background()); len(started(w)) != 20 {
		t.Errorf("started %v", started(w))
	}
}

// meanwhile has something happen between the reading of a cursor and its use.
type meanwhile struct {
	intake.Cursors
	happen func()
}

func (m *meanwhile) Cursor(ctx context.Context, trigger string) ([]byte, error) {
	b, err := m.Cursors.Cursor(ctx, trigger)
	if f := m.happen; f != nil {
		m.happen = nil
		f()
	}
	return b, err
}

// An answer that comes while the source is being looked at counts, and of several at once only one.
func TestFloodAnswersAtOnce(t *testing.T) {
	w := memoryWorld(t)
	floods(w, t)
	w.poller(t).Pass(context.Background())
	f := connectors.NewFetcher(connectors.Exits{})
	l := w.loop()
	m := &meanwhile{Cursors: l.Cursors}
	l.Cursors = m
	p := intake.NewPoller(l, intake.PollOptions{Sources: all.Sources(), Fetcher: f})
	var took atomic.Int32
	m.happen = func() {
		var all sync.WaitGroup
		for i := range 16 {
			all.Go(func() {
				if p.Answer(context.Background(), w.trigger("news"), []string{intake.FloodTake, intake.FloodSkip}[i%2], "ann") == nil {
					took.Add(1)
				}
			})
		}
		all.Wait()
	}
	p.Pass(context.Background())
	p.Pass(context.Background())
	if n := took.Load(); n != 1 {
		t.Errorf("%d answers counted", n)
	}
	if n := len(started(w)); n != 20 && n != 0 {
		t.Errorf("started %d", n)
	}
	cursor, err := w.store.Cursor(context.Background(), w.trigger("news"))
	if err != nil || strings.Contains(string(cursor), `"held"`) {
		t.Errorf("it still waits for an answer: %.200s (%v)", cursor, err)
	}
}

// An answer is about one flood: when what came is gone again before it is acted on, the next flood asks anew.
func TestFloodThatIsGoneAgain(t *testing.T) {
	w := memoryWorld(t)
	srv := newServer(t)
	srv.etag = true
	w.publish(feedFlow(srv.URL, ""))
	p := w.poller(t)
	flood := func() {
		srv.change(func() {
			for i := range 20 {
				srv.entries = append(srv.entries, entry{fmt.Sprint("n", i), "New", w.now})
			}
		})
	}
	pass := func() {
		p.Pass(context.Background())
		w.now = w.now.Add(time.Hour)
	}
	pass()
	flood()
	pass()
	srv.change(func() { srv.entries = nil })
	if err := p.Answer(context.Background(), w.trigger("news"), intake.FloodTake, "ann"); err != nil {
		t.Fatal(err)
	}
	pass()
	flood()
	pass()
	if n := len(started(w)); n != 0 {
		t.Errorf("%d runs started without anybody being asked", n)
	}
}
