package slack

import (
	"github.com/bretelle/bretelle/prompts"
	"github.com/bretelle/bretelle/prompts/picture"
)

// PictureFile is a picture as a file to send with its card, as picture.File makes it. Errors: those of picture.PNG.
func PictureFile(p prompts.Picture) (name string, png []byte, alt string, err error) {
	return picture.File(p, altMost)
}

// altMost is how long the description of an uploaded file may be.
const altMost = 1000

// picturesOf are a fitted card's pictures, by the block of Message that says them in words: the title is the first.
func picturesOf(card prompts.Card) map[int]prompts.Picture {
	var out map[int]prompts.Picture
	for i, b := range card.Blocks {
		if p, ok := b.(prompts.Picture); ok {
			if out == nil {
				out = map[int]prompts.Picture{}
			}
			out[i+1] = p
		}
	}
	return out
}
