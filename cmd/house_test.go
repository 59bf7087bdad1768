package cmd_test

import (
	"go/ast"
	"go/parser"
	"go/token"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"
)

const module = "github.com/bretelle/bretelle"

// goFile is one parsed file of the project.
type goFile struct {
	path    string // from the project's root
	pkg     string // folder, from the root
	test    bool
	lines   int
	imports []string
	tree    *ast.File
	fset    *token.FileSet
}

func files(t *testing.T) []goFile {
	t.Helper()
	root := ".."
	var out []goFile
	err := filepath.WalkDir(root, func(path string, d fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		if d.IsDir() && (d.Name() == "testdata" || strings.HasPrefix(d.Name(), ".") && d.Name() != "..") {
			return filepath.SkipDir
		}
		if d.IsDir() || !strings.HasSuffix(path, ".go") {
			return nil
		}
		src, err := os.ReadFile(path)
		if err != nil {
			return err
		}
		fset := token.NewFileSet()
		tree, err := parser.ParseFile(fset, path, src, parser.ParseComments)
		if err != nil {
			return err
		}
		rel, err := filepath.Rel(root, path)
		if err != nil {
			return err
		}
		f := goFile{
			path: filepath.ToSlash(rel), pkg: filepath.ToSlash(filepath.Dir(rel)), test: strings.HasSuffix(path, "_test.go"),
			lines: strings.Count(string(src), "\n"), tree: tree, fset: fset,
		}
		for _, i := range tree.Imports {
			p, err := strconv.Unquote(i.Path.Value)
			if err != nil {
				return err
			}
			f.imports = append(f.imports, p)
		}
		out = append(out, f)
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	if len(out) < 50 {
		t.Fatalf("only %d Go files found: is the walk broken?", len(out))
	}
	return out
}

func under(pkg, folder string) bool { return pkg == folder || strings.HasPrefix(pkg, folder+"/") }

// layers is DESIGN's import table: what each folder may import of ours besides itself. The longest match holds.
var layers = map[string][]string{
	"engine":     {"engine"},
	"prompts":    {"engine", "prompts"},
	"connectors": {"engine", "connectors"},
	"storage":    {"engine", "connectors", "bot", "storage"},
	"bot":        {"engine", "prompts", "bot"},
	"cmd":        {"engine", "prompts", "connectors", "storage", "bot", "cmd"},
}

func TestImportTable(t *testing.T) {
	for _, f := range files(t) {
		top, _, _ := strings.Cut(f.pkg, "/")
		allowed, ok := layers[top]
		if !ok {
			t.Errorf("%s: %q is not one of the agreed folders", f.path, top)
			continue
		}
		for _, imp := range f.imports {
			ours, ok := strings.CutPrefix(imp, module+"/")
			if !ok || testHelp(f, ours) {
				continue
			}
			if !slices.ContainsFunc(allowed, func(a string) bool { return under(ours, a) }) {
				t.Errorf("%s imports %s: %s may only import %v (R1)", f.path, ours, top, allowed)
			}
		}
	}
}

// testHelp says whether an import is a test using a real part of another layer, or a real counterpart, instead of a fake.
func testHelp(f goFile, ours string) bool {
	suite := strings.HasSuffix(f.pkg, "test")
	return (f.test || suite) && (under(ours, "storage") || under(ours, "prompts/corpus") || under(ours, "connectors/counterparttest"))
}

// apart lists folders whose sub-packages must not import each other: surfaces, and connectors.
func TestSiblingsStayApart(t *testing.T) {
	apart := map[string][]string{
		"bot":        {"bot/slack", "bot/discord", "bot/console"},
		"connectors": nil, // every sub-package but the ones below
	}
	shared := []string{"connectors/all", "connectors/connectortest", "connectors/intake"}
	for _, f := range files(t) {
		for _, imp := range f.imports {
			ours, ok := strings.CutPrefix(imp, module+"/")
			if !ok || ours == f.pkg || f.test {
				continue
			}
			if slices.Contains(apart["bot"], f.pkg) && slices.Contains(apart["bot"], ours) {
				t.Errorf("%s imports %s: surfaces do not import each other (R1)", f.path, ours)
			}
			if under(f.pkg, "connectors") && f.pkg != "connectors" && !slices.Contains(shared, f.pkg) &&
				strings.HasPrefix(ours, "connectors/") && ours != f.pkg {
				t.Errorf("%s imports %s: connectors do not import each other (R1)", f.path, ours)
			}
		}
	}
}

// foldMay is the allow-list of standard packages for the fold (R1, R4): nothing with a clock, a network, files,
// randomness or goroutines. "time" is there for durations and zones; its clock is forbidden by name below.
var foldMay = []string{
	"bytes", "cmp", "encoding/json", "errors", "fmt", "hash/fnv", "maps", "math", "slices", "strconv", "strings", "time",
}

var foldOurs = []string{"engine", "engine/expr", "engine/flow", "engine/check", "engine/gate", "engine/plan"}

// folds are the packages that this holds for: the fold of runs, and that of gates (R10).
var folds = []string{"engine/fold", "engine/gate"}

func TestFoldIsPure(t *testing.T) {
	clock := []string{"Now", "Since", "Until", "After", "AfterFunc", "Tick", "NewTimer", "NewTicker", "Sleep", "Local"}
	seen := 0
	for _, f := range files(t) {
		if !slices.Contains(folds, f.pkg) || f.test {
			continue
		}
		seen++
		for _, imp := range f.imports {
			ours, isOurs := strings.CutPrefix(imp, module+"/")
			if isOurs && slices.Contains(foldOurs, ours) || !isOurs && slices.Contains(foldMay, imp) {
				continue
			}
			t.Errorf("%s imports %s: the fold may not (R1, R4)", f.path, imp)
		}
		ast.Inspect(f.tree, func(n ast.Node) bool {
			switch n := n.(type) {
			case *ast.GoStmt:
				t.Errorf("%s: the fold starts a goroutine", f.fset.Position(n.Pos()))
			case *ast.SelectorExpr:
				if x, ok := n.X.(*ast.Ident); ok && x.Name == "time" && slices.Contains(clock, n.Sel.Name) {
					t.Errorf("%s: the fold reads the clock (time.%s)", f.fset.Position(n.Pos()), n.Sel.Name)
				}
			}
			return true
		})
	}
	if seen == 0 {
		t.Fatal("no file of engine/fold was looked at")
	}
}

// exits are the packages with which a connector could get around Call (R12).
var exits = []string{"net", "net/http", "os", "os/exec", "database/sql", "syscall"}

func TestConnectorsHaveNoExits(t *testing.T) {
	owners := []string{"connectors", "connectors/intake", "connectors/connectortest", "connectors/counterparttest"}
	for _, f := range files(t) {
		if !under(f.pkg, "connectors") || slices.Contains(owners, f.pkg) || f.test {
			continue
		}
		for _, imp := range f.imports {
			if slices.Contains(exits, imp) {
				t.Errorf("%s imports %s: a connector's only way out is Call (R12)", f.path, imp)
			}
		}
	}
}

func TestSDKsStayInTheirAdapters(t *testing.T) {
	homes := map[string]string{
		"github.com/slack-go/slack": "bot/slack", "github.com/bwmarrin/discordgo": "bot/discord", "modernc.org/sqlite": "storage/sqlite",
	}
	for _, f := range files(t) {
		for _, imp := range f.imports {
			for sdk, home := range homes {
				if under(imp, sdk) && !under(f.pkg, home) {
					t.Errorf("%s imports %s, which belongs in %s only", f.path, imp, home)
				}
			}
		}
	}
}

func TestFilesAreSmall(t *testing.T) {
	const most, usual = 500, 350
	long, all := 0, 0
	for _, f := range files(t) {
		all++
		if f.lines > most {
			t.Errorf("%s has %d lines: %d is the point to split (R2)", f.path, f.lines, most)
		}
		if f.lines > usual {
			long++
		}
	}
	if long*10 > all {
		t.Errorf("%d of %d files have over %d lines: nine in ten should be shorter (R2)", long, all, usual)
	}
}

func TestNoGrabBags(t *testing.T) {
	bags := []string{"util", "utils", "common", "types", "models", "helpers", "misc"}
	for _, f := range files(t) {
		name := strings.TrimSuffix(filepath.Base(f.path), ".go")
		if slices.Contains(bags, f.tree.Name.Name) || slices.Contains(bags, name) {
			t.Errorf("%s: a name that says nothing (R2)", f.path)
		}
	}
}

func TestEveryPackageExplainsItself(t *testing.T) {
	docs := map[string]bool{}
	for _, f := range files(t) {
		if f.test {
			continue
		}
		if _, ok := docs[f.pkg]; !ok {
			docs[f.pkg] = false
		}
		if filepath.Base(f.path) == "doc.go" && f.tree.Doc != nil && len(f.tree.Doc.Text()) > 80 {
			docs[f.pkg] = true
		}
	}
	for pkg, ok := range docs {
		if !ok {
			t.Errorf("%s has no doc.go with its picture and its why", pkg)
		}
	}
}

// TestExportedNamesAreDocumented holds every exported top-level name to a doc comment.
func TestExportedNamesAreDocumented(t *testing.T) {
	for _, f := range files(t) {
		if f.test {
			continue
		}
		for _, d := range f.tree.Decls {
			switch d := d.(type) {
			case *ast.FuncDecl:
				if d.Name.IsExported() && d.Doc == nil && exportedReceiver(d) && !obvious(d) {
					t.Errorf("%s: %s has no doc comment", f.fset.Position(d.Pos()), d.Name.Name)
				}
			case *ast.GenDecl:
				for _, s := range d.Specs {
					if ts, ok := s.(*ast.TypeSpec); ok && ts.Name.IsExported() && d.Doc == nil && ts.Doc == nil {
						t.Errorf("%s: %s has no doc comment", f.fset.Position(ts.Pos()), ts.Name.Name)
					}
				}
			}
		}
	}
}

func exportedReceiver(d *ast.FuncDecl) bool {
	if d.Recv == nil || len(d.Recv.List) == 0 {
		return true
	}
	x := d.Recv.List[0].Type
	if star, ok := x.(*ast.StarExpr); ok {
		x = star.X
	}
	if ix, ok := x.(*ast.IndexExpr); ok {
		x = ix.X
	}
	if id, ok := x.(*ast.Ident); ok {
		return id.IsExported()
	}
	return true
}

// obvious are methods whose meaning the standard library fixes.
func obvious(d *ast.FuncDecl) bool {
	return d.Recv != nil && slices.Contains([]string{
		"Error", "String", "Unwrap", "Is", "GoString", "Format", "LogValue", "MarshalJSON", "UnmarshalJSON", "MarshalText",
		"UnmarshalText", "MarshalBinary", "MarshalYAML", "Len", "Less", "Swap", "ServeHTTP", "Close", "Read", "Write",
	}, d.Name.Name)
}

// TestNothingOfTheWorkshop keeps machine paths and the names of our tools out of the project.
func TestNothingOfTheWorkshop(t *testing.T) {
	bad := []string{"/wo" + "rk/", "/ro" + "ot/", "proxy.gol" + "ang.org", "registry.npm" + "js.org", "/.lib" + "rary"}
	err := filepath.WalkDir("..", func(path string, d fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		if d.IsDir() && d.Name() == ".git" {
			return filepath.SkipDir
		}
		if d.IsDir() {
			return nil
		}
		b, err := os.ReadFile(path)
		if err != nil {
			return err
		}
		for _, s := range bad {
			if strings.Contains(string(b), s) {
				t.Errorf("%s mentions %q", path, s)
			}
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
}
