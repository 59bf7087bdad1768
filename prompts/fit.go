package prompts

import (
	"fmt"
	"sort"
)

// Fit makes a card showable within limits: it cleans every text (Clean), cuts what is too long with "…", leaves out
// what is too much, and says so in a note. It and FitForm are the only code that cuts. Buttons go last, and only
// those beyond what the surface can hold. Fitting twice changes nothing.
func Fit(card Card, l Limits) Card {
	card, _ = FitNoted(card, l, T(card.Lang, "Cut to fit: see Open for the rest", nil))
	return card
}

// FitNoted is Fit with a note of its own for a card that was cut, which says where the rest is; cut tells whether it
// was.
func FitNoted(card Card, l Limits, note string) (_ Card, cut bool) {
	f := fitter{l: l, note: note}
	card.Title = f.line(card.Title, l.Title)
	blocks := make([]Block, 0, len(card.Blocks))
	for _, b := range card.Blocks {
		blocks = append(blocks, f.block(b))
	}
	card.Blocks = blocks
	card.Menus = f.menus(f.split(card.Menus, len(card.Buttons)), len(card.Buttons) > 0)
	card.Buttons = f.buttons(card.Buttons, len(card.Menus))
	card.Text = f.text(Clean(card.Text), l.CardText, false)
	f.count(&card)
	f.total(&card)
	if f.cut && !f.noted(card) {
		if l.Blocks > 0 && len(card.Blocks) >= l.Blocks {
			card.Blocks = card.Blocks[:l.Blocks-1]
		}
		card.Blocks = append(card.Blocks, Note{text(f.note)})
		f.total(&card)
	}
	return card, f.cut
}

// fitter cuts, and remembers whether it did.
type fitter struct {
	l    Limits
	cut  bool
	note string
}

func (f *fitter) text(s string, limit int, tell bool) string {
	t := Cut(s, limit)
	if tell && t != s {
		f.cut = true
	}
	return t
}

// line cleans a line and cuts it to limit.
func (f *fitter) line(l Line, limit int) Line {
	out, room := make(Line, 0, len(l)), limit
	for _, s := range l {
		s.Text = CleanLine(s.Text)
		if s.Kind == Link && !linkable(s.URL) {
			s = Span{Text: s.Text}
		}
		if limit > 0 {
			w := spanWidth(s)
			if w > room {
				f.cut = true
				if s.Kind == Plain || s.Kind == Strong || s.Kind == Code {
					if room > 1 {
						s.Text = Cut(s.Text, room)
						out = append(out, s)
						return out
					}
				}
				return ellipsis(out, limit)
			}
			room -= w
		}
		out = append(out, s)
	}
	return out
}

// ellipsis ends a line that could not go on, inside limit.
func ellipsis(l Line, limit int) Line {
	for len(l) > 0 && lineWidth(l)+1 > limit {
		last := l[len(l)-1]
		l = l[:len(l)-1]
		if last.Kind <= Code && width(last.Text) > 2 {
			last.Text = Cut(last.Text, width(last.Text)-1)
			return append(l, last)
		}
	}
	return append(l, Span{Text: "…"})
}

// spanWidth is what a span may take on a platform: a time or mention becomes a token of up to 24 characters, a link
// carries its address.
func spanWidth(s Span) int {
	switch s.Kind {
	case Time, Mention:
		return max(24, width(s.Text))
	case Link:
		return width(s.Text) + width(s.URL) + 4
	}
	return width(s.Text)
}

func lineWidth(l Line) int {
	n := 0
	for _, s := range l {
		n += spanWidth(s)
	}
	return n
}

func (f *fitter) block(b Block) Block {
	switch b := b.(type) {
	case Para:
		return Para{f.line(b.Line, f.l.BlockText)}
	case Note:
		return Note{f.line(b.Line, f.l.BlockText)}
	case Pre:
		return Pre{Text: f.text(Clean(b.Text), f.l.BlockText, true), Lang: b.Lang}
	case Facts:
		return f.facts(b, f.l.BlockText)
	case Picture:
		b.Alt = f.text(Clean(b.Alt), f.l.BlockText, true)
		return b
	}
	return b
}

// facts cuts the longest values until the block has at most limit characters, then leaves out facts from the end.
func (f *fitter) facts(b Facts, limit int) Facts {
	out := make([]Fact, len(b.Facts))
	for i, x := range b.Facts {
		out[i] = Fact{Label: f.text(CleanLine(x.Label), 40, true), Value: f.line(x.Value, 0), Risky: x.Risky}
	}
	if limit <= 0 {
		return Facts{out}
	}
	const least = 40
	for over := factsWidth(out) - limit; over > 0; over = factsWidth(out) - limit {
		i := longest(len(out), func(i int) int { return lineWidth(out[i].Value) })
		w := lineWidth(out[i].Value)
		f.cut = true
		if w <= least {
			if len(out) == 1 {
				out[0].Value = f.line(out[0].Value, max(1, w-over))
				break
			}
			out = out[:len(out)-1]
			continue
		}
		out[i].Value = f.line(out[i].Value, max(least, w-over))
		if lineWidth(out[i].Value) >= w {
			out = out[:len(out)-1]
		}
	}
	return Facts{out}
}

func factsWidth(fs []Fact) int {
	n := 0
	for _, x := range fs {
		n += width(x.Label) + lineWidth(x.Value) + 4
	}
	return n
}

func longest(n int, size func(int) int) int {
	best := 0
	for i := 1; i < n; i++ {
		if size(i) > size(best) {
			best = i
		}
	}
	return best
}

// count keeps the number of blocks, with room for the note.
func (f *fitter) count(card *Card) {
	if f.l.Blocks > 0 && len(card.Blocks) > f.l.Blocks {
		card.Blocks, f.cut = card.Blocks[:f.l.Blocks-1], true
	}
}

// total keeps the text of the whole: preformatted text gives way first, the longest first, then the other blocks
// from the end.
func (f *fitter) total(card *Card) {
	limit := f.l.CardText
	if limit <= 0 || cardWidth(*card) <= limit {
		return
	}
	f.cut = true
	if !f.noted(*card) {
		limit = max(1, limit-width(f.note)-blockCost)
	}
	var pres []int
	for i, b := range card.Blocks {
		if _, ok := b.(Pre); ok {
			pres = append(pres, i)
		}
	}
	sort.SliceStable(pres, func(a, b int) bool {
		return blockWidth(card.Blocks[pres[a]]) > blockWidth(card.Blocks[pres[b]])
	})
	for _, i := range pres {
		if over := cardWidth(*card) - limit; over > 0 {
			p := card.Blocks[i].(Pre)
			card.Blocks[i] = Pre{Text: Cut(p.Text, max(80, width(p.Text)-over)), Lang: p.Lang}
		}
	}
	for len(card.Blocks) > 0 && cardWidth(*card) > limit {
		n := len(card.Blocks) - 1
		if f.isNote(card.Blocks[n]) && n > 0 {
			card.Blocks = append(card.Blocks[:n-1:n-1], card.Blocks[n])
			continue
		}
		card.Blocks = card.Blocks[:n]
	}
	if over := cardWidth(*card) - limit; over > 0 {
		card.Title = f.line(card.Title, max(1, lineWidth(card.Title)-over))
	}
}

func (f *fitter) noted(card Card) bool {
	n := len(card.Blocks)
	return n > 0 && f.isNote(card.Blocks[n-1])
}

func (f *fitter) isNote(b Block) bool {
	n, ok := b.(Note)
	return ok && n.Line.String() == f.note
}

// blockCost is what a renderer may add around a block: fences, bold marks, line ends.
const blockCost = 12

func cardWidth(c Card) int {
	n := lineWidth(c.Title)
	for _, b := range c.Blocks {
		n += blockWidth(b)
	}
	return n
}

func blockWidth(b Block) int {
	switch b := b.(type) {
	case Para:
		return lineWidth(b.Line) + blockCost
	case Note:
		return lineWidth(b.Line) + blockCost
	case Pre:
		return width(b.Text) + blockCost
	case Facts:
		return factsWidth(b.Facts) + blockCost
	case Picture:
		return width(b.Alt) + blockCost
	}
	return blockCost
}

// split makes several menus of one that has more options than a menu shows, as far as rows are left over by the buttons.
// They share what it is: whichever is used, its token comes back.
func (f *fitter) split(ms []Menu, buttons int) []Menu {
	most, left := f.l.MenuOptions, f.rows()
	if most <= 0 || left == 0 {
		return ms
	}
	a := max(1, f.l.ButtonsARow)
	left -= (buttons+a-1)/a + len(ms)
	var out []Menu
	for _, m := range ms {
		n := min((len(m.Options)+most-1)/most, 1+max(0, left))
		left -= n - 1
		for i := range n {
			part := m
			part.Options = m.Options[i*most:]
			if i < n-1 {
				part.Options = part.Options[:most]
			}
			if n > 1 {
				part.Label = fmt.Sprintf("%s (%d–%d)", m.Label, i*most+1, i*most+min(most, len(part.Options)))
			}
			out = append(out, part)
		}
		if n == 0 {
			out = append(out, m)
		}
	}
	return out
}

// menus keeps as many as there are rows; each takes one of its own, and buttons need one.
func (f *fitter) menus(ms []Menu, buttons bool) []Menu {
	rows := f.rows()
	if buttons && rows > 0 {
		rows--
	}
	out := make([]Menu, 0, len(ms))
	for _, m := range ms {
		if rows >= 0 && f.l.Buttons > 0 && len(out) == rows {
			f.cut = true
			break
		}
		m.Label = f.text(CleanLine(m.Label), f.l.ButtonLabel, false)
		m.Options = f.options(m.Options)
		out = append(out, m)
	}
	if len(out) == 0 {
		return nil
	}
	return out
}

// rows is how many rows of buttons there can be; 0 without a limit.
func (f *fitter) rows() int {
	if f.l.Buttons <= 0 {
		return 0
	}
	return max(1, f.l.Buttons/max(1, f.l.ButtonsARow))
}

func (f *fitter) options(os []Option) []Option {
	if f.l.MenuOptions > 0 && len(os) > f.l.MenuOptions {
		os, f.cut = os[:f.l.MenuOptions], true
	}
	out := make([]Option, len(os))
	for i, o := range os {
		out[i] = Option{Value: o.Value, Label: f.text(CleanLine(o.Label), f.l.OptionLabel, false),
			Help: f.text(CleanLine(o.Help), f.l.OptionLabel, false)}
	}
	return out
}

func (f *fitter) buttons(bs []Button, menus int) []Button {
	if f.l.Buttons > 0 {
		if room := max(0, f.l.Buttons-menus*max(1, f.l.ButtonsARow)); len(bs) > room {
			bs, f.cut = bs[:room], true
		}
	}
	out := make([]Button, 0, len(bs))
	for _, b := range bs {
		b.Label = f.text(CleanLine(b.Label), f.l.ButtonLabel, false)
		out = append(out, b)
	}
	if len(out) == 0 {
		return nil
	}
	return out
}
