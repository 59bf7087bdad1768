package connectors_test

import (
	"context"
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"sync/atomic"
	"testing"

	"github.com/bretelle/bretelle/connectors"
	"github.com/bretelle/bretelle/connectors/web"
	"github.com/bretelle/bretelle/engine"
)

// rig is a performer of http.request with real exits: the guard included.
func rig(t *testing.T, ex connectors.Exits) *connectors.Performer {
	t.Helper()
	cat, err := connectors.NewCatalog(web.New())
	if err != nil {
		t.Fatal(err)
	}
	p := connectors.NewPerformer(cat, ex)
	t.Cleanup(p.Close)
	return p
}

func call(t *testing.T, p *connectors.Performer, in map[string]any) engine.Result {
	t.Helper()
	return callCtx(context.Background(), t, p, in)
}

func callCtx(ctx context.Context, t *testing.T, p *connectors.Performer, in map[string]any) engine.Result {
	t.Helper()
	text, err := engine.EncodeJSON(in)
	if err != nil {
		t.Fatal(err)
	}
	r := p.Perform(ctx, engine.Task{Run: "r", Path: "s", Attempt: 1, Action: "http.request", Input: text, Key: "r/s"})
	if (r.Output == nil) == (r.Failure == nil) {
		t.Errorf("a result is an output or a failure: %+v", r)
	}
	if r.Failure != nil {
		if _, err := json.Marshal(r.Failure); err != nil {
			t.Errorf("a failure must be storable: %v", err)
		}
		if len(r.Failure.Said) > 500 {
			t.Errorf("it said %d bytes", len(r.Failure.Said))
		}
	}
	return r
}

func wantClass(t *testing.T, r engine.Result, class engine.FailureClass, code engine.Code) {
	t.Helper()
	if r.Failure == nil || r.Failure.Class != class || r.Failure.Code != code {
		t.Errorf("got %s %+v, wanted %s/%s", r.Output, r.Failure, class, code)
	}
}

// canary is a server that must not be reached, or must not see something.
type canary struct {
	*httptest.Server
	hits atomic.Int64
	seen atomic.Pointer[http.Request]
}

func newCanary(t *testing.T, h http.HandlerFunc) *canary {
	t.Helper()
	c := &canary{}
	c.Server = httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		c.hits.Add(1)
		c.seen.Store(r.Clone(context.Background()))
		if h != nil {
			h(w, r)
		}
	}))
	t.Cleanup(func() {
		c.CloseClientConnections()
		c.Close()
	})
	return c
}
