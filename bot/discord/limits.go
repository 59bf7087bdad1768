package discord

import "github.com/bretelle/bretelle/prompts"

// Limits is what Discord can show. Sources: discord.com/developers/docs, "Message", "Embed limits", "Component
// reference", "Modals". Text of a card is kept under half of an embed's 4,096 characters, as escaping may double it.
// A field's name stands in a custom id of 100 characters beside a token.
func Limits() prompts.Limits {
	return prompts.Limits{
		Name: "discord", CardText: 1800, BlockText: 900, Blocks: 30, Title: 250,
		Buttons: 25, ButtonsARow: 5, ButtonLabel: 80, MenuOptions: 25, OptionLabel: 100,
		FormTitle: 45, FormFields: 5, FieldLabel: 45, FieldHelp: 100, FieldValue: 4000, FormSelects: true,
		FieldName: 60, OptionValue: 100, FormButtons: 15,
	}
}

// What Discord's schema does not say, or says differently.
const (
	contentMost     = 2000
	descriptionMost = 4096
	customIDMost    = 100
	placeholderMost = 100
	inputMost       = 4000
	choicesMost     = 25 // options of one list
	rowsMost        = 5  // of buttons and menus below a message
	introMost       = 600
)
