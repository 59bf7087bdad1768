package prompts

import (
	"strconv"
	"strings"
	"time"

	"github.com/bretelle/bretelle/engine"
)

func strong(s string) Span { return Span{Kind: Strong, Text: s} }

// flowName is a flow by its name, runOf one of its runs by the flow's name.
func flowName(flow string) Span { return Span{Kind: Strong, Text: flow, Page: "flow/" + flow} }
func runOf(run engine.RunHead) Span {
	return Span{Kind: Strong, Text: run.Flow, Page: "run/" + strconv.FormatInt(run.Number, 10)}
}

func code(s string) Span { return Span{Kind: Code, Text: s} }

// clock is a time of today, dayClock one of this week, in the reader's zone.
func (c Ctx) clock(at int64) Span    { return c.time(at, Clock) }
func (c Ctx) dayClock(at int64) Span { return c.time(at, DayClock) }

// soon is the clock when at is within the same day as now, else with its day.
func (c Ctx) soon(at int64) Span {
	a, b := c.in(at), c.in(c.Now)
	if a.YearDay() == b.YearDay() && a.Year() == b.Year() {
		return c.clock(at)
	}
	return c.dayClock(at)
}

func (c Ctx) in(at int64) time.Time {
	if c.Zone == nil {
		return engine.Time(at)
	}
	return engine.Time(at).In(c.Zone)
}

func (c Ctx) time(at int64, how TimeStyle) Span {
	return Span{Kind: Time, Text: c.timeText(at, how), At: at, How: how}
}

func (c Ctx) timeText(at int64, how TimeStyle) string {
	t := c.in(at)
	switch how {
	case Clock:
		return t.Format("15:04")
	case DayClock:
		if away := at - c.Now; c.Now != 0 && (away > 6*24*3600e3 || away < -6*24*3600e3) {
			return t.Format("2 ") + c.month(t.Month()) + t.Format(" 15:04")
		}
		return c.day(t.Weekday()) + t.Format(" 15:04")
	default:
		return t.Format("2 ") + c.month(t.Month()) + t.Format(" 2006")
	}
}

func (c Ctx) day(d time.Weekday) string {
	if Lang(c.Lang) == "fr" {
		return [...]string{"dim.", "lun.", "mar.", "mer.", "jeu.", "ven.", "sam."}[d]
	}
	return d.String()[:3]
}

func (c Ctx) month(m time.Month) string {
	if Lang(c.Lang) == "fr" {
		return [...]string{"", "janvier", "février", "mars", "avril", "mai", "juin", "juillet", "août", "septembre",
			"octobre", "novembre", "décembre"}[m]
	}
	return m.String()
}

// who is a person's name as a mention that notifies nobody; ping is one that does.
func (c Ctx) who(person string) Span { return Span{Kind: Mention, Text: c.name(person), ID: person} }

func (c Ctx) ping(person string) Span {
	return Span{Kind: Mention, Text: "@" + c.name(person), ID: person, Ping: true}
}

func (c Ctx) name(person string) string {
	switch person {
	case "":
		return c.t("somebody")
	case engine.Operator:
		return c.t("somebody at the shell")
	}
	if c.Who != nil {
		if n := c.Who(person); n != "" {
			return n
		}
	}
	return person
}

// groups are the asked groups; ping notifies them.
func (c Ctx) groups(names []string, ping bool) Line {
	var l Line
	for i, g := range names {
		if i > 0 {
			l = l.add(", ")
		}
		if g == engine.DefaultApprovers {
			l = l.add(c.t("whoever may approve here"))
			continue
		}
		l = append(l, Span{Kind: Mention, Text: c.group(g), Ping: ping})
	}
	return l
}

// group is a group's name for people: "@triage", "@triage on Slack" of one that a surface keeps, "#triage on Slack" for
// the members of a channel.
func (c Ctx) group(g string) string {
	head, name, theirs := strings.Cut(g, "/")
	if !theirs {
		return "@" + strings.TrimPrefix(g, "@")
	}
	surface, _, _ := strings.Cut(head, ":")
	return c.t("{group} on {surface}", "group", name, "surface", c.surfaceName(surface))
}

// GroupNames are groups as a flow names them, for people: "@triage, #ops on Slack".
func GroupNames(lang string, groups []string) string {
	names := make([]string, len(groups))
	for i, g := range groups {
		names[i] = Ctx{Lang: lang}.group(g)
	}
	return strings.Join(names, ", ")
}

// members lists the names of all the groups' members, each once; known is false when nobody can tell.
func (c Ctx) members(names []string) (all []string, known bool) {
	if c.Members == nil {
		return nil, false
	}
	seen := map[string]bool{}
	for _, g := range names {
		if strings.Contains(g, "/") {
			return nil, false // a surface's own group: only the surface knows
		}
		for _, m := range c.Members(g) {
			if !seen[m] {
				seen[m] = true
				all = append(all, m)
			}
		}
	}
	return all, true
}

// builder collects a card.
type builder struct {
	c   Ctx
	tok Tokens
	Card
}

func (c Ctx) card(key string, tone Tone, tok Tokens, title Line) *builder {
	return &builder{c: c, tok: tok, Card: Card{Key: key, Tone: tone, Title: title, Lang: Lang(c.Lang)}}
}

func (b *builder) block(x Block) *builder { b.Blocks = append(b.Blocks, x); return b }

func (b *builder) para(l Line) *builder {
	if len(l) > 0 {
		b.block(Para{l})
	}
	return b
}

func (b *builder) note(l Line) *builder {
	if len(l) > 0 {
		b.block(Note{l})
	}
	return b
}

// button adds a button whose token there is. The label is an English text.
func (b *builder) button(verb, label string, style ButtonStyle) *builder {
	if b.tok == nil {
		return b
	}
	if token := b.tok(verb); token != "" {
		b.Buttons = append(b.Buttons, Button{ID: verb, Label: b.c.t(label), Style: style, Token: token})
	}
	return b
}

// open adds the way to the run: a link where there is a public page, else a button that answers privately.
func (b *builder) open(run engine.RunHead) *builder {
	if b.c.Link != nil {
		if url := b.c.Link(run); url != "" {
			b.Buttons = append(b.Buttons, Button{ID: "open", Label: b.c.t("Open"), URL: url})
			return b
		}
	}
	return b.button("open", "Open", Normal)
}

func (b *builder) menu(verb, label string, options ...Option) *builder {
	if b.tok == nil {
		return b
	}
	if token := b.tok(verb); token != "" {
		b.Menus = append(b.Menus, Menu{ID: verb, Label: b.c.t(label), Token: token, Options: options})
	}
	return b
}

// done finishes the card: its state, and its text for notifications and screen readers.
func (b *builder) done(state engine.CardState) Card {
	b.State = state
	b.Text = plainBody(b.Card)
	return b.Card
}
