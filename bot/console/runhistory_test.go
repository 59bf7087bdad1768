package console_test

import (
	"context"
	"fmt"
	"net/http"
	"strings"
	"testing"

	"github.com/bretelle/bretelle/bot/console"
	"github.com/bretelle/bretelle/engine"
)

// A run's page shows the latest part of a long history and leads to the others, each asked of the store by itself.
func TestALongHistoryIsReadInParts(t *testing.T) {
	const all = 1200
	part := func(from, to int64) (out []engine.EntryBrief) {
		for seq := from; seq <= to; seq++ {
			out = append(out, engine.EntryBrief{Seq: seq, At: 1_700_000_000_000 + seq, Kind: engine.StepDone, Path: fmt.Sprint("step", seq)})
		}
		return out
	}
	var asked []int64
	w := newWorld(t, func(o *console.Options) {
		o.Run = func(context.Context, string, int64) (engine.RunView, error) {
			return engine.RunView{RunHead: engine.RunHead{ID: "r", Number: 1, Flow: "bugs"}, History: part(701, all), Earlier: 700,
				Steps: []engine.StepView{{Path: "rows", Rounds: 700, Hidden: 500}}}, nil
		}
		o.History = func(_ context.Context, run string, last int64) ([]engine.EntryBrief, int64, error) {
			asked = append(asked, last)
			from := max(last-engine.HistoryPage+1, 1)
			return part(from, last), from - 1, nil
		}
	})
	b, _ := w.login("Ann", engine.Admin)
	for _, c := range []struct {
		query, first, last string
		has, hasNot        []string
	}{
		{"", "step701", "step1200", []string{"?until=700#history", "500 earlier rounds"}, []string{"until=1200", "until=1700"}},
		{"?until=700", "step201", "step700", []string{"?until=200#history", "?until=1200#history"}, nil},
		{"?until=200", "step1", "step200", []string{"?until=700#history"}, []string{"until=0"}},
		{"?until=1200", "step701", "step1200", nil, []string{"until=1700"}},
		{"?until=-4", "step701", "step1200", nil, nil},
		{"?until=x", "step701", "step1200", nil, nil},
	} {
		status, body := b.get("/run/1" + c.query)
		if status != http.StatusOK || strings.Count(body, "<tr><td>") > engine.HistoryPage {
			t.Fatalf("%s: %d", c.query, status)
		}
		for _, want := range append(c.has, "<td>"+c.first+"</td>", "<td>"+c.last+"</td>") {
			if !strings.Contains(body, want) {
				t.Errorf("%s: no %q", c.query, want)
			}
		}
		for _, no := range c.hasNot {
			if strings.Contains(body, no) {
				t.Errorf("%s: there is %q", c.query, no)
			}
		}
	}
	if fmt.Sprint(asked) != "[700 200]" {
		t.Errorf("asked for %v", asked)
	}
}
