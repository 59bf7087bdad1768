package main

import (
	"context"
	"strconv"

	"github.com/bretelle/bretelle/bot"
	"github.com/bretelle/bretelle/bot/console"
	"github.com/bretelle/bretelle/engine"
	"github.com/bretelle/bretelle/engine/describe"
	"github.com/bretelle/bretelle/engine/flow"
	"github.com/bretelle/bretelle/prompts"
	"github.com/bretelle/bretelle/prompts/picture"
)

const (
	pageRuns   = 20  // last runs on a flow's page
	pageEvents = 50  // events looked through for a sample
	pageRows   = 500 // rows of a table on its page
)

// flowsFor are the flows that a person may see.
func (a *app) flowsFor(ctx context.Context, person string) ([]engine.FlowHead, error) {
	all, err := a.library.List(ctx)
	if err != nil {
		return nil, err
	}
	return a.bot.Visible(ctx, person, all)
}

// flowFor is a flow as a person may see it on its page: the right is that of /flow show.
func (a *app) flowFor(ctx context.Context, person, name string) (console.FlowFacts, error) {
	head, err := a.library.Head(ctx, name)
	if err != nil {
		return console.FlowFacts{}, err
	}
	if err := a.bot.May(ctx, person, bot.DeedSee, name, head.Place); err != nil {
		return console.FlowFacts{}, err
	}
	f := console.FlowFacts{Head: head}
	if f.Source, err = a.library.Source(ctx, name, ""); err != nil {
		return f, err
	}
	problems, err := a.library.Problems(ctx, name)
	if err != nil {
		return f, err
	}
	f.Problems = append(f.Problems, problems...)
	versions, err := a.library.Versions(ctx, name)
	if err != nil {
		return f, err
	}
	for _, v := range versions {
		f.Versions = append(f.Versions, console.FlowVersion{Number: v.Number, By: v.By, At: v.At})
	}
	r := runs{a.runtime}
	if f.Runs, err = r.List(ctx, name, nil, pageRuns); err != nil {
		return f, err
	}
	events, err := r.Events(ctx, name, pageEvents)
	for _, e := range events {
		if e.Outcome == engine.Sampled {
			f.Sample = e.Event.Data
			break
		}
	}
	return f, err
}

// drawer draws a flow's version; 0 is the draft, else what is live. The error is that of the library, and Invalid for a
// text that is no flow.
func (a *app) drawer(c engine.Catalog) func(ctx context.Context, name string, version int64, lang string, states map[string]engine.StepState) (prompts.Drawing, error) {
	return func(ctx context.Context, name string, version int64, lang string, states map[string]engine.StepState) (prompts.Drawing, error) {
		which := ""
		if version > 0 {
			which = strconv.FormatInt(version, 10)
		}
		source, err := a.library.Source(ctx, name, which)
		if err != nil {
			return prompts.Drawing{}, err
		}
		f, _ := flow.Parse(source)
		if f == nil {
			return prompts.Drawing{}, engine.E(engine.Invalid, "the text of {flow} cannot be read", "flow", name)
		}
		return picture.Of(f, c, lang, states), nil
	}
}

// starter says in words what starts a flow's version; 0 is its draft, else what is live.
func (a *app) starter(c engine.Catalog) func(ctx context.Context, name string, version int64) (engine.Text, error) {
	return func(ctx context.Context, name string, version int64) (engine.Text, error) {
		which := ""
		if version > 0 {
			which = strconv.FormatInt(version, 10)
		}
		source, err := a.library.Source(ctx, name, which)
		if err != nil {
			return engine.Text{}, err
		}
		f, _ := flow.Parse(source)
		if f == nil {
			return engine.Text{}, engine.E(engine.Invalid, "the text of {flow} cannot be read", "flow", name)
		}
		return describe.Trigger(f, c), nil
	}
}

// tablePages are the bot's tables as the console's pages see them: whoever may look at flows everywhere may look at
// them, whoever may build may change them.
type tablePages struct{ a *app }

func (t tablePages) Tables(ctx context.Context, person string) ([]engine.Table, error) {
	if err := t.a.bot.May(ctx, person, bot.DeedSee, "", engine.Place{}); err != nil {
		return nil, err
	}
	return t.a.store.Tables(ctx)
}

func (t tablePages) Table(ctx context.Context, person, name string, n int64) (console.TableFacts, error) {
	if err := t.a.bot.May(ctx, person, bot.DeedSee, "", engine.Place{}); err != nil {
		return console.TableFacts{}, err
	}
	table, err := t.a.store.Table(ctx, name)
	if err != nil {
		return console.TableFacts{}, err
	}
	f := console.TableFacts{Table: table, Edits: t.a.bot.May(ctx, person, bot.DeedBuild, "", engine.Place{}) == nil}
	f.Rows, err = t.a.store.Rows(ctx, name, engine.RowQuery{N: n, Limit: pageRows})
	return f, err
}

func (t tablePages) PutRow(ctx context.Context, person, name string, n int64, values map[string]any) error {
	if err := t.a.bot.May(ctx, person, bot.DeedBuild, "", engine.Place{}); err != nil {
		return err
	}
	row, _, err := t.a.store.PutRow(ctx, name, engine.RowWrite{N: n, Values: values, By: person})
	if err != nil {
		return err
	}
	return t.audit(ctx, person, "table.row_written", name, row.N)
}

func (t tablePages) DropRow(ctx context.Context, person, name string, n int64) error {
	if err := t.a.bot.May(ctx, person, bot.DeedBuild, "", engine.Place{}); err != nil {
		return err
	}
	gone, err := t.a.store.DropRows(ctx, name, engine.RowQuery{N: n}, 1)
	if err != nil {
		return err
	}
	if len(gone) == 0 {
		return engine.E(engine.NotFound, "this row is not there any more")
	}
	return t.audit(ctx, person, "table.row_deleted", name, n)
}

func (t tablePages) audit(ctx context.Context, person, what, table string, n int64) error {
	return t.a.store.Audit(ctx, engine.AuditEntry{At: engine.Millis(t.a.now()), Actor: person, What: what,
		Object: "table/" + table + "/" + strconv.FormatInt(n, 10), Detail: "source=console"})
}
