package prompts

import "testing"

func TestEmoji(t *testing.T) {
	for _, x := range []struct{ in, sign, name string }{
		{"👍", "👍", "+1"}, {"+1", "👍", "+1"}, {":thumbsup:", "👍", "+1"}, {"ThumbsUp", "👍", "+1"}, {"👍🏽", "👍🏽", "+1"}, {"+1::skin-tone-4", "👍🏽", "+1"},
		{"❤", "❤", "heart"}, {"heart", "❤️", "heart"}, {"✅", "✅", "white_check_mark"}, {"1️⃣", "1️⃣", "one"}, {"rofl", "🤣", "rolling_on_the_floor_laughing"},
		{"+1::skin-tone-9", "👍", "+1"}, {"our_logo", "", ""}, {"", "", ""}, {"::", "", ""}, {"🦖", "", ""},
	} {
		sign, ok := EmojiSign(x.in)
		name, named := EmojiName(x.in)
		if sign != x.sign || ok != (x.sign != "") || name != x.name || named != (x.name != "") {
			t.Errorf("%q: %q %v, %q %v", x.in, sign, ok, name, named)
		}
	}
	seen := map[string]string{}
	for _, e := range emojis() {
		if len(e) < 2 || bare(e[0]) == "" {
			t.Errorf("%q has no name", e)
		}
		for _, s := range append([]string{bare(e[0])}, e[1:]...) {
			if seen[s] != "" {
				t.Errorf("%q is %q and %q", s, seen[s], e[0])
			}
			seen[s] = e[0]
		}
	}
}
