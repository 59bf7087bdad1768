package corpus_test

import (
	"flag"
	"os"
	"path/filepath"
	"testing"

	"github.com/bretelle/bretelle/prompts"
	"github.com/bretelle/bretelle/prompts/corpus"
)

var update = flag.Bool("update", false, "write golden files")

// The plain text of every card is reviewed as text, one file a language.
func TestPlainGoldens(t *testing.T) {
	for _, lang := range corpus.Langs() {
		var out []byte
		seen := map[string]bool{}
		add := func(name, s string) {
			if seen[name] {
				t.Errorf("%s is in the corpus twice", name)
			}
			seen[name] = true
			out = append(out, "=== "+name+"\n"+s+"\n\n"...)
		}
		for _, x := range corpus.Cards(lang) {
			if x.Card.Text == "" {
				t.Errorf("%s has no text for notifications", x.Name)
			}
			add(x.Name, prompts.PlainCard(prompts.Fit(x.Card, prompts.Limits{})))
		}
		for _, x := range corpus.Forms(lang) {
			add(x.Name, prompts.PlainForm(prompts.FitForm(x.Form, prompts.Limits{})))
		}
		file := filepath.Join("testdata", lang+".golden")
		if *update {
			if err := os.MkdirAll("testdata", 0o755); err != nil {
				t.Fatal(err)
			}
			if err := os.WriteFile(file, out, 0o644); err != nil {
				t.Fatal(err)
			}
			continue
		}
		want, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		if string(want) != string(out) {
			t.Errorf("%s differs; look at the change with -update and git diff", file)
		}
	}
}
