// Package slack shows cards and dialogs on Slack and reads what people do there.
//
//	prompts.Card ─▶ Message ─▶ Block Kit ─▶ Post (chat.postMessage, chat.update) ─▶ Slack
//	prompts.Form ─▶ Modal   ─▶ view      ─▶ Send (views.open, views.update)      ─▶
//	Slack ─▶ frame ─▶ Decode ─▶ bot.In ─▶ Handler ─▶ bot.Reply ─▶ Respond ─▶ Answer (acknowledgement and calls)
//
// Why rich text instead of mrkdwn: mrkdwn has no escape for * _ ~ and backticks, so a title from outside could draw
// bold words, strike through ours, or break out of a code span. Elements of a rich text block, and plain_text objects,
// are never parsed. Only two things are mrkdwn: a time token in small print, and the notification text, where & < >
// are escaped. Times are Slack's own tokens, shown in the reader's zone.
//
// Decode and Respond are pure: recorded frames are their tests. The socket that feeds them comes with the live
// connection; Listen says so.
package slack
