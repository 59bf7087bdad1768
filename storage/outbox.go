package storage

import "github.com/bretelle/bretelle/engine"

// NoNotice says that there is no such notice.
func NoNotice(id string) error {
	return engine.E(engine.NotFound, "there is no notice {notice}", "notice", id)
}

// NoCard says that no card of a key stands in a place.
func NoCard() error { return engine.E(engine.NotFound, "there is no such card") }

// NoIntent says that a button's token means nothing.
func NoIntent() error {
	return engine.E(engine.NotFound, "this button is not one of mine any more").
		WithHint("Use the newest message about it.")
}

// NoAlert says that there is no such alert group.
func NoAlert() error { return engine.E(engine.NotFound, "there is no such alert") }
