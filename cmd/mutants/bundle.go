package main

import (
	"bytes"
	"cmp"
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"regexp"
	"slices"
	"strconv"
)

// variable is what says, in the environment of a test binary, which mutant it is to be.
const variable = "BRETELLE_MUTANT"

// bundled is a file with several mutants in it, each a copy of its function's body that is taken when its number is
// that of the environment:
//
//	func next(i int) int {
//		if mutantNumber == 17 {
//			return i - 1
//		}
//		return i + 1
//	}
//
// Left out are those that are in no function, or in one with labels, which may not be there twice.
func bundled(file string, src []byte, number map[string]int, ms []mutant) ([]byte, error) {
	fset := token.NewFileSet()
	tree, err := parser.ParseFile(fset, file, src, parser.SkipObjectResolution)
	if err != nil {
		return nil, err
	}
	var out bytes.Buffer
	done := 0
	for _, d := range tree.Decls {
		f, ok := d.(*ast.FuncDecl)
		if !ok || f.Body == nil || labelled(f) {
			continue
		}
		from, to := fset.Position(f.Body.Lbrace).Offset+1, fset.Position(f.Body.Rbrace).Offset
		first := true
		for _, m := range ms {
			if m.offset < from || m.offset >= to || number[m.ID] == 0 {
				continue
			}
			if first {
				out.Write(src[done:from])
				done, first = from, false
			}
			n := number[m.ID]
			body := slices.Concat(src[from:m.offset], []byte(m.To), src[m.offset+len(m.From):to])
			fmt.Fprintf(&out, "\nif mutantNumber == %d {\n//line mutant-%d.go:1\n%s\n", n, n, body)
			if f.Type.Results == nil {
				out.WriteString("return\n")
			}
			out.WriteString("}\n")
		}
		if !first {
			fmt.Fprintf(&out, "//line %s:%d\n", fset.Position(f.Body.Lbrace).Filename, fset.Position(f.Body.Lbrace).Line)
		}
	}
	out.Write(src[done:])
	return out.Bytes(), nil
}

// bundles says whether bundled takes the mutant in.
func bundles(file string, src []byte, m mutant) bool {
	fset := token.NewFileSet()
	tree, err := parser.ParseFile(fset, file, src, parser.SkipObjectResolution)
	if err != nil {
		return false
	}
	return slices.ContainsFunc(tree.Decls, func(d ast.Decl) bool {
		f, ok := d.(*ast.FuncDecl)
		return ok && f.Body != nil && !labelled(f) &&
			fset.Position(f.Body.Lbrace).Offset < m.offset && m.offset < fset.Position(f.Body.Rbrace).Offset
	})
}

func labelled(f *ast.FuncDecl) bool {
	found := false
	ast.Inspect(f, func(n ast.Node) bool {
		_, ok := n.(*ast.LabeledStmt)
		found = found || ok
		return !found
	})
	return found
}

// chooser is the file that a package with bundled mutants gets besides.
func chooser(pkg string) []byte {
	return fmt.Appendf(nil, `package %s

import (
	"os"
	"strconv"
)

var mutantNumber, _ = strconv.Atoi(os.Getenv(%q))
`, pkg, variable)
}

// blamed are the numbers of the mutants that the compiler speaks of.
func blamed(said string) []int {
	var out []int
	for _, m := range regexp.MustCompile(`mutant-(\d+)\.go:`).FindAllStringSubmatch(said, -1) {
		if n, err := strconv.Atoi(m[1]); err == nil {
			out = append(out, n)
		}
	}
	slices.SortFunc(out, cmp.Compare[int])
	return slices.Compact(out)
}
