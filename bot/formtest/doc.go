// Package formtest tries every kind of field of a dialog on a surface.
//
//	surface's test ─▶ Person (what somebody does) ─▶ frames ─▶ the surface ─▶ Desk (a handler that keeps state)
//	       ▲                                                        │
//	       └────────────── Try: the table of tries ◀── answers ─────┘
//
// Why a desk of its own beside the bot: it has one dialog with every kind of field and everything a field can do,
// which no dialog of the product has all at once, and it can be restarted and made to forget between any two frames.
// It keeps the contract of bot.Handler as the bot does: what is typed is stored, submissions in pages are put
// together, what acts is answered with the dialog anew.
package formtest
