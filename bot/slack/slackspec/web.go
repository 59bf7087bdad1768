package slackspec

import (
	"bytes"
	"encoding/json"
	"io"
	"net/http"
	"net/url"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"

	"github.com/santhosh-tekuri/jsonschema/v6"
)

// Requests holds each request of the Web API that goes through it to Slack's description of its methods (2021), to what
// is known to be newer, to the types of messages and views, and to the limits that none of them states.
type Requests struct {
	T    testing.TB
	Base http.RoundTripper // nil is http.DefaultTransport

	once    sync.Once
	methods map[string][]argument
	post    *jsonschema.Schema
	update  *jsonschema.Schema
	home    *jsonschema.Schema

	mu   sync.Mutex
	seen map[string]int
}

type argument struct {
	Name, Type string
	Required   bool
}

// newer are arguments and methods that came after the description; "!" marks those that must be there. Source: the
// methods' own pages at docs.slack.dev.
func newer() map[string]string {
	return map[string]string{
		"chat.postMessage":             "metadata",
		"chat.update":                  "metadata",
		"chat.delete":                  "!channel !ts",
		"conversations.history":        "!channel include_all_metadata",
		"conversations.replies":        "!channel !ts include_all_metadata",
		"conversations.list":           "team_id",
		"conversations.info":           "!channel",
		"conversations.members":        "!channel",
		"conversations.join":           "!channel",
		"conversations.setTopic":       "!channel !topic",
		"users.info":                   "!user",
		"users.list":                   "team_id",
		"files.info":                   "!file",
		"files.getUploadURLExternal":   "!filename !length alt_txt snippet_type",
		"files.completeUploadExternal": "!files channel_id thread_ts initial_comment blocks channels",
		"apps.connections.open":        "",
		"oauth.v2.access":              "grant_type refresh_token",
	}
}

// most is what one page of a list may hold at most.
func most() map[string]int {
	return map[string]int{"conversations.list": 999, "conversations.members": 999, "conversations.history": 999, "conversations.replies": 1000,
		"users.conversations": 999, "users.list": 200}
}

func (q *Requests) load() {
	q.T.Helper()
	b, err := os.ReadFile(filepath.Join(Shared(q.T), "specs", "slack", "slack_web_openapi_v2_without_examples.json"))
	if err != nil {
		q.T.Skipf("the platform's description is not here: %v", err)
	}
	var doc struct {
		Paths map[string]map[string]struct {
			Parameters []argument
		}
	}
	if err := json.Unmarshal(b, &doc); err != nil {
		q.T.Fatal(err)
	}
	q.methods, q.seen = map[string][]argument{}, map[string]int{}
	for path, verbs := range doc.Paths {
		for _, v := range verbs {
			q.methods[strings.TrimPrefix(path, "/")] = v.Parameters
		}
	}
	for name, args := range newer() {
		list := q.methods[name]
		if list == nil {
			list = []argument{}
		}
		for _, a := range strings.Fields(args) {
			bare, must := strings.CutPrefix(a, "!")
			list = slices.DeleteFunc(list, func(x argument) bool { return x.Name == bare })
			list = append(list, argument{Name: bare, Type: "string", Required: must})
		}
		q.methods[name] = list
	}
	q.post, q.update, q.home = Schema(q.T, "gen-ChatPostMessage"), Schema(q.T, "gen-ChatUpdate"), Schema(q.T, "gen-Home")
}

// Load reads the descriptions; the test is skipped where they are not there. Call it before anything is sent.
func (q *Requests) Load() { q.T.Helper(); q.once.Do(q.load) }

// Seen is how often a method was called.
func (q *Requests) Seen(method string) int {
	q.mu.Lock()
	defer q.mu.Unlock()
	return q.seen[method]
}

// RoundTrip checks a request and sends it.
func (q *Requests) RoundTrip(r *http.Request) (*http.Response, error) {
	base := q.Base
	if base == nil {
		base = http.DefaultTransport
	}
	_, method, api := strings.Cut(r.URL.Path, "/api/")
	if !api {
		return base.RoundTrip(r)
	}
	body, err := io.ReadAll(r.Body)
	if err != nil {
		return nil, err
	}
	q.Check(method, r, body)
	r = r.Clone(r.Context())
	r.Body = io.NopCloser(bytes.NewReader(body))
	return base.RoundTrip(r)
}

// Check holds one request to all that, wherever it was seen: slacktest.Server.Asked takes it.
func (q *Requests) Check(method string, r *http.Request, body []byte) {
	q.Load()
	q.mu.Lock()
	q.seen[method]++
	q.mu.Unlock()
	if r.URL.RawQuery != "" {
		q.T.Errorf("%s: arguments in the address: %s", method, r.URL.RawQuery)
	}
	args := map[string]any{}
	if strings.Contains(r.Header.Get("Content-Type"), "json") {
		if len(body) > 0 && json.Unmarshal(body, &args) != nil {
			q.T.Errorf("%s: no JSON: %.80s", method, body)
		}
	} else {
		form, err := url.ParseQuery(string(body))
		if err != nil {
			q.T.Errorf("%s: no form: %v", method, err)
		}
		for k := range form {
			args[k] = form.Get(k)
		}
	}
	known, ok := q.methods[method]
	if !ok {
		q.T.Errorf("Slack has no method %s", method)
		return
	}
	for name, v := range args {
		i := slices.IndexFunc(known, func(a argument) bool { return a.Name == name })
		if i < 0 && name != "token" {
			q.T.Errorf("%s has no argument %s", method, name)
			continue
		}
		if s, text := v.(string); text && i >= 0 {
			q.typed(method, known[i], s)
		}
	}
	for _, a := range known {
		if s, text := args[a.Name].(string); a.Required && a.Name != "token" && (args[a.Name] == nil || text && s == "") {
			q.T.Errorf("%s lacks %s", method, a.Name)
		}
	}
	q.content(method, args)
}

// typed holds an argument's text to its type. Times of messages are called numbers.
func (q *Requests) typed(method string, a argument, s string) {
	var err error
	switch a.Type {
	case "integer":
		_, err = strconv.ParseInt(s, 10, 64)
	case "number":
		_, err = strconv.ParseFloat(s, 64)
	case "boolean":
		_, err = strconv.ParseBool(s)
	}
	if err != nil && s != "" {
		q.T.Errorf("%s: %s is no %s: %q", method, a.Name, a.Type, s)
	}
	if n, err := strconv.Atoi(s); a.Name == "limit" && err == nil && (n < 1 || n > most()[method]) {
		q.T.Errorf("%s: a page of %d, 1 to %d allowed", method, n, most()[method])
	}
}

// content holds messages and pages to their types and limits.
func (q *Requests) content(method string, args map[string]any) {
	text := func(k string) string { s, _ := args[k].(string); return s }
	parsed := func(k string) any {
		var v any
		if s := text(k); s != "" && json.Unmarshal([]byte(s), &v) != nil {
			q.T.Errorf("%s: %s is no JSON: %.80s", method, k, s)
		}
		return v
	}
	switch method {
	case "chat.postMessage", "chat.update", "chat.postEphemeral":
		m := map[string]any{"channel": text("channel"), "text": text("text")}
		if list, ok := parsed("blocks").([]any); ok {
			m["blocks"] = list
			if len(list) > 50 {
				q.T.Errorf("%s: %d blocks, 50 allowed", method, len(list))
			}
			Parts(q.T, list)
		}
		schema := q.post
		if method == "chat.update" {
			schema, m["ts"] = q.update, text("ts")
		}
		if md := parsed("metadata"); md != nil {
			m["metadata"] = md
		}
		if err := schema.Validate(m); err != nil {
			q.T.Errorf("%s: %v", method, err)
		}
		if n := len(text("text")); n == 0 || n > 40_000 {
			q.T.Errorf("%s: a text of %d bytes", method, n)
		}
		Mrkdwn(q.T, text("text"))
	case "views.publish":
		if err := q.home.Validate(args["view"]); err != nil {
			q.T.Errorf("%s: %v", method, err)
		}
		if v, ok := args["view"].(map[string]any); ok {
			checkRawView(q.T, v)
		}
	case "conversations.setTopic":
		if n := Units(strings.NewReplacer("&lt;", "<", "&gt;", ">", "&amp;", "&").Replace(text("topic"))); n > 250 {
			q.T.Errorf("a topic of %d characters", n)
		}
	case "files.getUploadURLExternal":
		if n := Units(text("alt_txt")); n > 1000 {
			q.T.Errorf("a description of %d characters", n)
		}
	case "reactions.add":
		if strings.Trim(text("name"), "abcdefghijklmnopqrstuvwxyz0123456789_-+'") != "" {
			q.T.Errorf("no name of an emoji: %q", text("name"))
		}
	}
}
