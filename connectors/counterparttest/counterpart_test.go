package counterparttest_test

import (
	"strings"
	"testing"

	"github.com/bretelle/bretelle/connectors/counterparttest"
)

// Each program starts, answers, and ends.
func TestPrograms(t *testing.T) {
	t.Run("mailpit", func(t *testing.T) {
		if list := counterparttest.Mailpit(t).Mails(t); len(list) != 0 {
			t.Errorf("it begins with %d mails", len(list))
		}
	})
	t.Run("dovecot", func(t *testing.T) {
		m := counterparttest.Dovecot(t)
		m.Stop()
		m.Start()
	})
	t.Run("radicale", func(t *testing.T) {
		if c := counterparttest.Radicale(t); c.Book == "" {
			t.Error("it has no book")
		}
	})
}

// The counterparts for Node.js start, too, and open no other interface than the loopback.
func TestNode(t *testing.T) {
	t.Run("bolt", func(t *testing.T) { counterparttest.Bolt(t, "secret") })
	t.Run("ed25519", func(t *testing.T) { counterparttest.Ed25519(t) })
	t.Run("twin", func(t *testing.T) {
		var about struct{ Rest, Guild string }
		counterparttest.Twin(t, "token").Do(t, "about", nil, &about)
		if !strings.HasPrefix(about.Rest, "http://") || about.Guild == "" {
			t.Errorf("it says of itself: %+v", about)
		}
	})
	t.Run("emulate", func(t *testing.T) { counterparttest.Emulate(t, map[string]any{"slack": map[string]any{}}) })
}
