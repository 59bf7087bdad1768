// Package table is the connector "table": rows of the bot's own typed tables.
//
//	find · list ── reads ──▶ Call.Rows ─┐
//	upsert ──── columns ──▶ Call.PutRow ─┼─▶ the bot's database (wired in cmd), shown and edited by /flow table
//	delete ──── destroys ─▶ Call.DropRows ┤
//	restore ─── puts back ▶ Call.RestoreRows ┘ what undoes the two before, by number, unless a row was changed since
//
// Why upsert may bring the columns along: a flow that is copied to another installation has to work there, and making
// a table that is there already changes nothing. Reading a table that such a step has not made yet finds nothing.
package table
