package discord_test

import (
	"crypto/ed25519"
	"encoding/hex"
	"net/http"
	"strconv"
	"testing"
	"time"

	"github.com/bretelle/bretelle/bot/discord/discordtest"
	"github.com/bretelle/bretelle/connectors/counterparttest"
)

// What our own Discord signs with, Discord's own check takes, and nothing else; what another implementation signs,
// ours takes: so what passes our checks in tests is what Discord sends.
func TestSignaturesOfInteractions(t *testing.T) {
	other := counterparttest.Ed25519(t)
	own := discordtest.NewServer(t)
	body := `{"type":1,"text":"déjà"}`
	r, err := http.NewRequest(http.MethodPost, "http://127.0.0.1/discord/interactions", nil)
	if err != nil {
		t.Fatal(err)
	}
	own.Sign(r, []byte(body))
	at, signature := r.Header.Get("X-Signature-Timestamp"), r.Header.Get("X-Signature-Ed25519")
	for _, c := range []struct {
		name, body, signature, at, key string
		want                           bool
	}{
		{"right", body, signature, at, own.PublicKey(), true},
		{"another body", body + " ", signature, at, own.PublicKey(), false},
		{"another time", body, signature, at + "1", own.PublicKey(), false},
		{"another key", body, signature, at, hex.EncodeToString(make([]byte, 32)), false},
		{"a bit of the signature", body, "0" + signature[1:], at, own.PublicKey(), signature[0] == '0'},
	} {
		var took bool
		other.Do(t, "verify", map[string]string{"body": c.body, "signature": c.signature, "timestamp": c.at, "key": c.key}, &took)
		if took != c.want {
			t.Errorf("%s: discord-interactions takes it: %v, want %v", c.name, took, c.want)
		}
	}
	var made struct{ Key, Signature string }
	now := strconv.FormatInt(time.Now().Unix(), 10)
	other.Do(t, "sign", map[string]string{"body": body, "timestamp": now}, &made)
	key, err := hex.DecodeString(made.Key)
	if err != nil {
		t.Fatal(err)
	}
	sig, err := hex.DecodeString(made.Signature)
	if err != nil {
		t.Fatal(err)
	}
	if !ed25519.Verify(key, []byte(now+body), sig) {
		t.Error("what another implementation signed is not taken")
	}
}
