package mail

import (
	"bytes"
	"encoding/base64"
	"html"
	"io"
	"mime"
	"mime/quotedprintable"
	"strings"
	"unicode"

	"golang.org/x/text/encoding/htmlindex"
	"golang.org/x/text/encoding/ianaindex"
)

// walk goes through the parts of a mail.
type walk struct {
	m          *Message
	parts      int
	text, html strings.Builder
}

// part takes one part: text that is shown, or a file. quiet: another part of the same alternative was taken.
func (w *walk) part(h header, body []byte, depth int, quiet bool) {
	if w.parts++; w.parts > maxParts || depth > maxDepth {
		w.m.Cut = true
		return
	}
	kind, params, err := mime.ParseMediaType(h.get("content-type"))
	if err != nil && kind == "" {
		kind = "text/plain" // RFC 2045, 5.2
	}
	if strings.HasPrefix(kind, "multipart/") && params["boundary"] != "" {
		w.several(params["boundary"], kind, body, depth)
		return
	}
	disposition, about, _ := mime.ParseMediaType(h.get("content-disposition"))
	name := about["filename"]
	if name == "" {
		name = params["name"]
	}
	if disposition == "attachment" || name != "" || kind != "text/plain" && kind != "text/html" {
		w.file(name, kind, decode(h.get("content-transfer-encoding"), body))
		return
	}
	into := &w.text
	if kind == "text/html" {
		if into = &w.html; into.Len() > 0 {
			return // one is enough to be shown
		}
	} else if quiet && into.Len() > 0 {
		return
	}
	text := read8(decode(h.get("content-transfer-encoding"), body), params["charset"])
	if into.Len() > 0 {
		into.WriteString("\n\n")
	}
	if room := maxText - into.Len(); len(text) > room {
		text, w.m.Cut = strings.ToValidUTF8(text[:max(room, 0)], ""), true
	}
	into.WriteString(text)
}

func (w *walk) file(name, kind string, data []byte) {
	w.m.Attachments = append(w.m.Attachments, Attachment{Name: line(name), Type: line(kind), Size: len(data)})
}

// several takes the parts between the lines of a boundary (RFC 2046, 5.1.1).
func (w *walk) several(boundary, kind string, body []byte, depth int) {
	mark := []byte("--" + boundary)
	begin := -1 // of the part that is open
	take := func(end int) {
		if begin < 0 || w.parts > maxParts {
			return
		}
		raw := bytes.TrimSuffix(bytes.TrimSuffix(body[begin:end], []byte("\n")), []byte("\r"))
		h, inner := split(raw)
		w.part(h, inner, depth+1, kind == "multipart/alternative")
	}
	for at := 0; at < len(body); {
		next := len(body)
		if i := bytes.IndexByte(body[at:], '\n'); i >= 0 {
			next = at + i + 1
		}
		if found := bytes.TrimRight(body[at:next], " \t\r\n"); bytes.HasPrefix(found, mark) {
			switch string(found[len(mark):]) {
			case "--":
				take(at)
				return
			case "":
				take(at)
				begin = next
			}
		}
		at = next
	}
	take(len(body)) // its end is missing
}

// decode undoes a transfer encoding as far as it goes (RFC 2045, 6).
func decode(encoding string, body []byte) []byte {
	switch strings.ToLower(strings.TrimSpace(encoding)) {
	case "base64":
		kept := make([]byte, 0, len(body))
		for _, c := range body {
			if c >= 'A' && c <= 'Z' || c >= 'a' && c <= 'z' || c >= '0' && c <= '9' || c == '+' || c == '/' {
				kept = append(kept, c)
			}
		}
		out := make([]byte, base64.RawStdEncoding.DecodedLen(len(kept)))
		n, err := base64.RawStdEncoding.Decode(out, kept)
		if err != nil && n == 0 && len(kept) > 4 {
			n, _ = base64.RawStdEncoding.Decode(out, kept[:len(kept)/4*4])
		}
		return out[:n]
	case "quoted-printable":
		out, _ := io.ReadAll(quotedprintable.NewReader(bytes.NewReader(body))) // what was read before an error counts
		return out
	}
	return body
}

// read8 makes a text of bytes in a charset; an unknown one is read as UTF-8, or else Latin-1.
func read8(data []byte, name string) string {
	if r, err := charset(name, bytes.NewReader(data)); err == nil && name != "" {
		if out, err := io.ReadAll(io.LimitReader(r, 4*maxText)); err == nil {
			return string(out)
		}
	}
	if text := string(data); strings.ToValidUTF8(text, "") == text {
		return text
	}
	var b strings.Builder
	for _, c := range data {
		b.WriteRune(rune(c))
	}
	return b.String()
}

// charset reads a charset as UTF-8. The error says that it is not known.
func charset(name string, in io.Reader) (io.Reader, error) {
	name = strings.ToLower(strings.TrimSpace(name))
	if e, err := ianaindex.MIME.Encoding(name); err == nil && e != nil {
		return e.NewDecoder().Reader(in), nil
	}
	e, err := htmlindex.Get(name)
	if err != nil {
		return nil, err
	}
	return e.NewDecoder().Reader(in), nil
}

// clean is a text without what is none: broken characters and control characters but line ends and tabs.
func clean(s string) string {
	return strings.Map(func(r rune) rune {
		if r == '\n' || r == '\t' {
			return r
		}
		if unicode.IsControl(r) || r == 0xFEFF || r >= 0x202A && r <= 0x202E || r >= 0x2066 && r <= 0x2069 {
			return -1
		}
		return r
	}, strings.ToValidUTF8(s, "\uFFFD"))
}

// tidy is a body without what is no text, its line ends one kind, its ends trimmed.
func tidy(s string) string {
	return strings.TrimSpace(clean(strings.ReplaceAll(s, "\r\n", "\n")))
}

// plain is the text of HTML: tags away, lines where blocks end, what is not shown left out.
func plain(s string) string {
	var b strings.Builder
	skip := "" // the element whose content is not text
	for s != "" {
		i := strings.IndexByte(s, '<')
		if i < 0 {
			i = len(s)
		}
		if skip == "" {
			b.WriteString(html.UnescapeString(strings.Join(strings.Fields(" "+s[:i]+" "), " ")))
			if i > 0 && strings.TrimSpace(s[:i]) != "" {
				b.WriteByte(' ')
			}
		}
		if s = s[i:]; s == "" {
			break
		}
		if strings.HasPrefix(s, "<!--") {
			_, after, ok := strings.Cut(s, "-->")
			if s = after; !ok {
				break
			}
			continue
		}
		end := strings.IndexByte(s, '>')
		if end < 0 {
			break
		}
		tag := strings.ToLower(s[1:end])
		s = s[end+1:]
		name := strings.TrimLeft(tag, "/")
		if j := strings.IndexFunc(name, func(r rune) bool { return !unicode.IsLetter(r) && !unicode.IsDigit(r) }); j >= 0 {
			name = name[:j]
		}
		closing := strings.HasPrefix(tag, "/")
		switch name {
		case "script", "style", "head", "title":
			if closing && skip == name {
				skip = ""
			} else if !closing && skip == "" && !strings.HasSuffix(tag, "/") {
				skip = name
			}
		case "br", "tr", "li", "hr":
			b.WriteByte('\n')
		case "p", "div", "table", "ul", "ol", "h1", "h2", "h3", "h4", "blockquote":
			b.WriteString("\n\n")
		}
	}
	lines := strings.Split(b.String(), "\n")
	var out []string
	for _, l := range lines {
		if l = strings.TrimSpace(l); l != "" || len(out) > 0 && out[len(out)-1] != "" {
			out = append(out, l)
		}
	}
	return strings.Join(out, "\n")
}
