package main

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"

	"github.com/bretelle/bretelle/bot/control"
	"github.com/bretelle/bretelle/connectors/all"
	"github.com/bretelle/bretelle/engine"
	"github.com/bretelle/bretelle/engine/check"
)

// fileMost bounds a file given on the command line.
const fileMost = 4 << 20

// readFile reads a file, or standard input for "-".
func (e *env) readFile(name string) ([]byte, error) {
	r := e.in
	if name != "-" {
		f, err := os.Open(name)
		if err != nil {
			return nil, engine.E(engine.NotFound, "{file} cannot be read", "file", name).WithHint("Is the name right?").Wrap(err)
		}
		defer func() { _ = f.Close() }()
		r = f
	}
	b, err := io.ReadAll(io.LimitReader(r, fileMost+1))
	switch {
	case err != nil:
		return nil, engine.E(engine.Unavailable, "{file} cannot be read", "file", name).Wrap(err)
	case len(b) > fileMost:
		return nil, engine.E(engine.TooLarge, "{file} is larger than 4 MiB", "file", name)
	}
	return b, nil
}

type flowApply struct {
	File    string `short:"f" required:"" help:"The flow's text; - is standard input." placeholder:"FILE"`
	Publish bool   `help:"Also make it live."`
	As      string `help:"Who does it; the operator when left out." placeholder:"NAME"`
	JSON    bool   `name:"json" help:"Print JSON."`
}

func (c *flowApply) Run(e *env) error {
	source, err := e.readFile(c.File)
	if err != nil {
		return err
	}
	var out control.ApplyOut
	if err := e.client.Do(e.ctx, "flow.apply", control.ApplyIn{Source: string(source), Publish: c.Publish, As: c.As}, &out); err != nil {
		var f *control.FlowError
		if errors.As(err, &f) {
			for i := range f.Problems {
				f.Problems[i].Text = c.File + ":" + f.Problems[i].Text
			}
		}
		return err
	}
	if c.JSON {
		return e.json(out)
	}
	for _, p := range out.Problems {
		printTo(e.err, "%s:%s\n", c.File, p.Text)
	}
	switch {
	case out.Published:
		e.say("%s: version %d is live", out.Flow.Name, out.Flow.Version)
	case !out.Changed:
		e.say("%s: nothing changed", out.Flow.Name)
	default:
		e.say("%s: draft saved, not live; make it live with: bretelle flow publish %s", out.Flow.Name, out.Flow.Name)
	}
	return nil
}

type flowList struct {
	JSON bool `name:"json" help:"Print JSON."`
}

func (c *flowList) Run(e *env) error {
	out := []control.FlowOut{}
	if err := e.client.Do(e.ctx, "flow.list", struct{}{}, &out); err != nil {
		return err
	}
	if c.JSON {
		return e.json(out)
	}
	var rows [][]string
	for _, f := range out {
		rows = append(rows, []string{f.Name, f.State, versionText(f), f.Place.String(), f.Trigger, f.Title})
	}
	e.table(rows)
	return nil
}

func versionText(f control.FlowOut) string {
	switch {
	case f.Version == 0:
		return "draft"
	case f.Draft:
		return fmt.Sprintf("v%d + draft", f.Version)
	}
	return fmt.Sprintf("v%d", f.Version)
}

type flowShow struct {
	Name  string `arg:"" help:"The flow."`
	Which string `help:"draft, live or a version's number." placeholder:"VERSION"`
	JSON  bool   `name:"json" help:"Print JSON."`
}

func (c *flowShow) Run(e *env) error {
	var out control.FlowOut
	if err := e.client.Do(e.ctx, "flow.show", control.NamedIn{Name: c.Name, Which: c.Which}, &out); err != nil {
		return err
	}
	if c.JSON {
		return e.json(out)
	}
	e.say("%s  %s  %s  %s  starts by %s\n", out.Name, out.State, versionText(out), out.Place, out.Trigger)
	for _, p := range out.Problems {
		e.say("%s", p.Text)
	}
	printTo(e.out, "%s", out.Source)
	return nil
}

type flowExport struct {
	Name  string `arg:"" help:"The flow."`
	Which string `help:"draft, live or a version's number." placeholder:"VERSION"`
}

func (c *flowExport) Run(e *env) error {
	var out control.FlowOut
	if err := e.client.Do(e.ctx, "flow.export", control.NamedIn{Name: c.Name, Which: c.Which}, &out); err != nil {
		return err
	}
	_, err := io.WriteString(e.out, out.Source)
	return err
}

type flowCheck struct {
	File string `short:"f" required:"" help:"The flow's text; - is standard input." placeholder:"FILE"`
	JSON bool   `name:"json" help:"Print JSON."`
}

func (c *flowCheck) Run(e *env) error {
	source, err := e.readFile(c.File)
	if err != nil {
		return err
	}
	catalog, err := all.Catalog()
	if err != nil {
		return err
	}
	_, problems := check.Source(source, catalog, check.Known{})
	if c.JSON {
		if err := e.json(control.ProblemsOut(problems)); err != nil {
			return err
		}
	} else {
		for _, p := range problems {
			e.say("%s:%s", c.File, p)
		}
	}
	if problems.Bad() {
		return errTold
	}
	if !c.JSON {
		e.say("%s: no errors", c.File)
	}
	return nil
}

// named is a command about one flow.
type named struct {
	Name string `arg:"" help:"The flow."`
	As   string `help:"Who does it; the operator when left out." placeholder:"NAME"`
}

func (c *named) do(e *env, op, done string) error {
	var out control.FlowOut
	if err := e.client.Do(e.ctx, op, control.NamedIn{Name: c.Name, As: c.As}, &out); err != nil {
		return err
	}
	e.say("%s: %s (%s)", out.Name, done, versionText(out))
	return nil
}

type flowPublish struct{ named }

func (c *flowPublish) Run(e *env) error { return c.do(e, "flow.publish", "live") }

type flowPause struct{ named }

func (c *flowPause) Run(e *env) error { return c.do(e, "flow.pause", "paused, events queue") }

type flowResume struct{ named }

func (c *flowResume) Run(e *env) error { return c.do(e, "flow.resume", "live") }

type flowRun struct {
	Name  string `arg:"" help:"The flow."`
	Event string `short:"f" name:"event" help:"File with the event as JSON: {\"body\": {…}}; - is standard input." placeholder:"FILE"`
	As    string `help:"Who does it; the operator when left out." placeholder:"NAME"`
	JSON  bool   `name:"json" help:"Print JSON."`
}

func (c *flowRun) Run(e *env) error {
	in := control.StartIn{Name: c.Name, As: c.As}
	if c.Event != "" {
		b, err := e.readFile(c.Event)
		if err != nil {
			return err
		}
		if !json.Valid(b) {
			return engine.E(engine.Invalid, "{file} is not JSON", "file", c.Event)
		}
		in.Event = b
	}
	var out control.StartOut
	if err := e.client.Do(e.ctx, "flow.run", in, &out); err != nil {
		return err
	}
	if c.JSON {
		return e.json(out)
	}
	e.say("%s%s", out.Result, runText(out.Run))
	return nil
}

func runText(n int64) string {
	if n == 0 {
		return ""
	}
	return fmt.Sprintf(", run #%d", n)
}
