package main

import (
	"fmt"
	"io"
	"os"
	"strings"

	"golang.org/x/term"

	"github.com/bretelle/bretelle/bot/control"
	"github.com/bretelle/bretelle/engine"
)

type personAdd struct {
	Name string `arg:"" help:"Their name, as it stands after @."`
	Role string `help:"viewer, runner, builder, approver or admin; viewer when left out." placeholder:"ROLE"`
	JSON bool   `name:"json" help:"Print JSON."`
}

func (c *personAdd) Run(e *env) error {
	var out control.PersonOut
	if err := e.client.Do(e.ctx, "person.add", control.PersonIn{Name: c.Name, Role: c.Role}, &out); err != nil {
		return err
	}
	if c.JSON {
		return e.json(out)
	}
	e.say("%s is here (%s); a login link: bretelle login %s", out.Name, out.Role, out.Name)
	return nil
}

type personList struct {
	JSON bool `name:"json" help:"Print JSON."`
}

func (c *personList) Run(e *env) error {
	out := []control.PersonOut{}
	if err := e.client.Do(e.ctx, "person.list", struct{}{}, &out); err != nil {
		return err
	}
	if c.JSON {
		return e.json(out)
	}
	var rows [][]string
	for _, p := range out {
		rows = append(rows, []string{p.Name, p.Role})
	}
	e.table(rows)
	return nil
}

type groupSet struct {
	Name    string   `arg:"" help:"The group, with or without @."`
	Members []string `arg:"" optional:"" name:"person" help:"Who is in it; nobody empties it."`
	JSON    bool     `name:"json" help:"Print JSON."`
}

func (c *groupSet) Run(e *env) error {
	var out control.GroupIn
	if err := e.client.Do(e.ctx, "group.set", control.GroupIn{Name: c.Name, Members: c.Members}, &out); err != nil {
		return err
	}
	if c.JSON {
		return e.json(out)
	}
	e.say("@%s: %s", out.Name, orNobody(out.Members))
	return nil
}

func orNobody(names []string) string {
	if len(names) == 0 {
		return "nobody"
	}
	return strings.Join(names, ", ")
}

type channelAdd struct {
	Place string `arg:"" help:"#channel, slack:TEAM/#channel or discord:GUILD/#channel."`
	Lang  string `help:"Language of its cards: en or fr." placeholder:"LANG"`
	JSON  bool   `name:"json" help:"Print JSON."`
}

func (c *channelAdd) Run(e *env) error {
	var out control.ChannelIn
	if err := e.client.Do(e.ctx, "channel.add", control.ChannelIn{Place: c.Place, Lang: c.Lang}, &out); err != nil {
		return err
	}
	if c.JSON {
		return e.json(out)
	}
	e.say("%s is here", out.Place)
	return nil
}

type secretSet struct {
	Name     string `arg:"" help:"The name that flows use."`
	Origin   string `help:"The only place it may be sent to, https://tracker.example.org, smtps://mail.example.org; none for secrets that only verify." placeholder:"URL"`
	Header   string `help:"The header that carries it, Authorization." placeholder:"NAME"`
	User     string `help:"Who logs in with it: to a mail server, or to a web server that asks for name and password." placeholder:"NAME"`
	Generate bool   `help:"Make a new one and print it, once."`
}

// secretMost bounds a secret.
const secretMost = 64 << 10

// Run takes the value from standard input: arguments are seen by every program on the machine.
func (c *secretSet) Run(e *env) error {
	value := engine.Token(32)
	if !c.Generate {
		var err error
		if value, err = e.secret("Value of " + c.Name + ": "); err != nil {
			return err
		}
	}
	var out control.SecretOut
	if err := e.client.Do(e.ctx, "secret.set", control.SecretIn{Name: c.Name, Value: value, Origin: c.Origin, Header: c.Header, User: c.User}, &out); err != nil {
		return err
	}
	if c.Generate {
		e.say("%s", value)
		fmt.Fprintf(e.err, "This is %s, version %d. It is shown once, never again.\n", out.Name, out.Version)
		return nil
	}
	e.say("%s is set, version %d", out.Name, out.Version)
	return nil
}

// secret reads a value from standard input, unseen when somebody types it.
func (e *env) secret(prompt string) (string, error) {
	var b []byte
	var err error
	if f, ok := e.in.(*os.File); ok && term.IsTerminal(int(f.Fd())) {
		fmt.Fprint(e.err, prompt)
		b, err = term.ReadPassword(int(f.Fd()))
		fmt.Fprintln(e.err)
	} else {
		b, err = io.ReadAll(io.LimitReader(e.in, secretMost+1))
	}
	if err != nil {
		return "", engine.E(engine.Unavailable, "standard input cannot be read").Wrap(err)
	}
	if len(b) > secretMost {
		return "", engine.E(engine.TooLarge, "a secret holds at most 64 KB")
	}
	value := strings.TrimRight(string(b), "\r\n")
	if value == "" {
		return "", engine.E(engine.Invalid, "the secret is empty").WithHint("Give it on standard input, or use --generate.")
	}
	return value, nil
}

type secretList struct {
	JSON bool `name:"json" help:"Print JSON."`
}

func (c *secretList) Run(e *env) error {
	out := []control.SecretOut{}
	if err := e.client.Do(e.ctx, "secret.list", struct{}{}, &out); err != nil {
		return err
	}
	if c.JSON {
		return e.json(out)
	}
	var rows [][]string
	for _, s := range out {
		rows = append(rows, []string{s.Name, fmt.Sprintf("v%d", s.Version), s.Origin, s.Header, s.User, s.Set})
	}
	e.table(rows)
	return nil
}

type loginCmd struct {
	Name string `arg:"" optional:"" help:"Who logs in. Left out while there is no admin: the first one."`
	JSON bool   `name:"json" help:"Print JSON."`
}

func (c *loginCmd) Run(e *env) error {
	var out control.LoginOut
	if err := e.client.Do(e.ctx, "login", control.PersonIn{Name: c.Name}, &out); err != nil {
		return err
	}
	if c.JSON {
		return e.json(out)
	}
	e.say("%s    works once, for 10 minutes", out.URL)
	return nil
}
