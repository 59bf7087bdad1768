package slack

import (
	"testing"

	"github.com/santhosh-tekuri/jsonschema/v6"
	slackgo "github.com/slack-go/slack"

	"github.com/bretelle/bretelle/prompts"
	"github.com/bretelle/bretelle/prompts/corpus"
)

// most are the lengths that Slack documents and its schemas lack.
func checkLimits(t testing.TB, m posted) {
	t.Helper()
	if len(m.Blocks) > 50 {
		t.Errorf("%d blocks in a message, at most 50", len(m.Blocks))
	}
	if units(m.Text) > 40000 {
		t.Errorf("text of %d characters, at most 40,000", units(m.Text))
	}
	checkParts(t, decoded(t, m.Blocks))
}

func checkView(t testing.TB, v slackgo.ModalViewRequest) {
	t.Helper()
	if len(v.Blocks.BlockSet) > 100 {
		t.Errorf("%d blocks in a view, at most 100", len(v.Blocks.BlockSet))
	}
	for _, x := range []*slackgo.TextBlockObject{v.Title, v.Close, v.Submit} {
		if x != nil && units(x.Text) > 24 {
			t.Errorf("%q is longer than 24", x.Text)
		}
	}
	if len(v.PrivateMetadata) > 3000 || len(v.CallbackID) > 255 {
		t.Error("metadata or callback id is too long")
	}
	ids := map[string]bool{}
	for _, b := range v.Blocks.BlockSet {
		if id := b.ID(); id != "" {
			if ids[id] || len(id) > 255 {
				t.Errorf("block id %q is there twice or too long", id)
			}
			ids[id] = true
		}
	}
	checkParts(t, decoded(t, v.Blocks))
}

// Every rendering is what Slack's own types allow (schemas generated from them, beside the repository).
func TestSchemas(t *testing.T) {
	chat, open, edit := schema(t, "gen-ChatPostMessage"), schema(t, "gen-ViewsOpen"), schema(t, "gen-ChatUpdate")
	valid := func(name string, s *jsonschema.Schema, v any) {
		if err := s.Validate(decoded(t, v)); err != nil {
			t.Errorf("%s: %v", name, err)
		}
	}
	for _, lang := range corpus.Langs() {
		for _, x := range corpus.Cards(lang) {
			m := message(x.Card)
			valid(x.Name, chat, m)
			valid(x.Name, edit, map[string]any{"channel": "C1", "ts": "1.2", "text": m.Text, "blocks": m.Blocks})
			checkLimits(t, m)
		}
		for _, x := range corpus.Forms(lang) {
			v := Modal(prompts.FitForm(x.Form, Limits()), triage)
			valid(x.Name, open, map[string]any{"trigger_id": "1.2.3", "view": v})
			checkView(t, v)
		}
	}
}
