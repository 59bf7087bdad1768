package discordspec

import (
	"encoding/json"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"

	"github.com/santhosh-tekuri/jsonschema/v6"
)

// Requests holds every request to what Discord describes of its route, and to the limits that it lacks: the function that
// it gives is told of each, with the JSON that it carries, and fits discordtest.Server.Asked. It may be called from
// several goroutines. The test is skipped where the description is not there.
func Requests(t testing.TB) func(r *http.Request, route string, body map[string]any) {
	t.Helper()
	data, err := os.ReadFile(filepath.Join(Shared(t), "specs", "discord", "openapi.json"))
	if err != nil {
		t.Skipf("the platform's description is not here: %v", err)
	}
	var doc struct {
		Paths map[string]map[string]json.RawMessage `json:"paths"`
	}
	if err := json.Unmarshal(data, &doc); err != nil {
		t.Fatal(err)
	}
	compile := compiler(t)
	var mu sync.Mutex
	compiled := map[string]*jsonschema.Schema{}
	return func(r *http.Request, route string, body map[string]any) {
		method, path, _ := strings.Cut(route, " ")
		name := ""
		for p := range doc.Paths {
			if alike(p, path) && (name == "" || strings.Count(p, "{") < strings.Count(name, "{")) {
				name = p
			}
		}
		raw, ok := doc.Paths[name][strings.ToLower(method)]
		if !ok {
			t.Errorf("Discord has no %s", route)
			return
		}
		asked(t, raw, r, route)
		if _, listed := body["list"]; listed || len(body) == 0 {
			return
		}
		mu.Lock()
		s := compiled[route]
		if s == nil {
			s = compile("paths/" + pointer(name) + "/" + strings.ToLower(method) + "/requestBody/content/application~1json/schema")
			compiled[route] = s
		}
		mu.Unlock()
		if err := s.Validate(plainly(body)); err != nil {
			t.Errorf("%s: %v", route, err)
		}
		if strings.HasSuffix(path, "/callback") {
			body, _ = body["data"].(map[string]any)
		}
		said(t, route, body)
	}
}

// alike reports whether a path of the description and a route name the same: what stands in braces is anything.
func alike(a, b string) bool {
	x, y := strings.Split(a, "/"), strings.Split(b, "/")
	if len(x) != len(y) {
		return false
	}
	for i := range x {
		if x[i] != y[i] && (!strings.HasPrefix(x[i], "{") || !strings.HasPrefix(y[i], "{")) {
			return false
		}
	}
	return true
}

// pointer is a path as a part of a JSON pointer in an address.
func pointer(path string) string {
	return strings.NewReplacer("~", "~0", "/", "~1", "{", "%7B", "}", "%7D").Replace(path)
}

// asked refuses queries that Discord does not know, and an agent that it does not want.
func asked(t testing.TB, operation json.RawMessage, r *http.Request, route string) {
	t.Helper()
	var o struct {
		Parameters []struct {
			Name string `json:"name"`
			In   string `json:"in"`
		} `json:"parameters"`
	}
	_ = json.Unmarshal(operation, &o)
	known := map[string]bool{}
	for _, p := range o.Parameters {
		known[p.Name] = p.In == "query"
	}
	for q := range r.URL.Query() {
		if !known[q] {
			t.Errorf("%s knows no %q", route, q)
		}
	}
	if !strings.HasPrefix(r.Header.Get("User-Agent"), "DiscordBot (") {
		t.Errorf("%s: agent %q", route, r.Header.Get("User-Agent"))
	}
}

// said holds what is shown to the limits of messages: 2,000 characters, 6,000 in all embeds, 10 of those, rows of five,
// nobody notified but by id.
func said(t testing.TB, route string, body map[string]any) {
	t.Helper()
	content, _ := body["content"].(string)
	if n := Units(content); n > 2000 {
		t.Errorf("%s: content of %d characters", route, n)
	}
	total, embeds := 0, objects(body["embeds"])
	for _, e := range embeds {
		for _, k := range []string{"title", "description"} {
			s, _ := e[k].(string)
			total += Units(s)
		}
		if d, _ := e["description"].(string); d != "" {
			Text(t, anonymous(d, body))
		}
	}
	if total > 6000 || len(embeds) > 10 {
		t.Errorf("%s: %d embeds of %d characters", route, len(embeds), total)
	}
	if allowed, ok := body["allowed_mentions"].(map[string]any); ok {
		if parse, _ := allowed["parse"].([]any); len(parse) > 0 {
			t.Errorf("%s: mentions are open: %v", route, allowed)
		}
	} else if (content != "" || len(embeds) > 0) && body["title"] == nil {
		t.Errorf("%s: allowed_mentions is open", route)
	}
	if body["title"] == nil { // a dialog has labels
		for _, row := range objects(body["components"]) {
			if n := len(objects(row["components"])); n < 1 || n > 5 {
				t.Errorf("%s: %d components in a row", route, n)
			}
		}
	}
	checkRaw(t, body["components"], 0)
}

// plainly is JSON as a schema wants it.
func plainly(body map[string]any) any {
	b, err := json.Marshal(body)
	if err != nil {
		return err.Error()
	}
	v, err := jsonschema.UnmarshalJSON(strings.NewReader(string(b)))
	if err != nil {
		return err.Error()
	}
	return v
}
