package edit_test

import (
	"path/filepath"
	"regexp"
	"testing"

	"github.com/rogpeppe/go-internal/txtar"
)

var (
	commentLine = regexp.MustCompile(`(?m)^ *#.*\n`)
	comment     = regexp.MustCompile(`(?m) #[^"'\n]*$`)
)

// uncommented is a simple text without its comments.
func uncommented(s string) string {
	return comment.ReplaceAllString(commentLine.ReplaceAllString(s, ""), "")
}

// parserTexts are the sources of engine/flow's own tests.
func parserTexts(t *testing.T) []string {
	t.Helper()
	files, err := filepath.Glob("../flow/testdata/*.txtar")
	if err != nil || len(files) == 0 {
		t.Fatal("no texts", err)
	}
	var out []string
	for _, name := range files {
		a, err := txtar.ParseFile(name)
		if err != nil {
			t.Fatal(err)
		}
		for _, f := range a.Files {
			out = append(out, string(f.Data))
		}
	}
	return out
}
