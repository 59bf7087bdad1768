package sqlite

import (
	"context"
	"database/sql"
	"encoding/json"

	"github.com/bretelle/bretelle/bot"
	"github.com/bretelle/bretelle/engine"
	"github.com/bretelle/bretelle/storage"
)

// Persons lists everybody by name.
func (s *Store) Persons(ctx context.Context) ([]engine.Person, error) {
	out, err := all(s.reading(ctx), `SELECT id, name, role, lang, timezone, created FROM persons ORDER BY name`, nil,
		func(row *sql.Rows) (p engine.Person, err error) {
			err = row.Scan(&p.ID, &p.Name, &p.Role, &p.Lang, &p.Timezone, &p.Created)
			return p, err
		})
	return out, explain(s.dir, "persons", err)
}

// AddPerson stores a new person.
func (s *Store) AddPerson(ctx context.Context, p engine.Person) error {
	return s.write(ctx, "person", func(t *tx) error {
		n, err := t.exec(`INSERT INTO persons (id, name, folded, role, lang, timezone, created)
			VALUES ($1, $2, $3, $4, $5, $6, $7) ON CONFLICT DO NOTHING`, p.ID, p.Name, storage.FoldName(p.Name),
			string(p.Role), p.Lang, p.Timezone, p.Created)
		if err == nil && n == 0 {
			return storage.NameTaken(p.Name)
		}
		return err
	})
}

// SetPerson replaces role, language and time zone.
func (s *Store) SetPerson(ctx context.Context, p engine.Person) error {
	return s.write(ctx, "person", func(t *tx) error {
		n, err := t.exec(`UPDATE persons SET role = $2, lang = $3, timezone = $4 WHERE id = $1`, p.ID, string(p.Role), p.Lang,
			p.Timezone)
		if err == nil && n == 0 {
			return storage.NoPerson(p.ID)
		}
		return err
	})
}

// Identify finds the person behind an identity.
func (s *Store) Identify(ctx context.Context, surface, workspace, user string) (p engine.Person, err error) {
	found, err := one(s.reading(ctx), `SELECT p.id, p.name, p.role, p.lang, p.timezone, p.created FROM identities i
		JOIN persons p ON p.id = i.person WHERE i.surface = $1 AND i.workspace = $2 AND i.user_id = $3`,
		[]any{surface, workspace, user}, &p.ID, &p.Name, &p.Role, &p.Lang, &p.Timezone, &p.Created)
	if err == nil && !found {
		err = storage.NoIdentity()
	}
	return p, explain(s.dir, "identify", err)
}

func (t *tx) person(id string) error {
	var n int
	found, err := one(t, `SELECT 1 FROM persons WHERE id = $1`, []any{id}, &n)
	if err == nil && !found {
		return storage.NoPerson(id)
	}
	return err
}

// Link ties an identity to a person.
func (s *Store) Link(ctx context.Context, id engine.Identity) error {
	return s.write(ctx, "link", func(t *tx) error {
		if err := t.person(id.Person); err != nil {
			return err
		}
		var owner string
		_, err := one(t, `INSERT INTO identities (surface, workspace, user_id, person) VALUES ($1, $2, $3, $4)
			ON CONFLICT DO UPDATE SET person = identities.person RETURNING person`,
			[]any{id.Surface, id.Workspace, id.User, id.Person}, &owner)
		if err == nil && owner != id.Person {
			return storage.IdentityTaken()
		}
		return err
	})
}

// Unlink takes an identity from its person.
func (s *Store) Unlink(ctx context.Context, id engine.Identity) error {
	return s.write(ctx, "unlink", func(t *tx) error {
		n, err := t.exec(`DELETE FROM identities WHERE surface = $1 AND workspace = $2 AND user_id = $3 AND person = $4`,
			id.Surface, id.Workspace, id.User, id.Person)
		if err == nil && n == 0 {
			return storage.NoIdentity()
		}
		return err
	})
}

// Identities lists a person's identities by surface, workspace and user.
func (s *Store) Identities(ctx context.Context, person string) ([]engine.Identity, error) {
	out, err := all(s.reading(ctx), `SELECT surface, workspace, user_id FROM identities WHERE person = $1
		ORDER BY surface, workspace, user_id`, []any{person}, func(row *sql.Rows) (engine.Identity, error) {
		id := engine.Identity{Person: person}
		err := row.Scan(&id.Surface, &id.Workspace, &id.User)
		return id, err
	})
	return out, explain(s.dir, "identities", err)
}

// Accounts lists a user's identities on a surface, or everybody's, by surface, workspace and user.
func (s *Store) Accounts(ctx context.Context, surface, user string) ([]engine.Identity, error) {
	out, err := all(s.reading(ctx), `SELECT surface, workspace, user_id, person FROM identities
		WHERE ($1 = '' OR surface = $1) AND ($2 = '' OR user_id = $2) ORDER BY surface, workspace, user_id`, []any{surface, user}, func(row *sql.Rows) (engine.Identity, error) {
		var id engine.Identity
		err := row.Scan(&id.Surface, &id.Workspace, &id.User, &id.Person)
		return id, err
	})
	return out, explain(s.dir, "accounts", err)
}

// Groups gives every group's members.
func (s *Store) Groups(ctx context.Context) (map[string][]string, error) {
	rows, err := all(s.reading(ctx), `SELECT g.name, coalesce(m.person, '') FROM groups g LEFT JOIN members m ON m.name = g.name
		ORDER BY g.name, m.person`, nil, func(row *sql.Rows) (r [2]string, err error) {
		err = row.Scan(&r[0], &r[1])
		return r, err
	})
	if err != nil {
		return nil, explain(s.dir, "groups", err)
	}
	out := map[string][]string{}
	for _, r := range rows {
		if out[r[0]] == nil {
			out[r[0]] = []string{}
		}
		if r[1] != "" {
			out[r[0]] = append(out[r[0]], r[1])
		}
	}
	return out, nil
}

// SetGroup makes or replaces a group.
func (s *Store) SetGroup(ctx context.Context, name string, persons []string) error {
	return s.write(ctx, "group", func(t *tx) error {
		if _, err := t.exec(`INSERT INTO groups (name) VALUES ($1) ON CONFLICT DO NOTHING`, name); err != nil {
			return err
		}
		if _, err := t.exec(`DELETE FROM members WHERE name = $1`, name); err != nil {
			return err
		}
		for _, p := range persons {
			if err := t.person(p); err != nil {
				return err
			}
			if _, err := t.exec(`INSERT INTO members (name, person) VALUES ($1, $2) ON CONFLICT DO NOTHING`, name, p); err != nil {
				return err
			}
		}
		return nil
	})
}

// Channels lists the places that people added.
func (s *Store) Channels(ctx context.Context) ([]bot.Channel, error) {
	out, err := all(s.reading(ctx), `SELECT place, lang, roles FROM channels ORDER BY place`, nil,
		func(row *sql.Rows) (c bot.Channel, err error) {
			var where string
			var roles []byte
			if err = row.Scan(&where, &c.Lang, &roles); err != nil {
				return c, err
			}
			c.Place = placed(where, "")
			return c, json.Unmarshal(roles, &c.Roles)
		})
	return out, explain(s.dir, "channels", err)
}

// SetChannel adds or replaces a channel.
func (s *Store) SetChannel(ctx context.Context, c bot.Channel) error {
	roles, err := encode(c.Roles)
	if err != nil {
		return err
	}
	where, _ := place(c.Place)
	return s.write(ctx, "channel", func(t *tx) error {
		_, err := t.exec(`INSERT INTO channels (place, lang, roles) VALUES ($1, $2, $3)
			ON CONFLICT (place) DO UPDATE SET lang = excluded.lang, roles = excluded.roles`, where, c.Lang, roles)
		return err
	})
}
