// Package intake holds what brings events in: the webhook handler, whose HTTP server is started in cmd, the loops for
// schedules, polls and failures of other flows, and what people say and fill in.
//
//	clock ──────────────▶ Schedules ┐
//	feeds, pages ───────▶ Poller    │  cursor, keys and events
//	failures (notices) ─▶ Failures  ├─▶ in one Accept (R6) ─▶ runs
//	chat ───────────────▶ Chats     │
//	forms, commands ────▶ Starts    ┘      Samples: one event on request, kept as a sample, no cursor moves
//
// A loop is a function of the clock and of what is stored: Pass does what is due and says when the next thing is, Run
// turns it. So a restart, a full disk or a clock that is set is the same to it as a quiet night, and tests hold it to
// that with a clock of their own. Cursors change only through Accept, together with what they stand for.
//
//	POST /hooks/PATH
//	  │ path known?           no → 404      POST?        no → 405
//	  │ JSON or form, plain?  no → 415      ≤ 1 MiB?     no → 413
//	  │ read, and slot free?  no → 429
//	  │ signed?               no → 401, and a notice at most once an hour
//	  ▼
//	engine.Intake.Accept ── one door in (R6), durable ──▶ 202 · 200        not stored → 503
//
// Why so few content types: handlers that guess at bodies have read files for strangers. JSON and web forms are
// parsed, as data, after the signature over the raw bytes was checked; nothing else is.
package intake
