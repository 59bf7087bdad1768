package expr

func objectFunctions() []function {
	return []function{
		{Function: doc("keys", "keys(object)", "The names of the members, sorted.", `keys({b: 1, a: 2})`, `["a","b"]`), args: "object", result: "array", call: members(func(k string, _ any) any { return k })},
		{Function: doc("values", "values(object)", "The members in the order of their names.", `values({b: 1, a: 2})`, `[2,1]`), args: "object", result: "array", call: members(func(_ string, v any) any { return v })},
		{Function: doc("toPairs", "toPairs(object)", "A list of [name, member], sorted by name.", `toPairs({b: 1, a: 2})`, `[["a",2],["b",1]]`), args: "object", result: "array", call: members(func(k string, v any) any { return []any{k, v} })},
		{Function: doc("fromPairs", "fromPairs(list)", "An object of a list of [name, member]; the last of a name wins.", `fromPairs([["a", 1]])`, `{"a":1}`), args: "array", call: fromPairs},
		{Function: doc("merge", "merge(object, object)", "An object with the members of both; the second's win.", `merge({a: 1, b: 1}, {b: 2})`, `{"a":1,"b":2}`), args: "object object", call: merge},
		{Function: doc("default", "default(value, other)", "The value, or the other one when it is nil or empty text.", `default("", "nobody")`, `"nobody"`), args: "any any", call: func(c *call) (any, error) {
			if c.args[0] == nil || c.args[0] == "" {
				return c.args[1], nil
			}
			return c.args[0], nil
		}},
		{Function: doc("type", "type(value)", `What a value is: "nil", "bool", "number", "text", "list" or "object".`, `type([1])`, `"list"`), args: "any", result: "string", call: func(c *call) (any, error) {
			switch c.args[0].(type) {
			case nil:
				return "nil", nil
			case bool:
				return "bool", nil
			case int, float64:
				return "number", nil
			case string:
				return "text", nil
			case []any:
				return "list", nil
			case map[string]any:
				return "object", nil
			}
			return nil, c.wrong(0, "data")
		}},
	}
}

// object is an argument as an object; nil is the empty one.
func (c *call) object(i int) (map[string]any, error) {
	switch o := c.args[i].(type) {
	case nil:
		return nil, nil
	case map[string]any:
		return o, nil
	}
	return nil, c.wrong(i, "an object")
}

func members(fn func(k string, v any) any) func(*call) (any, error) {
	return func(c *call) (any, error) {
		o, err := c.object(0)
		if err != nil {
			return nil, err
		}
		if err := c.m.grow(c.n, 48*len(o)); err != nil {
			return nil, err
		}
		out := make([]any, 0, len(o))
		for _, k := range sortedKeys(o) {
			out = append(out, fn(k, plain(o[k])))
		}
		return out, nil
	}
}

func fromPairs(c *call) (any, error) {
	list, err := c.list(0)
	if err != nil {
		return nil, err
	}
	if err := c.m.grow(c.n, 48*len(list)); err != nil {
		return nil, err
	}
	out := make(map[string]any, len(list))
	for _, e := range list {
		pair, ok := plain(e).([]any)
		if !ok || len(pair) != 2 {
			return nil, c.fail(0, "", "{name} needs lists of a name and a value")
		}
		name, ok := scalarText(plain(pair[0]))
		if !ok {
			return nil, c.fail(0, "", "a member's name must be text, this is {kind}", "kind", kindOf(plain(pair[0])))
		}
		out[name] = plain(pair[1])
	}
	return out, nil
}

func merge(c *call) (any, error) {
	out := map[string]any{}
	for i := range c.args {
		o, err := c.object(i)
		if err != nil {
			return nil, err
		}
		if err := c.m.grow(c.n, 48*len(o)); err != nil {
			return nil, err
		}
		for k, v := range o {
			out[k] = v
		}
	}
	return out, nil
}
