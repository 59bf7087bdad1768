package prompts

import (
	"github.com/bretelle/bretelle/engine"
)

// ConflictFacts is a draft that somebody else saved in the meantime.
type ConflictFacts struct {
	Flow string
	By   string // person id of who saved
	At   int64
	// Changes are what the other one changed, in words, once somebody asked to see them; nil before.
	Changes []engine.Text
	Shown   bool // Changes were asked for
}

// Conflict says that two people edit one draft. What was typed is kept. Verbs: theirs_show, mine, theirs.
func Conflict(c Ctx, d ConflictFacts, tok Tokens) Card {
	b := c.card("conflict:"+d.Flow, ToneWarn, tok, c.line("{who} saved this draft at {time}.", "who", c.who(d.By), "time", c.soon(d.At)))
	if d.Shown {
		b.changes(d.Changes)
		if len(d.Changes) == 0 {
			b.para(c.line("They do the same."))
		}
	} else {
		b.named("theirs_show", c.t("See {who}'s changes", "who", c.name(d.By)), Normal)
	}
	b.note(c.line("What you typed is kept until you decide."))
	b.named("mine", c.t("Keep mine"), Primary)
	b.named("theirs", c.t("Take {who}'s", "who", c.name(d.By)), Normal)
	return b.done(engine.CardOpen)
}

// named adds a button whose label is in the reader's language already.
func (b *builder) named(verb, label string, style ButtonStyle) {
	if b.tok == nil {
		return
	}
	if token := b.tok(verb); token != "" {
		b.Buttons = append(b.Buttons, Button{ID: verb, Label: label, Style: style, Token: token})
	}
}

// LiveMoved says that another version went live since an edit began. Verbs: difference, anyway.
func LiveMoved(c Ctx, flow string, live, base int64, by string, tok Tokens) Card {
	b := c.card("moved:"+flow, ToneWarn, tok, c.line("Version {live} went live while you edited version {base}.", "live", live, "base", base))
	if by != "" {
		b.note(c.line("{who} published it.", "who", c.who(by)))
	}
	return b.button("difference", "Show the difference", Normal).button("anyway", "Publish anyway", Danger).done(engine.CardOpen)
}

// DiscardAsk asks before a draft is thrown away; live is the version that stays, 0 when the flow goes with its draft.
// Verbs: confirm, not_yet.
func DiscardAsk(c Ctx, flow string, live int64, tok Tokens) Card {
	b := c.card("discard:"+flow, ToneWarn, tok, c.line("Throw the draft of {flow} away?", "flow", flowName(flow)))
	if live > 0 {
		b.para(c.line("Version {version} stays live as it is.", "version", live))
	} else {
		b.para(c.line("It was never published, so nothing of it stays, its samples included."))
	}
	return b.button("confirm", "Throw it away", Danger).button("not_yet", "Keep it", Normal).done(engine.CardOpen)
}

// RollbackAsk asks before an earlier version goes live again, as a version of its own. Verbs: confirm, not_yet.
func RollbackAsk(c Ctx, flow string, live, to, next int64, changes []engine.Text, tok Tokens) Card {
	b := c.card("rollback:"+flow, ToneQuestion, tok, c.line("Roll {flow} back to version {version}?", "flow", flowName(flow), "version", to))
	b.para(c.line("Its text goes live as version {next}. Runs that have started stay with version {live}.", "next", next, "live", live))
	if len(changes) > 0 {
		b.para(c.line("What changes:"))
		b.changes(changes)
	}
	return b.button("confirm", "Roll back", Primary).button("not_yet", "Not yet", Normal).done(engine.CardOpen)
}

// Discarded takes the builder card's place when its draft is gone; live is the version that stays, 0 for none.
func Discarded(c Ctx, flow, by string, live int64) Card {
	b := c.card("builder:"+flow, ToneNone, nil, c.line("{who} threw the draft of {flow} away", "who", c.who(by), "flow", flowName(flow)))
	if live > 0 {
		b.note(c.line("Version {version} stays live as it is.", "version", live))
	}
	return b.note(c.line("A new one begins with {command}", "command", code("/flow edit "+flow))).done(engine.CardResolved)
}

// DraftDone takes the builder card's place when its draft went live.
func DraftDone(c Ctx, head engine.FlowHead, by string, at int64) Card {
	b := c.card("builder:"+head.Name, ToneLive, nil, join(" · ", Line{flowName(head.Name)}, c.line("version {version} is live since {time}, published by {who}", "version", head.Live, "time", c.soon(at), "who", c.who(by))))
	return b.note(c.line("Change it with {command}", "command", code("/flow edit "+head.Name))).done(engine.CardResolved)
}

// DraftSaved tells where a draft goes on, in the channel where it was begun.
func DraftSaved(c Ctx, elsewhere bool) Card {
	if elsewhere {
		return Say(c, "Draft saved. Go on in our direct messages →")
	}
	return Say(c, "Draft saved.")
}

// Asleep says that a private message is too old to be changed.
func Asleep(c Ctx, flow string) Card {
	b := c.card("", ToneNone, nil, c.line("This message is asleep. Your draft is safe: {command}", "command", code("/flow edit "+flow)))
	return b.done(engine.CardResolved)
}

// OpenNow offers a dialog again that the platform closed before it could be shown. Verb open_now.
func OpenNow(c Ctx, surface string, tok Tokens) Card {
	b := c.card("", ToneNone, tok, c.line("{surface} closed the window before I could open it.", "surface", c.surfaceName(surface)))
	return b.button("open_now", "Open it now", Primary).done(engine.CardOpen)
}

// Unchecked says that a draft was saved although something in it could not be checked. Verb answer, when a sample
// answer would help.
func Unchecked(c Ctx, path string, step string, tok Tokens) Card {
	b := c.card("", ToneNone, tok, c.line(`Saved. I could not check "{path}": {step} has no sample yet.`, "path", path, "step", step))
	return b.button("answer", "Add a sample answer", Normal).done(engine.CardResolved)
}

// Copied is a draft as one line and as its text, to be copied. line is "" when one line cannot say all of it.
func Copied(c Ctx, flow, line string, source []byte) Card {
	b := c.card("text:"+flow, ToneNone, nil, c.line("{flow} as text", "flow", flowName(flow)))
	if line != "" {
		b.block(Pre{Text: line})
	} else {
		b.note(c.line("It says more than one line can."))
	}
	if len(source) > 0 {
		b.block(Pre{Text: string(source), Lang: "yaml"})
	}
	return b.done(engine.CardResolved)
}
