package main

import (
	"bytes"
	"encoding/json"
	"errors"
	"io/fs"
	"os"
)

// result is what became of a mutant, one line of the file that -results names.
type result struct {
	ID      string  `json:"id"`
	Mutant  string  `json:"mutant"`
	Status  string  `json:"status"`
	By      string  `json:"by,omitempty"` // the package and the test that noticed
	Seconds float64 `json:"seconds"`
	Reason  string  `json:"reason,omitempty"` // of a known survivor; in the report only
	Said    string  `json:"-"`                // the end of what the failing test or the compiler said
}

// readResults is what a file of results holds, the later line of a mutant replacing the earlier; no file is no results.
// A line that was cut off counts for nothing: that mutant is tried anew.
func readResults(path string) (map[string]result, error) {
	out := map[string]result{}
	text, err := os.ReadFile(path)
	if errors.Is(err, fs.ErrNotExist) {
		return out, nil
	}
	for line := range bytes.Lines(text) {
		var r result
		if json.Unmarshal(line, &r) == nil {
			out[r.ID] = r
		}
	}
	return out, err
}

// addResult appends a line; the line break comes first, for the case that the last line was cut off.
func addResult(path string, r result) error {
	line, err := json.Marshal(r)
	if err != nil {
		return err
	}
	f, err := os.OpenFile(path, os.O_CREATE|os.O_WRONLY|os.O_APPEND, 0o600)
	if err != nil {
		return err
	}
	_, err = f.Write(append([]byte("\n"), line...))
	return errors.Join(err, f.Close())
}
