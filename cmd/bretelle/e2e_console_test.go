package main

import (
	"fmt"
	"html"
	"io"
	"net/http"
	"net/http/cookiejar"
	"net/url"
	"regexp"
	"strings"
	"testing"
)

// consolePage is a person at the console, as a browser without a script: links and forms.
type consolePage struct {
	t      testing.TB
	client *http.Client
	base   string
	csrf   string
	n      int
}

var (
	csrfMark  = regexp.MustCompile(`data-csrf="([^"]+)"`)
	linkWord  = regexp.MustCompile(`http://\S+/login/\S+`)
	messageAt = regexp.MustCompile(`<li class="msg`)
	tagMark   = regexp.MustCompile(`<[^>]*>`)
	spaces    = regexp.MustCompile(`\s+`)
)

// atConsole opens the console as a person, by their own link.
func (b *botProcess) atConsole(name string) *consolePage {
	b.t.Helper()
	jar, err := cookiejar.New(nil)
	if err != nil {
		b.t.Fatal(err)
	}
	p := &consolePage{t: b.t, client: &http.Client{Jar: jar, Timeout: patience}, base: b.console}
	link := linkWord.FindString(b.cli("login", name))
	resp, err := p.client.PostForm(link, nil)
	if err != nil {
		b.t.Fatal(err)
	}
	_ = resp.Body.Close()
	if resp.StatusCode != http.StatusOK {
		b.t.Fatalf("%s cannot log in at %s: %d", name, link, resp.StatusCode)
	}
	return p
}

// get is a channel as the person sees it.
func (p *consolePage) get() string {
	p.t.Helper()
	resp, err := p.client.Get(p.base + "/c/ops")
	if err != nil {
		p.t.Fatal(err)
	}
	defer func() { _ = resp.Body.Close() }()
	raw, err := io.ReadAll(resp.Body)
	if err != nil || resp.StatusCode != http.StatusOK {
		p.t.Fatalf("%d %v", resp.StatusCode, err)
	}
	if m := csrfMark.FindSubmatch(raw); m != nil {
		p.csrf = string(m[1])
	}
	return string(raw)
}

// token is what the button of the newest message with these words would send.
func (p *consolePage) token(verb string, words ...string) string {
	p.t.Helper()
	button := regexp.MustCompile(`data-token="([^"]+)" data-verb="` + verb + `"`)
	found := ""
	eventually(p.t, func() bool {
		for _, m := range messages(p.get()) {
			if t := button.FindStringSubmatch(m); t != nil && containsAll(plainText(m), words) {
				found = t[1]
			}
		}
		return found != ""
	}, func() string { return fmt.Sprintf("no message with %q offers %s", words, verb) })
	return found
}

func messages(page string) []string {
	at := messageAt.FindAllStringIndex(page, -1)
	var out []string
	for i, m := range at {
		end := len(page)
		if i+1 < len(at) {
			end = at[i+1][0]
		}
		out = append(out, page[m[0]:end])
	}
	return out
}

func plainText(s string) string {
	return strings.TrimSpace(spaces.ReplaceAllString(html.UnescapeString(tagMark.ReplaceAllString(s, "")), " "))
}

// post presses or submits, and gives what the page's script is told.
func (p *consolePage) post(what string, form url.Values) string {
	p.n++
	form.Set("csrf", p.csrf)
	form.Set("id", fmt.Sprintf("click-%d", p.n))
	r, err := http.NewRequest(http.MethodPost, p.base+"/c/ops/"+what, strings.NewReader(form.Encode()))
	if err != nil {
		return err.Error()
	}
	r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	r.Header.Set("Accept", "application/json")
	resp, err := p.client.Do(r)
	if err != nil {
		return err.Error()
	}
	defer func() { _ = resp.Body.Close() }()
	raw, _ := io.ReadAll(resp.Body)
	return string(raw)
}

// click presses a button by what it sends, as it stood on a page that may be old by now, and gives the private answer;
// "" when there is none.
func (p *consolePage) click(token string) string {
	p.t.Helper()
	before := len(p.private())
	p.post("press", url.Values{"token": {token}})
	if now := p.private(); len(now) > before {
		return now[len(now)-1]
	}
	return ""
}

// private lists the answers that only this person sees.
func (p *consolePage) private() (out []string) {
	p.t.Helper()
	for _, m := range messages(p.get()) {
		if head, _, _ := strings.Cut(m, ">"); strings.Contains(head, " only") {
			_, card, _ := strings.Cut(m, "<article")
			card, _, _ = strings.Cut("<article"+card, "</article>")
			out = append(out, strings.TrimPrefix(plainText(card), "⚠ "))
		}
	}
	return out
}
