package webhook

import (
	"crypto/hmac"
	"crypto/sha256"
	"crypto/subtle"
	"encoding/base64"
	"encoding/hex"
	"strconv"
	"strings"
	"time"

	"github.com/bretelle/bretelle/engine"
)

// Window is how far the time of a timestamped delivery may be from ours, either way.
const Window = 5 * time.Minute

// maxSignatures bounds how many signatures of one delivery are looked at; senders give two while a secret changes.
const maxSignatures = 8

// Verify checks that a delivery was made by who knows the secret: constant-time, over the body as it came, within
// Window where the sender signs a time. Where the scheme allows several signatures, one that holds is enough.
// The error is Unsigned and says what kind of thing is wrong, never how the right answer would look.
//
// Sources: GitHub "Validating webhook deliveries"; Stripe "Verify webhook signatures"; Slack "Verifying requests";
// standard-webhooks.com specification 1.0.
func Verify(s Sender, secret engine.Secret, h Headers, body []byte, now time.Time) error {
	if s.Kind == Unsigned {
		return nil
	}
	key := secret.Reveal()
	if key == "" {
		return unsigned("there is no secret to check it with")
	}
	switch s.Kind {
	case GitHub:
		return single(h, "x-hub-signature-256", "sha256=", "hex", sum(key, body))
	case HMAC:
		return single(h, s.Header, s.Prefix, s.Encoding, sum(key, body))
	case Slack:
		stamp, ok := h.one("x-slack-request-timestamp")
		if !ok || !recent(stamp, now) {
			return unsigned("its time is missing or too far from now")
		}
		return single(h, "x-slack-signature", "v0=", "hex", sum(key, []byte("v0:"), []byte(stamp), []byte(":"), body))
	case Stripe:
		return verifyStripe(key, h, body, now)
	case Standard:
		return verifyStandard(key, h, body, now)
	case Token:
		return verifyToken(s, key, h)
	}
	return unsigned("its kind of sender is not known")
}

func unsigned(why string) error {
	return engine.E(engine.Unsigned, "The delivery is not signed as it should be: {why}", "why", why).
		WithHint("Check that both sides have the same secret.")
}

func sum(key string, parts ...[]byte) []byte {
	m := hmac.New(sha256.New, []byte(key))
	for _, p := range parts {
		m.Write(p)
	}
	return m.Sum(nil)
}

// single checks one signature in one header: prefix, then hex or base64 of exactly 32 bytes.
func single(h Headers, header, prefix, encoding string, want []byte) error {
	text, ok := h.one(header)
	if !ok {
		return unsigned("its signature is missing, or there twice")
	}
	text, ok = strings.CutPrefix(text, prefix)
	if !ok {
		return unsigned("its signature is of another kind")
	}
	if !equal(text, encoding, want) {
		return unsigned("its signature is wrong")
	}
	return nil
}

// equal compares a signature in constant time. The encoding is strict: one signature has one spelling, apart from
// the case of hex digits.
func equal(text, encoding string, want []byte) bool {
	var got []byte
	var err error
	if encoding == "base64" {
		got, err = base64.StdEncoding.Strict().DecodeString(text)
		if strings.ContainsAny(text, "\r\n") {
			return false
		}
	} else {
		got, err = hex.DecodeString(text)
	}
	return err == nil && hmac.Equal(got, want)
}

// recent reports whether a time in seconds lies within Window of now.
func recent(stamp string, now time.Time) bool {
	n, err := strconv.ParseInt(stamp, 10, 64)
	if err != nil || n < 0 || len(stamp) > 12 || strconv.FormatInt(n, 10) != stamp {
		return false
	}
	d := now.Sub(time.Unix(n, 0))
	return d <= Window && d >= -Window
}

func verifyStripe(key string, h Headers, body []byte, now time.Time) error {
	header, ok := h.one("stripe-signature")
	if !ok {
		return unsigned("its signature is missing, or there twice")
	}
	stamp, signatures := "", []string{}
	for part := range strings.SplitSeq(header, ",") {
		name, value, _ := strings.Cut(strings.TrimSpace(part), "=")
		switch name {
		case "t":
			if stamp != "" {
				return unsigned("its time is there twice")
			}
			stamp = value
		case "v1": // other schemes, v0 among them, are for tests and prove nothing
			signatures = append(signatures, value)
		}
	}
	if !recent(stamp, now) {
		return unsigned("its time is missing or too far from now")
	}
	return anyOf(signatures, "hex", sum(key, []byte(stamp), []byte("."), body))
}

func verifyStandard(key string, h Headers, body []byte, now time.Time) error {
	raw, err := base64.StdEncoding.DecodeString(strings.TrimPrefix(key, "whsec_"))
	if err != nil || len(raw) == 0 {
		return unsigned("the stored secret is not of this kind (whsec_ and base64)")
	}
	id, ok := h.one("webhook-id")
	if !ok {
		return unsigned("its id is missing")
	}
	stamp, ok := h.one("webhook-timestamp")
	if !ok || !recent(stamp, now) {
		return unsigned("its time is missing or too far from now")
	}
	header, ok := h.one("webhook-signature")
	if !ok {
		return unsigned("its signature is missing, or there twice")
	}
	var signatures []string
	for part := range strings.SplitSeq(header, " ") {
		if version, value, _ := strings.Cut(part, ","); version == "v1" {
			signatures = append(signatures, value)
		}
	}
	return anyOf(signatures, "base64", sum(string(raw), []byte(id), []byte("."), []byte(stamp), []byte("."), body))
}

func anyOf(signatures []string, encoding string, want []byte) error {
	if len(signatures) == 0 {
		return unsigned("its signature is of another kind")
	}
	held := false
	for i, s := range signatures {
		if i == maxSignatures {
			break
		}
		held = equal(s, encoding, want) || held
	}
	if !held {
		return unsigned("its signature is wrong")
	}
	return nil
}

// verifyToken compares a shared secret; in Authorization it stands after "Bearer". Both are hashed first, so that
// not even the length shows in the time taken.
func verifyToken(s Sender, key string, h Headers) error {
	text, ok := h.one(s.Header)
	if !ok {
		return unsigned("its token is missing, or there twice")
	}
	if s.Header == "authorization" {
		scheme, token, found := strings.Cut(text, " ")
		if !found || !strings.EqualFold(scheme, "bearer") {
			return unsigned("its token is of another kind")
		}
		text = token
	}
	got, want := sha256.Sum256([]byte(text)), sha256.Sum256([]byte(key))
	if subtle.ConstantTimeCompare(got[:], want[:]) != 1 {
		return unsigned("its token is wrong")
	}
	return nil
}

// SignatureHeaders are the headers that prove a delivery: they are of no use to a flow and are not kept.
func (s Sender) SignatureHeaders() []string {
	names := []string{"x-hub-signature", "x-hub-signature-256", "stripe-signature", "x-slack-signature", "webhook-signature"}
	if s.Header != "" {
		names = append(names, s.Header)
	}
	return names
}

// Sign makes the headers with which a delivery of this kind would come, for `bretelle hook send` and tests. id is
// the delivery's id; kinds that carry it in the body leave it out. The error is Invalid: the secret does not fit.
func Sign(s Sender, secret engine.Secret, id string, body []byte, now time.Time) (map[string]string, error) {
	key, stamp := secret.Reveal(), strconv.FormatInt(now.Unix(), 10)
	h := map[string]string{}
	if name := s.idHeader(); name != "" && id != "" {
		h[name] = id
	}
	switch s.Kind {
	case GitHub:
		h["x-hub-signature-256"] = "sha256=" + hex.EncodeToString(sum(key, body))
	case HMAC:
		h[s.Header] = s.Prefix + hex.EncodeToString(sum(key, body))
		if s.Encoding == "base64" {
			h[s.Header] = s.Prefix + base64.StdEncoding.EncodeToString(sum(key, body))
		}
	case Slack:
		h["x-slack-request-timestamp"] = stamp
		h["x-slack-signature"] = "v0=" + hex.EncodeToString(sum(key, []byte("v0:"+stamp+":"), body))
	case Stripe:
		h["stripe-signature"] = "t=" + stamp + ",v1=" + hex.EncodeToString(sum(key, []byte(stamp+"."), body))
	case Standard:
		raw, err := base64.StdEncoding.DecodeString(strings.TrimPrefix(key, "whsec_"))
		if err != nil || len(raw) == 0 {
			return nil, engine.E(engine.Invalid, "The secret is not of this kind").WithHint("It reads whsec_ and base64.")
		}
		h["webhook-timestamp"] = stamp
		h["webhook-signature"] = "v1," + base64.StdEncoding.EncodeToString(sum(string(raw), []byte(id+"."+stamp+"."), body))
	case Token:
		h[s.Header] = key
		if s.Header == "authorization" {
			h[s.Header] = "Bearer " + key
		}
	}
	return h, nil
}
