package edit

import (
	"encoding/json"
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/bretelle/bretelle/engine"
)

// word is a part of a line: a bare word, a text between quotes, or key=value.
type word struct {
	text   string // of a bare word or a quoted text
	quoted bool
	key    path // of key=value: the parts between the dots
	set    bool // the key begins with @: a setting of the step, not of its action
	value  any
	free   bool // the value was written without quotes and is no JSON, so a schema may read it otherwise
	raw    string
	col    int // characters from 1
	valCol int
}

func (w word) is(text string) bool { return w.key == nil && !w.quoted && w.text == text }

// lexer cuts a line into words.
type lexer struct {
	s string
	i int
}

func (l *lexer) col() int { return utf8.RuneCountInString(l.s[:l.i]) + 1 }

func wrong(col int, msg, hint string, args ...any) *engine.Error {
	e := engine.E(engine.Invalid, msg, append(args, "column", col)...)
	return e.WithHint(hint).WithOp("edit.ParseLine")
}

// cut gives all words, as far as they can be read.
func cut(line string) ([]word, error) {
	if !utf8.ValidString(line) {
		return nil, wrong(1, "the text is not UTF-8", "Type it anew.")
	}
	l := &lexer{s: line}
	var out []word
	for {
		for l.i < len(l.s) {
			r, n := utf8.DecodeRuneInString(l.s[l.i:])
			if !unicode.IsSpace(r) {
				break
			}
			l.i += n
		}
		if l.i >= len(l.s) {
			return out, nil
		}
		start := l.i
		w, err := l.word()
		w.raw = l.s[start:l.i]
		if err != nil {
			return out, err
		}
		out = append(out, w)
	}
}

func (l *lexer) word() (word, error) {
	w := word{col: l.col()}
	start := l.i
	if l.quote() {
		s, err := l.text()
		if w.text, w.quoted = s, true; err != nil || l.i >= len(l.s) || l.s[l.i] != '=' && l.s[l.i] != '.' {
			return w, err
		}
		l.i, w.text, w.quoted = start, "", false // it was the name before =
	}
	if l.s[l.i] == '@' && l.pair() {
		w.set = true
		l.i++
	}
	var part strings.Builder
	bad := false
	for l.i < len(l.s) {
		r, n := utf8.DecodeRuneInString(l.s[l.i:])
		switch {
		case unicode.IsSpace(r):
			w.text, w.key = l.s[start:l.i], nil
			return w, nil
		case l.quote() && part.Len() == 0:
			s, err := l.text()
			if err != nil {
				return w, err
			}
			w.key = append(w.key, s)
			if l.i < len(l.s) && l.s[l.i] == '.' {
				l.i++
				continue
			}
			if l.i < len(l.s) && l.s[l.i] == '=' {
				return l.assign(w)
			}
			return w, wrong(w.col, "a quote is not expected here", "Write name=value, and quotes around a whole value.")
		case r == '.':
			bad = bad || part.Len() == 0
			w.key = append(w.key, part.String())
			part.Reset()
		case r == '=':
			if bad || part.Len() == 0 {
				return w, wrong(w.col, "the name before = is not complete", "Write name=value.")
			}
			w.key = append(w.key, part.String())
			return l.assign(w)
		default:
			part.WriteRune(r)
		}
		l.i += n
	}
	w.text, w.key = l.s[start:], nil
	return w, nil
}

// pair reports whether the word that begins here is key=value.
func (l *lexer) pair() bool {
	rest := l.s[l.i:]
	if i := strings.IndexFunc(rest, unicode.IsSpace); i >= 0 {
		rest = rest[:i]
	}
	return strings.Contains(rest, "=")
}

func (l *lexer) assign(w word) (word, error) {
	l.i++
	w.valCol = l.col()
	var err error
	switch {
	case l.quote():
		w.value, err = l.text()
		if err == nil && l.i < len(l.s) {
			if r, _ := utf8.DecodeRuneInString(l.s[l.i:]); !unicode.IsSpace(r) {
				err = wrong(l.col(), "a space is expected here", `A quote inside a text is written \".`)
			}
		}
		return w, err
	case l.i < len(l.s) && (l.s[l.i] == '{' || l.s[l.i] == '[') && !strings.HasPrefix(l.s[l.i:], "{{"):
		d := json.NewDecoder(strings.NewReader(l.s[l.i:]))
		d.UseNumber()
		v, bad := ordered(d)
		if bad != nil {
			return w, wrong(w.valCol, "this list or map is not JSON", `Write ["one", "two"] or {"name": "value"}.`)
		}
		l.i += int(d.InputOffset())
		w.value, err = clean(v)
		return w, err
	}
	from := l.i
	for l.i < len(l.s) {
		if strings.HasPrefix(l.s[l.i:], "{{") {
			end := braces(l.s[l.i:])
			if end < 0 {
				return w, wrong(l.col(), "{{ is not closed", "Close it with }}.")
			}
			l.i += end
			continue
		}
		r, n := utf8.DecodeRuneInString(l.s[l.i:])
		if unicode.IsSpace(r) {
			break
		}
		l.i += n
	}
	w.text = l.s[from:l.i]
	w.value, w.free = bareValue(w.text), true
	return w, nil
}

// braces is the length of {{ … }} at the beginning of s; -1 when it is not closed.
func braces(s string) int {
	var quote byte
	for i := 2; i < len(s); i++ {
		switch {
		case quote != 0 && s[i] == '\\' && quote != '`':
			i++
		case quote != 0:
			if s[i] == quote {
				quote = 0
			}
		case s[i] == '"' || s[i] == '\'' || s[i] == '`':
			quote = s[i]
		case strings.HasPrefix(s[i:], "}}"):
			return i + 2
		}
	}
	return -1
}

// bareValue is what a value without quotes means: a number, true, false, null, or itself.
func bareValue(s string) any {
	switch s {
	case "true":
		return true
	case "false":
		return false
	case "null":
		return nil
	}
	if json.Valid([]byte(s)) && s != "" && (s[0] == '-' || s[0] >= '0' && s[0] <= '9') {
		return number(s)
	}
	return s
}

// quote reports whether a text between quotes begins here; phones and chats turn straight quotes into round ones.
func (l *lexer) quote() bool {
	return l.i < len(l.s) && (l.s[l.i] == '"' || strings.HasPrefix(l.s[l.i:], "“"))
}

// text reads a text between quotes. Escapes are those of JSON.
func (l *lexer) text() (string, error) {
	col := l.col()
	closing := `"`
	if l.s[l.i] != '"' {
		closing = "”"
		l.i += len("“")
	} else {
		l.i++
	}
	from := l.i
	for l.i < len(l.s) {
		switch {
		case l.s[l.i] == '\\':
			l.i = min(l.i+2, len(l.s))
		case strings.HasPrefix(l.s[l.i:], closing):
			s := unescape(l.s[from:l.i])
			l.i += len(closing)
			return s, nil
		default:
			l.i++
		}
	}
	return "", wrong(col, "the quote that opens here is never closed", "Add the closing quote.")
}

func unescape(s string) string {
	if !strings.Contains(s, `\`) {
		return s
	}
	var b strings.Builder
	for i := 0; i < len(s); i++ {
		if s[i] != '\\' || i+1 == len(s) {
			b.WriteByte(s[i])
			continue
		}
		i++
		switch s[i] {
		case 'n':
			b.WriteByte('\n')
		case 't':
			b.WriteByte('\t')
		case 'r':
			b.WriteByte('\r')
		case 'u':
			var r []rune
			if i+5 <= len(s) && json.Unmarshal([]byte(`"\`+s[i:i+5]+`"`), new(string)) == nil {
				var x string
				_ = json.Unmarshal([]byte(`"\`+s[i:i+5]+`"`), &x)
				r = []rune(x)
				i += 4
			}
			b.WriteString(string(r))
		default:
			b.WriteByte(s[i])
		}
	}
	return b.String()
}

// ordered reads one JSON value with its maps in the order written.
func ordered(d *json.Decoder) (any, error) {
	t, err := d.Token()
	if err != nil {
		return nil, err
	}
	switch t {
	case json.Delim('{'):
		m := Map{}
		for d.More() {
			k, err := d.Token()
			if err != nil {
				return nil, err
			}
			v, err := ordered(d)
			if err != nil {
				return nil, err
			}
			m = append(m, Pair{k.(string), v})
		}
		_, err := d.Token()
		return m, err
	case json.Delim('['):
		list := []any{}
		for d.More() {
			v, err := ordered(d)
			if err != nil {
				return nil, err
			}
			list = append(list, v)
		}
		_, err := d.Token()
		return list, err
	}
	return t, nil
}
