package console

import (
	"flag"
	"html"
	"regexp"
	"strings"
	"testing"

	"github.com/bretelle/bretelle/prompts"
	"github.com/bretelle/bretelle/prompts/corpus"
)

// Attacks by text number thousands with it; see corpus.Attacks.
var _ = flag.Bool("long", false, "also try thousands of hostile texts")

var anyTag = regexp.MustCompile(`<[^>]*>`)

// A-8, the other way round: what the page shows is the text that was meant, cleaned and whole, and its links lead
// nowhere but where ours do.
func TestWhatIsShownIsWhatWasMeant(t *testing.T) {
	squeeze := func(s string) string { return strings.Join(strings.Fields(s), "") }
	for _, text := range corpus.Attacks(2) {
		line := prompts.Line{{Text: text}}
		page := string(RenderCard(prompts.Card{Key: "k", Text: "x", Blocks: []prompts.Block{prompts.Para{Line: line}, prompts.Pre{Text: text}, prompts.Note{Line: line},
			prompts.Facts{Facts: []prompts.Fact{{Label: text, Value: prompts.Line{{Kind: prompts.Strong, Text: text}}}}}}}))
		got, want := squeeze(html.UnescapeString(anyTag.ReplaceAllString(page, " "))), squeeze(prompts.Clean(text))
		if want != "" && strings.Count(got, want) < 5 {
			t.Errorf("shown is %q, meant was %q five times", got, want)
		}
		link := string(RenderCard(prompts.Card{Key: "k", Text: "x", Blocks: []prompts.Block{prompts.Para{Line: prompts.Line{{Kind: prompts.Link, Text: "here", URL: text}}}}}))
		if m := regexp.MustCompile(`href="([^"]*)"`).FindStringSubmatch(link); m != nil && !prompts.Linkable(html.UnescapeString(m[1])) {
			t.Errorf("%q became a link to %q", text, m[1])
		}
	}
}
