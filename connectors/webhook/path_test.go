package webhook_test

import (
	"strings"
	"testing"

	"github.com/bretelle/bretelle/connectors/webhook"
)

func TestValidPath(t *testing.T) {
	for _, path := range []string{"a", "_", "9", "contact-requests", "github.bugs", "a/b_c/D.9", "1/2/3/4/5/6/7/8", strings.Repeat("a", 200)} {
		if !webhook.ValidPath(path) {
			t.Errorf("%q is refused", path)
		}
	}
	for _, path := range []string{"", "/", "/a", "a/", "a//b", ".", "..", "a/..", "../a", ".git", "-a", "a/-b", "a b", "a%2fb", "a\\b", "a\nb", "é", "a\x00",
		"1/2/3/4/5/6/7/8/9", strings.Repeat("a", 201), "a?b", "a#b"} {
		if webhook.ValidPath(path) {
			t.Errorf("%q is accepted", path)
		}
	}
}
