package expr

import (
	"sort"

	"github.com/expr-lang/expr/ast"
)

func doc(name, signature, text, example, result string) Function {
	return Function{Name: name, Signature: signature, Doc: text, Example: example, Result: result}
}

// each calls fn with the value of the predicate for each element until fn says stop. Every body is one step.
func (m *machine) each(n ast.Node, list []any, body ast.Node, fn func(i int, item, v any) (stop bool, err error)) error {
	p, ok := body.(*ast.PredicateNode)
	if !ok {
		return m.fail(n, "", "an argument is missing here")
	}
	m.pointers = append(m.pointers, pointer{})
	defer func() { m.pointers = m.pointers[:len(m.pointers)-1] }()
	top := len(m.pointers) - 1
	for i, item := range list {
		if err := m.step(n, 1); err != nil {
			return err
		}
		item = plain(item)
		m.pointers[top].item, m.pointers[top].index = item, i
		v, err := m.eval(p.Node)
		if err != nil {
			return err
		}
		if stop, err := fn(i, item, v); stop || err != nil {
			return err
		}
	}
	return nil
}

// matching calls fn for the elements that fulfil the condition.
func (m *machine) matching(n ast.Node, list []any, body ast.Node, fn func(i int, item any) (stop bool)) error {
	return m.each(n, list, body, func(i int, item, v any) (bool, error) {
		yes, err := m.truth(body.(*ast.PredicateNode).Node, v)
		return err == nil && yes && fn(i, item), err
	})
}

type loop = func(m *machine, n ast.Node, list []any, rest []ast.Node) (any, error)

// counting makes a loop that decides by the number of matching elements and stops once it is decided.
func counting(until int, decide func(found, size int) any) loop {
	return func(m *machine, n ast.Node, list []any, rest []ast.Node) (any, error) {
		found := 0
		err := m.matching(n, list, rest[0], func(int, any) bool { found++; return found == until })
		return decide(found, len(list)), err
	}
}

// seeking makes a loop that gives the first or last matching element, or its index.
func seeking(last, index bool) loop {
	return func(m *machine, n ast.Node, list []any, rest []ast.Node) (any, error) {
		var out any
		err := m.matching(n, list, rest[0], func(i int, item any) bool {
			out = item
			if index {
				out = i
			}
			return !last
		})
		return out, err
	}
}

func predicateFunctions() []function {
	return []function{
		{Function: doc("any", "any(list, condition)", "Whether some element fulfils the condition.", `any([{name: "bug"}], .name == "bug")`, `true`),
			args: "array any", result: "boolean", condition: true, loop: counting(1, func(n, _ int) any { return n > 0 })},
		{Function: doc("none", "none(list, condition)", "Whether no element fulfils the condition.", `none([1, 2], # > 2)`, `true`),
			args: "array any", result: "boolean", condition: true, loop: counting(1, func(n, _ int) any { return n == 0 })},
		{Function: doc("one", "one(list, condition)", "Whether exactly one element fulfils the condition.", `one([1, 2, 3], # > 2)`, `true`),
			args: "array any", result: "boolean", condition: true, loop: counting(2, func(n, _ int) any { return n == 1 })},
		{Function: doc("all", "all(list, condition)", "Whether every element fulfils the condition; true for an empty list.", `all([1, 2], # > 0)`, `true`),
			args: "array any", result: "boolean", condition: true, loop: allOf},
		{Function: doc("count", "count(list, condition?)", "How many elements fulfil the condition; without one, how many are true.", `count([1, 2, 3], # > 1)`, `2`),
			args: "array any?", result: "integer", condition: true, loop: countOf},
		{Function: doc("filter", "filter(list, condition)", "The elements that fulfil the condition.", `filter([1, 2, 3], # > 1)`, `[2,3]`),
			args: "array any", same: true, condition: true, loop: filter},
		{Function: doc("map", "map(list, expression)", "The expression's value for each element; # is the element, #index its place.", `map([{n: 1}, {n: 2}], .n)`, `[1,2]`),
			args: "array any", result: "array", loop: mapOf},
		{Function: doc("sum", "sum(list, expression?)", "The sum of the elements, or of the expression's values.", `sum([{n: 1}, {n: 2}], .n)`, `3`),
			args: "array any?", result: "number", loop: sumOf},
		{Function: doc("find", "find(list, condition)", "The first element that fulfils the condition; nil when none does.", `find([1, 2, 3], # > 1)`, `2`),
			args: "array any", element: true, condition: true, loop: seeking(false, false)},
		{Function: doc("findIndex", "findIndex(list, condition)", "The place of the first element that fulfils the condition, from 0; nil when none does.", `findIndex([1, 2, 3], # > 1)`, `1`),
			args: "array any", result: "integer", condition: true, loop: seeking(false, true)},
		{Function: doc("findLast", "findLast(list, condition)", "The last element that fulfils the condition; nil when none does.", `findLast([1, 2, 3], # > 1)`, `3`),
			args: "array any", element: true, condition: true, loop: seeking(true, false)},
		{Function: doc("findLastIndex", "findLastIndex(list, condition)", "The place of the last element that fulfils the condition, from 0; nil when none does.", `findLastIndex([1, 2, 3], # > 1)`, `2`),
			args: "array any", result: "integer", condition: true, loop: seeking(true, true)},
		{Function: doc("groupBy", "groupBy(list, expression)", "An object of lists: the elements by the expression's value, as text.", `groupBy(["a", "bb", "c"], len(#))`, `{"1":["a","c"],"2":["bb"]}`),
			args: "array any", result: "", loop: groupBy},
		{Function: doc("sortBy", `sortBy(list, expression, "desc"?)`, "The elements in the order of the expression's values; equal ones keep their order.", `sortBy([{n: 2}, {n: 1}], .n)`, `[{"n":1},{"n":2}]`),
			args: "array any string?", same: true, loop: sortBy},
		{Function: doc("reduce", "reduce(list, expression, start?)", "One value from a list: #acc is what there is so far, # the element.", `reduce([1, 2, 3], #acc + #, 0)`, `6`),
			args: "array any any?", loop: reduce},
	}
}

func allOf(m *machine, n ast.Node, list []any, rest []ast.Node) (any, error) {
	ok := true
	err := m.each(n, list, rest[0], func(_ int, _, v any) (bool, error) {
		yes, err := m.truth(rest[0].(*ast.PredicateNode).Node, v)
		ok = yes
		return !yes, err
	})
	return ok, err
}

func countOf(m *machine, n ast.Node, list []any, rest []ast.Node) (any, error) {
	found := 0
	if len(rest) > 0 {
		err := m.matching(n, list, rest[0], func(int, any) bool { found++; return false })
		return found, err
	}
	for _, item := range list {
		if err := m.step(n, 1); err != nil {
			return nil, err
		}
		yes, err := m.truth(n, plain(item))
		if err != nil {
			return nil, err
		}
		if yes {
			found++
		}
	}
	return found, nil
}

func filter(m *machine, n ast.Node, list []any, rest []ast.Node) (any, error) {
	out := []any{}
	err := m.matching(n, list, rest[0], func(_ int, item any) bool { out = append(out, item); return false })
	if err != nil {
		return nil, err
	}
	return out, m.grow(n, 16*len(out))
}

func mapOf(m *machine, n ast.Node, list []any, rest []ast.Node) (any, error) {
	if err := m.grow(n, 16*len(list)); err != nil {
		return nil, err
	}
	out := make([]any, 0, len(list))
	err := m.each(n, list, rest[0], func(_ int, _, v any) (bool, error) { out = append(out, v); return false, nil })
	return out, err
}

func sumOf(m *machine, n ast.Node, list []any, rest []ast.Node) (any, error) {
	var total any = 0
	add := func(_ int, _, v any) (bool, error) {
		var err error
		total, err = m.plus(n, total, v)
		return false, err
	}
	if len(rest) > 0 {
		err := m.each(n, list, rest[0], add)
		return total, err
	}
	for i, item := range list {
		if err := m.step(n, 1); err != nil {
			return nil, err
		}
		if _, err := add(i, nil, plain(item)); err != nil {
			return nil, err
		}
	}
	return total, nil
}

// plus adds two numbers, whole ones exactly.
func (m *machine) plus(n ast.Node, l, r any) (any, error) {
	if !isNumber(r) {
		return nil, m.notNumber(n, r)
	}
	a, isInt := l.(int)
	b, isIntToo := r.(int)
	if isInt && isIntToo {
		return m.whole(n, "+", a, b)
	}
	return m.finite(n, toFloat(l)+toFloat(r))
}

func groupBy(m *machine, n ast.Node, list []any, rest []ast.Node) (any, error) {
	out := map[string]any{}
	err := m.each(n, list, rest[0], func(_ int, item, v any) (bool, error) {
		key, ok := scalarText(v)
		if !ok {
			return false, m.fail(rest[0], "", "groups need text or numbers as names, this is {kind}", "kind", kindOf(v))
		}
		group, _ := out[key].([]any)
		out[key] = append(group, item)
		return false, m.grow(n, 32+len(key))
	})
	return out, err
}

func sortBy(m *machine, n ast.Node, list []any, rest []ast.Node) (any, error) {
	keys := make([]any, 0, len(list))
	err := m.each(n, list, rest[0], func(_ int, _, v any) (bool, error) { keys = append(keys, v); return false, nil })
	if err != nil {
		return nil, err
	}
	var order any
	if len(rest) > 1 {
		if order, err = m.eval(rest[1]); err != nil {
			return nil, err
		}
	}
	return m.inOrder(n, list, keys, order)
}

// inOrder sorts list by keys, all numbers or all text, and stably.
func (m *machine) inOrder(n ast.Node, list, keys []any, order any) (any, error) {
	down := order == "desc"
	if order != nil && order != "asc" && !down {
		return nil, m.fail(n, `Write "asc" or "desc"`, "there is no such order")
	}
	size := 0
	for _, k := range keys {
		if isNumber(k) != isNumber(keys[0]) || !isNumber(k) && !isText(k) {
			return nil, m.fail(n, "", "only numbers, or only texts, can be put in order; here is {kind}", "kind", kindOf(k))
		}
		if s, ok := k.(string); ok {
			size += len(s)
		}
	}
	if err := m.spend(n, size/8+16*len(keys)); err != nil {
		return nil, err
	}
	if err := m.grow(n, 16*len(list)); err != nil {
		return nil, err
	}
	index := make([]int, len(list))
	for i := range index {
		index[i] = i
	}
	sort.SliceStable(index, func(i, j int) bool {
		c := compareKeys(keys[index[i]], keys[index[j]])
		return c < 0 && !down || c > 0 && down
	})
	out := make([]any, len(list))
	for i, j := range index {
		out[i] = plain(list[j])
	}
	return out, nil
}

func compareKeys(a, b any) int {
	if s, ok := a.(string); ok {
		t, _ := b.(string)
		return sign(s > t, s < t)
	}
	return compareNumbers(a, b)
}

func isText(v any) bool { _, ok := v.(string); return ok }

// reduce carries a value along the list. Without a start the first element is it.
func reduce(m *machine, n ast.Node, list []any, rest []ast.Node) (any, error) {
	var acc any
	skip := 0
	if len(rest) > 1 {
		v, err := m.eval(rest[1])
		if err != nil {
			return nil, err
		}
		acc = v
	} else if len(list) > 0 {
		acc, skip = plain(list[0]), 1
	}
	p, ok := rest[0].(*ast.PredicateNode)
	if !ok {
		return nil, m.fail(n, "", "an argument is missing here")
	}
	m.pointers = append(m.pointers, pointer{})
	defer func() { m.pointers = m.pointers[:len(m.pointers)-1] }()
	top := len(m.pointers) - 1
	for i, item := range list[skip:] {
		if err := m.step(n, 1); err != nil {
			return nil, err
		}
		m.pointers[top] = pointer{item: plain(item), index: i + skip, acc: acc}
		v, err := m.eval(p.Node)
		if err != nil {
			return nil, err
		}
		acc = v
	}
	return acc, nil
}
