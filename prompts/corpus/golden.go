package corpus

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// Drawn is a corpus item as a surface shows it.
type Drawn struct{ Name, Text string }

// Goldens compares what a surface draws with the golden file, item by item: one that has no golden, and a golden
// without item, fail. With update it writes the file.
func Goldens(t testing.TB, file string, items []Drawn, update bool) {
	t.Helper()
	seen := map[string]bool{}
	var all strings.Builder
	for _, x := range items {
		if seen[x.Name] {
			t.Errorf("%s is drawn twice", x.Name)
		}
		seen[x.Name] = true
		all.WriteString(mark + x.Name + "\n" + x.Text + "\n\n")
	}
	if update {
		if err := os.MkdirAll(filepath.Dir(file), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(file, []byte(all.String()), 0o644); err != nil {
			t.Fatal(err)
		}
		return
	}
	data, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	want := map[string]string{}
	for _, part := range strings.Split("\n\n"+string(data), "\n\n"+mark)[1:] {
		name, text, _ := strings.Cut(part, "\n")
		want[name] = strings.TrimSuffix(text, "\n\n")
	}
	for _, x := range items {
		w, ok := want[x.Name]
		switch {
		case !ok:
			t.Errorf("%s has no golden in %s", x.Name, file)
		case w != x.Text:
			t.Errorf("%s differs from %s; look at the change with -update and git diff\n got: %s\nwant: %s", x.Name, file, x.Text, w)
		}
		delete(want, x.Name)
	}
	for name := range want {
		t.Errorf("%s is in %s, but not in the corpus", name, file)
	}
}

const mark = "=== "
