package main

import (
	"strings"
	"testing"

	"github.com/bretelle/bretelle/bot/discord"
	"github.com/bretelle/bretelle/bot/slack"
	"github.com/bretelle/bretelle/connectors/all"
)

// Every scope, permission and intent that an action or a trigger of chat says it needs is one that setting up asks for,
// so that what the manifest and the invitation give is enough for all of them.
func TestSetupAsksForWhatFlowsNeed(t *testing.T) {
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
	seen := map[string]int{}
	need := func(what string, scopes []string) {
		for _, s := range scopes {
			platform, _, ok := strings.Cut(s, ":")
			if !ok || platform != "slack" && platform != "discord" {
				continue
			}
			seen[platform]++
			if !asked[s] {
				t.Errorf("%s needs %s, which setup %s does not ask for", what, s, platform)
			}
		}
	}
	for _, name := range catalog.Names() {
		a, _ := catalog.Action(name)
		need(name, a.Scopes)
		if strings.HasPrefix(name, "chat.") && len(a.Scopes) == 0 {
			t.Errorf("%s does not say what it needs", name)
		}
	}
	for _, name := range catalog.TriggerNames() {
		k, _ := catalog.Trigger(name)
		need(name, k.Scopes)
	}
	if seen["slack"] == 0 || seen["discord"] == 0 {
		t.Errorf("looked at %v", seen)
	}
}
