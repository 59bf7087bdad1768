package main

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
)

// gather puts mutants into one overlay, to be chosen by number at run time: all of them are compiled once then. Those
// that do not fit in, or do not compile there, are left to be built one by one.
func (r *trial) gather(ctx context.Context, ms []mutant) error {
	dir, err := os.MkdirTemp(r.dir, "bundle-")
	if err != nil {
		return err
	}
	for i, m := range ms {
		if bundles(m.File, r.tree.src[m.File], m) {
			r.number[m.ID] = i + 1
		}
	}
	for len(r.number) > 0 {
		packages, overlay, err := r.writeBundle(dir, ms)
		if err != nil {
			return err
		}
		c := exec.CommandContext(ctx, "go", append([]string{"build", "-gcflags=-e", "-overlay", overlay}, packages...)...)
		c.Dir, c.Env = r.tree.root, r.env
		text, err := c.CombinedOutput()
		if ctx.Err() != nil {
			return ctx.Err()
		}
		if err == nil {
			r.overlay = overlay
			return nil
		}
		bad := blamed(string(text))
		if len(bad) == 0 {
			return fmt.Errorf("with the mutants in it, what is to be measured does not compile: %w\n%s", err, tail(text))
		}
		for _, n := range bad {
			if n < 1 || n > len(ms) || r.number[ms[n-1].ID] == 0 {
				return errors.New("the compiler blames a mutant that is not there: " + tail(text))
			}
			delete(r.number, ms[n-1].ID)
		}
	}
	return nil
}

// writeBundle gives the packages with mutants, as arguments of the go command, and the overlay's path.
func (r *trial) writeBundle(dir string, ms []mutant) ([]string, string, error) {
	replace, byFile, packages := map[string]string{}, map[string][]mutant{}, map[string]bool{}
	write := func(name string, text []byte) error {
		path := filepath.Join(dir, fmt.Sprintf("f%d.go", len(replace)))
		replace[filepath.Join(r.tree.root, filepath.FromSlash(name))] = path
		return os.WriteFile(path, text, 0o600)
	}
	for _, m := range ms {
		byFile[m.File] = append(byFile[m.File], m)
	}
	for _, file := range slices.Sorted(maps.Keys(byFile)) {
		text, err := bundled(file, r.tree.src[file], r.number, byFile[file])
		if err == nil {
			err = write(file, text)
		}
		if pkg := byFile[file][0].Package; err == nil && !packages["./"+pkg] {
			packages["./"+pkg] = true
			err = write(pkg+"/mutant_number.go", chooser(filepath.Base(pkg)))
		}
		if err != nil {
			return nil, "", err
		}
	}
	overlay, err := writeOverlay(dir, replace)
	return slices.Sorted(maps.Keys(packages)), overlay, err
}
