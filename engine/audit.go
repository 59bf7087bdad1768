package engine

// Operator is the actor of what is done from the machine's own shell: whoever owns the data directory.
const Operator = "operator"

// AuditEntry is one line of the audit: ids and hashes only, never content.
type AuditEntry struct {
	At     int64  `json:"at"`
	Actor  string `json:"actor"`  // person id, or "system", Operator
	What   string `json:"what"`   // "ask.approved", "flow.published", "signal.refused", …
	Object string `json:"object"` // "run/<id>/<path>", "flow/<name>@3"
	Detail string `json:"detail"` // verdict, plan hash, source; no content
}
