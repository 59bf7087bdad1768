package fields

import (
	"strconv"
	"strings"

	"github.com/bretelle/bretelle/engine"
	"github.com/bretelle/bretelle/prompts"
)

// Condition is a dialog that asks for a condition.
type Condition struct {
	Source string // as written, without its braces; "" when there is none
	Sample *Sample
	Lang   string
	Prefix string // before every field's name
	Extra  int    // empty rows beyond those of Source: one for each [Add another]

	Typed  map[string]string
	Errors map[string]string
}

// The fields of a condition; a row's have its number behind, "field1", "test1", "value1".
const (
	FieldName  = "field"
	TestName   = "test"
	ValueName  = "value"
	JoinName   = "join"   // "and" or "or"; there when there are two rows or more
	MyselfName = "myself" // a check: written by hand
	SourceName = "source" // the condition as text, when written by hand
)

func (c Condition) t(msg string, pairs ...any) string {
	return prompts.T(c.Lang, msg, engine.Args(pairs...))
}

// rows are the rows to show, and whether the condition is written by hand instead.
func (c Condition) rows() (rows []Row, or, byHand bool) {
	rows, or, ok := Rows(c.Source, c.Sample)
	if c.Typed != nil {
		var sent bool
		if rows, or, sent = c.typedRows(rows, or); sent {
			ok = true
		}
	}
	for range c.Extra {
		rows = append(rows, Row{})
	}
	if len(rows) == 0 {
		rows = []Row{{}}
	}
	if len(rows) > maxRows {
		rows = rows[:maxRows]
	}
	byHand = !ok
	if v, sent := c.Typed[c.Prefix+MyselfName]; sent {
		byHand, _ = truth(v)
	}
	return rows, or, byHand
}

// typedRows are the rows as typed, over those stored.
func (c Condition) typedRows(stored []Row, storedOr bool) (rows []Row, or, sent bool) {
	rows, or = append([]Row(nil), stored...), storedOr
	for i := range maxRows {
		n := strconv.Itoa(i + 1)
		field, f := c.Typed[c.Prefix+FieldName+n]
		test, t := c.Typed[c.Prefix+TestName+n]
		value, v := c.Typed[c.Prefix+ValueName+n]
		if !f && !t && !v {
			continue
		}
		sent = true
		for len(rows) <= i {
			rows = append(rows, Row{})
		}
		if f {
			rows[i].Field = c.path(field)
		}
		if t {
			rows[i].Test = c.test(test, rows[i].Field)
		}
		if v {
			rows[i].Value = value
		}
	}
	if j, ok := c.Typed[c.Prefix+JoinName]; ok {
		j = strings.TrimSpace(strings.ToLower(j))
		or = j == "or" || strings.EqualFold(j, c.t("one of them is enough"))
	}
	return rows, or, sent
}

// path is what a typed field means: an option's value or label, or a path with "event.body." left out.
func (c Condition) path(typed string) string {
	t := strings.TrimSpace(typed)
	t = strings.TrimSpace(strings.TrimSuffix(strings.TrimPrefix(t, "{{"), "}}"))
	if t == "" {
		return ""
	}
	for _, f := range c.Sample.found() {
		if p := Path(f.path...); p == t || shortName(f.path) == t {
			return p
		}
	}
	for _, o := range Insert(c.Sample, c.Lang) {
		if o.Label == t {
			return o.Value
		}
	}
	return t
}

// test is what a typed test means: its value or its words.
func (c Condition) test(typed, field string) string {
	t := strings.TrimSpace(typed)
	for _, o := range c.tests(field) {
		if o.Value == t || strings.EqualFold(o.Label, t) {
			return o.Value
		}
	}
	for _, o := range c.allTests() {
		if strings.EqualFold(o.Label, t) {
			return o.Value
		}
	}
	return t
}

func (c Condition) allTests() []prompts.Option {
	return []prompts.Option{{Value: Is, Label: c.t("is")}, {Value: IsNot, Label: c.t("is not")}, {Value: Contains, Label: c.t("contains")},
		{Value: Starts, Label: c.t("starts with")}, {Value: Ends, Label: c.t("ends with")}, {Value: More, Label: c.t("is more than")},
		{Value: Less, Label: c.t("is less than")}, {Value: Exists, Label: c.t("exists")}, {Value: Empty, Label: c.t("is empty")}}
}

// tests are those that make sense for a field, going by the sample; all where there is no telling.
func (c Condition) tests(field string) []prompts.Option {
	all := c.allTests()
	pick := func(values ...string) []prompts.Option {
		var out []prompts.Option
		for _, o := range all {
			for _, v := range values {
				if o.Value == v {
					out = append(out, o)
				}
			}
		}
		return out
	}
	v, known := c.Sample.at(field)
	if field == "" || !known {
		return all
	}
	switch v := v.(type) {
	case []any:
		var out []prompts.Option
		if m, ok := first(v).(map[string]any); ok {
			for _, k := range sortedKeys(m) {
				if identifier.MatchString(k) && scalar(m[k]) && len(out) < 12 {
					out = append(out, prompts.Option{Value: Has + k, Label: c.t("has one with {name}", "name", k)})
				}
			}
			best(out)
			return append(out, pick(Exists, Empty)...)
		}
		return pick(Contains, Exists, Empty)
	case int, float64:
		return pick(Is, IsNot, More, Less, Exists)
	case bool:
		return pick(Is, IsNot, Exists)
	case map[string]any:
		return pick(Exists)
	}
	return all
}

// best puts the members by which people tell things apart first.
func best(tests []prompts.Option) {
	at := 0
	for _, name := range []string{"name", "title", "key", "id", "login", "email"} {
		for i := at; i < len(tests); i++ {
			if tests[i].Value == Has+name {
				t := tests[i]
				copy(tests[at+1:i+1], tests[at:i])
				tests[at] = t
				at++
			}
		}
	}
}

// ConditionFields are the fields of a condition: field, test and value for each row, or the source as text where it
// says more than rows can, or somebody wants to write it.
func ConditionFields(c Condition) []prompts.Field {
	rows, or, byHand := c.rows()
	myself := prompts.Field{Name: c.Prefix + MyselfName, Label: c.t("Write it myself: {{ … }}"), Kind: prompts.FieldCheck, Acts: true, Error: c.Errors[c.Prefix+MyselfName]}
	if byHand {
		myself.Value = "true"
		return append(c.sourceFields(rows, or), myself)
	}
	options := Insert(c.Sample, c.Lang)
	var out []prompts.Field
	for i, r := range rows {
		out = append(out, c.row(i, len(rows), r, options)...)
	}
	if len(rows) > 1 {
		join := prompts.Field{Name: c.Prefix + JoinName, Label: c.t("Together"), Kind: prompts.FieldOne, Value: "and",
			Options: []prompts.Option{{Value: "and", Label: c.t("all of them")}, {Value: "or", Label: c.t("one of them is enough")}}}
		if or {
			join.Value = "or"
		}
		out = append(out, join)
	}
	return append(out, myself)
}

func (c Condition) row(i, of int, r Row, options []prompts.Option) []prompts.Field {
	n := strconv.Itoa(i + 1)
	label := func(s string) string {
		if of > 1 {
			return s + " " + n
		}
		return s
	}
	f := prompts.Field{Name: c.Prefix + FieldName + n, Label: label(c.t("Field")), Kind: prompts.FieldLine, Value: r.Field, Example: "event.body.action"}
	if len(options) > 0 {
		f.Kind, f.Acts, f.Options = prompts.FieldOne, true, options
		if len(options) > listMost {
			f.Live, f.Options = true, options[:listMost:listMost]
		}
		f.Options = keepOption(f.Options, options, r.Field)
	}
	t := prompts.Field{Name: c.Prefix + TestName + n, Label: label(c.t("Test")), Kind: prompts.FieldOne, Value: r.Test, Options: c.tests(r.Field)}
	if t.Value == "" || !offered(t.Options, t.Value) {
		if r.Test != "" && r.Field != "" && strings.HasPrefix(r.Test, Has) {
			t.Options = append([]prompts.Option{{Value: r.Test, Label: c.t("has one with {name}", "name", strings.TrimPrefix(r.Test, Has))}}, t.Options...)
		} else {
			t.Value = t.Options[0].Value
		}
	}
	v := prompts.Field{Name: c.Prefix + ValueName + n, Label: label(c.t("Value")), Kind: prompts.FieldLine, Value: r.Value}
	if x, known := c.Sample.at(r.Field); known && r.Field != "" && needsValue(t.Value) {
		if strings.HasPrefix(t.Value, Has) {
			x, known = c.Sample.member(x, strings.TrimPrefix(t.Value, Has))
		}
		if known && scalar(x) && !secretPath(r.Field) {
			v.Example = clip(asTyped(x), valueShown)
		}
	}
	for _, x := range []*prompts.Field{&f, &t, &v} {
		x.Error = c.Errors[x.Name]
	}
	return []prompts.Field{f, t, v}
}

func secretPath(path string) bool {
	for _, n := range namesOf.FindAllString(path, -1) {
		if sensitive(n) {
			return true
		}
	}
	return false
}

func asTyped(v any) string {
	if s, ok := v.(string); ok {
		return s
	}
	return jsonOf(v)
}

func offered(options []prompts.Option, value string) bool {
	for _, o := range options {
		if o.Value == value {
			return true
		}
	}
	return false
}

// keepOption adds what is chosen to the options shown when it is not among the first ones.
func keepOption(shown, all []prompts.Option, value string) []prompts.Option {
	if value == "" || offered(shown, value) {
		return shown
	}
	for _, o := range all {
		if o.Value == value {
			return append([]prompts.Option{o}, shown...)
		}
	}
	return append([]prompts.Option{{Value: value, Label: value}}, shown...)
}

func (c Condition) sourceFields(rows []Row, or bool) []prompts.Field {
	f := prompts.Field{Name: c.Prefix + SourceName, Label: c.t("Only if"), Kind: prompts.FieldText, Value: c.Source, Error: c.Errors[c.Prefix+SourceName],
		Example: `event.body.action == "opened"`}
	if f.Value == "" {
		f.Value = Expression(rows, or, c.Sample)
	}
	if v, ok := c.Typed[c.Prefix+SourceName]; ok {
		f.Value = v
	}
	if f.Error == "" && f.Value != "" {
		a := Ask{Sample: c.Sample, Lang: c.Lang, Expressions: true}
		whole := "{{ " + bareSource(f.Value) + " }}"
		if err := a.compiled(whole, whole); err != nil {
			f.Error = a.say(unbraced(err, f.Value))
		} else {
			f.Warn = a.missing(whole, whole)
			if c.Sample != nil {
				if text, err := c.Sample.preview(whole, c.Lang); err == nil {
					f.Preview = text
				}
			}
		}
	}
	out := []prompts.Field{f}
	if options := Insert(c.Sample, c.Lang); len(options) > 0 {
		in := prompts.Field{Name: InsertName, Label: c.t("Insert"), Kind: prompts.FieldOne, Options: options, Acts: true}
		if len(options) > listMost {
			in.Options, in.Live = options[:listMost:listMost], true
		}
		out = append(out, in)
	}
	return out
}
