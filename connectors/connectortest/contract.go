package connectortest

import (
	"context"
	"encoding/base64"
	"encoding/json"
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"
	"unicode"
	"unicode/utf8"

	"github.com/bretelle/bretelle/connectors"
	"github.com/bretelle/bretelle/engine"
)

// Sentence reports whether a text is one sentence or more: it begins with a capital and ends with a stop.
func Sentence(s string) bool {
	r, _ := utf8.DecodeRuneInString(s)
	return (unicode.IsUpper(r) || unicode.IsDigit(r)) && strings.HasSuffix(s, ".") && !strings.Contains(s, "  ")
}

func checkWords(t testing.TB, a connectors.Action) {
	t.Helper()
	if a.Title == "" || strings.HasSuffix(a.Title, ".") || !Sentence(a.Doc) {
		t.Errorf("title %q has no stop, doc %q is sentences", a.Title, a.Doc)
	}
	checkFields(t, a.In, "in")
	checkFields(t, a.Out, "out")
	if a.Account != "" && a.Risk > engine.Read && len(a.Scopes) == 0 {
		t.Error("it changes something with an account and names no scopes")
	}
	if a.Sample == nil {
		t.Error("there is no sample")
	} else if _, bad := connectors.Fit(a.Out, a.Sample, ""); bad != nil {
		t.Errorf("the sample does not fit the schema: %v", bad)
	}
	worst := a.TraitsOf(nil)
	if worst.Risk.Least(0) > a.Risk {
		t.Errorf("with nothing known it is %s, more than its greatest risk %s", worst.Risk, a.Risk)
	}
	if line, _ := a.Line(map[string]any{}); line == "" || strings.Contains(line, "\n") {
		t.Errorf("its line is %q", line)
	}
}

func checkFields(t testing.TB, s *engine.Schema, where string) {
	t.Helper()
	if s == nil {
		return
	}
	for _, f := range s.Fields {
		if !Sentence(f.Doc) {
			t.Errorf("%s.%s: doc %q is sentences", where, f.Name, f.Doc)
		}
		checkFields(t, f.Schema, where+"."+f.Name)
	}
	checkFields(t, s.Items, where+"[]")
}

func checkTrigger(t testing.TB, k engine.TriggerKind) {
	t.Helper()
	if k.Title == "" || !Sentence(k.Doc) || k.With == nil {
		t.Errorf("trigger %s: title %q, doc %q", k.Name, k.Title, k.Doc)
	}
	checkFields(t, k.With, k.Name)
	for _, id := range k.Identity {
		if k.With.Field(id) == nil {
			t.Errorf("trigger %s: identity %q is not a setting", k.Name, id)
		}
	}
	if k.Event == nil || k.Event.Type != "object" || len(k.Event.Fields) == 0 {
		t.Errorf("trigger %s: nothing is said of its event", k.Name)
	}
	checkFields(t, k.Event, k.Name+" event")
	for _, f := range k.With.Fields {
		if f.Title == "" || f.Titles != nil && len(f.Titles) != len(f.Enum) {
			t.Errorf("trigger %s: setting %s has no title, or not one for each choice", k.Name, f.Name)
		}
	}
	for _, with := range odd(k.With) {
		if k.Check != nil {
			k.Check(with)
		}
		if k.Keyed != nil {
			k.Keyed(with)
		}
		if k.Describe == nil {
			t.Errorf("trigger %s does not say in words when it happens", k.Name)
		} else if k.Describe(with).Msg == "" {
			t.Errorf("trigger %s: no words for %v", k.Name, with)
		}
	}
}

// checkSources holds that what is looked at belongs to a trigger that says how often.
func checkSources(t testing.TB, c connectors.Connector) {
	t.Helper()
	for name := range c.Sources {
		polled := false
		for _, k := range c.Triggers {
			polled = polled || k.Name == name && k.With.Field("every") != nil
		}
		if !polled {
			t.Errorf("source %s: there is no such trigger with a setting every", name)
		}
	}
}

// odd are settings as drafts have them: none, empty ones, and ones of other types than declared.
func odd(s *engine.Schema) []map[string]any {
	all := []map[string]any{nil, {}}
	for _, v := range []any{"", "x", 7, true, nil, []any{"x", 1}, map[string]any{"a": []any{nil}}} {
		with := map[string]any{}
		for _, f := range s.Fields {
			with[f.Name] = v
		}
		all = append(all, with)
	}
	return all
}

// breakIt performs a good exchange against a service that behaves badly.
func (k contract) breakIt(t testing.TB, cat *connectors.Catalog, o *Outside, a connectors.Action, rec connectors.Recorded) {
	t.Helper()
	p := performer(t, cat, o, rec, &Messenger{})
	for status, class := range map[int]engine.FailureClass{
		401: engine.Unauthorized, 403: engine.Rejected, 404: engine.Rejected, 409: engine.Rejected, 422: engine.Rejected,
		429: engine.Busy, 500: engine.Unsure, 502: engine.Unsure, 503: engine.Busy, 504: engine.Unsure,
	} {
		o.Answer(func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("Retry-After", "7")
			w.WriteHeader(status)
			_, _ = w.Write([]byte(echo(rec))) // a caller that hung up shows in what it reports
		})
		r := p.Perform(context.Background(), task(t, a, rec))
		switch {
		case r.Failure == nil || r.Failure.Class != class || r.Failure.Status != status:
			t.Errorf("status %d gives %+v, wanted class %s", status, r.Failure, class)
		case class == engine.Busy && r.Failure.After != 7000:
			t.Errorf("status %d with Retry-After 7 gives %d ms", status, r.Failure.After)
		}
		if n := len(o.Requests()); n != 1 {
			t.Errorf("status %d was asked for %d times: connectors never retry", status, n)
		}
		noSecret(t, rec, r)
	}
	o.Answer(func(http.ResponseWriter, *http.Request) { panic(http.ErrAbortHandler) })
	if r := p.Perform(context.Background(), task(t, a, rec)); r.Failure == nil || r.Failure.Class != engine.Unsure {
		t.Errorf("a cut connection gives %+v", r.Failure)
	}
	k.cancelled(t, p, o, task(t, a, rec))
}

// cancelled ends the context while the service keeps the caller waiting. The request must end with it: the performer
// answers in any case, so only the other side can tell.
func (k contract) cancelled(t testing.TB, p *connectors.Performer, o *Outside, tk engine.Task) {
	t.Helper()
	arrived, gone, leave := make(chan struct{}, 8), make(chan struct{}, 8), make(chan struct{})
	defer close(leave)
	o.Answer(func(_ http.ResponseWriter, r *http.Request) {
		arrived <- struct{}{}
		select {
		case <-leave:
		case <-r.Context().Done():
			gone <- struct{}{}
		}
	})
	ctx, cancel := context.WithCancel(context.Background())
	defer cancel()
	done := make(chan engine.Result, 1)
	go func() { done <- p.Perform(ctx, tk) }()
	select {
	case <-arrived:
	case <-time.After(k.patience):
		t.Fatal("no request came")
	}
	cancel()
	select {
	case r := <-done:
		if r.Failure == nil || r.Failure.Class != engine.Unsure || r.Failure.Code != engine.Canceled {
			t.Errorf("a call stopped while waiting gives %+v", r.Failure)
		}
	case <-time.After(k.patience):
		t.Fatal("it does not heed its context")
	}
	select {
	case <-gone:
	case <-time.After(k.patience):
		t.Error("it does not heed its context: the request goes on")
	}
}

// echo is an error body with the account's secret in it.
func echo(rec connectors.Recorded) string {
	if rec.Account == nil {
		return `{"message":"no"}`
	}
	b, err := json.Marshal(map[string]any{"message": strings.Join(spellings(rec), " ")})
	if err != nil {
		return err.Error()
	}
	return string(b)
}

// spellings are the forms in which a secret may come back.
func spellings(rec connectors.Recorded) []string {
	v := rec.Account.Value.Reveal()
	return []string{v, base64.StdEncoding.EncodeToString([]byte(v)), base64.URLEncoding.EncodeToString([]byte(v)), url.QueryEscape(v), url.PathEscape(v)}
}

func noSecret(t testing.TB, rec connectors.Recorded, r engine.Result) {
	t.Helper()
	if rec.Account == nil {
		return
	}
	b, err := json.Marshal(r)
	if err != nil {
		t.Fatal(err)
	}
	for _, s := range spellings(rec) {
		if strings.Contains(string(b), s) {
			t.Errorf("the secret is in the result: %s", b)
		}
	}
}
