package engine

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"strconv"
)

// DecodeJSON reads one JSON value into nil, bool, string, int, float64, []any and map[string]any. Integers that
// fit int64 are exact ints; longer ones stay their decimal text, so that no id ever changes (CONTRACTS,
// "Expressions on missing and odd data"). A second value after the first is an error.
func DecodeJSON(data []byte) (any, error) {
	if v, ok := fastDecode(data); ok {
		return v, nil
	}
	return slowDecode(data)
}

func slowDecode(data []byte) (any, error) {
	d := json.NewDecoder(bytes.NewReader(data))
	d.UseNumber()
	var v any
	if err := d.Decode(&v); err != nil {
		return nil, err
	}
	if _, err := d.Token(); !errors.Is(err, io.EOF) {
		return nil, errors.New("more than one JSON value")
	}
	return Numbers(v), nil
}

// Numbers replaces every json.Number in v, in place where it can, by the rule of DecodeJSON.
func Numbers(v any) any {
	switch x := v.(type) {
	case json.Number:
		return number(x)
	case []any:
		for i := range x {
			x[i] = Numbers(x[i])
		}
	case map[string]any:
		for k := range x {
			x[k] = Numbers(x[k])
		}
	}
	return v
}

func number(n json.Number) any {
	s := n.String()
	if i, err := strconv.ParseInt(s, 10, 64); err == nil {
		return int(i)
	}
	if integer(s) {
		return s
	}
	if f, err := n.Float64(); err == nil {
		return f
	}
	return s
}

func integer(s string) bool {
	for i, c := range s {
		if (c < '0' || c > '9') && !(i == 0 && c == '-') {
			return false
		}
	}
	return true
}

// EncodeJSON is the canonical text of v: keys sorted, no HTML escaping, no trailing newline. Equal values give
// equal bytes, which is what plan hashes and replay rest on.
func EncodeJSON(v any) ([]byte, error) {
	if b, ok := fastEncode(nil, v, 0); ok {
		return b, nil
	}
	return slowEncode(v)
}

func slowEncode(v any) ([]byte, error) {
	var b bytes.Buffer
	e := json.NewEncoder(&b)
	e.SetEscapeHTML(false)
	if err := e.Encode(v); err != nil {
		return nil, fmt.Errorf("not representable as JSON: %w", err)
	}
	return bytes.TrimSuffix(b.Bytes(), []byte("\n")), nil
}
