package discord

import (
	"context"
	"testing"
	"time"

	"github.com/bretelle/bretelle/bot"
	"github.com/bretelle/bretelle/engine"
)

// A delivery gets its channel's name, its thread's channel, and who somebody is; what cannot be known now is an error.
func TestComplete(t *testing.T) {
	s, f := surface(t)
	base := "GET /api/v9/guilds/" + triage.Workspace
	f.routes[base+"/channels"] = `[{"id":"345626669114982999","name":"triage","type":0},{"id":"345626669114982000","name":"twice","type":0},{"id":"345626669114982001","name":"twice","type":0}]`
	f.routes["GET /api/v9/channels/345626669114982777"] = `{"id":"345626669114982777","type":11,"name":"a thread","parent_id":"345626669114982999"}`
	f.routes[base+"/members/53908232506183680"] = `{"user":{"id":"53908232506183680","username":"bob"},"nick":"Bobby","roles":[]}`
	f.routes[base+"/members/53908232506183681"] = `{"user":{"id":"53908232506183681","username":"new"},"roles":[],"pending":true}`
	f.routes[base+"/members/53908232506183682"] = `{"user":{"id":"53908232506183682","username":"loud"},"roles":[],"communication_disabled_until":"2999-01-01T00:00:00Z"}`
	s.speaks("53908232506183680", "fr")
	for _, x := range []struct {
		channel, user         string
		inChannel, thread, as string
		guest                 bool
	}{
		{"345626669114982999", "53908232506183680", "#triage", "", "Bobby", false},
		{"345626669114982001", "53908232506183680", "345626669114982001", "", "Bobby", false},
		{"345626669114982777", "53908232506183680", "#triage", "345626669114982999/345626669114982777", "Bobby", false},
		{"345626669114982999", "53908232506183681", "#triage", "", "new", true},
		{"345626669114982999", "53908232506183682", "#triage", "", "loud", true},
	} {
		in := bot.In{Place: engine.Place{Surface: "discord", Workspace: triage.Workspace, Channel: x.channel}, Actor: bot.Actor{User: x.user}}
		if err := s.complete(context.Background(), &in); err != nil {
			t.Fatal(err)
		}
		if in.Place.Channel != x.inChannel || in.Place.Thread != x.thread || in.Actor.Name != x.as || in.Actor.Guest != x.guest || in.Actor.Workspace != triage.Workspace {
			t.Errorf("%+v became %+v", x, in)
		}
		if want := map[string]string{"53908232506183680": "fr"}[x.user]; in.Actor.Lang != want {
			t.Errorf("%s speaks %q", x.user, in.Actor.Lang)
		}
	}
	f.status, f.said = 404, `{"code":10007}`
	in := bot.In{Place: triage, Actor: bot.Actor{User: "53908232506183699"}}
	if err := s.complete(context.Background(), &in); err != nil || !in.Actor.Guest {
		t.Errorf("who left is no guest: %+v %v", in.Actor, err)
	}
	s.heard("CHANNEL_UPDATE", []byte(`{"id":"345626669114982999","guild_id":"`+triage.Workspace+`","name":"bugs","type":0}`))
	in = bot.In{Place: triage, Actor: bot.Actor{User: "53908232506183680"}}
	if err := s.complete(context.Background(), &in); err != nil || in.Place.Channel != "#bugs" {
		t.Errorf("a renamed channel is %s: %v", in.Place.Channel, err)
	}
	f.status, f.said = 503, ``
	in = bot.In{Place: triage, Actor: bot.Actor{User: "53908232506183700"}}
	if err := s.complete(context.Background(), &in); engine.CodeOf(err) != engine.Unavailable || in.Actor.Guest {
		t.Errorf("concluded without knowing: %+v %v", in.Actor, err)
	}
	s.now = func() time.Time { return time.Now().Add(20 * time.Minute) } // names are old, and do while Discord is away
	f.routes = map[string]string{base + "/members/53908232506183680": `{"user":{"id":"53908232506183680","username":"bob"},"roles":[]}`}
	in = bot.In{Place: triage, Actor: bot.Actor{User: "53908232506183680"}}
	if err := s.complete(context.Background(), &in); err != nil || in.Place.Channel != "#bugs" {
		t.Errorf("%s %v", in.Place.Channel, err)
	}
}
