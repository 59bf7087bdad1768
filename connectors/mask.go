package connectors

import (
	"encoding/base64"
	"encoding/hex"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"sync"

	"github.com/bretelle/bretelle/engine"
)

const stars = "***"

// minSecret is the shortest text that is starred out; shorter ones would star out ordinary words.
const minSecret = 4

// mask replaces the secrets of one call by stars, in every spelling that services and encodings give them.
type mask struct {
	mu    sync.Mutex
	forms []string // longest first
}

// add makes the mask cover a secret: as it is, and base64, URL, JSON and hexadecimal forms of it. Of a header value
// "Bearer X" or "Basic X" it covers X too, and the password inside Basic.
func (m *mask) add(secret string) {
	m.mu.Lock()
	defer m.mu.Unlock()
	secrets := []string{secret, strings.TrimSpace(secret)}
	if scheme, token, ok := strings.Cut(strings.TrimSpace(secret), " "); ok {
		secrets = append(secrets, token)
		if strings.EqualFold(scheme, "basic") {
			if plain, err := base64.StdEncoding.DecodeString(token); err == nil {
				_, password, _ := strings.Cut(string(plain), ":")
				secrets = append(secrets, string(plain), password)
			}
		}
	}
	for _, s := range secrets {
		if len(s) >= minSecret {
			m.forms = append(m.forms, formsOf(s)...)
		}
	}
	slices.SortFunc(m.forms, func(a, b string) int {
		if len(a) != len(b) {
			return len(b) - len(a)
		}
		return strings.Compare(a, b)
	})
	m.forms = slices.Compact(m.forms)
}

func formsOf(s string) []string {
	hexed := hex.EncodeToString([]byte(s))
	forms := []string{s, hexed, strings.ToUpper(hexed)}
	for _, u := range []string{url.QueryEscape(s), url.PathEscape(s), strings.ReplaceAll(url.QueryEscape(s), "+", "%20")} {
		forms = append(forms, u, lowerEscapes(u))
	}
	for _, once := range escapes(s) {
		forms = append(forms, once)
		forms = append(forms, escapes(once)...) // JSON kept as text within JSON
	}
	for _, enc := range []*base64.Encoding{base64.StdEncoding, base64.URLEncoding} {
		forms = append(forms, enc.EncodeToString([]byte(s)))
		for pad := range 3 { // inside a longer text the secret may begin at any of three offsets
			core := enc.EncodeToString([]byte(strings.Repeat("\x00", pad) + s))
			from, to := (pad*8+5)/6, (pad+len(s))*8/6
			if to-from >= 6 {
				forms = append(forms, core[from:to])
			}
		}
	}
	return forms
}

// escapes are the ways in which JSON writers spell a text: with and without escapes for HTML and the slash.
func escapes(s string) []string {
	j, err := engine.EncodeJSON(s)
	if err != nil {
		return nil
	}
	text := string(j[1 : len(j)-1])
	slash := strings.ReplaceAll(text, "/", `\/`)
	html := strings.NewReplacer("<", `\u003c`, ">", `\u003e`, "&", `\u0026`)
	return []string{text, slash, html.Replace(text), html.Replace(slash)}
}

// lowerEscapes writes %2F as %2f, as some services do.
func lowerEscapes(s string) string {
	b := []byte(s)
	for i := 0; i+2 < len(b); i++ {
		if b[i] == '%' {
			copy(b[i:], strings.ToLower(string(b[i:i+3])))
		}
	}
	return string(b)
}

func (m *mask) empty() bool {
	m.mu.Lock()
	defer m.mu.Unlock()
	return len(m.forms) == 0
}

// text is s with every form of every secret starred out.
func (m *mask) text(s string) string {
	m.mu.Lock()
	defer m.mu.Unlock()
	for _, f := range m.forms {
		if strings.Contains(s, f) {
			s = strings.ReplaceAll(s, f, stars)
		}
	}
	return s
}

// value is a plain value with every text, name and number in it masked.
func (m *mask) value(v any) any {
	switch x := v.(type) {
	case string:
		return m.text(x)
	case int:
		return m.number(strconv.Itoa(x), v)
	case float64:
		return m.number(strconv.FormatFloat(x, 'f', -1, 64), v)
	case []any:
		out := make([]any, len(x))
		for i := range x {
			out[i] = m.value(x[i])
		}
		return out
	case map[string]any:
		out := make(map[string]any, len(x))
		for k, y := range x {
			out[m.text(k)] = m.value(y)
		}
		return out
	}
	return v
}

func (m *mask) number(text string, v any) any {
	if masked := m.text(text); masked != text {
		return masked
	}
	return v
}

// failure masks everything in a failure that came from outside or from the input.
func (m *mask) failure(f engine.Failure) engine.Failure {
	if args, ok := m.value(plain(f.Args)).(map[string]any); ok {
		f.Args = args
	}
	f.Peer, f.Said, f.Hint, f.Msg = m.text(f.Peer), m.text(f.Said), m.text(f.Hint), m.text(f.Msg)
	return f
}
