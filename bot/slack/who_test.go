package slack_test

import (
	"fmt"
	"net/http"
	"slices"
	"testing"
	"time"

	"github.com/bretelle/bretelle/bot"
	"github.com/bretelle/bretelle/bot/slack"
	"github.com/bretelle/bretelle/bot/slack/slacktest"
	"github.com/bretelle/bretelle/engine"
)

// Who may do anything at all: members of workspaces with the bot; no guests, bots, strangers, nobody who left.
func TestComplete(t *testing.T) {
	w := newOutside(t)
	s := w.life()
	w.AddTeam("T0222", "Second", "U2BOT")
	w.AddUser(slacktest.Team, "U0FRA", "zoe", "locale=fr-FR", "tz=America/Montreal", "real=Zoé")
	w.AddUser(slacktest.Team, "U0GER", "udo", "locale=de-DE")
	w.AddUser(slacktest.Team, "U0GST", "guest", "guest")
	w.AddUser(slacktest.Team, "U0ULT", "ultra", "ultra")
	w.AddUser(slacktest.Team, "U0STR", "stranger", "stranger")
	w.AddUser(slacktest.Team, "U0GON", "gone", "deleted")
	w.AddUser(slacktest.Team, "U0ROB", "robot", "bot")
	w.AddUser("T0222", "U2EVE", "eve")
	w.AddChannel(slacktest.Team, "C0777", "shared", slacktest.BotUser, "U2EVE")
	for _, x := range []struct {
		user       string
		lang, zone string
		guest, bot bool
	}{
		{slacktest.Ann, "en", "Europe/Zurich", false, false}, {"U0FRA", "fr", "America/Montreal", false, false}, {"U0GER", "", "Europe/Zurich", false, false},
		{"U0GST", "en", "Europe/Zurich", true, false}, {"U0ULT", "en", "Europe/Zurich", true, false}, {"U0STR", "en", "Europe/Zurich", true, false},
		{"U0GON", "en", "Europe/Zurich", true, false}, {"U0ROB", "en", "Europe/Zurich", false, true}, {"U2EVE", "en", "Europe/Zurich", true, false},
		{"U0NOBODY", "", "", true, false},
	} {
		in := bot.In{Actor: bot.Actor{Surface: "slack", Workspace: slacktest.Team, User: x.user}, Place: w.place("C0777")}
		if err := slack.Complete(t.Context(), s, &in); err != nil {
			t.Fatal(err)
		}
		a := in.Actor
		if a.Lang != x.lang || a.Zone != x.zone || a.Guest != x.guest || a.Bot != x.bot {
			t.Errorf("%s: %+v", x.user, a)
		}
		if in.Place.Channel != "#shared" {
			t.Errorf("the channel is %s", in.Place.Channel)
		}
	}
	dm := bot.In{Actor: bot.Actor{Workspace: slacktest.Team, User: slacktest.Ann}, Place: w.place("D0AAA")}
	if err := slack.Complete(t.Context(), s, &dm); err != nil || dm.Place.Channel != "D0AAA" {
		t.Errorf("%+v %v", dm.Place, err)
	}
	odd := bot.In{Actor: bot.Actor{Workspace: "T0999", User: slacktest.Ann}, Place: w.place("C0777")}
	if err := slack.Complete(t.Context(), s, &odd); err != nil || !odd.Actor.Guest {
		t.Errorf("a delivery says another workspace than Slack does: %+v %v", odd.Actor, err)
	}
	far := bot.In{Actor: bot.Actor{Workspace: "T0999", User: "U9"}, Place: engine.Place{Surface: "slack", Workspace: "T0999", Channel: "C9"}}
	if err := slack.Complete(t.Context(), s, &far); err != nil || !far.Actor.Guest {
		t.Errorf("%+v %v", far.Actor, err)
	}
}

// With the bot in both workspaces of a shared channel, who is a guest at home is a guest.
func TestCompleteAcross(t *testing.T) {
	w := newOutside(t)
	w.AddTeam("T0222", "Second", "U2BOT")
	w.AddUser("T0222", "U2EVE", "eve")
	w.AddUser("T0222", "U2GST", "gus", "guest")
	w.AddChannel(slacktest.Team, "C0777", "shared", slacktest.BotUser, "U2EVE", "U2GST")
	o := w.Options()
	o.Tokens = &keys{by: map[string]string{slacktest.Team: w.Token(slacktest.Team), "T0222": w.Token("T0222")}}
	o.Client, o.Now = &http.Client{Transport: w.spec}, w.clock.now
	s := slack.New(o)
	for user, guest := range map[string]bool{"U2EVE": false, "U2GST": true} {
		in := bot.In{Actor: bot.Actor{Workspace: slacktest.Team, User: user}, Place: w.place("C0777")}
		if err := slack.Complete(t.Context(), s, &in); err != nil || in.Actor.Guest != guest || in.Actor.Workspace != "T0222" {
			t.Errorf("%s: %+v %v", user, in.Actor, err)
		}
	}
}

// Facts are old after five minutes, or at once when Slack says so; without Slack old ones serve for an hour, and none is
// not "no guest".
func TestFactsGetOld(t *testing.T) {
	w := newOutside(t)
	s := w.life()
	ask := func(user string) (bot.Actor, string, error) {
		in := bot.In{Actor: bot.Actor{Workspace: slacktest.Team, User: user}, Place: w.place("C0456")}
		err := slack.Complete(t.Context(), s, &in)
		return in.Actor, in.Place.Channel, err
	}
	if a, _, err := ask(slacktest.Ann); err != nil || a.Guest {
		t.Fatal(a, err)
	}
	w.AddUser(slacktest.Team, slacktest.Ann, "ann", "guest")
	if a, _, _ := ask(slacktest.Ann); a.Guest || w.Calls("users.info") != 1 {
		t.Error("asked again within a minute")
	}
	w.clock.pass(6 * time.Minute)
	if a, _, _ := ask(slacktest.Ann); !a.Guest {
		t.Error("still no guest after six minutes")
	}
	w.AddUser(slacktest.Team, slacktest.Ann, "ann", "guest=no")
	slack.News(s, "user_change", slacktest.Team, "", slacktest.Ann)
	if a, _, _ := ask(slacktest.Ann); a.Guest {
		t.Error("news were not heard")
	}
	w.SetChannel("C0456", "name=bugs")
	slack.News(s, "channel_rename", slacktest.Team, "C0456", "")
	if _, name, _ := ask(slacktest.Ann); name != "#bugs" {
		t.Error(name)
	}
	w.Fault("users.info", slacktest.Fault{Status: 503})
	if _, _, err := ask(slacktest.Bob); engine.CodeOf(err) != engine.Unavailable {
		t.Errorf("nothing is known of Bob: %v", err)
	}
	w.clock.pass(30 * time.Minute)
	if a, _, err := ask(slacktest.Ann); err != nil || a.Guest {
		t.Errorf("%+v %v", a, err)
	}
	w.clock.pass(time.Hour)
	if _, _, err := ask(slacktest.Ann); engine.CodeOf(err) != engine.Unavailable {
		t.Errorf("facts of an hour and a half: %v", err)
	}
	w.Mend("users.info")
	w.Lack(slacktest.Team, "users:read")
	if _, _, err := ask(slacktest.Bob); engine.CodeOf(err) != engine.Denied || err.Error() != "my Slack token lacks the scope users:read: I cannot tell guests from members, so I let nobody do anything. An admin can add users:read under OAuth & Permissions of the app and install it again; bretelle setup slack prints the manifest." {
		t.Error(err)
	}
}

func TestGroupsAndChannels(t *testing.T) {
	w := newOutside(t)
	s := w.life()
	w.AddGroup(slacktest.Team, "S0TRI", "triage", slacktest.Bob)
	w.AddGroup(slacktest.Team, "S0SAL", "sales", slacktest.Ann)
	many := []string{slacktest.BotUser, slacktest.Ann, "U0ZZZ"}
	for i := range 1200 { // more than a page
		many = append(many, "U0X"+string(rune('A'+i/26/26))+string(rune('A'+i/26%26))+string(rune('A'+i%26)))
	}
	w.AddChannel(slacktest.Team, "C0BIG", "big", many...)
	asked := []string{"slack:T0123/@triage", "slack:T0123/@sales", "slack:T0123/#triage", "slack:T0123/#big", "slack:T0123/#C0BIG", "slack:T0123/#C0NONE", "slack:T0123/#nowhere", "slack:T0999/@triage", "discord:1/@triage", "console/@triage", "odd"}
	for user, want := range map[string][]string{
		slacktest.Ann: {"slack:T0123/@sales", "slack:T0123/#triage", "slack:T0123/#big", "slack:T0123/#C0BIG"},
		slacktest.Bob: {"slack:T0123/@triage", "slack:T0123/#triage"}, "U0ZZZ": {"slack:T0123/#big", "slack:T0123/#C0BIG"}} {
		got, err := s.Groups(t.Context(), bot.Actor{Workspace: slacktest.Team, User: user}, asked)
		if err != nil || !slices.Equal(got, want) {
			t.Errorf("%s: %v %v", user, got, err)
		}
	}
	if got, err := s.Groups(t.Context(), bot.Actor{Workspace: "T0999", User: slacktest.Bob}, asked); err != nil || len(got) != 0 {
		t.Errorf("of another workspace: %v %v", got, err)
	}
	if n := w.Calls("usergroups.list"); n != 1 {
		t.Errorf("asked %d times within a minute", n)
	}
	listed := func() string {
		got, err := s.GroupNames(t.Context(), slacktest.Team)
		return fmt.Sprint(got, err)
	}
	if got := listed(); got != "[slack:T0123/@sales slack:T0123/@triage] <nil>" || w.Calls("usergroups.list") != 1 {
		t.Errorf("to choose from: %s", got)
	}
	if got, err := s.GroupNames(t.Context(), "T0999"); err == nil {
		t.Errorf("of another workspace: %v", got)
	}
	w.AddGroup(slacktest.Team, "S0TRI", "triage", slacktest.Ann)
	w.clock.pass(61 * time.Second)
	w.AddChannel(slacktest.Team, "C0MINE", "board", slacktest.BotUser, slacktest.Ann)
	w.AddChannel(slacktest.Team, "C0THEIRS", "theirs", slacktest.Ann)
	w.SetChannel("C0MINE", "private")
	for user, want := range map[string]string{slacktest.Ann: "[slack:T0123/#big slack:T0123/#board slack:T0123/#triage] <nil>", slacktest.Bob: "[slack:T0123/#triage] <nil>"} {
		got, err := s.Rooms(t.Context(), bot.Actor{Workspace: slacktest.Team, User: user})
		if fmt.Sprint(got, err) != want {
			t.Errorf("%s may choose %v %v, wanted %s", user, got, err, want)
		}
	}
	if got, err := s.Rooms(t.Context(), bot.Actor{Workspace: "T0999", User: slacktest.Ann}); err == nil {
		t.Errorf("of another workspace: %v", got)
	}
	if got, _ := s.Groups(t.Context(), bot.Actor{Workspace: slacktest.Team, User: slacktest.Bob}, asked[:1]); len(got) != 0 {
		t.Error("Bob is in the group a minute after he left")
	}
	w.clock.pass(61 * time.Second)
	w.Lack(slacktest.Team, "usergroups:read")
	if _, err := s.Groups(t.Context(), bot.Actor{Workspace: slacktest.Team, User: slacktest.Ann}, asked[:1]); engine.CodeOf(err) != engine.Denied || engine.AsError(err).Args["scope"] != "usergroups:read" {
		t.Errorf("%v", err)
	}
	if got := listed(); got != "[slack:T0123/@sales slack:T0123/@triage] <nil>" {
		t.Errorf("what was known is not offered: %s", got)
	}
}

func TestDirectory(t *testing.T) {
	w := newOutside(t)
	s := w.life()
	w.AddUser(slacktest.Team, "U0ZOE", "zoe", "real=Zoé", "email=zoe@example.org", "title=Smith")
	w.AddUser(slacktest.Team, "U0TWO", "zoe2", "real=Zoé Two")
	w.AddUser(slacktest.Team, "U0TW3", "zoe3", "real=Zoé Two")
	for _, x := range []struct {
		who, user string
		code      engine.Code
	}{
		{"U0ZOE", "U0ZOE", ""}, {"zoe@example.org", "U0ZOE", ""}, {"@zoe", "U0ZOE", ""}, {"ZOE", "U0ZOE", ""}, {"@Zoé", "U0ZOE", ""},
		{"Zoé Two", "", engine.Conflict}, {"@nobody", "", engine.NotFound}, {"no@example.org", "", engine.NotFound}, {"", "", engine.NotFound}, {"@", "", engine.NotFound}, {"U0NOBODY", "", engine.NotFound},
	} {
		m, err := s.Lookup(t.Context(), slacktest.Team, x.who)
		if engine.CodeOf(err) != x.code || m.User != x.user {
			t.Errorf("%q: %+v %v", x.who, m, err)
		}
		if x.user != "" && (m.Email != "zoe@example.org" || m.Title != "Smith" || m.Workspace != slacktest.Team || m.Name != "Zoé" || m.Guest) {
			t.Errorf("%+v", m)
		}
	}
	list, more, err := s.Members(t.Context(), w.place("#triage"), 2)
	if err != nil || len(list) != 2 || !more {
		t.Errorf("%v %v %v", list, more, err)
	}
	list, more, err = s.Members(t.Context(), w.place("#triage"), 10)
	if err != nil || len(list) != 3 || more {
		t.Errorf("%v %v %v", list, more, err)
	}
}
