// Package discord shows cards and dialogs on Discord and reads what people do there.
//
//	prompts.Card ─▶ Message ─▶ embed, components ─▶ Post (REST, through discordgo) ─▶ Discord
//	prompts.Form ─▶ Pages   ─▶ modal             ─▶ Respond (interaction callback)  ─▶
//	Discord ─▶ interaction, raw JSON ─▶ Decode ─▶ bot.In ─▶ Handler ─▶ bot.Reply ─▶ Respond
//
// Why raw JSON: discordgo 0.29 decodes a submission that holds a component it does not know to nothing.
//
// What Discord forces: a dialog has five inputs and must be the first answer; no dialog follows a dialog; no errors
// stand under fields. So a long form is a private message with [Fill in 1/2], [Fill in 2/2], and a wrong answer is a
// private message with [Fix it]. These buttons come back as a press of the form's token whose Value is "page 1/2" or
// "again": the handler answers with the same form, filled with what was typed, and Respond shows that page of it. A
// page's submission has the Value "page 1/2" too, and only that page's fields.
//
// Markdown of texts from outside is escaped with backslashes; an embed notifies nobody, and allowed_mentions is
// always closed but for the ids of Mention spans that ping.
package discord
