// Package slacktest is Slack's client, as far as dialogs go: it shows what the bot answers and sends the frames that
// Slack would send for what a person does.
//
//	Command, Set, Press, Save ─▶ frame ─▶ slack.Take(handler) ─▶ acknowledgement and call ─▶ windows, messages
//
// It behaves where Slack is peculiar: a block id that it knows keeps what was typed into it, an answer to an older
// state of a window is refused, a trigger opens one window, three windows lie on each other at most, errors name
// blocks that are there. What Slack would refuse fails the test.
package slacktest
