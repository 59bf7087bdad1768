package flow_test

import (
	"testing"

	"github.com/bretelle/bretelle/engine/flow"
)

func TestShortened(t *testing.T) {
	for said, want := range map[string]string{"3 days": "3d", "1 hour and 30 minutes": "1h30m", "3 jours": "3d", "2 Weeks": "2w", "90 s": "90s", "10 min.": "10m",
		"3d": "3d", "3": "3", "": "", "days": "days", "3 moons": "3 moons", "-3 days": "-3 days", "3 3 days": "3 3 days", "{{ event.body.wait }}": "{{ event.body.wait }}"} {
		if got := flow.Shortened(said); got != want {
			t.Errorf("%q gives %q, not %q", said, got, want)
		}
	}
}
