package main

import (
	"encoding/json"

	"github.com/bretelle/bretelle/bot/control"
	"github.com/bretelle/bretelle/engine"
)

// mending is a command that first says what it would do: only with --yes it does it.
type mending struct {
	Yes  bool   `help:"Do it. Without this, nothing happens but that you are told what would."`
	As   string `help:"Who does it; the operator when left out." placeholder:"NAME"`
	JSON bool   `name:"json" help:"Print JSON."`
}

func (c *mending) do(e *env, op string, in control.MendIn) error {
	in.Do, in.As = c.Yes, c.As
	var out control.MendOut
	if err := e.client.Do(e.ctx, op, in, &out); err != nil {
		return err
	}
	if c.JSON {
		return e.json(out)
	}
	e.say("%s", out.Text)
	if !c.Yes {
		e.say("Nothing has happened. With --yes it does.")
		return nil
	}
	for _, r := range out.Runs {
		if r.Stays != "" {
			e.say("#%d stays: %s", r.Old, r.Stays)
		} else {
			e.say("#%d → #%d", r.Old, r.Number)
		}
	}
	return nil
}

type runAgain struct {
	Number  runNumber `arg:"" help:"The run's number, 12 or #12."`
	From    string    `help:"The step to begin at; left out, where it failed, else the first one." placeholder:"STEP"`
	Version int64     `help:"The version to run with; left out, the published one." placeholder:"N"`
	File    string    `short:"f" help:"Another event to begin with, as JSON; - is standard input." placeholder:"FILE"`
	mending
}

func (c *runAgain) Run(e *env) error {
	in := control.MendIn{Number: int64(c.Number), Step: c.From, Version: c.Version}
	if c.File != "" {
		data, err := e.readFile(c.File)
		if err != nil {
			return err
		}
		if in.Event = data; !json.Valid(data) {
			return usage{engine.E(engine.Invalid, "this is no JSON")}
		}
	}
	return c.do(e, "run.again", in)
}

type runUndo struct {
	Number runNumber `arg:"" help:"The run's number, 12 or #12."`
	Step   string    `help:"Only what this step did." placeholder:"STEP"`
	mending
}

func (c *runUndo) Run(e *env) error {
	return c.do(e, "run.undo", control.MendIn{Number: int64(c.Number), Step: c.Step})
}

type runMove struct {
	Flow string    `arg:"" help:"The flow."`
	Only runNumber `name:"run" help:"Only this one of its runs." placeholder:"NUMBER"`
	mending
}

func (c *runMove) Run(e *env) error {
	return c.do(e, "run.move", control.MendIn{Flow: c.Flow, Number: int64(c.Only)})
}
