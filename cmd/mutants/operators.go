package main

import (
	"go/ast"
	"go/token"
)

// operator is one way to break code: which token becomes which.
type operator struct {
	name string
	on   func(ast.Node) (token.Pos, token.Token) // the token that a node may have changed, or no position
	swap map[token.Token]token.Token
}

// operators are gremlins' own, under its names: https://gremlins.dev/latest/usage/mutations/
func operators() []operator {
	return []operator{
		{"conditionals-boundary", operands, map[token.Token]token.Token{
			token.GEQ: token.GTR, token.GTR: token.GEQ, token.LEQ: token.LSS, token.LSS: token.LEQ,
		}},
		{"conditionals-negation", operands, map[token.Token]token.Token{
			token.EQL: token.NEQ, token.NEQ: token.EQL, token.GEQ: token.LSS, token.LSS: token.GEQ,
			token.GTR: token.LEQ, token.LEQ: token.GTR,
		}},
		{"increment-decrement", step, map[token.Token]token.Token{token.INC: token.DEC, token.DEC: token.INC}},
		{"invert-negatives", negative, map[token.Token]token.Token{token.SUB: token.ADD}},
		{"arithmetic-base", operands, map[token.Token]token.Token{
			token.ADD: token.SUB, token.SUB: token.ADD, token.MUL: token.QUO, token.QUO: token.MUL, token.REM: token.MUL,
		}},
		{"invert-logical", operands, map[token.Token]token.Token{token.LAND: token.LOR, token.LOR: token.LAND}},
		{"invert-loopctrl", branch, map[token.Token]token.Token{token.BREAK: token.CONTINUE, token.CONTINUE: token.BREAK}},
		{"invert-assignments", assignment, map[token.Token]token.Token{
			token.ADD_ASSIGN: token.SUB_ASSIGN, token.SUB_ASSIGN: token.ADD_ASSIGN, token.MUL_ASSIGN: token.QUO_ASSIGN,
			token.QUO_ASSIGN: token.MUL_ASSIGN, token.REM_ASSIGN: token.MUL_ASSIGN,
		}},
		{"invert-bitwise", operands, map[token.Token]token.Token{
			token.AND: token.OR, token.OR: token.AND, token.XOR: token.AND, token.AND_NOT: token.AND,
			token.SHL: token.SHR, token.SHR: token.SHL,
		}},
		{"invert-bwassign", assignment, map[token.Token]token.Token{
			token.AND_ASSIGN: token.OR_ASSIGN, token.OR_ASSIGN: token.AND_ASSIGN, token.XOR_ASSIGN: token.AND_ASSIGN,
			token.AND_NOT_ASSIGN: token.AND_ASSIGN, token.SHL_ASSIGN: token.SHR_ASSIGN, token.SHR_ASSIGN: token.SHL_ASSIGN,
		}},
		{"remove-self-assignments", assignment, map[token.Token]token.Token{
			token.ADD_ASSIGN: token.ASSIGN, token.SUB_ASSIGN: token.ASSIGN, token.MUL_ASSIGN: token.ASSIGN,
			token.QUO_ASSIGN: token.ASSIGN, token.REM_ASSIGN: token.ASSIGN, token.AND_ASSIGN: token.ASSIGN,
			token.OR_ASSIGN: token.ASSIGN, token.XOR_ASSIGN: token.ASSIGN, token.SHL_ASSIGN: token.ASSIGN,
			token.SHR_ASSIGN: token.ASSIGN, token.AND_NOT_ASSIGN: token.ASSIGN,
		}},
	}
}

func operands(n ast.Node) (token.Pos, token.Token) {
	if b, ok := n.(*ast.BinaryExpr); ok {
		return b.OpPos, b.Op
	}
	return token.NoPos, token.ILLEGAL
}

func negative(n ast.Node) (token.Pos, token.Token) {
	if u, ok := n.(*ast.UnaryExpr); ok {
		return u.OpPos, u.Op
	}
	return token.NoPos, token.ILLEGAL
}

func step(n ast.Node) (token.Pos, token.Token) {
	if i, ok := n.(*ast.IncDecStmt); ok {
		return i.TokPos, i.Tok
	}
	return token.NoPos, token.ILLEGAL
}

func branch(n ast.Node) (token.Pos, token.Token) {
	if b, ok := n.(*ast.BranchStmt); ok {
		return b.TokPos, b.Tok
	}
	return token.NoPos, token.ILLEGAL
}

func assignment(n ast.Node) (token.Pos, token.Token) {
	if a, ok := n.(*ast.AssignStmt); ok {
		return a.TokPos, a.Tok
	}
	return token.NoPos, token.ILLEGAL
}
