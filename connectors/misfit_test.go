package connectors_test

import (
	"strings"
	"testing"

	"github.com/bretelle/bretelle/connectors"
	"github.com/bretelle/bretelle/connectors/web"
)

// What a dialog can tell before anything is sent is what the action would say when it is tried.
func TestMisfits(t *testing.T) {
	cat, err := connectors.NewCatalog(web.New())
	if err != nil {
		t.Fatal(err)
	}
	for name, x := range map[string]struct {
		in   map[string]any
		want string // "field: words", sorted by nothing: one at most
	}{
		"good":             {map[string]any{"method": "POST", "url": "https://tracker.example.org/x", "json": map[string]any{"a": 1}}, ""},
		"no scheme":        {map[string]any{"method": "POST", "url": "tracker.example.org/x"}, "url: \"tracker.example.org/x\" is not a web address Write it whole: https://host/path."},
		"another scheme":   {map[string]any{"method": "POST", "url": "ftp://tracker.example.org/x"}, "url: Addresses begin with https:// or http://, not with \"ftp:\" "},
		"missing":          {map[string]any{"method": "POST"}, "url: \"url\" is missing "},
		"empty":            {map[string]any{"method": "POST", "url": ""}, "url: \"url\" is missing "},
		"a typo":           {map[string]any{"method": "PSOT", "url": "https://tracker.example.org/x"}, "method: \"method\" cannot be \"PSOT\" Did you mean \"POST\"?"},
		"a wrong type":     {map[string]any{"method": "POST", "url": "https://tracker.example.org/x", "repeat_safe": "perhaps"}, "repeat_safe: \"repeat_safe\" must be true or false "},
		"a part of a map":  {map[string]any{"method": "POST", "url": "https://tracker.example.org/x", "headers": map[string]any{"A": []any{}}}, "headers: \"headers.A\" must be text "},
		"filled in later":  {map[string]any{"method": "POST", "url": "https://tracker.example.org/x", "headers": map[string]any{"A": map[string]any{"$secret": "k"}}}, ""},
		"optional and nil": {map[string]any{"method": "POST", "url": "https://tracker.example.org/x", "timeout": nil}, ""},
	} {
		bad, got := cat.Misfits("http.request", x.in), ""
		for field, e := range bad {
			hint := e.Hint
			for k, v := range e.Args {
				if s, ok := v.(string); ok {
					hint = strings.ReplaceAll(hint, "{"+k+"}", s)
				}
			}
			e.Hint = ""
			got += field + ": " + e.Error() + " " + hint
		}
		if got != x.want {
			t.Errorf("%s: %q, wanted %q", name, got, x.want)
		}
	}
	if got := cat.Misfits("nowhere.act", nil); got != nil {
		t.Errorf("%v", got)
	}
}
