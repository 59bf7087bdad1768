package main

import (
	"cmp"
	"crypto/sha256"
	"encoding/binary"
	"encoding/hex"
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"slices"
	"strings"
)

// mutant is one change to one file.
type mutant struct {
	ID       string // of what it is: the same as long as the function's name and the line's text are
	Package  string // folder from the tree's root: "engine/fold"
	File     string // from the tree's root, with slashes
	Function string // "Apply", "(*run).next"; "" outside of functions
	Line     int
	Operator string
	From, To string
	Text     string // the line, without its indent

	offset int
}

// String is a line about it, without its id.
func (m mutant) String() string {
	return fmt.Sprintf("%s:%d %s: %s becomes %s in `%s`", m.File, m.Line, m.Operator, m.From, m.To, m.Text)
}

// apply is the file's text with the change made.
func (m mutant) apply(src []byte) ([]byte, error) {
	if m.offset < 0 || m.offset+len(m.From) > len(src) || string(src[m.offset:m.offset+len(m.From)]) != m.From {
		return nil, fmt.Errorf("%s:%d: the file has changed while it was read", m.File, m.Line)
	}
	return slices.Concat(src[:m.offset], []byte(m.To), src[m.offset+len(m.From):]), nil
}

// mutantsOf are all mutants of one file, in the order of its text.
func mutantsOf(pkg, file string, src []byte, ops []operator) ([]mutant, error) {
	fset := token.NewFileSet()
	tree, err := parser.ParseFile(fset, file, src, parser.SkipObjectResolution)
	if err != nil {
		return nil, err
	}
	lines := strings.Split(string(src), "\n")
	var out []mutant
	for _, d := range tree.Decls {
		name := functionName(d)
		ast.Inspect(d, func(n ast.Node) bool {
			for _, op := range ops {
				pos, tok := op.on(n)
				to, ok := op.swap[tok]
				if !ok || !pos.IsValid() {
					continue
				}
				at := fset.Position(pos)
				out = append(out, mutant{
					Package: pkg, File: file, Function: name, Line: at.Line, Operator: op.name,
					From: tok.String(), To: to.String(), Text: strings.TrimSpace(lines[at.Line-1]), offset: at.Offset,
				})
			}
			return true
		})
	}
	slices.SortStableFunc(out, func(a, b mutant) int { return cmp.Compare(a.offset, b.offset) })
	same := map[string]int{}
	for i := range out {
		m := &out[i]
		key := strings.Join([]string{m.File, m.Function, m.Operator, m.From, m.To, m.Text}, "\x00")
		sum := sha256.Sum256(fmt.Appendf(nil, "%s\x00%d", key, same[key]))
		same[key]++
		m.ID = hex.EncodeToString(sum[:5])
	}
	return out, nil
}

func functionName(d ast.Decl) string {
	f, ok := d.(*ast.FuncDecl)
	if !ok {
		return ""
	}
	if f.Recv == nil || len(f.Recv.List) == 0 {
		return f.Name.Name
	}
	t, star := f.Recv.List[0].Type, ""
	if s, ok := t.(*ast.StarExpr); ok {
		t, star = s.X, "*"
	}
	switch g := t.(type) {
	case *ast.IndexExpr:
		t = g.X
	case *ast.IndexListExpr:
		t = g.X
	}
	if id, ok := t.(*ast.Ident); ok {
		return "(" + star + id.Name + ")." + f.Name.Name
	}
	return f.Name.Name
}

// drawn puts mutants in the seed's order. Each one's place depends on it and the seed only, so that adding or removing
// others moves none past another.
func drawn(ms []mutant, seed uint64) []mutant {
	rank := func(m mutant) string {
		sum := sha256.Sum256(append(binary.BigEndian.AppendUint64(nil, seed), m.ID...))
		return string(sum[:])
	}
	out := slices.Clone(ms)
	ranks := make(map[string]string, len(out))
	for _, m := range out {
		ranks[m.ID] = rank(m)
	}
	slices.SortFunc(out, func(a, b mutant) int { return cmp.Compare(ranks[a.ID], ranks[b.ID]) })
	return out
}
