package pack

import (
	"errors"
	"sync"

	"github.com/klauspost/compress/s2"
)

// Ways a string is kept; the first byte.
const (
	plain  = 0 // as it is
	words1 = 1 // squeezed, with the first dictionary before it
)

// maxText bounds what a string expands to, in bytes: a length beyond it is damage.
const maxText = 1 << 28

var errDamaged = errors.New("pack: damaged")

// dictionary is made once and only read.
var dictionary = sync.OnceValue(func() *s2.Dict { return s2.MakeDict([]byte(words), nil) })

// squeeze appends src to out in the shorter way, after a byte that says which.
func squeeze(out, src []byte) []byte {
	if len(src) > 0 && len(src) <= maxText {
		if b := dictionary().Encode(nil, src); len(b) < len(src) {
			return append(append(out, words1), b...)
		}
	}
	return append(append(out, plain), src...)
}

// expand gives back what squeeze was given. The error says that these are not bytes of squeeze.
func expand(src []byte) ([]byte, error) {
	if len(src) == 0 {
		return nil, errDamaged
	}
	switch src[0] {
	case plain:
		return src[1:], nil
	case words1:
	default:
		return nil, errors.New("pack: written by a newer version")
	}
	if n, err := s2.DecodedLen(src[1:]); err != nil || n > maxText {
		return nil, errDamaged
	}
	out, err := dictionary().Decode(nil, src[1:])
	if err != nil {
		return nil, errDamaged
	}
	return out, nil
}
