package slack

import (
	"crypto/sha256"
	"encoding/hex"
	"regexp"
	"strconv"
	"strings"

	slackgo "github.com/slack-go/slack"

	"github.com/bretelle/bretelle/bot"
	"github.com/bretelle/bretelle/engine"
	"github.com/bretelle/bretelle/prompts"
)

// valueID is the action id of every input; block ids are the names of fields.
const valueID = "v"

// actID begins the action id of a button in a dialog's body, before its name.
const actID = "act:"

// Modal is a fitted form as a view. The token is its callback id; the place it was opened from travels in the
// private metadata, because a submission does not say.
func Modal(form prompts.Form, from engine.Place) slackgo.ModalViewRequest {
	return modal(form, metadata(from, ""), bot.In{})
}

// modal is a fitted form as a view with its metadata. When it takes the place of the view that in came from, an input
// whose value is not what was typed there gets a new block id: Slack keeps what stands in a block that it knows.
func modal(form prompts.Form, meta string, in bot.In) slackgo.ModalViewRequest {
	v := slackgo.ModalViewRequest{
		Type: slackgo.VTModal, Title: plainText(form.Title), Submit: plainText(form.Submit), Close: plainText(prompts.T(form.Lang, "Cancel", nil)),
		CallbackID: form.Token, PrivateMetadata: meta,
	}
	add := func(b slackgo.Block) { v.Blocks.BlockSet = append(v.Blocks.BlockSet, b) }
	for _, b := range form.Intro {
		add(block(b))
	}
	for _, f := range form.Fields {
		b := input(f)
		if typed, there := in.Fields[f.Name]; there && typed != f.Value {
			b.BlockID += renewed(in)
		}
		add(b)
		if said := under(f); said != "" {
			add(slackgo.NewContextBlock("", slackgo.NewTextBlockObject(slackgo.PlainTextType, said, false, false)))
		}
	}
	for _, b := range formButtons(form.Buttons) {
		add(b)
	}
	if len(v.Blocks.BlockSet) == 0 {
		add(rich(nil))
	}
	if len(form.Fields) == 0 {
		v.Submit = nil // refused by Slack without an input
	}
	return v
}

// under is what stands below an input: what its value gives, what may be wrong with it, what is wrong. A view that
// opens has no error lines of its own.
func under(f prompts.Field) string {
	var lines []string
	for _, x := range []struct{ sign, text string }{{"→ ", f.Preview}, {"⚠ ", f.Warn}, {"✖ ", f.Error}} {
		if s := prompts.CleanLine(x.text); strings.TrimSpace(s) != "" {
			lines = append(lines, x.sign+s)
		}
	}
	return strings.Join(lines, "\n")
}

// formButtons are the buttons of a dialog's body, five to a block.
func formButtons(bs []prompts.Button) []slackgo.Block {
	var out []slackgo.Block
	for len(bs) > 0 {
		n := min(5, len(bs))
		var elements []slackgo.BlockElement
		for _, b := range bs[:n] {
			elements = append(elements, styled(slackgo.NewButtonBlockElement(actID+b.ID, b.ID, plainText(b.Label)), b.Style))
		}
		out = append(out, slackgo.NewActionBlock("", elements...))
		bs = bs[n:]
	}
	return out
}

// renewed ends the block id of an input that is to forget what was typed. The view's hash is another one after each
// change, so no two block ids in a row are alike.
func renewed(in bot.In) string {
	sum := sha256.Sum256([]byte(in.Message))
	return "~" + hex.EncodeToString(sum[:4])
}

var renewal = regexp.MustCompile(`~[0-9a-f]{8}$`)

// fieldOf is the field that a block id names.
func fieldOf(block string) string { return renewal.ReplaceAllString(block, "") }

func input(f prompts.Field) *slackgo.InputBlock {
	var help *slackgo.TextBlockObject
	if strings.TrimSpace(f.Help) != "" {
		help = plainText(f.Help)
	}
	b := slackgo.NewInputBlock(f.Name, plainText(f.Label), help, element(f))
	b.Optional = !f.Required
	b.DispatchAction = f.Acts && (f.Kind == prompts.FieldOne || f.Kind == prompts.FieldMany || f.Kind == prompts.FieldCheck)
	return b
}

func element(f prompts.Field) slackgo.BlockElement {
	switch {
	case f.Kind == prompts.FieldCheck:
		yes := slackgo.NewOptionBlockObject("true", plainText(f.Label), nil)
		yes.Text.Text = prompts.Cut(yes.Text.Text, 75)
		e := slackgo.NewCheckboxGroupsBlockElement(valueID, yes)
		if f.Value == "true" {
			e.InitialOptions = []*slackgo.OptionBlockObject{yes}
		}
		return e
	case f.Kind == prompts.FieldOne && (f.Live || len(f.Options) > 0):
		return oneOf(f)
	case f.Kind == prompts.FieldMany && (f.Live || len(f.Options) > 0):
		return manyOf(f)
	case f.Kind == prompts.FieldNumber && (f.Value == "" || number.MatchString(f.Value)):
		e := slackgo.NewNumberInputBlockElement(placeholder(f), valueID, true)
		e.InitialValue = f.Value
		return e
	}
	e := slackgo.NewPlainTextInputBlockElement(placeholder(f), valueID)
	e.Multiline = f.Kind == prompts.FieldText || f.Kind == prompts.FieldMany || strings.Contains(f.Value, "\n")
	e.InitialValue = f.Value
	e.MaxLength = inputMost
	return e
}

// number is what Slack takes for the first value of a number input; anything else, an expression say, stands in a
// text input.
var number = regexp.MustCompile(`^-?[0-9]{1,15}(\.[0-9]{1,15})?$`)

func placeholder(f prompts.Field) *slackgo.TextBlockObject {
	if strings.TrimSpace(prompts.CleanLine(f.Example)) == "" {
		return nil
	}
	t := plainText(f.Example)
	t.Text = prompts.Cut(t.Text, placeholderMost)
	return t
}

// oneOf is a select: with its list, with the list in groups where it is longer than one holds, or with a list that is
// looked up while the person types.
func oneOf(f prompts.Field) slackgo.BlockElement {
	os := options(f.Options)
	e := &slackgo.SelectBlockElement{Type: slackgo.OptTypeStatic, ActionID: valueID, Placeholder: placeholder(f)}
	for _, o := range os {
		if f.Value != "" && plainValue(o.Value) == f.Value {
			e.InitialOption = o
		}
	}
	switch {
	case f.Live:
		e.Type, e.MinQueryLength = slackgo.OptTypeExternal, new(int)
	case len(os) > listMost:
		e.OptionGroups = groups(os)
	default:
		e.Options = os
	}
	return e
}

func manyOf(f prompts.Field) slackgo.BlockElement {
	os := options(f.Options)
	e := &slackgo.MultiSelectBlockElement{Type: slackgo.MultiOptTypeStatic, ActionID: valueID, Placeholder: placeholder(f)}
	for _, v := range strings.Split(f.Value, "\n") {
		for _, o := range os {
			if v != "" && plainValue(o.Value) == v {
				e.InitialOptions = append(e.InitialOptions, o)
			}
		}
	}
	switch {
	case f.Live:
		e.Type, e.MinQueryLength = slackgo.MultiOptTypeExternal, new(int)
	case len(os) > listMost:
		e.OptionGroups = groups(os)
	default:
		e.Options = os
	}
	return e
}

// groups cuts a long list into groups named by where they begin and end.
func groups(os []*slackgo.OptionBlockObject) []*slackgo.OptionGroupBlockObject {
	var out []*slackgo.OptionGroupBlockObject
	for len(os) > 0 {
		n := min(listMost, len(os))
		from, to := prompts.Cut(os[0].Text.Text, 34), prompts.Cut(os[n-1].Text.Text, 34)
		out = append(out, slackgo.NewOptionGroupBlockElement(plainText(from+" – "+to), os[:n:n]...))
		os = os[n:]
	}
	return out
}

// metadata is a place, and of a form in pages which page it is, as text that placeOf reads.
func metadata(p engine.Place, page string) string {
	at := ""
	if p.Channel != "" {
		at = p.String()
	}
	return strings.TrimRight(at+"\n"+p.Thread+"\n"+page, "\n")
}

// placeOf reads metadata.
func placeOf(text string) (p engine.Place, page string) {
	head, rest, _ := strings.Cut(text, "\n")
	thread, page, _ := strings.Cut(rest, "\n")
	p, err := engine.ParsePlace(head)
	if err != nil || head == "" {
		return engine.Place{}, page
	}
	p.Thread = thread
	return p, page
}

// pageName is "page 2/3" as In.Value has it; "" for a form that is one page.
func pageName(i, n int) string {
	if n <= 1 {
		return ""
	}
	return bot.PagePrefix + strconv.Itoa(i+1) + "/" + strconv.Itoa(n)
}
