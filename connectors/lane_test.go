package connectors_test

import (
	"encoding/json"
	"strings"
	"testing"

	"github.com/bretelle/bretelle/connectors"
	"github.com/bretelle/bretelle/engine"
)

func TestLane(t *testing.T) {
	for _, x := range []struct{ action, account, input, want string }{
		{"http.request", "", `{"method":"GET","url":"http://Example.org:8080/a?b=c"}`, "@example.org:8080"},
		{"http.request", "tracker", `{"url":"https://example.org/x"}`, "tracker@example.org"},
		{"http.request", "", `{"url":"://"}`, "@http"},
		{"mail.message.send", "post", `{"to":"a@b"}`, "post@mail"},
		{"mail.message.send", "", `[1]`, "@mail"},
		{"http.request", "", `{"body":"` + strings.Repeat("x", 1<<17) + `","url":"http://example.org"}`, "@http"},
	} {
		if got := connectors.Lane(engine.Task{Action: x.action, Account: x.account, Input: json.RawMessage(x.input)}); got != x.want {
			t.Errorf("%s %.60s: %q, wanted %q", x.action, x.input, got, x.want)
		}
	}
}
