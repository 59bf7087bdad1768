// Package all lists the connectors that the product has.
//
//	web ─────┐
//	chat ────┼─▶ Connectors() ─▶ connectors.NewCatalog
//	webhook ┘
//
// Why a list written by hand instead of registration at start-up: what is in the product can be read here, and a
// test compares it with the folders (R11).
package all
