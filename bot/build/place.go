package build

import (
	"slices"
	"strings"

	"github.com/bretelle/bretelle/engine/edit"
	"github.com/bretelle/bretelle/engine/flow"
	"github.com/bretelle/bretelle/prompts"
)

// End is the answer to "Where?" that stands first: after everything else.
const End = "end"

// Where lists where a step can be added, the end first: "after:ID", and "in:BLOCK" for the end of a block.
func (w Words) Where(places []edit.Place) []prompts.Option {
	out := []prompts.Option{{Value: End, Label: w.t("at the end")}}
	for i, p := range places {
		for _, block := range blocks(p.Step) {
			out = append(out, prompts.Option{Value: "in:" + p.ID + "/" + block, Label: w.t("in {n} {step}: {block}", "n", i+1, "step", p.ID, "block", w.block(p.Step, block))})
		}
		out = append(out, prompts.Option{Value: "after:" + p.ID, Label: w.t("after {n} {step}", "n", i+1, "step", p.ID)})
	}
	if len(places) > 0 {
		out = append(out, prompts.Option{Value: "start", Label: w.t("at the beginning")})
	}
	return out
}

// blocks are the lists of steps that a step may have, as engine/edit names them.
func blocks(step edit.Map) []string {
	out := kindBlocks(step)
	if rescues(step) {
		out = append(out, flow.RescueBlock)
	}
	return out
}

func kindBlocks(step edit.Map) []string {
	has := func(key string) bool { _, ok := step.Look(key); return ok }
	switch {
	case has("if"):
		return []string{"then", "else"}
	case has("each"), has("while"):
		return []string{"steps"}
	case has("parallel"):
		return branchNames(step)
	case has("try"):
		return []string{"try", "catch", "finally"}
	case has("switch"):
		var out []string
		for i := range cases(step) {
			out = append(out, "case:"+itoa(i))
		}
		return append(out, "else")
	}
	return nil
}

func (w Words) block(step edit.Map, name string) string {
	if n, ok := strings.CutPrefix(name, "case:"); ok {
		for i, c := range cases(step) {
			if itoa(i) == n {
				return caseName(c)
			}
		}
	}
	if name == flow.RescueBlock {
		return w.t("if it fails")
	}
	if _, ok := step.Look("parallel"); ok {
		return name
	}
	switch name {
	case "then":
		return w.t("yes")
	case "else":
		return w.t("no")
	case "catch":
		return w.t("if it fails")
	case "finally":
		return w.t("in any case")
	}
	return w.t("inside")
}

// At turns an answer to "Where?" into a block and the step before, as [edit.AddStep] takes them. What is no answer, or
// is gone by now, is the end.
func At(places []edit.Place, where string) (in, after string) {
	if id, ok := strings.CutPrefix(where, "after:"); ok {
		if i := slices.IndexFunc(places, func(p edit.Place) bool { return p.ID == id }); i >= 0 {
			return places[i].In, id
		}
	}
	if where == "start" {
		return "", ""
	}
	if block, ok := strings.CutPrefix(where, "in:"); ok {
		if id, _, _ := strings.Cut(block, "/"); slices.ContainsFunc(places, func(p edit.Place) bool { return p.ID == id }) {
			in = block
		}
	}
	for _, p := range places {
		if p.In == in {
			after = p.ID
		}
	}
	return in, after
}
