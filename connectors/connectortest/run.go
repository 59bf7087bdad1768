package connectortest

import (
	"bytes"
	"context"
	"encoding/json"
	"net/http"
	"reflect"
	"testing"
	"time"

	"github.com/bretelle/bretelle/connectors"
	"github.com/bretelle/bretelle/engine"
)

// Key is the idempotency key that recorded exchanges see.
const Key = "run/step"

// Options tells what a connector is excused from, with the reason, by action name.
type Options struct {
	Unrecorded map[string]string // actions without recorded exchanges
}

// Run holds a connector to the contract.
func Run(t *testing.T, c connectors.Connector, o Options) {
	t.Helper()
	contract{patience: 20 * time.Second, sub: subtest}.hold(t, c, o)
}

// contract is how the contract is checked.
type contract struct {
	patience time.Duration                                             // bounds waiting for something that should happen at once
	sub      func(t testing.TB, name string, check func(t testing.TB)) // runs a part
}

func subtest(t testing.TB, name string, check func(testing.TB)) {
	if t, ok := t.(*testing.T); ok {
		t.Run(name, func(t *testing.T) { check(t) })
	}
}

func (k contract) hold(t testing.TB, c connectors.Connector, o Options) {
	t.Helper()
	cat, err := connectors.NewCatalog(c)
	if err != nil {
		t.Fatal(err)
	}
	if !Sentence(c.Doc) || c.Title == "" {
		t.Errorf("connector %s: title %q and doc %q: a doc is sentences", c.Name, c.Title, c.Doc)
	}
	for _, tr := range c.Triggers {
		checkTrigger(t, tr)
	}
	checkSources(t, c)
	for _, a := range c.Actions {
		k.sub(t, a.Name, func(t testing.TB) {
			checkWords(t, a)
			if len(a.Tests) == 0 && o.Unrecorded[a.Name] == "" {
				t.Error("there is no recorded exchange")
			}
			outside := NewOutside(t)
			for _, rec := range a.Tests {
				k.sub(t, rec.Name, func(t testing.TB) { replay(t, cat, outside, a, rec) })
			}
			for _, rec := range a.Tests {
				if len(rec.Calls) > 0 && rec.Class == "" {
					k.breakIt(t, cat, outside, a, rec)
					break
				}
			}
		})
	}
}

// task is one attempt of a recorded exchange.
func task(t testing.TB, a connectors.Action, rec connectors.Recorded) engine.Task {
	t.Helper()
	in, err := engine.EncodeJSON(rec.In)
	if err != nil {
		t.Fatal(err)
	}
	return engine.Task{Run: "run", Path: "step", Attempt: 1, Action: a.Name, Input: in, Key: Key,
		Channel: engine.Place{Surface: engine.ConsoleSurface, Channel: "#triage"}}
}

func performer(t testing.TB, cat *connectors.Catalog, o *Outside, rec connectors.Recorded, m *Messenger) *connectors.Performer {
	t.Helper()
	return performerOn(t, cat, o, rec, m, nil)
}

func performerOn(t testing.TB, cat *connectors.Catalog, o *Outside, rec connectors.Recorded, m *Messenger, tables connectors.Tables) *connectors.Performer {
	t.Helper()
	var s Secrets
	if rec.Account != nil {
		s.List = []engine.Credential{*rec.Account}
	}
	ex := o.Exits(s, m)
	ex.Tables = tables
	p := connectors.NewPerformer(cat, ex)
	t.Cleanup(p.Close)
	return p
}

// replay performs a recorded exchange and compares what was sent and what came out.
func replay(t testing.TB, cat *connectors.Catalog, o *Outside, a connectors.Action, rec connectors.Recorded) {
	n := 0
	o.Answer(func(w http.ResponseWriter, _ *http.Request) {
		if n >= len(rec.Calls) {
			w.WriteHeader(http.StatusTeapot)
			return
		}
		x := rec.Calls[n]
		n++
		for k, v := range x.Answer {
			w.Header().Set(k, v)
		}
		w.WriteHeader(x.Status)
		_, _ = w.Write([]byte(x.Text)) // a caller that hung up shows in what it reports
	})
	m := &Messenger{List: rec.Members}
	o.Mail.Forget()
	tables := tablesOf(t, rec)
	p := performerOn(t, cat, o, rec, m, tables)
	r := p.Perform(context.Background(), task(t, a, rec))
	compareMails(t, o.Mail.Mails(), rec.Mails)
	compareRows(t, tables, rec)
	seen := o.Requests()
	if len(seen) != len(rec.Calls) {
		t.Errorf("%d requests were made, %d are recorded", len(seen), len(rec.Calls))
	}
	for i := range min(len(seen), len(rec.Calls)) {
		compare(t, a, rec.Calls[i], seen[i])
	}
	if posts := m.Posts(); !reflect.DeepEqual(posts, rec.Posts) && len(posts)+len(rec.Posts) > 0 {
		t.Errorf("posted %+v, recorded %+v", posts, rec.Posts)
	}
	if len(rec.Posts) > 0 && a.Idempotency == connectors.KeySent && m.keys[Key] == "" {
		t.Errorf("the message went without the key")
	}
	switch {
	case rec.Class != "":
		if r.Failure == nil || r.Failure.Class != rec.Class {
			t.Errorf("got %+v, wanted a failure of class %s", r.Failure, rec.Class)
		}
	case r.Failure != nil:
		t.Errorf("failed: %v (%+v)", r.Failure.Error(), r.Failure)
	case rec.Out != nil:
		compareOut(t, a, r.Output, rec.Out)
	}
	noSecret(t, rec, r)
}

func compare(t testing.TB, a connectors.Action, want connectors.Exchange, got Seen) {
	t.Helper()
	if got.Method != want.Method || got.URL != want.URL {
		t.Errorf("sent %s %s, recorded %s %s", got.Method, got.URL, want.Method, want.URL)
	}
	for k, v := range want.Header {
		if got.Header.Get(k) != v {
			t.Errorf("header %s is %q, recorded %q", k, got.Header.Get(k), v)
		}
	}
	if !sameBody(string(got.Body), want.Body) {
		t.Errorf("sent %s, recorded %s", got.Body, want.Body)
	}
	if a.Idempotency == connectors.KeySent && got.Method != "GET" && got.Header.Get("Idempotency-Key") != Key {
		t.Errorf("%s went without the idempotency key it promises", got.URL)
	}
}

func sameBody(a, b string) bool {
	if a == b {
		return true
	}
	x, err := engine.DecodeJSON([]byte(a))
	y, err2 := engine.DecodeJSON([]byte(b))
	return err == nil && err2 == nil && reflect.DeepEqual(x, y)
}

// compareOut compares the members that are recorded; a whole value that is no object is compared whole.
func compareOut(t testing.TB, a connectors.Action, got json.RawMessage, want any) {
	t.Helper()
	v, err := engine.DecodeJSON(got)
	if err != nil {
		t.Fatalf("the output is not JSON: %v", err)
	}
	if _, bad := connectors.Fit(a.Out, v, ""); bad != nil {
		t.Errorf("the output does not fit its schema: %v", bad)
	}
	have, ok := v.(map[string]any)
	wanted, ok2 := want.(map[string]any)
	if !ok || !ok2 {
		wanted, have = map[string]any{"": want}, map[string]any{"": v}
	}
	for k := range wanted {
		x, err := engine.EncodeJSON(have[k])
		y, err2 := engine.EncodeJSON(wanted[k])
		if err != nil || err2 != nil || !bytes.Equal(x, y) {
			t.Errorf("output %s is %s, recorded %s", k, x, y)
		}
	}
}
