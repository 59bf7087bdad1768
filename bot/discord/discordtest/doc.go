// Package discordtest is Discord's client, as far as forms go: it shows what the bot answers and sends the
// interactions that Discord would send for what a person does.
//
//	Command, Set, Press, Save ─▶ interaction ─▶ discord.Take(handler) ─▶ answer ─▶ messages, a dialog
//
// It behaves where Discord is peculiar: a dialog answers a command or a component and never a dialog, a message is
// changed in place only from its own components and the dialogs that they opened, a list has 25 choices, a dialog
// five inputs. What Discord would refuse fails the test.
package discordtest
