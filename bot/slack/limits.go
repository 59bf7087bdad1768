package slack

import "github.com/bretelle/bretelle/prompts"

// Limits is what Slack can show. Sources: the reference pages of Block Kit (blocks, composition objects, block
// elements) and of views. Card text is kept well under the 40,000 characters at which messages are cut, because
// escaping can make five characters of one.
func Limits() prompts.Limits {
	return prompts.Limits{
		Name: "slack", CardText: 7500, BlockText: 2900, Blocks: 40, Title: 250,
		Buttons: 25, ButtonsARow: 5, ButtonLabel: 75, MenuOptions: 100, OptionLabel: 75,
		FormTitle: 24, FormFields: 40, FieldLabel: 150, FieldHelp: 300, FieldValue: 3000,
		FieldErrors: true, FormFromForm: true, FormSelects: true,
	}
}
