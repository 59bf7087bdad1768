package slacktest

import (
	"bytes"
	"context"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"time"
)

// Delivery is something that happened and that the bot is told until it acknowledges it.
type Delivery struct {
	s       *Server
	id      string
	kind    string // events_api, slash_commands, interactive
	payload map[string]any
	accepts bool // the acknowledgement is an answer
	tries   int
	at      time.Time // of the last try
	on      *socket
	over    bool
	ack     json.RawMessage
	done    chan struct{}
	then    func(ack json.RawMessage) // with the Server locked
}

// Deliver tells the bot something: kind is the envelope's type. It does not wait.
func (s *Server) Deliver(kind string, payload map[string]any, accepts bool) *Delivery {
	return s.deliver(kind, payload, accepts, nil)
}

func (s *Server) deliver(kind string, payload map[string]any, accepts bool, then func(json.RawMessage)) *Delivery {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.n++
	d := &Delivery{s: s, id: fmt.Sprintf("e%d-%d", s.n, time.Now().UnixNano()), kind: kind, payload: payload, accepts: accepts, done: make(chan struct{}), then: then}
	s.waiting = append(s.waiting, d)
	s.past = append(s.past, d)
	s.try(d, nil)
	return d
}

// Again delivers everything once more that was ever delivered, though it was acknowledged, and waits until it is again.
func (s *Server) Again() {
	s.T.Helper()
	s.mu.Lock()
	past := append([]*Delivery(nil), s.past...)
	s.mu.Unlock()
	for _, d := range past {
		d.Again().Wait()
	}
	s.mu.Lock()
	s.past = past
	s.mu.Unlock()
}

// Wait waits for the acknowledgement and gives its body; it fails the test after twenty seconds.
func (d *Delivery) Wait() json.RawMessage {
	d.s.T.Helper()
	select {
	case <-d.done:
	case <-time.After(untilMost):
		d.s.T.Fatalf("not acknowledged after %d tries: %s", d.tries, d.kind)
	}
	return d.ack
}

// Again delivers it once more, though it was acknowledged.
func (d *Delivery) Again() *Delivery {
	return d.s.deliver(d.kind, d.payload, d.accepts, nil)
}

// try sends a delivery, over x or the socket whose turn it is. The Server is locked.
func (s *Server) try(d *Delivery, x *socket) {
	if s.closed || d.over {
		return
	}
	if s.Events != "" {
		d.tries++
		s.counted(d)
		go s.postEvent(d, d.tries)
		return
	}
	targets := s.targets(x)
	if len(targets) == 0 {
		return // it waits for a socket
	}
	d.tries++
	s.counted(d)
	d.on = targets[0]
	e := map[string]any{"envelope_id": d.id, "type": d.kind, "payload": d.payload, "accepts_response_payload": d.accepts}
	if d.tries > 1 {
		e["retry_attempt"], e["retry_reason"] = d.tries-1, "timeout"
	}
	for _, t := range targets {
		t.put(e)
	}
	s.later(d, d.tries)
}

func (s *Server) counted(d *Delivery) {
	d.at = time.Now()
	s.count.Deliveries++
	if d.tries > 1 {
		s.count.Retries++
	}
}

func (s *Server) targets(x *socket) []*socket {
	if x != nil {
		return []*socket{x}
	}
	all := s.sockets()
	if len(all) == 0 {
		return nil
	}
	s.turn++
	out := []*socket{all[s.turn%len(all)]}
	if s.twice && len(all) > 1 {
		out = append(out, all[(s.turn+1)%len(all)])
	}
	return out
}

// later tries again when no acknowledgement came in time.
func (s *Server) later(d *Delivery, try int) {
	wait := s.AckWait
	if wait == 0 {
		wait = 3 * time.Second
	}
	time.AfterFunc(wait, func() {
		s.mu.Lock()
		defer s.mu.Unlock()
		if !d.over && d.tries == try {
			s.try(d, nil)
		}
	})
}

// Redeliver tries at once everything that is not acknowledged.
func (s *Server) Redeliver() {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, d := range append([]*Delivery(nil), s.waiting...) {
		s.try(d, nil)
	}
}

// Waiting is how many deliveries are not acknowledged.
func (s *Server) Waiting() int {
	s.mu.Lock()
	defer s.mu.Unlock()
	return len(s.waiting)
}

// acknowledge takes an acknowledgement. The Server is locked.
func (s *Server) acknowledge(id string, body json.RawMessage) {
	for i, d := range s.waiting {
		if d.id != id {
			continue
		}
		if s.loseAcks > 0 {
			s.loseAcks--
			s.try(d, nil)
			return
		}
		if len(body) > 0 && string(body) != "{}" && string(body) != "null" && !d.accepts {
			s.T.Errorf("only submissions are answered in the acknowledgement: %s", body)
		}
		s.waiting = append(s.waiting[:i], s.waiting[i+1:]...)
		s.count.Acks++
		s.count.Latencies = append(s.count.Latencies, time.Since(d.at))
		d.over = true
		if len(body) > 0 && string(body) != "null" && string(body) != "{}" {
			d.ack = body
		}
		if d.then != nil {
			d.then(d.ack)
		}
		close(d.done)
		s.touch()
		return
	}
}

// Sign signs a request as Slack does (docs.slack.dev, "Verifying requests from Slack").
func Sign(r *http.Request, secret string, at time.Time, body []byte) {
	ts := strconv.FormatInt(at.Unix(), 10)
	mac := hmac.New(sha256.New, []byte(secret))
	mac.Write([]byte("v0:" + ts + ":"))
	mac.Write(body)
	r.Header.Set("X-Slack-Request-Timestamp", ts)
	r.Header.Set("X-Slack-Signature", "v0="+hex.EncodeToString(mac.Sum(nil)))
}

// postEvent delivers over HTTP.
func (s *Server) postEvent(d *Delivery, try int) {
	s.mu.Lock()
	to, kind := s.Events, "application/json"
	raw, err := json.Marshal(d.payload)
	at := s.now()
	s.mu.Unlock()
	if err != nil {
		s.T.Error(err)
		return
	}
	if d.kind != "events_api" {
		kind = "application/x-www-form-urlencoded"
		form := url.Values{}
		if d.kind == "slash_commands" {
			for k, v := range d.payload {
				form.Set(k, fmt.Sprint(v))
			}
		} else {
			form.Set("payload", string(raw))
		}
		raw = []byte(form.Encode())
	}
	ctx, cancel := context.WithTimeout(context.Background(), 3*time.Second)
	defer cancel()
	r, err := http.NewRequestWithContext(ctx, http.MethodPost, to, bytes.NewReader(raw))
	if err != nil {
		s.T.Error(err)
		return
	}
	r.Header.Set("Content-Type", kind)
	if try > 1 {
		r.Header.Set("X-Slack-Retry-Num", strconv.Itoa(try-1))
		r.Header.Set("X-Slack-Retry-Reason", "http_timeout")
	}
	Sign(r, s.Signing, at, raw)
	resp, err := http.DefaultClient.Do(r)
	if err == nil {
		defer func() { _ = resp.Body.Close() }()
		body, _ := io.ReadAll(io.LimitReader(resp.Body, 1<<20))
		if resp.StatusCode/100 == 2 {
			s.mu.Lock()
			s.acknowledge(d.id, json.RawMessage(strings.TrimSpace(string(body))))
			s.mu.Unlock()
			return
		}
	}
	s.mu.Lock()
	s.later(d, try)
	s.mu.Unlock()
}

// Event delivers something that happened in a workspace: event is what stands in "event".
func (s *Server) Event(team string, event map[string]any) *Delivery {
	s.mu.Lock()
	s.n++
	id := fmt.Sprintf("Ev%08d", s.n)
	bot, at := s.teams[team].bot, s.now().Unix()
	if event["event_ts"] == nil {
		event["event_ts"] = s.stamp()
	}
	s.mu.Unlock()
	return s.Deliver("events_api", map[string]any{"type": "event_callback", "token": "x", "team_id": team, "api_app_id": "A0123", "event": event, "event_id": id,
		"event_time": at, "authorizations": []any{map[string]any{"team_id": team, "user_id": bot, "is_bot": true}}}, false)
}
