package connectors_test

import (
	"bytes"
	"context"
	"encoding/base64"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"log/slog"
	"net/http"
	"net/url"
	"strings"
	"testing"

	"github.com/bretelle/bretelle/connectors"
	"github.com/bretelle/bretelle/connectors/connectortest"
	"github.com/bretelle/bretelle/connectors/web"
	"github.com/bretelle/bretelle/engine"
)

const canarySecret = `Bearer c4n/ry+"s3cret"&<x>=`

// forms are the spellings in which the canary must appear nowhere.
func forms(s string) []string {
	j, _ := json.Marshal(s) // a string is always representable
	return []string{
		s, strings.TrimPrefix(s, "Bearer "),
		base64.StdEncoding.EncodeToString([]byte(s)), base64.URLEncoding.EncodeToString([]byte(s)),
		base64.RawStdEncoding.EncodeToString([]byte(s)), url.QueryEscape(s), url.PathEscape(s),
		strings.Trim(string(j), `"`), hex.EncodeToString([]byte(s)),
	}
}

func clean(t *testing.T, where string, text []byte) {
	t.Helper()
	for _, f := range forms(canarySecret) {
		j, _ := json.Marshal(f)
		if bytes.Contains(text, []byte(f)) || bytes.Contains(text, bytes.Trim(j, `"`)) {
			t.Errorf("%s holds the secret as %q: %s", where, f, text)
		}
	}
}

func secretFor(origin string) connectortest.Secrets {
	return connectortest.Secrets{List: []engine.Credential{
		{Name: "acct", Origin: origin, Header: "Authorization", Value: engine.NewSecret(canarySecret)},
		{Name: "hook", Value: engine.NewSecret(canarySecret)},
	}}
}

// TestCredentialStaysHome calls, with an account, addresses that differ from its origin in each part.
func TestCredentialStaysHome(t *testing.T) {
	foreign := newCanary(t, nil)
	home := newCanary(t, func(w http.ResponseWriter, r *http.Request) {
		if to := r.URL.Query().Get("to"); to != "" {
			http.Redirect(w, r, to, http.StatusFound)
		}
	})
	p := rig(t, connectors.Exits{Secrets: secretFor(home.URL)})
	get := func(url, account string) engine.Result {
		return call(t, p, map[string]any{"method": "GET", "url": url, "account": account, "allow_private": true,
			"headers": map[string]any{"X-Mine": "private", "Cookie": "a=b"}})
	}
	if r := get(home.URL+"/x", "acct"); r.Failure != nil || home.seen.Load().Header.Get("Authorization") != canarySecret {
		t.Fatalf("at home it is not sent: %+v", r.Failure)
	}
	_, port, _ := strings.Cut(home.Listener.Addr().String(), ":")
	for _, url := range []string{
		foreign.URL, "https://127.0.0.1:" + port, "http://localhost:" + port, "http://127.0.0.1", "http://127.0.0.1.evil.example:" + port,
		"http://[::ffff:127.0.0.1]:" + port, "http://127.0.0.2:" + port,
	} {
		wantClass(t, get(url, "acct"), engine.Forbidden, engine.Denied)
	}
	wantClass(t, get(home.URL, "hook"), engine.Forbidden, engine.Denied)
	if n := foreign.hits.Load(); n != 0 {
		t.Fatalf("the foreign server was called %d times", n)
	}
	// A redirect to elsewhere is followed bare.
	if r := get(home.URL+"/?to="+foreign.URL, "acct"); r.Failure != nil {
		t.Fatalf("%+v", r.Failure)
	}
	for _, h := range []string{"Authorization", "X-Mine", "Cookie", "Referer"} {
		if v := foreign.seen.Load().Header.Get(h); v != "" {
			t.Errorf("%s: %q went to another origin", h, v)
		}
	}
	if r := call(t, p, map[string]any{"method": "GET", "url": home.URL + "/?to=" + foreign.URL, "allow_private": true, "body": "for home"}); r.Failure != nil {
		t.Fatalf("%+v", r.Failure)
	}
	if n := foreign.seen.Load().ContentLength; n != 0 {
		t.Errorf("a body of %d bytes went to another origin", n)
	}
	// A redirect at home keeps it.
	if r := get(home.URL+"/?to=/again", "acct"); r.Failure != nil || home.seen.Load().Header.Get("Authorization") != canarySecret {
		t.Errorf("a redirect at home lost it: %+v", r.Failure)
	}
}

// TestSecretsAreStarred has a service that gives everything back that it was sent, in every spelling.
func TestSecretsAreStarred(t *testing.T) {
	all := strings.Join(forms(canarySecret), " | ")
	status := 200
	home := newCanary(t, func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Content-Type", r.Header.Get("Accept"))
		w.Header().Set("X-Echo", r.Header.Get("Authorization"))
		w.WriteHeader(status)
		b, _ := json.Marshal(map[string]any{"message": all, "got": []any{r.Header.Get("Authorization")}, canarySecret: 1,
			"in": base64.StdEncoding.EncodeToString([]byte("x:" + canarySecret + ":y"))})
		_, _ = w.Write(b)
	})
	p := rig(t, connectors.Exits{Secrets: secretFor(home.URL)})
	for _, status = range []int{200, 400, 500} {
		for _, kind := range []string{"application/json", "text/plain"} {
			r := call(t, p, map[string]any{"method": "POST", "url": home.URL, "account": "acct", "allow_private": true, "headers": map[string]any{"Accept": kind}})
			clean(t, "output", r.Output)
			f, err := json.Marshal(r.Failure)
			if err != nil {
				t.Fatal(err)
			}
			clean(t, "failure", f)
			core := strings.Trim(base64.StdEncoding.EncodeToString([]byte("x:" + canarySecret + ":y"))[4:20], "=")
			if bytes.Contains(r.Output, []byte(core)) {
				t.Errorf("base64 inside a longer text: %s", r.Output)
			}
		}
	}
	// A numeric secret may come back as a number.
	echoPin := newCanary(t, func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Content-Type", "application/json")
		fmt.Fprintf(w, `{"pin":%s,"pin2":"%s"}`, r.Header.Get("X-Pin"), r.Header.Get("X-Pin"))
	})
	p = rig(t, connectors.Exits{Secrets: connectortest.Secrets{List: []engine.Credential{
		{Name: "pin", Origin: echoPin.URL, Header: "X-Pin", Value: engine.NewSecret("48151623")}}}})
	if r := call(t, p, map[string]any{"method": "GET", "url": echoPin.URL, "account": "pin", "allow_private": true}); !strings.Contains(string(r.Output), `"body":{"pin":"***","pin2":"***"}`) {
		t.Errorf("got %s", r.Output)
	}
}

// TestSecretInPanicAndError has an action that spills what it knows.
func TestSecretInPanicAndError(t *testing.T) {
	home := newCanary(t, nil)
	var log bytes.Buffer
	spill := connectors.Connector{Name: "bad", Actions: []connectors.Action{connectors.Act[web.Input, web.Output]{
		Name: "spill", Risk: engine.Write,
		Run: func(ctx context.Context, c *connectors.Call, in web.Input) (web.Output, error) {
			if _, err := c.HTTP(ctx, connectors.Request{Method: "GET", URL: home.URL, Account: "acct", AllowPrivate: true}); err != nil {
				return web.Output{}, err
			}
			switch in.Body {
			case "panic":
				panic("I know " + canarySecret)
			case "error":
				return web.Output{}, fmt.Errorf("I know %s", canarySecret)
			}
			return web.Output{}, engine.E(engine.Refused, "I know {it}", "it", canarySecret).WithHint(canarySecret)
		},
	}.Action("bad")}}
	cat, err := connectors.NewCatalog(spill)
	if err != nil {
		t.Fatal(err)
	}
	p := connectors.NewPerformer(cat, connectors.Exits{Secrets: secretFor(home.URL), Log: slog.New(slog.NewJSONHandler(&log, nil))})
	defer p.Close()
	for body, class := range map[string]engine.FailureClass{"panic": engine.Unsure, "error": engine.Unsure, "other": engine.Rejected} {
		r := p.Perform(context.Background(), engine.Task{Action: "bad.spill", Input: json.RawMessage(`{"method":"GET","url":"x","body":"` + body + `"}`)})
		if r.Failure == nil || r.Failure.Class != class {
			t.Fatalf("%s: %+v", body, r)
		}
		b, err := json.Marshal(r.Failure)
		if err != nil {
			t.Fatal(err)
		}
		clean(t, body, b)
	}
	clean(t, "log", log.Bytes())
	if !strings.Contains(log.String(), "panicked") {
		t.Errorf("the panic is not in the log: %s", log.String())
	}
}
