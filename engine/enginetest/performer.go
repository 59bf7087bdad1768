package enginetest

import (
	"context"
	"encoding/json"
	"sync"

	"github.com/bretelle/bretelle/engine"
)

// Call is one call that reached the outside.
type Call struct {
	Path, Key, Run string
	Attempt        int
	Probe          bool
	Input          string
}

// Outside is the world beyond the runtime: it counts calls and answers as told. It outlives lives of the process.
type Outside struct {
	mu     sync.Mutex
	calls  []Call
	script map[string][]engine.Result // by path; the last one stays
	probes map[string][]engine.Result
	hold   map[string]chan struct{} // by path: calls wait for it
	cut    int                      // calls that were cancelled
	moved  func()
}

func newOutside(moved func()) *Outside {
	return &Outside{
		script: map[string][]engine.Result{}, probes: map[string][]engine.Result{}, hold: map[string]chan struct{}{},
		moved: moved,
	}
}

// OK is an answer.
func OK(output string) engine.Result { return engine.Result{Output: json.RawMessage(output)} }

// Fail is a failed attempt.
func Fail(class engine.FailureClass, status int) engine.Result {
	return engine.Result{Failure: &engine.Failure{Class: class, Code: engine.Refused, Msg: "it said {status}", Args: engine.Args("status", status), Status: status}}
}

// Found is a probe's answer.
func Found(f engine.ProbeFound) engine.Result {
	return engine.Result{Found: f, Output: json.RawMessage(`{"found":true}`)}
}

// Answer sets what calls at path are answered, one after the other, the last one from then on. Without it they
// succeed.
func (o *Outside) Answer(path string, results ...engine.Result) {
	o.mu.Lock()
	defer o.mu.Unlock()
	o.script[path] = results
}

// AnswerProbe is Answer for probes, which otherwise are unsure.
func (o *Outside) AnswerProbe(path string, results ...engine.Result) {
	o.mu.Lock()
	defer o.mu.Unlock()
	o.probes[path] = results
}

// Hold makes calls at path wait, after they were counted, until release is called or they are cancelled.
func (o *Outside) Hold(path string) (release func()) {
	o.mu.Lock()
	defer o.mu.Unlock()
	c := make(chan struct{})
	o.hold[path] = c
	return sync.OnceFunc(func() {
		o.mu.Lock()
		defer o.mu.Unlock()
		delete(o.hold, path)
		close(c)
	})
}

// Calls lists the calls at path, probes left out.
func (o *Outside) Calls(path string) []Call {
	o.mu.Lock()
	defer o.mu.Unlock()
	var out []Call
	for _, c := range o.calls {
		if c.Path == path && !c.Probe {
			out = append(out, c)
		}
	}
	return out
}

// Cut counts the calls that were cancelled while they were under way.
func (o *Outside) Cut() int {
	o.mu.Lock()
	defer o.mu.Unlock()
	return o.cut
}

// CallsOf counts the calls of one run at path.
func (o *Outside) CallsOf(run, path string) (n int) {
	for _, c := range o.Calls(path) {
		if c.Run == run {
			n++
		}
	}
	return n
}

// performer is the Outside as one life of the process reaches it.
type performer struct {
	o    *Outside
	dead <-chan struct{}
}

func (p performer) Perform(ctx context.Context, t engine.Task) engine.Result {
	o := p.o
	select {
	case <-p.dead:
		<-ctx.Done()
		return Fail(engine.NotSent, 0)
	default:
	}
	if ctx.Err() != nil {
		return Fail(engine.NotSent, 0)
	}
	o.mu.Lock()
	o.calls = append(o.calls, Call{Path: t.Path, Key: t.Key, Run: t.Run, Attempt: t.Attempt, Probe: t.Probe, Input: string(t.Input)})
	script := o.script
	if t.Probe {
		script = o.probes
	}
	res := OK(`{"ok":true}`)
	if t.Probe {
		res = engine.Result{Found: engine.ProbeUnsure}
	}
	if rs := script[t.Path]; len(rs) > 0 {
		if res = rs[0]; len(rs) > 1 {
			script[t.Path] = rs[1:]
		}
	}
	hold := o.hold[t.Path]
	o.mu.Unlock()
	o.moved()
	if hold == nil || t.Probe {
		return res
	}
	select {
	case <-hold:
		return res
	case <-ctx.Done():
		o.mu.Lock()
		o.cut++
		o.mu.Unlock()
		o.moved()
		return Fail(engine.Unsure, 0)
	}
}
