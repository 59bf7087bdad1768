package bot_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/bretelle/bretelle/bot"
	"github.com/bretelle/bretelle/engine"
	"github.com/bretelle/bretelle/prompts"
)

// somebody is a person of the table: what is true of them, apart from any code. In is the groups they are in at the
// click, as the policies name them; Proven, that the account they click with is theirs by surface, workspace and user.
type somebody struct {
	actor  bot.Actor
	name   string // the person they are if proven
	proven bool
	human  bool // no app
	member bool // no guest, of a workspace that is installed
	role   bool
	in     []string
	before func(c *court) // happens between asking and clicking
	after  func(c *court)
}

// policy is who may decide.
type policy struct {
	with      string
	asked     []string // groups
	need      int      // decisions
	requester bool     // may not be
}

// May is the rule, in words: an app, a guest, somebody from elsewhere, somebody unknown and somebody without any role may
// not; who is in none of the groups asked at the click may not; under four eyes who started the run may not.
func (s somebody) may(p policy, startedBy string) bool {
	if !s.human || !s.member || !s.proven || !s.role {
		return false
	}
	if p.requester && s.name == startedBy {
		return false
	}
	for _, g := range p.asked {
		if slices.Contains(s.in, g) {
			return true
		}
	}
	return false
}

// Every person under every policy: who is refused is in the audit, and the run is as it was.
func TestWhoMayDecide(t *testing.T) {
	c := newCourt(t)
	for name, role := range map[string]engine.Role{"ann": engine.Builder, "bob": engine.Viewer, "vic": engine.Viewer, "rita": engine.Runner, "lee": engine.Viewer,
		"apo": engine.Approver, "ops": engine.Viewer, "cho": engine.Viewer, "nil": engine.NoRole, "botty": engine.Viewer, "gus": engine.Viewer, "kim": engine.Viewer} {
		accounts := []string{"slack:T1/U-" + name}
		if name == "bob" {
			accounts = append(accounts, "discord:G1/D-bob")
		}
		c.person(name, role, accounts...)
	}
	triage := []string{"bob", "rita", "lee", "nil", "botty", "gus", "kim"}
	c.must(c.bot.SetGroup(t.Context(), bot.Operator, "triage", triage, false))
	c.must(c.bot.SetGroup(t.Context(), bot.Operator, "second", []string{"vic"}, false))
	c.slack.of["T1/U-ops"] = []string{"slack:T1/@ops"}
	c.slack.of["T1/U-cho"] = []string{"slack:T1/#triage"}
	c.slack.of["T2/U-ops"] = []string{"slack:T1/@ops", "slack:T1/#triage"} // what another workspace says counts for nothing
	at := func(workspace, user string) bot.Actor {
		return bot.Actor{Surface: "slack", Workspace: workspace, User: user, Name: user}
	}
	plain := func(name string, in ...string) somebody {
		return somebody{actor: at("T1", "U-"+name), name: name, proven: true, human: true, member: true, role: true, in: in}
	}
	people := map[string]somebody{
		"member":        plain("bob", "@triage", "@bob"),
		"not in group":  plain("vic", "@second"),
		"requester":     plain("rita", "@triage"),
		"approver":      plain("apo", engine.DefaultApprovers),
		"surface group": plain("ops", "slack:T1/@ops"),
		"in channel":    plain("cho", "slack:T1/#triage"),
	}
	x := plain("lee") // was in @triage when it was asked
	x.before = func(c *court) {
		c.must(c.bot.SetGroup(t.Context(), bot.Operator, "triage", slices.DeleteFunc(slices.Clone(triage), func(n string) bool { return n == "lee" }), false))
	}
	x.after = func(c *court) { c.must(c.bot.SetGroup(t.Context(), bot.Operator, "triage", triage, false)) }
	people["left the group"] = x
	x = plain("bob", "@triage", "@bob")
	x.actor = bot.Actor{Surface: "discord", Workspace: "G1", User: "D-bob"}
	people["from another surface"] = x
	x = plain("nil", "@triage")
	x.role = false
	people["without a role"] = x
	x = plain("botty", "@triage")
	x.human, x.actor.Bot = false, true
	people["an app"] = x
	x = plain("gus", "@triage")
	x.member, x.actor.Guest = false, true
	people["a guest"] = x
	for what, a := range map[string]bot.Actor{"same user id, other workspace": at("T2", "U-bob"), "unlinked second account": at("T1", "U-bob2"),
		"same user id, no workspace": at(bot.NoWorkspace, "U-bob"), "same user id, other surface": {Surface: "discord", Workspace: "T1", User: "U-bob"},
		"person id as user id": {Surface: "slack", Workspace: "T1", User: c.ids["bob"]}, "no user id": at("T1", ""), "surface of that name": at("T2", "U-ops")} {
		people[what] = somebody{actor: a, name: "nobody", human: true, member: true, role: true, in: []string{"@triage", "@bob", "slack:T1/@ops", "slack:T1/#triage"}}
	}
	x = somebody{actor: at("T9", "U-bob"), human: true, role: true, in: []string{"@triage", "@bob"}}
	x.actor.Guest = true // of a workspace or enterprise that the bot is not installed in, as surfaces report
	people["foreign enterprise"] = x
	x.actor.Workspace, x.proven, x.name = "T1", true, "bob"
	people["member seen as foreign"] = x

	policies := map[string]policy{
		"any":            {with: `by: {any: ["@triage"]}`, asked: []string{"@triage"}, need: 1},
		"all":            {with: `by: {all: ["@triage", "@second"]}`, asked: []string{"@triage", "@second"}, need: 2},
		"two":            {with: `by: {any: ["@triage"], need: 2}`, asked: []string{"@triage"}, need: 2},
		"four eyes":      {with: `by: {any: ["@triage"]}, not: [requester]`, asked: []string{"@triage"}, need: 1, requester: true},
		"editor as well": {with: `by: {any: ["@triage"]}, not: [requester, editor]`, asked: []string{"@triage"}, need: 1, requester: true},
		"named":          {with: `by: {any: ["@bob"]}`, asked: []string{"@bob"}, need: 1},
		"approvers":      {with: `by: {any: ["@approvers"]}`, asked: []string{engine.DefaultApprovers}, need: 1},
		"surface group":  {with: `by: {any: ["slack:T1/@ops"]}`, asked: []string{"slack:T1/@ops"}, need: 1},
		"channel":        {with: `by: {any: ["slack:T1/#triage"]}`, asked: []string{"slack:T1/#triage"}, need: 1},
	}
	allowed := 0
	for how, p := range policies {
		flow := "f-" + strings.ReplaceAll(how, " ", "-")
		c.flow(flow, p.with)
		for who, s := range people {
			t.Run(how+"/"+who, func(t *testing.T) {
				v := c.ask(flow, "rita")
				tok := token(t, c.card(s.actor.Surface, v.ID), "approve")
				if s.before != nil {
					s.before(c)
				}
				was := len(c.rows())
				reply, err := c.press(s.actor, tok)
				if s.after != nil {
					s.after(c)
				}
				now, e := c.runtime.Run(t.Context(), v.ID)
				if e != nil {
					t.Fatal(e)
				}
				rows := c.rows()[was:]
				if s.may(p, "rita") {
					allowed++
					if err != nil || now.Asks[0].State == engine.CardOpen && len(now.Asks[0].Votes) != 1 {
						t.Errorf("refused: %v; %+v", err, now.Asks[0])
					}
					return
				}
				if len(now.Asks[0].Votes) != 0 || now.Asks[0].State != engine.CardOpen || now.State != v.State || now.Asks[0].Revision != v.Asks[0].Revision {
					t.Errorf("it counted: %+v", now.Asks[0])
				}
				if _, said := reply.(bot.Private); !said && err == nil {
					t.Errorf("nobody says why: %#v", reply)
				}
				if !slices.ContainsFunc(rows, func(r engine.AuditEntry) bool {
					return strings.Contains(r.Detail, "verdict=") || strings.Contains(r.What, "refused")
				}) {
					t.Errorf("the audit does not know: %+v", rows)
				}
			})
		}
	}
	if allowed < 15 {
		t.Errorf("only %d cells may decide", allowed)
	}
}

// Who was the last to change what is asked may not approve it under four eyes; somebody who is known from two surfaces is
// one person; the second account of one, unlinked, is nobody.
func TestTwoEyesAreNotFour(t *testing.T) {
	c := newCourt(t)
	c.person("ann", engine.Builder, "slack:T1/U-ann")
	c.person("bob", engine.Viewer, "slack:T1/U-bob", "discord:G1/D-bob")
	c.person("kim", engine.Viewer, "slack:T1/U-kim")
	c.must(c.bot.SetGroup(t.Context(), bot.Operator, "triage", []string{"ann", "bob", "kim"}, false))
	c.flow("eyes", `by: {any: ["@triage"], need: 2}, not: [requester, editor]`)
	v := c.ask("eyes", "ann")
	bob, bobThere := bot.Actor{Surface: "slack", Workspace: "T1", User: "U-bob"}, bot.Actor{Surface: "discord", Workspace: "G1", User: "D-bob"}
	kim := bot.Actor{Surface: "slack", Workspace: "T1", User: "U-kim"}
	said := func(r bot.Reply, err error) string {
		if err != nil {
			return err.Error()
		}
		if p, ok := r.(bot.Private); ok {
			return prompts.PlainCard(p.Card)
		}
		return fmt.Sprintf("%T", r)
	}
	if got := said(c.press(kim, token(t, c.card("slack", v.ID), "approve"))); got != "bot.Nothing" {
		t.Fatalf("kim: %s", got)
	}
	edit := token(t, c.card("slack", v.ID), "edit")
	c.n++
	if r, err := c.bot.Handle(t.Context(), bot.In{ID: fmt.Sprint("d", c.n), Kind: bot.InSubmit, Actor: bob, Token: edit, Place: triage,
		Fields: map[string]string{"say.text": "good morning"}}); err != nil {
		t.Fatalf("bob edits: %#v %v", r, err)
	}
	v, _ = c.runtime.Run(t.Context(), v.ID)
	if len(v.Asks[0].Votes) != 0 || v.Asks[0].Revision != 2 || len(v.Asks[0].Lapsed) != 1 {
		t.Fatalf("an edit under four eyes is no vote, and kim's lapses: %+v", v.Asks[0])
	}
	if _, err := c.bot.Deliver(t.Context()); err != nil {
		t.Fatal(err)
	}
	for name, a := range map[string]bot.Actor{"slack": bob, "discord": bobThere} {
		if got := said(c.press(a, token(t, c.card(name, v.ID), "approve"))); !strings.Contains(got, "You changed what is asked here") {
			t.Errorf("bob on %s: %s", name, got)
		}
	}
	if v, _ = c.runtime.Run(t.Context(), v.ID); len(v.Asks[0].Votes) != 0 {
		t.Errorf("the editor counts: %+v", v.Asks[0].Votes)
	}

	c.flow("two", `by: {any: ["@triage"], need: 2}`)
	v = c.ask("two", "ann")
	if got := said(c.press(bob, token(t, c.card("slack", v.ID), "approve"))); got != "bot.Nothing" {
		t.Fatalf("bob: %s", got)
	}
	if _, err := c.bot.Deliver(t.Context()); err != nil {
		t.Fatal(err)
	}
	if got := said(c.press(bobThere, token(t, c.card("discord", v.ID), "approve"))); !strings.Contains(got, "You approved this already, from Slack") {
		t.Errorf("bob again: %s", got)
	}
	if v, _ = c.runtime.Run(t.Context(), v.ID); len(v.Asks[0].Votes) != 1 || v.Asks[0].State != engine.CardOpen {
		t.Errorf("one person counts twice: %+v", v.Asks[0])
	}
}

// A surface that cannot say who is in its group: nobody is refused for it, nothing counts, and they are told what to do.
func TestAGroupThatCannotBeLookedUp(t *testing.T) {
	c := newCourt(t)
	c.person("ann", engine.Builder, "slack:T1/U-ann")
	c.person("ops", engine.Viewer, "slack:T1/U-ops")
	c.slack.of["T1/U-ops"] = []string{"slack:T1/@ops"}
	c.flow("there", `by: {any: ["slack:T1/@ops"]}`)
	v := c.ask("there", "ann")
	ops, tok := bot.Actor{Surface: "slack", Workspace: "T1", User: "U-ops"}, token(t, c.card("slack", v.ID), "approve")
	for _, x := range []struct {
		fail error
		code engine.Code
		says string
	}{
		{engine.E(engine.Unavailable, "slack is down"), engine.Unavailable, "I could not look up who is in @ops on Slack, so this does not count. Please try again in a minute."},
		{engine.E(engine.Throttled, "slow down"), engine.Throttled, "Please try again in a minute."},
		{engine.E(engine.Denied, "the scope usergroups:read is missing"), engine.Denied, "I may not see who is in @ops on Slack, so this does not count. the scope usergroups:read is missing"},
	} {
		c.slack.fail = x.fail
		was := len(c.rows())
		_, err := c.press(ops, tok)
		if engine.CodeOf(err) != x.code || !strings.Contains(err.Error(), x.says) {
			t.Errorf("%v: got %v", x.fail, err)
		}
		if rows := c.rows()[was:]; len(rows) != 1 || !strings.Contains(rows[0].Detail, "verdict=groups_unknown") {
			t.Errorf("%v: audit %+v", x.fail, rows)
		}
		if now, _ := c.runtime.Run(t.Context(), v.ID); len(now.Asks[0].Votes) != 0 {
			t.Errorf("it counted")
		}
		// The list of what waits leaves it out and says so, rather than failing.
		r, err := c.bot.Handle(t.Context(), bot.In{ID: fmt.Sprint("p", x.code), Kind: bot.InCommand, Actor: ops, Place: triage, Text: "/flow pending"})
		if p, ok := r.(bot.Private); !ok || err != nil || !strings.Contains(prompts.PlainCard(p.Card), "Who is asked could not be looked up") {
			t.Errorf("%v: pending: %#v %v", x.fail, r, err)
		}
	}
	c.slack.fail = nil
	if r, err := c.press(ops, tok); err != nil {
		t.Errorf("now it counts: %#v %v", r, err)
	}
}
