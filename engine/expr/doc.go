// Package expr is the expression language of flows: what stands between {{ and }}.
//
//	text ──Split──▶ segments
//	                   │ source
//	                   ▼
//	  fences ─▶ expr-lang's lexer and parser ─▶ check (names, members, kinds) ─▶ *Expr
//	  8 KiB, depth                                                                │ Refs
//	                                                           Input ──▶ Eval ────┤
//	                                                                              │ Why
//	                                             steps, work and bytes counted ◀──┘
//
// The grammar and the tree are those of github.com/expr-lang/expr, so that its language reference holds. The tree
// is walked here and not run by the library's machine. To give nil its meaning, exact integers, positions in every
// error, sorted maps and a bound that is the same on every replay, each operator, member access, builtin and
// predicate body would have to be patched into a call of ours; nothing of the machine would remain but its
// dispatch, which can neither be stopped nor be asked why a condition is false. A walk of our own says each of
// these rules once and in the open, and no builtin of the library is reachable: what is not in Functions does
// not exist.
//
// # What nil means
//
// A missing member of untyped data is nil, and so is any member of nil. Lists: nil is the empty list. Order, contains,
// startsWith, endsWith, matches and in: false. Equality: exact. Where true or false is needed: false. Arithmetic,
// joining text and functions on text: an error that says to write ?? "".
//
// # Numbers
//
// Integers are int64 and exact; leaving their range is an error, as are division by zero and every result that is
// not finite. A division that comes out even stays an integer. A result is what engine.DecodeJSON would read
// back from its JSON text, so that a stored value and a fresh one never differ.
//
// # Bounds
//
// An evaluation ends with an error after 100,000 steps (one for each predicate body and each element that a
// function handles), after a bound on nodes and bytes read, and after a bound on bytes made. All three are
// counted, never timed: the same input stops at the same place.
package expr
