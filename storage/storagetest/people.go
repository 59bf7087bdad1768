package storagetest

import (
	"testing"

	"github.com/bretelle/bretelle/bot"
	"github.com/bretelle/bretelle/engine"
)

func addPeople(t *testing.T, s Store, names ...string) {
	t.Helper()
	for _, n := range names {
		ok(t, s.AddPerson(t.Context(), engine.Person{ID: "id-" + n, Name: n, Role: engine.Viewer, Created: 5}))
	}
}

var peopleTests = map[string]func(*testing.T, Store){
	"persons have one name each": func(t *testing.T, s Store) {
		ctx := t.Context()
		addPeople(t, s, "ben", "ann")
		code(t, s.AddPerson(ctx, engine.Person{ID: "other", Name: "ann"}), engine.Conflict)
		code(t, s.AddPerson(ctx, engine.Person{ID: "other", Name: "Ann"}), engine.Conflict)
		code(t, s.AddPerson(ctx, engine.Person{ID: "id-ann", Name: "zoe"}), engine.Conflict)
		ok(t, s.SetPerson(ctx, engine.Person{ID: "id-ben", Name: "ignored", Role: engine.Admin, Lang: "fr", Timezone: "Europe/Zurich"}))
		code(t, s.SetPerson(ctx, engine.Person{ID: "nobody"}), engine.NotFound)
		same(t, "persons", must(s.Persons(ctx))(t), []engine.Person{{ID: "id-ann", Name: "ann", Role: engine.Viewer, Created: 5},
			{ID: "id-ben", Name: "ben", Role: engine.Admin, Lang: "fr", Timezone: "Europe/Zurich", Created: 5}})
	},
	"an identity belongs to one person": func(t *testing.T, s Store) {
		ctx := t.Context()
		addPeople(t, s, "ann", "ben")
		id := engine.Identity{Surface: "slack", Workspace: "T1", User: "U1", Person: "id-ann"}
		ok(t, s.Link(ctx, id))
		ok(t, s.Link(ctx, id))
		id2 := engine.Identity{Surface: "slack", Workspace: "T2", User: "U1", Person: "id-ben"}
		ok(t, s.Link(ctx, id2))
		taken := id
		taken.Person = "id-ben"
		code(t, s.Link(ctx, taken), engine.Conflict)
		code(t, s.Link(ctx, engine.Identity{Surface: "slack", User: "U9", Person: "nobody"}), engine.NotFound)
		same(t, "person", must(s.Identify(ctx, "slack", "T1", "U1"))(t).Name, "ann")
		for _, who := range [][3]string{{"slack", "T3", "U1"}, {"discord", "T1", "U1"}, {"slack", "T1", "U9"}} {
			_, err := s.Identify(ctx, who[0], who[1], who[2])
			code(t, err, engine.NotFound)
		}
		same(t, "identities", must(s.Identities(ctx, "id-ann"))(t), []engine.Identity{id})
		same(t, "none", len(must(s.Identities(ctx, "nobody"))(t)), 0)
		same(t, "a user in all workspaces", must(s.Accounts(ctx, "slack", "U1"))(t), []engine.Identity{id, id2})
		same(t, "all users", must(s.Accounts(ctx, "", ""))(t), []engine.Identity{id, id2})
		same(t, "of another surface", len(must(s.Accounts(ctx, "discord", "U1"))(t)), 0)
		code(t, s.Unlink(ctx, taken), engine.NotFound) // it is not ben's
		ok(t, s.Unlink(ctx, id))
		code(t, s.Unlink(ctx, id), engine.NotFound)
		_, err := s.Identify(ctx, "slack", "T1", "U1")
		code(t, err, engine.NotFound)
		ok(t, s.Link(ctx, taken)) // free for somebody else
	},
	"groups are made, replaced and emptied": func(t *testing.T, s Store) {
		ctx := t.Context()
		addPeople(t, s, "ann", "ben", "cid")
		ok(t, s.SetGroup(ctx, "triage", []string{"id-cid", "id-ann", "id-ann"}))
		ok(t, s.SetGroup(ctx, "empty", nil))
		code(t, s.SetGroup(ctx, "triage", []string{"id-ben", "nobody"}), engine.NotFound)
		same(t, "groups", must(s.Groups(ctx))(t), map[string][]string{"triage": {"id-ann", "id-cid"}, "empty": {}})
		ok(t, s.SetGroup(ctx, "triage", nil))
		same(t, "emptied", must(s.Groups(ctx))(t), map[string][]string{"triage": {}, "empty": {}})
	},
	"channels keep language and roles": func(t *testing.T, s Store) {
		ctx := t.Context()
		a := bot.Channel{Place: engine.Place{Surface: "slack", Workspace: "T1", Channel: "#a"}, Lang: "fr",
			Roles: map[string]engine.Role{"id-ann": engine.Approver}}
		b := bot.Channel{Place: engine.Place{Surface: "console", Channel: "#b"}}
		ok(t, s.SetChannel(ctx, a))
		ok(t, s.SetChannel(ctx, bot.Channel{Place: engine.Place{Channel: "#b"}, Lang: "en"}))
		ok(t, s.SetChannel(ctx, b))
		same(t, "channels", must(s.Channels(ctx))(t), []bot.Channel{b, a})
	},
	"tickets work once and not for ever": func(t *testing.T, s Store) {
		ctx := t.Context()
		for _, h := range []string{"a", "b"} {
			ok(t, s.PutTicket(ctx, bot.Ticket{Hash: h, Kind: "login", Person: "id-ann", Expires: 100}))
		}
		same(t, "used", must(s.UseTicket(ctx, "a", 99))(t), bot.Ticket{Hash: "a", Kind: "login", Person: "id-ann", Expires: 100})
		for hash, now := range map[string]int64{"a": 99, "b": 100, "c": 1} {
			_, err := s.UseTicket(ctx, hash, now)
			code(t, err, engine.NotFound)
		}
		_, err := s.UseTicket(ctx, "b", 1)
		code(t, err, engine.NotFound)
	},
	"sessions end": func(t *testing.T, s Store) {
		ctx := t.Context()
		in := bot.Session{Hash: "h", Person: "id-ann", Expires: 100}
		ok(t, s.PutSession(ctx, in))
		same(t, "session", must(s.Session(ctx, "h", 99))(t), in)
		_, err := s.Session(ctx, "h", 100)
		code(t, err, engine.NotFound)
		in.Expires = 200
		ok(t, s.PutSession(ctx, in))
		same(t, "prolonged", must(s.Session(ctx, "h", 150))(t), in)
		ok(t, s.DropSession(ctx, "h"))
		ok(t, s.DropSession(ctx, "h"))
		_, err = s.Session(ctx, "h", 1)
		code(t, err, engine.NotFound)
	},
	"settings are single facts": func(t *testing.T, s Store) {
		ctx := t.Context()
		same(t, "never set", must(s.Setting(ctx, "installation.id"))(t), "")
		ok(t, s.SetSetting(ctx, "installation.id", "a"))
		ok(t, s.SetSetting(ctx, "installation.id", "b"))
		same(t, "set", must(s.Setting(ctx, "installation.id"))(t), "b")
	},
}
