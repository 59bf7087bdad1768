package watch

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"slices"
	"strconv"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/bretelle/bretelle/connectors"
	"github.com/bretelle/bretelle/engine"
)

// Limits of what is kept and told of a page.
const (
	maxShown = 8 << 10 // bytes
	maxLines = 50
	maxSteps = 32
)

// state is how the page was the last time.
type state struct {
	Hash  string          `json:"hash"`
	N     int             `json:"n"` // changes so far
	Shown json.RawMessage `json:"shown,omitempty"`
}

type source struct{}

// Fetch looks at the page. Its one item is how it is now.
func (source) Fetch(ctx context.Context, f *connectors.Fetcher, with map[string]any, before json.RawMessage) (connectors.Page, error) {
	text := func(name string) string { s, _ := with[name].(string); return strings.TrimSpace(s) }
	private, _ := with["allow_private"].(bool)
	resp, err := f.Get(ctx, connectors.Request{URL: text("url"), AllowPrivate: private,
		Header: map[string]string{"Accept": "text/html, application/json;q=0.9, */*;q=0.5"}})
	if err != nil {
		return connectors.Page{}, err
	}
	shown, whole, err := look(resp, text("look"), text("value"))
	if err != nil {
		return connectors.Page{}, err
	}
	sum := sha256.Sum256(whole)
	now := state{Hash: hex.EncodeToString(sum[:])}
	var was state
	known := len(before) > 0 && json.Unmarshal(before, &was) == nil && was.Hash != ""
	page := connectors.Page{Whole: true, State: before}
	if at, err := time.Parse(time.RFC1123, resp.Header["date"]); err == nil {
		page.Date = engine.Millis(at)
	}
	if known && was.Hash == now.Hash {
		page.Unchanged = true
		return page, nil
	}
	now.N = was.N + 1
	if now.Shown, err = engine.EncodeJSON(shown); err != nil {
		return connectors.Page{}, err
	}
	if page.State, err = json.Marshal(now); err != nil {
		return connectors.Page{}, err
	}
	var old any
	if known && len(was.Shown) > 0 {
		if old, err = engine.DecodeJSON(was.Shown); err != nil {
			old = nil // only shown; what counts is the hash
		}
	}
	added, removed := compare(old, shown)
	page.Items = []connectors.Found{{ID: strconv.Itoa(now.N) + ":" + now.Hash, At: 0, Data: map[string]any{
		"url": text("url"), "before": old, "after": shown, "added": added, "removed": removed, "hash": now.Hash,
	}}}
	return page, nil
}

// look is what of an answer counts: as it is shown, bounded, and as it is hashed, whole.
func look(resp *connectors.Response, what, path string) (shown any, whole []byte, err error) {
	switch what {
	case LookBytes:
		return cut(string(resp.Body)), resp.Body, nil
	case LookJSON:
		v, err := resp.JSON()
		if err != nil {
			return nil, nil, err
		}
		if path != "" {
			var ok bool
			if v, ok = at(v, path); !ok {
				f := connectors.Fail(engine.Garbled, engine.Unreadable, "{peer} answered JSON without {path}", "peer", resp.Peer, "path", path).
					WithHint("Look at what it answers now, and correct the path.")
				f.Peer, f.Status = resp.Peer, resp.Status
				return nil, nil, f
			}
		}
		if whole, err = engine.EncodeJSON(v); err != nil {
			return nil, nil, err
		}
		if len(whole) > maxShown {
			return cut(string(whole)), whole, nil
		}
		return v, whole, nil
	}
	kind := strings.ToLower(resp.Header["content-type"])
	text := strings.ToValidUTF8(string(resp.Body), "\uFFFD")
	if strings.Contains(kind, "html") || strings.HasPrefix(strings.TrimSpace(text), "<") {
		text = connectors.PlainText(text)
	}
	return cut(text), []byte(text), nil
}

func cut(s string) string {
	s = strings.ToValidUTF8(s, "\uFFFD")
	if len(s) <= maxShown {
		return s
	}
	n := maxShown
	for n > 0 && !utf8.RuneStart(s[n]) {
		n--
	}
	return s[:n]
}

// compare gives the lines that came and went, of texts.
func compare(before, after any) (added, removed []any) {
	was, _ := before.(string)
	is, _ := after.(string)
	return lines(is, was), lines(was, is)
}

// lines of one text that another does not have.
func lines(of, without string) []any {
	out := []any{}
	there := strings.Split(without, "\n")
	slices.Sort(there)
	for line := range strings.SplitSeq(of, "\n") {
		if _, found := slices.BinarySearch(there, line); !found && strings.TrimSpace(line) != "" && len(out) < maxLines {
			out = append(out, line)
		}
	}
	return out
}

// steps takes a path apart: names and numbers.
func steps(path string) (out []any, ok bool) {
	for part := range strings.SplitSeq(strings.TrimPrefix(path, "$."), ".") {
		name, rest, indexed := strings.Cut(part, "[")
		if name != "" {
			out = append(out, name)
		} else if !indexed || len(out) > 0 {
			return nil, false
		}
		for indexed {
			var digits string
			if digits, rest, ok = strings.Cut(rest, "]"); !ok {
				return nil, false
			}
			n, err := strconv.Atoi(digits)
			if err != nil || n < 0 {
				return nil, false
			}
			out = append(out, n)
			if rest == "" {
				break
			}
			if rest, ok = strings.CutPrefix(rest, "["); !ok {
				return nil, false
			}
		}
	}
	return out, len(out) > 0 && len(out) <= maxSteps
}

// at finds a value by its path; ok is false when there is none.
func at(v any, path string) (any, bool) {
	list, ok := steps(path)
	if !ok {
		return nil, false
	}
	for _, s := range list {
		switch s := s.(type) {
		case string:
			m, is := v.(map[string]any)
			if v, ok = m[s]; !is || !ok {
				return nil, false
			}
		case int:
			l, is := v.([]any)
			if !is || s >= len(l) {
				return nil, false
			}
			v = l[s]
		}
	}
	return v, true
}
