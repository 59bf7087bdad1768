package slack

import "github.com/bretelle/bretelle/prompts"

// Limits is what Slack can show. Sources: the reference pages of Block Kit (blocks, composition objects, block
// elements) and of views. Card text is kept well under the 40,000 characters at which messages are cut, because
// escaping can make five characters of one. A view has 100 blocks: forty inputs, each with a line below, the intro
// and the buttons stay under that.
func Limits() prompts.Limits {
	return prompts.Limits{
		Name: "slack", CardText: 7500, BlockText: 2900, Blocks: 40, Title: 250,
		Buttons: 25, ButtonsARow: 5, ButtonLabel: 75, MenuOptions: 100, OptionLabel: 75,
		FormTitle: 24, FormFields: 40, FieldLabel: 150, FieldHelp: 300, FieldValue: 3000, FieldErrors: true, FormFromForm: true, FormSelects: true,
		FieldName: 240, FormOptions: 2000, OptionValue: 150, FormButtons: 15,
	}
}

// What Slack's types do not say.
const (
	listMost        = 100 // options of one list, or of one group of a list
	placeholderMost = 150
	inputMost       = 3000
)
