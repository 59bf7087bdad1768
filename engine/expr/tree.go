package expr

import "github.com/expr-lang/expr/ast"

// Tree is the syntax tree of an expression, for those who put it into other words: nothing is checked but the
// grammar and the bounds, so that unknown names do not matter. Locations count characters. The error is a
// *SourceError.
func Tree(src string) (node ast.Node, err error) {
	defer recovered(&node, &err)
	return parse(src)
}

// Visit calls f for a node and everything below it, each node before what is in it. Nodes that the parser uses
// twice, as in a < b < c, are visited once.
func Visit(n ast.Node, f func(ast.Node)) {
	seen := map[ast.Node]bool{}
	var walk func(ast.Node)
	walk = func(n ast.Node) {
		if n == nil || seen[n] {
			return
		}
		seen[n] = true
		f(n)
		for _, c := range children(n) {
			walk(c)
		}
	}
	walk(n)
}
