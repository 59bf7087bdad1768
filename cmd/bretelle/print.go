package main

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"text/tabwriter"

	"github.com/bretelle/bretelle/bot/control"
	"github.com/bretelle/bretelle/engine"
	"github.com/bretelle/bretelle/prompts"
)

// What commands print comes from outside in part: names, titles, what services said. A terminal obeys some characters,
// so all that is for people is cleaned here; JSON and exported flows are for programs and stay as they are.

// printTo writes a text for people as it is given, without a line end of its own.
func printTo(w io.Writer, format string, args ...any) {
	_, _ = io.WriteString(w, prompts.Clean(fmt.Sprintf(format, args...))) // it is gone: nobody to tell
}

// say prints a line for people.
func (e *env) say(format string, args ...any) { printTo(e.out, format+"\n", args...) }

// json prints a value as JSON, as it would be typed.
func (e *env) json(v any) error {
	enc := json.NewEncoder(e.out)
	enc.SetEscapeHTML(false)
	enc.SetIndent("", "  ")
	return enc.Encode(v)
}

// table prints rows in columns.
func (e *env) table(rows [][]string) {
	w := tabwriter.NewWriter(e.out, 0, 0, 2, ' ', 0)
	for _, r := range rows {
		for i, cell := range r {
			if i > 0 {
				fmt.Fprint(w, "\t")
			}
			fmt.Fprint(w, prompts.CleanLine(cell))
		}
		fmt.Fprintln(w)
	}
	_ = w.Flush() // standard output is gone: nobody to tell
}

// explain prints an error as one sentence, with what is wrong in a flow's text before it, and gives the exit code.
func explain(w io.Writer, err error) int {
	var u usage
	switch {
	case errors.Is(err, errTold):
		return exitFailed
	case errors.As(err, &u):
		printTo(w, "error: %s\n", u.Error())
		return exitUsage
	}
	var f *control.FlowError
	if errors.As(err, &f) {
		for _, p := range f.Problems {
			printTo(w, "%s\n", p.Text)
		}
	}
	e := engine.AsError(err)
	printTo(w, "error: %s\n", e.Error())
	if e.Code == engine.Internal && e.Err != nil {
		printTo(w, "cause: %s\n", e.Err)
	}
	return exitFailed
}
