package expr

import (
	"sort"

	"github.com/expr-lang/expr/ast"
)

// read notes that the root written at offset is read.
func (c *checker) read(offset int, root string, path []string) {
	if old, ok := c.reads[offset]; ok && len(old.Path) >= len(path) {
		return
	}
	c.reads[offset] = Ref{Root: root, Path: path, Pos: position(c.x.src, offset)}
}

// extend lengthens the reference that n's base began.
func (c *checker) extend(n *ast.MemberNode) {
	id, path := writtenPath(n)
	if id == nil {
		return
	}
	if _, isRoot := c.reads[id.Location().From]; isRoot {
		c.read(id.Location().From, id.Value, path)
	}
}

// writtenPath is the root and members of a chain of members written out; nil when a part is computed.
func writtenPath(n ast.Node) (*ast.IdentifierNode, []string) {
	var back []string
	for {
		switch x := n.(type) {
		case *ast.ChainNode:
			n = x.Node
		case *ast.MemberNode:
			name, ok := x.Property.(*ast.StringNode)
			if !ok {
				return nil, nil
			}
			back = append(back, name.Value)
			n = x.Node
		case *ast.IdentifierNode:
			path := make([]string, len(back))
			for i, name := range back {
				path[len(back)-1-i] = name
			}
			return x, path
		default:
			return nil, nil
		}
	}
}

func (c *checker) sortedRefs() []Ref {
	offsets := make([]int, 0, len(c.reads))
	for o := range c.reads {
		offsets = append(offsets, o)
	}
	sort.Ints(offsets)
	refs := make([]Ref, len(offsets))
	for i, o := range offsets {
		refs[i] = c.reads[o]
	}
	return refs
}
