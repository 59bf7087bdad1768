package discord

import (
	"testing"

	"github.com/santhosh-tekuri/jsonschema/v6"

	"github.com/bretelle/bretelle/bot/discord/discordspec"
)

func units(s string) int { return discordspec.Units(s) }

func compiler(t testing.TB) func(string) *jsonschema.Schema {
	t.Helper()
	return discordspec.Compiler(t)
}

func short(t testing.TB, what, s string, most int) { t.Helper(); discordspec.Short(t, what, s, most) }

func checkText(t testing.TB, s string) { t.Helper(); discordspec.Text(t, s) }
