package flow

import (
	"strconv"
	"strings"
	"time"

	"go.yaml.in/yaml/v4"

	"github.com/bretelle/bretelle/engine"
)

// parser collects problems while it walks the tree of one text.
type parser struct {
	text     *text
	problems engine.Problems
	ids      map[string]bool // of steps, as given
	steps    int             // seen so far
	exprs    int             // seen so far
}

func (p *parser) add(pos engine.Pos, where, msg, hint string, args ...any) {
	if len(p.problems) > maxProblems {
		return
	}
	if len(p.problems) == maxProblems {
		msg, hint, args = "there are more problems than these {most}", "Mend these first.", []any{"most", maxProblems}
	}
	p.problems = append(p.problems, engine.Problem{
		Severity: engine.SevError, Pos: pos, Where: where, Msg: msg, Hint: hint, Args: engine.Args(args...)})
}

func (p *parser) bad(n *yaml.Node, where, msg, hint string, args ...any) {
	p.add(at(n), where, msg, hint, args...)
}

// fail reports err, an *engine.Error, at n.
func (p *parser) fail(n *yaml.Node, where string, err error) {
	e := engine.AsError(err)
	p.add(at(n), where, e.Msg, e.Hint)
	if k := len(p.problems) - 1; k < maxProblems {
		p.problems[k].Args = e.Args
	}
}

func at(n *yaml.Node) engine.Pos { return engine.Pos{Line: n.Line, Col: n.Column} }

func join(where, key string) string {
	if where == "" {
		return key
	}
	return where + "." + key
}

func null(n *yaml.Node) bool {
	return n == nil || n.Kind == yaml.ScalarNode && n.ShortTag() == "!!null"
}

// member is one key of a map with its value.
type member struct {
	key   string
	name  *yaml.Node
	value *yaml.Node
}

// members reads a map, reporting keys that are no text or come twice. ok is false when n is no map.
func (p *parser) members(n *yaml.Node, where string) (list []member, ok bool) {
	if !p.plain(n, where) {
		return nil, false
	}
	if n.Kind != yaml.MappingNode {
		return nil, false
	}
	seen := make(map[string]bool, len(n.Content)/2)
	list = make([]member, 0, len(n.Content)/2)
	for i := 0; i+1 < len(n.Content); i += 2 {
		k, v := n.Content[i], n.Content[i+1]
		switch {
		case k.Kind != yaml.ScalarNode || k.ShortTag() == "!!null":
			p.bad(k, where, "a key is a word", "Put text with {{ }} between quotes.")
		case k.Value == "<<" && k.Style == 0:
			p.bad(k, where, "merge keys (<<) are not used in flows", "Write the values themselves.")
		case seen[k.Value]:
			p.bad(k, join(where, short(k.Value)), `"{key}" is written twice`, "Keep one of them.", "key", short(k.Value))
		default:
			seen[k.Value] = true
			list = append(list, member{k.Value, k, v})
		}
	}
	return list, true
}

// fields reads a map whose keys are known beforehand. what names the map in messages, "a trigger".
func (p *parser) fields(n *yaml.Node, where, what string, known ...string) map[string]*yaml.Node {
	list, ok := p.members(n, where)
	if !ok {
		if n.Kind != yaml.AliasNode && n.Anchor == "" {
			p.bad(n, where, "{what} is a map", "Its keys are {keys}.", "what", what, "keys", strings.Join(known, ", "))
		}
		return nil
	}
	m := make(map[string]*yaml.Node, len(list))
	for _, f := range list {
		if !contains(known, f.key) {
			p.unknown(f, where, known)
			continue
		}
		m[f.key] = f.value
	}
	return m
}

func (p *parser) unknown(f member, where string, known []string) {
	if s := engine.Suggest(f.key, known); s != "" {
		p.bad(f.name, where, `unknown key "{key}"`, `Did you mean "{guess}"?`, "key", short(f.key), "guess", s)
		return
	}
	p.bad(f.name, where, `unknown key "{key}"`, "Known here: {keys}.", "key", short(f.key), "keys", strings.Join(known, ", "))
}

// plain refuses anchors, aliases and foreign tags.
func (p *parser) plain(n *yaml.Node, where string) bool {
	switch {
	case n.Kind == yaml.AliasNode:
		p.bad(n, where, "aliases (*name) are not used in flows", "Write the value itself; text that begins with * needs quotes.")
		return false
	case n.Anchor != "":
		p.bad(n, where, "anchors (&name) are not used in flows", "Write the value itself; text that begins with & needs quotes.")
		return false
	}
	switch n.ShortTag() {
	case "!!str", "!!int", "!!float", "!!bool", "!!null", "!!map", "!!seq", "!!timestamp", "!!merge", "":
		return true
	}
	p.bad(n, where, `the tag "{tag}" is not used in flows`, "Text that begins with ! needs quotes.", "tag", short(n.Tag))
	return false
}

// word reads a text that must not be empty; numbers and truth values count as they are written.
func (p *parser) word(n *yaml.Node, where string) (string, bool) {
	if !p.plain(n, where) {
		return "", false
	}
	switch {
	case null(n) && p.comment(n) != "":
		p.bad(n, where, `a bare "#" begins a comment, so there is no value here`, `Write it between quotes: "{text}".`, "text", short(p.comment(n)))
	case null(n):
		p.bad(n, where, "there is no value here", "Write one, or remove the key.")
	case braces(n):
		p.bad(n, where, "text that begins with {{ needs quotes", `Write "{{ … }}".`)
	case n.Kind != yaml.ScalarNode:
		p.bad(n, where, "a text is expected here", "")
	case strings.TrimSpace(n.Value) == "":
		p.bad(n, where, "the text is empty", "Write one, or remove the key.")
	default:
		return n.Value, true
	}
	return "", false
}

// comment is the comment that stands where a value should.
func (p *parser) comment(n *yaml.Node) string {
	line := p.text.line(n.Line)
	_, rest, ok := strings.Cut(line, ": ")
	if rest = strings.TrimSpace(rest); ok && strings.HasPrefix(rest, "#") {
		return rest
	}
	return ""
}

// braces reports whether n is what YAML makes of {{ … }} without quotes.
func braces(n *yaml.Node) bool {
	return n.Kind == yaml.MappingNode && n.Style&yaml.FlowStyle != 0 && len(n.Content) == 2 &&
		n.Content[0].Kind == yaml.MappingNode && n.Content[0].Style&yaml.FlowStyle != 0
}

// words reads a list of texts.
func (p *parser) words(n *yaml.Node, where string) []string {
	if !p.plain(n, where) {
		return nil
	}
	if n.Kind != yaml.SequenceNode {
		p.bad(n, where, "a list is expected here", "Write it in brackets: [one, two].")
		return nil
	}
	list := make([]string, 0, len(n.Content))
	for _, c := range n.Content {
		if s, ok := p.word(c, where); ok {
			if contains(list, s) {
				p.bad(c, where, `"{text}" is written twice`, "Keep one of them.", "text", short(s))
				continue
			}
			list = append(list, s)
		}
	}
	return list
}

// choice reads one of some words.
func (p *parser) choice(n *yaml.Node, where string, known ...string) string {
	s, ok := p.word(n, where)
	if !ok || contains(known, s) {
		return s
	}
	p.notOneOf(n, where, s, known)
	return ""
}

func (p *parser) notOneOf(n *yaml.Node, where, s string, known []string) {
	if g := engine.Suggest(s, known); g != "" {
		p.bad(n, where, `"{text}" is not possible here`, `Did you mean "{guess}"?`, "text", short(s), "guess", g)
		return
	}
	p.bad(n, where, `"{text}" is not possible here`, "Possible: {words}.", "text", short(s), "words", strings.Join(known, ", "))
}

// duration reads a duration; 0 when it is none.
func (p *parser) duration(n *yaml.Node, where string) time.Duration {
	s, ok := p.word(n, where)
	if !ok {
		return 0
	}
	d, err := Duration(s)
	if err != nil {
		p.fail(n, where, err)
	}
	return d
}

// count reads a whole number between least and most; 0 when it is none.
func (p *parser) count(n *yaml.Node, where string, least, most int) int {
	s, ok := p.word(n, where)
	if !ok {
		return 0
	}
	i, err := strconv.Atoi(s)
	if err != nil || n.ShortTag() != "!!int" || i < least || i > most {
		p.bad(n, where, "a whole number from {least} to {most} is expected here", "", "least", least, "most", most)
		return 0
	}
	return i
}

func contains(list []string, s string) bool {
	for _, x := range list {
		if x == s {
			return true
		}
	}
	return false
}
