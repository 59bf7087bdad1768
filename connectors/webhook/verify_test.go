package webhook_test

import (
	"encoding/base64"
	"encoding/hex"
	"maps"
	"strings"
	"testing"
	"time"

	"github.com/bretelle/bretelle/connectors/webhook"
	"github.com/bretelle/bretelle/engine"
)

func sender(t testing.TB, with map[string]any) webhook.Sender {
	t.Helper()
	s, err := webhook.ParseSender(with)
	if err != nil {
		t.Fatal(err)
	}
	return s
}

func headers(m map[string]string) webhook.Headers {
	h := webhook.Headers{}
	for k, v := range m {
		h[k] = []string{v}
	}
	return h
}

// TestPublishedVectors are the examples in the senders' own documentation.
func TestPublishedVectors(t *testing.T) {
	for name, c := range map[string]struct {
		kind, secret, body string
		at                 int64
		h                  map[string]string
	}{
		"github": {"github", "It's a Secret to Everybody", "Hello, World!", 0, map[string]string{
			"x-hub-signature-256": "sha256=757107ea0eb2509fc211221cce984b8a37570b6d7586c22c46f4379c8b043e17"}},
		"slack": {"slack", "8f742231b10e8888abcd99yyyzzz85a5", "token=xyzz0WbapA4vBCDEFasx0q6G&team_id=T1DC2JH3J&team_domain=testteamnow&channel_id=G8PSS9T3V&channel_name=foobar&user_id=U2CERLKJA&user_name=roadrunner&command=%2Fwebhook-collect&text=&response_url=https%3A%2F%2Fhooks.slack.com%2Fcommands%2FT1DC2JH3J%2F397700885554%2F96rGlfmibIGlgcZRskXaIFfN&trigger_id=398738663015.47445629121.803a0bc887a14d10d2c447fce8b6703c", 1531420618, map[string]string{
			"x-slack-request-timestamp": "1531420618", "x-slack-signature": "v0=a2114d57b48eac39b9ad189dd8316235a7b4a8d21a10bd27519666489c69b503"}},
		"standard": {"standard-webhooks", "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw", `{"test": 2432232314}`, 1614265330, map[string]string{
			"webhook-id": "msg_p5jXN8AQM9LWM0D4loKWxJek", "webhook-timestamp": "1614265330", "webhook-signature": "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE="}},
	} {
		s := sender(t, map[string]any{"sender": c.kind, "secret": "x"})
		if err := webhook.Verify(s, engine.NewSecret(c.secret), headers(c.h), []byte(c.body), time.Unix(c.at, 0)); err != nil {
			t.Errorf("%s: %v", name, err)
		}
	}
}

// everySender are settings of each kind that signs, with a secret that fits.
func everySender(t testing.TB) map[string]webhook.Sender {
	return map[string]webhook.Sender{
		"github":   sender(t, map[string]any{"sender": "github", "secret": "x"}),
		"stripe":   sender(t, map[string]any{"sender": "stripe", "secret": "x"}),
		"slack":    sender(t, map[string]any{"sender": "slack", "secret": "x"}),
		"standard": sender(t, map[string]any{"sender": "standard-webhooks", "secret": "x"}),
		"hex":      sender(t, map[string]any{"sender": map[string]any{"kind": "hmac-sha256", "header": "X-Signature", "secret": "x"}}),
		"base64":   sender(t, map[string]any{"sender": map[string]any{"kind": "hmac-sha256", "header": "X-Sig", "prefix": "v=", "encoding": "base64", "secret": "x"}}),
		"bearer":   sender(t, map[string]any{"sender": "token", "secret": "x"}),
		"token":    sender(t, map[string]any{"sender": map[string]any{"kind": "token", "header": "X-Gitlab-Token"}, "secret": "x"}),
	}
}

const signingKey = "whsec_c2VjcmV0LWZvci10aGUtdGVzdHM="

// TestForgeries signs a delivery of each kind, sees it accepted, and then bends it in every way.
func TestForgeries(t *testing.T) {
	now := time.Unix(1_800_000_000, 0)
	body := []byte(`{"action":"opened","id":9007199254740993,"text":"a b"}`)
	secret := engine.NewSecret(signingKey)
	for name, s := range everySender(t) {
		t.Run(name, func(t *testing.T) {
			good, err := webhook.Sign(s, secret, "delivery-1", body, now)
			if err != nil {
				t.Fatal(err)
			}
			sig := map[webhook.Kind]string{webhook.GitHub: "x-hub-signature-256", webhook.Stripe: "stripe-signature", webhook.Slack: "x-slack-signature", webhook.Standard: "webhook-signature"}[s.Kind]
			if sig == "" {
				sig = s.Header
			}
			ok := func(what string, h webhook.Headers, b []byte, at time.Time) {
				t.Helper()
				if err := webhook.Verify(s, secret, h, b, at); err != nil {
					t.Errorf("%s: %v", what, err)
				}
			}
			no := func(what string, h webhook.Headers, b []byte, at time.Time) {
				t.Helper()
				err := webhook.Verify(s, secret, h, b, at)
				if engine.CodeOf(err) != engine.Unsigned {
					t.Errorf("%s was accepted (%v)", what, err)
				}
				if err != nil && strings.Contains(err.Error(), signingKey) {
					t.Errorf("%s: the secret is in the error", what)
				}
			}
			bend := func(f func(v string) string) webhook.Headers {
				h := maps.Clone(good)
				h[sig] = f(h[sig])
				return headers(h)
			}
			ok("as signed", headers(good), body, now)
			if s.Kind != webhook.Token {
				no("another body", headers(good), []byte(`{"action":"closed"}`), now)
				no("re-encoded", headers(good), []byte(`{"action": "opened","id":9007199254740993,"text":"a b"}`), now)
				no("newline added", headers(good), append(append([]byte{}, body...), '\n'), now)
				no("cut body", headers(good), body[:len(body)-1], now)
				no("no body", headers(good), nil, now)
			}
			no("nothing", webhook.Headers{}, body, now)
			no("empty", bend(func(string) string { return "" }), body, now)
			no("cut", bend(func(v string) string { return v[:len(v)-2] }), body, now)
			no("longer", bend(func(v string) string { return v + "00" }), body, now)
			no("one character off", bend(func(v string) string {
				c := byte('0')
				if v[len(v)-6] == c {
					c = '1'
				}
				return v[:len(v)-6] + string(c) + v[len(v)-5:]
			}), body, now)
			no("a space before", bend(func(v string) string { return " " + strings.ToUpper(v) + "x" }), body, now)
			twice := headers(good)
			twice[sig] = append(twice[sig], twice[sig][0])
			no("the header twice", twice, body, now)
			if other, err := webhook.Sign(s, engine.NewSecret("whsec_b3RoZXItc2VjcmV0"), "delivery-1", body, now); err != nil {
				t.Error(err)
			} else {
				no("another secret", headers(other), body, now)
			}
			bare := map[string]string{} // what somebody would send who guesses that no secret is set
			if s.Kind != webhook.Standard {
				if bare, err = webhook.Sign(s, engine.Secret{}, "delivery-1", body, now); err != nil {
					t.Error(err)
				}
			}
			if err := webhook.Verify(s, engine.Secret{}, headers(bare), body, now); engine.CodeOf(err) != engine.Unsigned {
				t.Error("an empty secret verifies")
			}
			if s.Kind == webhook.Stripe || s.Kind == webhook.Slack || s.Kind == webhook.Standard {
				ok("at the edge", headers(good), body, now.Add(webhook.Window))
				no("old", headers(good), body, now.Add(webhook.Window+time.Second))
				no("from the future", headers(good), body, now.Add(-webhook.Window-time.Second))
			}
		})
	}
}

func TestOtherAlgorithmsAndSeveralSignatures(t *testing.T) {
	now := time.Unix(1_800_000_000, 0)
	body, secret := []byte("{}"), engine.NewSecret(signingKey)
	all := everySender(t)
	sign := func(name string) map[string]string {
		h, err := webhook.Sign(all[name], secret, "id-1", body, now)
		if err != nil {
			t.Fatal(err)
		}
		return h
	}
	for _, c := range []struct {
		what, name, header string
		change             func(v string) string
		ok                 bool
	}{
		{"SHA-1 in GitHub's header", "github", "x-hub-signature-256", func(v string) string { return "sha1=" + v[7:47] }, false},
		{"no prefix", "github", "x-hub-signature-256", func(v string) string { return v[7:] }, false},
		{"two in one header", "github", "x-hub-signature-256", func(v string) string { return v + ", " + v }, false},
		{"hex in capitals", "github", "x-hub-signature-256", func(v string) string { return "sha256=" + strings.ToUpper(v[7:]) }, true},
		{"v0 is no proof", "stripe", "stripe-signature", func(v string) string { return strings.Replace(v, "v1=", "v0=", 1) }, false},
		{"an old secret's beside it", "stripe", "stripe-signature", func(v string) string { return strings.Replace(v, "v1=", "v1="+strings.Repeat("0", 64)+",v1=", 1) }, true},
		{"two times", "stripe", "stripe-signature", func(v string) string { return "t=1," + v }, false},
		{"no time", "stripe", "stripe-signature", func(v string) string { return v[strings.Index(v, "v1="):] }, false},
		{"the ninth of nine", "stripe", "stripe-signature", func(v string) string {
			return strings.Replace(v, "v1=", strings.Repeat("v1=00,", 8)+"v1=", 1)
		}, false},
		{"two, the second holds", "standard", "webhook-signature", func(v string) string { return "v1,AAAA v2,x " + v }, true},
		{"an asymmetric one alone", "standard", "webhook-signature", func(v string) string { return "v1a" + v[2:] }, false},
		{"Slack's other version", "slack", "x-slack-signature", func(v string) string { return "v1" + v[2:] }, false},
		{"time with a plus", "slack", "x-slack-request-timestamp", func(v string) string { return "+" + v }, false},
		{"time with a fraction", "slack", "x-slack-request-timestamp", func(v string) string { return v + ".5" }, false},
		{"basic instead of bearer", "bearer", "authorization", func(v string) string { return strings.Replace(v, "Bearer", "Basic", 1) }, false},
		{"bearer in small letters", "bearer", "authorization", func(v string) string { return strings.Replace(v, "Bearer", "bearer", 1) }, true},
		{"unpadded base64", "base64", "x-sig", func(v string) string { return strings.TrimRight(v, "=") }, false},
		{"base64 over two lines", "base64", "x-sig", func(v string) string { return v[:10] + "\n" + v[10:] }, false},
		{"hex where base64 is due", "base64", "x-sig", func(v string) string {
			raw, err := base64.StdEncoding.DecodeString(v[2:])
			if err != nil {
				t.Fatal(err)
			}
			return "v=" + hex.EncodeToString(raw)
		}, false},
	} {
		h := sign(c.name)
		h[c.header] = c.change(h[c.header])
		err := webhook.Verify(all[c.name], secret, headers(h), body, now)
		if (err == nil) != c.ok {
			t.Errorf("%s: %v", c.what, err)
		}
	}
	if err := webhook.Verify(webhook.Sender{Kind: "none"}, secret, nil, nil, now); engine.CodeOf(err) != engine.Unsigned {
		t.Error("an unknown kind verifies")
	}
}

func TestKey(t *testing.T) {
	all := everySender(t)
	own := sender(t, map[string]any{"sender": map[string]any{"kind": "token", "id": "X-Event-Id"}, "secret": "x"})
	body := map[string]any{"id": "evt_1", "event_id": "Ev1"}
	h := headers(map[string]string{"x-github-delivery": "g1", "webhook-id": "w1", "x-event-id": "e1"})
	for want, s := range map[string]webhook.Sender{"g1": all["github"], "w1": all["standard"], "evt_1": all["stripe"], "Ev1": all["slack"], "e1": own, "": all["hex"]} {
		if got := webhook.Key(s, h, body); got != want || s.Keyed() != (want != "") {
			t.Errorf("%s: key %q, keyed %v, wanted %q", s.Kind, got, s.Keyed(), want)
		}
	}
	if got := webhook.Key(all["github"], headers(map[string]string{"x-github-delivery": strings.Repeat("x", 201)}), nil); got != "" {
		t.Errorf("a long id is kept: %q", got)
	}
	if got := webhook.Key(all["stripe"], nil, []any{1}); got != "" {
		t.Errorf("a list has an id: %q", got)
	}
}

func TestSettings(t *testing.T) {
	kind := webhook.New().Triggers[0]
	for text, with := range map[string]map[string]any{
		`Did you mean "github"`:                   {"path": "a", "sender": "gihub", "secret": "x"},
		`Known are github, stripe`:                {"path": "a", "sender": "paypal", "secret": "x"},
		`needs a secret`:                          {"path": "a", "sender": "github"},
		`An unsigned sender has no secret`:        {"path": "a", "sender": "unsigned", "secret": "x"},
		`needs the header`:                        {"path": "a", "sender": "hmac-sha256", "secret": "x"},
		`has its own header`:                      {"path": "a", "sender": map[string]any{"kind": "github", "header": "X-A"}, "secret": "x"},
		`not the name of a header`:                {"path": "a", "sender": map[string]any{"kind": "token", "header": "X A"}, "secret": "x"},
		`not a setting of a sender. Did you mean`: {"path": "a", "sender": map[string]any{"kind": "token", "headr": "X-A"}, "secret": "x"},
		`must be text`:                            {"path": "a", "sender": map[string]any{"kind": 1}, "secret": "x"},
		`not an encoding`:                         {"path": "a", "sender": map[string]any{"kind": "hmac-sha256", "header": "x", "encoding": "hexx"}, "secret": "x"},
		`"../a" cannot be the end of an address`:  {"path": "../a", "sender": "unsigned"},
		`"a//b" cannot be the end of an address`:  {"path": "a//b", "sender": "unsigned"},
		`"a/.b" cannot be the end of an address`:  {"path": "a/.b", "sender": "unsigned"},
		`"a b" cannot be the end of an address`:   {"path": "a b", "sender": "unsigned"},
		"\"a\n\" cannot be the end of an address": {"path": "a\n", "sender": "unsigned"},
		`"/a" cannot be the end of an address`:    {"path": "/a", "sender": "unsigned"},
		`The sender is missing`:                   {"path": "a", "sender": nil},
	} {
		found := ""
		for _, err := range kind.Check(with) {
			found += err.Error() + "\n"
		}
		if !strings.Contains(found, text) || strings.Contains(found, "{") {
			t.Errorf("%v: %q, wanted %s", with, found, text)
		}
	}
	for _, with := range []map[string]any{
		{"path": "github-bugs", "sender": "github", "secret": "x"}, {"path": "a/b.c_d/1", "sender": "unsigned"},
		{"path": "a", "sender": map[string]any{"kind": "hmac-sha256", "header": "X-Signature", "secret": "y"}},
	} {
		if found := kind.Check(with); len(found) > 0 {
			t.Errorf("%v: %v", with, found)
		}
	}
	if kind.Keyed(map[string]any{"sender": "unsigned"}) || !kind.Keyed(map[string]any{"sender": "github", "secret": "x"}) {
		t.Error("Keyed")
	}
}

func FuzzVerify(f *testing.F) {
	for i := range 8 {
		f.Add(i, "sha256=00", "1800000000", []byte("{}"))
	}
	f.Add(1, "t=1800000000,v1=00,v1=", "", []byte(""))
	f.Add(3, "v1,AA== v1a,x", "1800000000", []byte("x"))
	now := time.Unix(1_800_000_000, 0)
	names := []string{"github", "stripe", "slack", "standard", "hex", "base64", "bearer", "token"}
	all := everySender(f)
	f.Fuzz(func(t *testing.T, which int, sig, stamp string, body []byte) {
		s := all[names[uint(which)%uint(len(names))]]
		h := webhook.Headers{"webhook-id": {"i"}, "webhook-timestamp": {stamp}, "x-slack-request-timestamp": {stamp}}
		for _, name := range s.SignatureHeaders() {
			h[name] = []string{sig}
		}
		err := webhook.Verify(s, engine.NewSecret(signingKey), h, body, now)
		if err == nil && !strings.Contains(sig, signingKey) {
			t.Fatalf("%s accepted %q", s.Kind, sig)
		}
		if err != nil && engine.CodeOf(err) != engine.Unsigned {
			t.Fatalf("%v", err)
		}
	})
}
