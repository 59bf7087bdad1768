package intake

import (
	"mime"
	"net/http"
	"net/url"
	"strings"
	"unicode/utf8"

	"github.com/bretelle/bretelle/connectors/webhook"
	"github.com/bretelle/bretelle/engine"
)

// maxFields bounds the fields of a form.
const maxFields = 1000

// bodyKind tells JSON from a form by the headers alone; anything else is refused, among it whatever could be read
// in two ways: no or several content types, another character set, a compressed body.
func bodyKind(h http.Header) (form bool, no *refusal) {
	unsupported := refuse(http.StatusUnsupportedMediaType, "unsupported", "Bodies are JSON or web forms, in UTF-8, not compressed.")
	for _, coding := range h.Values("Content-Encoding") {
		if coding != "" && !strings.EqualFold(coding, "identity") {
			return false, unsupported
		}
	}
	values := h.Values("Content-Type")
	if len(values) != 1 {
		return false, unsupported
	}
	kind, params, err := mime.ParseMediaType(values[0])
	if err != nil {
		return false, unsupported
	}
	if set := params["charset"]; set != "" && !strings.EqualFold(set, "utf-8") && !strings.EqualFold(set, "us-ascii") {
		return false, unsupported
	}
	switch {
	case kind == "application/json":
		return false, nil
	case strings.HasPrefix(kind, "application/") && strings.HasSuffix(kind, "+json"):
		return false, nil
	case kind == "application/x-www-form-urlencoded":
		return true, nil
	}
	return false, unsupported
}

// parse reads a body as data. A form whose only field is payload is the JSON in it, as GitHub and Slack send it.
func parse(form bool, raw []byte) (body any, ok bool) {
	if !utf8.Valid(raw) {
		return nil, false
	}
	if !form {
		v, err := engine.DecodeJSON(raw)
		return v, err == nil
	}
	if strings.Count(string(raw), "&") >= maxFields {
		return nil, false
	}
	fields, err := url.ParseQuery(string(raw))
	if err != nil {
		return nil, false
	}
	if p := fields["payload"]; len(p) == 1 && len(fields) == 1 && strings.HasPrefix(strings.TrimSpace(p[0]), "{") {
		v, err := engine.DecodeJSON([]byte(p[0]))
		return v, err == nil
	}
	return flatten(fields), true
}

// flatten makes a field that is there once a text, one that is there several times a list.
func flatten(fields url.Values) map[string]any {
	out := make(map[string]any, len(fields))
	for k, values := range fields {
		k = strings.ToValidUTF8(k, "\uFFFD")
		if len(values) == 1 {
			out[k] = strings.ToValidUTF8(values[0], "\uFFFD")
			continue
		}
		list := make([]any, len(values))
		for i, v := range values {
			list[i] = strings.ToValidUTF8(v, "\uFFFD")
		}
		out[k] = list
	}
	return out
}

func lower(h http.Header) webhook.Headers {
	out := make(webhook.Headers, len(h))
	for k, v := range h {
		k = strings.ToLower(k)
		out[k] = append(out[k], v...)
	}
	return out
}

// kept is the headers as events hold them: signatures and credentials of the sender left out, anything else that
// looks like one, or holds the secret, starred.
func kept(h webhook.Headers, s webhook.Sender, secret string) map[string]any {
	out := make(map[string]any, len(h))
	for k, values := range h {
		v := strings.ToValidUTF8(strings.Join(values, ", "), "\uFFFD")
		if confidential(k) || holds(v, secret) {
			v = "***"
		}
		out[k] = v
	}
	for _, k := range append(s.SignatureHeaders(), "authorization", "proxy-authorization", "cookie") {
		delete(out, k)
	}
	return out
}

// query is the address's query as events hold it.
func query(raw, secret string) map[string]any {
	if len(raw) > 8<<10 {
		raw = ""
	}
	fields, _ := url.ParseQuery(raw) // what can be read of it
	out := flatten(fields)
	for k, values := range fields {
		if confidential(strings.ToLower(k)) || holds(strings.Join(values, " "), secret) {
			out[k] = "***"
		}
	}
	return out
}

// confidential reports whether a name says that its value is a credential.
func confidential(name string) bool {
	for _, word := range []string{"signature", "token", "secret", "password", "authorization", "api-key", "apikey", "api_key"} {
		if strings.Contains(name, word) {
			return true
		}
	}
	return false
}

// holds reports whether a text has the secret in it, as it is or as addresses spell it: a proxy in between may put the
// address with its query into a header.
func holds(text, secret string) bool {
	if len(secret) < 4 {
		return false
	}
	if strings.Contains(text, secret) {
		return true
	}
	if !strings.Contains(text, "%") {
		return false
	}
	plain, err := url.QueryUnescape(text)
	path, bad := url.PathUnescape(text)
	return err == nil && strings.Contains(plain, secret) || bad == nil && strings.Contains(path, secret)
}

// without is a body, changed in place, with every text that holds the secret starred: some services send their token
// along in it.
func without(v any, secret string) any {
	switch x := v.(type) {
	case string:
		if holds(x, secret) {
			return "***"
		}
	case []any:
		for i := range x {
			x[i] = without(x[i], secret)
		}
	case map[string]any:
		for k, y := range x {
			if holds(k, secret) {
				delete(x, k)
				k = "***"
			}
			x[k] = without(y, secret)
		}
	}
	return v
}
