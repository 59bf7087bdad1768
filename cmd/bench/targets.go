package main

import "strings"

// target is one line of the table: a figure, and what issue 5 asks of it.
type target struct {
	key, what, unit string
	digits          int
	limit           float64 // 0: only shown
	least           bool    // at least the limit, else at most
	means           string  // what it means for who uses the program
}

func targets() []target {
	return []target{
		{"runs.s", "whole runs, {c} in flight", "/s", 0, 3000, true, "how many events a second one small machine takes to their end"},
		{"cpu.ms", "processor time a run", "ms", 3, 0.3, false, ""},
		{"writer.cpu.ms", "of that, the one writer", "ms", 3, 0, false, ""},
		{"bare.cpu.ms", "a bare loop committing the same rows, 64 a commit", "ms", 3, 0, false, ""},
		{"writer.ratio", "the writer against the bare loop", "times", 2, 2, false, ""},
		{"end.p50.ms", "from delivery to call, half within", "ms", 1, 0, false, ""},
		{"end.p99.ms", "from delivery to call, 99 of 100 within", "ms", 1, 0, false, ""},
		{"bare.ms", "a bare commit of one row, median", "ms", 3, 0, false, ""},
		{"ack1.p50.ms", "durable acknowledgement, 1 in flight, median", "ms", 3, 0, false, "how long the sender of a webhook waits"},
		{"ack1.ratio", "that against the bare commit", "times", 2, 3, false, ""},
		{"ack16.p99.ms", "acknowledgement, 16 in flight, 99 of 100 within", "ms", 1, 8, false, ""},
		{"ack64.p99.ms", "acknowledgement, 64 in flight, 99 of 100 within", "ms", 1, 40, false, ""},
		{"db.kib", "database a finished run, stopped cleanly", "KiB", 2, 1, false, "what a year of events costs on disk"},
		{"live.kib", "the same with the log as it lies, while running", "KiB", 2, 0, false, ""},
		{"idle.mib", "memory, idle, new data", "MiB", 1, 30, false, "fits beside what else runs on a small server"},
		{"idle.set.mib", "memory, idle, restarted with a flow and its data", "MiB", 1, 30, false, ""},
		{"load.mib", "memory under load, at most", "MiB", 1, 96, false, ""},
		{"parked.mib", "memory with {parked} parked approvals, after a restart", "MiB", 1, 64, false, "waiting costs a row, no memory"},
		{"parked.before.mib", "the same, in the process that took them", "MiB", 1, 64, false, ""},
		{"parked.ready.ms", "ready again with them, after kill -9", "ms", 0, 1000, false, ""},
		{"ready.ms", "first start until ready", "ms", 0, 150, false, ""},
		{"loop.ratio", "an iteration of 10,000 against one of 100", "times", 2, 1.2, false, "long lists do not become slow"},
		{"history.ratio", "throughput with {history} runs behind it against none", "times", 2, 0.9, true, "it is as fast after a year"},
		{"badhost.flows.ratio", "p99 of nine hosts beside one that hangs, a flow each", "times", 2, 2, false, ""},
		{"badhost.one.ratio", "the same, one flow that calls all ten", "times", 2, 2, false, ""},
		{"backup.ratio", "p99 of acknowledgements, 16 in flight, beside backups against without", "times", 2, 2, false, "a backup holds nobody up"},
		{"approval.s", "whole runs with an approval in them, decided at terminals (bretelle chat)", "/s", 0, 0, true, ""},
	}
}

// scale is at which load a figure was taken.
type scale struct{ c, parked, history int64 }

// asked is the load of which issue 5 asks its figures: at another, they are only shown.
func asked() scale { return scale{c: 64, parked: 100_000, history: 1_000_000} }

func (t target) named(at scale) string {
	return strings.NewReplacer("{c}", number(float64(at.c), 0), "{parked}", number(float64(at.parked), 0), "{history}", number(float64(at.history), 0)).Replace(t.what)
}

// judged says whether the figure is held to its limit.
func (t target) judged(at scale) bool {
	switch {
	case t.limit == 0:
		return false
	case t.key == "runs.s":
		return at.c == asked().c
	case strings.HasPrefix(t.key, "parked."):
		return at.parked >= asked().parked
	case strings.HasPrefix(t.key, "history."):
		return at.history >= asked().history
	}
	return true
}

// met says whether a value holds.
func (t target) met(v float64) bool {
	if t.least {
		return v >= t.limit
	}
	return v <= t.limit
}
