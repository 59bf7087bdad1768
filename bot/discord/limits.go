package discord

import "github.com/bretelle/bretelle/prompts"

// Limits is what Discord can show. Sources: discord.com/developers/docs, "Message", "Embed limits", "Component
// reference", "Modals". Text of a card is kept under half of an embed's 4,096 characters, as escaping may double it.
func Limits() prompts.Limits {
	return prompts.Limits{
		Name: "discord", CardText: 1800, BlockText: 900, Blocks: 20, Title: 250,
		Buttons: 25, ButtonsARow: 5, ButtonLabel: 80, MenuOptions: 25, OptionLabel: 100,
		FormTitle: 45, FormFields: 5, FieldLabel: 45, FieldHelp: 100, FieldValue: 4000,
	}
}

// What Discord's schema does not say, or says differently.
const (
	contentMost     = 2000
	descriptionMost = 4096
	customIDMost    = 100
	placeholderMost = 100
)
