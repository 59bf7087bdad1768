package expr

import (
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/bretelle/bretelle/engine"
)

// root is the repository's folder: the nearest one above with a go.mod.
func root(t *testing.T) string {
	dir, err := os.Getwd()
	if err != nil {
		t.Fatal(err)
	}
	for {
		if _, err := os.Stat(filepath.Join(dir, "go.mod")); err == nil {
			return dir
		}
		up := filepath.Dir(dir)
		if up == dir {
			t.Fatal("no go.mod above the tests")
		}
		dir = up
	}
}

// Real deliveries: the triage condition holds for exactly four of them, and each of the others has a reason that
// can be printed.
func TestTriageOnRecordedDeliveries(t *testing.T) {
	dir := filepath.Join(root(t), "..", "shared", "payloads", "github")
	if _, err := os.Stat(dir); err != nil {
		t.Skip("the recorded deliveries are not here")
	}
	x, err := Compile(`event.body.action == "opened" && any(event.body.issue.labels, .name == "bug")`, untyped())
	if err != nil {
		t.Fatal(err)
	}
	files, yes := 0, 0
	err = filepath.WalkDir(dir, func(path string, e fs.DirEntry, err error) error {
		if err != nil || e.IsDir() || !strings.HasSuffix(path, ".json") {
			return err
		}
		b, err := os.ReadFile(path)
		if err != nil {
			return err
		}
		body, err := engine.DecodeJSON(b)
		if err != nil {
			return err
		}
		files++
		in := Input{Roots: map[string]any{"event": map[string]any{"body": body}}}
		v, err := x.Eval(in)
		why := x.Why(in)
		switch {
		case err != nil:
			t.Errorf("%s: %v", path, err)
		case v == true:
			yes++
		case !strings.HasPrefix(why, "action is ") && why != `no one of issue.labels has name "bug"`:
			t.Errorf("%s: %s", path, why)
		}
		return nil
	})
	if err != nil || files != 89 || yes != 4 {
		t.Errorf("%d files, %d of them wait, %v", files, yes, err)
	}
}
