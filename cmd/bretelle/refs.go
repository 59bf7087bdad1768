package main

import (
	"bufio"
	"bytes"
	"encoding/json"
	"errors"
	"log/slog"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"time"

	"github.com/bretelle/bretelle/engine"
)

// references keeps the last internal errors under what people were shown, "4F2A", so that `bretelle doctor 4F2A`
// finds them. They lie in a file of their own: it must work when the database does not.
type references struct {
	path string
	now  func() time.Time
	log  *slog.Logger
	mu   sync.Mutex
	last []reference
}

type reference struct {
	Ref   string `json:"ref"`
	At    string `json:"at"`
	Op    string `json:"op,omitempty"`
	Error string `json:"error"`
	Cause string `json:"cause,omitempty"`
}

const (
	referencesFile = "errors.jsonl"
	referencesMost = 500
	causeMost      = 4000 // bytes of one cause
)

func openReferences(dir string, now func() time.Time, log *slog.Logger) (*references, error) {
	r := &references{path: filepath.Join(dir, referencesFile), now: now, log: log}
	var err error
	r.last, err = readReferences(r.path)
	return r, err
}

func readReferences(path string) ([]reference, error) {
	b, err := os.ReadFile(path)
	if errors.Is(err, os.ErrNotExist) {
		return nil, nil
	}
	if err != nil {
		return nil, engine.E(engine.Unavailable, "{path} cannot be read", "path", path).Wrap(err)
	}
	var out []reference
	lines := bufio.NewScanner(bytes.NewReader(b))
	lines.Buffer(nil, 1<<20)
	for lines.Scan() {
		var x reference
		if json.Unmarshal(lines.Bytes(), &x) == nil && x.Ref != "" { // a line cut short by a crash is left out
			out = append(out, x)
		}
	}
	return out, nil
}

// keep stores an error and gives its reference. Storing it may fail (a full disk is a likely cause of the error
// itself): the reference is then known until the bot stops.
func (r *references) keep(err error) string {
	e := engine.AsError(err)
	x := reference{At: r.now().UTC().Format(time.RFC3339), Op: e.Op, Error: engine.Fill(e.Msg, e.Args)}
	if e.Err != nil {
		x.Cause = e.Err.Error()
	}
	if len(x.Cause) > causeMost {
		x.Cause = x.Cause[:causeMost]
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	for x.Ref == "" || r.find(x.Ref) != nil {
		x.Ref = strings.ToUpper(engine.Token(16)[:4])
	}
	r.log.Error("something went wrong on our side", "ref", x.Ref, "op", x.Op, "error", x.Error, "cause", x.Cause)
	r.last = append(r.last, x)
	if len(r.last) > referencesMost {
		r.last = r.last[len(r.last)-referencesMost/2:]
		_ = r.rewrite() // see above
		return x.Ref
	}
	_ = r.append(x) // see above
	return x.Ref
}

func (r *references) find(ref string) *reference {
	for i := range r.last {
		if strings.EqualFold(r.last[i].Ref, ref) {
			return &r.last[i]
		}
	}
	return nil
}

func (r *references) append(x reference) error {
	f, err := os.OpenFile(r.path, os.O_WRONLY|os.O_CREATE|os.O_APPEND, 0o600)
	if err != nil {
		return err
	}
	return errors.Join(json.NewEncoder(f).Encode(x), f.Close())
}

func (r *references) rewrite() error {
	var b bytes.Buffer
	for _, x := range r.last {
		if err := json.NewEncoder(&b).Encode(x); err != nil {
			return err
		}
	}
	tmp := r.path + ".new"
	if err := os.WriteFile(tmp, b.Bytes(), 0o600); err != nil {
		return err
	}
	return os.Rename(tmp, r.path)
}
