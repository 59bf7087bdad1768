package main

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"time"

	"github.com/bretelle/bretelle/bot/control"
	"github.com/bretelle/bretelle/engine"
	"github.com/bretelle/bretelle/storage/sqlite"
	"github.com/bretelle/bretelle/storage/vault"
)

type versionCmd struct{}

func (versionCmd) Run(e *env) error { e.say("Bretelle %s", version); return nil }

type doctorCmd struct {
	Ref  string `arg:"" optional:"" help:"A reference that somebody was shown, 4F2A."`
	JSON bool   `name:"json" help:"Print JSON."`
}

// health is what doctor knows about the bot.
type health struct {
	Version    string `json:"version"`
	Data       string `json:"data"`
	Key        string `json:"key"`
	Flows      int    `json:"flows"`
	People     int    `json:"people"`
	Admins     int    `json:"admins"`
	Waiting    int    `json:"waiting"` // notices not delivered yet
	AuditRows  int64  `json:"audit_rows"`
	AuditWhole bool   `json:"audit_whole"`
	// Database is the file's size in bytes, Free what of it is free, Log what is not in it yet.
	Database int64      `json:"database"`
	Free     int64      `json:"free"`
	Log      int64      `json:"log"`
	Backup   lastBackup `json:"backup"`
	// Platforms are Slack and Discord.
	Platforms []platformHealth `json:"platforms"`
	Wrong     []string         `json:"wrong"`
}

// Run looks references up without a running bot: they may be the reason why none runs.
func (c *doctorCmd) Run(e *env) error {
	if c.Ref != "" {
		list, err := readReferences(filepath.Join(e.dir, referencesFile))
		if err != nil {
			return err
		}
		r := (&references{last: list}).find(strings.TrimSpace(c.Ref))
		if r == nil {
			return engine.E(engine.NotFound, "there is no reference {ref}", "ref", c.Ref).WithHint("The last 500 are kept.")
		}
		if c.JSON {
			return e.json(r)
		}
		e.say("%s  %s  %s\n%s\ncause: %s", r.Ref, r.At, r.Op, r.Error, r.Cause)
		return nil
	}
	var h health
	if err := e.client.Do(e.ctx, "doctor", struct{}{}, &h); err != nil {
		return err
	}
	if c.JSON {
		if err := e.json(h); err != nil {
			return err
		}
	} else {
		e.say("Bretelle %s on %s", h.Version, short(h.Data))
		e.say("  key      %s", h.Key)
		e.say("  flows    %d", h.Flows)
		e.say("  people   %d, of them %d admin", h.People, h.Admins)
		e.say("  waiting  %d notices to deliver", h.Waiting)
		e.say("  audit    %d rows", h.AuditRows)
		e.say("  data     %s, %s of it free", mib(h.Database+h.Log), mib(h.Free))
		if h.Backup.At == 0 {
			e.say("  backup   none yet: bretelle backup")
		} else {
			e.say("  backup   %s  %s", engine.Time(h.Backup.At).UTC().Format(time.RFC3339), short(h.Backup.Path))
		}
		for _, p := range h.Platforms {
			p.print(e)
		}
		for _, w := range h.Wrong {
			e.say("  ⚠ %s", w)
		}
		if len(h.Wrong) == 0 {
			e.say("Nothing is wrong.")
		}
	}
	if len(h.Wrong) > 0 {
		return errTold
	}
	return nil
}

// doctor examines the running bot.
func (a *app) doctor(ctx context.Context, _ string) (any, error) {
	h := health{Version: version, Data: a.dir, Wrong: []string{}}
	wrong := func(err error) {
		if err != nil {
			h.Wrong = append(h.Wrong, engine.AsError(err).Error())
		}
	}
	var err error
	if h.Key, err = a.keyPlace(ctx); err != nil {
		wrong(err)
	}
	wrong(a.vault.Check(ctx))
	wrong(a.store.Check(ctx))
	heads, err := a.library.List(ctx)
	wrong(err)
	h.Flows = len(heads)
	for _, head := range heads {
		moved, err := a.library.Drift(ctx, head.Name)
		wrong(err)
		if len(moved) > 0 {
			h.Wrong = append(h.Wrong, head.Name+": "+strings.Join(moved, ", ")+" changed since it was published; publish it again")
		}
	}
	people, err := a.store.Persons(ctx)
	wrong(err)
	h.People = len(people)
	for _, p := range people {
		if p.Role == engine.Admin {
			h.Admins++
		}
	}
	if h.People > 0 && h.Admins == 0 {
		h.Wrong = append(h.Wrong, "nobody is admin")
	}
	notices, err := a.store.Undelivered(ctx, 1000)
	wrong(err)
	h.Waiting = len(notices)
	queues, err := a.store.Queues(ctx)
	wrong(err)
	for _, q := range queues {
		h.Waiting += q.Count
	}
	h.AuditRows, err = a.store.VerifyAudit(ctx)
	wrong(err)
	h.AuditWhole = err == nil
	space, err := a.store.Space(ctx)
	wrong(err)
	h.Database, h.Free, h.Log = space.File, space.Free, space.Log
	h.Backup, err = a.lastBackup(ctx)
	wrong(err)
	if h.Backup.Failed != "" {
		h.Wrong = append(h.Wrong, "the last backup failed: "+h.Backup.Failed)
	}
	h.Platforms = a.platformHealth(ctx)
	for _, p := range h.Platforms {
		h.Wrong = append(h.Wrong, p.Wrong...)
	}
	return h, nil
}

// keyPlace says where the master key lies.
func (a *app) keyPlace(context.Context) (string, error) {
	switch {
	case os.Getenv(vault.EnvKey) != "":
		return "$" + vault.EnvKey, nil
	case os.Getenv(vault.EnvKeyFile) != "":
		return os.Getenv(vault.EnvKeyFile), nil
	}
	return keyPath(a.installation)
}

type keyExport struct{}

// Run prints the recovery form. It asks the running bot where the key lies, or looks itself when none runs.
func (keyExport) Run(e *env) error {
	place, err := e.keyPlace()
	if err != nil {
		return err
	}
	var key vault.Key
	if name, ok := strings.CutPrefix(place, "$"); ok {
		text := os.Getenv(name)
		if text == "" {
			return engine.E(engine.NotFound, "the running bot has its key from {place}, which is not set here", "place", place)
		}
		key, err = vault.ParseKey(text)
	} else {
		key, err = vault.ReadKey(place)
	}
	if err != nil {
		return err
	}
	e.say("%s", key.Recovery())
	return nil
}

type keyImport struct{}

// Run writes the key file anew from its recovery text, on standard input.
func (keyImport) Run(e *env) error {
	place, err := e.keyPlace()
	if err != nil {
		return err
	}
	text, err := e.secret("Recovery text: ")
	if err != nil {
		return err
	}
	key, err := vault.ParseRecovery(text)
	if err != nil {
		return err
	}
	if strings.HasPrefix(place, "$") {
		return engine.E(engine.Conflict, "the key comes from {place}, so there is no file to write", "place", place)
	}
	if old, err := vault.ReadKey(place); err == nil && !old.Equal(key) {
		return engine.E(engine.Conflict, "{path} holds another key", "path", place).WithHint("Move it away first, if it is not needed.")
	}
	if err := vault.WriteKey(place, key); err != nil {
		return err
	}
	e.say("The key is in %s", short(place))
	return nil
}

// keyPlace is where the master key of the data directory lies.
func (e *env) keyPlace() (string, error) {
	var out control.KeyOut
	err := e.client.Do(e.ctx, "key.place", struct{}{}, &out)
	if err == nil || engine.CodeOf(err) != engine.Unavailable {
		return out.Place, err
	}
	if _, err := os.Stat(filepath.Join(e.dir, sqlite.File)); errors.Is(err, os.ErrNotExist) {
		return "", engine.E(engine.NotFound, "there is no data in {dir}", "dir", e.dir).WithHint("Name the directory with --data.")
	}
	store, err := sqlite.Open(e.ctx, sqlite.Options{Dir: e.dir})
	if err != nil {
		return "", err
	}
	defer func() { _ = store.Close() }()
	id, err := installation(e.ctx, store, time.Now)
	if err != nil {
		return "", err
	}
	return (&app{installation: id}).keyPlace(e.ctx)
}
