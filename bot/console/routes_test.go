package console

import (
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/bretelle/bretelle/bot"
	"github.com/bretelle/bretelle/engine"
	"github.com/bretelle/bretelle/storage/memory"
)

// Every route that is not on this list answers 401 or 403 to somebody without a login (RELIABILITY, A-4).
func TestRoutesWithoutLogin(t *testing.T) {
	public := map[string]bool{"GET /healthz": true, "GET /readyz": true, "GET /static/{file}": true, "GET /login/{token}": true, "POST /login/{token}": true}
	store := memory.New()
	if err := store.SetChannel(t.Context(), bot.Channel{Place: engine.Place{Surface: "console", Channel: "#general"}}); err != nil {
		t.Fatal(err)
	}
	c := New(Options{Messages: store, People: store, Demo: true})
	h := c.Handler()
	seen := 0
	fill := strings.NewReplacer("{$}", "", "{channel}", "general", "{number}", "1", "{file}", "app.css", "{token}", "AAAA-AAAA")
	paths := map[string]bool{"GET /nowhere": true, "POST /c/general": true, "GET /c/general/send": true}
	for _, rt := range c.routes() {
		if public[rt.method+" "+rt.pattern] != rt.public {
			t.Errorf("%s %s: public is %v", rt.method, rt.pattern, rt.public)
		}
		if !rt.public {
			seen++
			paths[rt.method+" "+fill.Replace(rt.pattern)] = true
		}
	}
	if seen < 10 {
		t.Fatalf("only %d routes need a login", seen)
	}
	for line := range paths {
		method, path, _ := strings.Cut(line, " ")
		r := httptest.NewRequest(method, "http://127.0.0.1:7700"+path, nil)
		w := httptest.NewRecorder()
		h.ServeHTTP(w, r)
		if w.Code != http.StatusUnauthorized && w.Code != http.StatusForbidden {
			t.Errorf("%s answered %d", line, w.Code)
		}
		for name, want := range map[string]string{"Content-Security-Policy": "frame-ancestors 'none'", "X-Content-Type-Options": "nosniff", "Referrer-Policy": "no-referrer"} {
			if got := w.Header().Get(name); !strings.Contains(got, want) {
				t.Errorf("%s: %s is %q", line, name, got)
			}
		}
		if csp := w.Header().Get("Content-Security-Policy"); strings.Contains(csp, "unsafe") || !strings.HasPrefix(csp, "default-src 'self'") {
			t.Errorf("%s: %s", line, csp)
		}
	}
}

// No page has a script, a style or a handler of its own: the policy would refuse it.
func TestPagesHaveNothingInline(t *testing.T) {
	files, err := pageFiles.ReadDir("pages")
	if err != nil {
		t.Fatal(err)
	}
	for _, f := range files {
		b, err := pageFiles.ReadFile("pages/" + f.Name())
		if err != nil {
			t.Fatal(err)
		}
		text := strings.ToLower(string(b))
		for _, bad := range []string{"<style", " style=", "javascript:", " onclick", " onload", " onerror", " onsubmit"} {
			if strings.Contains(text, bad) {
				t.Errorf("%s has %q", f.Name(), bad)
			}
		}
	}
}

// Where somebody comes back to is a path of this console, whatever the form says.
func TestComingBackStaysHere(t *testing.T) {
	for back, want := range map[string]string{"/c/general?thread=m1": "/c/general?thread=m1", "//evil.example/x": "/", "https://evil.example/": "/", `/\evil.example`: "/", "": "/", "run/1": "/"} {
		if got := local(back); got != want {
			t.Errorf("%q gives %q", back, got)
		}
	}
}
