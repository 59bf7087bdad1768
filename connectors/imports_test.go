package connectors_test

import (
	"go/parser"
	"go/token"
	"io/fs"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
)

// TestConnectorsHaveNoExitsOfTheirOwn parses every file below this folder (R12). The root owns the exits, intake
// the way in, connectortest the fake outside; none of the others may reach anything.
func TestConnectorsHaveNoExitsOfTheirOwn(t *testing.T) {
	files := 0
	err := filepath.WalkDir(".", func(path string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() || !strings.HasSuffix(path, ".go") || strings.HasSuffix(path, "_test.go") {
			return err
		}
		switch dir := filepath.ToSlash(filepath.Dir(path)); dir {
		case ".", "intake", "connectortest", "counterparttest":
			return nil
		}
		files++
		f, err := parser.ParseFile(token.NewFileSet(), path, nil, parser.ImportsOnly)
		if err != nil {
			return err
		}
		for _, spec := range f.Imports {
			name, err := strconv.Unquote(spec.Path.Value)
			if err != nil {
				return err
			}
			for _, no := range []string{"net", "net/http", "net/rpc", "net/smtp", "os", "os/exec", "syscall", "unsafe", "plugin",
				"database/sql", "modernc.org/sqlite", "log", "log/slog"} {
				if name == no || strings.HasPrefix(name, no+"/") && no != "net" {
					t.Errorf("%s imports %s: exits go through Call", path, name)
				}
			}
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	if files < 5 {
		t.Errorf("only %d files were found", files)
	}
}
