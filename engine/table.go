package engine

import (
	"math"
	"slices"
	"strconv"
	"strings"
	"time"
)

// Limits of the bot's own tables. They are lists that people look at, not a database for applications.
const (
	MaxTables    = 200
	MaxColumns   = 50
	MaxTableRows = 100_000  // of one table
	MaxRowBytes  = 64 << 10 // of one row, as canonical JSON
	MaxKeyBytes  = 1 << 10  // of one value in a unique column, as canonical JSON
)

// Table is a typed list in the bot's database, kept by flows and people.
type Table struct {
	Name    string   `json:"name"`
	Columns []Column `json:"columns"`
	By      string   `json:"by,omitempty"` // person id of who made it; the key of a step when a flow did
	At      int64    `json:"at"`           // when, milliseconds UTC
	Rows    int      `json:"rows"`         // how many there are
}

// Column is one column of a table.
type Column struct {
	Name     string     `json:"name"`
	Type     ColumnType `json:"type"`
	Required bool       `json:"required,omitempty"`
	Unique   bool       `json:"unique,omitempty"` // no two rows have the same value; rows can be found and written by it
}

// ColumnType is what a column holds.
type ColumnType string

// The types. Values are as [DecodeJSON] makes them.
const (
	ColText    ColumnType = "text"
	ColNumber  ColumnType = "number"
	ColInteger ColumnType = "integer"
	ColBoolean ColumnType = "boolean"
	ColDate    ColumnType = "date" // 2026-01-31, or a time as RFC 3339 has it
	ColJSON    ColumnType = "json" // any value
)

// ColumnTypes lists the types as people are offered them.
func ColumnTypes() []string {
	return []string{string(ColText), string(ColNumber), string(ColInteger), string(ColBoolean), string(ColDate), string(ColJSON)}
}

// TableRow is one row. N never changes and never comes again in the database.
type TableRow struct {
	N       int64          `json:"n"`
	Data    map[string]any `json:"row"` // by column; a column without a value is absent
	By      string         `json:"by,omitempty"`
	Changed int64          `json:"changed"` // milliseconds UTC
	Was     map[string]any `json:"-"`       // of a row just changed: what it held before
}

// Column finds a column by name.
func (t Table) Column(name string) (Column, bool) {
	for _, c := range t.Columns {
		if c.Name == name {
			return c, true
		}
	}
	return Column{}, false
}

// Key is the name of the first unique column, "" when there is none.
func (t Table) Key() string {
	for _, c := range t.Columns {
		if c.Unique {
			return c.Name
		}
	}
	return ""
}

// Check finds what is wrong with a definition. The error is Invalid.
func (t Table) Check() error {
	if !tableName(t.Name) {
		return E(Invalid, `"{name}" cannot be the name of a table`, "name", cut(t.Name)).
			WithHint("Use up to 64 small letters, digits, dashes and underscores, a letter first.")
	}
	switch n := len(t.Columns); {
	case n == 0:
		return E(Invalid, "the table {table} has no columns", "table", t.Name).WithHint("Name at least one.")
	case n > MaxColumns:
		return E(Invalid, "the table {table} has more than {max} columns", "table", t.Name, "max", MaxColumns)
	}
	seen := map[string]bool{}
	for _, c := range t.Columns {
		switch {
		case !tableName(c.Name):
			return E(Invalid, `"{name}" cannot be the name of a column`, "name", cut(c.Name)).
				WithHint("Use up to 64 small letters, digits, dashes and underscores, a letter first.")
		case seen[c.Name]:
			return E(Invalid, `the column "{name}" is there twice`, "name", c.Name)
		case !slices.Contains(ColumnTypes(), string(c.Type)):
			return E(Invalid, `the column "{name}" cannot be of type "{type}"`, "name", c.Name, "type", cut(string(c.Type)),
				"types", strings.Join(ColumnTypes(), ", ")).WithHint("There are {types}.")
		case c.Unique && c.Type == ColJSON:
			return E(Invalid, `the column "{name}" holds JSON and cannot be unique`, "name", c.Name)
		}
		seen[c.Name] = true
	}
	return nil
}

// Grow is t with the columns it lacks. Conflict when a column is there with another type, or is unique only in one
// of the two, or when a new one is required although there are rows.
func (t Table) Grow(columns []Column) (Table, bool, error) {
	grown, more := t, false
	grown.Columns = slices.Clone(t.Columns)
	for _, c := range columns {
		old, ok := t.Column(c.Name)
		switch {
		case ok && (old.Type != c.Type || old.Unique != c.Unique):
			return t, false, E(Conflict, `the table {table} has a column "{name}" already, and it is another one`, "table", t.Name, "name", c.Name).
				WithHint("Compare type and uniqueness with the table, or choose another name.")
		case ok:
		case c.Required && t.Rows > 0:
			return t, false, E(Conflict, `the table {table} has rows, so a new column "{name}" cannot be required`, "table", t.Name, "name", c.Name)
		default:
			grown.Columns, more = append(grown.Columns, c), true
		}
	}
	return grown, more, grown.Check()
}

// Fit checks values by their columns and gives them back in the form in which they are stored; nil stays, it empties
// a column. The error is Invalid and names the column in Args "column".
func (t Table) Fit(values map[string]any) (map[string]any, error) {
	out := make(map[string]any, len(values))
	for _, name := range sortedNames(values) {
		c, ok := t.Column(name)
		if !ok {
			e := E(Invalid, `the table {table} has no column "{column}"`, "table", t.Name, "column", cut(name))
			if near := Suggest(name, t.names()); near != "" {
				e.Args["near"] = near
				return nil, e.WithHint(`Did you mean "{near}"?`)
			}
			return nil, e
		}
		v, bad := c.fit(values[name])
		if bad != nil {
			bad.Args = Args("column", name)
			return nil, bad.WithHint("Check the value, or the expression that gives it.")
		}
		out[name] = v
	}
	return out, nil
}

// Merge is the row that comes of writing fitted values over an old row (nil: a new one). Invalid when a required
// column stays empty, TooLarge when a limit is passed.
func (t Table) Merge(old, values map[string]any) (map[string]any, error) {
	row := make(map[string]any, len(old)+len(values))
	for k, v := range old {
		row[k] = v
	}
	for k, v := range values {
		if v == nil {
			delete(row, k)
		} else {
			row[k] = v
		}
	}
	for _, c := range t.Columns {
		v, there := row[c.Name]
		if !there && c.Required {
			return nil, E(Invalid, `"{column}" is missing`, "column", c.Name).WithHint("The column is required.")
		}
		if there && c.Unique {
			if k, err := EncodeJSON(v); err != nil || len(k) > MaxKeyBytes {
				return nil, E(TooLarge, `the value of "{column}" is too long to be unique`, "column", c.Name)
			}
		}
	}
	b, err := EncodeJSON(row)
	if err != nil {
		return nil, E(Invalid, "the row cannot be kept as JSON").Wrap(err)
	}
	if len(b) > MaxRowBytes {
		return nil, E(TooLarge, "the row is larger than {max} bytes", "max", MaxRowBytes).WithHint("Keep long texts elsewhere, and their address here.")
	}
	return row, nil
}

func (c Column) fit(v any) (any, *Error) {
	if v == nil {
		return nil, nil
	}
	switch c.Type {
	case ColText:
		switch x := v.(type) {
		case string:
			return x, nil
		case bool:
			return strconv.FormatBool(x), nil
		case int:
			return strconv.Itoa(x), nil
		case float64:
			return strconv.FormatFloat(x, 'f', -1, 64), nil
		}
		return nil, E(Invalid, `"{column}" holds text`)
	case ColBoolean:
		if _, ok := v.(bool); ok {
			return v, nil
		}
		return nil, E(Invalid, `"{column}" holds true or false`)
	case ColInteger:
		switch x := v.(type) {
		case int:
			return x, nil
		case float64:
			if x == math.Trunc(x) && math.Abs(x) < 1<<53 {
				return int(x), nil
			}
		}
		return nil, E(Invalid, `"{column}" holds whole numbers`)
	case ColNumber:
		switch x := v.(type) {
		case int:
			return x, nil
		case float64:
			if x == math.Trunc(x) && math.Abs(x) < 1<<53 {
				return int(x), nil // 1 and 1.0 are one value, also for uniqueness
			}
			return x, nil
		}
		return nil, E(Invalid, `"{column}" holds numbers`)
	case ColDate:
		if text, ok := v.(string); ok {
			for _, layout := range []string{time.DateOnly, time.RFC3339Nano} {
				if _, err := time.Parse(layout, text); err == nil {
					return text, nil
				}
			}
		}
		return nil, E(Invalid, `"{column}" holds dates, like 2026-01-31`)
	}
	return v, nil
}

func (t Table) names() []string {
	names := make([]string, len(t.Columns))
	for i, c := range t.Columns {
		names[i] = c.Name
	}
	return names
}

func sortedNames(m map[string]any) []string {
	names := make([]string, 0, len(m))
	for k := range m {
		names = append(names, k)
	}
	slices.Sort(names)
	return names
}

func tableName(s string) bool {
	return s != "" && len(s) <= 64 && s[0] >= 'a' && s[0] <= 'z' && strings.Trim(s, "abcdefghijklmnopqrstuvwxyz0123456789_-") == ""
}

// cut bounds what goes into a message.
func cut(s string) string {
	if r := []rune(s); len(r) > 80 {
		return string(r[:80]) + "…"
	}
	return s
}
