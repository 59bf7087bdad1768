package main

import (
	"strings"
	"testing"

	"github.com/bretelle/bretelle/bot/discord"
	"github.com/bretelle/bretelle/bot/slack"
	"github.com/bretelle/bretelle/connectors/all"
)

// What chat needs of a platform is what setting the platform up asks for: nothing that an action or a trigger needs is
// missing there.
func TestChatScopesAreAskedFor(t *testing.T) {
	asked := map[string]bool{}
	for _, s := range slack.Scopes() {
		asked["slack:"+s.Name] = true
	}
	for _, p := range discord.Permits() {
		asked["discord:"+p.Name] = true
	}
	for _, i := range discord.Intents() {
		asked["discord:intent:"+i.Name] = true
	}
	catalog, err := all.Catalog()
	if err != nil {
		t.Fatal(err)
	}
	n := 0
	hold := func(name string, scopes []string) {
		platforms := map[string]bool{}
		for _, s := range scopes {
			platform, _, _ := strings.Cut(s, ":")
			platforms[platform] = true
			if (platform == "slack" || platform == "discord") && !asked[s] {
				t.Errorf("%s needs %s, which nobody is asked for", name, s)
			}
		}
		if !strings.HasPrefix(name, "chat.") {
			return
		}
		if n++; !platforms["slack"] || !platforms["discord"] && name != "chat.shortcut" {
			t.Errorf("%s names scopes for %v only", name, platforms)
		}
	}
	for _, name := range catalog.Names() {
		a, _ := catalog.Action(name)
		hold(name, a.Scopes)
	}
	for _, name := range catalog.TriggerNames() {
		k, _ := catalog.Trigger(name)
		hold(name, k.Scopes)
	}
	if n < 16 {
		t.Errorf("only %d actions and triggers of chat were found", n)
	}
}
