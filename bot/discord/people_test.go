package discord_test

import (
	"context"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/bretelle/bretelle/bot"
	"github.com/bretelle/bretelle/bot/discord"
	"github.com/bretelle/bretelle/bot/discord/discordtest"
	"github.com/bretelle/bretelle/engine"
)

func annIn(srv *discordtest.Server, roles ...string) string {
	const ann = "53908232506183999"
	srv.AddMember(guildID, discordtest.User{ID: ann, Name: "ann", Shown: "Ann"}, roles...)
	return ann
}

// Roles and channels are groups; nobody else's, nobody who left, no name that means two.
func TestGroups(t *testing.T) {
	s, srv, now := speaks(t)
	ctx := context.Background()
	srv.AddRole(guildID, discordtest.Role{ID: "345626669114983101", Name: "triage", Perms: "0"})
	srv.AddRole(guildID, discordtest.Role{ID: "345626669114983102", Name: "twice", Perms: "0"})
	srv.AddRole(guildID, discordtest.Role{ID: "345626669114983103", Name: "twice", Perms: "0"})
	srv.AddRole(guildID, discordtest.Role{ID: "345626669114983105", Name: "Team Lead", Perms: "0"})
	srv.AddChannel(discordtest.Channel{ID: "345626669114983104", Guild: guildID, Name: "secret", Only: []string{"345626669114983101"}})
	srv.Do(func(_ map[string]*discordtest.User, guilds map[string]*discordtest.Guild, _ map[string]*discordtest.Channel, _ map[string]*discordtest.Message) {
		guilds[guildID].Roles[0].Perms = "1024"
	})
	ann := annIn(srv, "345626669114983101", "345626669114983102")
	g := "discord:" + guildID + "/"
	asked := []string{g + "@triage", g + "@345626669114983101", g + "@everyone", g + "#secret", g + "#triage", g + "@twice", g + "@nobody", g + "#nowhere",
		"discord:1234567890123456789/@triage", "slack:T1/@triage", "nonsense"}
	for _, x := range []struct {
		user, workspace, want string
	}{{ann, guildID, "@triage @345626669114983101 @everyone #secret #triage"}, {ann, discord.DirectMessages, "@triage @345626669114983101 @everyone #secret #triage"},
		{bobID, guildID, "@everyone #triage"}, {"53908232506180000", guildID, ""}, {ann, "1234567890123456789", ""}, {srv.App, guildID, ""}} {
		got, err := s.Groups(ctx, bot.Actor{Surface: "discord", Workspace: x.workspace, User: x.user}, asked)
		if short := strings.ReplaceAll(strings.Join(got, " "), g, ""); err != nil || short != x.want {
			t.Errorf("%s in %s is in %q (%v), wanted %q", x.user, x.workspace, short, err, x.want)
		}
	}
	asks := len(srv.Requests())
	_, _ = s.Groups(ctx, bot.Actor{Workspace: guildID, User: ann}, asked)
	if n := len(srv.Requests()); n != asks {
		t.Errorf("%d requests for what was known a moment ago", n-asks)
	}
	if got, err := s.GroupNames(ctx, guildID); err != nil || strings.ReplaceAll(strings.Join(got, " "), g, "") != "@triage" {
		t.Errorf("to choose from: %v %v", got, err)
	}
	for _, x := range []struct{ user, workspace, want string }{{ann, guildID, "#triage"}, {bobID, guildID, "#triage"}, {"53908232506180000", guildID, ""}, {ann, "1234567890123456789", ""}} {
		got, err := s.Rooms(ctx, bot.Actor{Surface: "discord", Workspace: x.workspace, User: x.user}) // what the bot does not see is not among them
		var names []string
		for _, p := range got {
			names = append(names, p.Channel)
		}
		if strings.Join(names, " ") != x.want {
			t.Errorf("%s in %s may choose %q (%v), wanted %q", x.user, x.workspace, names, err, x.want)
		}
	}
	srv.Do(func(_ map[string]*discordtest.User, guilds map[string]*discordtest.Guild, _ map[string]*discordtest.Channel, _ map[string]*discordtest.Message) {
		guilds[guildID].Members[ann].Roles = nil
	})
	*now = now.Add(time.Minute + time.Second)
	if got, _ := s.Groups(ctx, bot.Actor{Workspace: guildID, User: ann}, asked[:1]); len(got) != 0 {
		t.Errorf("a minute later still in %v", got)
	}
	*now = now.Add(time.Hour)
	defer srv.Fail(discordtest.Fault{Status: 503})()
	_, err := s.Groups(ctx, bot.Actor{Workspace: guildID, User: ann}, asked[:1])
	code(t, err, engine.Unavailable)
}

// People are found by number, mention, user name and shown name; members are listed, or what is in the way is said.
func TestDirectory(t *testing.T) {
	s, srv, _ := speaks(t)
	ctx := context.Background()
	ann := annIn(srv)
	srv.AddMember(guildID, discordtest.User{ID: "53908232506184001", Name: "ann.two", Shown: "Kim"})
	srv.AddMember(guildID, discordtest.User{ID: "53908232506184002", Name: "kim.two", Shown: "Kim"})
	for who, want := range map[string]string{ann: ann, "<@" + ann + ">": ann, "@ann": ann, "Ann": ann, "ann.two": "53908232506184001"} {
		if m, err := s.Lookup(ctx, guildID, who); err != nil || m.User != want || m.Name == "" || m.Workspace != guildID {
			t.Errorf("%s: %+v %v", who, m, err)
		}
	}
	_, err := s.Lookup(ctx, guildID, "@Kim")
	code(t, err, engine.Conflict)
	for _, who := range []string{"ann@example.com", "@zoe", "", "53908232506180000"} {
		_, err := s.Lookup(ctx, guildID, who)
		code(t, err, engine.NotFound)
	}
	srv.Do(func(_ map[string]*discordtest.User, guilds map[string]*discordtest.Guild, _ map[string]*discordtest.Channel, _ map[string]*discordtest.Message) {
		guilds[guildID].Roles[0].Perms = "1024"
	})
	fresh, err := discord.New(discord.Options{Token: engine.NewSecret(srv.Token), APIURL: srv.URL})
	if err != nil {
		t.Fatal(err)
	}
	list, more, err := fresh.Members(ctx, here, 3)
	if err != nil || len(list) != 3 || !more {
		t.Errorf("%v %v %v", list, more, err)
	}
	for i := range 1200 {
		srv.AddMember(guildID, discordtest.User{ID: fmt.Sprint(60000000000000000 + i), Name: fmt.Sprint("p", i)})
	}
	if list, more, err = fresh.Members(ctx, here, 2000); err != nil || len(list) != 1205 || more {
		t.Errorf("%d of two pages, %v %v", len(list), more, err)
	}
	srv.Do(func(map[string]*discordtest.User, map[string]*discordtest.Guild, map[string]*discordtest.Channel, map[string]*discordtest.Message) {
		srv.Flags = 0
	})
	if _, _, err = fresh.Members(ctx, here, 3); engine.CodeOf(err) != engine.Denied || !strings.Contains(err.Error(), "Server Members Intent") {
		t.Error(err)
	}
}

// Who takes no direct messages is spoken to in a private thread, the same one after a restart, also when it rests.
func TestAlone(t *testing.T) {
	s, srv, _ := speaks(t)
	ctx := context.Background()
	a := bot.Actor{Surface: "discord", Workspace: guildID, User: bobID, Name: "Bob"}
	p, err := s.Direct(ctx, a, here)
	if err != nil || p.Workspace != discord.DirectMessages {
		t.Fatal(p, err)
	}
	if _, err := s.Post(ctx, p, "", aCard("builder", "draft")); err != nil {
		t.Fatal(err)
	}
	srv.Do(func(users map[string]*discordtest.User, _ map[string]*discordtest.Guild, _ map[string]*discordtest.Channel, _ map[string]*discordtest.Message) {
		users[bobID].Closed = true
	})
	at, err := s.Post(ctx, p, "", aCard("builder2", "draft"))
	if err != nil {
		t.Fatal(err)
	}
	if edited, err := s.Post(ctx, p, at, aCard("builder2", "draft, changed")); err != nil || edited != at {
		t.Errorf("%s %v", edited, err)
	}
	thread, err := s.Direct(ctx, a, here)
	if !strings.HasPrefix(string(at), thread.Channel+"/") {
		t.Errorf("%s does not stand in %+v", at, thread)
	}
	if err != nil || thread.Workspace != guildID || thread == p {
		t.Fatal(thread, err)
	}
	if _, err := s.Post(ctx, thread, "", aCard("builder2", "draft")); err != nil {
		t.Fatal(err)
	}
	for _, rests := range []bool{false, true} {
		srv.Do(func(_ map[string]*discordtest.User, _ map[string]*discordtest.Guild, channels map[string]*discordtest.Channel, _ map[string]*discordtest.Message) {
			channels[thread.Channel].Closed = rests
		})
		again, err := discord.New(discord.Options{Token: engine.NewSecret(srv.Token), APIURL: srv.URL})
		if err != nil {
			t.Fatal(err)
		}
		_, err = again.Post(ctx, p, "", aCard("builder3", "draft"))
		code(t, err, engine.Denied)
		if same, err := again.Direct(ctx, a, here); err != nil || same != thread {
			t.Errorf("rests %v: %+v %v, wanted %+v", rests, same, err, thread)
		}
	}
	fresh, err := discord.New(discord.Options{Token: engine.NewSecret(srv.Token), APIURL: srv.URL})
	if err != nil {
		t.Fatal(err)
	}
	_, _ = fresh.Post(ctx, p, "", aCard("builder3", "draft"))
	_, err = fresh.Direct(ctx, a, engine.Place{})
	code(t, err, engine.Denied)
}

// What is missing is said in a sentence each, with what to do.
func TestCheck(t *testing.T) {
	s, srv, now := speaks(t)
	ctx := context.Background()
	perms := func(p string) {
		srv.Do(func(_ map[string]*discordtest.User, guilds map[string]*discordtest.Guild, _ map[string]*discordtest.Channel, _ map[string]*discordtest.Message) {
			guilds[guildID].Roles[0].Perms = p
		})
		*now = now.Add(time.Hour)
	}
	perms("8")
	if wrong := s.Check(ctx); len(wrong) != 0 {
		t.Errorf("an administrator lacks %v", wrong)
	}
	perms("3072") // view and speak
	text := ""
	for _, e := range s.Check(ctx) {
		text += e.Error() + "\n"
	}
	for _, want := range []string{"On the Discord server Acme I lack Embed Links, so I cannot show cards", "Attach Files", "Create Private Threads"} {
		if !strings.Contains(text, want) {
			t.Errorf("%q is not said in\n%s", want, text)
		}
	}
	if strings.Contains(text, "Send Messages,") || strings.Contains(text, "Manage Channels") {
		t.Errorf("too much is missed:\n%s", text)
	}
	perms("8")
	srv.Do(func(map[string]*discordtest.User, map[string]*discordtest.Guild, map[string]*discordtest.Channel, map[string]*discordtest.Message) {
		srv.Flags = 1 << 18
	})
	if wrong := s.Check(ctx); len(wrong) != 1 || !strings.Contains(wrong[0].Error(), "Server Members Intent is off") {
		t.Errorf("%v", wrong)
	}
	for token, want := range map[string]string{"": "is empty", strings.Repeat("a1", 32): "public key", "Bot MTIz": "left out", "846462639134605312": "number",
		strings.Repeat("s", 32): "client secret", "what?": "does not look like", "ODQ2NDYyNjM5MTM0NjA1MzEy.Gx.sig": "does not accept"} {
		bad, err := discord.New(discord.Options{Token: engine.NewSecret(token), APIURL: srv.URL})
		if err != nil {
			t.Fatal(err)
		}
		wrong := bad.Check(ctx)
		if len(wrong) != 1 || !strings.Contains(wrong[0].Error(), want) || token != "" && strings.Contains(wrong[0].Error(), token) {
			t.Errorf("%q gave %v, wanted %q", token, wrong, want)
		}
	}
}

// The invite asks for the least; each part has its reason.
func TestInvite(t *testing.T) {
	if got, want := discord.InviteURL("846462639134605312"), "https://discord.com/oauth2/authorize?client_id=846462639134605312&permissions=377957239872&scope=bot+applications.commands"; got != want {
		t.Errorf("%s, wanted %s", got, want)
	}
	names := map[string]bool{}
	for _, p := range discord.Permits() {
		if p.Name == "ADMINISTRATOR" || p.Why.Msg == "" || p.Label == "" || p.Bit == 0 || names[p.Name] {
			t.Errorf("%+v", p)
		}
		names[p.Name] = true
	}
	for _, i := range discord.Intents() {
		if i.Why.Msg == "" || i.Bit == 0 || i.Privileged != (i.Label != "") || names[i.Name] {
			t.Errorf("%+v", i)
		}
		names[i.Name] = true
	}
}
