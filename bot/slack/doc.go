// Package slack shows cards and dialogs on Slack and reads what people do there.
//
//	prompts.Card ─▶ Message ─▶ Block Kit ─▶ Post (chat.postMessage, chat.update) ─▶ Slack
//	prompts.Form ─▶ Modal   ─▶ view      ─▶ Send (views.open, views.update)      ─▶
//	Slack ─▶ frame ─▶ Decode ─▶ bot.In ─▶ Handler ─▶ bot.Reply ─▶ Respond ─▶ Answer (acknowledgement and calls)
//	         └────────────────────────── Take ──────────────────────────┘
//
// Why rich text instead of mrkdwn: mrkdwn has no escape for * _ ~ and backticks, so a title from outside could draw
// bold words, strike through ours, or break out of a code span. Elements of a rich text block, and plain_text objects,
// are never parsed. Only two things are mrkdwn: a time token in small print, and the notification text, where & < >
// are escaped. Times are Slack's own tokens, shown in the reader's zone.
//
// A dialog is one window from its first page to its last: what acts in it (its own buttons, a field whose choice
// decides what follows) updates it in place. An input whose value that changes gets a new block id, because Slack
// keeps what stands in a block it knows; an update names the state it answers, so that it overwrites none that is newer.
// What goes wrong, and what a button has to say, lies upon the window, and closing it leads back to what was typed.
// A list of more than a hundred choices comes in groups, one that is looked up asks while the person types. A form of
// more than forty fields is pages of one window. A picture is a file
// shown in the card; where Slack does not show it (yet), the card says it in words and the picture hangs in its thread.
//
// What goes out knows workspaces by their tokens (api.go), channels by name (channels.go) and people (people.go), each
// asked once and remembered for minutes; it never waits or tries again by itself:
//
//	Place ─▶ workspace (Tokens) ─▶ channel id ─▶ posted before? (past.go) ─▶ chat.postMessage ─▶ Ref "C0456/ts"
//	                                                                        └ not in the channel: joined, if it may
//
// Why the past is looked at: a crash between a post and its stored reference would post twice. Each card carries its key
// as metadata, and a channel is read once in a life, before the first card goes there. What the bot asks for is one
// list (scopes.go): the manifest is made of it, Check compares tokens with it, and a missing one is named with what does
// not work without it.
//
// Decode, Respond and Take have no network: recorded frames are their tests. What feeds them is inbound (receive.go):
//
//	socket ─┐                          ┌ submission, look-up: handled, the answer is the acknowledgement
//	HTTP ───┴▶ receive ─▶ Keep (inbox) ┤                                                        └▶ Send
//	                                   └ the rest: acknowledged ─▶ a lane ─▶ Take ─▶ Send (views, messages, response_url)
//
// Why one way for both: a delivery is the same one whichever way it came, how often, and in which life of the program;
// its id in the inbox decides. Sockets lie side by side, so that one carries on while another is replaced. The SDK
// opens them and names their frames, and the reading is ours: the SDK hides that Slack asks it to come back, would wait up
// to five minutes, and sends no pings. Ours (package pulse) know a dead socket within four seconds where Slack answers them;
// else its missing pings tell within a minute. What a crash left is worked off late: triggers are dead by then, so that a dialog becomes a message that offers
// it, and what is private goes into the direct messages once its response_url is too old.
package slack
