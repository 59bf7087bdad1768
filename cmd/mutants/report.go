package main

import (
	"fmt"
	"io"
	"maps"
	"slices"
	"strings"
	"text/tabwriter"
)

// report is what was found out.
type report struct {
	Seed      uint64           `json:"seed"`
	Wanted    int              `json:"wanted"`   // how many were asked for
	Tried     int              `json:"tried"`    // killed and survived
	Killed    int              `json:"killed"`   // those that came to no end among them
	TimedOut  int              `json:"timedOut"` // of Killed
	NotBuilt  int              `json:"notBuilt"` // passed over
	Percent   float64          `json:"percent"`  // killed of tried
	Packages  map[string]tally `json:"packages"`
	Survivors []result         `json:"survivors"`
	Unknown   int              `json:"unknown"` // survivors without a reason in survivors.txt
}

type tally struct {
	Tried  int `json:"tried"`
	Killed int `json:"killed"`
}

// judge sums up the first wanted mutants of order that compile, as far as there are results.
func judge(order []mutant, results map[string]result, reasons map[string]string, wanted int, seed uint64) report {
	r := report{Seed: seed, Wanted: wanted, Packages: map[string]tally{}}
	for _, m := range order {
		if r.Tried == wanted {
			break
		}
		res, ok := results[m.ID]
		if !ok {
			continue
		}
		if res.Status == notBuilt {
			r.NotBuilt++
			continue
		}
		r.Tried++
		p := r.Packages[m.Package]
		p.Tried++
		if res.Status == survived {
			res.Mutant, res.Reason = m.String(), reasons[m.ID]
			if res.Reason == "" {
				r.Unknown++
			}
			r.Survivors = append(r.Survivors, res)
		} else {
			r.Killed++
			p.Killed++
		}
		if res.Status == timedOut {
			r.TimedOut++
		}
		r.Packages[m.Package] = p
	}
	if r.Tried > 0 {
		r.Percent = 100 * float64(r.Killed) / float64(r.Tried)
	}
	return r
}

// fails says why the tests do not do, or nothing.
func (r report) fails(least float64) string {
	switch {
	case r.Tried == 0:
		return "nothing was tried"
	case r.Percent < least:
		return fmt.Sprintf("%.1f %% killed is less than %g %%", r.Percent, least)
	case r.Unknown > 0:
		return fmt.Sprintf("%d survived that cmd/mutants/survivors.txt gives no reason for: write a test that fails with it, or the reason", r.Unknown)
	}
	return ""
}

func (r report) text(out io.Writer) {
	if r.Tried < r.Wanted {
		fmt.Fprintf(out, "the first %d of %d mutants, seed %d\n", r.Tried, r.Wanted, r.Seed)
	} else {
		fmt.Fprintf(out, "%d mutants, seed %d\n", r.Tried, r.Seed)
	}
	fmt.Fprintf(out, "%d killed (%.1f %%), of them %d by the time limit; %d survived; passed over because they do not compile: %d\n\n",
		r.Killed, r.Percent, r.TimedOut, len(r.Survivors), r.NotBuilt)
	w := tabwriter.NewWriter(out, 0, 0, 2, ' ', 0)
	fmt.Fprintln(w, "package\ttried\tkilled")
	for _, p := range slices.Sorted(maps.Keys(r.Packages)) {
		fmt.Fprintf(w, "%s\t%d\t%d\n", p, r.Packages[p].Tried, r.Packages[p].Killed)
	}
	_ = w.Flush()
	for _, s := range r.Survivors {
		reason := s.Reason
		if reason == "" {
			reason = "NOT KNOWN"
		}
		fmt.Fprintf(out, "\n%s %s\n\t%s\n", s.ID, s.Mutant, strings.TrimSpace(reason))
	}
}
