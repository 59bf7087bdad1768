package expr

import (
	"math"
	"strconv"
	"strings"
)

func numberFunctions() []function {
	return []function{
		{Function: doc("int", "int(value)", "A whole number of text or of a number, whose part behind the point is dropped.", `int("42")`, `42`), args: "any", result: "integer", call: toInt},
		{Function: doc("float", "float(value)", "A number of text or of a number.", `float("1.5")`, `1.5`), args: "any", result: "number", call: toNumber},
		{Function: doc("string", "string(value)", "Text of a number, of true or false; lists and objects as JSON.", `string(42)`, `"42"`), args: "any", result: "string", call: toText},
		{Function: doc("abs", "abs(number)", "The number without its sign.", `abs(-3)`, `3`), args: "number", result: "number", call: func(c *call) (any, error) {
			switch x := c.args[0].(type) {
			case int:
				if x == minInt {
					return nil, c.m.overflow(c.n)
				}
				return max(x, -x), nil
			case float64:
				return math.Abs(x), nil
			}
			return nil, c.wrong(0, "a number")
		}},
		{Function: doc("round", "round(number, places?)", "The number rounded half away from zero; to whole ones without places.", `round(2.345, 1)`, `2.3`), args: "number integer?", result: "number", call: round},
		{Function: doc("floor", "floor(number)", "The greatest whole number that is not greater.", `floor(2.7)`, `2`), args: "number", result: "integer", call: rounded(math.Floor)},
		{Function: doc("ceil", "ceil(number)", "The smallest whole number that is not smaller.", `ceil(2.1)`, `3`), args: "number", result: "integer", call: rounded(math.Ceil)},
		{Function: doc("min", "min(list) or min(a, b, …)", "The smallest number or the first text in order; nil when there is none.", `min(3, 1, 2)`, `1`), args: "any any...", call: extreme(-1)},
		{Function: doc("max", "max(list) or max(a, b, …)", "The greatest number or the last text in order; nil when there is none.", `max([3, 1, 2])`, `3`), args: "any any...", call: extreme(1)},
	}
}

// scalarText is the text of a text, number or truth value.
func scalarText(v any) (string, bool) {
	switch x := v.(type) {
	case string:
		return x, true
	case bool:
		return strconv.FormatBool(x), true
	case int:
		return strconv.Itoa(x), true
	case float64:
		switch s := settleFloat(x).(type) {
		case int:
			return strconv.Itoa(s), true
		case string:
			return s, true
		}
		return strconv.FormatFloat(x, 'g', -1, 64), true
	}
	return "", false
}

func toText(c *call) (any, error) {
	if c.args[0] == nil {
		return nil, c.wrong(0, "a value")
	}
	if s, ok := scalarText(c.args[0]); ok {
		return c.made(s)
	}
	return c.encoded(0, c.args[0])
}

func toInt(c *call) (any, error) {
	switch x := c.args[0].(type) {
	case int:
		return x, nil
	case float64:
		return wholeOf(c, math.Trunc(x))
	case string:
		i, err := strconv.ParseInt(strings.TrimSpace(x), 10, 64)
		if err != nil {
			return nil, c.fail(0, "", "{value} is no whole number that fits", "value", strconv.Quote(cut(x, 40)))
		}
		return int(i), nil
	}
	return nil, c.wrong(0, "a number or text")
}

func wholeOf(c *call, f float64) (any, error) {
	if !(f >= -(1<<63) && f < 1<<63) {
		return nil, c.m.overflow(c.n)
	}
	return int(f), nil
}

func toNumber(c *call) (any, error) {
	switch x := c.args[0].(type) {
	case int:
		return float64(x), nil
	case float64:
		return x, nil
	case string:
		f, err := strconv.ParseFloat(strings.TrimSpace(x), 64)
		if err != nil || math.IsInf(f, 0) || math.IsNaN(f) || strings.ContainsAny(x, "xX_") {
			return nil, c.fail(0, "", "{value} is no number", "value", strconv.Quote(cut(x, 40)))
		}
		return f, nil
	}
	return nil, c.wrong(0, "a number or text")
}

func rounded(fn func(float64) float64) func(*call) (any, error) {
	return func(c *call) (any, error) {
		switch x := c.args[0].(type) {
		case int:
			return x, nil
		case float64:
			return wholeOf(c, fn(x))
		}
		return nil, c.wrong(0, "a number")
	}
}

// round goes by the decimal digits of the number, so that 1.005 to two places is what its text promises.
func round(c *call) (any, error) {
	places := 0
	if c.has(1) {
		var err error
		if places, err = c.whole(1); err != nil {
			return nil, err
		}
	}
	if places == 0 {
		return rounded(math.Round)(c)
	}
	if places < 0 || places > 15 {
		return nil, c.fail(1, "", "{name} keeps from 0 to 15 places")
	}
	switch x := c.args[0].(type) {
	case int:
		return x, nil
	case float64:
		return c.m.finite(c.n, roundDecimal(x, places))
	}
	return nil, c.wrong(0, "a number")
}

func roundDecimal(f float64, places int) float64 {
	text := strconv.FormatFloat(math.Abs(f), 'f', -1, 64)
	point := strings.IndexByte(text, '.')
	if point < 0 || len(text)-point-1 <= places {
		return f
	}
	out, err := strconv.ParseFloat(text[:point+1+places], 64)
	if err != nil {
		return f
	}
	if text[point+1+places] >= '5' {
		out, _ = strconv.ParseFloat(strconv.FormatFloat(out+math.Pow10(-places), 'f', places, 64), 64)
	}
	return math.Copysign(out, f)
}

func extreme(way int) func(*call) (any, error) {
	return func(c *call) (any, error) {
		list := c.args
		if l, ok := c.args[0].([]any); ok && len(c.args) == 1 {
			list = l
		} else if c.args[0] == nil && len(c.args) == 1 {
			list = nil
		}
		var best any
		for i, v := range list {
			v = plain(v)
			if !isNumber(v) && !isText(v) || i > 0 && isNumber(v) != isNumber(best) {
				return nil, c.fail(0, "", "{name} compares only numbers, or only texts; here is {kind}", "kind", kindOf(v))
			}
			if i == 0 || compareKeys(v, best) == way {
				best = v
			}
		}
		return best, nil
	}
}
