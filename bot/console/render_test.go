package console

import (
	"flag"
	"regexp"
	"strings"
	"testing"

	"github.com/bretelle/bretelle/prompts"
	"github.com/bretelle/bretelle/prompts/corpus"
)

var updateGoldens = flag.Bool("update", false, "write golden files")

func renderLimits() prompts.Limits { return (*Console)(nil).Limits() }

func TestRenderGoldens(t *testing.T) {
	for _, lang := range corpus.Langs() {
		var out []corpus.Drawn
		for _, x := range corpus.Cards(lang) {
			out = append(out, corpus.Drawn{Name: x.Name, Text: string(RenderCard(prompts.Fit(x.Card, renderLimits())))})
		}
		for _, x := range corpus.Forms(lang) {
			out = append(out, corpus.Drawn{Name: x.Name, Text: string(RenderForm(prompts.FitForm(x.Form, renderLimits())))})
		}
		corpus.Goldens(t, "testdata/render-"+lang+".golden", out, *updateGoldens)
	}
}

var tag = regexp.MustCompile(`(?i)<\s*/?\s*([a-z0-9]+)|\son[a-z]+\s*=|\sstyle\s*=|javascript:`)

// Whatever a text says, the page has only the tags of the template, no handler, no style, no script.
func TestRenderHostile(t *testing.T) {
	ours := " article h3 p pre dl dt dd span strong code time hr div form button a input label select option textarea h2 abbr fieldset legend small datalist output noscript svg title desc rect polyline path text "
	check := func(what, html string) {
		if html == "" {
			t.Errorf("%s: nothing was drawn", what)
		}
		for _, m := range tag.FindAllStringSubmatch(attributeless(html), -1) {
			if m[1] == "" || !strings.Contains(ours, " "+strings.ToLower(m[1])+" ") {
				t.Errorf("%s: %q in the page", what, m[0])
			}
		}
		for _, r := range "\u202e\u2066\u200b\u2060\ufeff\u00ad\x1b\x07\x7f\u009b" {
			if strings.ContainsRune(html, r) && !strings.Contains(html, "<textarea") && !strings.Contains(html, "<input id") {
				t.Errorf("%s: hidden character %U", what, r)
			}
		}
	}
	for _, text := range corpus.Attacks(1) {
		for _, card := range corpus.HostileCards("en", text) {
			check(text[:min(len(text), 30)], string(RenderCard(card)))
		}
		for _, form := range corpus.HostileForms("en", text) {
			check(text[:min(len(text), 30)], string(RenderForm(form)))
		}
	}
}

var quoted = regexp.MustCompile(`"[^"]*"`)
var between = regexp.MustCompile(`>[^<]*<`)

// attributeless is the tags alone: texts and quoted values are data, and cannot hold < or " unescaped.
func attributeless(html string) string {
	return quoted.ReplaceAllString(between.ReplaceAllString(html, "><"), `""`)
}
