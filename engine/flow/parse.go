package flow

import (
	"bytes"
	"errors"
	"strings"
	"unicode/utf8"

	"go.yaml.in/yaml/v4"
	"go.yaml.in/yaml/v4/plugin/loaderlimits"

	"github.com/bretelle/bretelle/engine"
)

// Limits of a flow's text. The YAML scanner needs up to 4 KiB for a member of a map, so the marks that make
// members are counted before it runs: 256 KiB of them would take 200 MiB.
const (
	MaxSource   = 256 << 10
	maxLines    = 10_000
	maxMarks    = 5_000
	maxDepth    = 40
	maxSteps    = 500
	maxExprs    = 2_000
	maxProblems = 100
)

// Parse reads a flow's text. All problems are reported together, in the order of the text. When there is an error
// among them the flow is incomplete, good for showing and for further findings but not for running; it is nil when
// the text is not a map at all. Parse never panics, and refuses hostile texts in bounded time and memory.
func Parse(source []byte) (*Flow, engine.Problems) {
	if p, bad := refuse(source); bad {
		return nil, engine.Problems{p}
	}
	p := &parser{text: newText(source), ids: map[string]bool{}}
	limits := loaderlimits.New(loaderlimits.DepthValue(maxDepth), loaderlimits.AliasValue(0))
	var root yaml.Node
	if err := yaml.Load(source, &root, yaml.WithPlugin(limits)); err != nil {
		p.syntax(err)
		return nil, p.problems
	}
	n := &root
	if n.Kind == yaml.DocumentNode && len(n.Content) == 1 {
		n = n.Content[0]
	}
	if n.Kind != yaml.MappingNode {
		p.bad(n, "", "a flow is a map of settings", `Begin with "flow: my-flow", then trigger and steps.`)
		return nil, p.problems
	}
	f := p.flow(n)
	f.Source = bytes.Clone(source)
	p.problems.Sort()
	return f, p.problems
}

// refuse turns away what must not reach the YAML scanner.
func refuse(source []byte) (engine.Problem, bool) {
	problem := func(pos engine.Pos, msg, hint string, args ...any) (engine.Problem, bool) {
		return engine.Problem{Severity: engine.SevError, Pos: pos, Msg: msg, Hint: hint, Args: engine.Args(args...)}, true
	}
	switch {
	case len(source) > MaxSource:
		return problem(engine.Pos{}, "the text is too long: {size} bytes, and {most} are allowed",
			"Split the flow in two.", "size", len(source), "most", MaxSource)
	case !utf8.Valid(source):
		return problem(invalidAt(source), "the text is not UTF-8", "Save the file as UTF-8.")
	case bytes.IndexByte(source, 0) >= 0:
		return problem(newText(source).pos(bytes.IndexByte(source, 0)), "there is a NUL character in the text", "Is it a text file?")
	case len(bytes.TrimSpace(source)) == 0:
		return problem(engine.Pos{Line: 1, Col: 1}, "the text is empty", `Begin with "flow: my-flow", then trigger and steps.`)
	case bytes.Count(source, []byte("\n"))+bytes.Count(source, []byte("\r"))-bytes.Count(source, []byte("\r\n")) > maxLines:
		return problem(engine.Pos{}, "the text has more than {most} lines", "Split the flow in two.", "most", maxLines)
	}
	for _, mark := range []string{",", "!", "? ", "?\n", "{", "[", "&", "*"} {
		if bytes.Count(source, []byte(mark)) > maxMarks {
			return problem(engine.Pos{}, `the text has more than {most} "{mark}"`,
				"A flow is not the place for data: fetch it with a step.", "most", maxMarks, "mark", strings.TrimSpace(mark))
		}
	}
	return engine.Problem{}, false
}

func invalidAt(source []byte) engine.Pos {
	for i := 0; i < len(source); {
		r, n := utf8.DecodeRune(source[i:])
		if r == utf8.RuneError && n == 1 {
			return newText(source[:i]).pos(i)
		}
		i += n
	}
	return engine.Pos{}
}

// syntax reports what the YAML library says, in words that help.
func (p *parser) syntax(err error) {
	var many *yaml.LoadErrors
	if errors.As(err, &many) {
		for _, e := range many.Errors {
			p.loadError(e)
		}
		return
	}
	var one *yaml.LoadError
	if errors.As(err, &one) {
		p.loadError(one)
		return
	}
	p.add(engine.Pos{Line: 1, Col: 1}, "", "this is not valid YAML", "")
}

func (p *parser) loadError(e *yaml.LoadError) {
	pos := engine.Pos{Line: e.Mark.Line, Col: e.Mark.Column}
	start := engine.Pos{Line: e.ContextMark.Line, Col: e.ContextMark.Column}
	line := p.text.line(pos.Line)
	switch {
	case strings.Contains(e.Message, "expected single document"):
		p.add(p.second(), "", "there is a second document in the text", `One text is one flow: remove the "---" and what follows, or put it in its own file.`)
	case strings.Contains(e.Message, "no documents"):
		p.add(engine.Pos{Line: 1, Col: 1}, "", "the text holds only comments", `Begin with "flow: my-flow", then trigger and steps.`)
	case strings.Contains(e.Message, "max depth"):
		p.add(pos, "", "the text is nested too deeply", "Flows nest at most {most} levels.", "most", maxDepth)
	case strings.Contains(e.Message, "unknown anchor"):
		p.add(pos, "", "aliases (*name) are not used in flows", "Write the value itself; text that begins with * needs quotes.")
	case strings.Contains(e.Message, "tab character"),
		strings.Contains(e.Message, "cannot start any token") && strings.HasPrefix(strings.TrimLeft(line, " "), "\t"):
		p.add(pos, "", "the line is indented with a tab", "Indent with spaces.")
	case strings.Contains(e.Message, "cannot start any token"):
		p.add(pos, "", "text that begins with {char} needs quotes", `Write it between quotes: "@sales".`, "char", p.char(pos))
	case strings.Contains(e.Message, "mapping values are not allowed"):
		p.add(pos, "", "a colon is not expected here", "Text with a colon in it needs quotes; otherwise check the indentation of this line.")
	case strings.Contains(e.ContextMsg, "quoted scalar"):
		p.add(start, "", "the quote that opens here is never closed", "Add the closing quote.")
	case strings.Contains(line, "{{"):
		p.add(pos, "", "this is not valid YAML: {detail}", `Put text with {{ }} between quotes: "{{ event.body.name }}".`, "detail", short(e.Message))
	case start.Line > 0 && start.Line != pos.Line:
		p.add(pos, "", "this is not valid YAML: {detail}", "It belongs to what begins in line {line}; check quotes, brackets and indentation.",
			"detail", short(e.Message), "line", start.Line)
	default:
		p.add(pos, "", "this is not valid YAML: {detail}", "Check quotes, brackets and indentation.", "detail", short(e.Message))
	}
}

// second is where a second document begins.
func (p *parser) second() engine.Pos {
	content := false
	for i := range p.text.lines {
		line := p.text.line(i + 1)
		if content && (strings.HasPrefix(line, "---") || strings.HasPrefix(line, "...")) {
			return engine.Pos{Line: i + 1, Col: 1}
		}
		content = content || strings.TrimSpace(line) != "" && !strings.HasPrefix(line, "---") && !strings.HasPrefix(line, "#")
	}
	return engine.Pos{}
}

func (p *parser) char(pos engine.Pos) string {
	i := p.text.offset(pos)
	if i >= len(p.text.src) {
		return ""
	}
	r, _ := utf8.DecodeRuneInString(p.text.src[i:])
	return string(r)
}
