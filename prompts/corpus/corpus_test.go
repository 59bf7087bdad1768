package corpus_test

import (
	"flag"
	"testing"

	"github.com/bretelle/bretelle/prompts"
	"github.com/bretelle/bretelle/prompts/corpus"
)

var update = flag.Bool("update", false, "write golden files")

// The plain text of every card is reviewed as text, one file a language.
func TestPlainGoldens(t *testing.T) {
	for _, lang := range corpus.Langs() {
		var out []corpus.Drawn
		for _, x := range corpus.Cards(lang) {
			if x.Card.Text == "" {
				t.Errorf("%s has no text for notifications", x.Name)
			}
			out = append(out, corpus.Drawn{Name: x.Name, Text: prompts.PlainCard(prompts.Fit(x.Card, prompts.Limits{}))})
		}
		for _, x := range corpus.Forms(lang) {
			out = append(out, corpus.Drawn{Name: x.Name, Text: prompts.PlainForm(prompts.FitForm(x.Form, prompts.Limits{}))})
		}
		corpus.Goldens(t, "testdata/"+lang+".golden", out, *update)
	}
}
