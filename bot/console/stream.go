package console

import (
	"fmt"
	"net/http"
	"strconv"
	"sync"
	"time"

	"github.com/bretelle/bretelle/engine"
)

const (
	streamsMost   = 512 // open live updates, all people together
	streamsEach   = 20  // of one person
	streamBatch   = 100 // messages read at once
	streamPing    = 25 * time.Second
	streamPatient = 20 * time.Second // for one write
)

// streams counts the live updates that are open.
type streams struct {
	mu  sync.Mutex
	all int
	by  map[string]int
}

func (s *streams) enter(person string) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.by == nil {
		s.by = map[string]int{}
	}
	if s.all >= streamsMost || s.by[person] >= streamsEach {
		return false
	}
	s.all++
	s.by[person]++
	return true
}

func (s *streams) leave(person string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.all--
	if s.by[person]--; s.by[person] <= 0 {
		delete(s.by, person)
	}
}

// update is one message as the page's script takes it in.
type update struct {
	ID     string `json:"id"`
	Thread string `json:"thread,omitempty"`
	At     int64  `json:"at"`
	HTML   string `json:"html"`
	Draft  string `json:"draft,omitempty"`  // key of the card that belongs into the side panel
	Name   string `json:"name,omitempty"`   // of that draft
	Open   bool   `json:"open,omitempty"`   // it can still be worked on
	Direct bool   `json:"direct,omitempty"` // it stands in the direct messages, which are another page
}

// getEvents streams messages of a channel as they come and change (Server-Sent Events). Each event's id is the
// message's change number: a browser that comes back goes on where it was (Last-Event-ID).
func (c *Console) getEvents(w http.ResponseWriter, r *http.Request, s seat) {
	ctx := r.Context()
	if _, err := c.view(ctx, s, channelOf(r.PathValue("channel"))); err != nil {
		c.fail(w, r, s, err)
		return
	}
	after, err := strconv.ParseInt(r.URL.Query().Get("since"), 10, 64)
	if last, bad := strconv.ParseInt(r.Header.Get("Last-Event-ID"), 10, 64); bad == nil {
		after, err = last, nil
	}
	if err != nil || after < 0 {
		c.fail(w, r, s, engine.E(engine.Invalid, "since must be a number"))
		return
	}
	if !c.streams.enter(s.person.ID) {
		c.fail(w, r, s, engine.E(engine.Throttled, "too many pages are open").WithHint("Close some of them."))
		return
	}
	defer c.streams.leave(s.person.ID)
	changed, stop := c.hub.listen()
	defer stop()

	w.Header().Set("Content-Type", "text/event-stream")
	w.Header().Set("X-Accel-Buffering", "no")
	out := http.NewResponseController(w)
	_ = out.SetReadDeadline(time.Time{}) // the request is read; a test's recorder has no deadlines
	ping := time.NewTicker(streamPing)
	defer ping.Stop()
	fmt.Fprint(w, "retry: 2000\n\n")
	for {
		_ = out.SetWriteDeadline(time.Now().Add(streamPatient))
		view, ok := c.again(r, s)
		if !ok {
			return
		}
		more, err := c.send(w, r, view, &after)
		if err != nil || out.Flush() != nil {
			return // the browser comes back with Last-Event-ID
		}
		if more {
			continue
		}
		select {
		case <-ctx.Done():
			return
		case _, open := <-changed:
			if !open {
				return
			}
		case <-ping.C:
			fmt.Fprint(w, ": still here\n\n")
		}
	}
}

// again opens the channel of a stream anew: the session may have ended or changed hands since (logout, the demo's
// switch), or the person may read the channel no more.
func (c *Console) again(r *http.Request, s seat) (v *channelView, ok bool) {
	now, err := c.seat(r)
	if err != nil || now.person.ID != s.person.ID {
		return nil, false
	}
	v, err = c.view(r.Context(), now, channelOf(r.PathValue("channel")))
	return v, err == nil
}
