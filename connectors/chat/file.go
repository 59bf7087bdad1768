package chat

import (
	"context"
	"encoding/base64"
	"path"
	"strings"
	"unicode"

	"github.com/bretelle/bretelle/connectors"
	"github.com/bretelle/bretelle/engine"
)

// How the content of a file is written.
const (
	PlainContent  = "text"
	Base64Content = "base64"
)

// UploadInput is what chat.file.upload takes.
type UploadInput struct {
	Name     string `json:"name" title:"Name" required:"true" example:"build.log" doc:"What the file is called."`
	Content  string `json:"content" title:"Content" required:"true" format:"text" doc:"What is in it: a text, or the bytes in base64, of at most 8 MiB."`
	Encoding string `json:"encoding,omitempty" title:"Written as" enum:"text,base64" titles:"text,base64" default:"text" advanced:"true" doc:"How the content is written."`
	Type     string `json:"type,omitempty" title:"Type" advanced:"true" example:"image/png" doc:"Its media type. Left out, the name's ending says."`
	Alt      string `json:"alt,omitempty" title:"In words" advanced:"true" doc:"What a picture shows, for those who do not see it."`
	Text     string `json:"text,omitempty" title:"Text" format:"text" doc:"What is said above the file."`
	To       string `json:"to,omitempty" title:"Channel" format:"place" doc:"Where: #channel, slack:TEAM/#channel or discord:GUILD/#channel. Left out, it is the flow's channel."`
	Thread   string `json:"thread,omitempty" title:"Thread" doc:"The thread to share it in, as an event or an earlier step names it."`
}

func upload() connectors.Act[UploadInput, Output] {
	return connectors.Act[UploadInput, Output]{
		Name: "file.upload", Title: "Share a file",
		Doc:  "Shares a file of at most 8 MiB in a channel or a thread: a log, a picture, a table. After a crash or a retry it still stands there once, where the platform can tell.",
		Risk: engine.Write, Scopes: speaking("slack:files:write", "discord:ATTACH_FILES"), Idempotency: connectors.KeySent,
		Sample: Output{Ref: sampleRef, To: "#triage"},
		Assume: func(c *connectors.Call, in UploadInput) Output { return Output{Ref: sampleRef, To: goes(c, in.To)} },
		Tests: []connectors.Test[UploadInput]{
			{Name: "a log", In: UploadInput{Name: "a/build.log", Content: "red\n", Text: "It failed."},
				Posts: []connectors.Posted{{Did: "file", Place: "#triage", Text: "It failed.", File: &connectors.File{Name: "build.log", Type: "text/plain", Data: []byte("red\n")}}},
				Out:   map[string]any{"ref": "ref-1", "to": "#triage"}},
			{Name: "a picture in a thread", In: UploadInput{Name: "a.PNG", Content: "iVBO\nRw==", Encoding: Base64Content, Alt: "a chart", Thread: "t1"},
				Posts: []connectors.Posted{{Did: "file", Place: "#triage", Thread: "t1", File: &connectors.File{Name: "a.PNG", Type: "image/png", Alt: "a chart", Data: []byte("\x89PNG")}}}},
			{Name: "no base64", In: UploadInput{Name: "a", Content: "?", Encoding: Base64Content}, Class: engine.BadInput},
			{Name: "nothing in it", In: UploadInput{Name: "a", Content: ""}, Class: engine.BadInput},
			{Name: "no name", In: UploadInput{Name: "/", Content: "x"}, Class: engine.BadInput},
			{Name: "no type", In: UploadInput{Name: "a", Content: "x", Type: "picture"}, Class: engine.BadInput},
		},
		Describe: titled("Share a file", "name", "Share the file "),
		Run: func(ctx context.Context, c *connectors.Call, in UploadInput) (Output, error) {
			place, err := where(c, in.To)
			if err == nil && len(in.Text) > 0 {
				err = sayable(in.Text)
			}
			if err != nil {
				return Output{}, err
			}
			f, err := fileOf(in)
			if err != nil {
				return Output{}, err
			}
			ref, err := c.Upload(ctx, place, strings.TrimSpace(in.Thread), in.Text, f)
			return Output{Ref: ref, To: place.String()}, err
		},
	}
}

// fileOf is the file as it is shared. The error is Invalid or TooLarge.
func fileOf(in UploadInput) (connectors.File, error) {
	f := connectors.File{Name: fileName(in.Name), Type: strings.ToLower(strings.TrimSpace(in.Type)), Alt: strings.TrimSpace(in.Alt)}
	if f.Name == "" {
		return f, engine.E(engine.Invalid, `"{name}" is no name of a file`, "name", cut(in.Name)).WithHint("Write it with its ending: build.log.")
	}
	if in.Encoding == Base64Content {
		if base64.StdEncoding.DecodedLen(len(in.Content)) > connectors.MostUpload+connectors.MostUpload/8 {
			return f, tooLarge()
		}
		plain := strings.Map(func(r rune) rune {
			if unicode.IsSpace(r) || r == '=' {
				return -1
			}
			return r
		}, in.Content)
		data, err := base64.RawStdEncoding.DecodeString(plain)
		if err != nil {
			return f, engine.E(engine.Invalid, "The content is not base64").WithHint("Leave encoding out when it is text.")
		}
		f.Data = data
	} else {
		f.Data = []byte(in.Content)
	}
	switch {
	case len(f.Data) == 0:
		return f, engine.E(engine.Invalid, "There is nothing in the file").WithHint("Check the expression that gives it.")
	case len(f.Data) > connectors.MostUpload:
		return f, tooLarge()
	}
	if f.Type == "" {
		if f.Type = typeOf(f.Name); f.Type == "" && in.Encoding != Base64Content {
			f.Type = "text/plain"
		} else if f.Type == "" {
			f.Type = "application/octet-stream"
		}
	}
	if kind, of, ok := strings.Cut(f.Type, "/"); !ok || kind == "" || of == "" || len(f.Type) > 100 || strings.ContainsFunc(f.Type, func(r rune) bool { return r <= ' ' || r > '~' }) {
		return f, engine.E(engine.Invalid, `"{type}" is not a media type`, "type", cut(f.Type)).WithHint("Write it like text/plain or image/png, or leave it out.")
	}
	return f, nil
}

func tooLarge() error {
	return engine.E(engine.TooLarge, "The file is larger than {max} bytes", "max", connectors.MostUpload).WithHint("Share a part of it, or a link.")
}

// fileName is the last part of a name, without what no file is called by.
func fileName(name string) string {
	name = path.Base(strings.ReplaceAll(strings.TrimSpace(name), "\\", "/"))
	name = strings.Map(func(r rune) rune {
		if unicode.IsControl(r) || unicode.Is(unicode.Cf, r) {
			return -1
		}
		return r
	}, name)
	if r := []rune(name); len(r) > 120 {
		name = string(r[len(r)-120:])
	}
	if strings.Trim(name, "./ ") == "" {
		return ""
	}
	return name
}

// typeOf is the media type that a name's ending says, as far as flows make such files.
func typeOf(name string) string {
	switch strings.ToLower(path.Ext(name)) {
	case ".txt", ".log", ".md", ".yaml", ".yml", ".diff", ".patch":
		return "text/plain"
	case ".csv":
		return "text/csv"
	case ".html":
		return "text/html"
	case ".json":
		return "application/json"
	case ".xml":
		return "application/xml"
	case ".pdf":
		return "application/pdf"
	case ".zip":
		return "application/zip"
	case ".png":
		return "image/png"
	case ".jpg", ".jpeg":
		return "image/jpeg"
	case ".gif":
		return "image/gif"
	case ".webp":
		return "image/webp"
	case ".svg":
		return "image/svg+xml"
	}
	return ""
}
