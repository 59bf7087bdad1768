package picture

import (
	"strings"

	"github.com/bretelle/bretelle/prompts"
)

// File is a picture as a file to send with its card: a name that every platform takes, the PNG, and the description, at
// most so many characters long, for those who do not see it. Errors: those of [PNG].
func File(p prompts.Picture, most int) (name string, png []byte, alt string, err error) {
	png, err = PNG(p.Drawing)
	return fileName(p.Drawing.Title), png, prompts.Cut(prompts.CleanLine(p.Alt), most), err
}

func fileName(title string) string {
	name := strings.Join(strings.FieldsFunc(strings.ToLower(title), func(r rune) bool {
		return (r < 'a' || r > 'z') && (r < '0' || r > '9')
	}), "-")
	if name == "" {
		name = "flow"
	}
	return name[:min(len(name), 60)] + ".png"
}
