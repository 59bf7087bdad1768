package engine

import (
	"slices"
	"strings"
)

// RowQuery says which rows are wanted.
type RowQuery struct {
	Where map[string]any // every named column has exactly this value; nil: the column is empty
	Order string         // column, "-column" for the greatest first; "" is the order in which rows were made
	Limit int            // ≤ 0: all
	N     int64          // only this row; 0: any
}

// RowWrite says which row is written and how.
type RowWrite struct {
	N      int64          // change this row; 0: see Key
	Key    string         // a unique column: change the row that has its value in Values, or make one; "": always a new row
	Values map[string]any // by column; nil empties a column, columns that are not named keep what they have
	By     string         // person id, or the key of a step
}

// RowChange is one row that was changed and is to be put back, by its number.
type RowChange struct {
	N    int64          `json:"n"`
	Now  map[string]any `json:"now,omitempty"`  // what the row must hold still; nil: it must be gone
	Then map[string]any `json:"then,omitempty"` // what it holds again; nil: it is deleted
}

// Fits tells what to do about a row that is as have says (nil: it is not there): nothing, because it is put back already,
// or to put it back. Neither: it was changed meanwhile.
func (c RowChange) Fits(have map[string]any) (already, ok bool) {
	return sameRow(have, c.Then), sameRow(have, c.Now)
}

func sameRow(a, b map[string]any) bool {
	if (a == nil) != (b == nil) {
		return false
	}
	x, err := EncodeJSON(a)
	y, err2 := EncodeJSON(b)
	return err == nil && err2 == nil && string(x) == string(y)
}

// Matches reports whether a row has every value of where (fitted).
func Matches(row, where map[string]any) bool {
	for k, want := range where {
		have, there := row[k]
		if want == nil || !there {
			if want != nil || there {
				return false
			}
			continue
		}
		a, err := EncodeJSON(have)
		b, err2 := EncodeJSON(want)
		if err != nil || err2 != nil || string(a) != string(b) {
			return false
		}
	}
	return true
}

// SortRows orders rows by "column" or "-column", empty values last, equal ones by number.
func SortRows(rows []TableRow, order string) {
	col, down := strings.CutPrefix(order, "-")
	slices.SortFunc(rows, func(a, b TableRow) int {
		if col != "" {
			x, y := a.Data[col], b.Data[col]
			switch {
			case x == nil && y != nil:
				return 1
			case x != nil && y == nil:
				return -1
			}
			n := compareValues(x, y)
			if down {
				n = -n
			}
			if n != 0 {
				return n
			}
		}
		return int(min(max(a.N-b.N, -1), 1))
	})
}

func compareValues(a, b any) int {
	if x, ok := real64(a); ok {
		if y, ok := real64(b); ok {
			switch {
			case x < y:
				return -1
			case x > y:
				return 1
			}
			return 0
		}
	}
	if x, ok := a.(string); ok {
		if y, ok := b.(string); ok {
			return strings.Compare(x, y)
		}
	}
	x, _ := EncodeJSON(a) // rows hold nothing that JSON cannot
	y, _ := EncodeJSON(b)
	return strings.Compare(string(x), string(y))
}

func real64(v any) (float64, bool) {
	switch x := v.(type) {
	case int:
		return float64(x), true
	case float64:
		return x, true
	}
	return 0, false
}

// MaxTaken bounds the rows that one query gives, in bytes of JSON.
const MaxTaken = 8 << 20

// Query is q with its values fitted to the columns. The error is Invalid.
func (t Table) Query(q RowQuery) (RowQuery, error) {
	where, err := t.Fit(q.Where)
	if err != nil {
		return q, err
	}
	q.Where = where
	if col := strings.TrimPrefix(q.Order, "-"); col != "" {
		if _, ok := t.Column(col); !ok {
			return q, E(Invalid, `the table {table} has no column "{column}"`, "table", t.Name, "column", cut(col))
		}
	}
	return q, nil
}

// Target is the query for the row that a write (its values fitted) is about. Invalid when Key is no unique column or
// has no value.
func (t Table) Target(w RowWrite) (RowQuery, error) {
	if w.N != 0 || w.Key == "" {
		return RowQuery{N: w.N}, nil
	}
	c, ok := t.Column(w.Key)
	if !ok || !c.Unique {
		return RowQuery{}, E(Invalid, `rows of {table} cannot be written by "{column}": it is not a unique column`, "table", t.Name, "column", cut(w.Key)).
			WithHint("Name a unique column in key, or make one.")
	}
	if w.Values[w.Key] == nil {
		return RowQuery{}, E(Invalid, `"{column}" is missing`, "column", w.Key).WithHint("Rows are found by it.")
	}
	return RowQuery{Where: map[string]any{w.Key: w.Values[w.Key]}}, nil
}

// Indexed is the first unique column that where (fitted) has a value for, with that value as canonical JSON; "" when
// there is none.
func (t Table) Indexed(where map[string]any) (column, value string) {
	for _, c := range t.Columns {
		if v := where[c.Name]; c.Unique && v != nil {
			if b, err := EncodeJSON(v); err == nil {
				return c.Name, string(b)
			}
		}
	}
	return "", ""
}

// Taker gathers the rows of one query.
type Taker struct {
	q     RowQuery
	rows  []TableRow
	sizes map[int64]int
	total int // of sizes
}

// Taking begins to gather for a query whose values are fitted.
func Taking(q RowQuery) *Taker { return &Taker{q: q, sizes: map[int64]int{}} }

// Add offers a row in the order of numbers, with its size. enough: no further row is needed. TooLarge when what was
// found is more than one query gives.
func (k *Taker) Add(r TableRow, size int) (enough bool, err error) {
	if !Matches(r.Data, k.q.Where) {
		return false, nil
	}
	k.rows, k.sizes[r.N] = append(k.rows, r), size
	k.total += size
	if k.q.Order != "" && k.q.Limit > 0 && len(k.rows) > 2*k.q.Limit+64 {
		k.rows = k.Rows() // what is beyond the limit now stays beyond it
	}
	if k.bytes() > MaxTaken {
		return true, E(TooLarge, "this finds more than {max} bytes of rows", "max", MaxTaken).WithHint("Say more exactly which rows, or ask for fewer.")
	}
	return k.q.Order == "" && k.q.Limit > 0 && len(k.rows) == k.q.Limit, nil
}

func (k *Taker) bytes() int {
	if len(k.sizes) > len(k.rows) {
		kept := make(map[int64]int, len(k.rows))
		for _, r := range k.rows {
			kept[r.N] = k.sizes[r.N]
		}
		k.sizes, k.total = kept, 0
		for _, n := range kept {
			k.total += n
		}
	}
	return k.total
}

// Rows are the rows gathered, in order and at most as many as were asked for.
func (k *Taker) Rows() []TableRow {
	SortRows(k.rows, k.q.Order)
	if k.q.Limit > 0 && len(k.rows) > k.q.Limit {
		return k.rows[:k.q.Limit]
	}
	return k.rows
}
