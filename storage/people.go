package storage

import (
	"strings"

	"github.com/bretelle/bretelle/engine"
)

// SameName reports whether two names of persons are alike but for case: "@Anna" and "@anna" must not be two people.
func SameName(a, b string) bool { return FoldName(a) == FoldName(b) }

// FoldName is the form of a person's name that must be unique.
func FoldName(name string) string { return strings.ToLower(name) }

// NameTaken says that there is a person of that name or id.
func NameTaken(name string) error {
	return engine.E(engine.Conflict, "there is somebody called {name} already", "name", name)
}

// NoPerson says that there is no such person; who is an id.
func NoPerson(who string) error {
	return engine.E(engine.NotFound, "there is no such person ({person})", "person", who)
}

// NoIdentity says that nobody has proven to be behind an identity.
func NoIdentity() error { return engine.E(engine.NotFound, "I do not know who this is yet") }

// IdentityTaken says that an identity belongs to somebody else.
func IdentityTaken() error {
	return engine.E(engine.Conflict, "this account is linked to somebody else already")
}

// NoTicket says that a link or code is used, expired, or never was.
func NoTicket() error {
	return engine.E(engine.NotFound, "this link is no longer valid").WithHint("Ask for a new one.")
}

// NoSession says that a login has ended.
func NoSession() error {
	return engine.E(engine.NotFound, "you are not logged in").WithHint("Open a new login link.")
}
