package fields

import (
	"math"
	"regexp"
	"slices"
	"sort"
	"strconv"
	"strings"
	"unicode/utf8"

	"github.com/bretelle/bretelle/engine/edit"
	"github.com/bretelle/bretelle/prompts"
)

// Bounds of what is offered.
const (
	insertMost = 500 // options
	pathMost   = 100 // characters of a path: what an option's value may have on every surface
	valueShown = 40  // characters of a value in a label
	leavesMost = 5000
)

// found is one value of a sample.
type found struct {
	path  []string // names; "[0]" is an index
	value any
	score int
}

// Insert lists the values of a sample as options, the most useful ones first: the path to insert, and how people
// know it with what it holds, `issue.title = "Spelling error…"`. "event.body." is left out of a label where what is
// left names one thing only. Values that look like credentials are stars.
func Insert(s *Sample, lang string) []prompts.Option {
	all := s.found()
	named := map[string]int{}
	for _, f := range all {
		named[shortName(f.path)]++
	}
	if len(all) > insertMost {
		all = all[:insertMost]
	}
	out := make([]prompts.Option, 0, len(all))
	for _, f := range all {
		label := shortName(f.path)
		if named[label] > 1 {
			label = Path(f.path...)
		}
		out = append(out, prompts.Option{Value: Path(f.path...), Label: clip(label, 60) + " = " + held(f, lang)})
	}
	return out
}

// found walks the sample: event first, then steps, the most useful first.
func (s *Sample) found() []found {
	if s == nil {
		return nil
	}
	var all []found
	for _, root := range []string{"event", "steps", "item", "vars", "run"} {
		if v, ok := s.Roots[root]; ok && v != nil {
			walk(&all, []string{root}, v, 0)
		}
	}
	sort.SliceStable(all, func(i, j int) bool { return all[i].score < all[j].score })
	return all
}

func walk(out *[]found, path []string, v any, depth int) {
	if len(*out) >= leavesMost || depth > 12 || utf8.RuneCountInString(Path(path...)) > pathMost {
		return
	}
	switch x := v.(type) {
	case map[string]any:
		if len(x) == 0 {
			break
		}
		for _, k := range sortedKeys(x) {
			walk(out, append(path[:len(path):len(path)], k), x[k], depth+1)
		}
		return
	case []any:
		*out = append(*out, found{path, v, score(path)})
		if len(x) > 0 {
			walk(out, append(path[:len(path):len(path)], "[0]"), x[0], depth+1)
		}
		return
	}
	if len(path) > 1 {
		*out = append(*out, found{path, v, score(path)})
	}
}

// useful are the names that people look for, and plumbing those that they do not.
var (
	useful   = regexp.MustCompile(`^(title|name|action|number|state|status|html_url|url|login|email|subject|text|body|id|key|message|from|to|link|type|label|labels|description|date|amount|total)$`)
	plumbing = regexp.MustCompile(`(_url|node_id|gravatar_id|_id|sha|etag)$`)
)

// score orders values: small is useful. Shallow before deep, names that people know before plumbing, what was sent
// before how it was sent.
func score(path []string) int {
	n := 10 * len(path)
	last := path[len(path)-1]
	switch {
	case useful.MatchString(last):
		n -= 15
	case last != "html_url" && plumbing.MatchString(last):
		n += 60
	}
	for _, p := range path {
		if p == "[0]" {
			n += 40
		}
	}
	if len(path) > 1 {
		switch path[0] + "." + path[1] {
		case "event.headers", "event.query":
			n += 200
		case "event.body":
			n -= 10
		case "event.id", "event.key", "event.at", "event.trigger", "event.method", "event.path": // the delivery's, not what it says
			n += 150
		}
	}
	switch path[0] {
	case "vars", "run":
		n += 100
	}
	return n
}

// shortName is a path as people know it.
func shortName(path []string) string {
	if len(path) > 2 && path[0] == "event" && path[1] == "body" && identifier.MatchString(path[2]) {
		return Path(path[2:]...)
	}
	if len(path) > 1 && path[0] == "event" && path[1] != "body" && identifier.MatchString(path[1]) {
		return Path(path[1:]...)
	}
	return Path(path...)
}

var identifier = regexp.MustCompile(`^[A-Za-z_][A-Za-z0-9_]*$`)

// Path writes names as an expression reads them: event.body.title, event.headers["x-github-event"], labels[0].
func Path(names ...string) string {
	var b strings.Builder
	for i, n := range names {
		switch {
		case n == "[0]":
			b.WriteString(n)
		case i == 0:
			b.WriteString(n)
		case identifier.MatchString(n) && !reserved(n):
			b.WriteString("." + n)
		default:
			b.WriteString("[" + quoteName(n) + "]")
		}
	}
	return b.String()
}

// reserved are words that the expression grammar does not take after a dot.
func reserved(n string) bool {
	return slices.Contains([]string{"in", "not", "and", "or", "matches", "contains", "startsWith", "endsWith", "let", "if", "else", "true", "false", "nil"}, n)
}

// quoteName quotes for the expression language, which knows the escapes of Go.
func quoteName(s string) string { return strconv.Quote(strings.ToValidUTF8(s, "\uFFFD")) }

// held is a value in a few characters.
func held(f found, lang string) string {
	for _, p := range f.path {
		if sensitive(p) {
			return stars
		}
	}
	t := func(msg string, n int) string { return prompts.T(lang, msg, map[string]any{"n": n}) }
	switch v := f.value.(type) {
	case nil:
		return prompts.T(lang, "nothing", nil)
	case string:
		return `"` + clip(v, valueShown) + `"`
	case []any:
		return t("list of {n}", len(v))
	case map[string]any:
		return "{}"
	case float64:
		if v == math.Trunc(v) && math.Abs(v) < 1e15 {
			return strconv.FormatFloat(v, 'f', -1, 64)
		}
	}
	return clip(jsonOf(f.value), valueShown)
}

// Find are the options that hold every word of a text, in their order: what a Live field shows while somebody types.
func Find(options []prompts.Option, typed string) []prompts.Option {
	words := strings.Fields(strings.ToLower(typed))
	var out []prompts.Option
	for _, o := range options {
		text := strings.ToLower(o.Label + " " + o.Value)
		if !slices.ContainsFunc(words, func(w string) bool { return !strings.Contains(text, w) }) {
			if out = append(out, o); len(out) == listMost {
				break
			}
		}
	}
	return out
}

// Inserted is a text with the value at a path added at its end: as a member of a JSON object or list, as one more of
// several "name: value" lines, else as text.
func Inserted(current, path string) string {
	t := strings.TrimSpace(current)
	return inserted(current, path, strings.Contains(t, "\n") && looksLikeYAML(t))
}

// inserted is Inserted for a field of which it is known whether it is read as lines.
func inserted(current, path string, inLines bool) string {
	hole := "{{ " + path + " }}"
	t := strings.TrimSpace(current)
	if t == "" {
		return hole
	}
	if strings.HasPrefix(t, "{{") || t[0] != '{' && t[0] != '[' && !(inLines && looksLikeYAML(t)) {
		return joined(current, hole)
	}
	v, err := structured(t)
	if err != nil {
		return joined(current, hole)
	}
	switch x := v.(type) {
	case edit.Map:
		name := free(x, lastName(path))
		if t[0] != '{' {
			return strings.TrimRight(current, " \n") + "\n" + name + ": " + hole
		}
		return pretty(append(append(edit.Map(nil), x...), edit.Pair{Key: name, Value: hole}))
	case []any:
		if t[0] != '[' {
			return strings.TrimRight(current, " \n") + "\n- " + hole
		}
		return pretty(append(append([]any(nil), x...), hole))
	}
	return joined(current, hole)
}

// joined is a text with another at its end, after a space unless the text has just opened something: a quotation, a
// bracket, the next part of an address.
func joined(current, more string) string {
	last, _ := utf8.DecodeLastRuneInString(current)
	switch {
	case strings.ContainsRune(" \n\t([{<«“‘/=#@_-", last), last == '"' && strings.Count(current, `"`)%2 == 1:
		return current + more
	}
	return current + " " + more
}

var namesOf = regexp.MustCompile(`[A-Za-z_][A-Za-z0-9_-]*`)

// lastName is what to call the value at a path.
func lastName(path string) string {
	names := namesOf.FindAllString(path, -1)
	if len(names) == 0 {
		return "value"
	}
	return names[len(names)-1]
}

// free is a name that the map does not have yet.
func free(m edit.Map, name string) string {
	for i, try := 2, name; ; i++ {
		if _, taken := m.Look(try); !taken {
			return try
		}
		try = name + strconv.Itoa(i)
	}
}
