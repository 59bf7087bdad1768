package bot

import (
	"context"
	"strconv"
	"strings"

	"github.com/bretelle/bretelle/engine"
	"github.com/bretelle/bretelle/engine/edit"
	"github.com/bretelle/bretelle/prompts"
)

// offersMost is how many ways to go on are offered at once: what Discord shows.
const offersMost = 25

// Options completes a command line: each value is a whole line to go on with. Of a dialog, it finds the options of a
// field that is looked up while typing. Only what the actor may is offered.
func (b *Bot) Options(ctx context.Context, in In) ([]prompts.Option, error) {
	c, err := b.caller(ctx, in.Actor)
	if err != nil {
		return nil, err
	}
	if in.Kind == InLookUp {
		return b.lookUp(ctx, c, in)
	}
	if b.may(ctx, c, DeedSee, "", in.Place, false) != nil {
		return nil, nil
	}
	ws := words(in.Text)
	if len(ws) > 0 && strings.EqualFold(strings.TrimPrefix(ws[0].text, "/"), b.o.Command) {
		ws = ws[1:]
	} else if len(ws) > 0 && strings.HasPrefix(ws[0].text, "/") {
		if strings.HasPrefix("/"+b.o.Command, ws[0].text) && len(ws) == 1 {
			return append([]prompts.Option{{Value: "/" + b.o.Command + " ", Label: "/" + b.o.Command}}, b.ownOffers(ctx, c, ws[0].text)...), nil
		}
		if len(ws) == 1 {
			return b.ownOffers(ctx, c, ws[0].text), nil
		}
		return nil, nil
	}
	begun := "" // the word being typed
	if n := len(ws); n > 0 && !isSpace(in.Text[len(in.Text)-1]) {
		begun, ws = ws[n-1].text, ws[:n-1]
	}
	head := "/" + b.o.Command
	for _, w := range ws {
		head += " " + w.text
	}
	var out []prompts.Option
	offer := func(word, help string) {
		if len(out) < offersMost && strings.HasPrefix(strings.ToLower(word), strings.ToLower(begun)) {
			out = append(out, prompts.Option{Value: head + " " + word, Label: word, Help: help})
		}
	}
	if group, ok := groupAsked(ws); ok {
		b.offerVerbs(ctx, c, in, group, offer)
		return out, nil
	}
	cmd, used, err := lookUp(ws, b.o.Command)
	if err != nil {
		return nil, nil
	}
	i := len(ws) - used
	if i >= len(cmd.Args) && (len(cmd.Args) == 0 || !cmd.Args[len(cmd.Args)-1].Rest) {
		return nil, nil
	}
	a := cmd.Args[min(i, len(cmd.Args)-1)]
	if a.Kind == ArgLine && i >= len(cmd.Args)-1 {
		if b.may(ctx, c, DeedBuild, "", in.Place, false) != nil {
			return nil, nil
		}
		return b.offerLine(c, in, ws, used+len(cmd.Args)-1, offer, &out), nil
	}
	err = b.offerArg(ctx, c, a, ws[used:], offer)
	return out, err
}

// groupAsked is the group whose verbs are to be offered, "" for the plain ones; ok is false further along a line.
func groupAsked(ws []word) (group string, ok bool) {
	if len(ws) == 0 {
		return "", true
	}
	if len(ws) > 1 {
		return "", false
	}
	for _, cmd := range Commands() {
		if cmd.Group != "" && strings.EqualFold(cmd.Group, ws[0].text) {
			return cmd.Group, true
		}
	}
	return "", false
}

func (b *Bot) offerVerbs(ctx context.Context, c *caller, in In, group string, offer func(word, help string)) {
	lang := b.private(c, in.Place, nil).Lang
	groups := map[string]bool{}
	for _, cmd := range Commands() {
		if !b.offered(cmd) || cmd.Deed != "" && b.may(ctx, c, cmd.Deed, "", in.Place, false) != nil {
			continue
		}
		switch {
		case group == cmd.Group:
			offer(cmd.Verb, prompts.T(lang, cmd.Text, nil))
		case group == "" && !groups[cmd.Group]:
			groups[cmd.Group] = true
			offer(cmd.Group, groupText(lang, cmd.Group))
		}
	}
	if group == "" {
		b.offerOwn(ctx, c, offer)
	}
}

// offered reports whether this bot can do a command at all.
func (b *Bot) offered(cmd Command) bool {
	switch {
	case cmd.Deed == DeedBuild && !b.builds() && cmd.Group != "table":
		return false
	case cmd.Group == "version" && b.o.Drafts == nil, cmd.Group == "table" && b.o.Tables == nil:
		return false
	case cmd.Verb == "template" && b.o.Templates == nil:
		return false
	case cmd.Verb == "form" && cmd.Group == "" && b.o.Starters == nil:
		return false
	}
	return true
}

func (b *Bot) offerArg(ctx context.Context, c *caller, a Arg, before []word, offer func(word, help string)) error {
	switch a.Kind {
	case ArgPerson, ArgGroup, ArgPlace:
		if b.may(ctx, c, DeedPeople, "", engine.Place{}, false) != nil {
			return nil
		}
	}
	switch a.Kind {
	case ArgFlow:
		heads, err := b.seen(ctx, c)
		if err != nil {
			return err
		}
		for _, h := range heads {
			offer(h.Name, h.Title)
		}
	case ArgVersion:
		return b.offerVersions(ctx, c, before, offer)
	case ArgTemplate:
		if b.o.Templates != nil {
			lang := b.private(c, engine.Place{}, nil).Lang
			for _, t := range b.o.Templates.List() {
				offer(t.Name, prompts.T(lang, t.Title, nil))
			}
		}
	case ArgTable:
		if b.o.Tables == nil {
			return nil
		}
		list, err := b.o.Tables.Tables(ctx)
		if err != nil {
			return err
		}
		for _, t := range list {
			offer(t.Name, "")
		}
	case ArgTrigger:
		b.offerTriggers(c, offer)
	case ArgAccount:
		return b.offerAccounts(ctx, c, offer)
	case ArgPerson:
		for _, p := range c.book.persons {
			offer(p.Name, string(p.Role))
		}
	case ArgGroup:
		for _, name := range c.book.groupNames() {
			offer(name, "")
		}
	case ArgRole:
		for _, r := range []engine.Role{engine.Viewer, engine.Runner, engine.Builder, engine.Approver, engine.Admin} {
			offer(string(r), "")
		}
	case ArgPlace:
		for _, ch := range c.book.channels {
			offer(ch.Place.String(), "")
		}
	case ArgLang:
		offer("en", "English")
		offer("fr", "français")
	}
	return nil
}

// offerVersions offers the versions of the flow that was named before.
func (b *Bot) offerVersions(ctx context.Context, c *caller, before []word, offer func(word, help string)) error {
	if len(before) == 0 || b.o.Drafts == nil {
		return nil
	}
	h, err := b.o.Flows.Head(ctx, before[0].text)
	if err != nil || b.may(ctx, c, DeedSee, h.Name, h.Place, false) != nil {
		return nil //nolint:nilerr // nothing to offer for a flow that is not there
	}
	list, err := b.o.Drafts.Versions(ctx, h.Name)
	if err != nil {
		return err
	}
	for _, v := range list {
		offer(strconv.FormatInt(v.Number, 10), c.book.name(v.By))
	}
	return nil
}

func (b *Bot) offerTriggers(c *caller, offer func(word, help string)) {
	if b.o.Catalog == nil {
		return
	}
	lang := b.private(c, engine.Place{}, nil).Lang
	for _, name := range b.o.Catalog.TriggerNames() {
		if t, ok := b.o.Catalog.Trigger(name); ok {
			offer(name, prompts.T(lang, t.Title, nil))
		}
	}
}

// offerLine completes a flow in one line: its trigger first, then whatever the line may go on with.
func (b *Bot) offerLine(c *caller, in In, ws []word, from int, offer func(word, help string), out *[]prompts.Option) []prompts.Option {
	lang := b.private(c, in.Place, nil).Lang
	if len(ws) <= from {
		offer("when", prompts.T(lang, "a flow in one line", nil))
		b.offerTriggers(c, offer)
		return *out
	}
	if b.o.Catalog == nil || ws[from].text != "when" && !strings.Contains(ws[from].text, "=") {
		return nil
	}
	head := in.Text
	if i := strings.LastIndexAny(head, " \t\n"); i >= 0 {
		head = head[:i+1]
	}
	line := in.Text[strings.Index(in.Text, "new"):]
	for _, o := range edit.Complete(line, b.o.Catalog) {
		if len(*out) == offersMost {
			break
		}
		*out = append(*out, prompts.Option{Value: head + o.Value, Label: o.Value, Help: prompts.Words(lang, o.Help)})
	}
	return *out
}
