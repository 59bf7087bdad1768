package vault

import (
	"crypto/rand"
	"crypto/sha256"
	"crypto/subtle"
	"encoding/base32"
	"encoding/base64"
	"fmt"
	"log/slog"
	"strings"

	"github.com/bretelle/bretelle/engine"
)

// KeySize is the length of a master key in bytes.
const KeySize = 32

// Key is a master key. Like engine.Secret it shows itself to nobody; Text and Recovery give it out.
type Key struct{ bytes [KeySize]byte }

// NewKey makes a random key.
func NewKey() Key {
	var k Key
	_, _ = rand.Read(k.bytes[:]) // crypto/rand.Read never fails on supported systems (Go 1.24)
	return k
}

func (k Key) String() string               { return "***" }
func (k Key) GoString() string             { return "***" }
func (k Key) Format(f fmt.State, _ rune)   { _, _ = f.Write([]byte("***")) }
func (k Key) LogValue() slog.Value         { return slog.StringValue("***") }
func (k Key) MarshalText() ([]byte, error) { return []byte("***"), nil }

// Equal compares in constant time.
func (k Key) Equal(o Key) bool { return subtle.ConstantTimeCompare(k.bytes[:], o.bytes[:]) == 1 }

// Text is the key as key files and BRETELLE_MASTER_KEY hold it: base64.
func (k Key) Text() string { return base64.StdEncoding.EncodeToString(k.bytes[:]) }

// ParseKey reads Text, with or without padding, in the standard or URL alphabet. The error is Invalid.
func ParseKey(text string) (Key, error) {
	text = strings.TrimRight(strings.TrimSpace(text), "=")
	text = strings.NewReplacer("-", "+", "_", "/").Replace(text)
	b, err := base64.RawStdEncoding.DecodeString(text)
	if err != nil || len(b) != KeySize {
		return Key{}, engine.E(engine.Invalid, "the master key is not 32 bytes in base64").WithHint(
			"Make one with: head -c 32 /dev/urandom | base64")
	}
	return Key{[KeySize]byte(b)}, nil
}

// crockford is Douglas Crockford's base 32: no I, L, O or U, so that what is copied by hand is read back right.
// https://www.crockford.com/base32.html
var crockford = base32.NewEncoding("0123456789ABCDEFGHJKMNPQRSTVWXYZ").WithPadding(base32.NoPadding)

const recoverySums = 3 // bytes of SHA-256 that follow the key: 35 bytes are 56 letters without a rest

// Recovery is the key for paper: fourteen groups of four letters and digits, the last ones a checksum.
func (k Key) Recovery() string {
	sum := sha256.Sum256(k.bytes[:])
	text := crockford.EncodeToString(append(k.bytes[:], sum[:recoverySums]...))
	var groups []string
	for ; text != ""; text = text[4:] {
		groups = append(groups, text[:4])
	}
	return strings.Join(groups, "-")
}

// ParseRecovery reads Recovery as people type it: any case, spaces or dashes anywhere, O for 0, I or L for 1. The
// error is Invalid and tells a wrong length from a mistyped letter.
func ParseRecovery(text string) (Key, error) {
	text = strings.NewReplacer("-", "", " ", "", "\n", "", "\r", "", "\t", "", "O", "0", "I", "1", "L", "1").
		Replace(strings.ToUpper(text))
	want := crockford.EncodedLen(KeySize + recoverySums)
	if len(text) != want {
		return Key{}, engine.E(engine.Invalid, "the recovery text has {got} letters, it must have {want}", "got", len(text), "want", want)
	}
	b, err := crockford.DecodeString(text)
	if err == nil {
		sum := sha256.Sum256(b[:KeySize])
		if subtle.ConstantTimeCompare(sum[:recoverySums], b[KeySize:]) == 1 {
			return Key{[KeySize]byte(b[:KeySize])}, nil
		}
	}
	return Key{}, engine.E(engine.Invalid, "the recovery text has a typing mistake").
		WithHint("Compare it with your copy, group by group.")
}
