package prompts_test

import (
	"fmt"
	"math/rand/v2"
	"reflect"
	"strings"
	"testing"
	"unicode/utf16"
	"unicode/utf8"

	"github.com/bretelle/bretelle/prompts"
	"github.com/bretelle/bretelle/prompts/corpus"
)

func units(s string) int { return len(utf16.Encode([]rune(s))) }

func limits(r *rand.Rand) prompts.Limits {
	return prompts.Limits{Name: "test", CardText: 200 + r.IntN(2000), BlockText: 60 + r.IntN(500), Blocks: 2 + r.IntN(10), Title: 40 + r.IntN(100),
		Buttons: 5 * (1 + r.IntN(4)), ButtonsARow: 5, ButtonLabel: 5 + r.IntN(30), MenuOptions: 1 + r.IntN(5), OptionLabel: 5 + r.IntN(30),
		FormTitle: 10 + r.IntN(20), FormFields: 1 + r.IntN(5), FieldLabel: 10 + r.IntN(20), FieldHelp: 10 + r.IntN(40), FieldValue: 100 + r.IntN(1000)}
}

// texts of a block, as the reader sees them.
func texts(b prompts.Block) []string {
	switch b := b.(type) {
	case prompts.Para:
		return []string{b.Line.String()}
	case prompts.Note:
		return []string{b.Line.String()}
	case prompts.Pre:
		return []string{b.Text}
	case prompts.Facts:
		var out []string
		for _, f := range b.Facts {
			out = append(out, f.Label, f.Value.String())
		}
		return out
	}
	return nil
}

func checkFit(t *testing.T, was prompts.Card, l prompts.Limits) {
	t.Helper()
	got := prompts.Fit(was, l)
	total := units(got.Title.String())
	if total > l.Title {
		t.Errorf("title of %d, at most %d", total, l.Title)
	}
	if len(got.Blocks) > l.Blocks {
		t.Errorf("%d blocks, at most %d", len(got.Blocks), l.Blocks)
	}
	whole := got.Title.String()
	for _, b := range got.Blocks {
		n := 0
		for _, s := range texts(b) {
			n += units(s)
			whole += s
		}
		if n > l.BlockText {
			t.Errorf("block of %d, at most %d: %T", n, l.BlockText, b)
		}
		total += n
	}
	if total > l.CardText || units(got.Text) > l.CardText {
		t.Errorf("card of %d (text %d), at most %d", total, units(got.Text), l.CardText)
	}
	if !utf8.ValidString(whole) {
		t.Error("cut inside a character")
	}
	rows := (len(got.Buttons)+l.ButtonsARow-1)/l.ButtonsARow + len(got.Menus)
	if rows > max(1, l.Buttons/l.ButtonsARow) {
		t.Errorf("%d rows of buttons", rows)
	}
	if len(was.Buttons)+l.ButtonsARow*len(was.Menus) <= l.Buttons && (len(got.Buttons) != len(was.Buttons) || len(got.Menus) < len(was.Menus)) {
		t.Error("a button that fits is gone")
	}
	for i, b := range got.Buttons {
		if units(b.Label) > l.ButtonLabel || b.Token != was.Buttons[i].Token {
			t.Errorf("button %+v", b)
		}
	}
	if len(got.Buttons) < len(was.Buttons) || len(got.Menus) < len(was.Menus) || strings.Count(whole, "…") > 0 && !strings.Contains(flat(was), "…") {
		last := texts(got.Blocks[len(got.Blocks)-1])
		if len(last) != 1 || !strings.Contains(last[0], "Open") && !strings.Contains(last[0], "Ouvrir") {
			t.Errorf("something is cut, and the card does not say so: %q", last)
		}
	}
	if again := prompts.Fit(got, l); !reflect.DeepEqual(again, got) {
		t.Errorf("fitting twice changes\n%v\n%v", got, again)
	}
}

func flat(c prompts.Card) string {
	s := c.Title.String()
	for _, b := range c.Blocks {
		s += strings.Join(texts(b), "")
	}
	return s
}

func TestFitCorpus(t *testing.T) {
	r := rand.New(rand.NewPCG(1, 2))
	for range 8 {
		l := limits(r)
		for _, lang := range corpus.Langs() {
			for _, x := range corpus.Cards(lang) {
				checkFit(t, x.Card, l)
				if t.Failed() {
					t.Fatalf("%s within %+v", x.Name, l)
				}
			}
		}
		for _, h := range corpus.Hostile() {
			for i, c := range corpus.HostileCards("en", h) {
				checkFit(t, c, l)
				if t.Failed() {
					t.Fatalf("%.30q %d within %+v", h, i, l)
				}
			}
		}
	}
}

func TestFitButtons(t *testing.T) {
	c := prompts.Card{Title: prompts.Line{{Text: "x"}}, Lang: "en"}
	for i := range 30 {
		c.Buttons = append(c.Buttons, prompts.Button{ID: fmt.Sprint(i), Label: fmt.Sprint(i), Token: fmt.Sprint(i)})
	}
	l := prompts.Limits{Buttons: 25, ButtonsARow: 5, ButtonLabel: 10}
	got := prompts.Fit(c, l)
	if len(got.Buttons) != 25 || len(got.Blocks) != 1 {
		t.Errorf("%d buttons, %v", len(got.Buttons), got.Blocks)
	}
	c.Buttons = c.Buttons[:25]
	if got = prompts.Fit(c, l); len(got.Buttons) != 25 || len(got.Blocks) != 0 {
		t.Errorf("%d buttons, %v", len(got.Buttons), got.Blocks)
	}
	if got = prompts.Fit(corpus.Cards("en")[0].Card, prompts.Limits{}); !strings.Contains(prompts.PlainCard(got), "[Approve]") {
		t.Error("no limits, and something is gone")
	}
}

func FuzzCut(f *testing.F) {
	f.Add("Spelling 👩‍👩‍👧‍👦🇫🇷e\u0301", 5)
	f.Add("\r\n", 1)
	f.Fuzz(func(t *testing.T, s string, n int) {
		s = prompts.Clean(s)
		if again := prompts.Clean(s); again != s {
			t.Errorf("cleaning twice changes %q into %q", s, again)
		}
		got := prompts.Cut(s, n)
		if n > 0 && units(got) > n {
			t.Errorf("%q is longer than %d", got, n)
		}
		if !utf8.ValidString(got) {
			t.Errorf("%q is no text", got)
		}
		if got == s {
			return
		}
		head := strings.TrimSuffix(got, "…")
		if head == got || !strings.HasPrefix(s, head) {
			t.Errorf("%q is not the beginning of %q", got, s)
		}
	})
}

// A character as people see it, of several code points, is kept whole or left out.
func TestCutKeepsCharacters(t *testing.T) {
	for _, c := range []string{"👩‍👩‍👧‍👦", "🇫🇷", "e\u0301", "👍🏽", "❤️", "한"} {
		s := strings.Repeat(c, 20)
		for n := 1; n < units(s); n++ {
			head := strings.TrimSuffix(prompts.Cut(s, n), "…")
			if head != strings.Repeat(c, len(head)/len(c)) {
				t.Errorf("%d of %q: %q", n, c, head)
			}
		}
	}
}

func TestFitForms(t *testing.T) {
	r := rand.New(rand.NewPCG(3, 4))
	for range 8 {
		l := limits(r)
		l.Blocks = 0
		for _, h := range append(corpus.Hostile(), "plain") {
			for _, form := range append(corpus.HostileForms("en", h), corpus.Forms("fr")[7].Form) {
				got := prompts.FitForm(form, l)
				if units(got.Title) > l.FormTitle || units(got.Submit) > l.FormTitle {
					t.Errorf("title %q", got.Title)
				}
				was := map[string]string{}
				for _, x := range form.Fields {
					was[x.Name] = x.Value
				}
				for _, x := range got.Fields {
					if units(x.Label) > l.FieldLabel || units(x.Help) > l.FieldHelp || units(x.Value) > l.FieldValue {
						t.Errorf("field %+v within %+v", x, l)
					}
					if utf8.ValidString(was[x.Name]) && x.Value != was[x.Name] {
						t.Errorf("what stood in %s was cut", x.Name)
					}
					if !l.FormSelects && x.Kind == prompts.FieldOne {
						t.Errorf("a select where there are none")
					}
				}
				if missing := len(form.Fields) - len(got.Fields); missing > len(got.Intro)-len(form.Intro) {
					t.Errorf("%d fields are gone without a word", missing)
				}
				n := 0
				for _, p := range prompts.Pages(got, l) {
					n += len(p.Fields)
					if len(p.Fields) > l.FormFields || units(p.Title) > l.FormTitle || p.Token != form.Token {
						t.Errorf("page %+v", p)
					}
				}
				if n != len(got.Fields) {
					t.Error("pages lose fields")
				}
			}
		}
	}
}
