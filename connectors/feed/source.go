package feed

import (
	"bytes"
	"context"
	"encoding/json"
	"mime"
	"strings"
	"time"

	"github.com/mmcdole/gofeed"
	"golang.org/x/net/html/charset"

	"github.com/bretelle/bretelle/connectors"
	"github.com/bretelle/bretelle/engine"
)

// state is what a feed's server is told the next time (RFC 9110, 13.1).
type state struct {
	ETag     string `json:"etag,omitempty"`
	Modified string `json:"modified,omitempty"`
}

// maxTag bounds a validator that is kept, in bytes.
const maxTag = 500

type source struct{}

// Fetch reads the feed.
func (source) Fetch(ctx context.Context, f *connectors.Fetcher, with map[string]any, before json.RawMessage) (connectors.Page, error) {
	address, _ := with["url"].(string)
	private, _ := with["allow_private"].(bool)
	updates, _ := with["updates"].(bool)
	var st state
	_ = json.Unmarshal(before, &st) // none, or one that cannot be read: everything is asked for
	r := connectors.Request{URL: strings.TrimSpace(address), AllowPrivate: private,
		Header: map[string]string{"Accept": "application/atom+xml, application/rss+xml, application/feed+json, application/xml;q=0.9, text/xml;q=0.9, */*;q=0.5"}}
	if st.ETag != "" {
		r.Header["If-None-Match"] = st.ETag
	}
	if st.Modified != "" {
		r.Header["If-Modified-Since"] = st.Modified
	}
	resp, err := f.Get(ctx, r)
	if err != nil {
		return connectors.Page{}, err
	}
	page := connectors.Page{State: before}
	if at, err := time.Parse(time.RFC1123, resp.Header["date"]); err == nil {
		page.Date = engine.Millis(at)
	}
	if resp.Status == 304 {
		page.Unchanged = true
		return page, nil
	}
	parsed, fault := read(resp)
	if fault != nil {
		return connectors.Page{}, fault
	}
	page.Items = items(parsed, address, updates)
	st = state{ETag: short(resp.Header["etag"], maxTag), Modified: short(resp.Header["last-modified"], maxTag)}
	if page.State, err = json.Marshal(st); err != nil {
		return connectors.Page{}, err
	}
	return page, nil
}

// short drops what is too long to be sent back.
func short(s string, most int) string {
	if len(s) > most || strings.ContainsFunc(s, func(r rune) bool { return r < ' ' || r == 0x7f }) {
		return ""
	}
	return s
}

// maxDepth bounds the nesting of elements: the parser needs memory for each (11 MB of them cost it 1.6 GB).
const maxDepth = 200

// maxItems bounds the items of a feed that are looked at.
const maxItems = 1000

// read makes a feed of an answer; the fault is Garbled, and says what stands there instead.
func read(resp *connectors.Response) (feed *gofeed.Feed, fault *connectors.Fault) {
	garbled := func(msg, hint string) *connectors.Fault {
		f := connectors.Fail(engine.Garbled, engine.Unreadable, msg, "peer", resp.Peer).WithHint(hint)
		f.Peer, f.Status = resp.Peer, resp.Status
		return f
	}
	body := bytes.TrimLeft(bytes.TrimPrefix(resp.Body, []byte("\xef\xbb\xbf")), " \t\r\n")
	if !bytes.Contains(body[:min(len(body), 200)], []byte("encoding=")) {
		body = decoded(body, resp.Header["content-type"])
	}
	switch {
	case len(body) == 0:
		return nil, garbled("{peer} sent nothing where a feed was", "Open the address: is the feed still there?")
	case bytes.HasPrefix(body, []byte("\x1f\x8b")):
		return nil, garbled("{peer} sent something compressed instead of a feed", "Ask for the feed as it is, not as an archive.")
	case deeper(body, maxDepth):
		return nil, garbled("The feed of {peer} is nested too deeply to be one", "Look at what stands at its address.")
	}
	defer func() {
		if recover() != nil { // a defect of the parser is this feed's trouble alone
			feed, fault = nil, garbled("The feed of {peer} cannot be read", "Look at what stands at its address, or ask who runs it.")
		}
	}()
	feed, err := gofeed.NewParser().Parse(bytes.NewReader(body))
	switch {
	case err == nil && feed != nil:
		return feed, nil
	case isHTML(body):
		return nil, garbled("{peer} sent a web page where a feed was expected", "Look for the feed's own address on that page; often it ends in /feed or .xml.")
	}
	return nil, garbled("The feed of {peer} cannot be read", "It may be broken or cut off: look at what stands at its address, or ask who runs it.")
}

// decoded is a body in UTF-8, where only the content type says that it is something else.
func decoded(body []byte, contentType string) []byte {
	_, params, err := mime.ParseMediaType(contentType)
	if err != nil || params["charset"] == "" {
		return body
	}
	enc, name := charset.Lookup(params["charset"])
	if enc == nil || name == "utf-8" {
		return body
	}
	out, err := enc.NewDecoder().Bytes(body)
	if err != nil {
		return body
	}
	return out
}

func isHTML(body []byte) bool {
	head := bytes.ToLower(body[:min(len(body), 1000)])
	return bytes.Contains(head, []byte("<!doctype html")) || bytes.Contains(head, []byte("<html"))
}

// deeper reports whether elements, or JSON's brackets, are nested more than most deep. What can be read in two ways
// counts as deeper: whoever writes a feed must not be able to hide elements from the count.
func deeper(body []byte, most int) bool {
	if body[0] == '{' {
		return deeperJSON(body, most)
	}
	depth, begun := 0, false
	for i := bytes.IndexByte(body, '<'); i >= 0; {
		rest, end := body[i:], 0
		switch {
		case bytes.HasPrefix(rest, []byte("<!--")):
			end = behind(rest, 4, "-->")
		case bytes.HasPrefix(rest, []byte("<![CDATA[")):
			end = behind(rest, 9, "]]>")
		case bytes.HasPrefix(rest, []byte("<?")):
			end = behind(rest, 2, "?>")
		case bytes.HasPrefix(rest, []byte("<!")):
			if begun { // no feed declares anything in the middle, and what looks like elements in there is none
				return true
			}
			end = 2
		case bytes.HasPrefix(rest, []byte("</")):
			depth, end = max(depth-1, 0), behind(rest, 2, ">")
		default:
			begun, end = true, behind(rest, 1, ">")
			if depth++; empty(rest[:end]) {
				depth--
			}
		}
		if depth > most {
			return true
		}
		next := bytes.IndexByte(rest[end:], '<')
		if next < 0 {
			return false
		}
		i += end + next
	}
	return false
}

// behind is where what ends with end ends, looked for from a place on; all of it when it does not.
func behind(body []byte, from int, end string) int {
	if n := bytes.Index(body[from:], []byte(end)); n >= 0 {
		return from + n + len(end)
	}
	return len(body)
}

// empty reports whether a tag closes itself: a "/>" in a quoted value closes nothing.
func empty(tag []byte) bool {
	quote := byte(0)
	for _, c := range tag {
		switch {
		case quote != 0 && c == quote:
			quote = 0
		case quote == 0 && (c == '"' || c == '\''):
			quote = c
		}
	}
	return quote == 0 && bytes.HasSuffix(tag, []byte("/>"))
}

func deeperJSON(body []byte, most int) bool {
	depth, quoted := 0, false
	for i := 0; i < len(body); i++ {
		switch c := body[i]; {
		case quoted && c == '\\':
			i++
		case c == '"':
			quoted = !quoted
		case quoted:
		case c == '{' || c == '[':
			if depth++; depth > most {
				return true
			}
		case c == '}' || c == ']':
			depth--
		}
	}
	return false
}
