package prompts_test

import (
	"fmt"
	"testing"

	"github.com/bretelle/bretelle/prompts"
)

// Nothing of a long menu is out of reach while there are rows for it, and no button goes for it.
func TestLongMenusAreSplit(t *testing.T) {
	l := prompts.Limits{Buttons: 25, ButtonsARow: 5, ButtonLabel: 80, MenuOptions: 25, OptionLabel: 100}
	for _, x := range []struct{ options, buttons, menus, shown int }{
		{25, 8, 1, 25}, {26, 8, 2, 26}, {60, 8, 3, 60}, {200, 8, 3, 75}, {60, 20, 1, 25}, {0, 3, 1, 0}, {60, 0, 3, 60},
	} {
		c := prompts.Card{Text: "x", Menus: []prompts.Menu{{ID: "edit", Label: "Edit…", Token: "t"}}}
		for i := range x.options {
			c.Menus[0].Options = append(c.Menus[0].Options, prompts.Option{Value: fmt.Sprint(i), Label: fmt.Sprint(i)})
		}
		for i := range x.buttons {
			c.Buttons = append(c.Buttons, prompts.Button{ID: fmt.Sprint(i), Label: "b", Token: "b"})
		}
		got := prompts.Fit(c, l)
		seen := map[string]bool{}
		for _, m := range got.Menus {
			if m.Token != "t" || len(m.Options) > 25 {
				t.Errorf("%+v: a menu of %d options means %q", x, len(m.Options), m.Token)
			}
			for _, o := range m.Options {
				seen[o.Value] = true
			}
		}
		if len(got.Menus) != x.menus || len(seen) != x.shown || len(got.Buttons) != x.buttons {
			t.Errorf("%+v: %d menus show %d options beside %d buttons", x, len(got.Menus), len(seen), len(got.Buttons))
		}
	}
	long := prompts.Card{Text: "x", Menus: []prompts.Menu{{ID: "edit", Label: "Edit…", Options: make([]prompts.Option, 30)}}}
	if got := prompts.Fit(long, l); len(got.Menus) != 2 || got.Menus[1].Label != "Edit… (26–30)" {
		t.Errorf("the menus are %+v", got.Menus)
	}
}
