package connectortest

import (
	"context"
	"fmt"
	"net/http"
	"runtime"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/bretelle/bretelle/connectors"
	"github.com/bretelle/bretelle/engine"
)

// record is a test that only writes down what fails.
type record struct {
	testing.TB // for what is only read, and for cleaning up

	mu    sync.Mutex
	wrong []string
}

func (r *record) add(s string) { r.mu.Lock(); r.wrong = append(r.wrong, s); r.mu.Unlock() }

func (r *record) Helper()                                            {}
func (r *record) Error(args ...any)                                  { r.add(fmt.Sprint(args...)) }
func (r *record) Errorf(f string, args ...any)                       { r.add(fmt.Sprintf(f, args...)) }
func (r *record) Fatal(args ...any)                                  { r.Error(args...); runtime.Goexit() }
func (r *record) Fatalf(f string, args ...any)                       { r.Errorf(f, args...); runtime.Goexit() }
func (r *record) Failed() bool                                       { r.mu.Lock(); defer r.mu.Unlock(); return len(r.wrong) > 0 }
func (r *record) has(s string) bool                                  { return strings.Contains(strings.Join(r.wrong, "\n"), s) }
func (r *record) sub(_ testing.TB, _ string, check func(testing.TB)) { r.run(func() { check(r) }) }

// run ends when check does, also by Fatal.
func (r *record) run(check func()) {
	done := make(chan struct{})
	go func() { defer close(done); check() }()
	<-done
}

const origin = "https://things.example.org"

type thing struct {
	Name string `json:"name" title:"Name" required:"true" doc:"What it is called."`
}

type made struct {
	ID string `json:"id" doc:"The thing that was made."`
}

var (
	account = &engine.Credential{Name: "things", Origin: origin, Header: "Authorization", Value: engine.NewSecret("Bearer sesame-for-the-test")}
	request = connectors.Request{Method: "POST", URL: origin + "/things", Account: "things", SendKey: true}
)

func make1(ctx context.Context, c *connectors.Call, r connectors.Request, in thing) (made, error) {
	r.Type, r.Body = "text/plain", []byte(in.Name)
	resp, err := c.HTTP(ctx, r)
	if err != nil {
		return made{}, err
	}
	return made{ID: string(resp.Body)}, nil
}

// good is an action that keeps the contract.
func good() connectors.Act[thing, made] {
	return connectors.Act[thing, made]{
		Name: "thing.make", Title: "Make a thing", Doc: "Makes a thing.", Risk: engine.Write, Scopes: []string{"things:write"},
		Idempotency: connectors.KeySent, Sample: made{ID: "7"},
		Tests: []connectors.Test[thing]{{Name: "one", In: thing{Name: "box"}, Account: account, Out: map[string]any{"id": "7"},
			Calls: []connectors.Exchange{{Method: "POST", URL: origin + "/things", Body: "box", Header: map[string]string{"Authorization": "Bearer sesame-for-the-test"},
				Status: 201, Text: "7"}}}},
		Describe: func(map[string]any) (string, any) { return "Make a thing", nil },
		Run: func(ctx context.Context, c *connectors.Call, in thing) (made, error) {
			return make1(ctx, c, request, in)
		},
	}
}

func service(a connectors.Action) connectors.Connector {
	return connectors.Connector{Name: "things", Title: "Things", Doc: "Makes things.", Actions: []connectors.Action{a}}
}

// held is what the contract finds wrong with a connector.
func held(t *testing.T, c connectors.Connector, patience time.Duration) *record {
	r := &record{TB: t}
	r.run(func() { contract{patience: patience, sub: r.sub}.hold(r, c, Options{}) })
	return r
}

func TestAGoodConnectorKeepsIt(t *testing.T) {
	if r := held(t, service(good().Action("things")), 20*time.Second); r.Failed() {
		t.Errorf("%s", strings.Join(r.wrong, "\n"))
	}
}

// Every promise of the contract is one that a connector can break, and is caught breaking.
func TestBadConnectorsFailIt(t *testing.T) {
	every := func(int) bool { return true }
	// run is good with another way to do it.
	run := func(f func(context.Context, *connectors.Call, thing) (made, error)) connectors.Action {
		a := good()
		a.Run = f
		return a.Action("things")
	}
	act := func(f func(*connectors.Act[thing, made])) connectors.Action {
		a := good()
		f(&a)
		return a.Action("things")
	}
	after := func(f func(*connectors.Action)) connectors.Action {
		a := good().Action("things")
		f(&a)
		return a
	}
	for name, x := range map[string]struct {
		action connectors.Action
		wrong  string
	}{
		"no sentence in its doc":    {act(func(a *connectors.Act[thing, made]) { a.Doc = "makes a thing" }), `doc "makes a thing" is sentences`},
		"a title with a stop":       {act(func(a *connectors.Act[thing, made]) { a.Title = "Make it." }), `title "Make it." has no stop`},
		"no doc of a field":         {after(func(a *connectors.Action) { a.In.Fields[0].Doc = "" }), `in.name: doc "" is sentences`},
		"a sample of another shape": {after(func(a *connectors.Action) { a.Sample = map[string]any{"id": []any{}} }), "the sample does not fit"},
		"no sample":                 {after(func(a *connectors.Action) { a.Sample = nil }), "there is no sample"},
		"a line of two lines": {act(func(a *connectors.Act[thing, made]) {
			a.Describe = func(map[string]any) (string, any) { return "a\nb", nil }
		}), "its line is"},
		"an account without scopes": {act(func(a *connectors.Act[thing, made]) { a.Account, a.Scopes = "things", nil }), "names no scopes"},
		"a greater risk than it says": {act(func(a *connectors.Act[thing, made]) {
			a.Traits = func(map[string]any) engine.Traits { return engine.Traits{Risk: engine.Destroy} }
		}), "more than its greatest risk"},
		"nothing recorded": {act(func(a *connectors.Act[thing, made]) { a.Tests = nil }), "there is no recorded exchange"},
		"another request":  {act(func(a *connectors.Act[thing, made]) { a.Tests[0].Calls[0].URL += "/x" }), "recorded POST " + origin + "/things/x"},
		"another output":   {act(func(a *connectors.Act[thing, made]) { a.Tests[0].Out = map[string]any{"id": "8"} }), `output id is "7", recorded "8"`},
		"its key is not sent": {run(func(ctx context.Context, c *connectors.Call, in thing) (made, error) {
			r := request
			r.SendKey = false
			return make1(ctx, c, r, in)
		}), "went without the idempotency key"},
		"503 is nobody's fault": {run(func(ctx context.Context, c *connectors.Call, in thing) (made, error) {
			r := request
			r.Expect = func(status int) bool { return status == http.StatusServiceUnavailable || status/100 == 2 }
			resp, err := c.HTTP(ctx, r)
			if err == nil && resp.Status == http.StatusServiceUnavailable {
				err = connectors.Fail(engine.Rejected, engine.Refused, "no").WithHint("Try later.")
			}
			return made{ID: "7"}, err
		}), "status 503 gives"},
		"an error is a result": {run(func(ctx context.Context, c *connectors.Call, in thing) (made, error) {
			r := request
			r.Expect = every
			return make1(ctx, c, r, in)
		}), "status 422 gives <nil>"},
		"it tries again by itself": {run(func(ctx context.Context, c *connectors.Call, in thing) (made, error) {
			out, err := make1(ctx, c, request, in)
			if err != nil && ctx.Err() == nil {
				return make1(ctx, c, request, in)
			}
			return out, err
		}), "connectors never retry"},
		"its secret is in an error": {run(func(ctx context.Context, c *connectors.Call, in thing) (made, error) {
			r := request
			r.Account = ""
			out, err := make1(ctx, c, r, in)
			if err != nil {
				err = connectors.Fail(engine.Unauthorized, engine.Refused, "{token} is not accepted", "token", account.Value.Reveal())
			}
			return out, err
		}), "the secret is in the result"},
		"its context means nothing": {run(func(ctx context.Context, c *connectors.Call, in thing) (made, error) {
			return make1(context.WithoutCancel(ctx), c, request, in)
		}), "it does not heed its context: the request goes on"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			patience := 20 * time.Second
			if strings.Contains(x.wrong, "context") {
				patience = 4 * time.Second // it is waited for in vain, after the two seconds that the performer gives it
			}
			if r := held(t, service(x.action), patience); !r.has(x.wrong) {
				t.Errorf("not caught with %q; found: %s", x.wrong, strings.Join(r.wrong, "\n"))
			}
		})
	}
}

func TestConnectorsAndTriggersHaveWords(t *testing.T) {
	c := service(good().Action("things"))
	c.Doc = "no sentence"
	c.Triggers = []engine.TriggerKind{{Name: "things.made", Title: "A thing was made", Doc: "A thing was made.", Identity: []string{"nowhere"},
		With: &engine.Schema{Type: "object", Fields: []engine.Field{{Name: "kind", Schema: &engine.Schema{Type: "string", Doc: "Which."}}}}}}
	r := held(t, c, 20*time.Second)
	for _, wrong := range []string{"a doc is sentences", `identity "nowhere" is not a setting`} {
		if !r.has(wrong) {
			t.Errorf("not caught with %q; found: %s", wrong, strings.Join(r.wrong, "\n"))
		}
	}
}
