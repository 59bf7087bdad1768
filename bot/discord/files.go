package discord

import (
	"context"
	"path"
	"strings"
	"unicode"
	"unicode/utf16"
	"unicode/utf8"

	"github.com/bretelle/bretelle/bot"
	"github.com/bretelle/bretelle/engine"
	"github.com/bretelle/bretelle/prompts"
)

// Limits of files (docs, "Uploading Files"): of one where nobody pays for more, and of a request.
const (
	fileMost    = 10 << 20
	requestMost = 25 << 20
	filesMost   = 10
	nameMost    = 100 // characters of a name that are kept
)

// Upload posts files with a text above them; see bot.Uploader. Errors: TooLarge, Invalid for too many or too long a text.
func (s *Surface) Upload(ctx context.Context, p engine.Place, key, text string, list ...bot.File) (bot.Ref, error) {
	total := 0
	for _, f := range list {
		if total += len(f.Data); len(f.Data) > fileMost || total > requestMost {
			return "", tooLarge().WithOp(op)
		}
	}
	if len(list) == 0 || len(list) > filesMost {
		return "", engine.E(engine.Invalid, "a message on Discord has 1 to {most} files", "most", filesMost).WithOp(op)
	}
	m := plain(text)
	if len(utf16.Encode([]rune(m.Content))) > contentMost {
		return "", engine.E(engine.Invalid, "a message on Discord has at most {most} characters", "most", contentMost).WithOp(op).
			WithHint("Put a long text into a file.")
	}
	room, err := s.room(ctx, p)
	if err != nil {
		return "", err
	}
	where := p.Thread
	if where == "" {
		where = room
	}
	names := make([]string, len(list))
	for i, f := range list {
		names[i] = f.Name
	}
	c := creation{MessageSend: m, Nonce: s.nonce(where, key, text+"\x00"+strings.Join(names, "\x00")), Enforce: key != ""}
	head := text
	if head == "" {
		head = list[0].Name
	}
	got, err := s.say(ctx, p, room, head, c, list)
	if err != nil {
		return "", err
	}
	return ref(got.Room, got.ID), nil
}

// fileName is a name without folders, quotes and what is invisible; never empty.
func fileName(name string) string {
	name = path.Base(strings.ReplaceAll(prompts.CleanLine(name), "\\", "/"))
	name = strings.Map(func(r rune) rune {
		if r == '"' || r == '\'' || r == ';' || r == '/' || unicode.IsControl(r) {
			return '_'
		}
		return r
	}, name)
	for utf8.RuneCountInString(name) > nameMost {
		_, n := utf8.DecodeRuneInString(name)
		name = name[n:] // the ending says what it is
	}
	name = strings.TrimLeft(name, ". \u200d\ufe0f") // nor what joins a letter to the one that was cut off
	if name == "" {
		return "file"
	}
	return name
}
