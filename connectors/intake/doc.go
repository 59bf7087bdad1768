// Package intake holds the loops that bring events in. Today that is the webhook handler; its HTTP server is
// started in cmd.
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
