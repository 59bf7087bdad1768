package control

import (
	"context"
	"strings"

	"github.com/bretelle/bretelle/bot"
	"github.com/bretelle/bretelle/engine"
)

// person finds somebody by name, capitals and "@" aside. NotFound suggests who was meant.
func (s *server) person(ctx context.Context, name string) (engine.Person, error) {
	all, err := s.People.Persons(ctx)
	if err != nil {
		return engine.Person{}, err
	}
	bare := strings.TrimPrefix(name, "@")
	names := make([]string, 0, len(all))
	for _, p := range all {
		if strings.EqualFold(p.Name, bare) {
			return p, nil
		}
		names = append(names, p.Name)
	}
	e := engine.E(engine.NotFound, "nobody is called {name}", "name", name)
	if near := engine.Suggest(bare, names); near != "" {
		e.Args["near"] = near
		return engine.Person{}, e.WithHint("Did you mean {near}?")
	}
	return engine.Person{}, e.WithHint("Add them with: bretelle person add {name}")
}

// nameOf is a person's name; what is no person's id stays as it is.
func (s *server) nameOf(ctx context.Context, id string) (string, error) {
	if id == "" || id == bot.Operator {
		return id, nil
	}
	all, err := s.People.Persons(ctx)
	if err != nil {
		return "", err
	}
	for _, p := range all {
		if p.ID == id {
			return p.Name, nil
		}
	}
	return id, nil
}

func (s *server) audit(ctx context.Context, by, what, object string) error {
	return s.Audit.Audit(ctx, engine.AuditEntry{At: s.now(), Actor: by, What: what, Object: object, Detail: "control"})
}

func (s *server) personAdd(ctx context.Context, in PersonIn) (PersonOut, error) {
	role := engine.Viewer
	if in.Role != "" {
		var err error
		if role, err = engine.ParseRole(in.Role); err != nil {
			return PersonOut{}, err
		}
	}
	p, err := s.Admin.AddPerson(ctx, bot.Operator, in.Name, role)
	if err != nil {
		return PersonOut{}, err
	}
	return PersonOut{ID: p.ID, Name: p.Name, Role: string(p.Role)}, nil
}

func (s *server) personList(ctx context.Context, _ nothing) ([]PersonOut, error) {
	all, err := s.People.Persons(ctx)
	if err != nil {
		return nil, err
	}
	out := make([]PersonOut, 0, len(all))
	for _, p := range all {
		out = append(out, PersonOut{ID: p.ID, Name: p.Name, Role: string(p.Role)})
	}
	return out, nil
}

func (s *server) groupSet(ctx context.Context, in GroupIn) (GroupIn, error) {
	names, err := s.Admin.SetGroup(ctx, bot.Operator, in.Name, in.Members, false)
	if err != nil {
		return GroupIn{}, err
	}
	return GroupIn{Name: strings.TrimPrefix(in.Name, "@"), Members: append([]string{}, names...)}, nil
}

func (s *server) channelAdd(ctx context.Context, in ChannelIn) (ChannelIn, error) {
	text := in.Place
	if text != "" && !strings.ContainsAny(text, "#/@:") {
		text = "#" + text
	}
	ch, err := s.Admin.AddChannel(ctx, bot.Operator, text, in.Lang)
	if err != nil {
		return ChannelIn{}, err
	}
	return ChannelIn{Place: ch.Place.String(), Lang: ch.Lang}, nil
}

func (s *server) secretSet(ctx context.Context, in SecretIn) (SecretOut, error) {
	if in.Value == "" {
		return SecretOut{}, engine.E(engine.Invalid, "the secret is empty").WithHint("Give it on standard input.")
	}
	if err := sendable(in); err != nil {
		return SecretOut{}, err
	}
	version, err := s.Secrets.Put(ctx, engine.Credential{Name: in.Name, Origin: in.Origin, Header: in.Header, User: in.User, Value: engine.NewSecret(in.Value)})
	if err != nil {
		return SecretOut{}, err
	}
	return SecretOut{Name: in.Name, Version: version, Origin: in.Origin, Header: in.Header, User: in.User},
		s.audit(ctx, bot.Operator, "secret.set", "secret/"+in.Name)
}

func (s *server) secretList(ctx context.Context, _ nothing) ([]SecretOut, error) {
	return s.Secrets.All(ctx)
}

// login makes a one-time link: for a person, or without a name for the first admin.
func (s *server) login(ctx context.Context, in PersonIn) (LoginOut, error) {
	var token, who string
	if in.Name == "" {
		var err error
		if token, err = s.Admin.FirstAdmin(ctx); err != nil {
			return LoginOut{}, err
		}
		if token == "" {
			return LoginOut{}, engine.E(engine.Invalid, "there is an admin already, so say who logs in").WithHint("bretelle login NAME")
		}
	} else {
		p, err := s.person(ctx, in.Name)
		if err != nil {
			return LoginOut{}, err
		}
		if token, err = s.Admin.LoginLink(ctx, p.ID); err != nil {
			return LoginOut{}, err
		}
		who = p.ID
	}
	return LoginOut{URL: s.Console + "/login/" + token}, s.audit(ctx, bot.Operator, "login.made", "person/"+who)
}

func (s *server) keyPlace(ctx context.Context, _ nothing) (KeyOut, error) {
	place, err := s.Key(ctx)
	return KeyOut{Place: place}, err
}
