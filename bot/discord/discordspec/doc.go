// Package discordspec holds what is sent to Discord to Discord's own description and to the limits that it lacks.
//
//	answer ─▶ ../shared/specs/discord (description) ─▶ five inputs, 25 options, lengths ─▶ nothing from outside is markup
//
// It is for tests: of the renderers alone, and of whole conversations (package discordtest). Where the description is
// not beside the repository the tests are skipped.
package discordspec
