// Package discord shows cards and dialogs on Discord and reads what people do there.
//
//	prompts.Card ─▶ Message ─▶ embed, components ─▶ Post (REST) ─▶ Discord
//	prompts.Form ─▶ Modals, sheet ─▶ dialog, message ─▶ Respond (interaction callback) ─▶
//
//	Discord ─▶ gateway, socket after socket ─▶ event ─┬▶ message, reaction, join: keep ─▶ counts as seen ─▶ lane ─▶ Handler
//	           (or HTTP, signed: Handler)             └▶ interaction: keep its id ─▶ Handler ─▶ answer, within 3 s
//	                                                        slow: acknowledge ─▶ … ─▶ answer follows
//
// Why a gateway of our own and not the SDK's: discordgo 0.29 counts an event as seen before anybody could store it,
// cannot resume after a restart (no resume address, the session is not kept), notices a silent socket after five
// heartbeats, over three minutes, and may hang in Open holding its lock. Ours (gateway, gateway_socket) advances its
// number only past what the inbox has, in order; keeps session, number and address through restarts; leaves a socket
// whose pings (package pulse) nobody answers any more, within four seconds, or whose heartbeat, within ten; and comes back within a moment, from failure to failure later,
// at most every 30 s. It asks only for the intents that are switched on, and ends, rather than trying for ever, where
// only a person can help. One shard is all it does: enough for 2,500 servers, Discord's own bound.
//
// Why an interaction is not worked again after a crash: its answer is its acknowledgement, and who waited for it has
// been told that nothing came. Its id is kept, so that it is done once; its token never is. One that a resume brings is
// acknowledged first, and not done when Discord says that nobody waits. A dialog cannot follow an acknowledgement: a
// message with [Open it now] does. Nothing follows after 15 minutes: then the person is told in direct messages.
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
// always closed but for the ids of Mention spans that ping. A card's picture goes along as a file, with its words as the
// description; an edit sends it again only when it is another one.
//
// What goes out is REST of our own (api) with the SDK's types: the SDK sends a channel's messages one by one under a
// lock, sleeps through limits whatever the context says, and loses the status of an answer that is no JSON. Ours asks
// nothing before its time: a route that is known to be used up is Throttled at once. Interactions go without the bot's
// token. A thread is the reference of the message it begins with; in direct messages, which have none, that is a reply.
// At most one card for one thing: a nonce for some minutes (of card and channel), after a restart a look at the
// channel's last messages (before), by a mark in the first row of buttons.
//
// What is shown once, a secret, stands in a dialog (told), in an input that is filled already, because a dialog's text
// cannot be copied everywhere; beside a submission, which no dialog may follow, nothing is told that was not asked for
// by a button. discordtest is a whole Discord with faults, and people before it, for tests.
package discord
