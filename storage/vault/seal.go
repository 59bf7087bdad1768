package vault

import (
	"crypto/aes"
	"crypto/cipher"
	"crypto/rand"
	"encoding/binary"
	"errors"
)

var errSealed = errors.New("it does not open")

// seal encrypts plain under key with AES-256-GCM (NIST SP 800-38D), a random nonce in front. bound is what the
// ciphertext is tied to.
func seal(key, plain []byte, bound ...any) ([]byte, error) {
	aead, err := gcm(key)
	if err != nil {
		return nil, err
	}
	nonce := make([]byte, aead.NonceSize(), aead.NonceSize()+len(plain)+aead.Overhead())
	_, _ = rand.Read(nonce)
	return aead.Seal(nonce, nonce, plain, additional(bound)), nil
}

// unseal opens what seal made with the same key and bound.
func unseal(key, sealed []byte, bound ...any) ([]byte, error) {
	aead, err := gcm(key)
	if err != nil {
		return nil, err
	}
	if len(sealed) < aead.NonceSize() {
		return nil, errSealed
	}
	n := aead.NonceSize()
	plain, err := aead.Open(nil, sealed[:n], sealed[n:], additional(bound))
	if err != nil {
		return nil, errSealed
	}
	return plain, nil
}

func gcm(key []byte) (cipher.AEAD, error) {
	block, err := aes.NewCipher(key)
	if err != nil {
		return nil, err
	}
	return cipher.NewGCM(block)
}

// additional joins strings and numbers so that no two different lists give the same bytes.
func additional(bound []any) []byte {
	out := []byte("bretelle vault 1")
	for _, v := range bound {
		switch x := v.(type) {
		case string:
			out = binary.BigEndian.AppendUint64(out, uint64(len(x)))
			out = append(out, x...)
		case int64:
			out = binary.BigEndian.AppendUint64(out, uint64(x))
		}
	}
	return out
}
