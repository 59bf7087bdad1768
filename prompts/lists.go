package prompts

import (
	"fmt"
	"strconv"

	"github.com/bretelle/bretelle/engine"
)

// listMost is how many lines a list shows; more are counted.
const listMost = 20

// Flows lists the flows a person may see.
func Flows(c Ctx, heads []engine.FlowHead, tok Tokens) Card {
	if len(heads) == 0 {
		b := c.card("flows", ToneNone, tok, c.line("No flows yet"))
		return b.para(c.line("Bring one in from a file: {command}", "command", code("bretelle flow apply -f FLOW.yaml --publish"))).done(engine.CardResolved)
	}
	b := c.card("flows", ToneNone, tok, c.line("{n} flows", "n", len(heads)))
	var f Facts
	for i, h := range heads {
		if i == listMost {
			break
		}
		v := join(" · ", text(c.flowState(h)), text(h.Trigger), text(c.place(h.Place)), text(h.Title))
		f.Facts = append(f.Facts, Fact{Label: h.Name, Value: v})
	}
	b.block(f).more(len(heads))
	return b.done(engine.CardResolved)
}

func (b *builder) more(n int) *builder {
	if n > listMost {
		b.note(b.c.line("and {n} more", "n", n-listMost))
	}
	return b
}

func (c Ctx) flowState(h engine.FlowHead) string {
	switch h.State {
	case engine.FlowLive:
		if h.Draft {
			return c.t("live, version {version}, with a draft", "version", h.Live)
		}
		return c.t("live, version {version}", "version", h.Live)
	case engine.FlowPaused:
		return c.t("paused, version {version}", "version", h.Live)
	case engine.FlowRetired:
		return c.t("retired")
	}
	return c.t("draft, not live")
}

// Flow shows one flow: its state, text, problems and latest runs.
func Flow(c Ctx, head engine.FlowHead, source []byte, problems engine.Problems, recent []engine.RunHead, tok Tokens) Card {
	tone := ToneDraft
	switch head.State {
	case engine.FlowLive:
		tone = ToneLive
	case engine.FlowPaused:
		tone = ToneWarn
	}
	b := c.card("flow:"+head.Name, tone, tok, join(" · ", Line{flowName(head.Name)}, text(c.flowState(head)), text(c.place(head.Place))))
	b.para(text(head.Title))
	for i, p := range problems {
		if i == 5 {
			b.note(c.line("and {n} more", "n", len(problems)-5))
			break
		}
		b.para(c.flaw(p))
	}
	if len(source) > 0 {
		b.block(Pre{Text: string(source), Lang: "yaml"})
	}
	var f Facts
	for i, r := range recent {
		if i == 5 {
			break
		}
		f.Facts = append(f.Facts, Fact{Label: fmt.Sprintf("#%d", r.Number), Value: c.runLine(r, false)})
	}
	if len(f.Facts) > 0 {
		b.block(f)
	}
	switch head.State {
	case engine.FlowLive:
		b.button("pause", "Pause flow", Normal)
	case engine.FlowPaused:
		b.button("resume", "Resume", Primary)
	}
	return b.button("refresh", "Refresh", Normal).done(engine.CardResolved)
}

// flaw is one problem of a flow's text: "line 12, column 7: …".
func (c Ctx) flaw(p engine.Problem) Line {
	sign := "✖ "
	if p.Severity == engine.SevWarning {
		sign = "⚠ "
	}
	l := text(sign)
	if p.Pos.Line > 0 {
		l = join("", l, c.line("line {line}, column {column}: ", "line", p.Pos.Line, "column", p.Pos.Col))
	}
	return join("", l, c.problem(&engine.Error{Msg: p.Msg, Args: p.Args, Hint: p.Hint}))
}

// Runs lists runs, as given.
func Runs(c Ctx, heads []engine.RunHead) Card {
	if len(heads) == 0 {
		return c.card("runs", ToneNone, nil, c.line("No runs yet")).done(engine.CardResolved)
	}
	b := c.card("runs", ToneNone, nil, c.line("{n} runs", "n", len(heads)))
	var f Facts
	for i, r := range heads {
		if i == listMost {
			break
		}
		f.Facts = append(f.Facts, Fact{Label: fmt.Sprintf("#%d", r.Number), Value: c.runLine(r, true)})
	}
	b.block(f).more(len(heads))
	return b.done(engine.CardResolved)
}

func (c Ctx) runLine(r engine.RunHead, flow bool) Line {
	var name Line
	if flow {
		name = Line{flowName(r.Flow)}
	}
	return join(" · ", name, text(c.runState(r.State)), Line{c.soon(r.Started)}, c.reason(r.Reason), c.inLine(r.Line))
}

func (c Ctx) runState(s engine.RunState) string {
	switch s {
	case engine.RunQueued:
		return c.t("queued")
	case engine.RunRunning:
		return c.t("running")
	case engine.RunWaiting:
		return c.t("waiting")
	case engine.RunParked:
		return c.t("waits, a step failed")
	case engine.RunUnknown:
		return c.t("outcome unknown")
	case engine.RunDone:
		return c.t("done")
	case engine.RunFailed:
		return c.t("failed")
	case engine.RunCancelled:
		return c.t("cancelled")
	case engine.RunStopped:
		return c.t("stopped")
	}
	return string(s)
}

func (c Ctx) stepState(s engine.StepState) string {
	switch s {
	case engine.StepPending:
		return c.t("not yet")
	case engine.StepRunning:
		return c.t("running")
	case engine.StepWaiting:
		return c.t("waiting")
	case engine.StepStateDone:
		return c.t("done")
	case engine.StepStateSkipped:
		return c.t("skipped")
	case engine.StepStateFailed:
		return c.t("failed")
	case engine.StepStateUnknown:
		return c.t("outcome unknown")
	case engine.StepStateCanceled:
		return c.t("cancelled")
	}
	return string(s)
}

// Run shows one run with its steps.
func Run(c Ctx, run engine.RunView, tok Tokens) Card {
	tone := ToneWorking
	switch run.State {
	case engine.RunDone:
		tone = ToneGood
	case engine.RunParked, engine.RunFailed:
		tone = ToneBad
	case engine.RunUnknown:
		tone = ToneUnsure
	case engine.RunStopped, engine.RunCancelled:
		tone = ToneDenied
	}
	b := c.card("view:"+run.ID, tone, tok, join(" · ", c.runName(run.RunHead), text(c.runState(run.State))))
	head := Facts{Facts: []Fact{{Label: c.t("From"), Value: c.from(run)},
		{Label: c.t("Started"), Value: Line{c.dayClock(run.Started)}}}}
	if run.Ended > 0 {
		head.Facts = append(head.Facts, Fact{Label: c.t("Ended"), Value: join(" · ", Line{c.dayClock(run.Ended)}, c.reason(run.Reason))})
	}
	if run.Line != nil {
		head.Facts = append(head.Facts, Fact{Label: c.t("Waits"), Value: c.inLine(run.Line)})
	}
	if run.Parent != nil {
		number := strconv.FormatInt(run.Parent.Number, 10)
		head.Facts = append(head.Facts, Fact{Label: c.t("Called by"), Value: Line{{Kind: Strong, Text: "#" + number, Page: "run/" + number}}})
	}
	head.Facts = append(head.Facts, Fact{Label: c.t("Version"), Value: text(fmt.Sprint(run.Version))})
	b.block(head)
	var steps Facts
	for _, s := range run.Steps {
		steps.Facts = append(steps.Facts, Fact{Label: fmt.Sprintf("%d %s", s.Index, s.Path), Value: c.stepFact(s)})
	}
	if len(steps.Facts) > 0 {
		b.block(steps)
	}
	if run.State == engine.RunParked && lost(run) {
		b.button("happened", "It happened", Primary)
	} else if run.State == engine.RunParked {
		b.button("fix", "Fix input", Primary).button("retry", "Retry", Normal)
	}
	if !run.State.Final() {
		b.button("stop", "Stop this run", Danger)
	}
	if c.Link != nil && c.Link(run.RunHead) != "" {
		b.open(run.RunHead)
	}
	return b.button("refresh", "Refresh", Normal).done(engine.CardResolved)
}

// lost reports whether the run waits for somebody to say what a call gave whose answer cannot be read.
func lost(run engine.RunView) bool {
	for _, s := range run.Steps {
		if s.Lost {
			return true
		}
	}
	return false
}

func (c Ctx) stepFact(s engine.StepView) Line {
	v := join(" · ", text(c.stepState(s.State)), text(s.Line))
	if s.Line == "" {
		v = join(" · ", v, text(s.Action))
	}
	if s.EndedAt > 0 {
		v = join(" · ", v, Line{c.soon(s.EndedAt)})
	}
	if s.Attempts > 1 {
		v = join(" · ", v, c.line("{n} tries", "n", s.Attempts))
	}
	if s.RetryAt > 0 && s.State != engine.StepStateDone {
		v = join(" · ", v, c.line("again at {time}", "time", c.soon(s.RetryAt)))
	}
	if n := len(s.Calls); n > 0 {
		called := s.Calls[n-1]
		v = join(" · ", v, c.runName(engine.RunHead{ID: called.Run, Number: called.Number, Flow: called.Flow}), text(c.runState(called.State)))
	}
	return join(" · ", v, c.failure(s.Failure), c.reason(s.Reason))
}

// Pending lists what waits for somebody; unsure says that some questions are left out.
func Pending(c Ctx, items []PendingItem, unsure bool) Card {
	vague := Line(nil)
	if unsure {
		vague = c.line("Who is asked could not be looked up for some questions just now. They are not listed.")
	}
	if len(items) == 0 {
		return c.card("pending", ToneGood, nil, c.line("Nothing waits for anybody")).note(vague).done(engine.CardResolved)
	}
	b := c.card("pending", ToneQuestion, nil, c.line("{n} things wait", "n", len(items)))
	var f Facts
	for i, p := range items {
		if i == listMost {
			break
		}
		f.Facts = append(f.Facts, c.pendingFact(p))
	}
	return b.block(f).more(len(items)).note(vague).done(engine.CardResolved)
}

func (c Ctx) pendingFact(p PendingItem) Fact {
	kind := c.t("approval")
	switch p.Kind {
	case "outcome":
		kind = c.t("unknown outcome")
	case "failed":
		kind = c.t("failed step")
	}
	v := join(" · ", Line{flowName(p.Flow)}, text(kind), text(p.Title))
	if len(p.For) > 0 {
		v = join(" · ", v, c.line("for {group}", "group", c.groups(p.For, false)))
	}
	if p.Need > 1 {
		v = join(" · ", v, c.line("{have} of {need}", "have", p.Votes, "need", p.Need))
	}
	v = join(" · ", v, c.line("since {time}", "time", c.soon(p.Since)), text(c.place(p.Place)))
	if p.Expires > 0 {
		v = join(" · ", v, c.line("expires {time}", "time", c.dayClock(p.Expires)))
	}
	return Fact{Label: fmt.Sprintf("#%d", p.Number), Value: v}
}

// Why says what became of a flow's latest events.
func Why(c Ctx, flow string, lines []WhyLine) Card {
	if len(lines) == 0 {
		b := c.card("why:"+flow, ToneNone, nil, c.line("No events for {flow} yet", "flow", flowName(flow)))
		return b.done(engine.CardResolved)
	}
	b := c.card("why:"+flow, ToneNone, nil, c.line("Latest events of {flow}", "flow", flowName(flow)))
	for i, w := range lines {
		if i == listMost {
			break
		}
		b.para(join(": ", join(" ", Line{c.soon(w.At)}, text(w.Event)), c.became(w)))
	}
	b.more(len(lines))
	return b.done(engine.CardResolved)
}

func (c Ctx) became(w WhyLine) Line {
	switch w.Outcome {
	case engine.Skipped:
		return join(", ", c.line("skipped"), c.reason(w.Reason))
	case engine.Broken:
		return join(", ", c.line("could not be checked"), c.reason(w.Reason))
	case engine.Duplicate:
		if w.Number == 0 {
			return c.line("came again, taken once")
		}
		return c.line("came again, taken once as #{number}", "number", w.Number)
	case engine.Sampled:
		return c.line("kept as a sample, nothing runs")
	case engine.Collected:
		return c.line("waits for others")
	case engine.Queued:
		return c.line("waits as #{number}, the flow is paused", "number", w.Number)
	}
	if w.Line != nil {
		return join(", ", c.line("waits as #{number}", "number", w.Number), c.inLine(w.Line))
	}
	return c.line("started #{number}", "number", w.Number)
}

// Help lists the commands.
func Help(c Ctx, lines []HelpLine) Card {
	b := c.card("help", ToneNone, nil, c.line("What I understand"))
	for _, h := range lines {
		b.para(join("  ", Line{code(h.Usage)}, c.line(h.Text)))
	}
	return b.done(engine.CardResolved)
}
