package fields

import (
	"slices"
	"strings"

	"github.com/bretelle/bretelle/engine"
	"github.com/bretelle/bretelle/prompts"
)

// The fields with which a dialog inserts.
const (
	InsertName = "insert" // the value; acts
	IntoName   = "into"   // the field it goes into, when there are several
)

// InsertFields are the fields that offer the sample's values for the text fields among shown: none when there is no
// sample or no text field. Fixed ones are not offered. The last text of several lines is the one meant unless another is chosen.
func InsertFields(a Ask, shown []prompts.Field) []prompts.Field {
	options := Insert(a.Sample, a.Lang)
	targets, main := targets(shown)
	if len(options) == 0 || len(targets) == 0 || !a.Expressions {
		return nil
	}
	f := prompts.Field{Name: InsertName, Label: a.t("Insert"), Help: a.t("Adds a value of the sample at the end of a field"), Kind: prompts.FieldOne, Options: options, Acts: true}
	if len(options) > listMost {
		f.Options, f.Live = options[:listMost:listMost], true
	}
	if len(targets) == 1 {
		return []prompts.Field{f}
	}
	into := prompts.Field{Name: IntoName, Label: a.t("Insert into"), Kind: prompts.FieldOne, Options: targets, Value: main}
	if v := a.Typed[IntoName]; slices.ContainsFunc(targets, func(o prompts.Option) bool { return o.Value == v }) {
		into.Value = v
	}
	return []prompts.Field{f, into}
}

func targets(shown []prompts.Field) (out []prompts.Option, main string) {
	long := ""
	for _, f := range shown {
		if f.Name == InsertName || f.Name == IntoName || f.Fixed || f.Kind != prompts.FieldLine && f.Kind != prompts.FieldText {
			continue
		}
		out = append(out, prompts.Option{Value: f.Name, Label: f.Label})
		if f.Kind == prompts.FieldText {
			long = f.Name
		}
	}
	if long == "" && len(out) > 0 {
		long = out[0].Value
	}
	return out, long
}

// ApplyInsert is what was typed with the chosen value inserted, and nothing chosen any more. shown are the fields of
// the dialog it was typed into. Ask.ApplyInsert knows the fields' types and does better where it can be had.
func ApplyInsert(shown []prompts.Field, typed map[string]string) map[string]string {
	return applied(shown, typed, func(_, current, path string) string { return Inserted(current, path) })
}

// ApplyInsert is what was typed into the fields of Form with the chosen value inserted, and nothing chosen any more:
// text stays text, and what is read as a list or as names with values gets one more of them.
func (a Ask) ApplyInsert(typed map[string]string) map[string]string {
	a.Typed = typed
	kinds := map[string]*engine.Schema{}
	for _, l := range a.leaves() {
		kinds[l.name] = l.schema
	}
	return applied(Form(a), typed, func(name, current, path string) string {
		switch s := kinds[name]; {
		case s == nil:
			return Inserted(current, path)
		case s.Type == "string" && s.Format != "json":
			if strings.TrimSpace(current) == "" {
				return inserted("", path, false)
			}
			return strings.TrimPrefix(inserted("x"+current, path, false), "x") // never taken for JSON
		default:
			return inserted(current, path, true)
		}
	})
}

func applied(shown []prompts.Field, typed map[string]string, add func(name, current, path string) string) map[string]string {
	out := make(map[string]string, len(typed))
	for k, v := range typed {
		out[k] = v
	}
	path := out[InsertName]
	delete(out, InsertName)
	targets, into := targets(shown)
	if v := out[IntoName]; slices.ContainsFunc(targets, func(o prompts.Option) bool { return o.Value == v }) {
		into = v
	}
	if path == "" || into == "" {
		return out
	}
	current, sent := out[into]
	if !sent {
		for _, f := range shown {
			if f.Name == into {
				current = f.Value
			}
		}
	}
	out[into] = add(into, current, path)
	return out
}
