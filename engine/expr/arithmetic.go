package expr

import (
	"math"

	"github.com/expr-lang/expr/ast"
)

const (
	minInt = math.MinInt64
	maxInt = math.MaxInt64
)

func (m *machine) overflow(n ast.Node) error {
	return m.fail(n, "", "the result does not fit: whole numbers have at most 64 bits")
}

func (m *machine) notNumber(n ast.Node, v any) error {
	if v == nil {
		return m.fail(n, `Say what to take instead, as in (x ?? 0)`, "there is no value to calculate with: it is missing")
	}
	return m.fail(n, "Write int(…) or float(…) to make a number of text", "a number is needed here, this is {kind}", "kind", kindOf(v))
}

func (m *machine) arithmetic(n *ast.BinaryNode, l, r any) (any, error) {
	if n.Operator == "+" {
		a, isText := l.(string)
		b, isTextToo := r.(string)
		switch {
		case isText && isTextToo:
			return a + b, m.grow(n, len(a)+len(b))
		case l == nil || r == nil:
			return nil, m.fail(n, `Say what to take instead, as in (x ?? "")`, "there is no value to add: it is missing")
		case isText || isTextToo:
			return nil, m.fail(n, "Write string(…) to make text of a number", "{left} and {right} cannot be added", "left", kindOf(l), "right", kindOf(r))
		}
	}
	for _, v := range []any{l, r} {
		if !isNumber(v) {
			return nil, m.notNumber(n, v)
		}
	}
	a, isInt := l.(int)
	b, isIntToo := r.(int)
	if isInt && isIntToo {
		return m.whole(n, n.Operator, a, b)
	}
	x, y, out := toFloat(l), toFloat(r), 0.0
	switch n.Operator {
	case "+":
		out = x + y
	case "-":
		out = x - y
	case "*":
		out = x * y
	case "/":
		if y == 0 {
			return nil, m.byZero(n)
		}
		out = x / y
	case "%":
		return nil, m.fail(n, "", "whole numbers are needed beside %")
	default:
		out = math.Pow(x, y)
	}
	return m.finite(n, out)
}

func (m *machine) byZero(n ast.Node) error {
	return m.fail(n, "Check for zero first", "division by zero")
}

func (m *machine) finite(n ast.Node, f float64) (any, error) {
	if math.IsNaN(f) || math.IsInf(f, 0) {
		return nil, m.fail(n, "", "the result is not a number that can be written down")
	}
	return f, nil
}

// whole is exact arithmetic on int64.
func (m *machine) whole(n ast.Node, op string, a, b int) (any, error) {
	switch op {
	case "+":
		if s := a + b; (s > a) == (b > 0) {
			return s, nil
		}
		return nil, m.overflow(n)
	case "-":
		if d := a - b; (d < a) == (b > 0) {
			return d, nil
		}
		return nil, m.overflow(n)
	case "*":
		p, ok := times(a, b)
		if !ok {
			return nil, m.overflow(n)
		}
		return p, nil
	case "/", "%":
		switch {
		case b == 0:
			return nil, m.byZero(n)
		case b == -1 && op == "%":
			return 0, nil
		case a == minInt && b == -1:
			return nil, m.overflow(n)
		case op == "%":
			return a % b, nil
		case a%b == 0:
			return a / b, nil
		}
		return m.finite(n, float64(a)/float64(b))
	}
	if b < 0 {
		return m.finite(n, math.Pow(float64(a), float64(b)))
	}
	out := 1
	for base, ok := a, true; b > 0; b >>= 1 {
		if !ok { // the square that is needed now did not fit
			return nil, m.overflow(n)
		}
		if b&1 == 1 {
			p, fits := times(out, base)
			if !fits {
				return nil, m.overflow(n)
			}
			out = p
		}
		base, ok = times(base, base)
	}
	return out, nil
}

func times(a, b int) (int, bool) {
	if a == 0 || b == 0 {
		return 0, true
	}
	if a == -1 && b == minInt || b == -1 && a == minInt {
		return 0, false
	}
	p := a * b
	return p, p/b == a
}

func toFloat(v any) float64 {
	switch x := v.(type) {
	case int:
		return float64(x)
	case float64:
		return x
	}
	return 0
}

// compareNumbers is -1, 0 or 1; an integer and a float are compared exactly, without rounding the integer.
func compareNumbers(l, r any) int {
	a, isInt := l.(int)
	b, isIntToo := r.(int)
	switch {
	case isInt && isIntToo:
		return sign(a > b, a < b)
	case isInt:
		return -compareFloatInt(r.(float64), a)
	case isIntToo:
		return compareFloatInt(l.(float64), b)
	}
	x, y := l.(float64), r.(float64)
	return sign(x > y, x < y)
}

func compareFloatInt(f float64, i int) int {
	switch {
	case f >= 1<<63:
		return 1
	case f < -(1 << 63):
		return -1
	}
	t := math.Trunc(f)
	if n := int(t); n != i {
		return sign(n > i, n < i)
	}
	return sign(f > t, f < t)
}

func sign(more, less bool) int {
	switch {
	case more:
		return 1
	case less:
		return -1
	}
	return 0
}
