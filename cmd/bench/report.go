package main

import (
	"fmt"
	"io"
	"maps"
	"slices"
	"strconv"
	"strings"
	"text/tabwriter"
)

// report is what several measurements came to.
type report struct {
	Machine machine              `json:"machine"`
	Command string               `json:"command"`
	Figures map[string]float64   `json:"figures"` // medians
	All     map[string][]float64 `json:"all"`     // each measurement
	Tally   tally                `json:"tally"`
	Targets []verdict            `json:"targets"`
	Missed  int                  `json:"missed"`

	at scale
}

// verdict is a line of the table.
type verdict struct {
	What   string `json:"what"`
	Value  string `json:"value"`
	Target string `json:"target,omitempty"`
	Met    *bool  `json:"met,omitempty"` // nil: nothing is asked of it
	Means  string `json:"means,omitempty"`
}

func newReport(m machine, command string, at scale) *report {
	return &report{Machine: m, Command: command, at: at, Figures: map[string]float64{}, All: map[string][]float64{}}
}

func (r *report) add(b *bench) {
	for k, v := range b.out {
		r.All[k] = append(r.All[k], v)
	}
	t := b.tally
	r.Tally.Sent += t.Sent
	r.Tally.Accepted += t.Accepted
	r.Tally.Completed += t.Completed
	r.Tally.Lost += t.Lost
	r.Tally.Doubled += t.Doubled
	r.Tally.Repeated += t.Repeated
	r.Tally.Stray += t.Stray
}

// done takes the medians and judges them.
func (r *report) done() *report {
	for k, all := range r.All {
		r.Figures[k] = median(all)
	}
	if share, ok := r.Figures["writer.share"]; ok && r.Figures["cpu.ms"] > 0 {
		r.Figures["writer.cpu.ms"] = share * r.Figures["cpu.ms"]
		if bare := r.Figures["bare.cpu.ms"]; bare > 0 {
			r.Figures["writer.ratio"] = r.Figures["writer.cpu.ms"] / bare
		}
	}
	for _, t := range targets() {
		v, ok := r.Figures[t.key]
		if !ok {
			continue
		}
		x := verdict{What: t.named(r.at), Value: number(v, t.digits) + " " + t.unit, Means: t.means}
		if t.judged(r.at) {
			met := t.met(v)
			if x.Met = &met; !met {
				r.Missed++
			}
			x.Target = "at most "
			if t.least {
				x.Target = "at least "
			}
			x.Target += number(t.limit, -1) + " " + t.unit
		}
		r.Targets = append(r.Targets, x)
	}
	return r
}

func (v verdict) judged() string {
	switch {
	case v.Met == nil:
		return ""
	case *v.Met:
		return "met"
	}
	return "MISSED"
}

func (r *report) text(w io.Writer) {
	fmt.Fprintf(w, "%s\n%s\n\n", r.Machine, r.Command)
	t := tabwriter.NewWriter(w, 0, 0, 2, ' ', 0)
	for _, v := range r.Targets {
		fmt.Fprintf(t, "%s\t%s\t%s\t%s\n", v.What, v.Value, v.Target, v.judged())
	}
	_ = t.Flush()
	shown := map[string]bool{}
	for _, t := range targets() {
		shown[t.key] = true
	}
	fmt.Fprintln(w)
	for _, k := range slices.Sorted(maps.Keys(r.Figures)) {
		if !shown[k] {
			fmt.Fprintf(t, "%s\t%s\n", k, number(r.Figures[k], 3))
		}
	}
	_ = t.Flush()
	fmt.Fprintln(w, r.verdict())
}

// markdown is the table of the README.
func (r *report) markdown(w io.Writer) {
	fmt.Fprintf(w, "`%s` on %s:\n\n| | measured | asked | |\n|---|---|---|---|\n", r.Command, r.Machine)
	for _, v := range r.Targets {
		fmt.Fprintf(w, "| %s | %s | %s | %s |\n", v.What, v.Value, v.Target, v.judged())
	}
	fmt.Fprintf(w, "\n%s\n", r.verdict())
}

func (r *report) verdict() string {
	t := r.Tally
	return fmt.Sprintf("%d sent, %d accepted, %d completed, %d lost, %d doubled; %d targets missed", t.Sent, t.Accepted, t.Completed, t.Lost, t.Doubled, r.Missed)
}

// number with so many digits after the point, thousands apart; -1: as many as it has.
func number(v float64, digits int) string {
	s := strconv.FormatFloat(v, 'f', digits, 64)
	whole, rest, _ := strings.Cut(s, ".")
	for i := len(whole) - 3; i > 0 && whole[i-1] != '-'; i -= 3 {
		whole = whole[:i] + "," + whole[i:]
	}
	if rest != "" {
		return whole + "." + rest
	}
	return whole
}
