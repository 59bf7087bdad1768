// Package bottest is what every surface must do, whatever platform is behind it: one contract, run over the console,
// Slack and Discord with servers of ours behind them.
//
//	surface's test ─▶ World: the surface, listening, its platform, and the people in front of it
//	      Contract ─▶ Person (types, presses, reads the screen) ─▶ platform ─▶ surface ─▶ Host (a handler that notes)
//	               ─▶ Surface.Post and what else it is able to ──▶ platform ─▶ Person's screen
//
// Why a handler of its own: the contract is about what passes between people and the bot. Host answers each kind of
// thing in each way there is, on demand, and notes what it was given; so a failure names the surface's fault and not
// the bot's. What the bot itself makes of it is tested in package bot, and end to end in cmd.
//
// Nothing here waits by the clock: a Person's Until ends when what is waited for is there, and fails when the platform
// has been quiet for long.
package bottest
