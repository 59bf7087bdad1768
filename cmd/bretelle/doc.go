// Command bretelle is the bot, and the shell's way to speak to it.
//
//	bretelle                    serve.go   flags ─▶ app (wire.go) ─▶ servers ─▶ banner … SIGTERM ─▶ drain
//	                            platforms.go  environment ─▶ Slack, Discord ─▶ platform.listen (a supervisor each)
//	bretelle flow|run|chat …    cmd_*.go   flags ─▶ control.Client ─▶ the running bot's socket
//	bretelle flow check -f      cmd_flow.go needs no bot: text, catalogue, findings
//	bretelle setup slack        cmd_setup*.go needs none either: manifest, invitation, what the tokens lack
//
// Start order, and why: the store first (its lock is what refuses a second process), the key next (nothing may run
// with a wrong one), then both listeners (a taken port is known before anything is promised), then the parts that
// work. Chat platforms come last and nobody waits for them: one that is away, or refuses its token, is tried again and
// said by the banner, the log, doctor and in the operator's channel, and takes nothing down. Stopping goes the other
// way: no new work in, running calls out, what they gave stored, the store last.
//
// Tokens of further Slack workspaces (oauth.go) are sealed in the vault under names that no flow can use
// (slack_tokens.go).
//
// Only here do all packages meet: adapt.go makes one package's interface of another's methods, and holds no logic.
package main
