package feed_test

import (
	"bytes"
	"compress/gzip"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/bretelle/bretelle/connectors"
	"github.com/bretelle/bretelle/connectors/feed"
	"github.com/bretelle/bretelle/engine"
)

const rss = `<?xml version="1.0"?><rss version="2.0"><channel><title>News &amp; more</title><link>https://example.org/</link>
<item><title>Second &lt;b&gt;bold&lt;/b&gt;</title><link>/2</link><guid>two</guid><pubDate>Tue, 02 Jan 2024 10:00:00 GMT</pubDate>
<description><![CDATA[<p>Hello <script>alert(1)</script>world</p><p>Bye</p>]]></description><category>go</category></item>
<item><title>First</title><link>javascript://example.org/%0Aalert(1)</link><guid>one</guid></item>
<item><title>No id</title></item><item><title>Second again</title><guid>two</guid></item>
</channel></rss>`

const atom = `<feed xmlns="http://www.w3.org/2005/Atom"><title>A</title><id>x</id><entry><id>urn:1</id><title>One</title>
<link href="https://example.org/1"/><updated>2024-01-02T10:00:00+02:00</updated><author><name>Ann</name></author><content type="html">&lt;i&gt;Hi&lt;/i&gt;</content></entry></feed>`

const jsonFeed = `{"version":"https://jsonfeed.org/version/1.1","title":"J","items":[{"id":"j1","url":"https://example.org/j","title":"Jay","content_text":"plain","date_published":"2024-01-02T10:00:00Z"}]}`

// fetch looks once at a server that answers so.
func fetch(t *testing.T, h http.HandlerFunc, with map[string]any, state json.RawMessage) (connectors.Page, error) {
	t.Helper()
	srv := httptest.NewServer(h)
	t.Cleanup(srv.Close)
	f := connectors.NewFetcher(connectors.Exits{})
	in := map[string]any{"url": srv.URL + "/feed.xml", "allow_private": true}
	for k, v := range with {
		in[k] = v
	}
	return feed.New().Sources[feed.Item].Fetch(context.Background(), f, in, state)
}

func sends(kind, body string) http.HandlerFunc {
	return func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", kind)
		_, _ = w.Write([]byte(body)) // whoever hung up shows in what it reports
	}
}

func TestFormats(t *testing.T) {
	p, err := fetch(t, sends("application/rss+xml", rss), nil, nil)
	if err != nil || len(p.Items) != 3 || p.Date == 0 {
		t.Fatalf("%+v %v", p, err)
	}
	d := p.Items[0].Data
	if p.Items[0].ID != "two" || d["title"] != "Second bold" || d["text"] != "Hello world\n\nBye" || !strings.Contains(d["html"].(string), "<script>") ||
		d["published"] != "2024-01-02T10:00:00.000Z" || !strings.HasSuffix(d["link"].(string), "/2") || p.Items[0].At != 1704189600000 {
		t.Errorf("%+v", p.Items[0])
	}
	if p.Items[1].Data["link"] != "" || p.Items[1].ID != "one" || !strings.HasPrefix(p.Items[2].ID, "hash:") {
		t.Errorf("%+v", p.Items[1:])
	}
	for name, x := range map[string]struct{ kind, body, id, text string }{
		"atom":        {"application/atom+xml", atom, "urn:1", "Hi"},
		"json":        {"application/feed+json", jsonFeed, "j1", "plain"},
		"with a BOM":  {"text/xml", "\xef\xbb\xbf\n " + atom, "urn:1", "Hi"},
		"latin 1":     {"text/xml", `<?xml version="1.0" encoding="ISO-8859-1"?>` + strings.Replace(atom, "Hi", "\xe9t\xe9", 1), "urn:1", "été"},
		"header only": {"text/xml; charset=windows-1252", strings.Replace(atom, "Hi", "\xe9t\xe9", 1), "urn:1", "été"},
		"as html":     {"text/html", atom, "urn:1", "Hi"},
	} {
		p, err := fetch(t, sends(x.kind, x.body), nil, nil)
		if err != nil || len(p.Items) != 1 || p.Items[0].ID != x.id || p.Items[0].Data["text"] != x.text {
			t.Errorf("%s: %+v %v", name, p.Items, err)
		}
		for _, it := range p.Items {
			if _, bad := connectors.Fit(feed.New().Triggers[0].Event, it.Data, ""); bad != nil {
				t.Errorf("%s: the event does not fit its schema: %v", name, bad)
			}
		}
	}
}

// Feeds that are none are told in words.
func TestOddFeeds(t *testing.T) {
	var bomb bytes.Buffer
	z := gzip.NewWriter(&bomb)
	_, _ = z.Write(bytes.Repeat([]byte("<a>"), 1<<20)) // into memory
	_ = z.Close()
	for name, x := range map[string]struct {
		h     http.HandlerFunc
		words string
		class engine.FailureClass
	}{
		"a page":                  {sends("text/html", "<!DOCTYPE html><html><body>Hello</body></html>"), "a web page", engine.Garbled},
		"nothing":                 {sends("text/xml", ""), "sent nothing", engine.Garbled},
		"cut off":                 {sends("text/xml", rss[:len(rss)/2]), "cannot be read", engine.Garbled},
		"noise":                   {sends("text/xml", "\x00\x01\x02"), "cannot be read", engine.Garbled},
		"half of JSON":            {sends("application/json", jsonFeed[:60]), "cannot be read", engine.Garbled},
		"nested":                  {sends("text/xml", "<rss><channel>"+strings.Repeat("<x>", 5000)), "nested too deeply", engine.Garbled},
		"nested in quotes":        {sends("text/xml", "<rss><channel>"+strings.Repeat(`<x a="/>">`, 5000)), "nested too deeply", engine.Garbled},
		"nested, other quotes":    {sends("text/xml", "<rss><channel>"+strings.Repeat(`<x a="'" b='/>'>`, 5000)), "nested too deeply", engine.Garbled},
		"nested behind a comment": {sends("text/xml", "<rss><channel>"+strings.Repeat("<x><!--></x>-->", 5000)), "nested too deeply", engine.Garbled},
		"nested behind a note":    {sends("text/xml", "<rss><channel>"+strings.Repeat("<x><?y ></x>?>", 5000)), "nested too deeply", engine.Garbled},
		"nested behind a claim":   {sends("text/xml", "<rss><channel>"+strings.Repeat(`<x><!y "></x>">`, 5000)), "nested too deeply", engine.Garbled},
		"nested JSON":             {sends("text/json", `{"version":"https://jsonfeed.org/version/1","items":`+strings.Repeat("[", 5000)), "nested too deeply", engine.Garbled},
		"a gzip":                  {sends("text/xml", bomb.String()), "something compressed", engine.Garbled},
		"huge":                    {sends("text/xml", rss+strings.Repeat(" ", connectors.MaxPage)), "with more than", engine.Garbled},
		"gone":                    {func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(410) }, "Nothing is there", engine.Rejected},
		"busy":                    {func(w http.ResponseWriter, _ *http.Request) { w.Header().Set("Retry-After", "99"); w.WriteHeader(429) }, "fewer calls", engine.Busy},
		"to the metadata": {func(w http.ResponseWriter, r *http.Request) {
			http.Redirect(w, r, "http://169.254.169.254/", http.StatusFound)
		}, "never called", engine.Forbidden},
		"a gzip unasked": {func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("Content-Encoding", "gzip")
			_, _ = w.Write(bomb.Bytes()) // whoever hung up shows in what it reports
		}, "compressed although", engine.Garbled},
	} {
		_, err := fetch(t, x.h, nil, nil)
		var f *connectors.Fault
		if !errors.As(err, &f) || f.Class != x.class || !strings.Contains(f.Error(), x.words) {
			t.Errorf("%s: %v, wanted %s with %q", name, err, x.class, x.words)
		}
		if name == "busy" && f != nil && f.After != 99000 {
			t.Errorf("after %d ms", f.After)
		}
	}
	if _, err := fetch(t, sends("text/xml", rss), map[string]any{"allow_private": false}, nil); err == nil || !strings.Contains(err.Error(), "private network") || !strings.Contains(err.Error(), "what starts this flow") {
		t.Errorf("loopback: %v", err)
	}
}

// The second look says what is known, and an unchanged feed costs nothing.
func TestUnchanged(t *testing.T) {
	h := func(w http.ResponseWriter, r *http.Request) {
		if r.Header.Get("If-None-Match") == `"v1"` && r.Header.Get("If-Modified-Since") != "" {
			w.WriteHeader(http.StatusNotModified)
			return
		}
		w.Header().Set("ETag", `"v1"`)
		w.Header().Set("Last-Modified", "Tue, 02 Jan 2024 10:00:00 GMT")
		sends("text/xml", rss)(w, r)
	}
	p, err := fetch(t, h, nil, nil)
	if err != nil || p.Unchanged {
		t.Fatalf("%+v %v", p, err)
	}
	if p, err = fetch(t, h, nil, p.State); err != nil || !p.Unchanged || len(p.State) == 0 {
		t.Errorf("%+v %v", p, err)
	}
}

// Of a feed with very many items, and of a server that wants much remembered, what is bounded is taken.
func TestMuchIsBounded(t *testing.T) {
	p, err := fetch(t, func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("ETag", `"`+strings.Repeat("x", 600)+`"`)
		var b strings.Builder
		for i := range 1200 {
			fmt.Fprintf(&b, "<item><guid>%d</guid></item>", i)
		}
		sends("text/xml", `<rss version="2.0"><channel>`+b.String()+"</channel></rss>")(w, r)
	}, nil, nil)
	if err != nil || len(p.Items) != 1000 || p.Items[0].ID != "0" || len(p.State) > 100 {
		t.Errorf("%d items, %d bytes to remember (%v)", len(p.Items), len(p.State), err)
	}
}

// With updates, a changed item is another one; without, it is not.
func TestUpdates(t *testing.T) {
	changed := strings.Replace(atom, "Hi", "Ho", 1)
	for updates, differ := range map[bool]bool{true: true, false: false} {
		a, err := fetch(t, sends("text/xml", atom), map[string]any{"updates": updates}, nil)
		b, err2 := fetch(t, sends("text/xml", changed), map[string]any{"updates": updates}, nil)
		if err != nil || err2 != nil || (a.Items[0].ID != b.Items[0].ID) != differ {
			t.Errorf("updates %v: %v %v", updates, a.Items, b.Items)
		}
	}
}

// FuzzFetch has a server send anything: it is a feed whose items fit the schema, or a fault in words.
func FuzzFetch(f *testing.F) {
	f.Add("text/xml", []byte(rss))
	f.Add("application/atom+xml; charset=utf-16", []byte(atom))
	f.Add("application/feed+json", []byte(jsonFeed))
	var kind string
	var body []byte
	srv := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", kind)
		_, _ = w.Write(body) // whoever hung up shows in what it reports
	}))
	f.Cleanup(srv.Close)
	get := connectors.NewFetcher(connectors.Exits{})
	src := feed.New()
	f.Fuzz(func(t *testing.T, k string, b []byte) {
		kind, body = strings.Map(func(r rune) rune {
			if r < ' ' || r > '~' {
				return 'x'
			}
			return r
		}, k), b
		p, err := src.Sources[feed.Item].Fetch(context.Background(), get, map[string]any{"url": srv.URL, "allow_private": true}, nil)
		if err != nil {
			var fault *connectors.Fault
			if !errors.As(err, &fault) || fault.Msg == "" || fault.Code == engine.Internal {
				t.Fatalf("%v", err)
			}
			return
		}
		seen := map[string]bool{}
		for _, it := range p.Items {
			if it.ID == "" || seen[it.ID] {
				t.Fatalf("id %q", it.ID)
			}
			seen[it.ID] = true
			if _, bad := connectors.Fit(src.Triggers[0].Event, it.Data, ""); bad != nil {
				t.Fatal(bad)
			}
			if _, err := engine.EncodeJSON(it.Data); err != nil {
				t.Fatal(err)
			}
		}
	})
}
