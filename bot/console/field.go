package console

import (
	"html/template"
	"strings"

	"github.com/bretelle/bretelle/prompts"
	"github.com/bretelle/bretelle/prompts/picture"
)

// optionsShort is how many options are looked through without searching.
const optionsShort = 12

// helpShort is how long an option's help may be, in bytes, to stand in a plain list.
const helpShort = 40

// fieldView is a field as the template shows it.
type fieldView struct {
	prompts.Field
	ID    string
	As    string // check, boxes, one, text, number, line
	Tied  string // ids of the words under it
	Long  bool   // more boxes than one looks through
	Combo bool   // more options than one looks through, or looked up, or one that acts when it is chosen
	Rows  int
	W     fieldWords
}

// fieldWords are the form's own words, in its language.
type fieldWords struct{ Search, Go, Required string }

func fieldWordsIn(lang string) fieldWords {
	t := func(english string) string { return prompts.T(lang, english, nil) }
	return fieldWords{Search: t("Type to search"), Go: t("Update"), Required: t("needed")}
}

func viewField(token string, f prompts.Field, w fieldWords) fieldView {
	v := fieldView{Field: f, ID: fieldID(token, f.Name), As: string(f.Kind), W: w, Long: len(f.Options) > optionsShort}
	v.Combo = v.Live || v.Long || f.Acts && f.Value == "" // walking through a plain list with the arrows would act at each step
	for _, o := range f.Options {
		v.Combo = v.Combo || len(o.Help) > helpShort
	}
	v.Rows = min(max(3, strings.Count(f.Value, "\n")+2), 14)
	switch f.Kind {
	case prompts.FieldMany:
		v.As = "boxes"
	case prompts.FieldOne:
		if v.Live {
			v.Options = withValue(f)
		}
	case prompts.FieldText, prompts.FieldNumber, prompts.FieldCheck:
	default:
		v.As = "line"
	}
	var tied []string
	for _, x := range []struct{ text, end string }{{f.Error, "-e"}, {f.Warn, "-w"}, {f.Preview, "-p"}, {f.Help, "-h"}} {
		if x.text != "" {
			tied = append(tied, v.ID+x.end)
		}
	}
	v.Tied = strings.Join(tied, " ")
	return v
}

// withValue is the first options with the chosen one among them: it may have been found by typing.
func withValue(f prompts.Field) []prompts.Option {
	if f.Value == "" {
		return f.Options
	}
	for _, o := range f.Options {
		if o.Value == f.Value {
			return f.Options
		}
	}
	return append([]prompts.Option{{Value: f.Value, Label: f.Value}}, f.Options...)
}

// drawing is a picture as SVG; with its name and description in it.
func drawing(p prompts.Picture) template.HTML {
	return template.HTML(picture.SVG(p.Drawing)) // the package escapes every text
}
