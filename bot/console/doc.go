// Package console is the bot's own chat: channels, messages, cards edited in place, threads and dialogs as a local
// web page. It is a surface like Slack, only that the bot itself keeps the messages.
//
//	browser ── GET page, SSE ──▶ Handler ──▶ Messages (store) ◀── Post ── bot (delivery)
//	        ── POST press … ──▶ Act ──▶ bot.Handler ──▶ Reply ──▶ a message, or a dialog
//	bretelle chat ─────────────▶ Act   (the same door, through the control socket)
//
// Why so: everything is rendered on the server and works with links and forms; the script only saves reloads. So
// there is one renderer, nothing inline, and a Content-Security-Policy that allows no script but our own file. GET
// never changes anything: a link scanner that opens a login link finds a button, not a session.
package console
