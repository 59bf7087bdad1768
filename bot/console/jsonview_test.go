package console

import (
	"strings"
	"testing"
)

func TestValuesAreShown(t *testing.T) {
	v := viewJSON("x", []byte(`{"a<b>":"\"<script>","n":-1.5e3,"t":[true,null]}`))
	want := "{\n  <span class=\"j-k\">&#34;a&lt;b&gt;&#34;</span>: <span class=\"j-s\">&#34;\\&#34;&lt;script&gt;&#34;</span>,\n  <span class=\"j-k\">&#34;n&#34;</span>: <span class=\"j-n\">-1.5e3</span>,\n" +
		"  <span class=\"j-k\">&#34;t&#34;</span>: [\n    <span class=\"j-w\">true</span>,\n    <span class=\"j-w\">null</span>\n  ]\n}"
	if string(v.HTML) != want {
		t.Errorf("shown as\n%s\nwanted\n%s", v.HTML, want)
	}
	if v := viewJSON("x", []byte(`null`)); v.HTML != "" {
		t.Errorf("nothing is shown as %q", v.HTML)
	}
	if v := viewJSON("x", []byte(`"`+strings.Repeat("a", 300<<10)+`"`)); !v.Long || !v.Part || len(v.HTML) > 300<<10 {
		t.Errorf("a long one: %v %v %d", v.Long, v.Part, len(v.HTML))
	}
}

func FuzzHighlight(f *testing.F) {
	for _, s := range []string{`{"a": "b\`, `-`, `"`, "é\"", "<b>", `{"a":1}`, "\xff\"\\"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		out := string(highlight(s))
		for _, class := range []string{"j-k", "j-s", "j-n", "j-w"} {
			out = strings.ReplaceAll(out, `<span class="`+class+`">`, "")
		}
		if out = strings.ReplaceAll(out, "</span>", ""); strings.ContainsAny(out, "<>") {
			t.Errorf("%q became %q", s, out)
		}
	})
}

func TestTook(t *testing.T) {
	for _, x := range []struct {
		from, to int64
		want     string
	}{{0, 5, ""}, {5, 4, ""}, {1, 400, "399 ms"}, {1, 1501, "1.5 s"}, {1, 42_001, "42 s"}, {1, 184_001, "3 min 4 s"}, {1, 7_500_001, "2 h 5 min"}, {1, 266_400_001, "3 d 2 h"}} {
		if got := took(x.from, x.to); got != x.want {
			t.Errorf("%d to %d: %q, wanted %q", x.from, x.to, got, x.want)
		}
	}
}
