package discord

import (
	"strings"
	"unicode"

	discord "github.com/bwmarrin/discordgo"

	"github.com/bretelle/bretelle/bot"
	"github.com/bretelle/bretelle/prompts"
)

// Registration is our commands as Discord wants to know them: one command whose plain verbs are sub-commands and
// whose groups are groups of them (discord.com/developers/docs, "Application Commands": 25 options at each level,
// names of 32 lower-case characters, descriptions of 100). What has a list of its own completes while typing. The
// bare command cannot be used there, so it is home's. Commands beyond the 25th of a level are left out: a test holds
// our grammar to that number.
func Registration(command string, cmds []bot.Command) []*discord.ApplicationCommand {
	root := &discord.ApplicationCommand{Type: discord.ChatApplicationCommand, Name: command}
	root.Description, root.DescriptionLocalizations = described("flows: what there is, build, test, run and mend")
	groups := map[string]*discord.ApplicationCommandOption{}
	for _, c := range cmds {
		verb := &discord.ApplicationCommandOption{Type: discord.ApplicationCommandOptionSubCommand, Name: c.Verb, Options: parameters(c)}
		text, local := described(c.Text)
		verb.Description, verb.DescriptionLocalizations = text, *local
		into := &root.Options
		if c.Group != "" {
			g := groups[c.Group]
			if g == nil && len(root.Options) < choicesMost {
				g = &discord.ApplicationCommandOption{Type: discord.ApplicationCommandOptionSubCommandGroup, Name: c.Group}
				text, local := described(groupText(c.Group))
				g.Description, g.DescriptionLocalizations = text, *local
				groups[c.Group] = g
				root.Options = append(root.Options, g)
			}
			if g == nil {
				continue
			}
			into = &g.Options
		}
		if len(*into) < choicesMost {
			*into = append(*into, verb)
		}
	}
	return []*discord.ApplicationCommand{root}
}

// groupText says what a group of commands is about; an id of a message that the grammar has, too.
func groupText(group string) string {
	if group == "version" {
		return "published versions: list, compare, roll back"
	}
	return "persons, roles, groups and channels"
}

// described is a description in English and French.
func described(text string) (string, *map[discord.Locale]string) {
	cut := func(s string) string { return prompts.Cut(label(s), 100) }
	return cut(text), &map[discord.Locale]string{discord.French: cut(prompts.T("fr", text, nil))}
}

// parameters are a command's arguments; those that must be there come first in our grammar, as Discord wants it.
func parameters(c bot.Command) []*discord.ApplicationCommandOption {
	var out []*discord.ApplicationCommandOption
	for _, a := range c.Args {
		o := &discord.ApplicationCommandOption{Type: discord.ApplicationCommandOptionString, Name: optionName(a), Required: !a.Optional,
			Description: label(prompts.Cut(a.Name, 100)), MaxLength: 2000}
		switch a.Kind {
		case bot.ArgText, bot.ArgRun:
		case bot.ArgLang:
			o.Choices = []*discord.ApplicationCommandOptionChoice{{Name: "English", Value: "en"}, {Name: "français", Value: "fr"}}
		default:
			o.Autocomplete = true
		}
		out = append(out, o)
	}
	return out
}

// optionName is an argument's name as Discord allows it: "#CHANNEL or FLOW" is channel-or-flow.
func optionName(a bot.Arg) string {
	words := strings.FieldsFunc(strings.ToLower(a.Name), func(r rune) bool { return !unicode.IsLetter(r) && !unicode.IsDigit(r) })
	name := strings.Join(words, "-")
	if name == "" {
		name = "text"
	}
	if r := []rune(name); len(r) > 32 {
		name = string(r[:32])
	}
	return name
}

// Shortcuts are the commands in the menu of a message: "Run a flow on this message" (docs, "Message Commands").
func Shortcuts() []*discord.ApplicationCommand {
	const name = "Run a flow on this message"
	return []*discord.ApplicationCommand{{Type: discord.MessageApplicationCommand, Name: name,
		NameLocalizations: &map[discord.Locale]string{discord.French: prompts.Cut(prompts.T("fr", name, nil), 32)}}}
}
