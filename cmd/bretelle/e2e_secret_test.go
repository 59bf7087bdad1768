package main

import (
	"bytes"
	"database/sql"
	"encoding/base64"
	"encoding/hex"
	"fmt"
	"io"
	"io/fs"
	"net/http"
	"net/http/cookiejar"
	"net/url"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"sync"
	"testing"

	"github.com/bretelle/bretelle/engine"
	"github.com/bretelle/bretelle/storage/pack"
)

// canaries are secrets by name. They hold characters that every encoding writes in another way.
type canaries map[string]string

// spellings are the forms in which a secret might leak: raw, JSON, URL, hexadecimal, base64 of either alphabet at any
// offset inside a longer text.
func spellings(secret string) []string {
	quoted, _ := engine.EncodeJSON(secret)
	hexed := hex.EncodeToString([]byte(secret))
	out := []string{secret, strings.Trim(string(quoted), `"`), url.QueryEscape(secret), url.PathEscape(secret), hexed, strings.ToUpper(hexed)}
	for _, enc := range []*base64.Encoding{base64.RawStdEncoding, base64.RawURLEncoding} {
		for pad := range 3 {
			core := enc.EncodeToString([]byte(strings.Repeat("\x00", pad) + secret))
			out = append(out, core[(pad*8+5)/6:(pad+len(secret))*8/6])
		}
	}
	return out
}

// absent fails when a canary stands in a text in any spelling.
func (c canaries) absent(t *testing.T, where string, text []byte) {
	t.Helper()
	for name, secret := range c {
		for _, s := range spellings(secret) {
			if i := bytes.Index(text, []byte(s)); i >= 0 {
				t.Errorf("%s holds %s as %q: …%q…", where, name, s, text[max(0, i-60):min(len(text), i+len(s)+20)])
				break
			}
		}
	}
}

// absentFrom looks into every byte of every file, and into what the journal keeps squeezed.
func (c canaries) absentFrom(t *testing.T, when, dir string) {
	t.Helper()
	files := 0
	err := filepath.WalkDir(dir, func(path string, d fs.DirEntry, err error) error {
		if err != nil || !d.Type().IsRegular() {
			return err
		}
		b, err := os.ReadFile(path)
		if err != nil {
			return err
		}
		files++
		c.absent(t, when+": "+filepath.Base(path), b)
		return nil
	})
	if err != nil || files < 2 {
		t.Errorf("%s: %d files in the data directory (%v)", when, files, err)
	}
	c.absent(t, when+": the journal", journal(t, dir))
}

// journal is what the database of a bot that is not running keeps squeezed, as it was before.
func journal(t *testing.T, dir string) (text []byte) {
	t.Helper()
	to := t.TempDir()
	for _, name := range []string{"bretelle.db", "bretelle.db-wal"} {
		if b, err := os.ReadFile(filepath.Join(dir, name)); err == nil {
			if err := os.WriteFile(filepath.Join(to, name), b, 0o600); err != nil {
				t.Fatal(err)
			}
		}
	}
	db, err := sql.Open("sqlite", filepath.Join(to, "bretelle.db"))
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = db.Close() }()
	rows, err := db.Query(`SELECT heads FROM journal UNION ALL SELECT data FROM journal WHERE data IS NOT NULL UNION ALL SELECT state FROM runs WHERE state IS NOT NULL`)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = rows.Close() }()
	n := 0
	for ; rows.Next(); n++ {
		var b []byte
		if err := rows.Scan(&b); err != nil {
			t.Fatal(err)
		}
		if plain, err := pack.Expand(b); err == nil { // a state of an earlier version is as it is
			b = plain
		}
		text = append(append(text, b...), '\n')
	}
	if rows.Err() != nil || n == 0 {
		t.Errorf("%d rows of journal: %v", n, rows.Err())
	}
	return text
}

// echo answers with every secret header it was sent, in every spelling, in headers, body and, by path, in errors.
func echo(w http.ResponseWriter, r *http.Request, also ...string) {
	var said []string
	for _, h := range []string{"Authorization", "X-Api-Key"} {
		if v := r.Header.Get(h); v != "" {
			said = append(said, v)
			if scheme, token, ok := strings.Cut(v, " "); ok {
				said = append(said, token)
				if plain, err := base64.StdEncoding.DecodeString(token); err == nil && scheme == "Basic" {
					_, password, _ := strings.Cut(string(plain), ":")
					said = append(said, password)
				}
			}
		}
	}
	said = append(said, also...)
	body := map[string]any{"id": 7}
	for i, s := range said {
		for j, form := range append(spellings(s), base64.StdEncoding.EncodeToString([]byte(s)), "in a text: "+s+"!") {
			body[fmt.Sprintf("echo%d.%d", i, j)] = form
			if !strings.ContainsAny(form, "\r\n") {
				w.Header().Add("X-Echo", form)
			}
		}
		body["list"] = []any{map[string]any{s: s}}
		body["message"] = "you sent " + s + ", that is " + url.QueryEscape(s) + " or " + base64.StdEncoding.EncodeToString([]byte(s))
	}
	w.Header().Set("Content-Type", "application/json")
	switch {
	case strings.HasPrefix(r.URL.Path, "/refuse"):
		w.WriteHeader(http.StatusUnprocessableEntity)
	case strings.HasPrefix(r.URL.Path, "/break"):
		w.WriteHeader(http.StatusInternalServerError)
	case strings.HasPrefix(r.URL.Path, "/garbage"):
		_, _ = fmt.Fprintf(w, "{ %s", body["message"])
		return
	case strings.HasPrefix(r.URL.Path, "/text"):
		w.Header().Set("Content-Type", "text/plain")
	}
	b, _ := engine.EncodeJSON(body)
	_, _ = w.Write(b)
}

// Issue 2: canary secrets (raw, base64, URL-encoded) are in no log, card, export, run view, error, nor anywhere in the
// bytes of the data directory. RELIABILITY, A-7 and A-13.
func TestCanarySecrets(t *testing.T) {
	b, rc, other := opsRoom(t), newReceiver(t), newReceiver(t)
	secrets := canaries{
		"the webhook's secret":  `hook-Canary/51+a b&c="d?e<f>`,
		"the sender's token":    `tokn-Canary/73+a~b&c=d?e%f;g`,
		"the tracker's token":   `cred-Canary/62+xyz&q=r?s%t~u`,
		"the other key":         `apik-Canary/84+klm&n=o?p%q`,
		"the password in Basic": `pass-Canary/95+word&x=y`,
	}
	basic := "Basic " + base64.StdEncoding.EncodeToString([]byte("bob:"+secrets["the password in Basic"]))
	b.secret("hooked", secrets["the webhook's secret"])
	b.secret("gitlab", secrets["the sender's token"])
	b.secret("tracker", "Bearer "+secrets["the tracker's token"], "--origin", rc.URL, "--header", "Authorization")
	b.secret("second", secrets["the other key"], "--origin", rc.URL, "--header", "X-Api-Key")
	b.secret("third", basic, "--origin", rc.URL, "--header", "Authorization")

	rc.set(func(_ int, w http.ResponseWriter, r *http.Request, _ []byte) {
		sent := r.Header.Get("Authorization") + r.Header.Get("X-Api-Key")
		switch r.URL.Path {
		case "/away":
			http.Redirect(w, r, other.URL+"/landed?token="+url.QueryEscape(sent), http.StatusFound)
		case "/refused-away":
			http.Redirect(w, r, other.URL+"/refuse?token="+url.QueryEscape(sent), http.StatusFound)
		case "/nowhere":
			http.Redirect(w, r, "http://127.0.0.1:1/?token="+url.QueryEscape(sent), http.StatusFound)
		case "/loop":
			http.Redirect(w, r, "/loop?token="+url.QueryEscape(sent), http.StatusFound)
		case "/cut":
			panic(http.ErrAbortHandler)
		default:
			echo(w, r)
		}
	})
	other.set(func(_ int, w http.ResponseWriter, r *http.Request, _ []byte) { echo(w, r, r.URL.Query().Get("token")) })

	ends := map[string]string{}
	for _, account := range []string{"tracker", "second", "third"} {
		for _, x := range []struct{ method, path, end string }{
			{"GET", "ok", "done"}, {"POST", "ok", "done"}, {"GET", "text", "done"}, {"GET", "away", "done"},
			{"POST", "refuse", "parked"}, {"GET", "garbage", "parked"}, {"POST", "garbage", "parked"}, {"POST", "break", "unknown"},
			{"GET", "refused-away", "parked"}, {"GET", "loop", "parked"}, {"POST", "cut", "unknown"}, {"GET", "nowhere", "parked"},
		} {
			if account != "tracker" && x.path != "ok" && x.path != "refuse" {
				continue // how an account is sent makes a difference only to what is masked
			}
			name := strings.ToLower(account + "-" + x.method + "-" + x.path)
			ends[name] = x.end
			flow := hookFlow(name, fmt.Sprintf(`  - id: call
    do: http.request
    account: %s
    retry: {max: 1}
    with: {method: %s, url: "%s/%s", allow_private: true, query: {n: 1}%s}
  - id: tell
    do: chat.message.post
    with: {text: "It said {{ steps.call.body }} and {{ steps.call.headers }}"}
`, account, x.method, rc.URL, x.path, map[string]string{"GET": "", "POST": ", json: {a: 1}"}[x.method]))
			flow = strings.Replace(flow, "sender: unsigned", "sender: {kind: hmac-sha256, header: X-Signature}, secret: hooked", 1)
			flow = strings.Replace(flow, `: "It said {{ steps.call.body }} and {{ steps.call.headers }}"`, `: "It said {{ steps.call.body.message ?? steps.call.body }}, {{ steps.call.headers['x-echo'] ?? '' }}"`, 1)
			b.apply(flow)
		}
	}
	b.apply(strings.Replace(hookFlow("gitlab", "  - {id: keep, set: {all: '{{ event.headers }}', query: '{{ event.query }}', body: '{{ event.body }}'}}\n"),
		"sender: unsigned", "sender: {kind: token, header: X-Gitlab-Token}, secret: gitlab", 1))

	runs := map[int64]string{}
	for name := range ends {
		out := b.cli("hook", "send", name, "-f", "testdata/deliveries/01.issues.json", "--json")
		secrets.absent(t, "hook send", []byte(out))
		m := regexp.MustCompile(`"run": (\d+)`).FindStringSubmatch(out)
		if m == nil {
			t.Fatalf("%s: %s", name, out)
		}
		var n int64
		_, _ = fmt.Sscan(m[1], &n)
		runs[n] = name
	}
	// The sender's own token, where it belongs and where it does not: in other headers, in the query, in a forged one.
	token := secrets["the sender's token"]
	a := b.deliver("POST", "gitlab?private_token="+url.QueryEscape(token)+"&x="+url.QueryEscape(token),
		map[string]string{"X-Gitlab-Token": token, "X-Other": "it is " + token, "Authorization": "Bearer " + token, "Cookie": token,
			"X-Original-URI": "/hooks/gitlab?private_token=" + url.QueryEscape(token)},
		strings.NewReader(`{"token": "`+token+`", "list": ["it is `+token+`"], "`+token+`": 1}`))
	if a.Status != http.StatusAccepted {
		t.Fatalf("the token's delivery was answered %d %s", a.Status, a.Reason)
	}
	b.await(a.Run, "done")
	a = b.deliver("POST", "gitlab", map[string]string{"X-Gitlab-Token": token + "x"}, strings.NewReader(`{}`))
	if a.Status != http.StatusUnauthorized {
		t.Errorf("a wrong token was answered %d", a.Status)
	}
	for n, name := range runs {
		b.await(n, ends[name])
	}
	for _, q := range other.requests() {
		if q.Header.Get("Authorization") != "" || q.Header.Get("X-Api-Key") != "" {
			t.Errorf("a credential went to another origin, by %s %s", q.Method, q.Path)
		}
	}
	if len(other.requests()) == 0 {
		t.Error("no redirect was followed: nothing was proven about them")
	}

	sessions := canaries{}
	pages := b.browse(t, sessions)
	for where, text := range pages {
		secrets.absent(t, where, []byte(text))
	}
	key := masterKey(t, b)
	all := canaries{"the master key": string(key), "the master key's text": base64.StdEncoding.EncodeToString(key)}
	for _, more := range []canaries{secrets, sessions} {
		for k, v := range more {
			all[k] = v
		}
	}
	b.showsNone(t, all, runs)
	b.kill()
	all.absentFrom(t, "after kill -9", b.dir)
	b.start()
	b.showsNone(t, all, nil)
	b.stop()
	all.absentFrom(t, "after a clean stop", b.dir)
	all.absent(t, "the log", []byte(b.log()))
	keeps(t, b.dir, "It said")
}

// keeps makes sure that the search would find something: the text is in the data directory.
func keeps(t *testing.T, dir, text string) {
	t.Helper()
	b, err := os.ReadFile(filepath.Join(dir, "bretelle.db"))
	if err != nil || !bytes.Contains(b, []byte(text)) {
		t.Errorf("the search finds nothing: %q is not in the database (%v)", text, err)
	}
}

// showsNone looks at everything that the commands print.
func (b *botProcess) showsNone(t *testing.T, c canaries, runs map[int64]string) {
	t.Helper()
	lines := [][]string{
		{"flow", "list"}, {"flow", "list", "--json"}, {"run", "list"}, {"run", "list", "--json"}, {"secret", "list"}, {"secret", "list", "--json"},
		{"doctor", "--json"}, {"chat", "--as", "ann", "--in", "#ops", "--json"}, {"person", "list", "--json"},
	}
	for n, flow := range runs {
		lines = append(lines, []string{"run", "show", fmt.Sprint(n)}, []string{"run", "show", fmt.Sprint(n), "--json"},
			[]string{"flow", "export", flow}, []string{"flow", "show", flow, "--json"},
			[]string{"chat", "--as", "ann", "--in", "#ops", "-m", fmt.Sprintf("/flow run show %d", n), "--json"})
	}
	var turns sync.WaitGroup
	slots := make(chan struct{}, 4)
	for _, args := range lines {
		turns.Go(func() {
			slots <- struct{}{}
			defer func() { <-slots }()
			out, _ := b.try("", args...)
			c.absent(t, "bretelle "+strings.Join(args, " "), []byte(out))
		})
	}
	turns.Wait()
	c.absent(t, "the log", []byte(b.log()))
}

func masterKey(t *testing.T, b *botProcess) []byte {
	t.Helper()
	files, err := filepath.Glob(filepath.Join(b.cfg, "*", "*"))
	if err != nil || len(files) != 1 {
		t.Fatalf("keys: %v (%v)", files, err)
	}
	text, err := os.ReadFile(files[0])
	if err != nil {
		t.Fatal(err)
	}
	key, err := base64.StdEncoding.DecodeString(strings.TrimSpace(string(text)))
	if err != nil || len(key) != 32 {
		t.Fatalf("the key's file holds %d bytes (%v)", len(key), err)
	}
	return key
}

var csrfField = regexp.MustCompile(`name="csrf" value="([^"]+)"`)

// browse logs ann in, reads the console's pages, and adds the session's secrets to found.
func (b *botProcess) browse(t *testing.T, found canaries) map[string]string {
	t.Helper()
	jar, err := cookiejar.New(nil)
	if err != nil {
		t.Fatal(err)
	}
	client := &http.Client{Jar: jar}
	get := func(resp *http.Response, err error) string {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
		defer func() { _ = resp.Body.Close() }()
		text, err := io.ReadAll(resp.Body)
		if err != nil || resp.StatusCode != http.StatusOK {
			t.Fatalf("%s: %d (%v)\n%s", resp.Request.URL, resp.StatusCode, err, text)
		}
		return string(text)
	}
	link, _, _ := strings.Cut(strings.TrimSpace(b.cli("login", "ann")), " ")
	pages := map[string]string{"the login page": get(client.Get(link))}
	pages["the channel's page"] = get(client.PostForm(link, url.Values{}))
	for n := range 5 {
		pages[fmt.Sprintf("the page of run %d", n+1)] = get(client.Get(fmt.Sprintf("%s/run/%d", b.console, n+1)))
	}
	home, _ := url.Parse(b.console)
	for _, c := range jar.Cookies(home) {
		found["the session's cookie"] = c.Value
	}
	if m := csrfField.FindStringSubmatch(pages["the channel's page"]); m != nil {
		found["the session's CSRF token"] = m[1]
	}
	found["the login token"] = link[strings.LastIndex(link, "/")+1:]
	if len(found) != 3 {
		t.Fatalf("the session's secrets are %v", found)
	}
	return pages
}
