// Command bretelle is the bot, and the shell's way to speak to it.
//
//	bretelle                    serve.go   flags ─▶ app (wire.go) ─▶ servers ─▶ banner … SIGTERM ─▶ drain
//	bretelle flow|run|chat …    cmd_*.go   flags ─▶ control.Client ─▶ the running bot's socket
//	bretelle flow check -f      cmd_flow.go needs no bot: text, catalogue, findings
//
// Start order, and why: the store first (its lock is what refuses a second process), the key next (nothing may run
// with a wrong one), then both listeners (a taken port is known before anything is promised), then the parts that
// work. Stopping goes the other way: no new work in, running calls out, what they gave stored, the store last.
//
// Only here do all packages meet: adapt.go makes one package's interface of another's methods, and holds no logic.
package main
