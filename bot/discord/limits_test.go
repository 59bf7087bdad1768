package discord

import (
	"encoding/json"
	"testing"

	discord "github.com/bwmarrin/discordgo"
	"github.com/santhosh-tekuri/jsonschema/v6"

	"github.com/bretelle/bretelle/prompts"
	"github.com/bretelle/bretelle/prompts/corpus"
)

// checkLimits are the limits that Discord's description lacks or states too high.
func checkLimits(t testing.TB, content string, embeds []*discord.MessageEmbed, rows []discord.MessageComponent) {
	t.Helper()
	if units(content) > contentMost {
		t.Errorf("content of %d characters", units(content))
	}
	total := 0
	for _, e := range embeds {
		if n := units(e.Description); n > descriptionMost || n == 0 {
			t.Errorf("description of %d characters", n)
		}
		total += units(e.Description) + units(e.Title)
	}
	if total > 6000 {
		t.Errorf("embeds of %d characters", total)
	}
	if len(rows) > 5 {
		t.Errorf("%d rows", len(rows))
	}
	ids := map[string]bool{}
	for _, r := range rows {
		if n := len(r.(discord.ActionsRow).Components); n < 1 || n > 5 {
			t.Errorf("%d components in a row", n)
		}
		for _, c := range r.(discord.ActionsRow).Components {
			if b, ok := c.(discord.Button); ok && b.CustomID != "" {
				if ids[b.CustomID] {
					t.Errorf("custom id %q is there twice", b.CustomID)
				}
				ids[b.CustomID] = true
			}
			switch c := c.(type) {
			case discord.Button:
				short(t, "button", c.Label, 80)
				if len(c.CustomID) > customIDMost {
					t.Errorf("custom id %q", c.CustomID)
				}
			case discord.SelectMenu:
				if len(c.CustomID) > customIDMost || len(c.Options) > 25 {
					t.Errorf("menu %q with %d options", c.CustomID, len(c.Options))
				}
				checkOptions(t, c.Options)
			}
		}
	}
}

func checkResponse(t testing.TB, r *discord.InteractionResponse) {
	t.Helper()
	if r.Data == nil {
		return
	}
	if r.Type != discord.InteractionResponseModal {
		checkLimits(t, r.Data.Content, r.Data.Embeds, r.Data.Components)
		if r.Data.AllowedMentions == nil {
			t.Error("allowed_mentions is open")
		}
		return
	}
	if n := len(r.Data.Components); n < 1 || n > 5 {
		t.Errorf("%d components in a dialog", n)
	}
	short(t, "title", r.Data.Title, 45)
	short(t, "custom id", r.Data.CustomID, 100)
	for _, row := range r.Data.Components {
		l := row.(part)
		if l.Kind == 10 {
			short(t, "text", l.Content, 4000)
			continue
		}
		in := l.Component
		short(t, "label", l.Label, 45)
		short(t, "custom id", in.CustomID, 100)
		if units(in.Value) > 4000 || units(in.Placeholder) > placeholderMost || units(l.Description) > 100 || len(in.Options) > 25 {
			t.Errorf("%s holds %d characters, placeholder %d, description %d, %d options", l.Label, units(in.Value), units(in.Placeholder), units(l.Description), len(in.Options))
		}
		checkOptions(t, in.Options)
	}
}

// checkOptions are the rules of a list: texts and values of 1 to 100 characters, no value twice.
func checkOptions(t testing.TB, os []discord.SelectMenuOption) {
	t.Helper()
	seen := map[string]bool{}
	for _, o := range os {
		short(t, "option", o.Label, 100)
		short(t, "value", o.Value, 100)
		if units(o.Description) > 100 || seen[o.Value] {
			t.Errorf("option %q is there twice or described too long", o.Value)
		}
		seen[o.Value] = true
	}
}

// Every rendering is what Discord's own description allows.
func TestSchemas(t *testing.T) {
	c := compiler(t)
	create, edit := c("MessageCreateRequest"), c("MessageEditRequestPartial")
	modal, reply := c("ModalInteractionCallbackRequest"), c("CreateMessageInteractionCallbackRequest")
	update := c("UpdateMessageInteractionCallbackRequest")
	valid := func(name string, s *jsonschema.Schema, v any) {
		b, err := json.Marshal(v)
		if err != nil {
			t.Fatal(err)
		}
		var x any
		if err := json.Unmarshal(b, &x); err != nil {
			t.Fatal(err)
		}
		if err := s.Validate(x); err != nil {
			t.Errorf("%s: %v", name, err)
		}
	}
	for _, lang := range corpus.Langs() {
		for _, x := range corpus.Cards(lang) {
			m := Message(prompts.Fit(x.Card, Limits()))
			valid(x.Name, create, creation{MessageSend: m, Nonce: "0123456789012345678901234", Enforce: true})
			valid(x.Name, edit, discord.MessageEdit{Content: &m.Content, Embeds: &m.Embeds, Components: &m.Components, AllowedMentions: m.AllowedMentions})
			checkLimits(t, m.Content, m.Embeds, m.Components)
		}
		for _, x := range corpus.Forms(lang) {
			for _, r := range answers(x.Form) {
				switch r.Type {
				case discord.InteractionResponseModal:
					r.Data.Embeds = nil
					valid(x.Name, modal, wireModal(t, r))
				case discord.InteractionResponseUpdateMessage:
					valid(x.Name, update, r)
				default:
					valid(x.Name, reply, r)
				}
				checkResponse(t, r)
			}
		}
	}
}

// wireModal is a dialog as the SDK sends it, without the members of messages that it leaves null.
func wireModal(t testing.TB, r *discord.InteractionResponse) any {
	t.Helper()
	return map[string]any{"type": r.Type, "data": map[string]any{"custom_id": r.Data.CustomID, "title": r.Data.Title, "components": r.Data.Components}}
}
