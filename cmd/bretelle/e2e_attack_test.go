package main

import (
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/cookiejar"
	"net/url"
	"strings"
	"testing"
)

// RELIABILITY, A-7: a credential goes to its own address only; a flow whose address was changed is refused, says so, and
// the other service hears nothing at all.
func TestCredentialStaysHome(t *testing.T) {
	b, home, other := opsRoom(t), newReceiver(t), newReceiver(t)
	b.secret("tracker", "Bearer only-for-home-5512", "--origin", home.URL, "--header", "Authorization")
	flow := func(base string) string {
		return hookFlow("pinned", fmt.Sprintf(`  - id: call
    do: http.request
    account: tracker
    with: {method: POST, url: "%s", allow_private: true, json: {a: 1}}
`, base))
	}
	b.apply(flow(home.URL + "/x"))
	b.await(b.send("pinned", `{}`), "done")
	if got := home.requests(); len(got) != 1 || got[0].Header.Get("Authorization") != "Bearer only-for-home-5512" {
		t.Fatalf("the credential's own service got %+v", got)
	}
	_, port, _ := strings.Cut(strings.TrimPrefix(home.URL, "http://"), ":")
	for _, address := range []string{other.URL + "/x", "http://localhost:" + port + "/x", "{{ event.body.to }}", "http://127.0.0.1:" + port + "@" + strings.TrimPrefix(other.URL, "http://") + "/"} {
		b.apply(flow(address))
		r := b.await(b.send("pinned", fmt.Sprintf(`{"to": %q}`, other.URL+"/y")), "parked")
		if e := r.Steps[0].Error; e == nil || !strings.Contains(e.Message, "was not sent to") && !strings.Contains(e.Message, "user name or password") {
			t.Errorf("%s: the step says %+v", address, e)
		}
	}
	if n, m := len(home.requests()), len(other.requests()); n != 1 || m != 0 {
		t.Errorf("%d calls at home, %d elsewhere", n, m)
	}
}

// RELIABILITY, A-6: without allow_private a flow reaches nothing on this machine, however it is written; 0 hits, and the
// bot lives.
func TestPrivateAddressesAreRefused(t *testing.T) {
	b, rc := opsRoom(t), newReceiver(t)
	_, port, err := net.SplitHostPort(strings.TrimPrefix(rc.URL, "http://"))
	if err != nil {
		t.Fatal(err)
	}
	b.apply(hookFlow("reach", `  - id: call
    do: http.request
    retry: {max: 1}
    with: {method: GET, url: "{{ event.body.url }}"}
`))
	for _, host := range []string{"127.0.0.1", "localhost", "127.1.2.3", "2130706433", "0x7f000001", "0177.0.0.1", "127.1", "0.0.0.0", "0",
		"[::1]", "[::ffff:127.0.0.1]", "[::]", "[::ffff:7f00:1]", "[64:ff9b::7f00:1]", "[fe80::1%25lo]", "169.254.169.254", "localhost."} {
		r := b.await(b.send("reach", fmt.Sprintf(`{"url": "http://%s:%s/secret"}`, host, port)), "parked", "done")
		if r.State != "parked" || r.Steps[0].Error == nil || r.Steps[0].Error.Message == "" {
			t.Errorf("%s: the run is %s, %+v", host, r.State, r.Steps[0].Error)
		}
	}
	for _, u := range []string{"file:///etc/passwd", "gopher://127.0.0.1:1/", "unix:///tmp/x", "//127.0.0.1/", ""} {
		b.await(b.send("reach", fmt.Sprintf(`{"url": %q}`, u)), "parked")
	}
	if got := rc.requests(); len(got) != 0 {
		t.Errorf("%d requests reached this machine: %+v", len(got), got)
	}
	b.card("ann", "#ops", "allow_private")
	if b.dead() {
		t.Error("the bot died")
	}
}

// RELIABILITY, A-4: every route of both listeners, without a login, answers 401, 403 or 404 except the public ones. Also a
// request that calls the console by another host name (DNS rebinding) or comes from another site.
func TestRoutesWithoutLogin(t *testing.T) {
	b := opsRoom(t)
	b.apply(hookFlow("open", "  - {id: s, set: {a: 1}}\n"))
	b.await(b.send("open", `{}`), "done")
	client := &http.Client{CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}
	ask := func(method, address, host string, header ...string) (int, string) {
		t.Helper()
		r, err := http.NewRequest(method, address, strings.NewReader(""))
		if err != nil {
			t.Fatal(err)
		}
		if host != "" {
			r.Host = host
		}
		for i := 0; i+1 < len(header); i += 2 {
			r.Header.Set(header[i], header[i+1])
		}
		resp, err := client.Do(r)
		if err != nil {
			t.Fatal(err)
		}
		defer func() { _ = resp.Body.Close() }()
		body, _ := io.ReadAll(resp.Body)
		return resp.StatusCode, string(body)
	}
	private := []string{"/", "/c/ops", "/c/ops/send", "/c/ops/press", "/c/ops/choose", "/c/ops/submit", "/run/1", "/events/ops", "/complete/ops",
		"/logout", "/demo/as", "/nowhere", "/hooks/open", "/do/flow.list", "/watch", "/metrics", "/debug/pprof/", "/static/", "/static/../pages/login.html",
		"/static/%2e%2e/console.go", "/login", "/login/", "/.git/config", "/c/%2e%2e/x"}
	for _, path := range private {
		for _, method := range []string{"GET", "HEAD", "POST", "PUT", "DELETE", "PATCH", "OPTIONS"} {
			code, body := ask(method, b.console+path, "")
			cleaned := code == 307 && strings.Contains(path, "..") // it is sent to the path without dots, and there to 401
			if code != 401 && code != 403 && code != 404 && !cleaned {
				t.Errorf("%s %s answers %d without a login", method, path, code)
			}
			if strings.Contains(body, "ann") {
				t.Errorf("%s %s tells who is here", method, path)
			}
		}
	}
	hooks := strings.TrimSuffix(b.hooks, "/hooks/")
	for _, path := range append(private, "/hooks/", "/hooks/none", "/healthz", "/login/AAAA-AAAA", "/static/app.css") {
		if path == "/hooks/open" {
			continue
		}
		for _, method := range []string{"GET", "POST"} {
			if code, _ := ask(method, hooks+path, ""); code != 404 {
				t.Errorf("on the webhooks' listener, %s %s answers %d", method, path, code)
			}
		}
	}
	for path, want := range map[string]int{"/healthz": 200, "/readyz": 200, "/login/AAAA-AAAA": 200} {
		if code, _ := ask("GET", b.console+path, ""); code != want {
			t.Errorf("GET %s answers %d", path, code)
		}
		for _, host := range []string{"evil.example", "evil.example:7700", "127.0.0.1.evil.example", "localhost.evil.example", "10.0.0.1"} {
			if code, _ := ask("GET", b.console+path, host); code != http.StatusMisdirectedRequest && code != http.StatusForbidden {
				t.Errorf("as %s, GET %s answers %d", host, path, code)
			}
		}
	}
	if code, _ := ask("POST", b.console+"/login/AAAA-AAAA", "", "Origin", "http://evil.example", "Content-Type", "application/x-www-form-urlencoded"); code != 403 {
		t.Errorf("a login from another site is answered %d", code)
	}
}

// RELIABILITY, A-16 and A-20: a form without the session's token, or from another site, does nothing; what a delivery
// says stands in the page as text.
func TestHostileSitesAndTitles(t *testing.T) {
	b := opsRoom(t)
	b.cli("group", "set", "team", "ann")
	b.apply(hookFlow("titles", `  - id: ask
    ask: approval
    covers: [say]
    with: {title: "Post {{ event.body.title }}?", by: {any: ["@team"], need: 1}, edit: [say.text]}
  - {id: say, do: chat.message.post, with: {text: "It is {{ event.body.title }}"}}
`))
	hostile := []string{`<script>alert(1)</script>`, `"><img src=x onerror=alert(1)>`, `</textarea><svg/onload=alert(1)>`, `javascript:alert(1)`,
		`[x](javascript:alert(1))`, `<a href=javascript:alert(1)>x</a>`, "`<b>`", `{{ event }}`, `<!channel> <@U1> @everyone`}
	for _, title := range hostile {
		b.send("titles", fmt.Sprintf(`{"title": %q}`, title))
		b.card("ann", "#ops", "Post "+title[:1])
	}
	jar, err := cookiejar.New(nil)
	if err != nil {
		t.Fatal(err)
	}
	client := &http.Client{Jar: jar}
	link, _, _ := strings.Cut(strings.TrimSpace(b.cli("login", "ann")), " ")
	if resp, err := client.PostForm(link, url.Values{}); err != nil || resp.StatusCode != http.StatusOK {
		t.Fatalf("the login: %v %v", resp, err)
	}
	read := func(path string) (string, http.Header) {
		t.Helper()
		resp, err := client.Get(b.console + path)
		if err != nil {
			t.Fatal(err)
		}
		defer func() { _ = resp.Body.Close() }()
		text, err := io.ReadAll(resp.Body)
		if err != nil || resp.StatusCode != http.StatusOK {
			t.Fatalf("%s: %d (%v)", path, resp.StatusCode, err)
		}
		return string(text), resp.Header
	}
	for _, path := range []string{"/c/ops", "/run/1", "/run/3"} {
		page, header := read(path)
		for _, bad := range []string{"<script>", "<img src=x", "<svg/onload", "<svg onload", `href="javascript`, "<a href=javascript", "<b>`"} {
			if strings.Contains(page, bad) {
				t.Errorf("%s has %q in it", path, bad)
			}
		}
		if csp := header.Get("Content-Security-Policy"); !strings.Contains(csp, "default-src 'self'") || !strings.Contains(csp, "frame-ancestors 'none'") || strings.Contains(csp, "unsafe") {
			t.Errorf("%s: %s", path, csp)
		}
	}
	page, _ := read("/c/ops")
	if !strings.Contains(page, "&lt;script&gt;alert(1)&lt;/script&gt;") {
		t.Error("the hostile title does not stand in the page as text")
	}
	token := csrfField.FindStringSubmatch(page)
	if token == nil {
		t.Fatal("the page has no form token")
	}
	say := func(csrf, origin, site string) int {
		t.Helper()
		r, err := http.NewRequest("POST", b.console+"/c/ops/send", strings.NewReader(url.Values{"csrf": {csrf}, "text": {"/flow pause titles"}, "id": {"n1"}, "nonce": {"n1"}}.Encode()))
		if err != nil {
			t.Fatal(err)
		}
		r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
		if origin != "" {
			r.Header.Set("Origin", origin)
			r.Header.Set("Sec-Fetch-Site", site)
		}
		resp, err := client.Do(r)
		if err != nil {
			t.Fatal(err)
		}
		_ = resp.Body.Close()
		return resp.StatusCode
	}
	paused := func() bool { return strings.Contains(b.cli("flow", "list"), "paused") }
	for _, x := range [][3]string{{"", "", ""}, {"x", "", ""}, {strings.Repeat("0", len(token[1])), "", ""}, {token[1], "http://evil.example", "cross-site"}, {"", b.console, "same-origin"}} {
		if code := say(x[0], x[1], x[2]); code != http.StatusForbidden || paused() {
			t.Errorf("a form with token %q from %q is answered %d; paused: %v", x[0], x[1], code, paused())
		}
	}
	if code := say(token[1], b.console, "same-origin"); code != http.StatusOK {
		t.Errorf("the right form is answered %d", code)
	}
	eventually(t, paused, func() string { return "the right form did nothing" })
}
