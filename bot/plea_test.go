package bot_test

import (
	"strings"
	"testing"
	"time"

	"github.com/bretelle/bretelle/bot"
	"github.com/bretelle/bretelle/engine"
	"github.com/bretelle/bretelle/prompts"
)

// standing is what the newest message of a channel says.
func (w *world) standing(channel string) (last prompts.Card, n int) {
	w.chat.mu.Lock()
	defer w.chat.mu.Unlock()
	for _, m := range w.chat.messages {
		if m.place.Channel == channel {
			last, n = m.card, n+1
		}
	}
	return last, n
}

func TestAskingForARight(t *testing.T) {
	w, _, _ := chatWorld(t)
	w.must(w.bot.AddChannel(w.ctx, bot.Operator, "slack:T1/#triage", ""))
	r, err := w.say("vic", "/flow publish bug-triage")
	p, ok := r.(bot.Private)
	if engine.CodeOf(err) != engine.Denied || !ok || !strings.Contains(prompts.PlainCard(p.Card), "mia (admin) can allow it.") || p.Card.Buttons[0].Label != "Ask mia" {
		t.Fatalf("%#v %v", r, err)
	}
	ask := token(t, p.Card, "plead")
	if _, err := w.press("bob", ask); engine.CodeOf(err) != engine.Denied {
		t.Errorf("somebody else's button: %v", err)
	}
	for i, want := range []string{"mia is asked", "mia was asked already", "mia was asked already"} {
		if got := w.text(w.press("vic", ask)); !strings.Contains(got, want) {
			t.Errorf("press %d: %q", i, got)
		}
		w.deliver()
	}
	card, n := w.standing("D-U-mia")
	if got := prompts.PlainCard(card); n != 1 || !strings.Contains(got, "vic asks to publish flows") || !strings.Contains(got, "As builder for slack:T1/#triage they could") {
		t.Fatalf("%d: %q", n, got)
	}
	grant := token(t, card, "grant")
	for _, who := range []string{"vic", "ann", "eve"} { // the button proves nothing: rights are asked again
		if _, err := w.press(who, grant); engine.CodeOf(err) != engine.Denied && engine.CodeOf(err) != engine.Unsigned {
			t.Errorf("%s grants: %v", who, err)
		}
	}
	w.must(w.press("mia", grant))
	w.deliver()
	card, n = w.standing("D-U-mia")
	if got := prompts.PlainCard(card); n != 1 || !strings.Contains(got, "mia made vic builder for slack:T1/#triage") || len(card.Buttons) != 0 {
		t.Errorf("%d: %q", n, got)
	}
	if told, n := w.standing("D-U-vic"); n != 1 || !strings.Contains(prompts.PlainCard(told), "mia allowed it: you are builder for slack:T1/#triage now") {
		t.Errorf("vic reads %d: %q", n, prompts.PlainCard(told))
	}
	if _, err := w.press("mia", grant); engine.CodeOf(err) != engine.Conflict {
		t.Errorf("twice: %v", err)
	}
	if _, err := w.say("vic", "/flow publish bug-triage"); err != nil {
		t.Errorf("vic may now: %v", err)
	}
	// Refused: told so, and may ask again another day.
	r, _ = w.say("bob", "/flow pause bug-triage")
	ask = token(t, r.(bot.Private).Card, "plead")
	w.must(w.press("bob", ask))
	w.deliver()
	card, _ = w.standing("D-U-mia")
	w.must(w.press("mia", token(t, card, "withhold")))
	w.deliver()
	if told, _ := w.standing("D-U-bob"); !strings.Contains(prompts.PlainCard(told), "mia does not want you to pause and resume flows") {
		t.Errorf("bob reads %q", prompts.PlainCard(told))
	}
	w.now = w.now.Add(23 * time.Hour)
	if got := w.text(w.press("bob", ask)); !strings.Contains(got, "was asked already") {
		t.Errorf("the same day: %q", got)
	}
	w.now = w.now.Add(2 * time.Hour)
	if got := w.text(w.press("bob", ask)); !strings.Contains(got, "mia is asked") {
		t.Errorf("another day: %q", got)
	}
	// What no role gives is refused without a button to give it.
	if r, err := w.say("bob", "/flow admin people"); err == nil {
		t.Errorf("%#v", r)
	}
	for _, who := range []string{"eve"} {
		if r, err := w.say(who, "/flow publish bug-triage"); err == nil || r != nil {
			t.Errorf("a stranger can ask: %#v", r)
		}
	}
}

// A role that is given everywhere never takes away another.
func TestGrantingTakesNothingAway(t *testing.T) {
	w, _, _ := chatWorld(t)
	w.person("apo", engine.Approver)
	w.flows.heads["loose"] = engine.FlowHead{Name: "loose", Live: 1, Place: engine.Place{Surface: "slack", Workspace: "T1", Channel: "#nowhere"}}
	r, _ := w.say("apo", "/flow publish loose")
	w.must(w.press("apo", token(t, r.(bot.Private).Card, "plead")))
	w.deliver()
	card, _ := w.standing("D-U-mia")
	w.must(w.press("mia", token(t, card, "grant"))) // for the flow, as nobody added the channel
	if p := mustPerson(w, "apo"); p.Role != engine.Approver {
		t.Errorf("apo is %s now", p.Role)
	}
	if _, err := w.say("apo", "/flow publish loose"); err != nil {
		t.Errorf("apo may publish it: %v", err)
	}
}

// Nor does one for a channel: an approver there goes on being asked.
func TestGrantingInAChannelTakesNothingAway(t *testing.T) {
	w, _, _ := chatWorld(t)
	w.must(w.bot.AddChannel(w.ctx, bot.Operator, "slack:T1/#triage", ""))
	w.must(w.bot.SetRole(w.ctx, bot.Operator, "vic", engine.Approver, "slack:T1/#triage"))
	r, _ := w.say("vic", "/flow publish bug-triage")
	w.must(w.press("vic", token(t, r.(bot.Private).Card, "plead")))
	w.deliver()
	card, _ := w.standing("D-U-mia")
	if got := prompts.PlainCard(card); !strings.Contains(got, "As builder for bug-triage they could") {
		t.Fatalf("got %q", got)
	}
	w.must(w.press("mia", token(t, card, "grant")))
	if ch, err := w.store.Channels(w.ctx); err != nil || ch[0].Roles[w.ids["vic"]] != engine.Approver {
		t.Errorf("%+v %v", ch, err)
	}
	if _, err := w.say("vic", "/flow publish bug-triage"); err != nil {
		t.Errorf("vic may publish it: %v", err)
	}
	// What changed since it was asked is not taken away either.
	r, _ = w.say("bob", "/flow publish bug-triage")
	w.must(w.press("bob", token(t, r.(bot.Private).Card, "plead")))
	w.deliver()
	card, _ = w.standing("D-U-mia")
	w.must(w.bot.SetRole(w.ctx, bot.Operator, "bob", engine.Approver, "slack:T1/#triage"))
	if _, err := w.press("mia", token(t, card, "grant")); engine.CodeOf(err) != engine.Conflict {
		t.Errorf("bob is an approver there by now: %v", err)
	}
}

func TestLinkBothWaysAndUnlink(t *testing.T) {
	w, _, _ := chatWorld(t)
	discord := func(text string) (bot.Reply, error) {
		in := w.in(bot.InCommand, "")
		in.Text, in.Actor = text, bot.Actor{Surface: "discord", Workspace: "G1", User: "D-vic"}
		in.Place = engine.Place{Surface: "discord", Workspace: "G1", Channel: "1"}
		return w.bot.Handle(w.ctx, in)
	}
	link := func(say func(string) (bot.Reply, error)) string {
		_, code, _ := strings.Cut(w.text(say("/flow admin link")), "admin claim ")
		return code[:9]
	}
	fromSlack := func(text string) (bot.Reply, error) { return w.say("vic", text) }
	if _, err := discord("/flow home"); engine.CodeOf(err) != engine.Unsigned {
		t.Fatalf("unlinked: %v", err)
	}
	w.must(discord("/flow admin claim " + link(fromSlack)))
	if got := w.text(w.say("mia", "/flow admin people")); !strings.Contains(got, "vic  viewer · discord:G1/@D-vic · slack:T1/@U-vic") {
		t.Errorf("got %q", got)
	}
	if got := w.text(w.say("vic", "/flow admin unlink slack:T1/@U-vic")); got != "slack:T1/@U-vic is not vic any more" {
		t.Errorf("own: %q", got)
	}
	if _, err := w.say("vic", "/flow home"); engine.CodeOf(err) != engine.Unsigned {
		t.Errorf("unlinked: %v", err)
	}
	w.must(fromSlackClaim(w, link(discord))) // back again, the other way round
	if _, err := w.say("vic", "/flow home"); err != nil {
		t.Errorf("linked again: %v", err)
	}
	// An account of somebody's is not taken by a code.
	if _, err := w.say("bob", "/flow admin claim "+link(fromSlack)); engine.CodeOf(err) != engine.Conflict {
		t.Errorf("bob becomes vic: %v", err)
	}
	was := len(w.audit.rows)
	for who, account := range map[string]string{"vic": "slack:T1/@U-bob", "ann": "discord:G1/@D-vic"} {
		if _, err := w.say(who, "/flow admin unlink "+account); engine.CodeOf(err) != engine.Denied {
			t.Errorf("%s unlinks %s: %v", who, account, err)
		}
	}
	if rows := w.audit.rows[was:]; len(rows) != 2 || rows[0].What != "unlink.refused" {
		t.Errorf("%+v", rows)
	}
	if _, err := w.say("vic", "/flow admin unlink slack:T1/@U-bb"); engine.CodeOf(err) != engine.NotFound || strings.Contains(err.Error(), "U-bob") {
		t.Errorf("got %v", err)
	}
	w.must(w.say("mia", "/flow admin unlink discord:G1/@D-vic"))
	if a := w.audit.last(); a.What != "identity.unlinked" || a.Actor != w.ids["mia"] || !strings.Contains(a.Detail, "user=D-vic") {
		t.Errorf("%+v", a)
	}
	if _, err := w.say("mia", "/flow admin unlink slack:T1/@U-mia"); engine.CodeOf(err) != engine.Conflict || !strings.Contains(err.Error(), "the only admin") {
		t.Errorf("the last admin's last account: %v", err)
	}
}

func fromSlackClaim(w *world, code string) (bot.Reply, error) {
	return w.say("vic", "/flow admin claim "+code)
}

// On a surface whose users have an id in each workspace, nobody is anybody in all of them.
func TestNoWorkspaceIsNobodysWhereUsersAreNotWorldwide(t *testing.T) {
	w, _, _ := chatWorld(t)
	w.must(nil, w.store.Link(w.ctx, engine.Identity{Surface: "slack", Workspace: bot.NoWorkspace, User: "U-x", Person: w.ids["mia"]}))
	for _, workspace := range []string{"T1", "T2", bot.NoWorkspace} {
		for _, user := range []string{"U-x", "U-mia"} {
			in := w.in(bot.InCommand, "")
			in.Text, in.Actor = "/flow admin people", bot.Actor{Surface: "slack", Workspace: workspace, User: user}
			_, err := w.bot.Handle(w.ctx, in)
			if known := workspace == "T1" && user == "U-mia"; (err == nil) != known {
				t.Errorf("%s/%s: %v", workspace, user, err)
			}
		}
	}
	shown, _ := w.say("vic", "/flow admin link")
	_, code, _ := strings.Cut(w.text(shown, nil), "admin claim ")
	for _, workspace := range []string{bot.NoWorkspace, ""} {
		if _, err := w.bot.Claim(w.ctx, bot.Actor{Surface: "slack", Workspace: workspace, User: "U-y"}, "", code[:9]); engine.CodeOf(err) != engine.Invalid {
			t.Errorf("%q is linked: %v", workspace, err)
		}
	}
}

func TestTryAgain(t *testing.T) {
	w, _, _ := chatWorld(t)
	w.must(w.say("mia", "/flow admin channel-add slack:T1/#triage"))
	in := true
	w.chat.fail = func(p engine.Place) error {
		if in && p.Channel == "#triage" {
			return engine.E(engine.Denied, "I am not in {channel}, so I could not post there", "channel", p.Channel).WithHint("Type /invite @Bretelle in it.")
		}
		return nil
	}
	w.fail(12, 422)
	card := w.card(w.cons, alertKey(422, 1))
	if got := prompts.PlainCard(card); !strings.Contains(got, "I am not in #triage") || !strings.Contains(got, "/invite @Bretelle") {
		t.Fatalf("got %q", got)
	}
	tok := token(t, card, "try_again")
	if got := w.text(w.press("ann", tok)); !strings.Contains(got, "I try to post it in slack:T1/#triage now") {
		t.Errorf("got %q", got)
	}
	w.deliver() // still not
	if n := w.chat.count("alert:"); n != 0 {
		t.Fatalf("%d there", n)
	}
	in = false
	tok = token(t, w.card(w.cons, alertKey(422, 1)), "try_again")
	w.must(w.press("ann", tok))
	w.deliver()
	there := w.card(w.chat, alertKey(422, 1))
	if got := prompts.PlainCard(there); strings.Contains(got, "could not post") || !strings.Contains(got, "project is required") {
		t.Errorf("got %q", got)
	}
	w.must(w.press("ann", token(t, there, "retry")))
	if len(w.runs.signals) != 1 {
		t.Errorf("its buttons do nothing: %+v", w.runs.signals)
	}
	if here := w.card(w.cons, alertKey(422, 1)); strings.Contains(prompts.PlainCard(here), "could not post") {
		t.Errorf("the operator reads %q", prompts.PlainCard(here))
	}
	if _, err := w.press("eve", tok); engine.CodeOf(err) != engine.Unsigned {
		t.Errorf("a stranger: %v", err)
	}
}
