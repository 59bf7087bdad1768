package storage

import "github.com/bretelle/bretelle/engine"

// SecretMoved says that a secret was set by somebody else in the meantime.
func SecretMoved(name string) error {
	return engine.E(engine.Conflict, "the secret {name} was changed at the same moment", "name", name).
		WithHint("Set it again.")
}
