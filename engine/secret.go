package engine

import (
	"fmt"
	"log/slog"
)

// Secret is a value that shows itself to nobody: every way of printing, logging or encoding it gives stars.
// Only Reveal gives it out, so a search for Reveal finds every place that may leak it.
type Secret struct{ value string }

const stars = "***"

// NewSecret seals value.
func NewSecret(value string) Secret { return Secret{value} }

// Reveal gives the value itself. Callers must not store, log or format it.
func (s Secret) Reveal() string { return s.value }

// Empty reports whether there is no value.
func (s Secret) Empty() bool { return s.value == "" }

func (s Secret) String() string                 { return stars }
func (s Secret) GoString() string               { return stars }
func (s Secret) Format(f fmt.State, _ rune)     { _, _ = f.Write([]byte(stars)) }
func (s Secret) LogValue() slog.Value           { return slog.StringValue(stars) }
func (s Secret) MarshalJSON() ([]byte, error)   { return []byte(`"` + stars + `"`), nil }
func (s Secret) MarshalText() ([]byte, error)   { return []byte(stars), nil }
func (s Secret) MarshalBinary() ([]byte, error) { return []byte(stars), nil }
func (s Secret) MarshalYAML() (any, error)      { return stars, nil }

// Credential is a stored secret with what limits its use.
type Credential struct {
	Name    string
	Version int64  // grows each time it is set
	Origin  string // "https://tracker.example.org": the only place it may be sent to; "" for secrets that only verify
	Header  string // header that carries it, "Authorization"; "" for secrets that only verify, and where User stands
	User    string // who logs in with it: to a mail server, or to HTTP by Basic authentication; "" elsewhere
	Value   Secret
}
