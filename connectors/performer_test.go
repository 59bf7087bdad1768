package connectors

import (
	"context"
	"errors"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/bretelle/bretelle/engine"
)

type odd struct {
	Value any `json:"value,omitempty"`
}

func act(name string, risk engine.Risk, run func(ctx context.Context, c *Call, in odd) (odd, error)) Action {
	return Act[odd, odd]{Name: name, Title: name, Risk: risk, Run: run, Sample: odd{Value: "sample"}}.Action("test")
}

func perform(t *testing.T, a Action, ex Exits, grace time.Duration) (*Performer, engine.Task) {
	t.Helper()
	cat, err := NewCatalog(Connector{Name: "test", Actions: []Action{a}})
	if err != nil {
		t.Fatal(err)
	}
	p := NewPerformer(cat, ex)
	p.grace = grace
	t.Cleanup(p.Close)
	return p, engine.Task{Action: a.Name, Key: "r/s", Input: []byte(`{}`)}
}

// TestAbandoned has an action that does not heed its context: it must not hold up the engine, and must not be able
// to send anything after it was said that nothing was sent.
func TestAbandoned(t *testing.T) {
	var hits atomic.Int64
	server := httptest.NewServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) { hits.Add(1) }))
	defer server.Close()
	release, late := make(chan struct{}), make(chan error, 1)
	p, task := perform(t, act("deaf", engine.Write, func(_ context.Context, c *Call, _ odd) (odd, error) {
		<-release
		_, err := c.HTTP(context.Background(), Request{Method: "POST", URL: server.URL, AllowPrivate: true})
		late <- err
		return odd{}, err
	}), Exits{}, time.Millisecond)
	ctx, cancel := context.WithCancel(context.Background())
	cancel2 := time.AfterFunc(10*time.Millisecond, cancel)
	defer cancel2.Stop()
	r := p.Perform(ctx, task)
	if r.Failure == nil || r.Failure.Class != engine.NotSent || r.Failure.Code != engine.Canceled {
		t.Fatalf("got %+v", r.Failure)
	}
	close(release)
	var f *Fault
	if err := <-late; !errors.As(err, &f) || f.Class != engine.NotSent {
		t.Errorf("its exit is still open: %v", err)
	}
	if hits.Load() != 0 {
		t.Error("it sent after it was given up")
	}
}

func TestAbandonedAfterSending(t *testing.T) {
	server := httptest.NewServer(http.NotFoundHandler())
	defer server.Close()
	release := make(chan struct{})
	defer close(release)
	p, task := perform(t, act("deaf", engine.Write, func(ctx context.Context, c *Call, _ odd) (odd, error) {
		_, err := c.HTTP(ctx, Request{Method: "POST", URL: server.URL, AllowPrivate: true})
		<-release
		return odd{}, err
	}), Exits{}, time.Millisecond)
	task.Timeout = 50 * time.Millisecond
	if r := p.Perform(context.Background(), task); r.Failure == nil || r.Failure.Class != engine.Unsure || r.Failure.Code != engine.Timeout {
		t.Fatalf("got %+v", r.Failure)
	}
}

func TestOutputsThatCannotBeKept(t *testing.T) {
	for name, c := range map[string]struct {
		value any
		code  engine.Code
	}{
		"channel": {make(chan int), engine.Unreadable},
		"large":   {strings.Repeat("x", maxOutput), engine.TooLarge},
	} {
		p, task := perform(t, act("odd", engine.Write, func(context.Context, *Call, odd) (odd, error) { return odd{c.value}, nil }), Exits{}, time.Second)
		if r := p.Perform(context.Background(), task); r.Failure == nil || r.Failure.Class != engine.Garbled || r.Failure.Code != c.code {
			t.Errorf("%s: %+v", name, r.Failure)
		}
	}
}

func TestPanicBeforeSending(t *testing.T) {
	p, task := perform(t, act("bad", engine.Write, func(context.Context, *Call, odd) (odd, error) { panic("boom") }), Exits{}, time.Second)
	r := p.Perform(context.Background(), task)
	if r.Failure == nil || r.Failure.Class != engine.BadInput || r.Failure.Code != engine.Internal || strings.Contains(r.Failure.Error().Error(), "boom") {
		t.Errorf("got %+v", r.Failure)
	}
}

// TestRehearse is a dry run: reads happen, on exits that only read; the rest is assumed.
func TestRehearse(t *testing.T) {
	var methods []string
	server := httptest.NewServer(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) { methods = append(methods, r.Method) }))
	defer server.Close()
	send := func(ctx context.Context, c *Call, in odd) (odd, error) {
		method, _ := in.Value.(string)
		_, err := c.HTTP(ctx, Request{Method: method, URL: server.URL, AllowPrivate: true})
		if err == nil && c.Dry() {
			_, err = c.Post(ctx, engine.Place{Channel: "#a"}, "", Words{Text: "x"})
		}
		return odd{}, err
	}
	p, task := perform(t, act("write", engine.Write, send), Exits{}, time.Second)
	if r, assumed := p.Rehearse(context.Background(), task); !assumed || string(r.Output) != `{"value":"sample"}` {
		t.Errorf("a write: %s %v", r.Output, assumed)
	}
	p, task = perform(t, act("read", engine.Read, send), Exits{}, time.Second)
	for _, method := range []string{"POST", "DELETE", "GET"} { // GET goes through, its message does not
		task.Input = []byte(`{"value":"` + method + `"}`)
		r, assumed := p.Rehearse(context.Background(), task)
		if assumed || r.Failure == nil || r.Failure.Class != engine.Forbidden {
			t.Errorf("%s: %+v %v", method, r, assumed)
		}
	}
	if strings.Join(methods, " ") != "GET" {
		t.Errorf("sent %v", methods)
	}
}

func TestProbe(t *testing.T) {
	found := engine.ProbeHappened
	a := Act[odd, odd]{Name: "probed", Risk: engine.Write,
		Run: func(context.Context, *Call, odd) (odd, error) { return odd{}, errors.New("must not run") },
		Probe: func(ctx context.Context, c *Call, _ odd) (engine.ProbeFound, odd, error) {
			if _, err := c.Post(ctx, engine.Place{}, "", Words{}); err == nil {
				return "", odd{}, errors.New("a probe may post")
			}
			return found, odd{Value: 1}, nil
		}}.Action("test")
	p, task := perform(t, a, Exits{}, time.Second)
	task.Probe = true
	if r := p.Perform(context.Background(), task); r.Found != found || string(r.Output) != `{"value":1}` {
		t.Errorf("got %+v", r)
	}
	found = engine.ProbeNot
	if r := p.Perform(context.Background(), task); r.Found != found || r.Output != nil {
		t.Errorf("got %+v", r)
	}
	p, task = perform(t, act("blind", engine.Write, nil2), Exits{}, time.Second)
	task.Probe = true
	if r := p.Perform(context.Background(), task); r.Found != engine.ProbeUnsure {
		t.Errorf("without a probe: %+v", r)
	}
}

func nil2(context.Context, *Call, odd) (odd, error) { return odd{}, nil }

func TestUnknownActionAndBrokenInput(t *testing.T) {
	p, task := perform(t, act("write", engine.Write, nil2), Exits{}, time.Second)
	task.Action = "test.wriet"
	if r := p.Perform(context.Background(), task); r.Failure == nil || r.Failure.Class != engine.BadInput || !strings.Contains(r.Failure.Error().Error(), `Did you mean "test.write"`) {
		t.Errorf("got %+v", r.Failure)
	}
	for _, in := range []string{`{`, `[]`, `null`, `{} {}`, `"x"`} {
		task.Action, task.Input = "test.write", []byte(in)
		if r := p.Perform(context.Background(), task); r.Failure == nil || r.Failure.Class != engine.BadInput {
			t.Errorf("%s: %+v", in, r)
		}
	}
	task.Input = nil
	if r := p.Perform(context.Background(), task); r.Failure != nil {
		t.Errorf("no input at all: %+v", r.Failure)
	}
}
