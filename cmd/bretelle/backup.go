package main

import (
	"context"
	"encoding/json"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"github.com/bretelle/bretelle/engine"
	"github.com/bretelle/bretelle/engine/flow"
	"github.com/bretelle/bretelle/storage/sqlite"
)

// lastBackupSetting holds what became of the last backup, as lastBackup.
const lastBackupSetting = "backup.last"

// lastBackup is what doctor says of it.
type lastBackup struct {
	At    int64  `json:"at,omitempty"` // of the last one that was made; 0: none ever was
	Path  string `json:"path,omitempty"`
	Bytes int64  `json:"bytes,omitempty"`
	// Failed is why the attempt after that failed.
	Failed string `json:"failed,omitempty"`
}

// Names of backups that the bot makes by itself, in the data directory.
const (
	backupFolder = "backups"
	backupPrefix = "bretelle-"
	backupSuffix = ".backup"
)

type madeBackup struct {
	sqlite.Backup
	Path string `json:"path"`
}

func (c *serveCmd) backupEvery() (time.Duration, error) {
	if c.BackupKeep < 1 {
		return 0, usage{engine.E(engine.Invalid, "--backup-keep is at least 1")}
	}
	if c.BackupEvery == "" {
		return 0, nil
	}
	d, err := flow.Duration(c.BackupEvery)
	if err != nil || d < time.Minute {
		return 0, usage{engine.E(engine.Invalid, "--backup-every is a time like 24h, at least a minute")}
	}
	return d, nil
}

// backup writes one and remembers it; path "" is a new file in the data directory.
func (a *app) backup(ctx context.Context, path string) (madeBackup, error) {
	if path == "" {
		path = filepath.Join(a.dir, backupFolder, backupPrefix+a.now().UTC().Format("20060102T150405Z")+backupSuffix)
	}
	last, err := a.lastBackup(ctx)
	if err != nil {
		return madeBackup{}, err
	}
	about, failed := a.store.Backup(ctx, path, version)
	if failed != nil {
		last.Failed = engine.AsError(failed).Error()
	} else {
		last = lastBackup{At: about.At, Path: path, Bytes: about.Bytes}
	}
	text, err := json.Marshal(last)
	if err == nil {
		err = a.store.SetSetting(context.WithoutCancel(ctx), lastBackupSetting, string(text))
	}
	if failed != nil {
		return madeBackup{}, failed
	}
	return madeBackup{about, path}, err
}

func (a *app) lastBackup(ctx context.Context) (last lastBackup, err error) {
	text, err := a.store.Setting(ctx, lastBackupSetting)
	if err == nil && text != "" && json.Unmarshal([]byte(text), &last) != nil {
		last = lastBackup{} // nobody else writes it; then it is as if there were none
	}
	return last, err
}

// backups makes backups by itself until ctx ends, and removes those of its own that are too many. One that fails is
// tried again after a quarter of the time; doctor says why.
func (s *serving) backups(ctx context.Context) {
	if s.backupEvery == 0 {
		return
	}
	for {
		last, err := s.lastBackup(ctx)
		wait := s.backupEvery - s.now().Sub(engine.Time(last.At))
		if err != nil || last.Failed != "" {
			wait = s.backupEvery / 4
		}
		t := time.NewTimer(min(max(wait, 0), s.backupEvery))
		select {
		case <-ctx.Done():
			t.Stop()
			return
		case <-t.C:
		}
		made, err := s.backup(ctx, "")
		switch {
		case err != nil && ctx.Err() != nil:
			return
		case err != nil:
			s.log.Error("a backup could not be made", "err", err, "cause", engine.AsError(err).Err)
			continue
		}
		s.log.Info("a backup was made", "path", made.Path, "bytes", made.Bytes)
		if err := dropBackups(filepath.Join(s.dir, backupFolder), s.backupKeep); err != nil {
			s.log.Warn("old backups could not be removed", "err", err)
		}
	}
}

// dropBackups removes all but the newest of the backups that the bot made by itself.
func dropBackups(dir string, keep int) error {
	list, err := os.ReadDir(dir)
	if err != nil {
		return err
	}
	var names []string
	for _, f := range list {
		if strings.HasPrefix(f.Name(), backupPrefix) && strings.HasSuffix(f.Name(), backupSuffix) {
			names = append(names, f.Name())
		}
	}
	slices.Sort(names) // by their times
	for _, name := range names[:max(len(names)-keep, 0)] {
		if err := os.Remove(filepath.Join(dir, name)); err != nil {
			return err
		}
	}
	return nil
}

// forget sweeps what was kept for long enough, and gives the room back; not after a leap of the clock, by which all may
// look old.
func (s *serving) forget(ctx context.Context) {
	if s.runtime.Leapt() {
		s.log.Warn("nothing is forgotten for a day: the clock jumped forwards by more than a day, or the machine slept as long")
		return
	}
	keep, _, err := s.keeping(ctx)
	if err != nil {
		s.log.Warn("how long things are kept could not be read", "err", err)
		return
	}
	swept, err := s.store.Sweep(ctx, keep, engine.Millis(s.now()))
	if err != nil && ctx.Err() == nil {
		s.log.Warn("what is old could not all be forgotten", "err", err, "cause", engine.AsError(err).Err)
	}
	if swept.Sum() > 0 {
		s.log.Info("what is old was forgotten", "payloads", swept.Payloads, "runs", swept.Runs, "events", swept.Events, "keys", swept.Keys,
			"outbox", swept.Outbox, "inbox", swept.Inbox, "messages", swept.Messages, "files", swept.Blobs)
	}
	if bytes, err := s.store.Shrink(ctx); err != nil && ctx.Err() == nil {
		s.log.Warn("room could not be given back", "err", err)
	} else if bytes > 0 {
		s.log.Info("the database is smaller", "bytes", bytes)
	}
}

// How runs become findable by their words: soon, but after what is under way.
const (
	findEvery = 3 * time.Second
	findBatch = 200
)

// findable makes new runs findable until ctx ends: some of them each time, all when nothing else is to be written.
func (s *serving) findable(ctx context.Context) {
	t := time.NewTicker(findEvery)
	defer t.Stop()
	for {
		select {
		case <-ctx.Done():
			return
		case <-t.C:
		}
		for ctx.Err() == nil {
			n, err := s.store.Index(ctx, findBatch)
			if err != nil && ctx.Err() == nil {
				s.log.Warn("runs could not be made findable", "err", err)
			}
			if err != nil || n < findBatch || s.store.Queued() > 0 {
				break
			}
		}
	}
}
