package expr

import (
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"net/url"
	"strings"
	"unicode/utf8"

	"github.com/bretelle/bretelle/engine"
)

func codeFunctions() []function {
	return []function{
		{Function: doc("json", "json(value)", "The value as JSON text, names sorted.", `json({b: 1, a: [true, nil]})`, `"{\"a\":[true,null],\"b\":1}"`), args: "any", result: "string", call: func(c *call) (any, error) { return c.encoded(0, c.args[0]) }},
		{Function: doc("fromJSON", "fromJSON(text)", "The value of a JSON text.", `fromJSON("{\"a\": 1}").a`, `1`), args: "string", call: fromJSON},
		{Function: doc("base64", "base64(text)", "The text in base64.", `base64("hello")`, `"aGVsbG8="`), args: "string", result: "string", call: onText(func(s string) string { return base64.StdEncoding.EncodeToString([]byte(s)) })},
		{Function: doc("fromBase64", "fromBase64(text)", "The text behind base64, of either alphabet, padded or not.", `fromBase64("aGVsbG8=")`, `"hello"`), args: "string", result: "string", call: fromBase64},
		{Function: doc("urlEncode", "urlEncode(text)", "The text as a part of a URL.", `urlEncode("a b&c")`, `"a%20b%26c"`), args: "string", result: "string", call: onText(func(s string) string { return strings.ReplaceAll(url.QueryEscape(s), "+", "%20") })},
		{Function: doc("urlDecode", "urlDecode(text)", "The text behind a part of a URL.", `urlDecode("a%20b")`, `"a b"`), args: "string", result: "string", call: func(c *call) (any, error) {
			s, err := c.text(0)
			if err != nil {
				return nil, err
			}
			out, err := url.QueryUnescape(s)
			if err != nil || !utf8.ValidString(out) {
				return nil, c.fail(0, "", "this is no URL-encoded text")
			}
			return c.made(out)
		}},
		{Function: doc("sha256", "sha256(text)", "The SHA-256 of the text, in hexadecimal digits.", `slice(sha256("hello"), 0, 8)`, `"2cf24dba"`), args: "string", result: "string", call: func(c *call) (any, error) {
			s, err := c.text(0)
			if err != nil {
				return nil, err
			}
			if err := c.m.spend(c.n, len(s)/8); err != nil {
				return nil, err
			}
			sum := sha256.Sum256([]byte(s))
			return c.made(hex.EncodeToString(sum[:]))
		}},
	}
}

func fromJSON(c *call) (any, error) {
	s, err := c.text(0)
	if err != nil {
		return nil, err
	}
	if err := c.m.grow(c.n, 4*len(s)); err != nil {
		return nil, err
	}
	v, err := engine.DecodeJSON([]byte(s))
	if err != nil {
		return nil, c.fail(0, "", "this is not valid JSON")
	}
	return v, nil
}

func fromBase64(c *call) (any, error) {
	s, err := c.text(0)
	if err != nil {
		return nil, err
	}
	s = strings.TrimRight(strings.NewReplacer("-", "+", "_", "/", "\n", "", "\r", "").Replace(s), "=")
	b, err := base64.RawStdEncoding.DecodeString(s)
	if err != nil || !utf8.Valid(b) {
		return nil, c.fail(0, "", "this is not text in base64")
	}
	return c.made(string(b))
}
