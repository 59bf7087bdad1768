package check

import (
	"net/mail"
	"net/url"
	"strconv"
	"strings"

	"github.com/bretelle/bretelle/engine"
	"github.com/bretelle/bretelle/engine/flow"
)

// value checks v against s, and compiles its expressions. fixed forbids expressions: settings of a trigger are
// needed before there is an event.
type value struct {
	*checker
	sc    scope
	fixed bool
	store string // how an account is stored for what is checked
}

func (c value) check(v *flow.Value, s *engine.Schema, where string) {
	if v == nil || c.full() {
		return
	}
	if s.Typed() && s.Format == engine.SecretFormat {
		c.secret(v, where)
		return
	}
	if secretRef(v) && s.Field("secret") == nil {
		c.bad(v.Pos, where, "a secret cannot be used here", "Secrets belong in the fields made for them; for HTTP, use an account.")
		return
	}
	if v.Segments != nil {
		c.text(v, s, where)
		return
	}
	if !s.Typed() {
		c.untyped(v, where)
		return
	}
	switch s.Type {
	case "object":
		c.object(v, s, where)
	case "array":
		if v.List == nil {
			c.kind(v, where, "a list")
			return
		}
		for i, x := range v.List {
			c.check(x, s.Items, where+"["+strconv.Itoa(i)+"]")
		}
	default:
		c.constant(v, s, where)
	}
}

func (c value) untyped(v *flow.Value, where string) {
	for _, p := range v.Map {
		at := where + "." + clip(p.Key)
		if c.fixed && p.Key == "secret" { // of a sender, which has no schema because it may be one word
			c.secret(p.Value, at)
			continue
		}
		c.bare(p, at)
		c.check(p.Value, nil, at)
	}
	for i, x := range v.List {
		c.check(x, nil, where+"["+strconv.Itoa(i)+"]")
	}
}

func (c value) text(v *flow.Value, s *engine.Schema, where string) {
	if c.fixed {
		c.bad(v.Pos, where, "a trigger's settings are fixed: an expression has no event to read yet", "Write the value itself.")
		return
	}
	if !v.Whole && s.Typed() && s.Type != "string" {
		c.bad(v.Pos, where, "{want} is expected here, and text around an expression makes text", `Write one expression and nothing else: "{{ … }}".`, "want", nameOf(s.Type))
	}
	c.segments(v, where, c.sc)
}

func (c value) object(v *flow.Value, s *engine.Schema, where string) {
	if v.Map == nil {
		c.kind(v, where, "a map")
		return
	}
	meant := map[string]bool{} // fields whose name was mistyped, which are not missing
	for _, p := range v.Map {
		f := s.Field(p.Key)
		switch {
		case f == nil && !s.Open:
			names := make([]string, len(s.Fields))
			for i, f := range s.Fields {
				names[i] = f.Name
			}
			meant[engine.Suggest(p.Key, names)] = true
			c.unknown(p.Pos, where+"."+clip(p.Key), `there is no field "{name}" here`, p.Key, names, "Known here: {names}.")
			c.check(p.Value, nil, where+"."+clip(p.Key))
		case f == nil:
			c.bare(p, where+"."+clip(p.Key))
			c.check(p.Value, s.Items, where+"."+clip(p.Key))
		default:
			if x := p.Value; x.Const == nil && x.Segments == nil && x.Map == nil && x.List == nil && !f.Required {
				continue
			}
			c.check(p.Value, f, where+"."+p.Key)
		}
	}
	c.required(v.Pos, v, s, where, meant)
}

func (c value) required(pos engine.Pos, v *flow.Value, s *engine.Schema, where string, meant map[string]bool) {
	if s == nil {
		return
	}
	for _, f := range s.Fields {
		if f.Schema != nil && f.Required && f.Default == nil && v.Get(f.Name) == nil && !meant[f.Name] {
			c.bad(pos, where+"."+f.Name, `"{field}" is missing`, docOf(f.Schema), "field", f.Name)
		}
	}
}

func docOf(s *engine.Schema) string {
	if s.Doc != "" {
		return s.Doc
	}
	return "Add it."
}

func (c value) kind(v *flow.Value, where, want string) {
	c.bad(v.Pos, where, "{want} is expected here, and this is {got}", "", "want", want, "got", kindOf(v))
}

func (c value) constant(v *flow.Value, s *engine.Schema, where string) {
	ok := false
	switch x := v.Const.(type) {
	case string:
		// An integer too long for int64 is its digits.
		ok = s.Type == "string" || s.Type == "integer" && strings.Trim(strings.TrimPrefix(x, "-"), "0123456789") == "" && len(x) > 18
	case bool:
		ok = s.Type == "boolean" || s.Type == "string"
	case int:
		ok = s.Type == "integer" || s.Type == "number" || s.Type == "string"
	case float64:
		ok = s.Type == "number" || s.Type == "string" || s.Type == "integer" && x == float64(int64(x))
	}
	if !ok || v.Map != nil || v.List != nil {
		c.kind(v, where, nameOf(s.Type))
		return
	}
	text, ok := v.Const.(string)
	if !ok {
		return
	}
	if len(s.Enum) > 0 && s.Type == "string" {
		for _, e := range s.Enum {
			if e == text {
				return
			}
		}
		c.unknown(v.Pos, where, `"{name}" is not possible here`, text, s.Enum, "Possible: {names}.")
		return
	}
	c.format(v.Pos, text, s.Format, where)
}

// format checks a constant text against the formats of engine.Schema.
func (c value) format(pos engine.Pos, text, format, where string) {
	var err error
	switch format {
	case "uri":
		u, e := url.Parse(text)
		if e != nil || u.Host == "" || u.Scheme != "http" && u.Scheme != "https" {
			err = engine.E(engine.Invalid, `"{text}" is not a web address`, "text", clip(text)).WithHint("Begin with https:// or http://.")
		}
	case "email":
		if a, e := mail.ParseAddress(text); e != nil || a.Address != text {
			err = engine.E(engine.Invalid, `"{text}" is not an e-mail address`, "text", clip(text)).WithHint("Write name@example.org.")
		}
	case "date-time":
		_, err = flow.Instant(text)
	case "duration":
		_, err = flow.Duration(text)
	case "place":
		_, err = engine.ParsePlace(text)
	case "person-or-group":
		err = groupName(text)
	}
	if err != nil {
		e := engine.AsError(err)
		c.report(engine.SevError, pos, where, e.Msg, e.Hint, e.Args)
	}
}

func nameOf(kind string) string {
	switch kind {
	case "string":
		return "a text"
	case "integer":
		return "a whole number"
	case "number":
		return "a number"
	case "boolean":
		return "true or false"
	case "object":
		return "a map"
	case "array":
		return "a list"
	}
	return "a value"
}

func kindOf(v *flow.Value) string {
	switch {
	case v.Map != nil:
		return "a map"
	case v.List != nil:
		return "a list"
	}
	switch v.Const.(type) {
	case nil:
		return "nothing"
	case bool:
		return "true or false"
	case int, float64:
		return "a number"
	}
	return "a text"
}
