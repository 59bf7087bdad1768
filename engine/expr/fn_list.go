package expr

import (
	"unicode/utf8"
)

func listFunctions() []function {
	return []function{
		{Function: doc("len", "len(value)", "How many elements a list, members an object, or characters a text has; 0 for nil.", `len([1, 2])`, `2`), args: "any", result: "integer", call: length},
		{Function: doc("first", "first(list)", "The first element; nil when there is none.", `first([1, 2])`, `1`), args: "array", element: true, call: func(c *call) (any, error) {
			list, err := c.list(0)
			if len(list) == 0 {
				return nil, err
			}
			return plain(list[0]), nil
		}},
		{Function: doc("last", "last(list)", "The last element; nil when there is none.", `last([1, 2])`, `2`), args: "array", element: true, call: func(c *call) (any, error) {
			list, err := c.list(0)
			if len(list) == 0 {
				return nil, err
			}
			return plain(list[len(list)-1]), nil
		}},
		{Function: doc("slice", "slice(value, from, to?)", "The part of a list or text from (included) to (excluded), from 0; negative counts from the end.", `slice([1, 2, 3], 1)`, `[2,3]`), args: "any integer integer?", same: true, call: func(c *call) (any, error) {
			var to any
			if c.has(2) {
				to = c.args[2]
			}
			return c.m.cutOut(c.n, c.args[0], c.args[1], to)
		}},
		{Function: doc("reverse", "reverse(list)", "The elements in the other direction.", `reverse([1, 2])`, `[2,1]`), args: "array", same: true, call: onList(func(list []any) []any {
			out := make([]any, len(list))
			for i, v := range list {
				out[len(list)-1-i] = v
			}
			return out
		})},
		{Function: doc("concat", "concat(list, …)", "One list of the elements of several.", `concat([1], [2, 3])`, `[1,2,3]`), args: "array array...", result: "array", call: concat},
		{Function: doc("flatten", "flatten(list)", "One list of the elements of the lists inside, one level deep.", `flatten([[1], [2, 3], 4])`, `[1,2,3,4]`), args: "array", result: "array", call: flatten},
		{Function: doc("unique", "unique(list)", "The elements without later equal ones.", `unique([1, 2, 1])`, `[1,2]`), args: "array", same: true, call: unique},
		{Function: doc("sort", `sort(list, "desc"?)`, "Numbers, or texts, in order.", `sort([3, 1, 2])`, `[1,2,3]`), args: "array string?", same: true, call: func(c *call) (any, error) {
			list, err := c.list(0)
			if err != nil {
				return nil, err
			}
			var order any
			if c.has(1) {
				order = c.args[1]
			}
			keys := make([]any, len(list))
			for i, v := range list {
				keys[i] = plain(v)
			}
			return c.m.inOrder(c.n, list, keys, order)
		}},
	}
}

func onList(fn func([]any) []any) func(*call) (any, error) {
	return func(c *call) (any, error) {
		list, err := c.list(0)
		if err != nil {
			return nil, err
		}
		if err := c.m.grow(c.n, 16*len(list)); err != nil {
			return nil, err
		}
		return fn(list), nil
	}
}

func length(c *call) (any, error) {
	switch x := c.args[0].(type) {
	case nil:
		return 0, nil
	case string:
		return utf8.RuneCountInString(x), nil
	case []any:
		return len(x), nil
	case map[string]any:
		return len(x), nil
	}
	return nil, c.wrong(0, "a list, an object or text")
}

func concat(c *call) (any, error) {
	out := []any{}
	for i := range c.args {
		list, err := c.list(i)
		if err != nil {
			return nil, err
		}
		if err := c.m.grow(c.n, 16*len(list)); err != nil {
			return nil, err
		}
		out = append(out, list...)
	}
	return out, nil
}

func flatten(c *call) (any, error) {
	list, err := c.list(0)
	if err != nil {
		return nil, err
	}
	out := []any{}
	for _, v := range list {
		inner, ok := plain(v).([]any)
		if !ok {
			inner = []any{v}
		}
		if err := c.m.step(c.n, len(inner)); err != nil {
			return nil, err
		}
		if err := c.m.grow(c.n, 16*len(inner)); err != nil {
			return nil, err
		}
		out = append(out, inner...)
	}
	return out, nil
}

// unique compares by canonical JSON text, which equal values share.
func unique(c *call) (any, error) {
	list, err := c.list(0)
	if err != nil {
		return nil, err
	}
	seen := make(map[string]bool, len(list))
	out := []any{}
	for _, v := range list {
		key, err := c.encoded(0, v)
		if err != nil {
			return nil, err
		}
		if !seen[key] {
			seen[key] = true
			out = append(out, plain(v))
		}
	}
	return out, nil
}
