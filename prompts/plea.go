package prompts

import "github.com/bretelle/bretelle/engine"

// PleaFacts is somebody asking an admin for a right.
type PleaFacts struct {
	Who   string // person id
	Deed  string // as bot.Deed: run, retry, fix, outcome, pause, build, publish, see
	Flow  string // "" for none in particular
	Place engine.Place
	Role  engine.Role // that would allow it; "" when no button can give it
	Where string      // the channel or flow it would be given for; "" is everywhere
	At    int64

	Answer string // "", "granted" or "refused"
	By     string // person id of who answered
	Then   int64
}

// Plea asks an admin to allow somebody something, or says what became of that.
func Plea(c Ctx, f PleaFacts, tok Tokens) Card {
	deed := c.deed(f.Deed)
	switch f.Answer {
	case "granted":
		b := c.card("", ToneGood, nil, c.line("{by} made {who} {role} for {where} at {time}", "by", c.who(f.By), "who", c.who(f.Who), "role", string(f.Role), "where", c.pleaWhere(f), "time", c.soon(f.Then)))
		return b.done(engine.CardDecided)
	case "refused":
		b := c.card("", ToneDenied, nil, c.line("{by} refused {who} at {time}", "by", c.who(f.By), "who", c.who(f.Who), "time", c.soon(f.Then)))
		return b.note(join(" ", c.line("They asked to {deed}", "deed", deed))).done(engine.CardDecided)
	}
	b := c.card("", ToneQuestion, tok, c.line("{who} asks to {deed}", "who", c.who(f.Who), "deed", deed))
	var facts Facts
	if f.Flow != "" {
		facts.Facts = append(facts.Facts, Fact{Label: c.t("Flow"), Value: Line{flowName(f.Flow)}})
	}
	if f.Place.Channel != "" {
		facts.Facts = append(facts.Facts, Fact{Label: c.t("Asked in"), Value: text(c.place(f.Place))})
	}
	facts.Facts = append(facts.Facts, Fact{Label: c.t("Asked"), Value: Line{c.dayClock(f.At)}})
	b.block(facts)
	if f.Role != "" {
		b.note(c.line("As {role} for {where} they could.", "role", string(f.Role), "where", c.pleaWhere(f)))
		b.button("grant", "Allow it", Primary)
	} else {
		b.note(c.line("No role less than admin allows it."))
	}
	return b.button("withhold", "Refuse", Danger).done(engine.CardOpen)
}

func (c Ctx) pleaWhere(f PleaFacts) string {
	if f.Where == "" {
		return c.t("everything")
	}
	return f.Where
}

// deed says in words what somebody asks for, after "asks to".
func (c Ctx) deed(d string) string {
	switch d {
	case "run":
		return c.t("start flows")
	case "retry":
		return c.t("try failed steps again")
	case "fix":
		return c.t("mend failed steps")
	case "outcome":
		return c.t("say how calls ended")
	case "pause":
		return c.t("pause and resume flows")
	case "build":
		return c.t("build flows")
	case "publish":
		return c.t("publish flows")
	case "people":
		return c.t("change people and groups")
	}
	return c.t("look at flows")
}

// PleaAnswered tells whoever asked what an admin said.
func PleaAnswered(c Ctx, f PleaFacts) Card {
	if f.Answer == "granted" {
		return Say(c, "{by} allowed it: you are {role} for {where} now", "by", c.name(f.By), "role", string(f.Role), "where", c.pleaWhere(f))
	}
	return Say(c, "{by} does not want you to {deed}", "by", c.name(f.By), "deed", c.deed(f.Deed))
}

// Nudge asks those who may decide to look at the question above; who asks, people are those that can be named.
func Nudge(c Ctx, who string, groups, people []string) Card {
	b := c.card("", ToneNone, nil, c.line("{who} asks {group} to decide", "who", c.who(who), "group", c.groups(groups, true)))
	var named Line
	for i, p := range people {
		if i > 0 {
			named = named.add(" ")
		}
		named = append(named, c.ping(p))
	}
	return b.para(named).done(engine.CardResolved)
}
