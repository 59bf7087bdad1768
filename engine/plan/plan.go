package plan

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"

	"github.com/bretelle/bretelle/engine"
)

// FromKey marks a part of an input that is not known yet; its value is the expression as written.
const FromKey = "$from"

// From is the stand-in for a part that is not known yet.
func From(source string) map[string]any { return map[string]any{FromKey: source} }

// Unknown reports whether v is a stand-in made by From.
func Unknown(v any) bool {
	m, ok := v.(map[string]any)
	_, from := m[FromKey].(string)
	return ok && from && len(m) == 1
}

// Known is in without its unknown members: what an action's traits may be judged by.
func Known(in map[string]any) map[string]any {
	out := make(map[string]any, len(in))
	for k, v := range in {
		if !Unknown(v) {
			out[k] = v
		}
	}
	return out
}

// Hash is the SHA-256 of the plan's canonical JSON, in hexadecimal.
func Hash(p *engine.Plan) (string, error) {
	b, err := engine.EncodeJSON(p)
	if err != nil {
		return "", err
	}
	h := sha256.Sum256(b)
	return hex.EncodeToString(h[:]), nil
}

// Same reports whether two inputs are equal as canonical JSON.
func Same(a, b any) bool {
	x, errA := engine.EncodeJSON(a)
	y, errB := engine.EncodeJSON(b)
	return errA == nil && errB == nil && bytes.Equal(x, y)
}
