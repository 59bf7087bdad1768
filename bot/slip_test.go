package bot

import "testing"

func TestSlip(t *testing.T) {
	for _, x := range []struct {
		typed, meant string
		want         bool
	}{
		{"pendng", "pending", true}, {"pendding", "pending", true}, {"pemding", "pending", true}, {"pedning", "pending", true},
		{"hello", "help", false}, {"hi", "home", false}, {"thanks", "runs", false}, {"pubish", "publish", true}, {"", "help", false}, {"pending", "", false},
	} {
		if got := slip(x.typed, x.meant); got != x.want {
			t.Errorf("%q, %q: %v", x.typed, x.meant, got)
		}
	}
}

func FuzzCommandIn(f *testing.F) {
	for _, s := range []string{"", "/", "/flow", "flow", "pendng", "table neww x", "admin lnk", "hello there", "/x y", "\x00", "admin  "} {
		f.Add(s)
	}
	b := &Bot{o: Options{Command: "flow"}}
	f.Fuzz(func(t *testing.T, s string) {
		if line, ok := b.commandIn(s); ok && line == "" {
			t.Errorf("%q is a command without words", s)
		}
	})
}
