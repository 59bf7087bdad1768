package expr

import (
	"encoding/csv"
	"strings"
)

// dataFunctions change the shape of objects and lists.
func dataFunctions() []function {
	return []function{
		{Function: doc("pick", "pick(object, names)", "An object with only the members of those names.", `pick({a: 1, b: 2, c: 3}, ["a", "c", "d"])`, `{"a":1,"c":3}`), args: "object array", call: chosen(true)},
		{Function: doc("omit", "omit(object, names)", "An object without the members of those names.", `omit({a: 1, b: 2}, ["b"])`, `{"a":1}`), args: "object array", call: chosen(false)},
		{Function: doc("has", "has(object, name)", "Whether the object has a member of that name, be it nil.", `has({a: nil}, "a")`, `true`), args: "object string", result: "boolean", call: func(c *call) (any, error) {
			o, err := c.object(0)
			if err != nil {
				return nil, err
			}
			name, err := c.text(1)
			_, ok := o[name]
			return ok, err
		}},
		{Function: doc("chunks", "chunks(list, size)", "The elements in lists of that size, the last one shorter.", `chunks([1, 2, 3], 2)`, `[[1,2],[3]]`), args: "array integer", result: "array", call: chunks},
		{Function: doc("fromCSV", "fromCSV(text, separator?)", "A list of objects of CSV text whose first line has the names; all values are text.", `fromCSV("name,age\nAda,36")`, `[{"age":"36","name":"Ada"}]`), args: "string string?", result: "array", call: fromCSV},
		{Function: doc("csv", "csv(list, names?)", "CSV text of a list of objects: a line of names (those of the first object, sorted), then one line each.", `csv([{a: 1, b: "x,y"}])`, `"a,b\n1,\"x,y\"\n"`), args: "array array?", result: "string", call: toCSV},
	}
}

// names is argument i as texts.
func (c *call) names(i int) ([]string, error) {
	list, err := c.list(i)
	if err != nil {
		return nil, err
	}
	out := make([]string, len(list))
	for k, v := range list {
		s, ok := scalarText(plain(v))
		if !ok {
			return nil, c.fail(i, "", "a member's name must be text, this is {kind}", "kind", kindOf(plain(v)))
		}
		out[k] = s
	}
	return out, nil
}

func chosen(keep bool) func(*call) (any, error) {
	return func(c *call) (any, error) {
		o, err := c.object(0)
		if err != nil {
			return nil, err
		}
		names, err := c.names(1)
		if err != nil {
			return nil, err
		}
		if err := c.m.grow(c.n, 48*len(o)); err != nil {
			return nil, err
		}
		listed := make(map[string]bool, len(names))
		for _, n := range names {
			listed[n] = true
		}
		out := map[string]any{}
		for k, v := range o {
			if listed[k] == keep {
				out[k] = v
			}
		}
		return out, nil
	}
}

func chunks(c *call) (any, error) {
	list, err := c.list(0)
	if err != nil {
		return nil, err
	}
	n, err := c.whole(1)
	if err != nil {
		return nil, err
	}
	if n < 1 {
		return nil, c.fail(1, "", "a list has at least one element here")
	}
	if err := c.m.grow(c.n, 16*len(list)+32*(len(list)/n+1)); err != nil {
		return nil, err
	}
	out := []any{}
	for len(list) > 0 {
		k := min(n, len(list))
		part := make([]any, k)
		for i, v := range list[:k] {
			part[i] = plain(v)
		}
		out = append(out, part)
		list = list[k:]
	}
	return out, nil
}

func fromCSV(c *call) (any, error) {
	s, err := c.text(0)
	if err != nil {
		return nil, err
	}
	r := csv.NewReader(strings.NewReader(s))
	r.FieldsPerRecord, r.LazyQuotes, r.TrimLeadingSpace = -1, true, true
	if c.has(1) {
		sep, err := c.text(1)
		if err != nil {
			return nil, err
		}
		if len(sep) != 1 || strings.ContainsAny(sep, "\"\r\n") {
			return nil, c.fail(1, "", "a separator of CSV is one character")
		}
		r.Comma = rune(sep[0])
		r.TrimLeadingSpace = sep != " " && sep != "\t" // those would be trimmed away with the cells between them
	}
	if err := c.m.grow(c.n, 4*len(s)); err != nil {
		return nil, err
	}
	rows, err := r.ReadAll()
	if err != nil {
		return nil, c.fail(0, "", "this is not valid CSV")
	}
	out := []any{}
	for i, row := range rows {
		if i == 0 {
			continue
		}
		if err := c.m.step(c.n, 1); err != nil {
			return nil, err
		}
		if err := c.m.grow(c.n, 48*len(rows[0])); err != nil {
			return nil, err
		}
		o := make(map[string]any, len(rows[0]))
		for k, name := range rows[0] {
			o[name] = ""
			if k < len(row) {
				o[name] = row[k]
			}
		}
		out = append(out, o)
	}
	return out, nil
}

func toCSV(c *call) (any, error) {
	list, err := c.list(0)
	if err != nil {
		return nil, err
	}
	var names []string
	if c.has(1) {
		if names, err = c.names(1); err != nil {
			return nil, err
		}
	} else if len(list) > 0 {
		if o, ok := plain(list[0]).(map[string]any); ok {
			names = sortedKeys(o)
		}
	}
	var b strings.Builder
	w := csv.NewWriter(&b)
	line := func(cells []string) error {
		size := 0
		for _, s := range cells {
			size += 2*len(s) + 3
		}
		if err := c.m.grow(c.n, size); err != nil {
			return err
		}
		return w.Write(cells)
	}
	if err := line(names); err != nil {
		return nil, err
	}
	for _, e := range list {
		o, ok := plain(e).(map[string]any)
		if !ok {
			return nil, c.fail(0, "", "{name} needs a list of objects, here is {kind}", "kind", kindOf(plain(e)))
		}
		if err := c.m.step(c.n, 1+len(names)); err != nil {
			return nil, err
		}
		cells := make([]string, len(names))
		for i, n := range names {
			v := plain(o[n])
			s, ok := scalarText(v)
			if !ok && v != nil {
				if s, err = c.encoded(0, v); err != nil {
					return nil, err
				}
			}
			cells[i] = s
		}
		if err := line(cells); err != nil {
			return nil, err
		}
	}
	w.Flush()
	return b.String(), nil
}
