package main

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"maps"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
)

// tree is the module whose tests are measured. Nothing is written there.
type tree struct {
	root string // absolute
	src  map[string][]byte
}

func openTree(dir string) (*tree, error) {
	root, err := filepath.Abs(dir)
	if err != nil {
		return nil, err
	}
	if root, err = filepath.EvalSymlinks(root); err != nil {
		return nil, err
	}
	if _, err := os.Stat(filepath.Join(root, "go.mod")); err != nil {
		return nil, fmt.Errorf("%s is no Go module: name one with -tree", dir)
	}
	return &tree{root: root, src: map[string][]byte{}}, nil
}

// mutants are all of them in the packages: in files that are built here, tests excluded.
func (t *tree) mutants(ctx context.Context, packages []string) ([]mutant, error) {
	known := suites()
	args := []string{"list", "-json=Dir,GoFiles"}
	for _, p := range packages {
		if known[p] == nil {
			names := slices.Sorted(maps.Keys(known))
			return nil, fmt.Errorf("no tests are named for %s: there are %s", p, strings.Join(names, ", "))
		}
		args = append(args, "./"+p)
	}
	c := exec.CommandContext(ctx, "go", args...)
	c.Dir = t.root
	text, err := c.Output()
	if err != nil {
		var e *exec.ExitError
		if errors.As(err, &e) {
			err = errors.New(strings.TrimSpace(string(e.Stderr)))
		}
		return nil, fmt.Errorf("go list: %w", err)
	}
	var out []mutant
	for d := json.NewDecoder(bytes.NewReader(text)); ; {
		var p struct {
			Dir     string
			GoFiles []string
		}
		if err := d.Decode(&p); errors.Is(err, io.EOF) {
			return out, nil
		} else if err != nil {
			return nil, err
		}
		for _, f := range p.GoFiles {
			ms, err := t.file(filepath.Join(p.Dir, f))
			if err != nil {
				return nil, err
			}
			out = append(out, ms...)
		}
	}
}

func (t *tree) file(path string) ([]mutant, error) {
	src, err := os.ReadFile(path)
	if err != nil {
		return nil, err
	}
	rel, err := filepath.Rel(t.root, path)
	if err != nil {
		return nil, err
	}
	rel = filepath.ToSlash(rel)
	t.src[rel] = src
	return mutantsOf(rel[:strings.LastIndex(rel, "/")], rel, src, operators())
}
