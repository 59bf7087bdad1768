package main

import (
	"errors"
	"io"
	"log/slog"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/bretelle/bretelle/engine"
)

func TestReferences(t *testing.T) {
	dir := t.TempDir()
	log := slog.New(slog.NewTextHandler(io.Discard, nil))
	r, err := openReferences(dir, time.Now, log)
	if err != nil {
		t.Fatal(err)
	}
	first := r.keep(engine.AsError(errors.New("the cause")).WithOp("x.y"))
	if len(first) != 4 {
		t.Fatalf("reference %q", first)
	}
	again, err := openReferences(dir, time.Now, log) // after a restart
	if err != nil {
		t.Fatal(err)
	}
	if x := again.find(strings.ToLower(first)); x == nil || x.Cause != "the cause" || x.Op != "x.y" {
		t.Errorf("found %+v", x)
	}
	seen := map[string]bool{first: true}
	for range 3 * referencesMost {
		ref := again.keep(errors.New("more"))
		if again.find(ref) == nil {
			t.Fatalf("%s is not kept", ref)
		}
		seen[ref] = true
	}
	kept, err := readReferences(filepath.Join(dir, referencesFile))
	if err != nil || len(kept) > referencesMost || len(kept) < referencesMost/2 {
		t.Errorf("%d are kept, %v", len(kept), err)
	}
	info, err := os.Stat(filepath.Join(dir, referencesFile))
	if err != nil || info.Mode().Perm() != 0o600 {
		t.Errorf("%v %v", info.Mode(), err)
	}
	// A full disk or a missing directory loses the file, not the answer.
	broken, err := openReferences(filepath.Join(dir, "gone"), time.Now, log)
	if err != nil {
		t.Fatal(err)
	}
	if ref := broken.keep(errors.New("x")); broken.find(ref) == nil {
		t.Error("the reference is lost with the disk")
	}
}
