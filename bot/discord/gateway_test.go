package discord

import (
	"context"
	"encoding/json"
	"log/slog"
	"testing"
	"time"

	"github.com/bretelle/bretelle/engine"
	"github.com/bretelle/bretelle/storage/memory"
)

// Waits between tries grow to half a minute and no more, never without a part by chance.
func TestBackOff(t *testing.T) {
	last := time.Duration(0)
	for n := 1; n < 50; n++ {
		least, most := backOff(n, 0), backOff(n, 1)
		if least < last/2 || most > backMost || least*2 != most {
			t.Errorf("%d: %v to %v", n, least, most)
		}
		last = most
	}
	if last != backMost {
		t.Errorf("the longest is %v", last)
	}
}

// Close codes: what ends the session, what only a person can mend, what is just gone on with.
func TestCloseCodes(t *testing.T) {
	for code, want := range map[int]ended{1000: {}, 1001: {}, 1006: {}, 4000: {}, 4001: {}, 4002: {}, 4003: {anew: true}, 4005: {}, 4007: {anew: true},
		4008: {wait: 5 * time.Second}, 4009: {anew: true}} {
		if got := closed(code); got.anew != want.anew || got.wait != want.wait || got.fatal != nil {
			t.Errorf("%d: %+v", code, got)
		}
	}
	for _, code := range []int{4004, 4010, 4011, 4012, 4013, 4014} {
		if got := closed(code); got.fatal == nil || got.fatal.Code != engine.Denied || got.fatal.Hint == "" {
			t.Errorf("%d: %+v", code, got)
		}
	}
}

// FuzzGateway: whatever a frame says, it is taken in or left alone, and never counts backwards.
func FuzzGateway(f *testing.F) {
	for _, s := range []string{`{"op":0,"t":"READY","s":1,"d":{"session_id":"x","resume_gateway_url":"wss://x","user":{"id":"5"}}}`,
		`{"op":0,"t":"RESUMED","s":2,"d":{}}`, `{"op":0,"t":"GUILD_CREATE","s":3,"d":{"id":"7","roles":[],"channels":[{"id":"8","type":0,"name":"x"}]}}`,
		`{"op":0,"t":"INTERACTION_CREATE","s":4,"d":{"id":"1","type":2}}`, `{"op":0,"t":"MESSAGE_CREATE","s":-5,"d":null}`, `{"op":0,"t":"GUILD_MEMBER_ADD","s":6,"d":{"guild_id":"1","user":{"id":"2"}}}`,
		`{"op":0,"t":"CHANNEL_UPDATE","d":[]}`, `{"op":10}`, `[]`} {
		f.Add([]byte(s))
	}
	s, err := New(Options{Token: engine.NewSecret("canary"), APIURL: "http://127.0.0.1:1/", Live: Live{Inbox: memory.New(), Log: slog.New(slog.DiscardHandler)}})
	if err != nil {
		f.Fatal(err)
	}
	d := s.taker(context.Background(), nil)
	g := &gateway{state: s.state, log: s.live.Log, take: func(e event) work {
		w := d.take(e)
		if w.keep != nil && e.name != "INTERACTION_CREATE" { // that asks the handler, who is nobody here
			return work{keep: w.keep}
		}
		return work{}
	}}
	f.Fuzz(func(t *testing.T, raw []byte) {
		var fr frame
		if json.Unmarshal(raw, &fr) != nil {
			return
		}
		c := &socket{g: g, seen: 3}
		x := c.dispatch(t.Context(), fr)
		if err := <-x.kept; err != nil {
			t.Errorf("%q: %v", raw, err)
		}
		if c.seen < 3 {
			t.Errorf("%q: counts %d", raw, c.seen)
		}
	})
}
