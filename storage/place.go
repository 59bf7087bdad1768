package storage

import (
	"github.com/bretelle/bretelle/bot"
	"github.com/bretelle/bretelle/engine"
)

// Canonical is p with the surface spelt out: a place written without one is the console's. The zero place stays
// zero.
func Canonical(p engine.Place) engine.Place {
	if p.Surface == "" && p.Channel != "" {
		p.Surface = engine.ConsoleSurface
	}
	return p
}

// Within reports whether p is where filter asks: everywhere for the zero place, in the channel and all its threads
// without a thread, else in that thread.
func Within(p, filter engine.Place) bool {
	p, filter = Canonical(p), Canonical(filter)
	if filter == (engine.Place{}) {
		return true
	}
	if filter.Thread == "" {
		p.Thread = ""
	}
	return p == filter
}

// Where is where a message stands, its thread included.
func Where(m bot.Message) engine.Place {
	p := m.Place
	if m.Thread != "" {
		p.Thread = m.Thread
	}
	return p
}
