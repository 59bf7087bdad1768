package main

import (
	"fmt"

	"github.com/bretelle/bretelle/bot"
	"github.com/bretelle/bretelle/bot/slack/slacktest"
	"github.com/bretelle/bretelle/engine"
)

// by is who does something, as their platform says.
type by struct{ team, user string }

func (a *arena) slackDelivery(who by, change map[string]any) map[string]any {
	p := map[string]any{"trigger_id": fmt.Sprint("trigger-", a.acts.Add(1)), "user": map[string]any{"id": who.user, "username": who.user, "team_id": who.team},
		"team": map[string]any{"id": who.team}, "channel": map[string]any{"id": slacktest.Triage}}
	for k, v := range change {
		p[k] = v
	}
	return p
}

// slackPress presses a button in Slack, and waits until the bot has done what comes of it.
func (a *arena) slackPress(who by, ts, verb, token string) {
	a.t.Helper()
	a.slack.Deliver("interactive", a.slackDelivery(who, map[string]any{"type": "block_actions", "message": map[string]any{"ts": ts},
		"container": map[string]any{"message_ts": ts, "channel_id": slacktest.Triage},
		"actions":   []any{map[string]any{"type": "button", "action_id": "button:0:" + verb, "value": token, "action_ts": "1548426417.840180"}}}), false).Wait()
}

// slackSubmit sends a dialog in Slack.
func (a *arena) slackSubmit(who by, token, metadata string, fields map[string]string) []byte {
	a.t.Helper()
	values := map[string]any{}
	for k, v := range fields {
		values[k] = map[string]any{"v": map[string]any{"type": "plain_text_input", "value": v}}
	}
	return a.slack.Deliver("interactive", a.slackDelivery(who, map[string]any{"type": "view_submission", "view": map[string]any{"id": "V1", "type": "modal", "callback_id": token,
		"private_metadata": metadata, "hash": "1.a", "state": map[string]any{"values": values}}}), true).Wait()
}

// discordPress uses a component in Discord, and gives the answer.
func (a *arena) discordPress(user, message, customID string, values ...string) map[string]any {
	a.t.Helper()
	d := map[string]any{"custom_id": customID, "component_type": 2}
	if values != nil {
		d["component_type"], d["values"] = 3, values
	}
	return a.discord.Answer(a.discord.Act(user, discordIn, 3, d, message))
}

// discordSubmit sends a dialog in Discord, and gives the answer.
func (a *arena) discordSubmit(user, message, customID string, fields map[string]string) map[string]any {
	a.t.Helper()
	parts := []any{}
	for k, v := range fields {
		parts = append(parts, map[string]any{"type": 18, "component": map[string]any{"type": 4, "custom_id": k, "value": v}})
	}
	return a.discord.Answer(a.discord.Act(user, discordIn, 5, map[string]any{"custom_id": customID, "components": parts}, message))
}

// consolePress presses what stands anywhere, or sends its dialog, from the console.
func (a *arena) consolePress(person, token string, fields map[string]string) (bot.Reply, error) {
	in := bot.In{ID: fmt.Sprint("c", a.acts.Add(1)), Kind: bot.InPress, Token: token, Place: engine.Place{Surface: engine.ConsoleSurface, Channel: "#ops"},
		Actor: bot.Actor{Surface: engine.ConsoleSurface, User: a.ids[person], Person: a.ids[person], Name: person}}
	if fields != nil {
		in.Kind, in.Fields = bot.InSubmit, fields
	}
	return a.bot.Handle(a.t.Context(), in)
}
