package contact

import (
	"slices"
	"strings"
	"testing"
	"unicode/utf8"
)

// What is written is read back; lines are folded; what is not a card is nothing.
func FuzzCard(f *testing.F) {
	f.Add("Ada; King\\, \n", "BEGIN:VCARD\nNOTE:a\\\n b\nEND:VCARD")
	f.Add(strings.Repeat("é", 100), "BEGIN:VCARD")
	f.Fuzz(func(t *testing.T, note, text string) {
		in := Input{Name: "Ada", Email: "a@x.org", Note: note}
		written := fresh(in, "u").text()
		for l := range strings.Lines(written) {
			if len(l) > 77 || !strings.HasSuffix(l, "\r\n") || !utf8.ValidString(l) {
				t.Fatalf("line %q", l)
			}
		}
		c := parse(written)
		if c == nil || !c.has("EMAIL", "A@x.org") {
			t.Fatalf("not read back: %q", written)
		}
		if again, more := complete(c, in); more {
			t.Errorf("completed twice: %q", again.text())
		}
		if c := parse(text); c != nil {
			if back := parse(c.text()); !slices.Equal(back, c) && !strings.ContainsAny(strings.Join(c, ""), "\r") {
				t.Errorf("%q became %q", c, back)
			}
		}
	})
}
