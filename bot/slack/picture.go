package slack

import (
	"strings"

	"github.com/bretelle/bretelle/prompts"
	"github.com/bretelle/bretelle/prompts/picture"
)

// PictureFile is a picture as a file to send with its card: a name that Slack takes, the PNG, and the description
// for those who do not see it. Until files are sent along, cards show the description. Errors: those of picture.PNG.
func PictureFile(p prompts.Picture) (name string, png []byte, alt string, err error) {
	png, err = picture.PNG(p.Drawing)
	return fileName(p.Drawing.Title), png, prompts.Cut(prompts.CleanLine(p.Alt), altMost), err
}

// altMost is how long the description of an uploaded file may be.
const altMost = 1000

func fileName(title string) string {
	name := strings.Join(strings.FieldsFunc(strings.ToLower(title), func(r rune) bool {
		return (r < 'a' || r > 'z') && (r < '0' || r > '9')
	}), "-")
	if name == "" {
		name = "flow"
	}
	return name[:min(len(name), 60)] + ".png"
}
