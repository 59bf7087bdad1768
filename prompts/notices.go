package prompts

import (
	"strings"

	"github.com/bretelle/bretelle/engine"
)

// Live is what a published version does, in words; the zero Live says only its trigger's kind.
type Live struct {
	Starts engine.Text // when it starts; zero: the kind of its trigger
	OnlyIf engine.Text // zero: no condition
	Powers []Power     // what it may do
	Known  bool        // Powers says all of it
}

// Published says that a version of a flow went live: when it starts and what it may do from now on.
func Published(c Ctx, head engine.FlowHead, by string, does Live, tok Tokens) Card {
	b := c.card("flow:"+head.Name, ToneLive, tok, c.line("{who} published {flow}, version {version}", "who", c.who(by), "flow", flowName(head.Name), "version", head.Live))
	if head.Title != "" {
		b.para(text(head.Title))
	}
	starts := text(head.Trigger)
	if does.Starts.Msg != "" {
		starts = c.words(does.Starts)
	}
	facts := []Fact{{Label: c.t("Starts when"), Value: starts}}
	if does.OnlyIf.Msg != "" {
		facts = append(facts, Fact{Label: c.t("Only if"), Value: c.words(does.OnlyIf)})
	}
	for i, p := range does.Powers {
		label := c.t("It may")
		if i > 0 {
			label = c.t("and")
		}
		facts = append(facts, Fact{Label: label, Value: c.may(p), Risky: p.Risk > engine.Read && !p.Here})
	}
	if does.Known && len(does.Powers) == 0 {
		facts = append(facts, Fact{Label: c.t("It may"), Value: c.line("read, and nothing else")})
	}
	b.block(Facts{facts})
	b.button("details", "Show", Normal)
	if head.Live > 1 {
		b.button("rollback", "Roll back", Normal)
	}
	return b.done(engine.CardResolved)
}

// Paused says that a flow was paused or resumed; queued runs wait, or start now.
func Paused(c Ctx, head engine.FlowHead, by string, paused bool, queued int, tok Tokens) Card {
	key := "flow:" + head.Name
	if paused {
		b := c.card(key, ToneWarn, tok, c.line("{who} paused {flow}", "who", c.who(by), "flow", flowName(head.Name)))
		b.note(c.line("Events are kept and run when it is resumed. Runs that have started go on."))
		return b.button("resume", "Resume", Primary).done(engine.CardOpen)
	}
	b := c.card(key, ToneLive, tok, c.line("{who} resumed {flow}", "who", c.who(by), "flow", flowName(head.Name)))
	if queued > 0 {
		b.note(c.line("{n} runs waited and start now", "n", queued))
	}
	return b.done(engine.CardResolved)
}

// Unsigned says that deliveries came with a wrong signature.
func Unsigned(c Ctx, path string, n int, tok Tokens) Card {
	b := c.card("unsigned:"+path, ToneWarn, tok, c.line("{n} deliveries to {address} were signed with another secret", "n", n, "address", code("/hooks/"+strings.TrimPrefix(path, "/"))))
	b.note(c.line("They were refused. Set the same secret on both sides: {command}", "command", code("bretelle secret set NAME")))
	return b.done(engine.CardOpen)
}

// Broken says that an event could not be judged: its condition or key failed. The event is kept.
func Broken(c Ctx, flow string, ev engine.Event, reason string, tok Tokens) Card {
	b := c.card("broken:"+ev.ID, ToneBad, tok, join(" · ", Line{flowName(flow)}, c.line("an event could not be checked, {time}", "time", c.soon(ev.At))))
	b.para(c.reason(reason))
	b.note(c.line("The event is kept and can be run again once the flow is mended."))
	return b.button("again", "Run it again", Primary).done(engine.CardOpen)
}

// Away says what happened while the bot was off.
func Away(c Ctx, from, to int64, facts AwayFacts) Card {
	parts := []Line{}
	if facts.Continued > 0 {
		parts = append(parts, c.line("{n} runs went on", "n", facts.Continued))
	}
	if facts.Missed > 0 {
		parts = append(parts, c.line("{n} schedules were missed and made up", "n", facts.Missed))
	}
	if n := len(facts.Open); n > 0 {
		var runs []AlertRun
		for _, r := range facts.Open {
			runs = append(runs, AlertRun{Number: r})
		}
		parts = append(parts, c.line("{n} questions are open ({numbers})", "n", n, "numbers", numbers(runs)))
	}
	if len(parts) == 0 {
		parts = append(parts, c.line("nothing was waiting"))
	}
	b := c.card("away", ToneNone, nil, c.line("I was off from {from} to {to}", "from", c.soon(from), "to", c.soon(to)))
	return b.para(join(", ", parts...)).done(engine.CardResolved)
}

// Welcome greets the first person in the first channel.
func Welcome(c Ctx, name string, tok Tokens) Card {
	b := c.card("welcome", ToneNone, tok, c.line("Welcome, {name}. Flows live in channels: something happens, steps follow, risky ones ask first.", "name", strong(name)))
	return b.note(c.line("{command} shows what I understand", "command", code("/flow help"))).done(engine.CardResolved)
}

// Say is a card of one line; args are name, value pairs for {name} in msg, which is an English text.
func Say(c Ctx, msg string, args ...any) Card {
	return c.card("", ToneNone, nil, c.line(msg, args...)).done(engine.CardResolved)
}
