// Command bench loads the real program and judges it from outside.
//
//	              ┌────────────── bench ───────────────┐
//	deliveries ──▶│ senders ──POST /hooks/…──┐         │
//	              │   ledger: n → sent,      ▼         │
//	              │   acknowledged, called   bretelle ─┼─▶ data directory (its size)
//	              │      ▲                   │ ▲       │
//	              │   receiver ◀─http.request┘ └ kill, │
//	              │   (127.0.0.1)                stop, │
//	              │   /proc: time, memory        start │
//	              └────────────────────────────────────┘
//
// It builds the program, starts it on new data, sets a flow up with the program's own commands, sends webhooks over
// kept connections and is the service that the flow calls. What counts is what was seen from here: an answer to a
// delivery, a call at the receiver, the state of runs as the program's own list shows it. The flow is webhook → set
// (four fields by expression) → if → http.request → done; one run is in flight from its delivery until its call.
//
// Why beside it a bare loop over SQLite: disks differ by a hundred times, and only the ratio to what the disk allows
// says anything about the program. The loops run in the same directory, with the same driver and settings.
//
// Why a past of a million runs is written beside the program (past.go), by the store's own Accept and Commit: through the
// program it would take a quarter of an hour, of which nothing is measured.
//
// Why it never uses net/http's server and client in its loops: what drives shares the processor with what is driven.
//
//	go run ./cmd/bench                          one measurement: throughput, processor time, memory, size
//	go run ./cmd/bench -scenario all -repeat 5  every figure of the README, medians of five
//	go run ./cmd/bench -scenario kill -n 5000 -kill 25
//	go run ./cmd/bench -profile cpu.out         where the processor time goes (go tool pprof cpu.out)
//
// It sends to 127.0.0.1 only, and ends: at most so many deliveries, at most so long.
package main
