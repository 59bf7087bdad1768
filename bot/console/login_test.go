package console

import (
	"net/http/httptest"
	"testing"
)

// One machine has as many IPv6 addresses as it likes; they count as one when guesses are counted.
func TestGuessesAreCountedByNetwork(t *testing.T) {
	for addr, want := range map[string]string{
		"192.0.2.7:1234":            "192.0.2.7",
		"[::ffff:192.0.2.7]:1234":   "192.0.2.7",
		"[2001:db8:1:2:3:4:5:6]:99": "2001:db8:1:2::/64",
		"[2001:db8:1:2::9]:1":       "2001:db8:1:2::/64",
		"[2001:db8:1:3::9]:1":       "2001:db8:1:3::/64",
		"[fe80::1%eth0]:1":          "fe80::/64",
		"odd":                       "odd",
	} {
		r := httptest.NewRequest("POST", "/login/x", nil)
		r.RemoteAddr = addr
		if got := remote(r); got != want {
			t.Errorf("%s counts as %s, wanted %s", addr, got, want)
		}
	}
}
