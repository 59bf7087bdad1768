package main

// cli is the command line (CONTRACTS, "JSON of the command line").
type cli struct {
	Data string `help:"Data directory (default: $$XDG_DATA_HOME/bretelle or ~/.local/share/bretelle)." env:"BRETELLE_DATA" placeholder:"DIR"`

	Serve   serveCmd   `cmd:"" default:"withargs" help:"Run the bot. This is what happens without a command."`
	Flow    flowCmds   `cmd:"" help:"Flows: apply, list, show, export, check, publish, pause, resume, run."`
	Run     runCmds    `cmd:"" help:"Runs: list, show, retry, cancel, again, undo, move."`
	Person  personCmds `cmd:"" help:"People: add, list."`
	Group   groupCmds  `cmd:"" help:"Groups: set."`
	Channel chanCmds   `cmd:"" help:"Channels: add."`
	Secret  secretCmds `cmd:"" help:"Secrets: set, list."`
	Hook    hookCmds   `cmd:"" help:"Webhooks: send a delivery to try a flow."`
	Signal  signalCmd  `cmd:"" help:"Tell an event to the flows that listen and the runs that wait."`
	Chat    chatCmd    `cmd:"" help:"Talk in a channel from the terminal."`
	Login   loginCmd   `cmd:"" help:"Make a one-time login link for the console."`
	Setup   setupCmds  `cmd:"" help:"Connect Slack or Discord: slack, discord."`
	Doctor  doctorCmd  `cmd:"" help:"Say how the bot is, or what is behind a reference."`
	Backup  backupCmd  `cmd:"" help:"Copy everything but the master key into one file, while the bot works."`
	Restore restoreCmd `cmd:"" help:"Make a data directory of a backup; --dry-run says what it holds."`
	Keep    keepCmd    `cmd:"" help:"How long things are kept: show, or set with CLASS=TIME."`
	Vacuum  vacuumCmd  `cmd:"" help:"Write the database of a stopped bot anew, without gaps."`
	Key     keyCmds    `cmd:"" help:"The master key: export, import."`
	Version versionCmd `cmd:"" help:"Print the version."`
}

type flowCmds struct {
	Apply   flowApply   `cmd:"" help:"Make or replace a flow's draft from a file; with --publish also make it live."`
	List    flowList    `cmd:"" help:"List flows."`
	Show    flowShow    `cmd:"" help:"Show a flow: state, problems, text."`
	Export  flowExport  `cmd:"" help:"Print a flow's text, byte for byte."`
	Check   flowCheck   `cmd:"" help:"Check a file. Needs no running bot."`
	Picture flowPicture `cmd:"" help:"Draw a flow: steps, branches, what asks first, what changes things."`
	Publish flowPublish `cmd:"" help:"Make the draft live."`
	Pause   flowPause   `cmd:"" help:"Let events queue."`
	Resume  flowResume  `cmd:"" help:"Work on what has queued, and on."`
	Run     flowRun     `cmd:"" help:"Start a flow by hand."`
}

type runCmds struct {
	List   runList   `cmd:"" help:"List runs, newest first."`
	Show   runShow   `cmd:"" help:"Show a run with its steps."`
	Retry  runRetry  `cmd:"" help:"Try the failed step again."`
	Cancel runCancel `cmd:"" help:"Cancel a run."`
	Again  runAgain  `cmd:"" help:"Run a run again, from a step on, with what the steps before gave."`
	Undo   runUndo   `cmd:"" help:"Take back what a run did, the last thing first."`
	Move   runMove   `cmd:"" help:"Bring runs that wait to the newest version of their flow."`
	Erase  runErase  `cmd:"" help:"Erase what an ended run was given and gave; that it ran stays."`
}

type personCmds struct {
	Add  personAdd  `cmd:"" help:"Add a person."`
	List personList `cmd:"" help:"List people."`
}

type groupCmds struct {
	Set groupSet `cmd:"" help:"Say who is in a group."`
}

type chanCmds struct {
	Add channelAdd `cmd:"" help:"Add a channel."`
}

type secretCmds struct {
	Set  secretSet  `cmd:"" help:"Store a secret, read from standard input."`
	List secretList `cmd:"" help:"List secrets, without their values."`
}

type hookCmds struct {
	Send hookSend `cmd:"" help:"Send a file to a webhook of this bot, signed as its flow asks."`
}

type keyCmds struct {
	Export keyExport `cmd:"" help:"Print the master key in the form to keep in a safe."`
	Import keyImport `cmd:"" help:"Write the key file anew from that form, read from standard input."`
}
