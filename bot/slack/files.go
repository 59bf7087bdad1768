package slack

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"unicode/utf8"

	slackgo "github.com/slack-go/slack"

	"github.com/bretelle/bretelle/bot"
	"github.com/bretelle/bretelle/engine"
	"github.com/bretelle/bretelle/prompts"
)

var _ bot.Uploader = (*Surface)(nil)

// What Slack takes (docs.slack.dev, "Working with files"): a file of at most one gigabyte, ten of them in a message. What
// is sent is held in memory, so that a flow may send less.
const (
	fileMost   = 50 << 20
	uploadMost = 10
)

// upload is what became of the files of one key.
type upload struct {
	ids []string
	at  bot.Ref
}

// Upload posts files in one message, with a text above them; see bot.Uploader. For one key and life of the bot one
// message is made: files carry no metadata that would outlive it.
func (s *Surface) Upload(ctx context.Context, p engine.Place, key, text string, files ...bot.File) (bot.Ref, error) {
	if err := takes(files); err != nil {
		return "", err
	}
	w, err := s.at(ctx, p.Workspace)
	if err != nil {
		return "", err
	}
	post := postOf(bot.In{Place: p}, prompts.Card{Key: key, Text: text}, "")
	if post.Channel, err = s.channel(ctx, w, p); err != nil {
		return "", err
	}
	memory := standing(w, post) + "\n" + key
	was, _, done := s.uploads.last(memory)
	if done && key != "" {
		if at := s.shared(ctx, w, post, was); at != "" {
			return at, nil
		}
	}
	up := upload{}
	for _, f := range files {
		id, err := s.push(ctx, w, f)
		if err != nil {
			return "", w.failed(err, s.shown(w, p), s.o.Now)
		}
		up.ids = append(up.ids, id)
	}
	share := func() error {
		_, err := w.api.CompleteUploadExternalContext(ctx, slackgo.CompleteUploadExternalParameters{Files: summaries(up.ids, files), Channel: post.Channel,
			ThreadTimestamp: post.Thread, InitialComment: Escape(prompts.Clean(text))})
		return err
	}
	err = share()
	if word(err) == "not_in_channel" && s.join(ctx, w, post.Channel) {
		err = share()
	}
	if (err == nil || doubtful(err)) && key != "" {
		s.uploads.put(memory, up)
	}
	if err != nil {
		return "", w.failed(err, s.shown(w, p), s.o.Now)
	}
	up.at = s.shared(ctx, w, post, up)
	if key != "" {
		s.uploads.put(memory, up)
	}
	return up.at, nil
}

// takes refuses what Slack would.
func takes(files []bot.File) error {
	if len(files) == 0 || len(files) > uploadMost {
		return engine.E(engine.Invalid, "Slack takes 1 to {most} files in a message", "most", uploadMost).WithOp("slack.upload")
	}
	for _, f := range files {
		switch {
		case f.Name == "":
			return engine.E(engine.Invalid, "a file needs a name").WithOp("slack.upload")
		case len(f.Data) == 0:
			return engine.E(engine.Invalid, "{file} is empty, and Slack takes no empty files", "file", f.Name).WithOp("slack.upload")
		case len(f.Data) > fileMost:
			return engine.E(engine.TooLarge, "{file} is larger than {most} MB", "file", f.Name, "most", fileMost>>20).WithOp("slack.upload")
		}
	}
	return nil
}

func summaries(ids []string, files []bot.File) []slackgo.FileSummary {
	out := make([]slackgo.FileSummary, len(ids))
	for i, id := range ids {
		out[i] = slackgo.FileSummary{ID: id, Title: prompts.CleanLine(files[i].Name)}
	}
	return out
}

// push hands a file's bytes to Slack; nobody sees it yet. Slack's own error is handed on.
func (s *Surface) push(ctx context.Context, w *workspace, f bot.File) (id string, err error) {
	name := prompts.CleanLine(f.Name)
	to, err := w.api.GetUploadURLExternalContext(ctx, slackgo.GetUploadURLExternalParameters{FileName: name, FileSize: len(f.Data), AltTxt: short(f.Alt, altMost)})
	if err != nil {
		return "", err
	}
	err = w.api.UploadToURL(ctx, slackgo.UploadToURLParameters{UploadURL: to.UploadURL, Reader: bytes.NewReader(f.Data), Filename: name})
	return to.FileID, err
}

// short is a text in one line, cut to so many bytes between letters.
func short(s string, most int) string {
	s = prompts.CleanLine(s)
	if len(s) <= most {
		return s
	}
	for !utf8.RuneStart(s[most]) {
		most--
	}
	return s[:most]
}

// shared is the message that shows uploaded files; "" when Slack cannot tell yet.
func (s *Surface) shared(ctx context.Context, w *workspace, p *Post, up upload) bot.Ref {
	if up.at != "" || len(up.ids) == 0 {
		return up.at
	}
	f, _, _, err := w.api.GetFileInfoContext(ctx, up.ids[0], 0, 0)
	if err != nil {
		return ""
	}
	for _, in := range []map[string][]slackgo.ShareFileInfo{f.Shares.Public, f.Shares.Private} {
		for _, x := range in[p.Channel] {
			return ref(p.Channel, x.Ts)
		}
	}
	return ""
}

// illustrate puts a post's pictures into it as image blocks, each uploaded once a day. One that cannot be uploaded stays
// in words. Private answers keep the words: a picture that was shared nowhere may be seen by the bot alone.
func (s *Surface) illustrate(ctx context.Context, w *workspace, p *Post) {
	for i, pic := range p.Pictures {
		if p.User != "" {
			return
		}
		id, err := s.pictures.get(ctx, w.id()+"/"+hashOf(pic), func(ctx context.Context) (string, error) { return s.uploadPicture(ctx, w, pic) })
		if err != nil || i >= len(p.Blocks) {
			continue
		}
		p.Blocks[i] = slackgo.NewImageBlockSlackFile(&slackgo.SlackFileObject{ID: id}, short(pic.Alt, altMost), "", nil)
	}
}

// uploadPicture sends a picture as a file that is not shown anywhere yet.
func (s *Surface) uploadPicture(ctx context.Context, w *workspace, pic prompts.Picture) (string, error) {
	name, png, alt, err := PictureFile(pic)
	if err != nil {
		return "", err
	}
	f := bot.File{Name: name, Data: png, Alt: alt}
	id, err := s.push(ctx, w, f)
	if err != nil {
		return "", err
	}
	_, err = w.api.CompleteUploadExternalContext(ctx, slackgo.CompleteUploadExternalParameters{Files: summaries([]string{id}, []bot.File{f})})
	return id, err
}

func hashOf(pic prompts.Picture) string {
	text, err := json.Marshal(pic)
	if err != nil { // plain texts: it does not happen; then it is uploaded under its words
		text = []byte(pic.Alt)
	}
	sum := sha256.Sum256(text)
	return hex.EncodeToString(sum[:])
}

// refusedPicture reports whether Slack refused a message because of a picture in it: it is still at work on the file, or
// does not show a file that was shared nowhere.
func refusedPicture(err error, p *Post) bool {
	if word(err) != "invalid_blocks" {
		return false
	}
	for _, b := range p.Blocks {
		if i, ok := b.(*slackgo.ImageBlock); ok && i.SlackFile != nil {
			return true
		}
	}
	return false
}

// words has a post say its pictures in words, and gives those that it showed: they can hang below it.
func (p *Post) words() []prompts.Picture {
	var out []prompts.Picture
	for i, pic := range p.Pictures {
		if i < len(p.Blocks) {
			p.Blocks[i] = block(pic)
			out = append(out, pic)
		}
	}
	return out
}

// hang puts pictures that a message could not show into its thread, each once.
func (s *Surface) hang(ctx context.Context, w *workspace, at bot.Ref, pics []prompts.Picture) {
	channel, ts, err := located(at)
	if err != nil {
		return
	}
	for _, pic := range pics {
		_, _ = s.pictures.get(ctx, string(at)+"/"+hashOf(pic), func(ctx context.Context) (string, error) { // the card says the same in words
			name, png, alt, err := PictureFile(pic)
			if err != nil {
				return "", err
			}
			f := bot.File{Name: name, Data: png, Alt: alt}
			id, err := s.push(ctx, w, f)
			if err != nil {
				return "", err
			}
			_, err = w.api.CompleteUploadExternalContext(ctx, slackgo.CompleteUploadExternalParameters{Files: summaries([]string{id}, []bot.File{f}), Channel: channel, ThreadTimestamp: ts})
			return id, err
		})
	}
}
