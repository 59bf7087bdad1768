package chat

import (
	"context"
	"strings"

	"github.com/bretelle/bretelle/connectors"
	"github.com/bretelle/bretelle/engine"
)

// Person is somebody as steps see them.
type Person struct {
	ID      string `json:"id" doc:"The platform's id."`
	Address string `json:"address" doc:"How to write to them, for chat.message.direct."`
	Person  string `json:"person" doc:"The person's id here, or nothing for somebody unknown."`
	Name    string `json:"name" doc:"The name, as it is shown."`
	Email   string `json:"email" doc:"The e-mail address, or nothing where the platform does not tell."`
	Title   string `json:"title" doc:"What they do, as they say."`
	Lang    string `json:"lang" doc:"The language, en or fr, or nothing."`
	Zone    string `json:"zone" doc:"The time zone, Europe/Paris, or nothing."`
	Guest   bool   `json:"guest" doc:"Whether they are a guest, or of another organisation."`
	App     bool   `json:"app" doc:"Whether it is an app."`
}

func personOf(m connectors.ChatMember) Person { return Person(m) }

// samplePerson is somebody as a dry run makes them up.
func samplePerson() Person {
	return Person{ID: "U0123", Address: "slack:T0123/@U0123", Name: "ann", Email: "ann@example.org", Lang: "en", Zone: "Europe/Paris"}
}

// MembersInput is what chat.member.list takes.
type MembersInput struct {
	To   string `json:"to,omitempty" title:"Channel" format:"place" doc:"Which channel. Left out, it is the flow's."`
	Most int    `json:"most,omitempty" title:"At most" default:"200" advanced:"true" doc:"How many are listed, from 1 to 1000."`
	Apps bool   `json:"apps,omitempty" title:"Apps too" default:"false" advanced:"true" doc:"Whether apps are listed."`
}

// MembersOutput is what chat.member.list gives.
type MembersOutput struct {
	People []Person `json:"people" doc:"Who is in the channel."`
	Count  int      `json:"count" doc:"How many are listed."`
	More   bool     `json:"more" doc:"Whether there are others."`
}

// mostMembers bounds a list of members.
const mostMembers = 1000

func members() connectors.Act[MembersInput, MembersOutput] {
	ann := connectors.ChatMember{ID: "U1", Address: "slack:T1/@U1", Name: "ann", Email: "ann@example.org"}
	return connectors.Act[MembersInput, MembersOutput]{
		Name: "member.list", Title: "List a channel's members",
		Doc:  "Lists who is in a channel. It changes nothing.",
		Risk: engine.Read, Idempotency: connectors.NaturalKey,
		Scopes: []string{"slack:channels:read", "slack:groups:read", "slack:users:read", "slack:users:read.email", "discord:VIEW_CHANNEL", "discord:intent:GUILD_MEMBERS"},
		Sample: MembersOutput{People: []Person{samplePerson()}, Count: 1},
		Tests: []connectors.Test[MembersInput]{
			{Name: "those of a channel", In: MembersInput{Most: 2}, Members: []connectors.ChatMember{ann, {ID: "B1", Name: "bot", App: true}, {ID: "U3", Name: "kim"}},
				Out: map[string]any{"count": 1, "more": true, "people": []any{map[string]any{"id": "U1", "address": "slack:T1/@U1", "person": "", "name": "ann",
					"email": "ann@example.org", "title": "", "lang": "", "zone": "", "guest": false, "app": false}}}},
			{Name: "nobody", In: MembersInput{Most: 10}, Out: map[string]any{"count": 0, "more": false, "people": []any{}}},
			{Name: "too many", In: MembersInput{Most: mostMembers + 1}, Class: engine.BadInput},
		},
		Describe: titled("List a channel's members", "to", "List the members of "),
		Run: func(ctx context.Context, c *connectors.Call, in MembersInput) (MembersOutput, error) {
			out := MembersOutput{People: []Person{}}
			place, err := where(c, in.To)
			if err == nil && (in.Most < 1 || in.Most > mostMembers) {
				err = engine.E(engine.Invalid, `"{field}" must be from {least} to {most}`, "field", "most", "least", 1, "most", mostMembers)
			}
			if err != nil {
				return out, err
			}
			list, more, err := c.Members(ctx, place, in.Most)
			if err != nil {
				return out, err
			}
			for _, m := range list {
				if in.Apps || !m.App {
					out.People = append(out.People, personOf(m))
				}
			}
			out.Count, out.More = len(out.People), more
			return out, nil
		},
	}
}

// FindInput is what chat.person.find takes.
type FindInput struct {
	Who string `json:"who" title:"Who" required:"true" example:"ann@example.org" doc:"An e-mail address, @name, the platform's id, or an address like slack:TEAM/@USER."`
	To  string `json:"to,omitempty" title:"Channel" format:"place" advanced:"true" doc:"A channel of the workspace to look in. Left out, it is the flow's."`
}

// FindOutput is what chat.person.find gives.
type FindOutput struct {
	Found  bool   `json:"found" doc:"Whether there is such a person."`
	Person Person `json:"person" doc:"Who it is; every field is empty when nobody was found."`
}

func find() connectors.Act[FindInput, FindOutput] {
	ann := connectors.ChatMember{ID: "U1", Address: "slack:T1/@U1", Name: "ann", Email: "ann@example.org", Lang: "fr", Zone: "Europe/Paris"}
	return connectors.Act[FindInput, FindOutput]{
		Name: "person.find", Title: "Find a person",
		Doc:  "Finds somebody by e-mail address, name or id, in the workspace of a channel. It changes nothing.",
		Risk: engine.Read, Idempotency: connectors.NaturalKey,
		Scopes: []string{"slack:users:read", "slack:users:read.email", "discord:VIEW_CHANNEL", "discord:intent:GUILD_MEMBERS"},
		Sample: FindOutput{Found: true, Person: samplePerson()},
		Tests: []connectors.Test[FindInput]{
			{Name: "by address", In: FindInput{Who: "ann@example.org"}, Members: []connectors.ChatMember{ann},
				Out: map[string]any{"found": true, "person": map[string]any{"id": "U1", "address": "slack:T1/@U1", "person": "", "name": "ann",
					"email": "ann@example.org", "title": "", "lang": "fr", "zone": "Europe/Paris", "guest": false, "app": false}}},
			{Name: "nobody", In: FindInput{Who: "@kim"}, Members: []connectors.ChatMember{ann}, Out: map[string]any{"found": false}},
			{Name: "several", In: FindInput{Who: "@ann"}, Members: []connectors.ChatMember{ann, {ID: "U2", Name: "Ann"}}, Class: engine.BadInput},
			{Name: "no name", In: FindInput{Who: " "}, Class: engine.BadInput},
		},
		Describe: titled("Find a person", "who", "Find "),
		Run: func(ctx context.Context, c *connectors.Call, in FindInput) (FindOutput, error) {
			var place engine.Place
			err := named("who", in.Who)
			if at, user, ok := strings.Cut(in.Who, "/@"); ok && err == nil { // it names its workspace itself
				in.Who, in.To = user, at+"/#"
			}
			if err == nil {
				place, err = where(c, in.To)
			}
			if err != nil {
				return FindOutput{}, err
			}
			m, err := c.Lookup(ctx, place, strings.TrimSpace(in.Who))
			if engine.CodeOf(err) == engine.NotFound {
				return FindOutput{}, nil
			}
			return FindOutput{Found: err == nil, Person: personOf(m)}, err
		},
	}
}
