package connectors

// Call is all an action sees (R12).
type Call struct{}
