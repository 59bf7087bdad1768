package prompts_test

import (
	"testing"

	"github.com/bretelle/bretelle/prompts"
	"github.com/bretelle/bretelle/prompts/corpus"
)

// BenchmarkFit fits every card of the corpus to limits like Slack's and Discord's; one operation is all cards.
func BenchmarkFit(b *testing.B) {
	cards := corpus.Cards("en")
	for _, l := range []prompts.Limits{
		{Name: "wide", CardText: 7500, BlockText: 2900, Blocks: 40, Title: 250, Buttons: 25, ButtonsARow: 5, ButtonLabel: 75, MenuOptions: 100, OptionLabel: 75},
		{Name: "narrow", CardText: 1800, BlockText: 900, Blocks: 30, Title: 250, Buttons: 25, ButtonsARow: 5, ButtonLabel: 80, MenuOptions: 25, OptionLabel: 100},
	} {
		b.Run(l.Name, func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				for _, c := range cards {
					prompts.Fit(c.Card, l)
				}
			}
			b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N*len(cards)), "ns/card")
		})
	}
}
