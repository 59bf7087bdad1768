// Package webhook is the connector "webhook": the trigger webhook.received, and who may pull it.
//
//	with: {path, sender, secret} ──ParseSender──▶ Sender
//	                                               │
//	raw body + headers + secret ──Verify──▶ signed by the sender, and recently
//	headers + body ──Key──▶ delivery id: what makes it the same delivery when it comes again
//
// Why these functions are pure: a signature check that reads no clock and no network can be tested with every
// forged, old, cut or re-encoded delivery one can think of. They see the body as it came over the wire; parsing
// comes after, in connectors/intake.
package webhook
