// Package discord shows cards and dialogs on Discord and reads what people do there.
//
//	prompts.Card ─▶ Message ─▶ embed, components ─▶ Post (REST, through discordgo) ─▶ Discord
//	prompts.Form ─▶ Modals, sheet ─▶ dialog, message ─▶ Respond (interaction callback) ─▶
//	Discord ─▶ frame, raw JSON ─▶ Decode ─▶ bot.In ─▶ Handler ─▶ bot.Reply ─▶ Respond
//	           └─────────────────────────── Take ──────────────────────────┘
//
// Why raw JSON: discordgo 0.29 decodes a submission that holds a component it does not know to nothing. For the same
// reason dialogs are made of components of our own: labels around inputs, lists and switches.
//
// What Discord forces: a dialog has five inputs and must be the first answer; no dialog follows a dialog; nothing acts
// in one; no errors stand under fields; a list has 25 choices and takes a row of five. So a form that is not one plain
// dialog is a private message, a sheet: its fields by page with what stands in them and what their values give, a
// button for each page, the form's own buttons, and menus for what acts or has long lists (24 choices and "Search …";
// more rows than five come behind [More]). These come back as
//
//	press of the form's token    Value "page 1/2", "again": that page as a dialog · "more 2", "search NAME", "found NAME\nTEXT": the sheet
//	submission                   Value "page 1/2": that page's fields · "save": what was typed so far · "act NAME": a button or a menu
//	                             bot.ActTyped: what was typed into a dialog of a form that is sent from its sheet
//
// and the handler answers each with the same form, filled with what was typed. Everything from a sheet changes that
// message in place. A private answer and an error are messages beside it.
//
// Markdown of texts from outside is escaped with backslashes; an embed notifies nobody, and allowed_mentions is
// always closed but for the ids of Mention spans that ping. A picture is shown as its words until files are sent
// (PictureFile). discordtest is Discord's client, for tests.
package discord
