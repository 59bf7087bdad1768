package counterparttest_test

import (
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
