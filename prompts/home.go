package prompts

import (
	"fmt"

	"github.com/bretelle/bretelle/engine"
)

// HomeFacts is what somebody finds on the bot's own page.
type HomeFacts struct {
	Name    string // of the reader
	Flows   []HomeFlow
	More    int // flows that are not shown
	Waiting []PendingItem
	Failing []HomeFailing
	Unsure  bool // who is asked could not be found out for some questions, which are left out
	Cards   bool // what waits and fails has cards of its own below; only what has none is in Waiting and Failing
}

// HomeFlow is a flow with its last run, nil when it never ran.
type HomeFlow struct {
	Head engine.FlowHead
	Last *engine.RunHead
}

// HomeFailing is a group of failures alike.
type HomeFailing struct {
	Flow  string
	Data  engine.FailedData
	Runs  int
	Since int64
}

// Home is the reader's flows, what waits for them and what fails, on one card.
func Home(c Ctx, f HomeFacts, tok Tokens) Card {
	n := len(f.Flows) + f.More
	title := c.line("{n} flows", "n", n)
	if n == 0 {
		title = c.line("No flows yet")
	}
	b := c.card("home", ToneNone, tok, title)
	var flows Facts
	for _, x := range f.Flows {
		v := join(" · ", text(c.flowState(x.Head)), text(x.Head.Trigger), text(c.place(x.Head.Place)), text(x.Head.Title))
		if x.Last != nil {
			v = join(" · ", v, join(" ", text(fmt.Sprintf("#%d", x.Last.Number)), c.runLine(*x.Last, false)))
		}
		flows.Facts = append(flows.Facts, Fact{Label: x.Head.Name, Value: v})
	}
	if len(flows.Facts) > 0 {
		b.block(flows)
	}
	if f.More > 0 {
		b.note(c.line("and {n} more", "n", f.More))
	}
	b.list(c.line("Waits for you"), f.Waiting, c.pendingFact)
	if len(f.Failing) > 0 {
		b.para(Line{strong(c.t("Fails"))})
		var list Facts
		for i, x := range f.Failing {
			if i == listMost {
				break
			}
			list.Facts = append(list.Facts, Fact{Label: x.Flow, Value: c.failing(x)})
		}
		b.block(list).more(len(f.Failing))
	}
	if !f.Cards && len(f.Waiting) == 0 && len(f.Failing) == 0 && n > 0 {
		b.note(c.line("Nothing waits for you and nothing fails."))
	}
	if f.Unsure {
		b.note(c.line("Who is asked could not be looked up for some questions just now. They are not listed."))
	}
	return b.done(engine.CardResolved)
}

func (b *builder) list(title Line, items []PendingItem, fact func(PendingItem) Fact) {
	if len(items) == 0 {
		return
	}
	b.para(Line{strong(title.String())})
	var list Facts
	for i, p := range items {
		if i == listMost {
			break
		}
		list.Facts = append(list.Facts, fact(p))
	}
	b.block(list).more(len(items))
}

func (c Ctx) failing(x HomeFailing) Line {
	return join(" · ", c.line("step {index} {action} fails", "index", x.Data.Index, "action", c.action(x.Data)),
		c.line("{n} runs since {time}", "n", x.Runs, "time", c.soon(x.Since)), c.failure(x.Data.Failure))
}

// HomeStranger is the page of somebody who may do nothing: why, and how that changes.
func HomeStranger(c Ctx, why error, claim string) Card {
	e := engine.AsError(why)
	b := c.card("home", ToneNone, nil, c.line("Hello. I run flows for your team: something happens, steps follow, risky ones ask first."))
	b.para(c.problem(&engine.Error{Msg: e.Msg, Args: e.Args, Hint: e.Hint}))
	if e.Code == engine.Unsigned {
		b.note(c.line("With a code from an admin, write it to me here: {command}", "command", code(claim)))
	}
	return b.done(engine.CardResolved)
}
