package vault

import "github.com/bretelle/bretelle/engine"

// NoSecret says that no secret of that name is stored.
func NoSecret(name string) error {
	return engine.E(engine.NotFound, "there is no secret called {name}", "name", name).
		WithHint("Set it with: bretelle secret set {name}")
}
