package slack

import "testing"

// Checker holds what is sent to Slack to its types and to the limits that those lack.
func Checker(t *testing.T) func(kind string, v map[string]any) {
	open, chat := schema(t, "gen-ViewsOpen"), schema(t, "gen-ChatPostMessage")
	return func(kind string, v map[string]any) {
		t.Helper()
		walk(t, v)
		switch kind {
		case "view":
			if err := open.Validate(decoded(t, map[string]any{"trigger_id": "1.2.3", "view": v})); err != nil {
				t.Error(err)
			}
			checkRawView(t, v)
		case "message":
			delete(v, "user")
			if err := chat.Validate(decoded(t, v)); err != nil {
				t.Error(err)
			}
			checkParts(t, v["blocks"])
		}
	}
}

func checkRawView(t testing.TB, v map[string]any) {
	t.Helper()
	blocks := v["blocks"].([]any)
	if len(blocks) > 100 || len(blocks) == 0 {
		t.Errorf("%d blocks in a view", len(blocks))
	}
	ids := map[string]bool{}
	for _, b := range blocks {
		if id, _ := b.(map[string]any)["block_id"].(string); id != "" {
			if ids[id] || len(id) > 255 {
				t.Errorf("block id %q is there twice or too long", id)
			}
			ids[id] = true
		}
	}
	for _, k := range []string{"title", "submit", "close"} {
		if x, ok := v[k].(map[string]any); ok && units(x["text"].(string)) > 24 {
			t.Errorf("%s %q is longer than 24", k, x["text"])
		}
	}
	if s, _ := v["private_metadata"].(string); len(s) > 3000 {
		t.Error("the metadata is too long")
	}
	checkParts(t, v["blocks"])
}
