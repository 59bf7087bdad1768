package console

import (
	"context"
	"encoding/json"
	"html/template"
	"net/http"
	"strconv"
	"strings"

	"github.com/bretelle/bretelle/engine"
	"github.com/bretelle/bretelle/prompts"
	"github.com/bretelle/bretelle/prompts/picture"
)

// stepRow is one step in the timeline of a run.
type stepRow struct {
	engine.StepView
	Name, Word    string
	Deep          int  // how deep it is nested: at most deepMost
	Risky, Open   bool // Open: it went wrong, so its input is shown at once
	Failure       string
	Began, Ended  int64
	Took          string
	From, Long    int // of the bar in the timeline, in thousandths of the run
	Input, Output valueView
	Asked         []askRow
	Skipped       string // that earlier rounds of a loop are not shown
}

// askRow is what became of an approval.
type askRow struct {
	Title, Word, Plan string
	Who               []string
	At, Opened        int64
	Reason            string
}

type historyRow struct {
	engine.EntryBrief
	By, Word string
}

type runPage struct {
	Run            engine.RunView
	Word           string
	Starts         string // what started it, in words
	By             string
	Took           string
	Back, BackName string
	FlowPath       string // of the flow's page; "" without
	Link           string // to share
	Picture        template.HTML
	Steps          []stepRow
	Event          valueView
	EventName      string
	History        []historyRow
	Earlier        int64 // last entry before those in History; 0: none
	Later          int64 // last entry of the part that follows them; 0: they are the latest
	When           func(ms int64) instant
	Words          runWords
}

const deepMost = 6

// getRun shows everything about a run: its picture, its steps with what went in and came out, and its history.
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
	lang := prompts.Lang(s.person.Lang)
	if run.Line != nil {
		run.Reason = prompts.InLine(lang, run.Line)
	}
	p := runPage{Run: run, Starts: c.starts(ctx, run.Flow, run.Version, lang, run.Trigger), Word: stateWord(lang, string(run.State)), By: v.who(run.By), Back: "/", BackName: chromeIn(lang).Channels,
		Took: took(run.Started, run.Ended), Link: c.address(r) + "/run/" + strconv.FormatInt(number, 10), Words: runWordsIn(lang),
		When: func(ms int64) instant { return instantOf(ms, zone(s.person)) }}
	if run.Place.Surface == engine.ConsoleSurface && run.Place.Channel != "" {
		p.Back, p.BackName = channelPath(run.Place.Channel), run.Place.Channel
	}
	if c.o.Flow != nil {
		p.FlowPath = flowPath(run.Flow)
	}
	if c.o.Draw != nil {
		states := map[string]engine.StepState{}
		for _, st := range run.Steps {
			if states[st.Path] = st.State; st.State == engine.StepPending && run.State.Final() {
				states[st.Path] = engine.StepStateSkipped // it will not come to it any more
			}
		}
		if d, err := c.o.Draw(ctx, run.Flow, run.Version, lang, states); err == nil {
			p.Picture = template.HTML(picture.SVG(d)) // the package escapes every text
		}
	}
	v.timeline(&p, lang)
	if run.Event != nil {
		if b, err := engine.EncodeJSON(run.Event.Data); err == nil {
			p.Event = viewJSON("event", b)
		}
		if p.EventName = run.Key; p.EventName == "" {
			p.EventName = run.Trigger
		}
	}
	part, earlier := run.History, run.Earlier
	all := earlier + int64(len(part))
	if last, err := strconv.ParseInt(r.URL.Query().Get("until"), 10, 64); err == nil && last > 0 && last < all && c.o.History != nil {
		if part, earlier, err = c.o.History(ctx, run.ID, last); err != nil {
			c.fail(w, r, s, err)
			return
		}
		p.Later = min(last+engine.HistoryPage, all)
	}
	if c.o.History != nil {
		p.Earlier = earlier
	}
	for _, e := range part {
		p.History = append(p.History, historyRow{EntryBrief: e, By: v.who(e.By), Word: entryWord(lang, e.Kind)})
	}
	c.seated(w, r, s, http.StatusOK, "run", frame{Title: run.Flow + " #" + strconv.FormatInt(number, 10), Page: p})
}

// starts is what starts a flow's version, in words; otherwise when they cannot be had.
func (c *Console) starts(ctx context.Context, flow string, version int64, lang, otherwise string) string {
	if c.o.Starts == nil {
		return otherwise
	}
	t, err := c.o.Starts(ctx, flow, version)
	if err != nil {
		return otherwise
	}
	return prompts.Words(lang, t)
}

// who is a person's name; an id that is no person's stays.
func (v *channelView) who(id string) string {
	if name, ok := v.names[id]; ok {
		return name
	}
	return id
}

// address is how this console is called by whoever asks: the host was found to be its own.
func (c *Console) address(r *http.Request) string {
	if c.o.Secure || r.TLS != nil {
		return "https://" + r.Host
	}
	return "http://" + r.Host
}

// timeline fills in the steps: when each began and ended, who approved, what went in and came out.
func (v *channelView) timeline(p *runPage, lang string) {
	began, ended := map[string]int64{}, map[string]int64{}
	for _, e := range p.Run.History {
		if e.Path == "" {
			continue
		}
		if began[e.Path] == 0 {
			began[e.Path] = e.At
		}
		ended[e.Path] = e.At
	}
	end := p.Run.Ended
	for _, e := range p.Run.History {
		end = max(end, e.At) // of a run that is not over: the last that happened, for it may wait for days
	}
	span := max(end-p.Run.Started, 1)
	for i, st := range p.Run.Steps {
		row := stepRow{StepView: st, Word: stateWord(lang, string(st.State)), Risky: st.Risk > engine.Read,
			Open:  st.State == engine.StepStateFailed || st.State == engine.StepStateUnknown,
			Began: st.BeganAt, Ended: st.EndedAt, Deep: min(strings.Count(st.Path, "/"), deepMost)}
		row.Name = st.Path[strings.LastIndexByte(st.Path, '/')+1:]
		if row.Began == 0 && p.Run.Earlier == 0 {
			row.Began = began[st.Path]
		}
		if row.Began == 0 {
			row.Began = st.SentAt
		}
		over := st.State == engine.StepStateDone || st.State == engine.StepStateSkipped || st.State == engine.StepStateFailed || st.State == engine.StepStateCanceled
		if row.Ended == 0 && over {
			row.Ended = ended[st.Path]
		}
		if row.Began > 0 && st.State != engine.StepStateSkipped {
			to := row.Ended
			if to == 0 {
				to = end
			} else {
				row.Took = took(row.Began, to)
			}
			row.From = int(min(max(row.Began-p.Run.Started, 0)*1000/span, 995))
			row.Long = int(max(min(max(to-row.Began, 0)*1000/span, int64(1000-row.From)), 5))
		}
		if st.Failure != nil {
			row.Failure = st.Failure.Error().Error()
		}
		id := strconv.Itoa(i + 1)
		row.Input, row.Output = viewJSON("in-"+id, st.Input), viewJSON("out-"+id, st.Output)
		row.Asked = v.asked(p.Run.Asks, st.Path, lang)
		if st.Hidden > 0 {
			row.Skipped = prompts.T(lang, "{count} earlier rounds are not shown here", engine.Args("count", st.Hidden))
		}
		p.Steps = append(p.Steps, row)
	}
}

// asked is what became of the approvals of a step.
func (v *channelView) asked(asks []engine.AskView, path, lang string) []askRow {
	var out []askRow
	for _, a := range asks {
		if a.Path != path {
			continue
		}
		row := askRow{Title: a.Title, Plan: a.Plan.Short(), Opened: a.Opened, At: a.DecidedAt, Reason: a.Reason}
		for _, vote := range a.Votes {
			row.Who = append(row.Who, v.who(vote.By))
		}
		if len(row.Who) == 0 && a.DecidedBy != "" {
			row.Who = []string{v.who(a.DecidedBy)}
		}
		t := func(english string) string { return prompts.T(lang, english, nil) }
		switch {
		case a.State == engine.CardOpen:
			row.Word = t("waits for an answer of") + " " + strings.Join(a.Groups, ", ")
		case a.Decision == "approve":
			row.Word = t("approved by")
		case a.Decision == "deny":
			row.Word = t("denied by")
		default:
			row.Word = t("nobody decided in time")
		}
		out = append(out, row)
	}
	return out
}

// runWords are the words of the pages of runs and flows.
type runWords struct {
	All, Copied, Copy, Draft, Earlier, Later, NoRuns, Part, Picture, Plan, Problems, RetryAt, Risk, Runs, Sample, Share, State, Text, Timeline,
	Took, Tries, Versions, Wrote string
}

func runWordsIn(lang string) runWords {
	t := func(english string) string { return prompts.T(lang, english, nil) }
	return runWords{All: t("Show all"), Copied: t("Copied"), Copy: t("Copy"), Draft: t("draft"), Picture: t("Picture"),
		NoRuns: t("It has not run yet."), Part: t("This is the beginning: the rest is too long for a page."), Plan: t("plan"),
		Problems: t("To do"), Risk: t("changes something outside"), Runs: t("Last runs"), Sample: t("Sample"), Share: t("Link to share"),
		Earlier: t("Earlier"), Later: t("Later"), State: t("State"), Text: t("Text of the flow"), Timeline: t("Timeline"), Took: t("took"), Tries: t("Attempts:"),
		Versions: t("Versions"), Wrote: t("published by"), RetryAt: t("next try")}
}

// encoded is a value as JSON; nil when it cannot be one.
func encoded(v any) json.RawMessage {
	b, err := engine.EncodeJSON(v)
	if err != nil {
		return nil
	}
	return b
}
