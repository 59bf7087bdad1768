package console

import (
	"strings"
	"testing"

	"github.com/bretelle/bretelle/bot"
)

// Reactions are named where they are words and shown where they are signs, in one order.
func TestReactions(t *testing.T) {
	got := ""
	for _, r := range reactions(bot.Message{Reactions: map[string]int{"white_check_mark": 2, "👀": 1, "+1": 3}}) {
		got += r.Sign + " "
	}
	if strings.TrimSpace(got) != ":+1: :white_check_mark: 👀" {
		t.Errorf("got %q", got)
	}
}
