package expr

import (
	"strings"
	"unicode/utf8"
)

// onText makes a function of one text.
func onText(fn func(string) string) func(*call) (any, error) {
	return func(c *call) (any, error) {
		s, err := c.text(0)
		if err != nil {
			return nil, err
		}
		return c.made(fn(s))
	}
}

func textFunctions() []function {
	return []function{
		{Function: doc("lower", "lower(text)", "The text in small letters.", `lower("Bug")`, `"bug"`), args: "string", result: "string", call: onText(strings.ToLower)},
		{Function: doc("upper", "upper(text)", "The text in capital letters.", `upper("Bug")`, `"BUG"`), args: "string", result: "string", call: onText(strings.ToUpper)},
		{Function: doc("trim", "trim(text, characters?)", "The text without spaces, or the given characters, at its ends.", `trim("  a b ")`, `"a b"`),
			args: "string string?", result: "string", call: trim},
		{Function: doc("trimPrefix", "trimPrefix(text, start)", "The text without that start, if it begins with it.", `trimPrefix("refs/heads/main", "refs/heads/")`, `"main"`),
			args: "string string", result: "string", call: func(c *call) (any, error) {
				t, err := c.texts()
				return strings.TrimPrefix(t[0], t[1]), err
			}},
		{Function: doc("trimSuffix", "trimSuffix(text, end)", "The text without that end, if it ends with it.", `trimSuffix("a.txt", ".txt")`, `"a"`),
			args: "string string", result: "string", call: func(c *call) (any, error) {
				t, err := c.texts()
				return strings.TrimSuffix(t[0], t[1]), err
			}},
		{Function: doc("split", "split(text, separator)", "The parts of the text between the separators.", `split("a,b", ",")`, `["a","b"]`),
			args: "string string", result: "array", call: split},
		{Function: doc("join", "join(list, separator?)", "The elements, texts or numbers, as one text.", `join(["a", "b"], ", ")`, `"a, b"`),
			args: "array string?", result: "string", call: join},
		{Function: doc("replace", "replace(text, old, new)", "The text with every old replaced by new.", `replace("a-b-c", "-", "+")`, `"a+b+c"`),
			args: "string string string", result: "string", call: replace},
		{Function: doc("repeat", "repeat(text, times)", "The text so many times over.", `repeat("ab", 3)`, `"ababab"`),
			args: "string integer", result: "string", call: repeat},
		{Function: doc("indexOf", "indexOf(text, part)", "Where the part begins, in characters from 0; -1 when it is not there.", `indexOf("hello", "l")`, `2`),
			args: "string string", result: "integer", call: func(c *call) (any, error) {
				t, err := c.texts()
				if i := strings.Index(t[0], t[1]); i >= 0 {
					return utf8.RuneCountInString(t[0][:i]), err
				}
				return -1, err
			}},
		{Function: doc("truncate", "truncate(text, characters)", "The text, shortened to so many characters with … at its end.", `truncate("abcdef", 4)`, `"abc…"`),
			args: "string integer", result: "string", call: func(c *call) (any, error) {
				s, err := c.text(0)
				if err != nil {
					return nil, err
				}
				n, err := c.whole(1)
				if err != nil {
					return nil, err
				}
				if n < 1 {
					return "", nil
				}
				return c.made(cut(s, n))
			}},
		{Function: doc("lines", "lines(text)", "The lines of the text, without their ends.", `lines("a\nb")`, `["a","b"]`),
			args: "string", result: "array", call: func(c *call) (any, error) {
				s, err := c.text(0)
				if err != nil {
					return nil, err
				}
				s = strings.TrimSuffix(strings.ReplaceAll(s, "\r\n", "\n"), "\n")
				return c.parts(s, "\n")
			}},
	}
}

func trim(c *call) (any, error) {
	t, err := c.texts()
	if err != nil {
		return nil, err
	}
	if c.has(1) {
		if err := c.m.spend(c.n, (len(t[0])/chunk+1)*(len(t[1])+1)); err != nil {
			return nil, err
		}
		return strings.Trim(t[0], t[1]), nil
	}
	return strings.TrimSpace(t[0]), nil
}

func split(c *call) (any, error) {
	t, err := c.texts()
	if err != nil {
		return nil, err
	}
	return c.parts(t[0], t[1])
}

func (c *call) parts(s, sep string) (any, error) {
	n := strings.Count(s, sep) + 1
	if err := c.m.step(c.n, n); err != nil {
		return nil, err
	}
	if err := c.m.grow(c.n, 32*n); err != nil {
		return nil, err
	}
	parts := strings.Split(s, sep)
	out := make([]any, len(parts))
	for i, p := range parts {
		out[i] = p
	}
	return out, nil
}

func join(c *call) (any, error) {
	list, err := c.list(0)
	if err != nil {
		return nil, err
	}
	sep := ""
	if c.has(1) {
		if sep, err = c.text(1); err != nil {
			return nil, err
		}
	}
	var b strings.Builder
	for i, e := range list {
		s, ok := scalarText(plain(e))
		if !ok {
			return nil, c.fail(0, "Use map to choose what to join", "{name} takes texts and numbers; here is {kind}", "kind", kindOf(plain(e)))
		}
		if i > 0 {
			s = sep + s
		}
		if err := c.m.grow(c.n, len(s)); err != nil {
			return nil, err
		}
		b.WriteString(s)
	}
	return b.String(), nil
}

func replace(c *call) (any, error) {
	t, err := c.texts()
	if err != nil {
		return nil, err
	}
	n := strings.Count(t[0], t[1])
	if grown := len(t[2]) - len(t[1]); grown > 0 && n > maxBytes/grown {
		return nil, c.m.grow(c.n, maxBytes+1)
	}
	if err := c.m.grow(c.n, len(t[0])+n*max(0, len(t[2])-len(t[1]))); err != nil {
		return nil, err
	}
	return strings.ReplaceAll(t[0], t[1], t[2]), nil
}

func repeat(c *call) (any, error) {
	s, err := c.text(0)
	if err != nil {
		return nil, err
	}
	n, err := c.whole(1)
	if err != nil {
		return nil, err
	}
	if n <= 0 || s == "" {
		return "", nil
	}
	if n > maxBytes/len(s) {
		return nil, c.m.grow(c.n, maxBytes+1)
	}
	if err := c.m.grow(c.n, n*len(s)); err != nil {
		return nil, err
	}
	return strings.Repeat(s, n), nil
}
