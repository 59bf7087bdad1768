package discord_test

import (
	"encoding/json"
	"strings"
	"testing"

	discordgo "github.com/bwmarrin/discordgo"

	"github.com/bretelle/bretelle/bot"
	"github.com/bretelle/bretelle/bot/discord"
	"github.com/bretelle/bretelle/engine/flow"
)

func TestOwnCommands(t *testing.T) {
	s, bad := flow.FormSchema([]any{
		map[string]any{"name": "Who", "required": true, "help": strings.Repeat("long ", 40)},
		map[string]any{"name": "prio", "type": "number"}, map[string]any{"name": "now", "type": "check"},
		map[string]any{"name": "size", "options": []any{map[string]any{"value": "s", "label": "Small"}, "m"}},
	})
	if bad != nil {
		t.Fatal(bad)
	}
	got := discord.OwnCommands([]bot.Starter{{Flow: "a", Command: "oncall", Fields: s}, {Flow: "b", Command: "oncall", Fields: s}, {Flow: "c", Fields: s}})
	if len(got) != 1 || got[0].Name != "oncall" || got[0].Description == "" || len(got[0].Options) != 4 {
		t.Fatalf("%+v", got)
	}
	for i, want := range []struct {
		name string
		kind discordgo.ApplicationCommandOptionType
	}{{"who", discordgo.ApplicationCommandOptionString}, {"prio", discordgo.ApplicationCommandOptionNumber}, {"now", discordgo.ApplicationCommandOptionBoolean}, {"size", discordgo.ApplicationCommandOptionString}} {
		o := got[0].Options[i]
		if o.Name != want.name || o.Type != want.kind || o.Required || o.Description == "" || len([]rune(o.Description)) > 100 {
			t.Errorf("%+v", o)
		}
	}
	if b, err := json.Marshal(got[0].Options[3].Choices); err != nil || !strings.Contains(string(b), `"name":"Small"`) || !strings.Contains(string(b), `"value":"s"`) {
		t.Errorf("%s %v", b, err)
	}
}
