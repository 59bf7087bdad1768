package discord

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"strconv"

	discord "github.com/bwmarrin/discordgo"

	"github.com/bretelle/bretelle/bot"
	"github.com/bretelle/bretelle/prompts"
	"github.com/bretelle/bretelle/prompts/picture"
)

// PictureFile is a picture as a file to send with its card, as picture.File makes it. Errors: those of picture.PNG.
func PictureFile(p prompts.Picture) (name string, png []byte, alt string, err error) {
	return picture.File(p, altMost)
}

// altMost is how long the description of an attachment may be.
const altMost = 1024

// image is a picture on a message of ours.
type image struct {
	file bot.File
	sum  string // of its bytes
	id   string // of the attachment that has it
}

// attachment says what a file of a message is: one that is sent along (by its place) or one that stays (by its id).
type attachment struct {
	ID          string `json:"id"`
	Name        string `json:"filename,omitempty"`
	Description string `json:"description,omitempty"`
}

// pictured is a fitted card as a message, with its first picture as a file in the embed instead of its words, which go
// along as the description. A picture that cannot be drawn stays words.
func pictured(card prompts.Card) (*discord.MessageSend, image) {
	for i, b := range card.Blocks {
		p, ok := b.(prompts.Picture)
		if !ok {
			continue
		}
		name, png, alt, err := PictureFile(p)
		if err != nil || len(png) > fileMost {
			break
		}
		card.Blocks = append(append([]prompts.Block(nil), card.Blocks[:i]...), card.Blocks[i+1:]...)
		m := Message(card)
		m.Embeds[0].Image = &discord.MessageEmbedImage{URL: "attachment://" + name}
		sum := sha256.Sum256(png)
		return m, image{file: bot.File{Name: name, Type: "image/png", Alt: alt, Data: png, Size: int64(len(png))}, sum: hex.EncodeToString(sum[:])}
	}
	return Message(card), image{}
}

// drawn is a picture's file as the SDK carries it, with what describes it.
type drawn struct {
	*bytes.Reader
	file bot.File
}

// illustrated is a fitted card with its picture as a message for the SDK's answers.
func illustrated(card prompts.Card) *discord.MessageSend {
	m, pic := pictured(card)
	if pic.sum != "" {
		m.Files = []*discord.File{{Name: pic.file.Name, ContentType: pic.file.Type, Reader: drawn{bytes.NewReader(pic.file.Data), pic.file}}}
	}
	return m
}

// filesOf are the files of an answer.
func filesOf(d *discord.InteractionResponseData) []bot.File {
	var out []bot.File
	for _, f := range d.Files {
		if x, ok := f.Reader.(drawn); ok {
			out = append(out, x.file)
		}
	}
	return out
}

// along are files that are sent with a message, as it names them.
func along(list []bot.File) []attachment {
	out := []attachment{}
	for i, f := range list {
		out = append(out, attachment{ID: strconv.Itoa(i), Name: fileName(f.Name), Description: prompts.Cut(prompts.CleanLine(f.Alt), altMost)})
	}
	return out
}
