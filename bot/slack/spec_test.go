package slack

import (
	"testing"

	"github.com/santhosh-tekuri/jsonschema/v6"

	"github.com/bretelle/bretelle/bot/slack/slackspec"
)

func units(s string) int { return slackspec.Units(s) }

func schema(t testing.TB, name string) *jsonschema.Schema {
	t.Helper()
	return slackspec.Schema(t, name)
}

func decoded(t testing.TB, v any) any { t.Helper(); return slackspec.Decoded(t, v) }

func checkParts(t testing.TB, v any) { t.Helper(); slackspec.Parts(t, v) }

func checkMrkdwn(t testing.TB, s string) { t.Helper(); slackspec.Mrkdwn(t, s) }

func walk(t testing.TB, v any) { t.Helper(); slackspec.Walk(t, v) }
