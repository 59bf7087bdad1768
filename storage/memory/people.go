package memory

import (
	"cmp"
	"context"
	"maps"
	"slices"

	"github.com/bretelle/bretelle/bot"
	"github.com/bretelle/bretelle/engine"
	"github.com/bretelle/bretelle/storage"
)

// Persons lists everybody by name.
func (s *Store) Persons(ctx context.Context) (out []engine.Person, err error) {
	err = s.read(ctx, func() error {
		out = slices.SortedFunc(maps.Values(s.persons), func(a, b engine.Person) int { return cmp.Compare(a.Name, b.Name) })
		return nil
	})
	return out, err
}

// AddPerson stores a new person.
func (s *Store) AddPerson(ctx context.Context, p engine.Person) error {
	return s.write(ctx, func() error {
		for _, q := range s.persons {
			if q.ID == p.ID || storage.SameName(q.Name, p.Name) {
				return storage.NameTaken(p.Name)
			}
		}
		s.persons[p.ID] = p
		return nil
	})
}

// SetPerson replaces role, language and time zone.
func (s *Store) SetPerson(ctx context.Context, p engine.Person) error {
	return s.write(ctx, func() error {
		q, ok := s.persons[p.ID]
		if !ok {
			return storage.NoPerson(p.ID)
		}
		q.Role, q.Lang, q.Timezone = p.Role, p.Lang, p.Timezone
		s.persons[p.ID] = q
		return nil
	})
}

// Identify finds the person behind an identity.
func (s *Store) Identify(ctx context.Context, surface, workspace, user string) (p engine.Person, err error) {
	err = s.read(ctx, func() error {
		id, ok := s.idents[engine.Identity{Surface: surface, Workspace: workspace, User: user}]
		if !ok {
			return storage.NoIdentity()
		}
		p = s.persons[id]
		return nil
	})
	return p, err
}

// Link ties an identity to a person.
func (s *Store) Link(ctx context.Context, id engine.Identity) error {
	return s.write(ctx, func() error {
		if _, ok := s.persons[id.Person]; !ok {
			return storage.NoPerson(id.Person)
		}
		person := id.Person
		id.Person = ""
		if had, ok := s.idents[id]; ok && had != person {
			return storage.IdentityTaken()
		}
		s.idents[id] = person
		return nil
	})
}

// Unlink takes an identity from its person.
func (s *Store) Unlink(ctx context.Context, id engine.Identity) error {
	return s.write(ctx, func() error {
		person := id.Person
		id.Person = ""
		if had, ok := s.idents[id]; !ok || had != person {
			return storage.NoIdentity()
		}
		delete(s.idents, id)
		return nil
	})
}

// Identities lists a person's identities by surface, workspace and user.
func (s *Store) Identities(ctx context.Context, person string) ([]engine.Identity, error) {
	return s.identities(ctx, func(id engine.Identity, p string) bool { return p == person })
}

// Accounts lists a user's identities on a surface, or everybody's, by surface, workspace and user.
func (s *Store) Accounts(ctx context.Context, surface, user string) ([]engine.Identity, error) {
	return s.identities(ctx, func(id engine.Identity, _ string) bool {
		return (surface == "" || id.Surface == surface) && (user == "" || id.User == user)
	})
}

func (s *Store) identities(ctx context.Context, wanted func(id engine.Identity, person string) bool) (out []engine.Identity, err error) {
	err = s.read(ctx, func() error {
		for id, p := range s.idents {
			if wanted(id, p) {
				id.Person = p
				out = append(out, id)
			}
		}
		slices.SortFunc(out, func(a, b engine.Identity) int {
			return cmp.Or(cmp.Compare(a.Surface, b.Surface), cmp.Compare(a.Workspace, b.Workspace), cmp.Compare(a.User, b.User))
		})
		return nil
	})
	return out, err
}

// Groups gives every group's members.
func (s *Store) Groups(ctx context.Context) (out map[string][]string, err error) {
	err = s.read(ctx, func() error {
		out = make(map[string][]string, len(s.groups))
		for name, members := range s.groups {
			out[name] = append([]string{}, members...)
		}
		return nil
	})
	return out, err
}

// SetGroup makes or replaces a group.
func (s *Store) SetGroup(ctx context.Context, name string, persons []string) error {
	return s.write(ctx, func() error {
		for _, p := range persons {
			if _, ok := s.persons[p]; !ok {
				return storage.NoPerson(p)
			}
		}
		members := slices.Sorted(slices.Values(persons))
		s.groups[name] = slices.Compact(members)
		return nil
	})
}

// Channels lists the places that people added.
func (s *Store) Channels(ctx context.Context) (out []bot.Channel, err error) {
	err = s.read(ctx, func() error {
		for _, c := range s.channels {
			c.Roles = maps.Clone(c.Roles)
			out = append(out, c)
		}
		slices.SortFunc(out, func(a, b bot.Channel) int { return cmp.Compare(a.Place.String(), b.Place.String()) })
		return nil
	})
	return out, err
}

// SetChannel adds or replaces a channel.
func (s *Store) SetChannel(ctx context.Context, c bot.Channel) error {
	return s.write(ctx, func() error {
		c.Place = storage.Canonical(c.Place)
		c.Place.Thread = ""
		c.Roles = maps.Clone(c.Roles)
		s.channels[c.Place] = c
		return nil
	})
}
