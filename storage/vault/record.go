package vault

import "context"

// Record is a sealed secret as stored: nothing in it is secret without the master key.
type Record struct {
	Name    string
	Version int64
	Origin  string
	Header  string
	User    string
	Key     []byte // the data key, wrapped by the master key; nil once deleted
	Sealed  []byte // the value, sealed by the data key; nil once deleted
	At      int64  // when it was set, milliseconds
}

// Records is what the vault needs of storage. Errors not named are Unavailable.
type Records interface {
	// PutSecret stores a version of a secret in place of the one before. Conflict unless r.Version is one more than
	// the last stored one (1 for a new name): versions grow even across a deletion, so that a plan that names a
	// version can never mean another value.
	PutSecret(ctx context.Context, r Record) error
	// Secret reads the last version; of a deleted one Key and Sealed are nil. NotFound when there never was one.
	Secret(ctx context.Context, name string) (Record, error)
	// Secrets lists what is not deleted, by name.
	Secrets(ctx context.Context) ([]Record, error)
	// DropSecret erases key and value and keeps name and version. NotFound when there is none.
	DropSecret(ctx context.Context, name string) error
	// Setting and SetSetting are bot.People's: the vault keeps its check value there.
	Setting(ctx context.Context, key string) (string, error)
	SetSetting(ctx context.Context, key, value string) error
}
