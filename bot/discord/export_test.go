package discord

import (
	"testing"

	"github.com/santhosh-tekuri/jsonschema/v6"
)

// Checker holds answers to Discord's own description and to the limits that it lacks.
func Checker(t *testing.T) func(a map[string]any) {
	c := compiler(t)
	kinds := map[float64]*jsonschema.Schema{4: c("CreateMessageInteractionCallbackRequest"), 7: c("UpdateMessageInteractionCallbackRequest"),
		9: c("ModalInteractionCallbackRequest")}
	return func(a map[string]any) {
		t.Helper()
		kind := a["type"].(float64)
		d, _ := a["data"].(map[string]any)
		if kind == 9 {
			a = map[string]any{"type": kind, "data": map[string]any{"custom_id": d["custom_id"], "title": d["title"], "components": d["components"]}}
		}
		if s := kinds[kind]; s != nil {
			if err := s.Validate(a); err != nil {
				t.Errorf("%v", err)
			}
		}
		for _, e := range objects(d["embeds"]) {
			text, _ := e["description"].(string)
			checkText(t, text)
			if n := units(text); n < 1 || n > descriptionMost {
				t.Errorf("description of %d characters", n)
			}
		}
		checkRaw(t, d["components"], 0)
	}
}

func objects(v any) []map[string]any {
	var out []map[string]any
	all, _ := v.([]any)
	for _, x := range all {
		out = append(out, x.(map[string]any))
	}
	return out
}

// checkRaw holds components to their limits.
func checkRaw(t testing.TB, v any, depth int) {
	t.Helper()
	all := objects(v)
	if len(all) > 5 {
		t.Errorf("%d components at level %d", len(all), depth)
	}
	for _, x := range all {
		str := func(k string) string { s, _ := x[k].(string); return s }
		switch x["type"].(float64) {
		case 2:
			short(t, "button", str("label"), 80)
			short(t, "custom id", str("custom_id"), customIDMost)
		case 10:
			checkText(t, str("content"))
		case 18:
			short(t, "label", str("label"), 45)
			checkRaw(t, []any{x["component"]}, depth+1)
		case 3:
			short(t, "custom id", str("custom_id"), customIDMost)
			os := objects(x["options"])
			if len(os) < 1 || len(os) > 25 {
				t.Errorf("%d options", len(os))
			}
			seen := map[any]bool{}
			for _, o := range os {
				short(t, "value", o["value"].(string), 100)
				short(t, "option", o["label"].(string), 100)
				if seen[o["value"]] {
					t.Errorf("option %v is there twice", o["value"])
				}
				seen[o["value"]] = true
			}
			if most, _ := x["max_values"].(float64); int(most) > len(os) {
				t.Errorf("%v of %d options can be chosen", most, len(os))
			}
		}
		checkRaw(t, x["components"], depth+1)
	}
}
