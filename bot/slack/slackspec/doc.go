// Package slackspec holds what is sent to Slack to Slack's own types and to the limits that those do not state.
//
//	view, message ─▶ ../shared/specs/slack (types) ─▶ lengths, counts, ids ─▶ nothing from outside is markup
//
// It is for tests: of the renderers alone, and of whole conversations (package slacktest). Where the types are not
// beside the repository the tests are skipped.
package slackspec
