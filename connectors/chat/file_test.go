package chat

import (
	"encoding/base64"
	"strings"
	"testing"

	"github.com/bretelle/bretelle/connectors"
	"github.com/bretelle/bretelle/engine"
)

// A file that is too large is refused before anything is sent. It is no example of the action's: those are part of the
// program, and made at each start.
func TestFilesTooLarge(t *testing.T) {
	for name, x := range map[string]struct {
		in   UploadInput
		code engine.Code
	}{
		"just right":             {UploadInput{Name: "a", Content: strings.Repeat("x", connectors.MostUpload)}, ""},
		"one byte more":          {UploadInput{Name: "a", Content: strings.Repeat("x", connectors.MostUpload+1)}, engine.TooLarge},
		"one byte more, encoded": {UploadInput{Name: "a", Encoding: Base64Content, Content: base64.StdEncoding.EncodeToString(make([]byte, connectors.MostUpload+1))}, engine.TooLarge},
		"far more, encoded":      {UploadInput{Name: "a", Encoding: Base64Content, Content: strings.Repeat("A", 2*connectors.MostUpload)}, engine.TooLarge},
	} {
		if _, err := fileOf(x.in); engine.CodeOf(err) != x.code {
			t.Errorf("%s: %v", name, err)
		}
	}
}
