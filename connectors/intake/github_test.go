package intake_test

import (
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/bretelle/bretelle/engine"
)

// payloads are the example deliveries beside the repository; the test is skipped where they are absent.
func payloads(t *testing.T) map[string][]byte {
	t.Helper()
	dir, err := os.Getwd()
	if err != nil {
		t.Fatal(err)
	}
	for {
		if _, err := os.Stat(filepath.Join(dir, "go.mod")); err == nil {
			break
		}
		if dir == filepath.Dir(dir) {
			t.Fatal("there is no go.mod above")
		}
		dir = filepath.Dir(dir)
	}
	files, err := filepath.Glob(filepath.Join(dir, "..", "shared", "payloads", "github", "*", "*.json"))
	if err != nil {
		t.Fatal(err)
	}
	if len(files) == 0 {
		t.Skip("../shared/payloads/github is absent")
	}
	out := map[string][]byte{}
	for _, f := range files {
		b, err := os.ReadFile(f)
		if err != nil {
			t.Fatal(err)
		}
		out[strings.TrimSuffix(filepath.Base(filepath.Dir(f))+"-"+filepath.Base(f), ".json")] = b
	}
	return out
}

// TestRealDeliveries takes every recorded delivery, signed, as JSON and as GitHub's form.
func TestRealDeliveries(t *testing.T) {
	all := payloads(t)
	if len(all) != 89 {
		t.Errorf("%d deliveries were found, 89 were expected", len(all))
	}
	for id, raw := range all {
		want, err := engine.DecodeJSON(raw)
		if err != nil {
			t.Fatal(err)
		}
		text, err := engine.EncodeJSON(want)
		if err != nil {
			t.Fatal(err)
		}
		for kind, body := range map[string]string{
			jsonType: string(raw), "application/x-www-form-urlencoded": "payload=" + url.QueryEscape(string(raw)),
		} {
			r := newRig(nil)
			if code, m, _ := r.send(t, "POST", "/hooks/github", body, github(t, id, body, kind)...); code != 202 {
				t.Errorf("%s as %s: %d %v", id, kind, code, m)
				continue
			}
			if got, err := engine.EncodeJSON(r.door.items[0].Data["body"]); err != nil || string(got) != string(text) {
				t.Errorf("%s as %s came in changed", id, kind)
			}
			if code, _, _ := r.send(t, "POST", "/hooks/github", body+" ", github(t, id, body, kind)...); code != 401 {
				t.Errorf("%s changed: %d", id, code)
			}
		}
	}
}

// FuzzHandler sends anything anywhere: it must answer one of the statuses promised, and take nothing unsigned.
func FuzzHandler(f *testing.F) {
	f.Add("POST", "open", jsonType, []byte(`{"a":1}`), "")
	f.Add("POST", "github", "application/x-www-form-urlencoded", []byte("payload=%7B%7D"), "sha256=00")
	f.Add("PUT", "a/b?x=%zz&token=1", "multipart/form-data; boundary=x", []byte("--x"), "")
	f.Fuzz(func(t *testing.T, method, path, kind string, body []byte, sig string) {
		u, err := url.ParseRequestURI("/hooks/" + path)
		if err != nil || strings.ContainsAny(method+path, " \r\n\t\x00") || method == "" || strings.ContainsFunc(method, func(c rune) bool { return c < 'A' || c > 'Z' }) {
			return
		}
		r := newRig(nil)
		code, _, _ := r.send(t, method, u.RequestURI(), string(body), "Content-Type", kind, "X-Hub-Signature-256", sig)
		switch code {
		case 202, 401, 404, 405, 413, 415:
		default:
			t.Fatalf("status %d", code)
		}
		if code == 202 && u.Path != "/hooks/open" && u.Path != "/hooks/a/b" {
			t.Fatalf("%s was taken", u.Path)
		}
		for _, it := range r.door.items {
			if _, err := engine.EncodeJSON(it.Data); err != nil {
				t.Fatal(err)
			}
		}
	})
}
