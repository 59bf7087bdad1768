package slack_test

import (
	"os"
	"path/filepath"
	"testing"

	"github.com/bretelle/bretelle/bot/slack/slackspec"
	"github.com/bretelle/bretelle/bot/slack/slacktest"
)

// held is a Slack whose every request is held to Slack's own description, where that is here.
func held(t *testing.T) *slacktest.Server {
	t.Helper()
	s := slacktest.NewServer(t)
	if _, err := os.Stat(filepath.Join(slackspec.Shared(t), "specs", "slack")); err == nil {
		q := &slackspec.Requests{T: t}
		q.Load()
		s.Asked = q.Check
	}
	return s
}
