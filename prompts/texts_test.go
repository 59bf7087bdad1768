package prompts_test

import (
	"encoding/json"
	"flag"
	"go/ast"
	"go/parser"
	"go/token"
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"sort"
	"strconv"
	"strings"
	"testing"

	"github.com/bretelle/bretelle/engine"
	"github.com/bretelle/bretelle/prompts"
)

var missing = flag.String("missing", "", "write the texts that French lacks to this file, as JSON")

// calls are the places of texts among the arguments of a call, by function, or by folder and function.
var calls = map[string][]int{"T": {1}, "t": {0}, "line": {0}, "button": {1}, "menu": {1}, "Say": {1}, "E": {1}, "WithHint": {0},
	"flow.add": {2, 3}, "flow.bad": {2, 3}, "flow.problem": {1, 2}, "check.bad": {2, 3}, "check.warn": {2, 3}, "expr.failAt": {2, 3}, "expr.fail": {1, 2},
	"connectors.rejected": {1}, "connectors.Fail": {2}, "web.Fail": {2}, "chat.Fail": {2}, "webhook.Fail": {2}, "mail.Fail": {2}, "contact.Fail": {2}, "table.Fail": {2}, "intake.Fail": {2}, "watch.Fail": {2}, "feed.garbled": {0, 1},
	"edit.wrong": {1, 2}, "edit.unknown": {1}, "edit.noLine": {0}, "slack.refuse": {1, 2}}

// members of composite literals that are texts, by the type's name.
var members = map[string][]string{"Error": {"Msg", "Hint"}, "Failure": {"Msg", "Hint"}, "Problem": {"Msg", "Hint"}, "HelpLine": {"Text"}, "Command": {"Text"}}

// texts are all texts for people in the repository's code, with where they stand.
func allTexts(t *testing.T) map[string]string {
	t.Helper()
	root := ".."
	out := map[string]string{}
	err := filepath.WalkDir(root, func(path string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() && strings.HasPrefix(d.Name(), ".") && path != root {
			if d != nil && d.IsDir() {
				return filepath.SkipDir
			}
			return err
		}
		if d.IsDir() || !strings.HasSuffix(path, ".go") || strings.HasSuffix(path, "_test.go") || supports(path) {
			return nil
		}
		set := token.NewFileSet()
		f, err := parser.ParseFile(set, path, nil, 0)
		if err != nil {
			t.Logf("%s is not parsed: %v", path, err)
			return nil
		}
		add := func(e ast.Expr) {
			if s, ok := literal(e); ok && s != "" {
				out[s] = set.Position(e.Pos()).String()
			}
		}
		ast.Inspect(f, func(n ast.Node) bool {
			switch n := n.(type) {
			case *ast.CallExpr:
				at := calls[nameOf(n.Fun)]
				if sel, ok := n.Fun.(*ast.SelectorExpr); ok && sel.Sel.Name == "Say" && nameOf(sel.X) == "engine" {
					at = []int{0}
				}
				if at == nil {
					at = calls[filepath.Base(filepath.Dir(path))+"."+nameOf(n.Fun)]
				}
				for _, i := range at {
					if i < len(n.Args) {
						add(n.Args[i])
					}
				}
			case *ast.CompositeLit:
				for _, e := range n.Elts {
					fill(n.Type, e, add)
				}
			}
			return true
		})
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	return out
}

// supports reports whether a file only serves tests.
func supports(path string) bool {
	dir := filepath.Base(filepath.Dir(path))
	return dir == "corpus" || strings.HasSuffix(dir, "test")
}

// fill finds texts in a literal's elements; elements of a list may leave their type out.
func fill(typ ast.Expr, e ast.Expr, add func(ast.Expr)) {
	if list, ok := typ.(*ast.ArrayType); ok {
		if c, ok := e.(*ast.CompositeLit); ok && c.Type == nil {
			for _, x := range c.Elts {
				fill(list.Elt, x, add)
			}
		}
		return
	}
	kv, ok := e.(*ast.KeyValueExpr)
	if !ok {
		return
	}
	key, _ := kv.Key.(*ast.Ident)
	for _, m := range members[nameOf(typ)] {
		if key != nil && key.Name == m {
			add(kv.Value)
		}
	}
}

func nameOf(e ast.Expr) string {
	switch e := e.(type) {
	case *ast.Ident:
		return e.Name
	case *ast.SelectorExpr:
		return e.Sel.Name
	}
	return ""
}

// literal is the value of a text, also of one put together from literals.
func literal(e ast.Expr) (string, bool) {
	switch e := e.(type) {
	case *ast.BasicLit:
		if e.Kind != token.STRING {
			return "", false
		}
		s, err := strconv.Unquote(e.Value)
		return s, err == nil
	case *ast.BinaryExpr:
		a, ok1 := literal(e.X)
		b, ok2 := literal(e.Y)
		return a + b, ok1 && ok2 && e.Op == token.ADD
	case *ast.ParenExpr:
		return literal(e.X)
	}
	return "", false
}

// french is the catalogue as written, texts and plural forms.
func french(t *testing.T) map[string][]string {
	t.Helper()
	files, err := filepath.Glob("locale/fr.*.json")
	if err != nil || len(files) == 0 {
		t.Fatal("no French", err)
	}
	out := map[string][]string{}
	for _, f := range files {
		data, err := os.ReadFile(f)
		if err != nil {
			t.Fatal(err)
		}
		var m map[string]any
		if err := json.Unmarshal(data, &m); err != nil {
			t.Fatalf("%s: %v", f, err)
		}
		for id, v := range m {
			if out[id] != nil {
				t.Errorf("%q is translated twice", id)
			}
			switch v := v.(type) {
			case string:
				out[id] = []string{v}
			case map[string]any:
				for _, s := range v {
					out[id] = append(out[id], s.(string))
				}
			}
		}
	}
	return out
}

var placeholder = regexp.MustCompile(`\{[a-z_]+\}`)

func holes(s string) string {
	hs := placeholder.FindAllString(s, -1)
	sort.Strings(hs)
	return strings.Join(hs, " ")
}

// Every text for people has its French, with the same arguments.
func TestFrenchIsComplete(t *testing.T) {
	fr := french(t)
	lacking := map[string]string{}
	for s, at := range allTexts(t) {
		if fr[s] == nil {
			lacking[s] = at
		}
	}
	if *missing != "" {
		b, err := json.MarshalIndent(lacking, "", "  ")
		if err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(*missing, b, 0o644); err != nil {
			t.Fatal(err)
		}
	}
	for s, at := range lacking {
		t.Errorf("%s: no French for %q", at, s)
	}
	for id, forms := range fr {
		for _, s := range forms {
			if holes(s) != holes(id) {
				t.Errorf("%q and %q have other arguments", id, s)
			}
			if got := prompts.T("fr", id, nil); len(forms) == 1 && got != s {
				t.Errorf("%q is not looked up: %q", id, got)
			}
		}
	}
}

func TestT(t *testing.T) {
	for _, x := range []struct {
		lang, id string
		n        int
		want     string
	}{{"en", "{n} runs", 1, "1 run"}, {"en", "{n} runs", 2, "2 runs"}, {"fr", "{n} runs", 0, "0 exécution"}, {"fr-CA", "{n} runs", 1, "1 exécution"},
		{"fr", "{n} runs", 2, "2 exécutions"}, {"de", "{n} runs", 2, "2 runs"}, {"", "never translated {n}", 1, "never translated 1"}} {
		if got := prompts.T(x.lang, x.id, map[string]any{"n": x.n}); got != x.want {
			t.Errorf("%s %q %d: %q, wanted %q", x.lang, x.id, x.n, got, x.want)
		}
	}
	said := engine.Say("{one} and {two}", "one", engine.Say("{field} is {value}", "field", "a", "value", "1"), "two", engine.Say("{field} exists", "field", "b"))
	if en, fr := prompts.T("en", said.Msg, said.Args), prompts.T("fr", said.Msg, said.Args); en != "a is 1 and b exists" || en != said.String() || fr != "a vaut 1 et b existe" {
		t.Errorf("a text of texts: %q, %q", en, fr)
	}
	if got := prompts.T("fr", "{x} {y}", map[string]any{"x": "{y}", "y": "no"}); got != "{y} no" {
		t.Errorf("an argument was read as a text: %q", got)
	}
}
