// Package vault seals secrets before a store sees them, so that a stolen database or backup gives nothing away.
//
//	value ──AES-256-GCM──▶ Sealed      AAD: "value", name, version, origin, header
//	          ▲ data key (one per secret and version)
//	          └─AES-256-GCM──▶ Key     AAD: "key", name, version
//	               ▲ master key: outside the data directory
//
// The additional data ties each ciphertext to its row: moved to another name, version or origin it does not open.
// The master key is one level away from the values so that changing it means wrapping keys anew, not values. A
// check value beside the secrets tells a wrong master key at start, before anything fails half-way.
package vault
