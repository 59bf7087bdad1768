package connectors

import (
	"encoding/json"
	"net/url"
	"strings"

	"github.com/bretelle/bretelle/engine"
)

// longInput is the size, in bytes, from which an input is not searched for its address.
const longInput = 64 << 10

// Lane names the service that a task reaches for: its account, and the host of its address where its input has one. Two
// tasks with the same lane wait for each other when that service hangs; others do not.
func Lane(t engine.Task) string {
	lane := t.Account
	if len(t.Input) <= longInput {
		var in struct {
			URL string `json:"url"`
		}
		if json.Unmarshal(t.Input, &in) == nil && in.URL != "" {
			if u, err := url.Parse(in.URL); err == nil {
				return lane + "@" + strings.ToLower(u.Host)
			}
		}
	}
	service, _, _ := strings.Cut(t.Action, ".")
	return lane + "@" + service
}
