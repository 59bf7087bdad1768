package feed

import (
	"crypto/sha256"
	"encoding/hex"
	"net/url"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/mmcdole/gofeed"

	"github.com/bretelle/bretelle/connectors"
	"github.com/bretelle/bretelle/engine"
)

// Limits of one item, in bytes.
const (
	maxWords = 500
	maxBody  = 64 << 10
	maxTags  = 50
)

// items are what stands in a feed, each once. Of two with one identity the first counts: feeds give the newest first.
func items(f *gofeed.Feed, address string, updates bool) []connectors.Found {
	about := map[string]any{"title": words(f.Title), "link": link(f.Link, address), "url": address}
	seen := map[string]bool{}
	var out []connectors.Found
	for _, it := range f.Items {
		if it == nil {
			continue
		}
		if len(out) == maxItems {
			break
		}
		x := item(it, address, updates)
		if seen[x.ID] {
			continue
		}
		seen[x.ID] = true
		x.Data["feed"] = about
		out = append(out, x)
	}
	return out
}

func item(it *gofeed.Item, address string, updates bool) connectors.Found {
	body := it.Content
	if strings.TrimSpace(body) == "" {
		body = it.Description
	}
	body = cut(body, maxBody)
	title, to := words(it.Title), link(it.Link, address)
	guid := strings.TrimSpace(it.GUID)
	x := connectors.Found{ID: guid, At: latest(it, updates), Data: map[string]any{
		"title": title, "link": to, "text": cut(connectors.PlainText(body), maxBody), "html": body, "author": author(it),
		"published": stamp(it.PublishedParsed), "updated": stamp(it.UpdatedParsed), "categories": tags(it.Categories),
		"image": "", "enclosure": "", "guid": cut(guid, maxWords),
	}}
	if it.Image != nil {
		x.Data["image"] = link(it.Image.URL, address)
	}
	if len(it.Enclosures) > 0 && it.Enclosures[0] != nil {
		x.Data["enclosure"] = link(it.Enclosures[0].URL, address)
	}
	switch {
	case guid != "":
	case strings.TrimSpace(it.Link) != "":
		x.ID = strings.TrimSpace(it.Link)
	default:
		x.ID = "hash:" + hash(title, to, body)
		if title != "" { // its text may be mended later; without a title nothing else tells it apart
			x.ID = "hash:" + hash(title, to)
		}
	}
	if updates {
		x.ID += "@" + hash(title, to, body)[:16]
	}
	return x
}

func hash(parts ...string) string {
	h := sha256.New()
	for _, p := range parts {
		h.Write([]byte(p))
		h.Write([]byte{0})
	}
	return hex.EncodeToString(h.Sum(nil))
}

// latest is the item's own time.
func latest(it *gofeed.Item, updates bool) int64 {
	switch {
	case updates && it.UpdatedParsed != nil:
		return engine.Millis(*it.UpdatedParsed)
	case it.PublishedParsed != nil:
		return engine.Millis(*it.PublishedParsed)
	case it.UpdatedParsed != nil:
		return engine.Millis(*it.UpdatedParsed)
	}
	return 0
}

func stamp(t *time.Time) any {
	if t == nil || t.Year() < 1 || t.Year() > 9999 {
		return nil
	}
	return t.UTC().Format("2006-01-02T15:04:05.000Z")
}

func author(it *gofeed.Item) string {
	for _, a := range it.Authors {
		if a == nil {
			continue
		}
		if name := words(a.Name); name != "" {
			return name
		}
		if a.Email != "" {
			return words(a.Email)
		}
	}
	return ""
}

func tags(list []string) []any {
	out := []any{}
	for _, c := range list {
		if c = words(c); c != "" && len(out) < maxTags {
			out = append(out, c)
		}
	}
	return out
}

// words is one line of plain text.
func words(s string) string {
	return cut(strings.Join(strings.Fields(connectors.PlainText(cut(s, 4*maxWords))), " "), maxWords)
}

// link is an absolute web address, or "": what leads elsewhere (javascript:, data:) leads nowhere.
func link(s, base string) string {
	s = strings.TrimSpace(s)
	if s == "" || len(s) > 2000 {
		return ""
	}
	b, err := url.Parse(strings.TrimSpace(base))
	if err != nil {
		return ""
	}
	u, err := b.Parse(s)
	if err != nil || u.Scheme != "http" && u.Scheme != "https" || u.Host == "" {
		return ""
	}
	return strings.ToValidUTF8(u.String(), "\uFFFD")
}

// cut shortens a text to at most bytes, between characters.
func cut(s string, most int) string {
	s = strings.ToValidUTF8(s, "\uFFFD")
	if len(s) <= most {
		return s
	}
	for most > 0 && !utf8.RuneStart(s[most]) {
		most--
	}
	return s[:most]
}
