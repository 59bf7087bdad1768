package bot_test

import (
	"slices"
	"testing"
)

func TestMemberOf(t *testing.T) {
	w := newWorld(t)
	for who, want := range map[string][]string{
		w.ids["bob"]: {"@triage", "@bob"}, w.ids["mia"]: nil, "nobody": nil, "": nil,
	} {
		got, err := w.bot.MemberOf(t.Context(), who, []string{"@triage", "@bob", "@nothing"})
		if err != nil || !slices.Equal(got, want) {
			t.Errorf("%q is in %q (%v), want %q", who, got, err, want)
		}
	}
}
