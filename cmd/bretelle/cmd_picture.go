package main

import (
	"os"
	"path/filepath"
	"strings"

	"github.com/bretelle/bretelle/bot/control"
	"github.com/bretelle/bretelle/connectors/all"
	"github.com/bretelle/bretelle/engine"
	"github.com/bretelle/bretelle/engine/flow"
	"github.com/bretelle/bretelle/prompts/picture"
)

type flowPicture struct {
	Name  string `arg:"" optional:"" help:"The flow."`
	File  string `short:"f" help:"A flow's text instead, without a running bot; - is standard input." placeholder:"FILE"`
	Which string `help:"draft, live or a version's number." placeholder:"VERSION"`
	Lang  string `help:"Language of the words in it." enum:"en,fr" default:"en"`
	Out   string `short:"o" required:"" help:"Where to write it: a name that ends in .svg or .png, or .txt for the same in words." placeholder:"FILE"`
}

// Run draws the flow. Errors: Invalid for a name or a text it cannot use, NotFound for an unknown flow.
func (c *flowPicture) Run(e *env) error {
	source, err := c.source(e)
	if err != nil {
		return err
	}
	catalog, err := all.Catalog()
	if err != nil {
		return err
	}
	f, _ := flow.Parse(source)
	if f == nil {
		return engine.E(engine.Invalid, "this text is not a flow")
	}
	d := picture.Of(f, catalog, c.Lang, nil)
	var b []byte
	switch ext := strings.ToLower(filepath.Ext(c.Out)); ext {
	case ".svg":
		b = picture.SVG(d)
	case ".png":
		if b, err = picture.PNG(d); err != nil {
			return err
		}
	case ".txt":
		b = []byte(picture.Alt(d) + "\n")
	default:
		return usage{engine.E(engine.Invalid, `"{file}" ends neither in .svg nor in .png`, "file", c.Out)}
	}
	if err := os.WriteFile(c.Out, b, 0o644); err != nil {
		return engine.E(engine.Unavailable, "{file} cannot be written", "file", c.Out).Wrap(err)
	}
	e.say("%s", c.Out)
	return nil
}

func (c *flowPicture) source(e *env) ([]byte, error) {
	switch {
	case (c.Name == "") == (c.File == ""):
		return nil, usage{engine.E(engine.Invalid, "name a flow, or a file with -f")}
	case c.File != "":
		return e.readFile(c.File)
	}
	var out control.FlowOut
	err := e.client.Do(e.ctx, "flow.export", control.NamedIn{Name: c.Name, Which: c.Which}, &out)
	return []byte(out.Source), err
}
