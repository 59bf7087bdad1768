package web

import (
	"encoding/json"
	"fmt"
	"mime"
	"net/url"
	"strconv"
	"strings"

	"github.com/bretelle/bretelle/engine"
)

// payload is what is sent, with its content type.
func payload(in Input) (kind string, body []byte, err error) {
	n := 0
	for _, there := range []bool{in.JSON != nil, len(in.Form) > 0, in.Body != ""} {
		if there {
			n++
		}
	}
	switch {
	case n > 1:
		return "", nil, engine.E(engine.Invalid, "Only one of json, form and body can be sent").WithHint("Keep the one you mean.")
	case in.JSON != nil:
		body, err = engine.EncodeJSON(in.JSON)
		return "application/json", body, err
	case len(in.Form) > 0:
		form, err := values(in.Form, "form")
		return "application/x-www-form-urlencoded", []byte(form.Encode()), err
	case in.Body != "":
		return "text/plain; charset=utf-8", []byte(in.Body), nil
	}
	return "", nil, nil
}

// values flattens named values: a list gives a name several times, nil leaves it out. The error is Invalid.
func values(m map[string]any, field string) (url.Values, error) {
	out := make(url.Values, len(m))
	for k, v := range m {
		list, ok := v.([]any)
		if !ok {
			list = []any{v}
		}
		for _, x := range list {
			text, ok := plainText(x)
			if !ok {
				return nil, engine.E(engine.Invalid, `"{field}" must be text, a number, true or false, or a list of those`,
					"field", field+"."+k).WithHint("Send it as json instead.")
			}
			if x != nil {
				out.Add(k, text)
			}
		}
	}
	return out, nil
}

func plainText(v any) (string, bool) {
	switch x := v.(type) {
	case nil:
		return "", true
	case string:
		return x, true
	case bool:
		return strconv.FormatBool(x), true
	case int:
		return strconv.Itoa(x), true
	case float64:
		return strconv.FormatFloat(x, 'f', -1, 64), true
	case json.Number:
		return x.String(), true
	}
	return "", false
}

// expected reads "2xx", "2xx,404", 404, or a list of those; nil is 2xx. The error is Invalid.
func expected(v any) (func(int) bool, error) {
	var parts []string
	switch x := v.(type) {
	case nil:
		parts = []string{"2xx"}
	case string:
		parts = strings.Split(x, ",")
	case []any:
		for _, p := range x {
			parts = append(parts, fmt.Sprint(p))
		}
	default:
		parts = []string{fmt.Sprint(x)}
	}
	classes, codes := map[int]bool{}, map[int]bool{}
	for _, p := range parts {
		p = strings.ToLower(strings.TrimSpace(p))
		if len(p) == 3 && p[0] >= '2' && p[0] <= '5' && p[1:] == "xx" {
			classes[int(p[0]-'0')] = true
		} else if n, err := strconv.Atoi(p); err == nil && n >= 200 && n <= 599 {
			codes[n] = true
		} else {
			return nil, engine.E(engine.Invalid, `"{expect}" is not a status`, "expect", p).
				WithHint("Write 2xx, 404, or several with commas between.")
		}
	}
	return func(status int) bool { return classes[status/100] || codes[status] }, nil
}

// isJSON reports whether a content type is JSON: application/json, or anything that ends in +json (RFC 6839).
func isJSON(contentType string) bool {
	t, _, err := mime.ParseMediaType(contentType)
	return err == nil && (t == "application/json" || t == "text/json" || strings.HasSuffix(t, "+json"))
}
