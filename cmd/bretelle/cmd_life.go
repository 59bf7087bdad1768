package main

import (
	"fmt"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"github.com/bretelle/bretelle/bot/control"
	"github.com/bretelle/bretelle/engine"
	"github.com/bretelle/bretelle/storage"
	"github.com/bretelle/bretelle/storage/sqlite"
)

type backupCmd struct {
	File string `arg:"" optional:"" help:"Where to; a new file in the data directory when left out."`
	JSON bool   `name:"json" help:"Print JSON."`
}

// Run asks the running bot: it goes on meanwhile, and the copy is of one moment.
func (c *backupCmd) Run(e *env) error {
	path := c.File
	if path != "" {
		abs, err := filepath.Abs(path)
		if err != nil {
			return engine.E(engine.Invalid, "{path} is no file's name", "path", path).Wrap(err)
		}
		path = abs
	}
	var made madeBackup
	if err := e.client.Do(e.ctx, "backup", control.BackupIn{Path: path}, &made); err != nil {
		return err
	}
	if c.JSON {
		return e.json(made)
	}
	e.say("%s  %s", short(made.Path), mib(made.Bytes))
	e.about(made.Backup)
	e.say("It was read again and is whole. The master key is not in it: without the key its %d secrets cannot be opened.", made.Secrets)
	e.say("Keep the key's recovery form elsewhere: bretelle key export")
	return nil
}

// about prints what a backup holds.
func (e *env) about(b sqlite.Backup) {
	open := 0
	for _, n := range b.Open {
		open += n
	}
	e.say("   %s: %d flows, %d people, %d runs (the last is #%d), %d of them not over, %d large payloads, %d rows of audit",
		engine.Time(b.At).UTC().Format(time.RFC3339), b.Flows, b.People, b.Runs, b.Last, open, b.Blobs, b.Audit)
	if b.Lost > 0 {
		e.say("   ⚠ %d large payloads were damaged or missing already", b.Lost)
	}
}

func mib(bytes int64) string {
	if bytes < 10<<20 {
		return fmt.Sprintf("%.1f MiB", float64(bytes)/(1<<20))
	}
	return fmt.Sprintf("%d MiB", bytes>>20)
}

type restoreCmd struct {
	File   string `arg:"" help:"The backup."`
	DryRun bool   `name:"dry-run" help:"Only say what it holds, and what would be asked."`
	JSON   bool   `name:"json" help:"Print JSON."`
}

// restored is what restore prints as JSON.
type restored struct {
	Backup  sqlite.Backup    `json:"backup"`
	Open    []control.RunOut `json:"open"`             // runs that were not over, oldest first
	Marked  *storage.Marked  `json:"marked,omitempty"` // nil for a dry run
	Data    string           `json:"data,omitempty"`
	Written bool             `json:"written"`
}

// openListed is how many open runs are listed.
const openListed = 20

// Run needs no running bot, and a data directory without data.
func (c *restoreCmd) Run(e *env) error {
	about, err := sqlite.ReadBackup(e.ctx, c.File)
	if err != nil {
		return err
	}
	waiting, err := sqlite.Waiting(e.ctx, c.File, openListed)
	if err != nil {
		return err
	}
	out := restored{Backup: about, Open: []control.RunOut{}}
	for _, h := range waiting {
		out.Open = append(out.Open, control.NewRun(engine.RunView{RunHead: h}))
	}
	if !c.DryRun {
		_, m, err := sqlite.Restore(e.ctx, c.File, e.dir, engine.Operator, time.Now())
		if err != nil {
			return err
		}
		out.Marked, out.Data, out.Written = &m, e.dir, true
	}
	if c.JSON {
		return e.json(out)
	}
	e.say("%s  %s, made by Bretelle %s", short(c.File), mib(about.Bytes), about.Program)
	e.about(about)
	e.underway(out)
	key, err := keyPath(about.Installation)
	if err != nil {
		key = "the key's recovery form (bretelle key import)"
	}
	e.say("The master key is not in it. Its %d secrets need the one of this installation: %s", about.Secrets, short(key))
	if c.DryRun {
		e.say("Nothing was written. Without --dry-run it goes to %s", short(e.dir))
		return nil
	}
	e.say("Restored into %s. Start it with: bretelle --data %s", short(e.dir), short(e.dir))
	e.say("Make sure that the bot it was copied from does not run any more.")
	return nil
}

// underway prints what was not over, and what becomes of it.
func (e *env) underway(out restored) {
	states := make([]string, 0, len(out.Backup.Open))
	sum := 0
	for state, n := range out.Backup.Open {
		states = append(states, fmt.Sprintf("%d %s", n, state))
		sum += n
	}
	slices.Sort(states)
	if sum == 0 {
		e.say("No run was under way.")
	} else {
		e.say("Under way when it was made: %s", strings.Join(states, ", "))
		var rows [][]string
		for _, r := range out.Open {
			rows = append(rows, []string{fmt.Sprintf("   #%d", r.Number), r.Flow, r.State, r.Started})
		}
		e.table(rows)
		if sum > len(out.Open) {
			e.say("   … and %d more", sum-len(out.Open))
		}
		e.say("What those runs do next may have been done since. Calls that may be repeated are, with the same key; for any")
		e.say("other I look, or ask, before I make it.")
	}
	e.say("What sources that I look at show as new, the first time, waits for a person. Times of schedules until now are let pass.")
	e.say("What came after the backup is not in it.")
}

type keepCmd struct {
	Set  []string `arg:"" optional:"" help:"CLASS=TIME: payloads=30d history=1y keys=forever outbox=default" placeholder:"CLASS=TIME"`
	Flow string   `help:"Only for the runs of this flow: payloads, history." placeholder:"FLOW"`
	JSON bool     `name:"json" help:"Print JSON."`
}

// Run shows how long what is kept, after setting what was given.
func (c *keepCmd) Run(e *env) error {
	in := control.KeepIn{Flow: c.Flow, Set: map[string]string{}}
	for _, s := range c.Set {
		class, value, ok := strings.Cut(s, "=")
		if !ok {
			return usage{engine.E(engine.Invalid, "{text} is not CLASS=TIME", "text", s).WithHint("Write payloads=30d, for example.")}
		}
		in.Set[class] = value
	}
	var out []control.KeepOut
	if err := e.client.Do(e.ctx, "keep", in, &out); err != nil {
		return err
	}
	if c.JSON {
		return e.json(out)
	}
	var rows [][]string
	for _, k := range out {
		of := k.Holds
		if k.Flow != "" {
			of = "only " + k.Flow
		}
		rows = append(rows, []string{k.Class, k.For, of})
	}
	e.table(rows)
	return nil
}

type vacuumCmd struct{}

// Run needs a stopped bot.
func (vacuumCmd) Run(e *env) error {
	if err := sqlite.Vacuum(e.ctx, e.dir); err != nil {
		return err
	}
	e.say("The database in %s has no gaps any more.", short(e.dir))
	return nil
}
