package watch_test

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/bretelle/bretelle/connectors"
	"github.com/bretelle/bretelle/connectors/connectortest"
	"github.com/bretelle/bretelle/connectors/watch"
)

func TestContract(t *testing.T) { connectortest.Run(t, watch.New(), connectortest.Options{}) }

func TestLooks(t *testing.T) {
	var kind, body string
	srv := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", kind)
		_, _ = w.Write([]byte(body)) // whoever hung up shows in what it reports
	}))
	defer srv.Close()
	f := connectors.NewFetcher(connectors.Exits{})
	src := watch.New().Sources[watch.Page]
	for name, x := range map[string]struct {
		kind, look, path string
		bodies           []string // each but those with "=" before them is a change
		after            string
	}{
		"text":  {"text/html", "text", "", []string{"<p>One</p><script>1</script>", "=<div>One</div><script>2</script>", "<p>Two</p>", "<p>One</p>"}, "One"},
		"bytes": {"text/html", "bytes", "", []string{"<p>One</p>", "<p>One</p> ", "=<p>One</p> "}, "<p>One</p> "},
		"json":  {"application/json", "json", "a[1].b", []string{`{"a":[0,{"b":7}]}`, `={"a":[1,{"b":7,"c":1}]}`, `{"a":[1,{"b":8}]}`}, "8"},
		"big":   {"application/json", "json", "", []string{`{"id":9007199254740993}`, `{"id":9007199254740992}`}, "map[id:9007199254740992]"},
	} {
		with := map[string]any{"url": srv.URL, "look": x.look, "value": x.path, "allow_private": true}
		var state json.RawMessage
		ids := map[string]bool{}
		var last connectors.Found
		for i, b := range x.bodies {
			kind = x.kind
			body = strings.TrimPrefix(b, "=")
			p, err := src.Fetch(context.Background(), f, with, state)
			if err != nil {
				t.Fatalf("%s %d: %v", name, i, err)
			}
			if p.Unchanged != (b != body) || !p.Unchanged && (len(p.Items) != 1 || ids[p.Items[0].ID]) {
				t.Errorf("%s %d: %+v", name, i, p)
			}
			if state = p.State; len(p.Items) == 1 {
				last = p.Items[0]
				ids[last.ID] = true
			}
			if _, bad := connectors.Fit(watch.New().Triggers[0].Event, last.Data, ""); bad != nil {
				t.Errorf("%s: %v", name, bad)
			}
		}
		if got := fmt.Sprint(last.Data["after"]); got != x.after {
			t.Errorf("%s: %q, wanted %q", name, got, x.after)
		}
	}
	kind, body = "application/json", `{"a":1}`
	for path, words := range map[string]string{"b": "without b", "a[0]": "without a[0]", "a.b": "without a.b"} {
		_, err := src.Fetch(context.Background(), f, map[string]any{"url": srv.URL, "look": "json", "value": path, "allow_private": true}, nil)
		if err == nil || !strings.Contains(err.Error(), words) {
			t.Errorf("%s: %v", path, err)
		}
	}
}

func TestRefused(t *testing.T) {
	check := watch.New().Triggers[0].Check
	for field, with := range map[string]map[string]any{
		"url":   {"url": "ftp://x"},
		"every": {"url": "https://x", "every": "5s"},
		"value": {"url": "https://x", "look": "json", "value": "a..b"},
	} {
		if got := check(with); got[field] == nil {
			t.Errorf("%v: %v", with, got)
		}
	}
	for _, path := range []string{"a[", "a[x]", "[1", "a]b[", ".a", "a[-1]", "a[0]b", strings.Repeat("a.", 40) + "b"} {
		if got := check(map[string]any{"look": "json", "value": path}); path != "a]b[" && got["value"] == nil {
			t.Errorf("%s is taken", path)
		}
	}
	if got := check(map[string]any{"look": "json", "value": "$.a[0][1].b"}); len(got) != 0 {
		t.Error(got)
	}
	if got := check(map[string]any{"value": "a"}); got["value"] == nil {
		t.Error("a path without JSON is taken")
	}
}
