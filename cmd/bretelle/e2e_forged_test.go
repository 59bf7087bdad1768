package main

import (
	"fmt"
	"strings"
	"testing"

	"github.com/bretelle/bretelle/bot"
	"github.com/bretelle/bretelle/bot/discord/discordtest"
	"github.com/bretelle/bretelle/bot/slack/slacktest"
	"github.com/bretelle/bretelle/engine"
)

// Issue 4, RELIABILITY A-10: forged and tampered presses and dialogs, through both live adapters. None of them counts,
// takes anything down, or says what it should have been; then the true button does count, once.
func TestForgedDeliveries(t *testing.T) {
	a := newArena(t)
	a.person("Ann", engine.Viewer, "slack:"+slacktest.Team+"/"+slacktest.Ann)
	a.person("Bob", engine.Viewer, "discord:"+guild+"/"+discordBob, "slack:"+slacktest.Team+"/"+slacktest.Bob)
	a.must(a.bot.SetGroup(t.Context(), bot.Operator, "duel", []string{"Ann", "Bob"}, false))
	a.flow("plain", `by: {any: ["@duel"]}`)
	other := a.ask("plain")
	v := a.ask("plain")
	s, d := a.onSlack(v.Number), a.onDiscord(v.Number)
	elsewhere := a.onSlack(other.Number)
	bob := by{slacktest.Team, slacktest.Bob}
	approve, deny := s.tokens["approve"], s.tokens["deny"]
	changed := func(tok string, i int) string { return tok[:i] + string(tok[i]^1) + tok[i+1:] }
	long, deep := strings.Repeat("x", 1<<16), strings.Repeat(`{"a":`, 20_000)+"1"+strings.Repeat("}", 20_000)
	forged := map[string]func(){
		"Slack: another platform's token":   func() { a.slackPress(bob, s.id, "approve", d.tokens["approve"]) },
		"Discord: another platform's token": func() { a.discordPress(discordBob, d.id, "b:approve:"+approve) },
		"Slack: a run's name":               func() { a.slackPress(bob, s.id, "approve", v.ID) },
		"Slack: a card's key":               func() { a.slackPress(bob, s.id, "approve", "ask:"+v.ID+"/review") },
		"Slack: long":                       func() { a.slackPress(bob, s.id, "approve", long) },
		"Slack: upper case":                 func() { a.slackPress(bob, s.id, "approve", strings.ToUpper(approve)+"A") },
		"Slack: with a blank":               func() { a.slackPress(bob, s.id, "approve", approve+" ") },
		"Slack: with a zero":                func() { a.slackPress(bob, s.id, "approve", approve+"\x00") },
		"Slack: a dialog nobody opened":     func() { a.slackSubmit(bob, changed(deny, 3), slackPlace, map[string]string{"reason": "no"}) },
		"Slack: a dialog by another team": func() {
			a.slackSubmit(by{"T0999", slacktest.Bob}, deny, "slack:T0123/#triage\nC9/1.2\n9/9\nmore", map[string]string{})
		},
		"Slack: blocks that are not there": func() {
			a.slackSubmit(bob, changed(deny, 1), long, map[string]string{"\u202ereason": "no", "reason~00000000x": "no", "": "no"})
		},
		"Slack: unicode user":      func() { a.slackPress(by{slacktest.Team, "U0ВВВ"}, s.id, "approve", approve) },
		"Slack: user with a blank": func() { a.slackPress(by{slacktest.Team, slacktest.Bob + "\u200b"}, s.id, "approve", approve) },
		"Slack: unicode team":      func() { a.slackPress(by{slacktest.Team + "\u200b", slacktest.Bob}, s.id, "approve", approve) },
		"Slack: path as user":      func() { a.slackPress(by{slacktest.Team, "../" + slacktest.Bob}, s.id, "approve", approve) },
		"Slack: another team":      func() { a.slackPress(by{"T0999", slacktest.Bob}, s.id, "approve", approve) },
		"Slack: no user":           func() { a.slackPress(by{slacktest.Team, ""}, s.id, "approve", approve) },
		"Slack: somebody's page": func() {
			a.slack.Event(slacktest.Team, map[string]any{"type": "app_home_opened", "user": "U0NOBODY", "tab": "home", "channel": "D0NOBODY"}).Wait()
		},
		"Slack: deep":     func() { a.slack.Raw(deep) },
		"Slack: not JSON": func() { a.slack.Raw("{") },
		"Slack: keys twice": func() {
			a.slack.Raw(`{"type":"interactive","type":"hello","envelope_id":"x1","payload":{},"payload":[]}`)
		},
		"Slack: a stranger's id": func() {
			a.slack.Raw(fmt.Sprintf(`{"type":"interactive","envelope_id":"x2","payload":{"type":"block_actions","trigger_id":"t-x2","user":{"id":%q,"team_id":"T0999"},"team":{"id":%q},"actions":[{"action_id":"button:0:approve","value":%q}]}}`, slacktest.Bob, slacktest.Team, approve))
		},
		"Discord: deep": func() { a.discord.Raw(`{"op":0,"t":"X","s":null,"d":` + deep + `}`) },
	}
	for i := range approve {
		forged[fmt.Sprint("Slack: byte ", i)] = func() { a.slackPress(bob, s.id, "approve", changed(approve, i)) }
	}
	for _, id := range []string{"b:approve:" + changed(d.tokens["approve"], 0), "b:approve:", "b::", "x:approve:" + d.tokens["approve"], "approve:" + d.tokens["approve"], d.tokens["approve"], ":", "",
		"b:approve:" + d.tokens["approve"] + ":", "b:approve:" + d.tokens["approve"] + "\u200b", "a:submit:" + deny, "y:reason:" + deny, "o:reason:" + deny,
		"p:save:" + deny, "p:9/9:" + d.tokens["deny"], "p:more-1:" + d.tokens["deny"], "m:approve:" + deny, "b:deny:" + deny, strings.Repeat("b:", 50)} {
		forged["Discord: button "+id] = func() {
			a.discord.Act(discordBob, discordIn, 3, map[string]any{"custom_id": id, "component_type": 2, "values": []string{"x", "\n"}}, d.id)
		}
	}
	for _, id := range []string{"f::" + changed(d.tokens["deny"], 1), "f::" + deny, "f:9/9:" + d.tokens["deny"] + "x", "f::", "q:reason:" + d.tokens["deny"]} {
		forged["Discord: dialog "+id] = func() {
			a.discord.Act(discordBob, discordIn, 5, map[string]any{"custom_id": id, "components": []any{map[string]any{"type": 18, "component": map[string]any{"type": 4, "custom_id": "reason", "value": "no"}}}}, d.id)
		}
	}
	for what, do := range forged {
		do()
		a.settle()
		now, err := a.runtime.Run(t.Context(), v.ID)
		a.must(nil, err)
		if x := now.Asks[0]; len(x.Votes) != 0 || x.State != engine.CardOpen || x.Revision != 1 || a.done(v.ID) != 0 {
			t.Fatalf("%s counted: %+v", what, x)
		}
	}

	for _, verb := range []string{"approve", "deny"} { // Discord's come one after another: when the last is answered, all were heard
		a.discordPress(discordBob, d.id, "b:"+verb+":"+changed(d.tokens[verb], 5))
	}
	if now, err := a.runtime.Run(t.Context(), v.ID); err != nil || now.Asks[0].State != engine.CardOpen {
		t.Fatalf("a forgery counted: %+v %v", now.Asks, err)
	}

	// What is not asked for cannot be edited along.
	a.slackSubmit(bob, s.tokens["edit"], slackPlace, map[string]string{"say.text": "hello", "say.to": "slack:T0123/#evil", "say.mention": "@everyone", "review.title": "x"})
	a.settle()
	now := a.until(v.ID, func(engine.RunView) bool { return true })
	if raw := fmt.Sprintf("%+v", now.Asks[0].Plan.Steps[0].Input); strings.Contains(raw, "evil") || strings.Contains(raw, "everyone") {
		t.Errorf("more was edited than was asked for: %s", raw)
	}
	// Another run's button is another run's; a true one that comes again counts once.
	press := a.slack.Deliver("interactive", a.slackDelivery(bob, map[string]any{"type": "block_actions", "message": map[string]any{"ts": s.id},
		"actions": []any{map[string]any{"type": "button", "action_id": "button:0:approve", "value": elsewhere.tokens["approve"]}}}), false)
	press.Wait()
	a.settle()
	was := len(a.rows(""))
	for range 3 {
		press.Again().Wait()
	}
	a.settle()
	if got := len(a.rows("")); got != was {
		t.Errorf("the same press again left %d rows", got-was)
	}
	done := a.until(other.ID, func(v engine.RunView) bool { return v.State == engine.RunDone })
	if a.done(other.ID) != 1 || done.Asks[0].DecidedBy != a.ids["Bob"] {
		t.Errorf("the true button: %+v, done %d times", done.Asks[0], a.done(other.ID))
	}
	// A card that is decided: its buttons, pressed by somebody who may, are answered and change nothing.
	a.slackPress(by{slacktest.Team, slacktest.Ann}, elsewhere.id, "deny", elsewhere.tokens["approve"])
	a.slackSubmit(by{slacktest.Team, slacktest.Ann}, elsewhere.tokens["deny"], slackPlace, map[string]string{"reason": "no"})
	a.settle()
	refused := 0
	for _, r := range a.rows(other.ID) {
		if r.Actor == a.ids["Ann"] && (strings.HasPrefix(r.Detail, "already") || strings.Contains(r.Detail, "verdict=already") || strings.Contains(r.Detail, "ended")) {
			refused++
		}
	}
	if refused != 2 || a.done(other.ID) != 1 {
		t.Errorf("%d late presses are in the audit: %+v", refused, a.rows(other.ID))
	}
}

// settle waits until the bot has done what came of everything that it was told.
func (a *arena) settle() {
	a.t.Helper()
	a.must(nil, a.heard.Settle(a.t.Context()))
}

// Issue 4, RELIABILITY A-9: guests, bots, strangers of shared channels, people who left, foreign workspaces and
// enterprises, whom their platform names so, may not decide, though their account is linked to somebody who is asked; each
// attempt is in the audit.
func TestWhoMayPressOnEachPlatform(t *testing.T) {
	a := newArena(t)
	const far, newcomer, app, outsider, elsewhere, thereIn = "T0777", "63908232506183680", "63908232506183681", "63908232506183682", "390926798626357999", "445626669114982999"
	a.slack.AddTeam(far, "Far", "U7BOT") // without us
	for id, facts := range map[string][]string{"U0GST": {"guest"}, "U0ULT": {"ultra"}, "U0STR": {"stranger"}, "U0GON": {"deleted"}, "U0ROB": {"bot"}, "U0OUT": nil} {
		a.slack.AddUser(slacktest.Team, id, strings.ToLower(id), facts...)
	}
	a.slack.AddUser(far, "U7FAR", "far")
	a.discord.AddMember(guild, discordtest.User{ID: newcomer, Name: "new", Shown: "New", Locale: "en-GB"})
	a.discord.AddMember(guild, discordtest.User{ID: app, Name: "app", Shown: "App", Locale: "en-GB", Bot: true})
	a.discord.AddMember(guild, discordtest.User{ID: outsider, Name: "out", Shown: "Out", Locale: "en-GB"})
	a.discord.Do(func(_ map[string]*discordtest.User, guilds map[string]*discordtest.Guild, _ map[string]*discordtest.Channel, _ map[string]*discordtest.Message) {
		guilds[guild].Members[newcomer].Pending = true
	})
	var asked []string
	add := func(name string, accounts ...string) {
		a.person(name, engine.Approver, accounts...)
		asked = append(asked, name)
	}
	add("Ann", "slack:"+slacktest.Team+"/"+slacktest.Ann)
	add("Bob", "discord:"+guild+"/"+discordBob)
	for _, id := range []string{"U0GST", "U0ULT", "U0STR", "U0GON", "U0ROB", "USLACKBOT", "U0NOBODY"} {
		add(id, "slack:"+slacktest.Team+"/"+id)
	}
	add("Far", "slack:"+far+"/U7FAR", "slack:E0001/U7FAR")
	add("New", "discord:"+guild+"/"+newcomer)
	add("App", "discord:"+guild+"/"+app)
	a.person("Out", engine.Viewer, "slack:"+slacktest.Team+"/U0OUT", "discord:"+guild+"/"+outsider)
	a.must(a.bot.SetGroup(t.Context(), bot.Operator, "duel", asked, false))
	a.flow("plain", `by: {any: ["@duel"]}`)
	for _, x := range []struct {
		who  string
		team string // Slack's; "" is Discord
		user string
		may  bool
	}{
		{"a member", slacktest.Team, slacktest.Ann, true}, {"a member on Discord", "", discordBob, true},
		{"a guest", slacktest.Team, "U0GST", false}, {"a guest of one channel", slacktest.Team, "U0ULT", false}, {"a stranger of a shared channel", slacktest.Team, "U0STR", false},
		{"somebody who left", slacktest.Team, "U0GON", false}, {"an app", slacktest.Team, "U0ROB", false}, {"Slackbot", slacktest.Team, "USLACKBOT", false},
		{"somebody whom Slack does not know", slacktest.Team, "U0NOBODY", false}, {"somebody of a workspace without us", far, "U7FAR", false},
		{"somebody of an enterprise", "E0001", "U7FAR", false}, {"an asked person's id in another workspace", far, slacktest.Ann, false},
		{"an unlinked account", slacktest.Team, slacktest.Bob, false}, {"somebody who is not asked", slacktest.Team, "U0OUT", false},
		{"a newcomer who has not agreed to the rules", "", newcomer, false}, {"an app on Discord", "", app, false}, {"somebody who is not asked on Discord", "", outsider, false},
	} {
		v := a.ask("plain")
		was := len(a.rows(""))
		if x.team == "" {
			m := a.onDiscord(v.Number)
			a.discordPress(x.user, m.id, "b:approve:"+m.tokens["approve"])
		} else {
			m := a.onSlack(v.Number)
			a.slackPress(by{x.team, x.user}, m.id, "approve", m.tokens["approve"])
		}
		a.settle()
		now, err := a.runtime.Run(t.Context(), v.ID)
		a.must(nil, err)
		rows := a.rows("")[was:]
		if decided := now.Asks[0].State != engine.CardOpen; decided != x.may || len(rows) != 1 {
			t.Errorf("%s: decided %v, audit %+v", x.who, decided, rows)
			continue
		}
		if !x.may && (len(now.Asks[0].Votes) != 0 || a.done(v.ID) != 0 || !strings.Contains(rows[0].Detail, "verdict=") && !strings.Contains(rows[0].What, "refused")) {
			t.Errorf("%s: %+v, audit %+v", x.who, now.Asks[0], rows)
		}
	}
}
