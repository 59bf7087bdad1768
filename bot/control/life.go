package control

import (
	"context"
	"encoding/json"

	"github.com/bretelle/bretelle/engine"
)

// Life is what a long life needs of the installation: copies of it, and how long things are kept.
type Life interface {
	// Backup writes one to a file, absolute; "" is a new one in the data directory. The answer is the backup's own account.
	Backup(ctx context.Context, path string) (json.RawMessage, error)
	// Keep sets times by class, of one flow or, for "", of all, and gives all that hold. Invalid for a class or a time that
	// is none; NotFound for a flow.
	Keep(ctx context.Context, in KeepIn) ([]KeepOut, error)
	// Erase removes what an ended run's event and steps said. NotFound; Conflict while it has not ended.
	Erase(ctx context.Context, number int64) error
}

// BackupIn says where a backup is to go.
type BackupIn struct {
	Path string `json:"path,omitempty"`
}

// KeepIn sets how long classes are kept: "30d", "1y", "forever", "default".
type KeepIn struct {
	Flow string            `json:"flow,omitempty"`
	Set  map[string]string `json:"set,omitempty"`
}

// KeepOut is how long one class is kept.
type KeepOut struct {
	Class string `json:"class"`
	Flow  string `json:"flow,omitempty"` // "" for all that say nothing else
	For   string `json:"for"`
	Holds string `json:"holds"` // what the class is, in words
}

// EraseIn names a run.
type EraseIn struct {
	Number int64 `json:"number"`
}

func (s *server) life() (Life, error) {
	if s.Life == nil {
		return nil, engine.E(engine.Invalid, "this bot keeps nothing").WithOp("control.life")
	}
	return s.Life, nil
}

func (s *server) backup(ctx context.Context, in BackupIn) (json.RawMessage, error) {
	l, err := s.life()
	if err != nil {
		return nil, err
	}
	return l.Backup(ctx, in.Path)
}

func (s *server) keep(ctx context.Context, in KeepIn) ([]KeepOut, error) {
	l, err := s.life()
	if err != nil {
		return nil, err
	}
	return l.Keep(ctx, in)
}

func (s *server) runErase(ctx context.Context, in EraseIn) (struct{}, error) {
	l, err := s.life()
	if err != nil {
		return struct{}{}, err
	}
	return struct{}{}, l.Erase(ctx, in.Number)
}
