package connectors

import (
	"reflect"
	"strings"
	"testing"
	"unicode"
	"unicode/utf8"

	"github.com/bretelle/bretelle/engine"
)

// FuzzSaid has a service say anything: what is kept is short, one line, valid, and without the secret.
func FuzzSaid(f *testing.F) {
	f.Add("application/json", []byte(`{"error":{"message":"no"}}`))
	f.Add("text/plain", []byte("\n\x00s3cr\x00et-canary\u202e"))
	f.Add("", []byte(`{"errors":[[[[[["deep"]]]]]]}`))
	f.Fuzz(func(t *testing.T, kind string, body []byte) {
		c := &Call{}
		c.mask.add("s3cret-canary")
		got := c.said(&Response{Header: map[string]string{"content-type": kind}, Body: body})
		if len(got) > saidMax || !utf8.ValidString(got) || strings.Contains(got, "s3cret-canary") {
			t.Fatalf("%q", got)
		}
		if strings.ContainsFunc(got, func(r rune) bool { return unicode.Is(unicode.C, r) }) {
			t.Fatalf("control characters: %q", got)
		}
	})
}

// FuzzFit gives an action any input: it fits, and can then be decoded, or is refused with words.
func FuzzFit(f *testing.F) {
	f.Add([]byte(`{"name":"x","many":1e3,"tags":[1,true],"labels":{"a":2},"inner":[{"deep":[]}]}`))
	f.Add([]byte(`{"name":[],"many":1.5}`))
	s := SchemaOf(reflect.TypeFor[shape]())
	f.Fuzz(func(t *testing.T, text []byte) {
		v, err := engine.DecodeJSON(text)
		if err != nil {
			return
		}
		fitted, bad := Fit(s, v, "")
		if bad != nil {
			if bad.Code != engine.Invalid || bad.Msg == "" {
				t.Fatalf("%+v", bad)
			}
			return
		}
		m, ok := fitted.(map[string]any)
		if !ok {
			t.Fatalf("%v", fitted)
		}
		delete(m, "place") // its text form has rules of its own
		if _, err := decodeAs[shape](m); err != nil {
			t.Fatalf("%v does not decode: %v", m, err)
		}
	})
}
