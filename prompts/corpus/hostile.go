package corpus

import (
	"flag"
	"math/rand/v2"
	"strings"

	"github.com/bretelle/bretelle/engine"
	"github.com/bretelle/bretelle/prompts"
)

// Hostile are texts that try to be more than text on one platform or another.
func Hostile() []string {
	return []string{
		"<!channel> <!here> <!everyone> <@U0123ABCD> <#C0123ABCD> <!subteam^S0123ABCD|@all> <https://evil.example|click> <!date^1^{date}|x>",
		"@everyone @here <@123456789012345678> <@&123456789012345678> <#123456789012345678> </flow:123456789012345678> <t:1:R> <:a:123456789012345678>",
		"[click](https://evil.example) https://evil.example http://evil.example discord.gg/x **b** __u__ ~~s~~ ||spoil|| `c` ```block``` # big\n> quote\n- list\n1. one\n-# small",
		"*bold* _it_ ~strike~ `code` ```pre``` &lt;!channel&gt; &amp;",
		"\u202egnp.exe\u202c \u2066x\u2069 \u200bzero\u200c\u200d\u2060\ufeff \u00ad soft \U000e0041tag",
		"\x1b[31mred\x1b[0m \x07bell \x00nul \x7f\u009b31m\r\nnew line\u2028sep",
		`<script>alert(1)</script><img src=x onerror=alert(1)> "onmouseover="x" '</textarea><a href=javascript:alert(1)>`,
		"javascript:alert(1) data:text/html,x mailto:a@b.c tel:123",
		"\xff\xfe broken \xc3",
		strings.Repeat("👩‍👩‍👧‍👦🇫🇷e\u0301", 60),
		strings.Repeat("long ", 1200),
		"{flow} {number} {who} {{ event.body }} %s %d",
	}
}

// Injections are n texts made of pieces of the hostile ones, cut and put together anywhere, with what escapes and ends
// things between them; the same for the same seed. They are for properties that must hold of any text.
func Injections(seed uint64, n int) []string {
	random := rand.New(rand.NewPCG(seed, 8)) // A-8 of the attacks
	between := []string{"", " ", "\\", "`", "```", "\n", "\r", "<", ">", "&", "|", "*", "_", "[", "](", ")", "{", "}", "\u202e", "\u200b", "\ufe0f", "@", "#", "!", ":", "\x00", "\""}
	all := Hostile()
	out := make([]string, n)
	for i := range out {
		var b strings.Builder
		for range 1 + random.IntN(12) {
			t := all[random.IntN(len(all))]
			from := random.IntN(len(t))
			b.WriteString(t[from:min(len(t), from+1+random.IntN(40))])
			b.WriteString(between[random.IntN(len(between))])
		}
		out[i] = b.String()
	}
	return out
}

// HostileCards puts a hostile text everywhere that text from outside can stand.
func HostileCards(lang, text string) []prompts.Card {
	c := Ctx(lang)
	c.Who = func(string) string { return text }
	c.Members = func(string) []string { return []string{text} }
	r := done()
	r.Flow, r.Title, r.Reason = text, text, text
	r.Event.Data["body"] = map[string]any{"issue": map[string]any{"html_url": "https://x.example/" + text, "user": map[string]any{"login": text}}}
	p := plan()
	p.Hash = "7f3a91c2d4e5"
	p.Steps[0].Input = map[string]any{"method": text, "url": text, "headers": map[string]any{text: text}, "json": text}
	p.Steps[0].Line, p.Steps[0].Detail = text, map[string]any{text: text}
	a := ask()
	a.Title, a.Plan, a.Groups, a.Reason = text, p, []string{text}, text
	a.Votes = []engine.Vote{{By: "x"}}
	d := a
	d.State, d.Decision, d.DecidedBy, d.DecidedAt = engine.CardDecided, "deny", "x", c.Now
	f := &engine.Failure{Class: engine.Rejected, Code: engine.Refused, Msg: text, Args: map[string]any{"x": text}, Hint: text, Status: 422, Peer: text, Said: text}
	s := r.Steps[1]
	s.Failure, s.Line, s.Detail = f, text, map[string]any{text: text}
	s.Input = raw(map[string]any{"method": "POST", "url": "https://h.example/", "json": map[string]any{"t": text}})
	alert := prompts.AlertFacts{Flow: text, Title: text, Data: engine.FailedData{Step: text, Index: 1, Action: text, Failure: f}, Since: c.Now,
		Runs: []prompts.AlertRun{{Number: 1, State: "failing"}}, Line: text, Detail: text, Owner: "x", Reason: text}
	h := head()
	h.Name, h.Title, h.Trigger = text, text, text
	home := prompts.HomeFacts{Name: text, Flows: []prompts.HomeFlow{{Head: h, Last: &r.RunHead}}, Waiting: []prompts.PendingItem{{Flow: text, Title: text, For: []string{text, "slack:T1/@" + text}}},
		Failing: []prompts.HomeFailing{{Flow: text, Data: engine.FailedData{Step: text, Action: text, Failure: f}}}}
	plea := prompts.PleaFacts{Who: text, Deed: text, Flow: text, Place: engine.Place{Surface: text, Workspace: text, Channel: text}, Role: engine.Role(text), Where: text, By: text}
	return append([]prompts.Card{
		prompts.Home(c, home, Tokens), prompts.Hello(c, text, []prompts.HelpLine{{Usage: text, Text: text}}, Tokens), prompts.Opener(c, text, Tokens),
		prompts.Plea(c, plea, Tokens), prompts.PleaAnswered(c, plea), prompts.Nudge(c, text, []string{text, "slack:T1/#" + text}, []string{text}),
		prompts.Ask(c, r, a, Tokens), prompts.Ask(c, r, d, Tokens), prompts.Outcome(c, r, s, "", "", 0, Tokens),
		prompts.Alert(c, alert, Tokens), prompts.AlertLine(c, alert, alert.Runs[0]), prompts.Retrying(c, r, s), prompts.Ended(c, r, Tokens),
		prompts.Published(c, h, "x", prompts.Live{Starts: engine.Text{Msg: text}, OnlyIf: engine.Text{Msg: text}, Powers: []prompts.Power{{Risk: engine.Write, Text: engine.Text{Msg: text}, Gate: engine.Text{Msg: text}}}}, Tokens), prompts.Flow(c, h, []byte(text), engine.Problems{{Msg: text, Hint: text}}, []engine.RunHead{r.RunHead}, Tokens),
		prompts.Run(c, r, Tokens), prompts.Pending(c, []prompts.PendingItem{{Flow: text, Title: text, For: []string{text}}}, false),
		prompts.Why(c, text, []prompts.WhyLine{{Event: text, Outcome: engine.Skipped, Reason: text}}),
		prompts.Refusal(c, engine.Answer{Verdict: engine.NotYou}, r, &a), prompts.Problem(c, engine.E(engine.Invalid, text), text),
		prompts.Unsigned(c, text, 4, Tokens), prompts.Say(c, "{x}", "x", text),
	}, hostileBuilds(lang, text)...)
}

// HostileForms puts a hostile text into labels, helps, intros, options and values.
func HostileForms(lang, text string) []prompts.Form {
	c := Ctx(lang)
	r := parked()
	r.Flow = text
	r.Steps[1].Failure.Said = text
	r.Steps[1].Input = raw(map[string]any{"title": text, "body": map[string]any{"x": text}})
	a := ask()
	a.Title = text
	a.Plan.Steps[0].Input["json"] = text
	return []prompts.Form{
		prompts.DenyForm(c, r, a, "t", prompts.Filled{Values: map[string]string{"reason": text}, Errors: map[string]string{"reason": text}}),
		prompts.EditForm(c, r, a, "t", prompts.Filled{}), prompts.FixForm(c, r, r.Steps[1], "t", prompts.Filled{}),
		{Title: text, Submit: text, Token: "t", Fields: []prompts.Field{
			{Name: "one", Label: text, Help: text, Kind: prompts.FieldOne, Options: []prompts.Option{{Value: "a", Label: text, Help: text}}, Error: text},
			{Name: "many", Label: text, Help: text, Kind: prompts.FieldMany, Options: []prompts.Option{{Value: "a", Label: text}}},
			{Name: "check", Label: text, Help: text, Kind: prompts.FieldCheck}}},
	}
}

// Attacks are the hostile texts and many injections: some dozens, or thousands where the test binary runs with its flag
// -long.
func Attacks(seed uint64) []string {
	n := 40
	if f := flag.Lookup("long"); f != nil && f.Value.String() == "true" {
		n = 3000
	}
	return append(Hostile(), Injections(seed, n)...)
}
