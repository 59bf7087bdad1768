// Package connectors is what services look like to the rest of Bretelle, and the only way out of the machine.
//
//	Act[In, Out] ──Action()──▶ Action ──NewCatalog──▶ Catalog ─▶ check, fold, plan, cards (pure facts)
//	(typed, one                                          │
//	definition)                                          ▼
//	                            engine.Task ──▶ Performer.Perform ──▶ engine.Result
//	                                                     │ decode, run, sort errors into classes, redact
//	                                                     ▼
//	                                        Run(ctx, *Call, In) (Out, error)
//	                                                     │ the only thing an action sees
//	                                                     ▼
//	                     Call: HTTP · Post ── host pinning ── SSRF guard at dial time ──▶ outside
//
// Why one definition: schema, dialog, check, plan, reference page and tests are read from the same Go struct, so
// that they cannot disagree.
//
// Why one exit: connector packages import no net, os or database/sql (a test parses them). What may leave, to
// whom a credential may go, how much may come back and what must be starred out is decided here once, instead of
// in a thousand actions. Only this package touches net/http.
//
// Connectors never retry, log or sleep: the fold decides about retries from the class of a failure (R8), and the
// class is decided in failure.go from what is known about the attempt, above all whether anything was sent.
package connectors
