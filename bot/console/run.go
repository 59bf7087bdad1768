package console

import (
	"bytes"
	"encoding/json"
	"net/http"
	"strconv"

	"github.com/bretelle/bretelle/engine"
)

type stepRow struct {
	engine.StepView
	Risky         bool
	Open          bool
	Failure       string
	Input, Output string
}

type historyRow struct {
	engine.EntryBrief
	By string
}

type runPage struct {
	Run            engine.RunView
	By             string
	Back, BackName string
	Steps          []stepRow
	Event          string
	History        []historyRow
	When           func(ms int64) instant
}

// getRun shows everything about a run: its steps with what went in and came out, and its history.
func (c *Console) getRun(w http.ResponseWriter, r *http.Request, s seat) {
	ctx := r.Context()
	number, err := strconv.ParseInt(r.PathValue("number"), 10, 64)
	if err != nil || number < 1 || c.o.Run == nil {
		c.fail(w, r, s, engine.E(engine.NotFound, "there is no run #{number}", "number", r.PathValue("number")))
		return
	}
	run, err := c.o.Run(ctx, s.person.ID, number)
	if err != nil {
		c.fail(w, r, s, err)
		return
	}
	v := &channelView{c: c}
	if err := v.learn(ctx); err != nil {
		c.fail(w, r, s, err)
		return
	}
	who := func(id string) string {
		if name, ok := v.names[id]; ok {
			return name
		}
		return id
	}
	p := runPage{Run: run, By: who(run.By), Back: "/", BackName: "Channels",
		When: func(ms int64) instant { return instantOf(ms, zone(s.person)) }}
	if run.Place.Surface == engine.ConsoleSurface && run.Place.Channel != "" {
		p.Back, p.BackName = channelPath(run.Place.Channel), run.Place.Channel
	}
	for _, st := range run.Steps {
		row := stepRow{StepView: st, Risky: st.Risk > engine.Read, Input: indented(st.Input), Output: indented(st.Output)}
		row.Open = st.State == engine.StepStateFailed || st.State == engine.StepStateUnknown
		if st.Failure != nil {
			row.Failure = st.Failure.Error().Error()
		}
		p.Steps = append(p.Steps, row)
	}
	if run.Event != nil {
		b, err := engine.EncodeJSON(run.Event.Data)
		if err == nil {
			p.Event = indented(b)
		}
	}
	for _, e := range run.History {
		p.History = append(p.History, historyRow{EntryBrief: e, By: who(e.By)})
	}
	c.seated(w, r, s, http.StatusOK, "run", frame{Title: run.Flow + " #" + strconv.FormatInt(number, 10), Page: p})
}

func indented(raw json.RawMessage) string {
	if len(raw) == 0 || string(raw) == "null" {
		return ""
	}
	var b bytes.Buffer
	if err := json.Indent(&b, raw, "", "  "); err != nil {
		return string(raw)
	}
	return b.String()
}
