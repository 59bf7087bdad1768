package intake_test

import (
	"bytes"
	"context"
	"encoding/json"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/bretelle/bretelle/connectors/connectortest"
	"github.com/bretelle/bretelle/connectors/intake"
	"github.com/bretelle/bretelle/connectors/webhook"
	"github.com/bretelle/bretelle/engine"
)

const hookSecret = "whsec_c2VjcmV0LWZvci10aGUtdGVzdHM="

var start = time.Date(2026, 5, 1, 12, 0, 0, 0, time.UTC)

// door is an intake with switches: it keeps what was offered and knows duplicates.
type door struct {
	mu      sync.Mutex
	outcome engine.Outcome
	err     error
	hold    chan struct{}
	inside  chan struct{}
	items   []engine.Item
	keys    map[string]bool
}

func (d *door) Accept(_ context.Context, b engine.Batch) ([]engine.Receipt, error) {
	if d.hold != nil {
		d.inside <- struct{}{}
		<-d.hold
	}
	d.mu.Lock()
	defer d.mu.Unlock()
	if d.err != nil {
		return nil, d.err
	}
	var out []engine.Receipt
	for _, it := range b.Items {
		if it.Key != "" && d.keys[it.Key] {
			out = append(out, engine.Receipt{Outcome: engine.Duplicate, Number: 12})
			continue
		}
		d.keys[it.Key] = true
		d.items = append(d.items, it)
		r := engine.Receipt{Outcome: engine.Accepted, Number: 12}
		if d.outcome != "" {
			r = engine.Receipt{Outcome: d.outcome, Reason: "because"}
		}
		out = append(out, r)
	}
	return out, nil
}

// paths has one hook of each kind of sender.
type paths struct{}

func (paths) Hook(path string) (intake.Hook, bool) {
	senders := map[string]any{
		"github": "github", "stripe": "stripe", "standard": "standard-webhooks", "open": "unsigned", "broken": "nobody",
		"token": map[string]any{"kind": "token", "header": "X-Token"}, "a/b": "unsigned",
	}
	s, ok := senders[path]
	if !ok {
		return intake.Hook{}, false
	}
	with := map[string]any{"path": path, "sender": s}
	if s != "unsigned" {
		with["secret"] = "hook"
	}
	return intake.Hook{Trigger: "t:" + path, Flow: "bugs", With: with, Place: engine.Place{Surface: "console", Channel: "#triage"}}, true
}

// rig is a handler with everything around it.
type rig struct {
	http.Handler
	door    *door
	notices []engine.Notice
	raise   error
	now     time.Time
	log     bytes.Buffer
	secrets *connectortest.Secrets
}

func newRig(change func(*intake.Options)) *rig {
	r := &rig{door: &door{keys: map[string]bool{}}, now: start, secrets: &connectortest.Secrets{List: []engine.Credential{{Name: "hook", Value: engine.NewSecret(hookSecret)}}}}
	o := intake.Options{Hooks: paths{}, Intake: r.door, Secrets: r.secrets, Now: func() time.Time { return r.now },
		Log: slog.New(slog.NewTextHandler(&r.log, nil)),
		Raise: func(_ context.Context, ns ...engine.Notice) error {
			if r.raise == nil {
				r.notices = append(r.notices, ns...)
			}
			return r.raise
		}}
	if change != nil {
		change(&o)
	}
	r.Handler = intake.NewWebhooks(o)
	return r
}

// send makes one delivery; kv are header names and values.
func (r *rig) send(t testing.TB, method, target, body string, kv ...string) (int, map[string]any, http.Header) {
	t.Helper()
	req := httptest.NewRequest(method, target, strings.NewReader(body))
	for i := 0; i+1 < len(kv); i += 2 {
		req.Header.Add(kv[i], kv[i+1])
	}
	rec := httptest.NewRecorder()
	r.ServeHTTP(rec, req)
	if ct := rec.Header().Get("Content-Type"); ct != "application/json; charset=utf-8" {
		t.Errorf("content type %q", ct)
	}
	var m map[string]any
	if err := json.Unmarshal(rec.Body.Bytes(), &m); err != nil || m["result"] == "" {
		t.Errorf("answer %q: %v", rec.Body, err)
	}
	return rec.Code, m, rec.Header()
}

// github are the headers of a signed delivery.
func github(t testing.TB, id, body, contentType string) []string {
	t.Helper()
	h, err := webhook.Sign(webhook.Sender{Kind: webhook.GitHub}, engine.NewSecret(hookSecret), id, []byte(body), start)
	if err != nil {
		t.Fatal(err)
	}
	kv := []string{"Content-Type", contentType}
	for k, v := range h {
		kv = append(kv, k, v)
	}
	return kv
}

const jsonType = "application/json"

func TestDelivery(t *testing.T) {
	r := newRig(nil)
	body := `{"id":9007199254740993,"long":92233720368547758070}`
	kv := append(github(t, "d-1", body, jsonType), "X-GitHub-Event", "issues", "Authorization", "Basic abc", "Cookie", "a=b", "X-Api-Key", "k", "X-Odd", "has "+hookSecret)
	code, m, _ := r.send(t, "POST", "/hooks/github?a=1&b=x&b=y&token=t", body, kv...)
	if code != 202 || m["result"] != "accepted" || m["run"] != 12.0 {
		t.Fatalf("%d %v", code, m)
	}
	it := r.door.items[0]
	got, err := engine.EncodeJSON(it.Data)
	if err != nil {
		t.Fatal(err)
	}
	want := `{"body":{"id":9007199254740993,"long":"92233720368547758070"},"headers":{"content-type":"application/json","x-api-key":"***","x-github-delivery":"d-1","x-github-event":"issues","x-odd":"***"},"method":"POST","path":"github","query":{"a":"1","b":["x","y"],"token":"***"}}`
	if it.Key != "d-1" || string(got) != want {
		t.Errorf("key %q, data\n%s\nwanted\n%s", it.Key, got, want)
	}
	if code, m, _ := r.send(t, "POST", "/hooks/github", body, kv...); code != 200 || m["result"] != "duplicate" || m["run"] != 12.0 {
		t.Errorf("again: %d %v", code, m)
	}
}

func TestOutcomes(t *testing.T) {
	for outcome, want := range map[engine.Outcome]int{engine.Accepted: 202, engine.Skipped: 200, engine.Sampled: 200, engine.Queued: 200, engine.Broken: 200} {
		r := newRig(nil)
		r.door.outcome = outcome
		if code, m, _ := r.send(t, "POST", "/hooks/open", "{}", "Content-Type", jsonType); code != want || m["result"] != string(outcome) || m["reason"] != "because" {
			t.Errorf("%s: %d %v", outcome, code, m)
		}
	}
	r := newRig(nil)
	for err, want := range map[error]int{engine.E(engine.NotFound, "gone"): 404, engine.E(engine.Unavailable, "full"): 503, io.ErrUnexpectedEOF: 503} {
		r.door.err = err
		if code, _, _ := r.send(t, "POST", "/hooks/open", "{}", "Content-Type", jsonType); code != want {
			t.Errorf("%v: %d", err, code)
		}
	}
	r.secrets.Err = engine.E(engine.Unavailable, "locked")
	if code, _, _ := r.send(t, "POST", "/hooks/github", "{}", github(t, "1", "{}", jsonType)...); code != 503 {
		t.Errorf("without the secret: %d", code)
	}
	if code, _, _ := r.send(t, "POST", "/hooks/broken", "{}", "Content-Type", jsonType); code != 503 {
		t.Errorf("a broken trigger: %d", code)
	}
	if strings.Contains(r.log.String(), hookSecret) {
		t.Error("the secret is in the log")
	}
}

func TestRefusals(t *testing.T) {
	r := newRig(nil)
	big := strings.Repeat(" ", intake.MaxBody) + "{}"
	form := "application/x-www-form-urlencoded"
	for _, c := range []struct {
		what, method, target, body string
		kv                         []string
		want                       int
	}{
		{"no such path", "POST", "/hooks/nobody", "{}", []string{"Content-Type", jsonType}, 404},
		{"no path", "POST", "/hooks/", "{}", []string{"Content-Type", jsonType}, 404},
		{"elsewhere", "POST", "/other", "{}", []string{"Content-Type", jsonType}, 404},
		{"dots", "POST", "/hooks/../hooks/open", "{}", []string{"Content-Type", jsonType}, 404},
		{"escaped dots", "POST", "/hooks/a%2f..%2fopen", "{}", []string{"Content-Type", jsonType}, 404},
		{"escaped letter", "POST", "/hooks/%6fpen", "{}", []string{"Content-Type", jsonType}, 404},
		{"double slash", "POST", "/hooks//open", "{}", []string{"Content-Type", jsonType}, 404},
		{"GET", "GET", "/hooks/open", "", nil, 405},
		{"PUT", "PUT", "/hooks/open", "{}", []string{"Content-Type", jsonType}, 405},
		{"too large", "POST", "/hooks/open", big, []string{"Content-Type", jsonType}, 413},
		{"no type", "POST", "/hooks/open", "{}", nil, 415},
		{"two types", "POST", "/hooks/open", "{}", []string{"Content-Type", jsonType, "Content-Type", form}, 415},
		{"text", "POST", "/hooks/open", "{}", []string{"Content-Type", "text/plain"}, 415},
		{"xml", "POST", "/hooks/open", "<a/>", []string{"Content-Type", "application/xml"}, 415},
		{"multipart", "POST", "/hooks/open", "--b\r\nContent-Disposition: form-data; name=\"f\"; filename=\"/etc/passwd\"\r\n\r\nx\r\n--b--", []string{"Content-Type", "multipart/form-data; boundary=b"}, 415},
		{"multipart hidden", "POST", "/hooks/open", "{}", []string{"Content-Type", "application/json, multipart/form-data"}, 415},
		{"jsonish", "POST", "/hooks/open", "{}", []string{"Content-Type", "application/jsonp"}, 415},
		{"utf-16", "POST", "/hooks/open", "{}", []string{"Content-Type", "application/json; charset=utf-16"}, 415},
		{"gzip", "POST", "/hooks/open", "\x1f\x8b", []string{"Content-Type", jsonType, "Content-Encoding", "gzip"}, 415},
		{"not JSON", "POST", "/hooks/open", "{", []string{"Content-Type", jsonType}, 415},
		{"two values", "POST", "/hooks/open", "{}{}", []string{"Content-Type", jsonType}, 415},
		{"empty", "POST", "/hooks/open", "", []string{"Content-Type", jsonType}, 415},
		{"broken UTF-8", "POST", "/hooks/open", "\"\xff\"", []string{"Content-Type", jsonType}, 415},
		{"deep", "POST", "/hooks/open", strings.Repeat("[", 20000) + strings.Repeat("]", 20000), []string{"Content-Type", jsonType}, 415},
		{"broken form", "POST", "/hooks/open", "a=%zz", []string{"Content-Type", form}, 415},
		{"many fields", "POST", "/hooks/open", strings.Repeat("a=1&", 1000), []string{"Content-Type", form}, 415},
		{"payload is not JSON", "POST", "/hooks/open", "payload={", []string{"Content-Type", form}, 415},
		{"unsigned", "POST", "/hooks/github", "{}", []string{"Content-Type", jsonType}, 401},
		{"unsigned and not JSON", "POST", "/hooks/github", "{", []string{"Content-Type", jsonType}, 401},
		{"wrong token", "POST", "/hooks/token", "{}", []string{"Content-Type", jsonType, "X-Token", "x"}, 401},
	} {
		code, m, h := r.send(t, c.method, c.target, c.body, c.kv...)
		if code != c.want {
			t.Errorf("%s: %d %v, wanted %d", c.what, code, m, c.want)
		}
		if c.want == 405 && h.Get("Allow") != "POST" {
			t.Errorf("%s: Allow is %q", c.what, h.Get("Allow"))
		}
	}
	if len(r.door.items) != 0 {
		t.Errorf("%d were taken", len(r.door.items))
	}
	// The length may be hidden.
	req := httptest.NewRequest("POST", "/hooks/open", io.MultiReader(strings.NewReader(big)))
	req.Header.Set("Content-Type", jsonType)
	req.ContentLength = -1
	rec := httptest.NewRecorder()
	if r.ServeHTTP(rec, req); rec.Code != 413 {
		t.Errorf("a large body of unknown length: %d", rec.Code)
	}
}

func TestBodies(t *testing.T) {
	form := "application/x-www-form-urlencoded"
	for _, c := range []struct{ what, kind, body, want string }{
		{"JSON", "application/json; charset=UTF-8", `[1,"a",null]`, `[1,"a",null]`},
		{"a JSON dialect", "application/cloudevents+json", `{"a":{}}`, `{"a":{}}`},
		{"form", form, "a=1&b=x+y&b=%26", `{"a":"1","b":["x y","&"]}`},
		{"payload", form, "payload=%7B%22id%22%3A9007199254740993%7D", `{"id":9007199254740993}`},
		{"payload and more", form, "payload=%7B%7D&a=1", `{"a":"1","payload":"{}"}`},
		{"payload that is text", form, "payload=hello", `{"payload":"hello"}`},
		{"a form field is no file", form, "file=%2Fetc%2Fpasswd&filename=x", `{"file":"/etc/passwd","filename":"x"}`},
		{"form with odd bytes", form, "a=%ff", "{\"a\":\"\uFFFD\"}"},
	} {
		r := newRig(nil)
		if code, m, _ := r.send(t, "POST", "/hooks/github", c.body, github(t, "1", c.body, c.kind)...); code != 202 {
			t.Errorf("%s: %d %v", c.what, code, m)
			continue
		}
		if got, err := engine.EncodeJSON(r.door.items[0].Data["body"]); err != nil || string(got) != c.want {
			t.Errorf("%s: %s, wanted %s", c.what, got, c.want)
		}
	}
}

func TestUnsignedNoticeOnceAnHour(t *testing.T) {
	r := newRig(nil)
	bad := func() { r.send(t, "POST", "/hooks/github", "{}", "Content-Type", jsonType) }
	counts := func() string {
		var out []string
		for _, n := range r.notices {
			out = append(out, string(n.Data))
		}
		return strings.Join(out, " ")
	}
	for range 4 {
		bad()
	}
	if got := counts(); got != `{"path":"github","flow":"bugs","count":1}` {
		t.Errorf("notices %s", got)
	}
	r.now = r.now.Add(59 * time.Minute)
	bad()
	r.raise = io.ErrUnexpectedEOF // what could not be stored is not forgotten
	r.now = r.now.Add(time.Minute)
	bad()
	r.raise = nil
	bad()
	bad()
	if got := counts(); got != `{"path":"github","flow":"bugs","count":1} {"path":"github","flow":"bugs","count":6}` {
		t.Errorf("notices %s", got)
	}
	if n := r.notices[1]; n.Kind != engine.NoticeUnsigned || n.Flow != "bugs" || n.Place.Channel != "#triage" || n.ID == "" || n.At != r.now.UnixMilli() {
		t.Errorf("notice %+v", n)
	}
	r.send(t, "POST", "/hooks/token", "{}", "Content-Type", jsonType)
	if len(r.notices) != 3 {
		t.Error("another path has its own hour")
	}
}

func TestFullQueue(t *testing.T) {
	r := newRig(func(o *intake.Options) { o.Slots = 1 })
	r.door.hold, r.door.inside = make(chan struct{}), make(chan struct{})
	first := make(chan int)
	go func() {
		code, _, _ := r.send(t, "POST", "/hooks/open", "{}", "Content-Type", jsonType)
		first <- code
	}()
	<-r.door.inside
	code, m, h := r.send(t, "POST", "/hooks/open", "{}", "Content-Type", jsonType)
	if code != 429 || h.Get("Retry-After") != "1" || m["result"] != "throttled" {
		t.Errorf("%d %v %v", code, m, h)
	}
	close(r.door.hold)
	if code := <-first; code != 202 {
		t.Errorf("the first: %d", code)
	}
}
