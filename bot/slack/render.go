package slack

import (
	"regexp"
	"strconv"
	"strings"

	slackgo "github.com/slack-go/slack"

	"github.com/bretelle/bretelle/prompts"
)

// Message is a fitted card as blocks and as the text for notifications. It accepts any card; within Limits, Slack
// accepts the result.
func Message(card prompts.Card) ([]slackgo.Block, string) {
	title := richLine(card.Title, true)
	if s := card.Tone.Sign(); s != "" {
		title = append([]slackgo.RichTextSectionElement{plainElement(s+" ", nil)}, title...)
	}
	blocks := []slackgo.Block{rich(title)}
	for _, b := range card.Blocks {
		blocks = append(blocks, block(b))
	}
	blocks = append(blocks, actions(card)...)
	return blocks, Escape(prompts.Clean(card.Text))
}

// Escape makes text safe where Slack reads mrkdwn: the three characters that begin its control sequences become
// entities (docs.slack.dev, "Formatting message text").
func Escape(s string) string {
	return strings.NewReplacer("&", "&amp;", "<", "&lt;", ">", "&gt;").Replace(s)
}

func block(b prompts.Block) slackgo.Block {
	switch b := b.(type) {
	case prompts.Para:
		return rich(richLine(b.Line, false))
	case prompts.Note:
		return note(b.Line)
	case prompts.Pre:
		return &slackgo.RichTextBlock{Type: slackgo.MBTRichText, Elements: []slackgo.RichTextElement{
			&slackgo.RichTextPreformatted{Type: slackgo.RTEPreformatted, Elements: filled([]slackgo.RichTextSectionElement{plainElement(prompts.Clean(b.Text), nil)})}}}
	case prompts.Facts:
		return facts(b)
	case prompts.Picture:
		return rich(richLine(prompts.Line{{Text: b.Alt}}, false))
	}
	return slackgo.NewDividerBlock()
}

func facts(b prompts.Facts) slackgo.Block {
	var out []slackgo.RichTextElement
	for _, f := range b.Facts {
		line := []slackgo.RichTextSectionElement{plainElement(prompts.CleanLine(f.Label), bold()), plainElement("  ", nil)}
		if f.Risky {
			line = append(line, plainElement(prompts.RiskSign+" ", nil))
		}
		line = append(line, richLine(f.Value, false)...)
		out = append(out, slackgo.NewRichTextSection(filled(line)...))
	}
	if len(out) == 0 {
		return slackgo.NewDividerBlock()
	}
	return slackgo.NewRichTextBlock("", out...)
}

func rich(line []slackgo.RichTextSectionElement) slackgo.Block {
	return slackgo.NewRichTextBlock("", slackgo.NewRichTextSection(filled(line)...))
}

// filled leaves out empty texts, which Slack refuses, and makes a line of nothing a blank.
func filled(line []slackgo.RichTextSectionElement) []slackgo.RichTextSectionElement {
	out := make([]slackgo.RichTextSectionElement, 0, len(line))
	for _, e := range line {
		if t, ok := e.(*slackgo.RichTextSectionTextElement); ok && t.Text == "" {
			continue
		}
		out = append(out, e)
	}
	if len(out) == 0 {
		out = append(out, plainElement(" ", nil))
	}
	return out
}

func plainElement(s string, style *slackgo.RichTextSectionTextStyle) *slackgo.RichTextSectionTextElement {
	return slackgo.NewRichTextSectionTextElement(s, style)
}

func bold() *slackgo.RichTextSectionTextStyle { return &slackgo.RichTextSectionTextStyle{Bold: true} }

// richLine is a line as elements that Slack does not parse.
func richLine(l prompts.Line, heavy bool) []slackgo.RichTextSectionElement {
	var out []slackgo.RichTextSectionElement
	for _, s := range l {
		var style *slackgo.RichTextSectionTextStyle
		if heavy || s.Kind == prompts.Strong {
			style = bold()
		}
		txt := prompts.CleanLine(s.Text)
		switch s.Kind {
		case prompts.Code:
			out = append(out, plainElement(txt, &slackgo.RichTextSectionTextStyle{Code: true}))
		case prompts.Link:
			if prompts.Linkable(s.URL) {
				out = append(out, slackgo.NewRichTextSectionLinkElement(s.URL, txt, style))
				continue
			}
			out = append(out, plainElement(txt, style))
		case prompts.Time:
			d := slackgo.NewRichTextSectionDateElement(s.At/1000, timeFormat(s.How), nil, &txt)
			d.Style = style
			out = append(out, d)
		case prompts.Mention:
			switch {
			case s.Ping && userID.MatchString(s.ID):
				out = append(out, slackgo.NewRichTextSectionUserElement(s.ID, nil))
			case s.Ping && groupID.MatchString(s.ID):
				out = append(out, slackgo.NewRichTextSectionUserGroupElement(s.ID))
			default:
				out = append(out, plainElement(txt, style))
			}
		default:
			out = append(out, plainElement(txt, style))
		}
	}
	return out
}

// The ids that may notify: of users and of user groups. Anything else is shown as a name.
var (
	userID  = regexp.MustCompile(`^[UW][A-Z0-9]{2,20}$`)
	groupID = regexp.MustCompile(`^S[A-Z0-9]{2,20}$`)
)

// timeFormat is Slack's date format of a style (docs.slack.dev, "Date formatting").
func timeFormat(how prompts.TimeStyle) string {
	switch how {
	case prompts.Clock:
		return "{time}"
	case prompts.DayClock:
		return "{date_short_pretty} {time}"
	}
	return "{date_long}"
}

// note is small print: plain text objects, with times between them as tokens.
func note(l prompts.Line) slackgo.Block {
	var out []slackgo.MixedElement
	for _, s := range l {
		txt := prompts.CleanLine(s.Text)
		if s.Kind == prompts.Time {
			token := "<!date^" + strconv.FormatInt(s.At/1000, 10) + "^" + timeFormat(s.How) + "|" + strings.NewReplacer("|", " ", "^", " ").Replace(Escape(txt)) + ">"
			out = append(out, slackgo.NewTextBlockObject(slackgo.MarkdownType, token, false, false))
			continue
		}
		if strings.TrimSpace(txt) == "" {
			continue
		}
		if n := len(out); n > 0 {
			if t, ok := out[n-1].(*slackgo.TextBlockObject); ok && t.Type == slackgo.PlainTextType {
				t.Text += txt
				continue
			}
		}
		out = append(out, slackgo.NewTextBlockObject(slackgo.PlainTextType, txt, false, false))
	}
	if len(out) == 0 || len(out) > 10 { // ten elements is the most that a context block holds
		return rich(richLine(l, false))
	}
	return slackgo.NewContextBlock("", out...)
}

// actions are the buttons and menus, five to a block so that they stay in one row on a wide screen.
func actions(card prompts.Card) []slackgo.Block {
	var elements []slackgo.BlockElement
	for i, b := range card.Buttons {
		e := styled(slackgo.NewButtonBlockElement("button:"+strconv.Itoa(i)+":"+b.ID, b.Token, plainText(b.Label)), b.Style)
		if b.Token == "" {
			if !prompts.Linkable(b.URL) {
				continue
			}
			e.URL = b.URL
		}
		elements = append(elements, e)
	}
	for i, m := range card.Menus {
		id := "menu:" + m.Token
		if i > 0 && m.Token == card.Menus[i-1].Token { // one list in several menus: their ids must differ
			id += "#" + strconv.Itoa(i)
		}
		if os := options(m.Options); len(os) > 0 {
			elements = append(elements, slackgo.NewOptionsSelectBlockElement(slackgo.OptTypeStatic, plainText(m.Label), id, os...))
		}
	}
	var out []slackgo.Block
	for len(elements) > 0 {
		n := min(5, len(elements))
		out = append(out, slackgo.NewActionBlock("", elements[:n:n]...))
		elements = elements[n:]
	}
	return out
}

func styled(e *slackgo.ButtonBlockElement, style prompts.ButtonStyle) *slackgo.ButtonBlockElement {
	switch style {
	case prompts.Primary:
		e.Style = slackgo.StylePrimary
	case prompts.Danger:
		e.Style = slackgo.StyleDanger
	}
	return e
}

// nothing stands for the empty value of an option, which Slack refuses.
const nothing = "∅"

// plainValue is the value of an option as its form has it.
func plainValue(v string) string {
	if v == nothing {
		return ""
	}
	return v
}

func options(os []prompts.Option) []*slackgo.OptionBlockObject {
	var out []*slackgo.OptionBlockObject
	for _, o := range os {
		var help *slackgo.TextBlockObject
		if o.Help != "" {
			help = plainText(o.Help)
		}
		if o.Value == "" {
			o.Value = nothing
		}
		out = append(out, slackgo.NewOptionBlockObject(o.Value, plainText(o.Label), help))
	}
	return out
}

// plainText is a text object that Slack shows as it is; an empty one is refused, so it becomes a dash.
func plainText(s string) *slackgo.TextBlockObject {
	s = prompts.CleanLine(s)
	if strings.TrimSpace(s) == "" {
		s = "–"
	}
	return slackgo.NewTextBlockObject(slackgo.PlainTextType, s, false, false)
}
