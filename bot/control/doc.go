// Package control is how a shell speaks to the running bot: JSON over HTTP on a Unix socket in the data directory.
//
//	bretelle flow apply … ──▶ Client ──▶ DIR/control.sock (0600) ──▶ Serve ──▶ library, runtime, people, secrets
//	bretelle chat …       ──▶                                          │
//	                                                                   └──▶ Talk: the console's own door (Act)
//
// Why a socket and not the database: one process owns the data, so whoever changes something asks it; and who may
// open the socket is decided by the file system, so that there is no password to keep. Whoever can open it is the
// operator and may do everything, also speak as any person (`--as NAME`, with that person's rights), which is why it
// is private to the user that runs the bot.
//
// Dialogs of `bretelle chat` live on this side, one for each person and place, so that a script can fill a form in
// several calls. Filling one hands a field that acts over first, so that what comes of it can be filled in the same call;
// a button of the dialog (`--press back`) takes what is filled in along. What the bot shows to the person alone, the
// card of a draft above all, is before them in every channel.
package control
