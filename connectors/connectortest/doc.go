// Package connectortest holds every connector to one contract (R11), and lends tests a fake outside.
//
//	Run(t, connector) ─▶ docs in sentences · scopes · sample fits schema
//	                  ─▶ recorded exchanges: the request compared, the output compared
//	                  ─▶ 401 403 404 409 429 5xx in their classes · hang and cancel · cut connection
//	                  ─▶ idempotency key where it is promised · no secret in any result
//
//	Performer ── Exits.Dial ──▶ Outside (a real HTTP and HTTPS server on loopback, for every host name)
//
// Why the fake is a real server: what matters is what goes over the wire, and what happens when the wire breaks.
package connectortest
