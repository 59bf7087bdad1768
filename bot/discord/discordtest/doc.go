// Package discordtest is a whole Discord on 127.0.0.1, and people before it, for tests.
//
//	Client (a person) ─▶ Server ─▶ gateway, or signed HTTP ─▶ discord.Surface ─▶ bot
//	       ◀── what they can see ── Server ◀── REST, interaction callbacks ◀──┘
//
// Server has guilds, roles, members, channels, threads, messages, files, interactions with their three seconds and
// fifteen minutes, registered commands, and gateway sessions that can be resumed; and it goes wrong on demand: sockets
// are cut, half-open or told to leave, sessions end, events come twice, requests meet 429, 5xx, silence and lost
// answers (Fault). Its routes are a table: what Discord has and the table lacks fails the test.
//
// A Client without a Server (New) has the frames it sends answered in place, for tests of forms alone:
//
//	Command, Set, Press, Save ─▶ interaction ─▶ discord.Take(handler) ─▶ answer ─▶ messages, a dialog
//
// Both behave where Discord is peculiar: a dialog answers a command or a component and never a dialog, a message is
// changed in place only from its own components and the dialogs that they opened, a list has 25 choices, a dialog
// five inputs. What Discord would refuse fails the test.
package discordtest
