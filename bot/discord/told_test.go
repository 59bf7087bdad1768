package discord

import (
	"encoding/json"
	"strings"
	"testing"

	discord "github.com/bwmarrin/discordgo"

	"github.com/bretelle/bretelle/bot"
	"github.com/bretelle/bretelle/prompts"
)

// A secret is shown once, in a dialog where it can be copied, and what comes back of it goes nowhere.
func TestToldInADialog(t *testing.T) {
	form := prompts.AddressForm(prompts.Ctx{Lang: "en"}, prompts.AddressFacts{Flow: "bug-triage", Sender: "GitHub", URL: "https://bots.example.org/hooks/github-bugs", Secret: "5b1fc09e", Has: true, Public: true}, "tok")
	modal := compiler(t)("ModalInteractionCallbackRequest")
	for _, in := range []bot.In{{Kind: bot.InCommand}, {Kind: bot.InPress, Message: "345626669114982999/846462639134605299"},
		{Kind: bot.InSubmit, Value: "act make", Message: "345626669114982999/846462639134605299"}} {
		r := Respond(in, bot.Dialog{Form: form})
		if r.Type != discord.InteractionResponseModal {
			t.Fatalf("%s %s: answered by a message: %d", in.Kind, in.Value, r.Type)
		}
		if err := modal.Validate(onTheWire(t, r)); err != nil {
			t.Error(err)
		}
		checkResponse(t, r)
		values := map[string]string{}
		for _, c := range r.Data.Components {
			if p := c.(part); p.Kind == 18 {
				values[p.Label] = p.Component.Value
			} else if strings.Contains(p.Content, "5b1fc09e") {
				t.Error("the secret stands where it cannot be copied")
			}
		}
		if values["Secret"] != "5b1fc09e" || values["Payload URL"] != "https://bots.example.org/hooks/github-bugs" {
			t.Errorf("%v", values)
		}
	}
	back, err := Decode([]byte(`{"id":"846462639134605312","type":5,"token":"x","channel_id":"345626669114982999","user":{"id":"53908232506183680","username":"bob"},
		"data":{"custom_id":"f::tok","components":[{"type":18,"component":{"type":4,"custom_id":"∅ told 1","value":"5b1fc09e"}}]}}`))
	if err != nil || len(back.Fields) != 0 || back.Token != "tok" {
		t.Errorf("%+v %v", back, err)
	}
}

// onTheWire is a dialog as a schema reads it.
func onTheWire(t *testing.T, r *discord.InteractionResponse) any {
	t.Helper()
	b, err := json.Marshal(wireModal(t, r))
	if err != nil {
		t.Fatal(err)
	}
	var v any
	if err := json.Unmarshal(b, &v); err != nil {
		t.Fatal(err)
	}
	return v
}
