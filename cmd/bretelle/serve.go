package main

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"syscall"
	"time"

	"github.com/bretelle/bretelle/bot/control"
	"github.com/bretelle/bretelle/connectors/intake"
	"github.com/bretelle/bretelle/engine"
	"github.com/bretelle/bretelle/storage/sqlite"
)

type serveCmd struct {
	Listen      string `help:"Address of the console." default:"127.0.0.1:7700" placeholder:"ADDR"`
	HooksListen string `help:"Address of the webhooks." default:"127.0.0.1:7701" placeholder:"ADDR"`
	PublicURL   string `name:"public-url" help:"How the outside reaches this machine: https://bots.example.org" placeholder:"URL"`
	Demo        bool   `help:"Let anybody who is logged in act as anybody, to try things out."`
	CommandName string `help:"The word after / in chat." default:"flow" placeholder:"WORD"`
	Batch       int    `help:"Changes that share a disk write at most." default:"64" placeholder:"N"`
	HoldAfter   int    `name:"hold-after" help:"Calls in a row without an answer that have the others to the same service wait; 0: never." default:"5" placeholder:"N"`
	BackupEvery string `name:"backup-every" help:"Make a backup so often: 24h, 1d. Without it, none are made." placeholder:"TIME"`
	BackupKeep  int    `name:"backup-keep" help:"Keep so many of those backups." default:"7" placeholder:"N"`
	Verbose     bool   `help:"Log more."`
}

// Everything ends within ten seconds of SIGTERM: calls that are under way get most of it.
const (
	drainTasks = 5 * time.Second
	drainHTTP  = 2 * time.Second
)

// Run serves until SIGTERM or Ctrl-C.
func (c *serveCmd) Run(e *env) error {
	began := time.Now()
	public, err := c.publicURL()
	if err != nil {
		return err
	}
	if c.HoldAfter <= 0 {
		c.HoldAfter = -1
	}
	if c.Batch < 1 || c.Batch > 4096 {
		return usage{engine.E(engine.Invalid, "--batch is from 1 to 4096")}
	}
	if !validWord(c.CommandName) {
		return usage{engine.E(engine.Invalid, "--command-name is a word of small letters, digits and dashes")}
	}
	every, err := c.backupEvery()
	if err != nil {
		return err
	}
	level := slog.LevelInfo
	if c.Verbose {
		level = slog.LevelDebug
	}
	log := slog.New(slog.NewTextHandler(e.err, &slog.HandlerOptions{Level: level}))
	_, before := os.Stat(filepath.Join(e.dir, sqlite.File))
	with := settings{dir: e.dir, holdAfter: c.HoldAfter, batch: c.Batch, command: c.CommandName, public: public, demo: c.Demo, log: log, backupEvery: every, backupKeep: c.BackupKeep}
	if e.tweak != nil {
		e.tweak(&with)
	}
	a, err := newApp(e.ctx, with)
	if err != nil {
		return err
	}
	if a.wired != nil {
		a.wired(a)
	}
	s := &serving{app: a, hangUp: func() {}}
	err = s.open(c.Listen, c.HooksListen)
	if err == nil {
		err = s.start(e.ctx)
	}
	if err == nil {
		err = s.banner(e, errors.Is(before, os.ErrNotExist), time.Since(began))
	}
	if err == nil {
		if e.tweak == nil { // it is for the whole process, and tests have several bots in one
			s.beside.Go(func() { newKeeper().watch(s.life) })
		}
		err = s.wait(e.ctx)
	}
	return errors.Join(err, s.stop())
}

func validWord(w string) bool {
	return w != "" && len(w) <= 32 && strings.Trim(w, "abcdefghijklmnopqrstuvwxyz0123456789-") == ""
}

func (c *serveCmd) publicURL() (*url.URL, error) {
	if c.PublicURL == "" {
		return nil, nil
	}
	u, err := url.Parse(strings.TrimRight(c.PublicURL, "/"))
	if err != nil || u.Host == "" || u.Scheme != "https" && u.Scheme != "http" || u.RawQuery != "" {
		return nil, usage{engine.E(engine.Invalid, "--public-url is an address like https://bots.example.org")}
	}
	return u, nil
}

// serving is an app at work.
type serving struct {
	*app
	consoleOn, hooksOn net.Listener
	consoleSrv         *http.Server
	hooksSrv           *http.Server
	life               context.Context    // of what runs beside the servers
	cancel             context.CancelFunc // ends it
	hangUp             func()             // ends the connections to chat platforms, and waits for what they were at
	beside             sync.WaitGroup
	failed             chan error
}

// open takes both addresses. The error is Unavailable and says which one is taken.
func (s *serving) open(consoleAddr, hooksAddr string) (err error) {
	if s.consoleOn, err = listen(consoleAddr, "--listen"); err != nil {
		return err
	}
	if s.hooksOn, err = listen(hooksAddr, "--hooks-listen"); err == nil {
		s.hooksBase = base(s.hooksOn)
	}
	return err
}

func listen(addr, flag string) (net.Listener, error) {
	l, err := net.Listen("tcp", addr)
	switch {
	case errors.Is(err, syscall.EADDRINUSE):
		return nil, engine.E(engine.Unavailable, "{addr} is in use by another program", "addr", addr, "flag", flag).
			WithHint("Stop it, or choose another address with {flag}.").Wrap(err)
	case err != nil:
		return nil, engine.E(engine.Unavailable, "{addr} cannot be listened on", "addr", addr, "flag", flag).
			WithHint("Give {flag} an address of this machine, like 127.0.0.1:7700.").Wrap(err)
	}
	return l, nil
}

// start sets everything to work: first what answers, then what acts.
func (s *serving) start(ctx context.Context) error {
	// What runs is ended by stop, in order, not by the signal.
	life, cancel := context.WithCancel(context.WithoutCancel(ctx))
	s.life, s.cancel, s.failed = life, cancel, make(chan error, 4)
	s.beside.Go(func() { s.report(s.console.Listen(life, s.bot)) })
	s.beside.Go(func() { s.report(s.bot.Run(life)) })
	opened := make(chan struct{})
	s.beside.Go(func() { s.report(control.Serve(life, s.control(), s.dir, func() { close(opened) })) })
	select {
	case <-opened:
	case err := <-s.failed:
		return err
	}
	if err := s.returned(life); err != nil {
		return err
	}
	if err := s.runtime.Start(life); err != nil {
		return err
	}
	s.beside.Go(func() { s.beat(life) })
	s.loops.run(life, s.beside.Go)
	s.beside.Go(func() { s.tidy(life) })
	s.beside.Go(func() { s.findable(life) })
	s.beside.Go(func() { s.backups(life) })
	// Without a mux: it would send odd paths elsewhere instead of refusing them.
	s.hooksSrv = server(front{paths: s.paths(s.bot), next: intake.NewWebhooks(intake.Options{Hooks: hooks{s.library}, Intake: s.runtime,
		Secrets: usable{s.vault}, Raise: s.raise, Now: s.now, Log: s.log})}, s.log)
	s.consoleSrv = server(s.console.Handler(), s.log)
	s.beside.Go(func() { s.report(s.hooksSrv.Serve(s.hooksOn)) })
	s.beside.Go(func() { s.report(s.consoleSrv.Serve(s.consoleOn)) })
	s.listenAll(life)
	return nil
}

// server has the limits that hold for both listeners; streams set deadlines of their own.
func server(h http.Handler, log *slog.Logger) *http.Server {
	return &http.Server{Handler: h, ReadHeaderTimeout: 10 * time.Second, ReadTimeout: 30 * time.Second, WriteTimeout: time.Minute,
		IdleTimeout: 2 * time.Minute, MaxHeaderBytes: 64 << 10, ErrorLog: slog.NewLogLogger(log.Handler(), slog.LevelWarn)}
}

func (s *serving) report(err error) {
	if err != nil && !errors.Is(err, http.ErrServerClosed) {
		select {
		case s.failed <- err:
		default: // one reason to stop is enough
		}
	}
}

func (s *serving) raise(ctx context.Context, ns ...engine.Notice) error {
	defer s.bot.Wake()
	return s.store.Raise(ctx, ns...)
}

func (s *serving) control() control.Options {
	return control.Options{Flows: s.library, Runs: runs{s.runtime}, Mender: s.runtime, People: s.store, Messages: s.store, Outbox: s.store, Audit: s.store,
		Secrets: secrets{usable{s.vault}, s.bot.RefreshDrafts}, Talk: s.console, Admin: s.bot, Console: s.consoleURL(), Doctor: s.doctor, Reference: s.refs.keep,
		Hook: func(ctx context.Context, in control.HookIn) (control.HookOut, error) {
			return s.sign(ctx, in, base(s.hooksOn))
		},
		Signal:       s.signal,
		SlackInstall: func(ctx context.Context) (string, error) { return s.installLink(ctx, engine.Operator) },
		Life:         longLife{s.app},
		Key:          s.app.keyPlace, Demo: s.demo, Now: s.now, Log: s.log}
}

// base is the address of a listener as a program on this machine calls it.
func base(l net.Listener) string {
	host, port, err := net.SplitHostPort(l.Addr().String())
	if ip := net.ParseIP(host); err == nil && ip != nil && ip.IsUnspecified() {
		host = "127.0.0.1"
	}
	return "http://" + net.JoinHostPort(host, port)
}

func (s *serving) consoleURL() string {
	if s.public != nil {
		return s.public.String()
	}
	return base(s.consoleOn)
}

// banner says where everything is (CONVERSATION, section 1).
func (s *serving) banner(e *env, fresh bool, took time.Duration) error {
	data := "data"
	if fresh {
		data = "new data"
	}
	token, err := s.bot.FirstAdmin(e.ctx)
	if err != nil {
		return err
	}
	door := base(s.consoleOn) + "/    log in with a link: bretelle login NAME"
	if token != "" {
		door = base(s.consoleOn) + "/login/" + token + "    works once, for 10 minutes; whoever opens it is the first admin"
	}
	hooks := base(s.hooksOn) + "/hooks/             this machine only (--public-url to be reached from outside)"
	if s.public != nil {
		hooks = s.public.String() + "/hooks/    from " + base(s.hooksOn)
	}
	e.say("Bretelle %s, %s in %s", version, data, short(s.dir))
	e.say("  Console   %s", door)
	e.say("  Webhooks  %s", hooks)
	for _, p := range s.platforms {
		line := p.line(s.knownWorkspaces(e.ctx, p.name))
		if p.surface == nil && p.off.Code == engine.NotFound { // nobody has set it up
			line = fmt.Sprintf("%-40s bretelle setup %s", line, p.name)
		}
		e.say("  %-9s %s", p.title, line)
	}
	if s.demo {
		e.say("  Demo      on: whoever is logged in may act as anybody; not for real work")
	}
	fmt.Fprintf(e.out, "Ready in %.1f s. Open the console and type /%s help\n", took.Seconds(), s.command)
	return nil
}

// wait ends with the signal, or with the first part that fails.
func (s *serving) wait(ctx context.Context) error {
	select {
	case <-ctx.Done():
		s.log.Info("stopping")
		return nil
	case err := <-s.failed:
		return err
	}
}

// stop takes no new work, lets running calls end, delivers what they gave, and closes the store last.
func (s *serving) stop() error {
	ctx, cancel := context.WithTimeout(context.Background(), drainHTTP)
	defer cancel()
	s.console.Close()
	var servers sync.WaitGroup
	servers.Go(s.hangUp) // nothing new is taken from chat while requests under way end
	for _, srv := range []*http.Server{s.hooksSrv, s.consoleSrv} {
		if srv == nil {
			continue
		}
		servers.Go(func() {
			if srv.Shutdown(ctx) != nil {
				_ = srv.Close() // it had its time
			}
		})
	}
	servers.Wait()
	for _, l := range []net.Listener{s.consoleOn, s.hooksOn} {
		if l != nil {
			_ = l.Close() // closed already when its server ran
		}
	}
	err := s.runtime.Close(context.Background())
	if s.cancel != nil {
		last, done := context.WithTimeout(context.Background(), time.Second)
		if _, err := s.bot.Deliver(last); err != nil {
			s.log.Debug("what is left to deliver waits for the next start", "err", err)
		}
		done()
		s.cancel()
	}
	s.beside.Wait()
	return errors.Join(err, s.close())
}
