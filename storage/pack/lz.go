package pack

import (
	"encoding/binary"
	"errors"
	"sync"
)

// Ways a string is kept; the first byte.
const (
	plain  = 0 // as it is
	words1 = 1 // squeezed, with the first dictionary before it
)

const (
	hashBits = 12
	minMatch = 4
	maxBack  = 1<<16 - 1 // how far back a match may lie
	maxText  = 1 << 30   // no string is longer; a length beyond it is damage
)

var errDamaged = errors.New("pack: damaged")

// Both tables are made once and only read.
var dictionary = sync.OnceValue(func() *prepared { return prepare(words) })

// prepared is a dictionary with the places of its words.
type prepared struct {
	text  []byte
	table [1 << hashBits]uint16 // place + 1, 0 is none
}

func prepare(text string) *prepared {
	p := &prepared{text: []byte(text)}
	for i := 0; i+minMatch <= len(p.text); i++ {
		p.table[hash(binary.LittleEndian.Uint32(p.text[i:]))] = uint16(i + 1)
	}
	return p
}

func hash(x uint32) uint32 { return x * 2654435761 >> (32 - hashBits) }

// bench is what one squeeze works with.
type bench struct {
	table [1 << hashBits]uint16
	text  []byte
}

var benches = sync.Pool{New: func() any { return new(bench) }}

// squeeze appends src to out in the shorter way, after a byte that says which.
func squeeze(out, src []byte) []byte {
	if len(src) == 0 {
		return append(out, plain)
	}
	d := dictionary()
	b := benches.Get().(*bench)
	defer benches.Put(b)
	b.table = d.table
	b.text = append(append(b.text[:0], d.text...), src...)
	at := len(out)
	out = append(out, words1)
	out = binary.AppendUvarint(out, uint64(len(src)))
	out = b.blocks(out, len(d.text))
	if len(out)-at > len(src) {
		out = append(append(out[:at], plain), src...)
	}
	if cap(b.text) > 1<<20 {
		b.text = nil // one large text is no reason to keep as much for ever
	}
	return out
}

// blocks appends what follows from in b.text, as literals and matches.
func (b *bench) blocks(out []byte, from int) []byte {
	text := b.text
	anchor, i := from, from
	for i+minMatch <= len(text) {
		v := binary.LittleEndian.Uint32(text[i:])
		h := hash(v)
		ref := int(b.table[h]) - 1
		if i < maxBack {
			b.table[h] = uint16(i + 1)
		}
		if ref < 0 || i-ref > maxBack || binary.LittleEndian.Uint32(text[ref:]) != v {
			i++
			continue
		}
		n := minMatch
		for i+n < len(text) && text[ref+n] == text[i+n] {
			n++
		}
		out = literals(out, text[anchor:i], n-minMatch)
		out = append(out, byte(i-ref), byte((i-ref)>>8))
		out = length(out, n-minMatch)
		end := i + n
		for i++; i < end && i+minMatch <= len(text) && i < maxBack; i++ {
			b.table[hash(binary.LittleEndian.Uint32(text[i:]))] = uint16(i + 1)
		}
		i, anchor = end, end
	}
	return literals(out, text[anchor:], 0)
}

// literals appends a token, what a length of 15 and more adds to it, and the literals.
func literals(out, lit []byte, match int) []byte {
	out = append(out, byte(min(len(lit), 15)<<4|min(match, 15)))
	out = length(out, len(lit))
	return append(out, lit...)
}

func length(out []byte, n int) []byte {
	if n < 15 {
		return out
	}
	for n -= 15; n >= 255; n -= 255 {
		out = append(out, 255)
	}
	return append(out, byte(n))
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
	size, n := binary.Uvarint(src[1:])
	if n <= 0 || size > maxText || size > 255*uint64(len(src)) {
		return nil, errDamaged
	}
	src = src[1+n:]
	dict := dictionary().text
	out := make([]byte, 0, int(size))
	for {
		if len(src) == 0 {
			return nil, errDamaged
		}
		token := int(src[0])
		lit, rest, ok := longer(token>>4, src[1:])
		if !ok || lit > len(rest) || len(out)+lit > int(size) {
			return nil, errDamaged
		}
		out, src = append(out, rest[:lit]...), rest[lit:]
		if len(src) == 0 {
			if len(out) != int(size) {
				return nil, errDamaged
			}
			return out, nil
		}
		if len(src) < 2 {
			return nil, errDamaged
		}
		back := int(src[0]) | int(src[1])<<8
		match, rest, ok := longer(token&15, src[2:])
		match += minMatch
		if !ok || back == 0 || back > len(out)+len(dict) || len(out)+match > int(size) {
			return nil, errDamaged
		}
		src = rest
		for ; match > 0; match-- {
			if p := len(out) - back; p >= 0 {
				out = append(out, out[p])
			} else {
				out = append(out, dict[len(dict)+p])
			}
		}
	}
}

// longer reads what a length of 15 goes on with.
func longer(n int, src []byte) (int, []byte, bool) {
	if n < 15 {
		return n, src, true
	}
	for len(src) > 0 {
		b := src[0]
		src = src[1:]
		if n += int(b); n > maxText {
			return 0, nil, false
		}
		if b < 255 {
			return n, src, true
		}
	}
	return 0, nil, false
}
