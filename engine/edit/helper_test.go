package edit_test

import "regexp"

var (
	commentLine = regexp.MustCompile(`(?m)^ *#.*\n`)
	comment     = regexp.MustCompile(`(?m) #[^"'\n]*$`)
)

// uncommented is a simple text without its comments.
func uncommented(s string) string {
	return comment.ReplaceAllString(commentLine.ReplaceAllString(s, ""), "")
}
