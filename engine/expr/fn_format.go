package expr

import (
	"html"
	"math"
	"strconv"
	"strings"
	"unicode"
	"unicode/utf8"
)

// formatFunctions are what people know from the formatter steps of other automation tools.
func formatFunctions() []function {
	return []function{
		{Function: doc("titleCase", "titleCase(text)", "The text with each word's first letter a capital, the others as they are.", `titleCase("new bug report")`, `"New Bug Report"`), args: "string", result: "string", call: onText(titleCase)},
		{Function: doc("slug", "slug(text)", "The text as a part of an address: small letters and digits with dashes between words; accents are dropped.", `slug("Crème brûlée, 2 pieces!")`, `"creme-brulee-2-pieces"`), args: "string", result: "string", call: onText(slug)},
		{Function: doc("padLeft", "padLeft(text, characters, fill?)", "The text, filled up on the left with spaces or the given character.", `padLeft("7", 3, "0")`, `"007"`), args: "any integer string?", result: "string", call: pad(true)},
		{Function: doc("padRight", "padRight(text, characters, fill?)", "The text, filled up on the right with spaces or the given character.", `padRight("ab", 4, ".")`, `"ab.."`), args: "any integer string?", result: "string", call: pad(false)},
		{Function: doc("before", "before(text, part)", "What stands before the part, all of it where the part is missing.", `before("ada@example.org", "@")`, `"ada"`), args: "string string", result: "string", call: side(func(a, _ string, _ bool) string { return a })},
		{Function: doc("after", "after(text, part)", `What stands after the part, "" where the part is missing.`, `after("ada@example.org", "@")`, `"example.org"`), args: "string string", result: "string", call: side(func(_, b string, _ bool) string { return b })},
		{Function: doc("words", "words(text)", "The words of the text: what stands between spaces.", `words(" new  bug ")`, `["new","bug"]`), args: "string", result: "array", call: words},
		{Function: doc("plainText", "plainText(html)", "The text of HTML: without tags, scripts and styles, with paragraphs as lines.", `plainText("<p>Hello <b>Ada</b> &amp; Bob</p><p>Bye</p>")`, `"Hello Ada & Bob\nBye"`), args: "string", result: "string", call: onText(plainText)},
		{Function: doc("escapeHTML", "escapeHTML(text)", "The text as it is written in HTML.", `escapeHTML("a < b")`, `"a &lt; b"`), args: "string", result: "string", call: escapeHTML},
		{Function: doc("formatNumber", `formatNumber(number, places?, thousands?, point?)`, "The number for people: so many places, a separator between thousands (a comma) and before the places (a point).", `formatNumber(1234567.891, 2, "'", ".")`, `"1'234'567.89"`), args: "number integer? string? string?", result: "string", call: formatNumber},
	}
}

func titleCase(s string) string {
	start := true
	return strings.Map(func(r rune) rune {
		was := start
		start = unicode.IsSpace(r) || r == '-' || r == '('
		if was {
			return unicode.ToTitle(r)
		}
		return r
	}, s)
}

// unaccented are the letters that become others without their accents, in the languages written with Latin letters.
var unaccented = strings.NewReplacer(
	"à", "a", "á", "a", "â", "a", "ã", "a", "å", "a", "ā", "a", "ă", "a", "ą", "a", "ä", "ae", "æ", "ae", "ç", "c", "ć", "c", "č", "c",
	"ď", "d", "đ", "d", "ð", "d", "è", "e", "é", "e", "ê", "e", "ë", "e", "ē", "e", "ė", "e", "ę", "e", "ě", "e", "ğ", "g",
	"ì", "i", "í", "i", "î", "i", "ï", "i", "ī", "i", "į", "i", "ı", "i", "ł", "l", "ľ", "l", "ñ", "n", "ń", "n", "ň", "n",
	"ò", "o", "ó", "o", "ô", "o", "õ", "o", "ø", "o", "ō", "o", "ő", "o", "ö", "oe", "œ", "oe", "ř", "r", "ś", "s", "š", "s", "ş", "s", "ș", "s", "ß", "ss",
	"ť", "t", "ț", "t", "ţ", "t", "þ", "th", "ù", "u", "ú", "u", "û", "u", "ū", "u", "ů", "u", "ű", "u", "ų", "u", "ü", "ue", "ý", "y", "ÿ", "y", "ź", "z", "ż", "z", "ž", "z",
)

func slug(s string) string {
	var b strings.Builder
	dash := false
	for _, r := range unaccented.Replace(strings.ToLower(s)) {
		switch {
		case r >= 'a' && r <= 'z' || r >= '0' && r <= '9':
			if dash && b.Len() > 0 {
				b.WriteByte('-')
			}
			b.WriteRune(r)
			dash = false
		case unicode.Is(unicode.Mn, r): // an accent of its own
		default:
			dash = true
		}
	}
	return b.String()
}

func pad(left bool) func(*call) (any, error) {
	return func(c *call) (any, error) {
		s, ok := scalarText(c.args[0])
		if !ok {
			return nil, c.wrong(0, "text")
		}
		n, err := c.whole(1)
		if err != nil {
			return nil, err
		}
		fill := " "
		if c.has(2) {
			if fill, err = c.text(2); err != nil {
				return nil, err
			}
			if utf8.RuneCountInString(fill) != 1 {
				return nil, c.fail(2, "", "{name} fills up with one character")
			}
		}
		more := n - utf8.RuneCountInString(s)
		if more <= 0 {
			return c.made(s)
		}
		if more > maxBytes/len(fill) {
			return nil, c.m.grow(c.n, maxBytes+1)
		}
		if err := c.m.grow(c.n, len(s)+more*len(fill)); err != nil {
			return nil, err
		}
		if left {
			return strings.Repeat(fill, more) + s, nil
		}
		return s + strings.Repeat(fill, more), nil
	}
}

func side(pick func(before, after string, found bool) string) func(*call) (any, error) {
	return func(c *call) (any, error) {
		t, err := c.texts()
		if err != nil {
			return nil, err
		}
		return c.made(pick(strings.Cut(t[0], t[1])))
	}
}

func words(c *call) (any, error) {
	s, err := c.text(0)
	if err != nil {
		return nil, err
	}
	list := strings.Fields(s)
	if err := c.m.step(c.n, len(list)); err != nil {
		return nil, err
	}
	if err := c.m.grow(c.n, 32*len(list)); err != nil {
		return nil, err
	}
	out := make([]any, len(list))
	for i, w := range list {
		out[i] = w
	}
	return out, nil
}

func escapeHTML(c *call) (any, error) {
	s, err := c.text(0)
	if err != nil {
		return nil, err
	}
	if err := c.m.grow(c.n, 5*len(s)); err != nil { // no character becomes longer than five
		return nil, err
	}
	return html.EscapeString(s), nil
}

// plainText reads HTML the way a person sees it, roughly: it never fails, and what is no tag stays.
func plainText(s string) string {
	var b strings.Builder
	for s != "" {
		i := strings.IndexByte(s, '<')
		if i < 0 {
			b.WriteString(s)
			break
		}
		b.WriteString(s[:i])
		s = s[i:]
		if rest, ok := strings.CutPrefix(s, "<!--"); ok {
			_, s, _ = strings.Cut(rest, "-->")
			continue
		}
		name := tagName(s)
		if name == "" { // its end is not looked for: that would read the rest again for each
			b.WriteByte('<')
			s = s[1:]
			continue
		}
		end := strings.IndexByte(s, '>')
		if end < 0 {
			b.WriteString(s)
			break
		}
		s = s[end+1:]
		switch name {
		case "script", "style", "head", "title":
			s = behind(s, name)
		case "br", "/p", "/div", "/ul", "/ol", "/table", "/li", "/tr", "/h1", "/h2", "/h3", "/h4", "/h5", "/h6", "/blockquote":
			b.WriteByte('\n')
		case "li":
			b.WriteString("- ")
		case "/td", "/th":
			b.WriteByte('\t')
		}
	}
	lines := strings.Split(html.UnescapeString(b.String()), "\n")
	out := lines[:0]
	for _, l := range lines {
		if l = strings.Join(strings.Fields(l), " "); l != "" || len(out) > 0 && out[len(out)-1] != "" {
			out = append(out, l)
		}
	}
	return strings.TrimSpace(strings.Join(out, "\n"))
}

// behind is what follows the end of an element whose content is not text.
func behind(s, name string) string {
	for {
		i := strings.Index(s, "</")
		if i < 0 {
			return ""
		}
		s = s[i:]
		if tagName(s) == "/"+name {
			_, s, _ = strings.Cut(s, ">")
			return s
		}
		s = s[2:]
	}
}

// tagName is the name of the tag that s begins with, "/p" of an end; "" when it is none.
func tagName(s string) string {
	i := 1
	if i < len(s) && s[i] == '/' {
		i++
	}
	start := i
	for i < len(s) && (s[i] >= 'a' && s[i] <= 'z' || s[i] >= 'A' && s[i] <= 'Z' || i > start && s[i] >= '0' && s[i] <= '9') {
		i++
	}
	if i == start {
		return ""
	}
	return strings.ToLower(s[1:i])
}

func formatNumber(c *call) (any, error) {
	places := -1
	if c.has(1) {
		n, err := c.whole(1)
		if err != nil {
			return nil, err
		}
		if n < 0 || n > 20 {
			return nil, c.fail(1, "", "a number has from 0 to 20 places")
		}
		places = n
	}
	sep, point := ",", "."
	for i, to := range map[int]*string{2: &sep, 3: &point} {
		if c.has(i) {
			s, err := c.text(i)
			if err != nil {
				return nil, err
			}
			if len(s) > 8 {
				return nil, c.fail(i, "", "a separator is at most a few characters")
			}
			*to = s
		}
	}
	var text string
	switch x := c.args[0].(type) {
	case int:
		text = strconv.Itoa(x)
		if places > 0 {
			text += "." + strings.Repeat("0", places)
		}
	case float64:
		if math.Abs(x) >= 1e21 {
			return nil, c.fail(0, "", "the number is too large")
		}
		text = strconv.FormatFloat(x, 'f', places, 64)
	default:
		return nil, c.wrong(0, "a number")
	}
	sign := ""
	if strings.HasPrefix(text, "-") {
		sign, text = "-", text[1:]
	}
	whole, part, dot := strings.Cut(text, ".")
	var b strings.Builder
	b.WriteString(sign)
	for i, r := range whole {
		if i > 0 && (len(whole)-i)%3 == 0 {
			b.WriteString(sep)
		}
		b.WriteRune(r)
	}
	if dot {
		b.WriteString(point + part)
	}
	return c.made(b.String())
}
