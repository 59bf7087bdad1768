package engine

import (
	"bytes"
	"encoding/json"
	"maps"
	"math"
	"slices"
	"strconv"
	"strings"
	"unicode/utf8"
)

// Most of what flows say is plain: maps, lists, short texts, integers. These readers and writers of JSON know just that, in
// a third of the time and memory of encoding/json, and give up on everything else, which it then does. Where both can, they
// give the same, which a fuzz test holds them to.

// fastDepth is how deep values may nest here.
const fastDepth = 200

// fastReader reads one plain value.
type fastReader struct {
	data []byte
	at   int
}

func fastDecode(data []byte) (v any, ok bool) {
	r := fastReader{data: data}
	r.space()
	if v, ok = r.value(0); !ok {
		return nil, false
	}
	r.space()
	return v, r.at == len(data)
}

func (r *fastReader) space() {
	for r.at < len(r.data) {
		switch r.data[r.at] {
		case ' ', '\t', '\n', '\r':
			r.at++
		default:
			return
		}
	}
}

// next takes a byte when it comes next.
func (r *fastReader) next(b byte) bool {
	if r.at < len(r.data) && r.data[r.at] == b {
		r.at++
		return true
	}
	return false
}

func (r *fastReader) value(depth int) (any, bool) {
	if r.at == len(r.data) || depth > fastDepth {
		return nil, false
	}
	switch b := r.data[r.at]; b {
	case '{':
		r.at++
		return r.object(depth)
	case '[':
		r.at++
		return r.list(depth)
	case '"':
		return r.text()
	case 't':
		return true, r.word("true")
	case 'f':
		return false, r.word("false")
	case 'n':
		return nil, r.word("null")
	}
	return r.number()
}

func (r *fastReader) word(w string) bool {
	if len(r.data)-r.at < len(w) || string(r.data[r.at:r.at+len(w)]) != w {
		return false
	}
	r.at += len(w)
	return true
}

func (r *fastReader) object(depth int) (any, bool) {
	m := map[string]any{}
	r.space()
	if r.next('}') {
		return m, true
	}
	for {
		r.space()
		if r.at == len(r.data) || r.data[r.at] != '"' {
			return nil, false
		}
		k, ok := r.text()
		if !ok {
			return nil, false
		}
		if r.space(); !r.next(':') {
			return nil, false
		}
		r.space()
		v, ok := r.value(depth + 1)
		if !ok {
			return nil, false
		}
		m[k] = v
		if r.space(); r.next('}') {
			return m, true
		}
		if !r.next(',') {
			return nil, false
		}
	}
}

func (r *fastReader) list(depth int) (any, bool) {
	l := []any{}
	r.space()
	if r.next(']') {
		return l, true
	}
	for {
		r.space()
		v, ok := r.value(depth + 1)
		if !ok {
			return nil, false
		}
		l = append(l, v)
		if r.space(); r.next(']') {
			return l, true
		}
		if !r.next(',') {
			return nil, false
		}
	}
}

func (r *fastReader) text() (string, bool) {
	r.at++
	n := bytes.IndexByte(r.data[r.at:], '"')
	if n < 0 {
		return "", false
	}
	s := r.data[r.at : r.at+n]
	ascii := true
	for _, b := range s {
		if b < ' ' || b == '\\' {
			return "", false
		}
		ascii = ascii && b < utf8.RuneSelf
	}
	if !ascii && !utf8.Valid(s) {
		return "", false
	}
	r.at += n + 1
	return string(s), true
}

func (r *fastReader) digits() int {
	from := r.at
	for r.at < len(r.data) && r.data[r.at] >= '0' && r.data[r.at] <= '9' {
		r.at++
	}
	return r.at - from
}

func (r *fastReader) number() (any, bool) {
	from := r.at
	r.next('-')
	zero := r.at < len(r.data) && r.data[r.at] == '0'
	if n := r.digits(); n == 0 || n > 18 || zero && n > 1 {
		return nil, false
	}
	whole := true
	if r.next('.') {
		if whole = false; r.digits() == 0 {
			return nil, false
		}
	}
	if r.at < len(r.data) && (r.data[r.at] == 'e' || r.data[r.at] == 'E') {
		return nil, false
	}
	s := string(r.data[from:r.at])
	if whole {
		i, err := strconv.ParseInt(s, 10, 64)
		return int(i), err == nil
	}
	f, err := strconv.ParseFloat(s, 64)
	return f, err == nil
}

// fastEncode appends the text of a plain value.
func fastEncode(b []byte, v any, depth int) (_ []byte, ok bool) {
	if depth > fastDepth {
		return b, false
	}
	switch x := v.(type) {
	case nil:
		return append(b, "null"...), true
	case bool:
		return strconv.AppendBool(b, x), true
	case string:
		return fastText(b, x)
	case int:
		return strconv.AppendInt(b, int64(x), 10), true
	case int64:
		return strconv.AppendInt(b, x, 10), true
	case float64:
		if a := math.Abs(x); a != 0 && (a < 1e-6 || a >= 1e21) || a != a {
			return b, false
		}
		return strconv.AppendFloat(b, x, 'f', -1, 64), true
	case []any:
		if x == nil {
			return append(b, "null"...), true
		}
		b = append(b, '[')
		for i, e := range x {
			if i > 0 {
				b = append(b, ',')
			}
			if b, ok = fastEncode(b, e, depth+1); !ok {
				return b, false
			}
		}
		return append(b, ']'), true
	case map[string]any:
		return fastMap(b, x, depth)
	case Event:
		if x.Kept == nil && x.Of == nil && x.Undo == nil && x.Depth == 0 {
			return fastEvent(b, x)
		}
	}
	return b, false
}

func fastEvent(b []byte, e Event) (_ []byte, ok bool) {
	for _, f := range []struct{ name, text string }{{`{"id":`, e.ID}, {`,"key":`, e.Key}, {`,"at":`, ""}, {`,"trigger":`, e.Trigger}} {
		b = append(b, f.name...)
		if f.name == `,"at":` {
			b = strconv.AppendInt(b, e.At, 10)
		} else if b, ok = fastText(b, f.text); !ok {
			return b, false
		}
	}
	b = append(b, `,"data":`...)
	if b, ok = fastMap(b, e.Data, 1); !ok {
		return b, false
	}
	return append(b, '}'), true
}

func fastMap(b []byte, m map[string]any, depth int) (_ []byte, ok bool) {
	if m == nil {
		return append(b, "null"...), true
	}
	var few [16]string
	keys := slices.AppendSeq(few[:0], maps.Keys(m))
	slices.Sort(keys)
	b = append(b, '{')
	for i, k := range keys {
		if i > 0 {
			b = append(b, ',')
		}
		if b, ok = fastText(b, k); !ok {
			return b, false
		}
		b = append(b, ':')
		if b, ok = fastEncode(b, m[k], depth+1); !ok {
			return b, false
		}
	}
	return append(b, '}'), true
}

func fastText(b []byte, s string) ([]byte, bool) {
	ascii := true
	for i := range len(s) {
		if c := s[i]; c < ' ' || c == '"' || c == '\\' {
			return slowText(b, s)
		} else if c >= utf8.RuneSelf {
			ascii = false
		}
	}
	if !ascii && (!utf8.ValidString(s) || strings.ContainsAny(s, "\u2028\u2029")) {
		return slowText(b, s)
	}
	b = append(b, '"')
	b = append(b, s...)
	return append(b, '"'), true
}

func slowText(b []byte, s string) ([]byte, bool) {
	var w bytes.Buffer
	e := json.NewEncoder(&w)
	e.SetEscapeHTML(false)
	if e.Encode(s) != nil {
		return b, false
	}
	return append(b, bytes.TrimSuffix(w.Bytes(), []byte("\n"))...), true
}
