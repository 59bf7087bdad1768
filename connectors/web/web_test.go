package web_test

import (
	"testing"

	"github.com/bretelle/bretelle/connectors/connectortest"
	"github.com/bretelle/bretelle/connectors/web"
	"github.com/bretelle/bretelle/engine"
)

func TestContract(t *testing.T) { connectortest.Run(t, web.New(), connectortest.Options{}) }

func TestTraitsByMethod(t *testing.T) {
	a := web.New().Actions[0]
	for _, c := range []struct {
		in     map[string]any
		risk   engine.Risk
		repeat bool
	}{
		{map[string]any{"method": "GET"}, engine.Read, true},
		{map[string]any{"method": "HEAD"}, engine.Read, true},
		{map[string]any{"method": "OPTIONS"}, engine.Read, true},
		{map[string]any{"method": "PUT"}, engine.Write, true},
		{map[string]any{"method": "DELETE"}, engine.Destroy, true},
		{map[string]any{"method": "POST"}, engine.Write, false},
		{map[string]any{"method": "PATCH"}, engine.Write, false},
		{map[string]any{"method": "POST", "repeat_safe": true}, engine.Write, true},
		{map[string]any{"method": "POST", "repeat_safe": "true"}, engine.Write, false},
		{map[string]any{"method": "PURGE"}, engine.Destroy, false},
		{map[string]any{}, engine.Destroy, false},
		{nil, engine.Destroy, false},
	} {
		if got := a.TraitsOf(c.in); got.Risk != c.risk || got.Repeat != c.repeat {
			t.Errorf("%v: %v, wanted %s %v", c.in, got, c.risk, c.repeat)
		}
	}
}

func TestDescribe(t *testing.T) {
	a := web.New().Actions[0]
	line, detail := a.Line(map[string]any{"method": "POST", "url": "https://tracker.example.org/\nissues", "json": map[string]any{"a": 1}, "allow_private": true})
	if line != "POST https://tracker.example.org/issues" {
		t.Errorf("line %q", line)
	}
	if m, ok := detail.(map[string]any); !ok || m["a"] != 1 {
		t.Errorf("detail %v", detail)
	}
	_, detail = a.Line(map[string]any{"method": "GET", "url": map[string]any{"$from": "event.body.url"}, "allow_private": true})
	if m, ok := detail.(map[string]any); !ok || m["allow_private"] != true {
		t.Errorf("where the address is not known yet, that it may be a private one is shown: %v", detail)
	}
	if line, detail := a.Line(map[string]any{"method": "GET"}); line != "GET …" || detail != nil {
		t.Errorf("line %q, detail %v", line, detail)
	}
}
