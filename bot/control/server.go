package control

import (
	"context"
	"encoding/json"
	"errors"
	"log/slog"
	"net"
	"net/http"
	"time"

	"github.com/bretelle/bretelle/bot"
	"github.com/bretelle/bretelle/engine"
	"github.com/bretelle/bretelle/engine/flow"
	"github.com/bretelle/bretelle/engine/flows"
	"github.com/bretelle/bretelle/prompts"
)

// Flows is the library of flows.
type Flows interface {
	List(ctx context.Context) ([]engine.FlowHead, error)
	Head(ctx context.Context, name string) (engine.FlowHead, error)
	Problems(ctx context.Context, name string) (engine.Problems, error)
	Source(ctx context.Context, name, which string) ([]byte, error)
	Apply(ctx context.Context, source []byte, by string, publish bool) (flows.Applied, error)
	Publish(ctx context.Context, name, by string) (engine.FlowHead, engine.Problems, error)
	SetState(ctx context.Context, name string, s engine.FlowState, by string) (engine.FlowHead, error)
	ManualTrigger(ctx context.Context, name string) (string, error)
}

// Secrets keeps credentials.
type Secrets interface {
	// Put seals a credential as its next version. Errors: Invalid, Conflict, Unavailable.
	Put(ctx context.Context, c engine.Credential) (version int64, err error)
	// All lists what is there; Value is empty, At is when each was set.
	All(ctx context.Context) ([]SecretOut, error)
}

// Talk is the console, as a terminal uses it.
type Talk interface {
	// Do is what a person did, and what they see of it: the reply, and the message's id when one was written.
	Do(ctx context.Context, in bot.In) (reply bot.Reply, message string, err error)
	// Changes receives after each change of the console's messages, and is closed when the console closes.
	Changes() (changed <-chan struct{}, stop func())
}

// Admin knows who there is and what they may, and is the one way to change it: the bot.
type Admin interface {
	// Options finds the choices of a dialog's field that are looked up (bot.InLookUp).
	Options(ctx context.Context, in bot.In) ([]prompts.Option, error)
	// May and MayRun say what a person, by id, may do with a flow and with a run; Denied.
	May(ctx context.Context, by string, d bot.Deed, flow string, place engine.Place) error
	// MayReach says whether they may publish a text, in every place that it names; Denied.
	MayReach(ctx context.Context, by string, f *flow.Flow) error
	MayRun(ctx context.Context, by string, d bot.Deed, v engine.RunView) error
	// MayAgain says whether they may run a run again with a version; Denied.
	MayAgain(ctx context.Context, by string, v engine.RunView, version int64) error
	AddPerson(ctx context.Context, by, name string, role engine.Role) (engine.Person, error)
	SetGroup(ctx context.Context, by, group string, persons []string, more bool) ([]string, error)
	AddChannel(ctx context.Context, by, place, lang string) (bot.Channel, error)
	LoginLink(ctx context.Context, person string) (token string, err error)
	// FirstAdmin makes the first admin's token; "" when there is an admin.
	FirstAdmin(ctx context.Context) (token string, err error)
}

// Options of the server. All are required but Log, Signal and Reference.
type Options struct {
	Flows    Flows
	Runs     bot.Runs
	Mender   bot.Mender // runs runs again and takes them back; nil cannot
	People   bot.People
	Messages bot.Messages
	Outbox   bot.Outbox
	Audit    bot.Auditor
	Secrets  Secrets
	Talk     Talk
	Admin    Admin
	Console  string // URL of the console, for login links
	// Hook makes the request that delivers body to the webhook at path, signed as its flow asks.
	Hook func(ctx context.Context, in HookIn) (HookOut, error)
	// Signal tells an event to the flows that listen and the runs that wait; nil cannot.
	Signal func(ctx context.Context, in SignalIn) (SignalOut, error)
	// Doctor answers what is known about a reference, or about the installation when ref is "".
	Doctor func(ctx context.Context, ref string) (any, error)
	// SlackInstall makes a link that installs the bot in another Slack workspace, once; nil cannot.
	SlackInstall func(ctx context.Context) (url string, err error)
	// Reference keeps an internal error and gives its short reference; nil gives none.
	Reference func(err error) string
	// Life copies the installation and forgets what is old; nil cannot.
	Life Life
	// Key says where the master key lies, never the key.
	Key  func(ctx context.Context) (place string, err error)
	Demo bool // an unknown `--as` becomes a person
	Now  func() time.Time
	Log  *slog.Logger
}

type server struct {
	Options
	talks *talks
	http.Handler
}

// Serve answers on the socket of dir until ctx ends; ready is called once the socket is open. The error is
// Unavailable when it cannot be opened.
func Serve(ctx context.Context, o Options, dir string, ready func()) error {
	l, remove, err := listen(dir)
	if err != nil {
		return err
	}
	defer remove()
	base, cancel := context.WithCancel(context.WithoutCancel(ctx))
	defer cancel()
	srv := &http.Server{Handler: newServer(o), ReadHeaderTimeout: 10 * time.Second}
	srv.RegisterOnShutdown(cancel)
	srv.BaseContext = func(_ net.Listener) context.Context { return base }
	done := make(chan error, 1)
	go func() { done <- srv.Serve(l) }()
	if ready != nil {
		ready()
	}
	select {
	case err := <-done:
		return engine.E(engine.Unavailable, "the control socket closed").WithOp("control.serve").Wrap(err)
	case <-ctx.Done():
	}
	drain, stop := context.WithTimeout(context.Background(), 5*time.Second)
	defer stop()
	if err := srv.Shutdown(drain); err != nil {
		_ = srv.Close() // whoever still waits for an answer gets none
	}
	return nil
}

func newServer(o Options) *server {
	if o.Log == nil {
		o.Log = slog.Default()
	}
	if o.Now == nil {
		o.Now = time.Now
	}
	s := &server{Options: o, talks: newTalks()}
	mux := http.NewServeMux()
	add := func(name string, h http.HandlerFunc) { mux.HandleFunc("POST /do/"+name, h) }
	add("flow.apply", op(s, s.flowApply))
	add("flow.list", op(s, s.flowList))
	add("flow.show", op(s, s.flowShow))
	add("flow.export", op(s, s.flowExport))
	add("flow.publish", op(s, s.flowPublish))
	add("flow.pause", op(s, s.flowPause))
	add("flow.resume", op(s, s.flowResume))
	add("flow.run", op(s, s.flowRun))
	add("run.list", op(s, s.runList))
	add("run.show", op(s, s.runShow))
	add("run.retry", op(s, s.runRetry))
	add("run.cancel", op(s, s.runCancel))
	add("run.erase", op(s, s.runErase))
	add("run.again", op(s, s.runAgain))
	add("run.undo", op(s, s.runUndo))
	add("run.move", op(s, s.runMove))
	add("backup", op(s, s.backup))
	add("keep", op(s, s.keep))
	add("person.add", op(s, s.personAdd))
	add("person.list", op(s, s.personList))
	add("group.set", op(s, s.groupSet))
	add("channel.add", op(s, s.channelAdd))
	add("secret.set", op(s, s.secretSet))
	add("secret.list", op(s, s.secretList))
	add("hook.sign", op(s, s.Hook))
	add("signal", op(s, s.tellEvent))
	add("login", op(s, s.login))
	add("doctor", op(s, s.doctor))
	add("key.place", op(s, s.keyPlace))
	add("slack.install", op(s, s.slackInstall))
	add("chat", op(s, s.chat))
	add("chat.cards", op(s, s.chatCards))
	mux.HandleFunc("POST /watch", s.watch)
	s.Handler = mux
	return s
}

// bodyMost bounds a request: a flow's text, a webhook's body.
const bodyMost = 8 << 20

// op makes an operation of a function on JSON.
func op[In, Out any](s *server, f func(context.Context, In) (Out, error)) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		var in In
		if err := json.NewDecoder(http.MaxBytesReader(w, r.Body, bodyMost)).Decode(&in); err != nil {
			s.fail(w, badRequest(err))
			return
		}
		out, err := f(r.Context(), in)
		if err != nil {
			s.fail(w, err)
			return
		}
		w.Header().Set("Content-Type", "application/json")
		_ = json.NewEncoder(w).Encode(out) // the caller went away: nobody to tell
	}
}

func badRequest(err error) error {
	var large *http.MaxBytesError
	if errors.As(err, &large) {
		return engine.E(engine.TooLarge, "that is more than {limit} bytes", "limit", large.Limit)
	}
	return engine.E(engine.Invalid, "the request cannot be read").Wrap(err)
}

// failure is how an error travels.
type failure struct {
	Error ErrorOut     `json:"error"`
	Flaws []ProblemOut `json:"problems,omitempty"`
}

// flawed is an error about a flow's text together with everything that was found.
type flawed struct {
	error
	problems engine.Problems
}

func (f flawed) Unwrap() error { return f.error }

func (s *server) fail(w http.ResponseWriter, err error) {
	out := failure{Error: *ErrorOf(err)}
	var f flawed
	if errors.As(err, &f) {
		out.Flaws = ProblemsOut(f.problems)
	}
	if engine.CodeOf(err) == engine.Internal {
		s.Log.Error("a control operation failed", "err", err, "cause", engine.AsError(err).Err)
		if s.Reference != nil {
			out.Error.Hint = engine.Fill("The log has more, under {ref}: bretelle doctor {ref}", engine.Args("ref", s.Reference(err)))
		}
	}
	w.Header().Set("Content-Type", "application/json")
	w.WriteHeader(http.StatusUnprocessableEntity)
	_ = json.NewEncoder(w).Encode(out) // the caller went away: nobody to tell
}

func (s *server) now() int64 { return engine.Millis(s.Now()) }
