package main

import (
	"context"
	"log/slog"
	"net/url"
	"os"
	"strconv"
	"time"

	"github.com/bretelle/bretelle/bot"
	"github.com/bretelle/bretelle/bot/console"
	"github.com/bretelle/bretelle/bot/templates"
	"github.com/bretelle/bretelle/connectors"
	"github.com/bretelle/bretelle/connectors/all"
	"github.com/bretelle/bretelle/engine"
	"github.com/bretelle/bretelle/engine/flows"
	"github.com/bretelle/bretelle/engine/local"
	"github.com/bretelle/bretelle/storage/sqlite"
	"github.com/bretelle/bretelle/storage/vault"
)

// settings is what a bot is started with.
type settings struct {
	dir   string
	batch int
	// holdAfter is local.Options.HoldAfter.
	holdAfter int
	command   string
	public    *url.URL // nil: not reachable from outside
	demo      bool
	log       *slog.Logger
	now       func() time.Time
	// backupEvery is how often a backup is made by itself, 0 never; backupKeep how many of those are kept.
	backupEvery time.Duration
	backupKeep  int
	// getenv gives what chat platforms are connected with; nil is the environment.
	getenv func(string) string
	// surfaces are chat platforms beside the console, connected by whoever gives them.
	surfaces []bot.Surface
	// store, when set, changes the store's options: where tests kill the process.
	store func(*sqlite.Options)
	// wired, when set, is told of the app before it works: where tests wake it after they set its clock.
	wired func(*app)
}

// app is every part of the bot, wired and not yet working.
type app struct {
	settings
	installation string
	store        *sqlite.Store
	vault        *vault.Vault
	refs         *references
	performer    *connectors.Performer
	library      *flows.Library
	runtime      *local.Runtime
	console      *console.Console
	bot          *bot.Bot
	loops        *loops
	platforms    []*platform   // Slack and Discord, on or off
	tokens       *slackTokens  // nil: Slack is off
	install      *slackInstall // nil: the app is not installed in further workspaces
	hooksBase    string        // address of the webhooks' listener; "" before it listens
}

// installationSetting names the setting that holds the installation's id.
const installationSetting = "installation.id"

// newApp opens the store and wires everything. Errors are those of the store, and Denied for a wrong master key.
func newApp(ctx context.Context, s settings) (*app, error) {
	if s.now == nil {
		s.now = time.Now
	}
	if s.getenv == nil {
		s.getenv = os.Getenv
	}
	a := &app{settings: s}
	o := sqlite.Options{Dir: s.dir, Batch: s.batch, Now: s.now}
	if s.store != nil {
		s.store(&o)
	}
	var err error
	if a.store, err = sqlite.Open(ctx, o); err != nil {
		return nil, err
	}
	if err := a.open(ctx); err != nil {
		_ = a.store.Close() // the error that is returned matters more
		return nil, err
	}
	return a, nil
}

func (a *app) open(ctx context.Context) (err error) {
	if a.refs, err = openReferences(a.dir, a.now, a.log); err != nil {
		return err
	}
	if a.installation, err = installation(ctx, a.store, a.now); err != nil {
		return err
	}
	if a.vault, err = openVault(ctx, a.store, a.installation); err != nil {
		return err
	}
	return a.wire(ctx)
}

// installation is the id of the data, made the first time.
func installation(ctx context.Context, people bot.People, now func() time.Time) (string, error) {
	id, err := people.Setting(ctx, installationSetting)
	if err != nil || id != "" {
		return id, err
	}
	id = engine.NewID(now())
	return id, people.SetSetting(ctx, installationSetting, id)
}

// keyPath is where the master key lies unless the environment says otherwise.
func keyPath(installation string) (string, error) {
	config, err := os.UserConfigDir()
	if err != nil && os.Getenv(vault.EnvKey) == "" && os.Getenv(vault.EnvKeyFile) == "" {
		return "", engine.E(engine.Invalid, "there is no configuration directory to keep the master key in").
			WithHint("Set {key} or {file}.").Wrap(err)
	}
	return vault.KeyPath(config, installation), nil
}

func openVault(ctx context.Context, store *sqlite.Store, installation string) (*vault.Vault, error) {
	path, err := keyPath(installation)
	if err != nil {
		return nil, err
	}
	key, created, err := vault.LoadKey(os.Getenv, path)
	if err != nil {
		return nil, err
	}
	v := vault.New(key, store)
	err = v.Check(ctx)
	if err != nil && created {
		// The old key file is gone: a new key opens nothing, and must not stand in its place.
		_ = os.Remove(path) // at worst it is refused again at the next start
		return nil, engine.E(engine.Denied, "the master key of this data is missing from {path}", "path", path).
			WithHint("Put it back, or write it anew from its recovery text: bretelle key import").Wrap(err)
	}
	return v, err
}

// wire makes the parts of each other. Nothing works before start.
func (a *app) wire(ctx context.Context) error {
	catalog, err := all.Catalog()
	if err != nil {
		return err
	}
	exits := connectors.Exits{Secrets: usable{a.vault}, Messenger: messenger{a}, Tables: a.store, Now: a.now, Log: a.log}
	a.performer = connectors.NewPerformer(catalog, exits)
	if a.library, err = flows.New(ctx, flows.Options{Store: a.store, Catalog: catalog, Known: known(a.store), Now: a.now, Wake: a.wake}); err != nil {
		return err
	}
	a.runtime, err = local.New(local.Options{Store: a.store, Flows: a.library, Performer: a.performer, Lane: connectors.Lane, HoldAfter: a.holdAfter, Now: a.now,
		Audit: a.store.Audit, OnCommit: a.deliver, Grace: drainTasks, Log: a.log, Members: a.members})
	if err != nil {
		return err
	}
	a.loops = a.newLoops(exits)
	co := console.Options{Messages: a.store, People: a.store, Logins: logins{a}, Now: a.now, Demo: a.demo, Log: a.log,
		Run: a.runFor, History: a.runtime.History, Flow: a.flowFor, Flows: a.flowsFor, Audit: a.store.Audit, Draw: a.drawer(catalog), Starts: a.starter(catalog), Tables: tablePages{a}, Reference: a.refs.keep, Command: a.command, Ready: a.ready}
	if a.public != nil {
		co.Host, co.Secure = a.public.Host, a.public.Scheme == "https"
	}
	a.console = console.New(co)
	surfaces := append([]bot.Surface{a.console}, a.surfaces...)
	for _, p := range a.connect() {
		if p.surface != nil {
			surfaces = append(surfaces, p.surface)
		}
	}
	a.bot, err = bot.New(bot.Options{People: a.store, Outbox: a.store, Inbox: a.store, Audit: a.store, Runs: runs{a.runtime}, Mender: a.runtime,
		Flows: a.library, Misfits: catalog.Misfits, Surfaces: surfaces, Command: a.command, Link: a.link, Now: a.now, Log: a.log,
		Drafts: a.library, Catalog: catalog, Samples: a.store, Secrets: hookSecrets{usable{a.vault}}, Hooks: a.hooksAt, Tables: a.store, Rehearser: a.performer, Templates: templates.All(), Accounts: usable{a.vault}.Names,
		Starters: starters{a.loops.starts}, Listener: listener{a}, Shortcuts: shortcuts{a}, Floods: a.loops.poller, Budgets: a.runtime, Peers: a.runtime, Sampler: a.loops.samples})
	return err
}

// deliver has new notices delivered soon; wake also has the runtime look for runs that may go on.
func (a *app) deliver() {
	if a.bot != nil {
		a.bot.Wake()
	}
	if a.loops != nil {
		a.loops.failures.Wake()
	}
}

func (a *app) wake() {
	a.deliver()
	if a.runtime != nil {
		a.runtime.Wake()
	}
	if a.loops != nil {
		a.loops.wake()
	}
	for _, p := range a.platforms {
		p.commands()
	}
}

// runFor is a run as a person may see it.
func (a *app) runFor(ctx context.Context, person string, number int64) (engine.RunView, error) {
	id, err := a.runtime.RunID(ctx, number)
	if err != nil {
		return engine.RunView{}, err
	}
	run, err := a.runtime.Run(ctx, id)
	if err != nil {
		return engine.RunView{}, err
	}
	if err := a.bot.MayRun(ctx, person, bot.DeedSee, run); err != nil {
		return engine.RunView{}, err
	}
	return run, nil
}

// ready is whether the store answers.
func (a *app) ready(ctx context.Context) error {
	_, err := a.store.Setting(ctx, installationSetting)
	return err
}

// link is the public address of a run's page; "" without --public-url (CONTRACTS, "Surfaces").
func (a *app) link(run engine.RunHead) string {
	if a.public == nil {
		return ""
	}
	return a.public.JoinPath("run", strconv.FormatInt(run.Number, 10)).String()
}

// close gives the data directory free.
func (a *app) close() error {
	a.performer.Close()
	return a.store.Close()
}
