package expr

import (
	"strings"
	"testing"
)

func TestSplit(t *testing.T) {
	for text, want := range map[string]string{
		``:                      ``,
		`plain } } text }}`:     `plain } } text }}`,
		`{{ a }}`:               `<2: a >`,
		`Hi {{a}}, {{ b }}!`:    `Hi |<5:a>|, |<12: b >|!`,
		`{{ {"a": {"b": 1}} }}`: `<2: {"a": {"b": 1}} >`,
		`{{ {"a": {"b": 1}}}}`:  `<2: {"a": {"b": 1}}>`,
		`{{ "}}" + '}}' }} x`:   `<2: "}}" + '}}' >| x`,
		"{{ `}}` }}":            "<2: `}}` >",
		"{{ `\\` }}":            "<2: `\\` >",
		`{{ "\"}}" }}`:          `<2: "\"}}" >`,
		`{{ [1, (2)] }}`:        `<2: [1, (2)] >`,
		`{{ any(a, {.b}) }}`:    `<2: any(a, {.b}) >`,
		`{{ "{{" }} is a brace`: `<2: "{{" >| is a brace`,
		`é{{ a }}`:              `é|<4: a >`,
		`{{}}`:                  `<2:>`,
		"a\nb {{ x":             `2:3: error: {{ is not closed. Close it with }}, or write {{ "{{" }} for the braces themselves`,
		`{{ "x }}`:              `1:1: error: {{ is not closed. Close it with }}, or write {{ "{{" }} for the braces themselves`,
		`{{ (a }}`:              `1:1: error: {{ is not closed. Close it with }}, or write {{ "{{" }} for the braces themselves`,
		`{{ a } }`:              `1:1: error: {{ is not closed. Close it with }}, or write {{ "{{" }} for the braces themselves`,
	} {
		segments, err := Split(text)
		got := ""
		if err != nil {
			got = problem(t, err)
		} else {
			got = drawn(segments)
			if joined(segments) != text {
				t.Errorf("%s: joined again it is %s", text, joined(segments))
			}
		}
		if got != want {
			t.Errorf("%s\n got  %s\n want %s", text, got, want)
		}
	}
}

func drawn(segments []Segment) string {
	var parts []string
	for _, s := range segments {
		if s.Expr {
			parts = append(parts, "<"+string(rune('0'+s.Offset%10))+":"+s.Text+">")
			if s.Offset > 9 {
				parts[len(parts)-1] = "<1" + parts[len(parts)-1][1:]
			}
		} else {
			parts = append(parts, s.Text)
		}
	}
	return strings.Join(parts, "|")
}

func joined(segments []Segment) string {
	var b strings.Builder
	for _, s := range segments {
		if s.Expr {
			b.WriteString("{{" + s.Text + "}}")
		} else {
			b.WriteString(s.Text)
		}
	}
	return b.String()
}
