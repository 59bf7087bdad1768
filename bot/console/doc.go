// Package console is the bot's own chat: channels, messages, cards edited in place, threads and dialogs as a local
// web page. It is a surface like Slack, only that the bot itself keeps the messages.
//
//	browser ── GET page, SSE ──▶ Handler ──▶ Messages (store) ◀── Post ── bot (delivery)
//	        ── POST press … ──▶ Act ──▶ bot.Handler ──▶ Reply ──▶ a message, or a dialog
//	        ── POST keep ──▶ the open dialog with what is typed, shown again after a reload or a restart (R16)
//	        ── GET /run/N, /flow/NAME, /table/NAME ──▶ pages, read through functions that ask for the right
//	bretelle chat ─────────────▶ Act   (the same door, through the control socket)
//
// Why so: everything is rendered on the server and works with links and forms; the script only saves reloads. So
// there is one renderer, nothing inline, and a Content-Security-Policy that allows no script but our own file. GET
// never changes anything: a link scanner that opens a login link finds a button, not a session.
//
// A person's direct messages are the channel "@" and their id, which nobody else may read; cards in it whose key begins
// with "builder:" stand in the side panel of every channel. The script is made of modules, each of one part of the
// page: app (messages), send (forms), dialog, combo (lists to search in), complete (input box), panel, keys, run.
//
// "+:ticket:", typed in a thread, puts that emoji under the message which the thread hangs on: so flows that begin with a
// reaction can be tried without a chat platform. Files are shown when they are texts; nothing else is kept here.
package console
