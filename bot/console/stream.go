package console

import (
	"encoding/json"
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
}

// getEvents streams messages of a channel as they come and change (Server-Sent Events). Each event's id is the
// message's change number: a browser that comes back goes on where it was (Last-Event-ID).
func (c *Console) getEvents(w http.ResponseWriter, r *http.Request, s seat) {
	ctx := r.Context()
	if _, err := c.view(ctx, s, "#"+r.PathValue("channel")); err != nil {
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
	v, err = c.view(r.Context(), now, "#"+r.PathValue("channel"))
	return v, err == nil
}

// send writes what changed after a number and moves the number on; more tells that there may be more at once.
func (c *Console) send(w http.ResponseWriter, r *http.Request, v *channelView, after *int64) (more bool, err error) {
	list, err := c.o.Messages.ChangedSince(r.Context(), v.place, *after, streamBatch)
	if err != nil {
		return false, err
	}
	for _, m := range list {
		*after = m.Change
		if m.For != "" && m.For != v.seat.person.ID {
			continue
		}
		html, err := v.message(r.Context(), m)
		if err != nil {
			return false, err
		}
		b, err := json.Marshal(update{ID: m.ID, Thread: m.Thread, At: m.At, HTML: html})
		if err != nil {
			return false, err
		}
		if _, err := fmt.Fprintf(w, "id: %d\ndata: %s\n\n", m.Change, b); err != nil {
			return false, err
		}
	}
	return len(list) == streamBatch, nil
}
