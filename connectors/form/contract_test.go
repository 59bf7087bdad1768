package form_test

import (
	"testing"

	"github.com/bretelle/bretelle/connectors/connectortest"
	"github.com/bretelle/bretelle/connectors/form"
)

func TestContract(t *testing.T) { connectortest.Run(t, form.New(), connectortest.Options{}) }

func TestCheck(t *testing.T) {
	k := form.New().Triggers[0]
	for field, with := range map[string]map[string]any{
		"":       {"title": "Hello", "fields": []any{map[string]any{"name": "email", "type": "email"}}},
		"fields": {"fields": []any{map[string]any{"name": "email", "type": "emial"}}},
		"title":  {"title": string(make([]byte, 300)), "fields": []any{map[string]any{"name": "a"}}},
	} {
		got := k.Check(with)
		if field == "" && len(got) > 0 || field != "" && (got[field] == nil || len(got) != 1) {
			t.Errorf("%v: %v", with, got)
		}
	}
}
