package intake_test

import (
	"context"
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/bretelle/bretelle/connectors"
	"github.com/bretelle/bretelle/connectors/all"
	"github.com/bretelle/bretelle/connectors/intake"
	"github.com/bretelle/bretelle/engine"
)

// entry is an item of the feed that is served.
type entry struct {
	id, title string
	at        time.Time // zero: undated
}

// server serves a feed that the test changes.
type server struct {
	*httptest.Server
	mu      sync.Mutex
	entries []entry // newest first
	date    time.Time
	etag    bool
	broken  func(w http.ResponseWriter)
	looks   int
}

func newServer(t *testing.T) *server {
	s := &server{}
	s.Server = httptest.NewServer(http.HandlerFunc(s.serve))
	t.Cleanup(s.Close)
	return s
}

func (s *server) serve(w http.ResponseWriter, r *http.Request) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.looks++
	if s.broken != nil {
		s.broken(w)
		return
	}
	var b strings.Builder
	b.WriteString(`<rss version="2.0"><channel><title>Feed</title>`)
	for _, e := range s.entries {
		fmt.Fprintf(&b, "<item><guid>%s</guid><title>%s</title>", e.id, e.title)
		if !e.at.IsZero() {
			b.WriteString("<pubDate>" + e.at.Format(time.RFC1123Z) + "</pubDate>")
		}
		b.WriteString("</item>")
	}
	b.WriteString("</channel></rss>")
	if s.etag {
		tag := fmt.Sprintf(`"%d"`, hashed(b.String()))
		if r.Header.Get("If-None-Match") == tag {
			w.WriteHeader(http.StatusNotModified)
			return
		}
		w.Header().Set("ETag", tag)
	}
	w.Header()["Date"] = nil
	if !s.date.IsZero() {
		w.Header().Set("Date", s.date.UTC().Format(http.TimeFormat))
	}
	_, _ = w.Write([]byte(b.String())) // whoever hung up shows in what it reports
}

func hashed(s string) (h uint64) {
	for _, c := range []byte(s) {
		h = h*1099511628211 + uint64(c)
	}
	return h
}

func (s *server) change(f func()) {
	s.mu.Lock()
	defer s.mu.Unlock()
	f()
}

func feedFlow(address, more string) string {
	return `flow: news
channel: "#news"
` + more + `trigger:
  on: feed.item
  with: {url: "` + address + `/feed.xml", every: 5m, most: 10, allow_private: true}
steps:
  - id: note
    set: {title: "{{ event.title }}"}
`
}

func (w *world) poller(t *testing.T) *intake.Poller {
	f := connectors.NewFetcher(connectors.Exits{})
	return intake.NewPoller(w.loop(), intake.PollOptions{Sources: all.Sources(), Fetcher: f})
}

// started are the ids of items that started runs, in order.
func started(w *world) []string {
	var out []string
	for _, e := range w.events("news", engine.Accepted, engine.Queued) {
		id, _ := e.Event.Data["guid"].(string)
		out = append(out, id)
	}
	return out
}

func (w *world) notices(kind engine.NoticeKind) (out []engine.PollData) {
	w.t.Helper()
	list, err := w.store.(interface {
		Undelivered(ctx context.Context, limit int) ([]engine.Notice, error)
	}).Undelivered(context.Background(), 1000)
	if err != nil {
		w.t.Fatal(err)
	}
	for _, n := range list {
		if n.Kind == kind {
			out = append(out, decoded[engine.PollData](w.t, n.Data))
		}
	}
	return out
}

func TestPolling(t *testing.T) {
	worlds(t, func(t *testing.T, w *world) {
		ctx := context.Background()
		srv := newServer(t)
		srv.etag = true
		p := w.poller(t)
		pass := func() time.Time {
			w.now = w.now.Add(6 * time.Minute)
			return p.Pass(ctx)
		}
		want := func(list ...string) {
			t.Helper()
			if got := started(w); !slices.Equal(got, list) {
				t.Fatalf("%v, wanted %v", got, list)
			}
		}
		at := w.now
		add := func(id string, at time.Time) {
			srv.change(func() { srv.entries = append([]entry{{id, "Item " + id, at}}, srv.entries...) })
		}
		add("a", at)
		add("b", at.Add(time.Minute))
		w.publish(feedFlow(srv.URL, ""))
		if pass(); len(started(w)) != 0 {
			t.Fatalf("the baseline started %v", started(w))
		}
		add("d", at.Add(3*time.Minute))
		add("c", at.Add(2*time.Minute)) // out of order
		pass()
		want("c", "d")
		add("late", at.Add(-time.Hour))
		add("equal", at.Add(3*time.Minute))
		add("undated", time.Time{})
		pass()
		want("c", "d", "late", "equal", "undated")
		srv.change(func() { // edited, deleted, re-ordered, doubled: nothing is new
			srv.entries[0].title = "Edited"
			srv.entries = append(slices.Clone(srv.entries[2:]), srv.entries[0], srv.entries[0])
		})
		looks := srv.looks
		pass()
		w.restart()
		p = w.poller(t)
		w.publish(feedFlow(srv.URL, "title: News\n"))
		w.state("news", engine.FlowPaused)
		add("paused", w.now)
		pass()
		if want("c", "d", "late", "equal", "undated", "paused"); srv.looks != looks+2 {
			t.Errorf("%d looks", srv.looks-looks)
		}
		w.state("news", engine.FlowLive)

		// A disk that is full loses nothing.
		add("full", w.now)
		w.full.Store(true)
		pass()
		w.full.Store(false)
		for range 4 {
			pass()
		}
		want("c", "d", "late", "equal", "undated", "paused", "full")

		// A flood waits for a person, also through a restart, and is asked about once.
		for i := range 12 {
			add(fmt.Sprint("x", i), w.now)
		}
		pass()
		w.restart()
		p = w.poller(t)
		pass()
		pass()
		want("c", "d", "late", "equal", "undated", "paused", "full")
		if asked := w.notices(engine.NoticeFlood); len(asked) != 1 || asked[0].Count != 12 || asked[0].Most != 10 || len(asked[0].Titles) == 0 {
			t.Fatalf("asked %+v", asked)
		}
		if err := p.Answer(ctx, w.trigger("news"), "maybe", "ann"); engine.CodeOf(err) != engine.Invalid {
			t.Error(err)
		}
		if err := p.Answer(ctx, w.trigger("news"), intake.FloodTake, "ann"); err != nil {
			t.Fatal(err)
		}
		if err := p.Answer(ctx, w.trigger("news"), intake.FloodSkip, "ann"); engine.CodeOf(err) != engine.Conflict {
			t.Error(err)
		}
		if asked := w.notices(engine.NoticeFlood); len(asked) != 2 || !asked[1].Taken || asked[1].By != "ann" || asked[1].Since != asked[0].Since {
			t.Errorf("%+v", asked)
		}
		p.Pass(ctx)
		if got := started(w); len(got) != 19 || got[7] != "x0" || got[18] != "x11" {
			t.Fatalf("%v", got)
		}
		for i := range 12 {
			add(fmt.Sprint("y", i), w.now)
		}
		pass()
		if err := p.Answer(ctx, w.trigger("news"), intake.FloodSkip, "ann"); err != nil {
			t.Fatal(err)
		}
		p.Pass(ctx)
		add("after", w.now)
		pass()
		if got := started(w); len(got) != 20 || got[19] != "after" {
			t.Fatalf("%v", got)
		}

		// Nothing that was known is left: what is not newer counts as known, and people hear of it.
		srv.change(func() {
			srv.entries = []entry{{"n2", "New", w.now.Add(time.Minute)}, {"n1", "Old", at.Add(-time.Hour)}}
		})
		pass()
		if got := started(w); len(got) != 21 || got[20] != "n2" {
			t.Fatalf("%v", got)
		}
		if said := w.notices(engine.NoticePoll); len(said) != 1 || !said[0].Moved || said[0].Count != 1 {
			t.Errorf("said %+v", said)
		}
		// Another address begins anew.
		other := newServer(t)
		other.entries = []entry{{"n9", "Nine", w.now}}
		w.publish(feedFlow(other.URL, ""))
		pass()
		if got := started(w); len(got) != 21 {
			t.Fatalf("%v", got)
		}
	})
}

// A feed that fails is looked at less often, asks for patience are heeded, people hear of it once, and again when it works.
func TestPollTrouble(t *testing.T) {
	w := memoryWorld(t)
	srv := newServer(t)
	p := w.poller(t)
	w.publish(feedFlow(srv.URL, ""))
	p.Pass(context.Background())
	fail := func(status int, after string) func(http.ResponseWriter) {
		return func(rw http.ResponseWriter) {
			rw.Header().Set("Retry-After", after)
			rw.WriteHeader(status)
		}
	}
	srv.change(func() { srv.broken = fail(503, "") })
	next := w.now.Add(6 * time.Minute)
	var waits []time.Duration
	for range 9 {
		w.now = next
		next = p.Pass(context.Background())
		waits = append(waits, next.Sub(w.now).Round(time.Minute))
		if n := len(w.notices(engine.NoticePoll)); n != 0 && len(waits) < 3 {
			t.Errorf("told after %d failures", len(waits))
		}
	}
	for i := 1; i < len(waits); i++ {
		if waits[i] < waits[i-1]-time.Minute || waits[i] > 7*time.Hour {
			t.Errorf("waits %v", waits)
			break
		}
	}
	said := w.notices(engine.NoticePoll)
	if len(said) != 1 || said[0].Count != 3 || said[0].Failure == nil || said[0].Failure.Status != 503 {
		t.Fatalf("said %+v", said)
	}
	srv.change(func() { srv.broken = fail(429, "86000") })
	w.now = next
	if next = p.Pass(context.Background()); next.Sub(w.now) < 86000*time.Second {
		t.Errorf("asked for 86000 s, it is looked at after %s", next.Sub(w.now))
	}
	srv.change(func() { srv.broken, srv.entries = nil, []entry{{"a", "A", w.now}} })
	w.now = next
	p.Pass(context.Background())
	if said = w.notices(engine.NoticePoll); len(said) != 2 || !said[1].Mended || !slices.Equal(started(w), []string{"a"}) {
		t.Errorf("said %+v, started %v", said, started(w))
	}
	srv.change(func() { srv.broken = func(rw http.ResponseWriter) { _, _ = rw.Write([]byte("<html>moved")) } })
	w.now = w.now.Add(10 * time.Minute)
	p.Pass(context.Background())
	if said = w.notices(engine.NoticePoll); len(said) != 3 || said[2].Failure.Class != engine.Garbled || said[2].Count != 1 {
		t.Errorf("what does not pass by itself is told at once: %+v", said)
	}
	w.now = w.now.Add(-100 * time.Hour) // a clock that is set back does not put the next look off
	if next = p.Pass(context.Background()); next.Sub(w.now) > time.Hour {
		t.Errorf("after the clock was set back: %s", next.Sub(w.now))
	}
}

// broken panics instead of answering.
type broken struct{}

func (broken) Fetch(context.Context, *connectors.Fetcher, map[string]any, json.RawMessage) (connectors.Page, error) {
	panic("a defect")
}

func TestSourcePanics(t *testing.T) {
	w := memoryWorld(t)
	w.publish(feedFlow("https://example.org", ""))
	p := intake.NewPoller(w.loop(), intake.PollOptions{Sources: map[string]connectors.Source{"feed.item": broken{}}})
	for range 3 {
		w.now = p.Pass(context.Background())
	}
	if said := w.notices(engine.NoticePoll); len(said) != 1 || said[0].Failure.Code != engine.Internal || strings.Contains(said[0].Failure.Msg, "defect") {
		t.Errorf("%+v", said)
	}
}

// What the model knows of the feed and of what was to come of it.
type model struct {
	known map[string]bool // seen at a look that was stored
	due   map[string]bool // must start exactly one run
	top   time.Time
	begun bool
}

// look is what a look that is stored comes to.
func (m *model) look(page []entry, clock time.Time) {
	there := false
	for _, e := range page {
		there = there || m.known[e.id]
	}
	fresh := map[string]bool{}
	for _, e := range page {
		if !m.known[e.id] && (there || len(m.known) == 0 || e.at.After(m.top) && !e.at.IsZero()) {
			fresh[e.id] = true
		}
	}
	for _, e := range page {
		m.known[e.id] = true
		if m.begun && fresh[e.id] {
			m.due[e.id] = true
		}
		if at := e.at; !at.IsZero() {
			if at.After(clock) {
				at = clock
			}
			if at.After(m.top) {
				m.top = at
			}
		}
	}
	m.begun = true
}

// Items late, of equal time, re-ordered, edited, deleted, doubled, clocks wrong on both sides, publication, pauses,
// restarts, full disks, broken answers: nothing is lost, nothing comes twice, and never more at once than is allowed.
func TestPollingHoldsAlways(t *testing.T) {
	for seed := range uint64(6) {
		worlds(t, func(t *testing.T, w *world) { pollAlways(t, w, rand.New(rand.NewPCG(seed, 11))) })
	}
}

func pollAlways(t *testing.T, w *world, r *rand.Rand) {
	srv := newServer(t)
	srv.etag = r.IntN(2) == 0
	m := model{known: map[string]bool{}, due: map[string]bool{}}
	w.publish(feedFlow(srv.URL, ""))
	p := w.poller(t)
	count, paused, version := 0, false, 0
	add := func() {
		e := entry{id: fmt.Sprint("i", count), title: "T", at: w.now.Truncate(time.Second)}
		count++
		switch r.IntN(6) {
		case 0:
			e.at = e.at.Add(-time.Duration(r.IntN(5000)) * time.Minute) // late
		case 1:
			e.at = time.Time{}
		case 2:
			e.at = e.at.Add(time.Duration(r.IntN(5000)) * time.Minute) // from the future
		case 3:
			if len(srv.entries) > 0 {
				e.at = srv.entries[0].at // equal
			}
		}
		at := r.IntN(len(srv.entries) + 1)
		srv.entries = slices.Insert(srv.entries, at, e)
	}
	for range 3 {
		srv.change(add)
	}
	for range 120 {
		switch r.IntN(14) {
		case 0:
			srv.change(func() {
				r.Shuffle(len(srv.entries), func(i, j int) { srv.entries[i], srv.entries[j] = srv.entries[j], srv.entries[i] })
			})
		case 1:
			srv.change(func() {
				for i := range srv.entries {
					srv.entries[i].title += "!"
				}
			})
		case 2:
			srv.change(func() {
				if n := len(srv.entries); n > 0 {
					srv.entries = slices.Delete(srv.entries, n/2, n/2+1)
				}
			})
		case 3:
			srv.change(func() {
				if len(srv.entries) > 0 {
					srv.entries = append(srv.entries, srv.entries[0])
				}
			})
		case 4:
			version++
			w.publish(feedFlow(srv.URL, fmt.Sprintf("title: Version %d\n", version)))
			paused = false
		case 5:
			w.restart()
			p = w.poller(t)
		case 6:
			if paused = !paused; paused {
				w.state("news", engine.FlowPaused)
			} else {
				w.state("news", engine.FlowLive)
			}
		case 7:
			w.full.Store(true)
		case 8:
			srv.change(func() { srv.broken = func(rw http.ResponseWriter) { rw.WriteHeader(500) } })
		case 9:
			srv.change(func() { srv.date = w.now.Add(time.Duration(r.IntN(200)-100) * time.Hour) })
		case 10:
			w.now = w.now.Add(-time.Duration(r.IntN(300)) * time.Minute)
		case 11:
			srv.change(func() { srv.entries = nil })
		default:
			srv.change(func() {
				for range r.IntN(4) {
					add()
				}
			})
		}
		w.now = w.now.Add(13 * time.Hour)
		before := srv.looks
		p.Pass(context.Background())
		clock := w.now
		if !srv.date.IsZero() {
			clock = srv.date
		}
		if srv.looks != before && srv.broken == nil && !w.full.Load() {
			m.look(srv.entries, clock.Truncate(time.Second))
		}
		w.full.Store(false)
		srv.change(func() { srv.broken = nil })
	}
	got := map[string]int{}
	for _, id := range started(w) {
		got[id]++
	}
	for id, n := range got {
		if n != 1 || !m.due[id] {
			t.Errorf("%s started %d runs", id, n)
		}
	}
	for id := range m.due {
		if got[id] == 0 {
			t.Errorf("%s is lost", id)
		}
	}
	if n := len(w.notices(engine.NoticeFlood)); n != 0 {
		t.Logf("%d floods", n)
	}
	if count < 20 || len(got) < 10 {
		t.Errorf("little happened: %d items, %d runs", count, len(got))
	}
}
