package engine

import (
	"crypto/rand"
	"encoding/binary"
	"encoding/hex"
	"time"
)

// NewID makes a UUIDv7 (RFC 9562): time-ordered, lower case. People see short numbers instead.
func NewID(now time.Time) string {
	var u [16]byte
	_, _ = rand.Read(u[6:]) // crypto/rand.Read never fails on supported systems (Go 1.24)
	binary.BigEndian.PutUint64(u[:8], uint64(now.UnixMilli())<<16|uint64(binary.BigEndian.Uint16(u[6:8])))
	u[6] = u[6]&0x0f | 0x70
	u[8] = u[8]&0x3f | 0x80
	var b [36]byte
	hex.Encode(b[0:8], u[0:4])
	hex.Encode(b[9:13], u[4:6])
	hex.Encode(b[14:18], u[6:8])
	hex.Encode(b[19:23], u[8:10])
	hex.Encode(b[24:36], u[10:16])
	b[8], b[13], b[18], b[23] = '-', '-', '-', '-'
	return string(b[:])
}

// Token makes n random bytes as URL-safe text, hexadecimal digits. Used where
// guessing must be hopeless (buttons, login links); n below 16 is raised to 16.
func Token(n int) string {
	if n < 16 {
		n = 16
	}
	b := make([]byte, n)
	_, _ = rand.Read(b)
	return hex.EncodeToString(b)
}

// Millis is t as stored: integer milliseconds UTC.
func Millis(t time.Time) int64 { return t.UnixMilli() }

// Time is the instant of stored milliseconds, in UTC.
func Time(ms int64) time.Time { return time.UnixMilli(ms).UTC() }
