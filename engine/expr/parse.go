package expr

import (
	"errors"
	"fmt"
	"strconv"
	"strings"
	"unicode/utf8"

	"github.com/expr-lang/expr/ast"
	"github.com/expr-lang/expr/file"
	"github.com/expr-lang/expr/parser"
	"github.com/expr-lang/expr/parser/lexer"

	"github.com/bretelle/bretelle/engine"
)

// Fences of the source. The parser and every walk of the tree recurse, so depth is bounded before the parser runs.
const (
	maxSource   = 8 << 10 // bytes
	maxBrackets = 64      // brackets and signs inside one another
	maxRight    = 200     // operators that nest to the right: ?:, **, let, if
	maxDepth    = 600     // levels of the finished tree: a chain of && is as deep as it is long
)

func parse(src string) (ast.Node, error) {
	if len(src) > maxSource {
		return nil, failAt(src, 0, "Work parts out in set steps and refer to those",
			"this expression is too long: {size} bytes, {limit} are allowed", "size", len(src), "limit", maxSource)
	}
	if !utf8.ValidString(src) {
		return nil, failAt(src, 0, "Save the text as UTF-8", "this expression is not valid UTF-8 text")
	}
	if strings.TrimSpace(src) == "" {
		return nil, failAt(src, 0, "Write a value or a condition between the braces", "this expression is empty")
	}
	tokens, err := lexer.Lex(file.NewSource(src))
	if err != nil {
		return nil, syntaxError(src, err)
	}
	if err := fence(src, tokens); err != nil {
		return nil, err
	}
	tree, err := parser.Parse(src)
	if err != nil {
		return nil, syntaxError(src, err)
	}
	if tree.Node == nil {
		return nil, failAt(src, 0, "", "this expression cannot be read")
	}
	if deeper(tree.Node, maxDepth) {
		return nil, tooDeep(src, 0)
	}
	return tree.Node, nil
}

func tooDeep(src string, offset int) error {
	return failAt(src, offset, "Work parts out in set steps and refer to those", "this expression is nested too deeply")
}

// fence bounds how deep the parser will recurse, by looking at the tokens alone.
func fence(src string, tokens []lexer.Token) error {
	brackets, signs, right := 0, 0, 0
	for _, t := range tokens {
		sign := false
		switch {
		case t.Kind == lexer.Number && tooLarge(t.Value):
			return numberTooLarge(src, t.From)
		case t.Kind == lexer.Bracket && strings.Contains("([{", t.Value):
			brackets++
			sign = true // the run goes on inside: -(-(-1))
		case t.Kind == lexer.Bracket:
			brackets--
		case t.Kind == lexer.Operator:
			switch t.Value {
			case "-", "+", "!", "not":
				signs++
				sign = true
			case "?", "**", "^", "let", "if":
				right++
			}
		}
		if !sign {
			signs = 0
		}
		if brackets+signs > maxBrackets || right > maxRight {
			return tooDeep(src, t.From)
		}
	}
	return nil
}

func tooLarge(digits string) bool {
	digits = strings.ReplaceAll(digits, "_", "")
	_, err := strconv.ParseInt(digits, 10, 64)
	return errors.Is(err, strconv.ErrRange)
}

func numberTooLarge(src string, offset int) error {
	return failAt(src, offset, "Write long numbers as text, in quotes", "this number is too large")
}

// syntaxError says in our words what the library found, at its place.
func syntaxError(src string, err error) error {
	var fe *file.Error
	if !errors.As(err, &fe) {
		return failAt(src, 0, "", "this expression cannot be read")
	}
	msg, at := fe.Message, fe.From
	switch {
	case strings.HasPrefix(msg, "unexpected token EOF"):
		return failAt(src, utf8.RuneCountInString(src), "Look for a missing bracket or value", "this expression ends too early")
	case strings.HasPrefix(msg, "unexpected token "):
		token := cut(string([]rune(src)[min(at, fe.To):fe.To]), 40)
		hint := ""
		switch token {
		case "=":
			hint = "Write == to compare"
		case "&":
			hint = "Write && for and"
		case "|":
			hint = "Write || for or"
		}
		return failAt(src, at, hint, "{token} is not expected here", "token", token)
	case msg == "literal not terminated":
		return failAt(src, at, "Close the text with the quote it began with", "a quote is not closed")
	case strings.HasPrefix(msg, "invalid integer literal"):
		return numberTooLarge(src, at)
	case strings.HasPrefix(msg, "unrecognized character"):
		return failAt(src, at, "", "this character is not expected here")
	case strings.Contains(msg, "cannot be mixed"):
		return failAt(src, at, `Write brackets, as in (name ?? "") + "!"`, "?? cannot stand beside another operator without brackets")
	case strings.HasPrefix(msg, "expected at least"):
		return failAt(src, at, "", "an argument is missing here")
	}
	return failAt(src, at, "", "this expression cannot be read here: {detail}", "detail", cut(msg, 120))
}

// deeper reports whether the tree below n has more than limit levels. It stops at the limit, and the chains that
// share a node (a < b < c, a ?: b) are entered once, since nested ones would take exponential time.
func deeper(n ast.Node, limit int) bool {
	level := []ast.Node{n}
	seen := map[ast.Node]bool{}
	for d := 0; len(level) > 0; d++ {
		if d > limit {
			return true
		}
		var next []ast.Node
		for _, n := range level {
			for _, c := range children(n) {
				if c != nil && !seen[c] {
					seen[c] = true
					next = append(next, c)
				}
			}
		}
		level = next
	}
	return false
}

func children(n ast.Node) []ast.Node {
	switch n := n.(type) {
	case *ast.UnaryNode:
		return []ast.Node{n.Node}
	case *ast.BinaryNode:
		return []ast.Node{n.Left, n.Right}
	case *ast.ChainNode:
		return []ast.Node{n.Node}
	case *ast.MemberNode:
		return []ast.Node{n.Node, n.Property}
	case *ast.SliceNode:
		return []ast.Node{n.Node, n.From, n.To}
	case *ast.CallNode:
		return append([]ast.Node{n.Callee}, n.Arguments...)
	case *ast.BuiltinNode:
		return n.Arguments
	case *ast.PredicateNode:
		return []ast.Node{n.Node}
	case *ast.ConditionalNode:
		return []ast.Node{n.Cond, n.Exp1, n.Exp2}
	case *ast.VariableDeclaratorNode:
		return []ast.Node{n.Value, n.Expr}
	case *ast.SequenceNode:
		return n.Nodes
	case *ast.ArrayNode:
		return n.Nodes
	case *ast.MapNode:
		return n.Pairs
	case *ast.PairNode:
		return []ast.Node{n.Key, n.Value}
	}
	return nil
}

// failAt makes a *SourceError at a character offset of src.
func failAt(src string, offset int, hint, msg string, args ...any) error {
	return &SourceError{Pos: position(src, offset), Err: engine.E(engine.Invalid, msg, args...).WithHint(hint).WithOp("expr")}
}

// position is the line and column of a character offset.
func position(src string, offset int) engine.Pos {
	p := engine.Pos{Line: 1, Col: 1}
	for _, r := range src {
		if offset <= 0 {
			break
		}
		offset--
		if r == '\n' {
			p.Line, p.Col = p.Line+1, 1
		} else {
			p.Col++
		}
	}
	return p
}

// cut shortens text to at most n characters, marking what was cut.
func cut(text string, n int) string {
	if runeOffset(text, n) == len(text) {
		return text
	}
	return strings.ToValidUTF8(text[:runeOffset(text, n-1)], "\uFFFD") + "…"
}

// runeOffset is where the n-th character of a text begins, in bytes; its length where there are no more than n.
func runeOffset(text string, n int) int {
	for i := range text {
		if n--; n < 0 {
			return i
		}
	}
	return len(text)
}

func asCause(r any) error {
	if err, ok := r.(error); ok {
		return err
	}
	return fmt.Errorf("%v", r)
}
