package main

import (
	"fmt"
	"strings"

	"github.com/bretelle/bretelle/bot/control"
)

type runList struct {
	Flow  string   `help:"Only of this flow." placeholder:"FLOW"`
	State []string `help:"Only in this state: queued, running, waiting, parked, unknown, done, failed, cancelled, stopped." placeholder:"STATE"`
	Text  string   `help:"Only with these words in their event; 'ann*' is every word that begins so." placeholder:"WORDS"`
	Limit int      `help:"At most so many, up to 1000." default:"50"`
	JSON  bool     `name:"json" help:"Print JSON."`
}

func (c *runList) Run(e *env) error {
	out := []control.RunOut{}
	if err := e.client.Do(e.ctx, "run.list", control.RunIn{Flow: c.Flow, States: c.State, Text: c.Text, Limit: c.Limit}, &out); err != nil {
		return err
	}
	if c.JSON {
		return e.json(out)
	}
	var rows [][]string
	for _, r := range out {
		rows = append(rows, []string{fmt.Sprintf("#%d", r.Number), r.Flow, r.State, r.Started, r.Reason})
	}
	e.table(rows)
	return nil
}

// numbered is a command about one run.
type numbered struct {
	Number runNumber `arg:"" help:"The run's number, 12 or #12."`
	JSON   bool      `name:"json" help:"Print JSON."`
}

// runNumber is a run's number as people write it.
type runNumber int64

// UnmarshalText reads "12" or "#12".
func (n *runNumber) UnmarshalText(b []byte) error {
	var v int64
	text := strings.TrimPrefix(string(b), "#")
	if _, err := fmt.Sscanf(text, "%d", &v); err != nil || v < 1 || fmt.Sprint(v) != text {
		return fmt.Errorf("%q is not a run's number", b)
	}
	*n = runNumber(v)
	return nil
}

func (c *numbered) do(e *env, op string, in control.RunIn) error {
	in.Number = int64(c.Number)
	var out control.RunOut
	if err := e.client.Do(e.ctx, op, in, &out); err != nil {
		return err
	}
	if c.JSON {
		return e.json(out)
	}
	e.run(out)
	return nil
}

// run prints a run for people.
func (e *env) run(r control.RunOut) {
	e.say("#%d %s v%d  %s  started %s", r.Number, r.Flow, r.Version, r.State, r.Started)
	if r.Ended != "" {
		e.say("   ended %s %s", r.Ended, r.Reason)
	}
	var rows [][]string
	for _, s := range r.Steps {
		what := s.Line
		switch {
		case s.Error != nil:
			what = s.Error.Message
		case s.Reason != "":
			what = s.Reason
		}
		tries := ""
		if s.Attempts > 0 {
			tries = fmt.Sprintf("%d×", s.Attempts)
		}
		rows = append(rows, []string{"   " + s.Path, s.State, tries, what})
		if s.Hidden > 0 {
			rows = append(rows, []string{"   …", "", "", fmt.Sprintf("%d earlier rounds are not shown", s.Hidden)})
		}
	}
	e.table(rows)
}

type runShow struct{ numbered }

func (c *runShow) Run(e *env) error { return c.do(e, "run.show", control.RunIn{}) }

type runRetry struct {
	numbered
	Step string `help:"The step, where several have failed." placeholder:"PATH"`
	As   string `help:"Who does it; the operator when left out." placeholder:"NAME"`
}

func (c *runRetry) Run(e *env) error {
	return c.do(e, "run.retry", control.RunIn{Path: c.Step, As: c.As})
}

type runCancel struct {
	numbered
	As string `help:"Who does it; the operator when left out." placeholder:"NAME"`
}

func (c *runCancel) Run(e *env) error { return c.do(e, "run.cancel", control.RunIn{As: c.As}) }

type runErase struct {
	Number runNumber `arg:"" help:"The run's number, 12 or #12."`
}

// Run removes a person's data on request: what the event and the steps of a run said. That there was a run stays.
func (c *runErase) Run(e *env) error {
	if err := e.client.Do(e.ctx, "run.erase", control.EraseIn{Number: int64(c.Number)}, nil); err != nil {
		return err
	}
	e.say("What run #%d was given and gave is erased. What was posted about it stands where it was posted, runs that it called,", c.Number)
	e.say("told or that took its results over have data of their own, and backups that hold it still do.")
	return nil
}
