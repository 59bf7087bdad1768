package main

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"sync"
	"time"
)

// What became of a mutant.
const (
	killed   = "killed"    // a test failed, twice
	timedOut = "timed out" // killed: the tests came to no end
	survived = "survived"
	notBuilt = "not built" // it does not compile: not counted
)

// trial tries mutants.
type trial struct {
	tree *tree
	dir  string // for what is written: binaries, overlays, the tests' temporary files
	env  []string

	number  map[string]int // of the bundled mutants, by id, from 1 on
	overlay string         // what the compiler reads instead, with those in it; "" without any

	mu    sync.Mutex
	bins  map[string]string        // test binaries with the bundled mutants, by package
	usual map[string]time.Duration // how long a suite takes while no mutant is chosen; filled by untouched
}

func newTrial(t *tree, dir, cache string) *trial {
	env := os.Environ()
	if cache != "" {
		env = append(env, "GOCACHE="+cache)
	}
	return &trial{tree: t, dir: dir, env: env, number: map[string]int{}, bins: map[string]string{}, usual: map[string]time.Duration{}}
}

func (s suite) key() string { return s.pkg + " " + strings.Join(s.run, " ") }

// untouched runs a suite with no mutant chosen: it must pass, and how long it takes is what its limit comes from. A test
// that fails now and then gets a second chance. It gives the test binary.
func (r *trial) untouched(ctx context.Context, s suite) (string, error) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.bins[s.pkg] == "" {
		bin, said, err := r.build(ctx, r.dir, s.pkg, r.overlay)
		if err != nil {
			return "", fmt.Errorf("%s does not compile: %w\n%s", s.pkg, err, said)
		}
		r.bins[s.pkg] = bin
	}
	bin := r.bins[s.pkg]
	for try := 0; r.usual[s.key()] == 0; try++ {
		dir, err := os.MkdirTemp(r.dir, "untouched-")
		if err != nil {
			return "", err
		}
		at := time.Now()
		o := r.test(ctx, dir, bin, s, 30*time.Minute, 0)
		if err := errors.Join(ctx.Err(), os.RemoveAll(dir)); err != nil {
			return "", err
		}
		if !o.failed {
			r.usual[s.key()] = time.Since(at)
		} else if try == 1 {
			return "", fmt.Errorf("%s fails without any change, so nothing can be measured by it:\n%s", s.key(), o.said)
		}
	}
	return bin, nil
}

// limit is how long a suite may take: far more than usual, for other things run beside it.
func (r *trial) limit(s suite) time.Duration {
	r.mu.Lock()
	defer r.mu.Unlock()
	return 4*r.usual[s.key()] + time.Minute
}

// try is what becomes of a mutant. An error says that it could not be found out.
func (r *trial) try(ctx context.Context, m mutant) (result, error) {
	at := time.Now()
	res := result{ID: m.ID, Mutant: m.String(), Status: survived}
	dir, err := os.MkdirTemp(r.dir, m.ID+"-")
	if err != nil {
		return res, err
	}
	defer os.RemoveAll(dir)
	overlay, number := "", r.number[m.ID]
	if number == 0 {
		if overlay, err = r.alone(dir, m); err != nil {
			return res, err
		}
	}
	bins := map[string]string{}
	for i, s := range suites()[m.Package] {
		bin, err := r.untouched(ctx, s)
		if err != nil {
			return res, err
		}
		if number == 0 {
			if bins[s.pkg] == "" {
				built, said, err := r.build(ctx, dir, s.pkg, overlay)
				if ctx.Err() != nil {
					return res, ctx.Err()
				}
				if err != nil && i > 0 {
					return res, fmt.Errorf("%s compiles in its own package, but %s does not: %w\n%s", m, s.pkg, err, said)
				}
				if err != nil {
					res.Status, res.Said = notBuilt, said
					return res, nil
				}
				bins[s.pkg] = built
			}
			bin = bins[s.pkg]
		}
		o := r.twice(ctx, dir, bin, s, number)
		if ctx.Err() != nil {
			return res, ctx.Err()
		}
		if o.failed {
			res.Status, res.By, res.Said = killed, s.pkg+" "+o.name, o.said
			if o.late {
				res.Status = timedOut
			}
			break
		}
	}
	res.Seconds = time.Since(at).Seconds()
	return res, nil
}

// alone writes what the compiler is to read instead of the mutated file.
func (r *trial) alone(dir string, m mutant) (string, error) {
	text, err := m.apply(r.tree.src[m.File])
	if err != nil {
		return "", err
	}
	file := filepath.Join(dir, "mutant.go")
	if err := os.WriteFile(file, text, 0o600); err != nil {
		return "", err
	}
	return writeOverlay(dir, map[string]string{filepath.Join(r.tree.root, filepath.FromSlash(m.File)): file})
}

func writeOverlay(dir string, replace map[string]string) (string, error) {
	j, err := json.Marshal(map[string]map[string]string{"Replace": replace})
	if err != nil {
		return "", err
	}
	overlay := filepath.Join(dir, "overlay.json")
	return overlay, os.WriteFile(overlay, j, 0o600)
}

// build makes a package's test binary; said is what the compiler did when there is an error.
func (r *trial) build(ctx context.Context, dir, pkg, overlay string) (bin, said string, err error) {
	bin = filepath.Join(dir, strings.ReplaceAll(pkg, "/", "-")+".test")
	args := []string{"test", "-c", "-ldflags=-s -w", "-o", bin}
	if overlay != "" {
		args = append(args, "-overlay", overlay)
	}
	c := exec.CommandContext(ctx, "go", append(args, "./"+pkg)...)
	c.Dir, c.Env = r.tree.root, r.env
	text, err := c.CombinedOutput()
	return bin, tail(text), err
}

// outcome is one run of a test binary.
type outcome struct {
	failed, late bool
	name         string // the test that failed, as deep as it is known
	said         string
}

// twice runs a suite, and what failed once more by itself: if it passes then, everything is run again, and that counts.
func (r *trial) twice(ctx context.Context, dir, bin string, s suite, number int) outcome {
	limit := r.limit(s)
	first := r.test(ctx, dir, bin, s, limit, number)
	if !first.failed || first.late {
		return first
	}
	if first.name != "" {
		if o := r.test(ctx, dir, bin, suite{s.pkg, []string{"-test.run", pattern(first.name)}}, limit, number); o.failed {
			return first
		}
	}
	return r.test(ctx, dir, bin, s, limit, number)
}

func (r *trial) test(ctx context.Context, dir, bin string, s suite, limit time.Duration, number int) outcome {
	ctx, stop := context.WithTimeout(ctx, limit)
	defer stop()
	tmp := filepath.Join(dir, "tmp")
	if err := os.MkdirAll(tmp, 0o700); err != nil {
		return outcome{failed: true, said: err.Error()}
	}
	defer os.RemoveAll(tmp)
	c := exec.CommandContext(ctx, bin, append([]string{"-test.failfast", "-test.timeout=0"}, s.run...)...)
	c.Dir, c.Env = filepath.Join(r.tree.root, filepath.FromSlash(s.pkg)), append(slices.Clone(r.env), "TMPDIR="+tmp, fmt.Sprintf("%s=%d", variable, number))
	c.WaitDelay = 10 * time.Second
	alone(c)
	var text bytes.Buffer
	c.Stdout, c.Stderr = &text, &text
	err := c.Run()
	return outcome{
		failed: err != nil, late: err != nil && errors.Is(ctx.Err(), context.DeadlineExceeded),
		name: failing(text.String()), said: tail(text.Bytes()),
	}
}

// failing is the first test that failed, and of what is within it the deepest that did.
func failing(text string) string {
	name := ""
	for _, m := range regexp.MustCompile(`(?m)^ *--- FAIL: (\S+)`).FindAllStringSubmatch(text, -1) {
		if name == "" || strings.HasPrefix(m[1], name+"/") {
			name = m[1]
		}
	}
	return name
}

// pattern selects exactly that test.
func pattern(name string) string {
	parts := strings.Split(name, "/")
	for i, p := range parts {
		parts[i] = "^" + regexp.QuoteMeta(p) + "$"
	}
	return strings.Join(parts, "/")
}

// tail is the end of what was said.
func tail(text []byte) string {
	const most = 2000
	text = bytes.TrimSpace(text)
	if len(text) > most {
		text = append([]byte("… "), text[len(text)-most:]...)
	}
	return strings.ToValidUTF8(string(text), "")
}
