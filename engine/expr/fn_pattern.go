package expr

import (
	"strings"
)

// patternFunctions take regular expressions, and find what people look for most.
func patternFunctions() []function {
	return []function{
		{Function: doc("extract", "extract(text, pattern)", "The first match of the pattern, of its first group where it has one; nil where nothing matches.", `extract("Order #1234 of 5", "#([0-9]+)")`, `"1234"`), args: "string string", call: extract},
		{Function: doc("extractAll", "extractAll(text, pattern)", "All matches of the pattern, of its first group where it has one.", `extractAll("#12 and #15", "#([0-9]+)")`, `["12","15"]`), args: "string string", result: "array", call: extractAll},
		{Function: doc("replaceAll", "replaceAll(text, pattern, new)", "The text with every match of the pattern replaced; $1 in new is the first group.", `replaceAll("2026-03-01", "([0-9]+)-([0-9]+)-([0-9]+)", "$3.$2.$1")`, `"01.03.2026"`), args: "string string string", result: "string", call: replaceAll},
		{Function: doc("extractEmail", "extractEmail(text)", "The first e-mail address in the text; nil when there is none.", `extractEmail("Ada <ada@example.org> wrote")`, `"ada@example.org"`), args: "string", call: found(`[A-Za-z0-9._%+'-]+@[A-Za-z0-9-]+(?:\.[A-Za-z0-9-]+)+`)},
		{Function: doc("extractURL", "extractURL(text)", "The first web address in the text; nil when there is none.", `extractURL("see https://example.org/a?b=1, please")`, `"https://example.org/a?b=1"`), args: "string", call: found(`https?://[^\s<>"']*[^\s<>"'.,;:!?)\]]`)},
		{Function: doc("extractNumber", "extractNumber(text)", "The first number in the text, with a point before its places; nil when there is none.", `extractNumber("about 12.5 kg")`, `12.5`), args: "string", call: func(c *call) (any, error) {
			v, err := found(`-?[0-9]+(?:\.[0-9]+)?`)(c)
			if s, ok := v.(string); ok && err == nil {
				c.args[0] = s
				return toNumber(c)
			}
			return v, err
		}},
	}
}

// compiled is the pattern of argument i, its use on the text of argument 0 paid for.
func (c *call) compiled(i int, times int) (*pattern, string, error) {
	s, err := c.text(0)
	if err != nil {
		return nil, "", err
	}
	src, err := c.text(i)
	if err != nil {
		return nil, "", err
	}
	p, msg, args := compilePattern(src)
	if p == nil {
		return nil, "", c.fail(i, patternHint, msg, args...)
	}
	return p, s, c.priced(p, s, times)
}

// priced pays for the use of a pattern as the operator matches does, its compilation included.
func (c *call) priced(p *pattern, s string, times int) error {
	if err := c.m.spend(c.n, 2000); err != nil {
		return err
	}
	return c.m.spend(c.n, times*(len(s)+1)*(p.size/8+1))
}

func group(match []string) string {
	if len(match) > 1 {
		return match[1]
	}
	return match[0]
}

// groups pays for the groups of all matches: a short pattern may have hundreds.
func (c *call) groups(p *pattern, s string) error {
	n := p.re.NumSubexp()
	if n < 8 {
		return nil // at most a few times what the matches themselves take
	}
	return c.m.grow(c.n, 32*n*len(p.re.FindAllStringIndex(s, maxSteps+1)))
}

func extract(c *call) (any, error) {
	p, s, err := c.compiled(1, 1)
	if err != nil {
		return nil, err
	}
	m := p.re.FindStringSubmatch(s)
	if m == nil {
		return nil, nil
	}
	return c.made(group(m))
}

func extractAll(c *call) (any, error) {
	p, s, err := c.compiled(1, 2)
	if err != nil {
		return nil, err
	}
	out := []any{}
	if err := c.groups(p, s); err != nil {
		return nil, err
	}
	for _, m := range p.re.FindAllStringSubmatch(s, maxSteps+1) {
		if err := c.m.step(c.n, 1); err != nil {
			return nil, err
		}
		if err := c.m.grow(c.n, 32+len(m[0])); err != nil {
			return nil, err
		}
		out = append(out, group(m))
	}
	return out, nil
}

func replaceAll(c *call) (any, error) {
	p, s, err := c.compiled(1, 2)
	if err != nil {
		return nil, err
	}
	by, err := c.text(2)
	if err != nil {
		return nil, err
	}
	var b []byte
	last := 0
	if err := c.groups(p, s); err != nil {
		return nil, err
	}
	for _, m := range p.re.FindAllStringSubmatchIndex(s, maxSteps+1) {
		if err := c.m.step(c.n, 1); err != nil {
			return nil, err
		}
		// A group named in new stands there at most as often as a $ does.
		if err := c.m.grow(c.n, m[0]-last+len(by)+strings.Count(by, "$")*(m[1]-m[0])); err != nil {
			return nil, err
		}
		b = append(b, s[last:m[0]]...)
		b = p.re.ExpandString(b, by, s, m)
		last = m[1]
	}
	if err := c.m.grow(c.n, len(s)-last); err != nil {
		return nil, err
	}
	return string(append(b, s[last:]...)), nil
}

// found looks for the first match of a pattern of ours.
func found(src string) func(*call) (any, error) {
	return func(c *call) (any, error) {
		s, err := c.text(0)
		if err != nil {
			return nil, err
		}
		p, _, _ := compilePattern(src)
		if err := c.priced(p, s, 1); err != nil {
			return nil, err
		}
		m := p.re.FindString(s)
		if m == "" {
			return nil, nil
		}
		return c.made(m)
	}
}
