package slack

import (
	"github.com/bretelle/bretelle/prompts"
	"github.com/bretelle/bretelle/prompts/picture"
)

// PictureFile is a picture as a file to send with its card, as picture.File makes it. Until files are sent along, cards
// show the description. Errors: those of picture.PNG.
func PictureFile(p prompts.Picture) (name string, png []byte, alt string, err error) {
	return picture.File(p, altMost)
}

// altMost is how long the description of an uploaded file may be.
const altMost = 1000
