package discord

import (
	"strings"

	discord "github.com/bwmarrin/discordgo"

	"github.com/bretelle/bretelle/bot"
	"github.com/bretelle/bretelle/engine"
	"github.com/bretelle/bretelle/prompts"
)

// OwnCommands are flows' own commands as a guild wants to know them, for guilds that opt in: /oncall with an option for
// each parameter. None is required there, because what is missing is asked for in a dialog, with better words. Discord
// allows a guild 100 commands and a command 25 options; those beyond are left out, and can still be typed as
// "/flow oncall". Each name is there once.
func OwnCommands(list []bot.Starter) []*discord.ApplicationCommand {
	var out []*discord.ApplicationCommand
	seen := map[string]bool{}
	for _, s := range list {
		if s.Command == "" || seen[s.Command] || len(out) == guildCommandsMost {
			continue
		}
		seen[s.Command] = true
		c := &discord.ApplicationCommand{Type: discord.ChatApplicationCommand, Name: s.Command, Description: about(s.About, "/"+s.Command)}
		names := map[string]bool{}
		for _, f := range s.Fields.Fields {
			if name := strings.ToLower(f.Name); len(c.Options) < choicesMost && len(name) <= 32 && !names[name] {
				names[name] = true
				c.Options = append(c.Options, ownOption(name, f))
			}
		}
		out = append(out, c)
	}
	return out
}

// guildCommandsMost is how many commands an app may have in a guild.
const guildCommandsMost = 100

// about is a description, which Discord wants in every place.
func about(text, otherwise string) string {
	if strings.TrimSpace(text) == "" {
		return otherwise
	}
	return prompts.Cut(label(text), 100) // cleaning makes it longer
}

func ownOption(name string, f engine.Field) *discord.ApplicationCommandOption {
	o := &discord.ApplicationCommandOption{Type: discord.ApplicationCommandOptionString, Name: name, Description: about(f.Doc, about(f.Title, name))}
	switch {
	case f.Type == "boolean":
		o.Type = discord.ApplicationCommandOptionBoolean
	case f.Type == "number" || f.Type == "integer":
		o.Type = discord.ApplicationCommandOptionNumber
	default:
		o.Choices = ownChoices(f)
	}
	return o
}

// ownChoices are a field's values to choose from; none where Discord cannot carry them all, which has the value typed: one
// that Discord refuses would take all commands of the guild with it.
func ownChoices(f engine.Field) []*discord.ApplicationCommandOptionChoice {
	if len(f.Enum) > choicesMost {
		return nil
	}
	var out []*discord.ApplicationCommandOptionChoice
	names, values := map[string]bool{}, map[string]bool{}
	for i, v := range f.Enum {
		shown := v
		if i < len(f.Titles) && f.Titles[i] != "" {
			shown = f.Titles[i]
		}
		shown = prompts.Cut(label(shown), 100)
		if v == "" || prompts.Cut(v, 100) != v || names[shown] || values[v] {
			return nil
		}
		names[shown], values[v] = true, true
		out = append(out, &discord.ApplicationCommandOptionChoice{Name: shown, Value: v})
	}
	return out
}
