package engine

import (
	"crypto/sha256"
	"encoding/binary"
	"encoding/hex"
	"encoding/json"
)

// Parent is the step that called a run.
type Parent struct {
	Run    string `json:"run"`
	Number int64  `json:"number"`
	Path   string `json:"path"`
	Wait   bool   `json:"wait,omitempty"` // the step waits for the end
}

// CallHead is the Head of CallEnded.
type CallHead struct {
	Run     string   `json:"run"`               // id of the called run
	Number  int64    `json:"number,omitempty"`  // 0 when it could not begin
	State   RunState `json:"state,omitempty"`   // in which it ended; queued: it is there, and nobody waits for its end
	Reason  string   `json:"reason,omitempty"`  // why it ended so
	Failure *Failure `json:"failure,omitempty"` // why it could not begin
}

// Callee is a run that a step of another run called, as its view links it.
type Callee struct {
	Run    string   `json:"run"`
	Number int64    `json:"number"`
	Flow   string   `json:"flow"`
	State  RunState `json:"state"`
}

// Emission is what an emit step or a signal tells. Every flow that listens to Event gets it once for each Key (ID where
// there is none), every run that waits for Event and Key gets it once for each ID.
type Emission struct {
	Event string          `json:"event"`
	Key   string          `json:"key,omitempty"`
	ID    string          `json:"id"` // tells one from its repetition
	Data  json.RawMessage `json:"data,omitempty"`
	Flow  string          `json:"flow,omitempty"` // whose step it is; "" for a signal
	Run   string          `json:"run,omitempty"`
	By    string          `json:"by,omitempty"`    // person id, of a signal
	Depth int             `json:"depth,omitempty"` // how many runs led to it
}

// EventKey is the correlation key of an event: what a wait for it waits for, and what its emission is handed over under.
func EventKey(event, key string) string { return "event:" + event + ":" + key }

// IDTime is when an id of ours was made, in milliseconds UTC; 0 of what is no such id.
func IDTime(id string) int64 {
	if len(id) != 36 {
		return 0
	}
	var b [6]byte
	if _, err := hex.Decode(b[:], []byte(id[:8]+id[9:13])); err != nil {
		return 0
	}
	return int64(b[0])<<40 | int64(binary.BigEndian.Uint32(b[1:5]))<<8 | int64(b[5])
}

// IDFrom is a UUIDv7 that is the same for the same time and seed: the id of what one decision brings about, however
// often it is carried out.
func IDFrom(ms int64, seed string) string {
	sum := sha256.Sum256([]byte(seed))
	u := sum[:16]
	binary.BigEndian.PutUint64(u[:8], uint64(ms)<<16|uint64(binary.BigEndian.Uint16(u[6:8])))
	u[6] = u[6]&0x0f | 0x70
	u[8] = u[8]&0x3f | 0x80
	var b [36]byte
	hex.Encode(b[0:8], u[0:4])
	hex.Encode(b[9:13], u[4:6])
	hex.Encode(b[14:18], u[6:8])
	hex.Encode(b[19:23], u[8:10])
	hex.Encode(b[24:36], u[10:16])
	b[8], b[13], b[18], b[23] = '-', '-', '-', '-'
	return string(b[:])
}
