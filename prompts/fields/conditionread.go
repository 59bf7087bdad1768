package fields

import (
	"regexp"
	"strconv"
	"strings"

	"github.com/bretelle/bretelle/engine"
	"github.com/bretelle/bretelle/engine/expr"
	"github.com/bretelle/bretelle/prompts"
)

// unbraced moves an error's place from the text with braces to the one that was typed without.
func unbraced(e *engine.Error, typed string) *engine.Error {
	if col, ok := e.Args["at_column"].(int); ok && e.Args["at_line"] == 1 && !strings.HasPrefix(strings.TrimSpace(typed), "{{") {
		e.Args["at_column"] = max(1, col-3)
	}
	return e
}

// bareSource is a condition without its braces.
func bareSource(typed string) string {
	t := strings.TrimSpace(typed)
	if strings.HasPrefix(t, "{{") && endOfExpression(t) == len(t) {
		t = strings.TrimSpace(t[2 : len(t)-2])
	}
	return t
}

// InsertInto puts a chosen value into the source of a condition written by hand, as ApplyInsert does for a step.
func (c Condition) InsertInto(typed map[string]string) map[string]string {
	out := make(map[string]string, len(typed))
	for k, v := range typed {
		out[k] = v
	}
	if path := out[InsertName]; path != "" {
		out[c.Prefix+SourceName] = strings.TrimSpace(bareSource(out[c.Prefix+SourceName]) + " " + path)
	}
	delete(out, InsertName)
	return out
}

var isPath = regexp.MustCompile(`^` + pathText + `$`)

// ReadCondition is the source of the condition that was typed, without braces, "" for none; or what is wrong, by
// field. What was left as it was shown keeps its source to the byte.
func ReadCondition(c Condition, typed map[string]string) (string, map[string]string) {
	stored := c.Source
	c.Typed, c.Extra = typed, 0
	rows, or, byHand := c.rows()
	a := Ask{Sample: c.Sample, Lang: c.Lang, Expressions: true}
	if byHand {
		text, sent := typed[c.Prefix+SourceName]
		if !sent {
			text = stored
		}
		source := bareSource(cleaned(text))
		if source == "" {
			return "", nil
		}
		if _, err := expr.Compile(source, c.Sample.env()); err != nil {
			return "", map[string]string{c.Prefix + SourceName: a.say(placed(err, source, 0))}
		}
		return source, nil
	}
	bad := map[string]string{}
	var whole []Row
	for i, r := range rows {
		n := strconv.Itoa(i + 1)
		switch {
		case r.Field == "" && strings.TrimSpace(r.Value) == "":
			continue
		case r.Field == "":
			bad[c.Prefix+FieldName+n] = c.t("Choose a field.")
			continue
		case !isPath.MatchString(r.Field):
			bad[c.Prefix+FieldName+n] = c.t(`"{name}" is not a field. Write one like event.body.action.`, "name", clip(r.Field, 60))
			continue
		}
		if r.Test == "" {
			r.Test = c.tests(r.Field)[0].Value
		}
		if r.source(c.Sample) == "" {
			bad[c.Prefix+TestName+n] = c.t(`"{name}" is not a test. Possible: {names}.`, "name", clip(r.Test, 40), "names", labels(c.tests(r.Field)))
			continue
		}
		if _, err := expr.Compile(r.Field, c.Sample.env()); err != nil {
			e := *engine.AsError(err)
			bad[c.Prefix+FieldName+n] = a.say(&e)
			continue
		}
		if needsValue(r.Test) && strings.TrimSpace(r.Value) == "" && r.Test != Is && r.Test != IsNot {
			bad[c.Prefix+ValueName+n] = c.t("This is needed.")
			continue
		}
		if v, known := c.Sample.at(r.Field); known && (r.Test == More || r.Test == Less) {
			if _, isText := v.(string); !isText && decoded(strings.TrimSpace(r.Value)) == nil {
				bad[c.Prefix+ValueName+n] = a.say(engine.E(engine.Invalid, `"{text}" is not a number`, "text", clip(r.Value, 40)).WithHint("Write digits, with a point before decimals: 2.5."))
				continue
			}
		}
		whole = append(whole, r)
	}
	if len(bad) > 0 {
		return "", bad
	}
	source := Expression(whole, or, c.Sample)
	if source == normal(stored) {
		return stored, nil
	}
	if source != "" {
		if _, err := expr.Compile(source, c.Sample.env()); err != nil {
			e := *engine.AsError(err)
			return "", map[string]string{c.Prefix + ValueName + "1": a.say(&e)}
		}
	}
	return source, nil
}

func labels(options []prompts.Option) string {
	var out []string
	for _, o := range options {
		out = append(out, o.Label)
	}
	return strings.Join(out, ", ")
}
