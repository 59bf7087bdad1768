package storage

import "github.com/bretelle/bretelle/engine"

// NoTable says that there is no table of that name.
func NoTable(name string) error {
	return engine.E(engine.NotFound, "there is no table {table}", "table", name).
		WithHint("Make it with: /flow table new {table}")
}

// TableTaken says that a table is there already.
func TableTaken(name string) error {
	return engine.E(engine.Conflict, "there is a table {table} already", "table", name)
}

// NoRow says that a table has no such row.
func NoRow(table string, n int64) error {
	return engine.E(engine.NotFound, "the table {table} has no row {n}", "table", table, "n", n)
}

// RowTaken says that another row has the value in a unique column.
func RowTaken(table, column string) error {
	return engine.E(engine.Conflict, `the table {table} has a row with this "{column}" already`, "table", table, "column", column).
		WithHint("Change that row instead.")
}

// RowChanged says that a row is not as it was left, and so is not put back.
func RowChanged(table string, n int64) error {
	return engine.E(engine.Conflict, "row {n} of {table} was changed since, so it is not put back", "n", n, "table", table).
		WithHint("Look at the row, and change it by hand where that is right.")
}

// TableFull says that a limit is reached.
func TableFull(table string) error {
	return engine.E(engine.TooLarge, "the table {table} is full: it holds {max} rows", "table", table, "max", engine.MaxTableRows).
		WithHint("Delete rows that are not needed.")
}

// TooManyTables says that a limit is reached.
func TooManyTables() error {
	return engine.E(engine.TooLarge, "there are {max} tables already, and no more fit", "max", engine.MaxTables)
}

// TooManyRows says that more rows would be deleted than was meant.
func TooManyRows(table string, n, most int) error {
	return engine.E(engine.Conflict, "{n} rows of {table} fit, and at most {most} may be deleted", "n", n, "table", table, "most", most).
		WithHint("Say more exactly which ones, or allow more.")
}
