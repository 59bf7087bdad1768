package main

import (
	"fmt"
	"net/http"
	"strings"
	"sync/atomic"
	"testing"
	"time"
)

// site answers as told, and counts.
type site struct {
	url    string
	hits   atomic.Int64
	answer atomic.Pointer[http.HandlerFunc]
}

func newSite(t *testing.T, first http.HandlerFunc) *site {
	t.Helper()
	s := &site{}
	s.answer.Store(&first)
	s.url = serveLocal(t, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		(*s.answer.Load())(w, r)
		s.hits.Add(1)
	}))
	return s
}

// shows has the site answer otherwise, lets an hour and a bit pass, and waits until the bot has looked. While it still
// works on its look before, it takes the time for the end of that: then more has to pass.
func (s *site) shows(b *botProcess, pass func(*botProcess, time.Duration), answer http.HandlerFunc) {
	b.t.Helper()
	s.answer.Store(&answer)
	before := s.hits.Load()
	pass(b, 70*time.Minute)
	polls := 0
	eventually(b.t, func() bool {
		if polls++; polls%50 == 0 {
			pass(b, 20*time.Minute)
		}
		return s.hits.Load() > before
	}, func() string { return "nobody looks at the site\n" + b.log() })
}

func page(kind, body string) http.HandlerFunc {
	return func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", kind)
		_, _ = w.Write([]byte(body))
	}
}

func status(code int) http.HandlerFunc {
	return func(w http.ResponseWriter, _ *http.Request) { http.Error(w, "out of order", code) }
}

func rss(items ...string) string {
	return `<?xml version="1.0" encoding="UTF-8"?><rss version="2.0"><channel><title>News</title><link>http://example.org/</link>` + strings.Join(items, "") + `</channel></rss>`
}

func item(n int) string {
	return fmt.Sprintf(`<item><title>Item %d</title><link>http://example.org/%d</link><guid>g%d</guid></item>`, n, n, n)
}

// untilHour is how long it is from now until an hour of tomorrow, UTC.
func untilHour(hour int) time.Duration {
	now := time.Now().UTC()
	return time.Date(now.Year(), now.Month(), now.Day()+1, hour, 0, 0, 0, time.UTC).Sub(now)
}

// TestTemplateFeedDigest: what is new in a feed is told once a day, together and once: from a feed that is broken,
// gone, in Latin-1, re-ordered, without ids and with an item twice, and through kill -9.
func TestTemplateFeedDigest(t *testing.T) {
	t.Parallel()
	clock, pass := withClock(t)
	b := newTeam(t, clock)
	pass(b, untilHour(0)) // the digest comes a day later
	s := newSite(t, page("application/rss+xml", rss(item(1), item(2))))
	b.fromTemplate("feed-digest", "channel=#sales", "url="+s.url+"/feed.xml", "hour=23", "timezone=UTC", "private=true")
	b.watching(1)
	s.shows(b, pass, page("application/rss+xml", rss(item(3), item(2))[:150]))             // cut off
	s.shows(b, pass, status(http.StatusInternalServerError))                               //
	s.shows(b, pass, page("text/html", "<html><body>We moved</body></html>"))              // no feed
	s.shows(b, pass, page("application/rss+xml", rss(item(4), item(3), item(2), item(4)))) // two are new, one of them twice
	b.settledBut("feed-digest", 2, "waiting")                                              // the first waits for the hour
	b.kill()                                                                               // kill -9 with a digest under way
	b.start()                                                                              //
	latin := strings.Replace(rss(`<item><title>Caf`+"\xe9"+` <b>open</b></title><link>http://example.org/cafe</link></item>`, item(2), item(4), item(3)), "UTF-8", "ISO-8859-1", 1)
	s.shows(b, pass, page("text/xml", latin)) // re-ordered, without an id, another encoding
	b.settledBut("feed-digest", 3, "waiting")
	if text := b.transcript("bob", "#sales"); strings.Contains(text, "Item") {
		t.Fatalf("told before it was time:\n%s", text)
	}
	pass(b, 23*time.Hour)
	b.settled("feed-digest", 3)
	told := b.card("bob", "#sales", "3 new:")
	says(t, "the digest", told.Text, "- Item 3 http://example.org/3", "- Item 4 http://example.org/4", "- Café", "http://example.org/cafe")

	s.shows(b, pass, page("application/rss+xml", rss(item(5), item(4))))
	b.settledBut("feed-digest", 4, "waiting")
	pass(b, 24*time.Hour)
	b.settled("feed-digest", 4)
	says(t, "the next day's", b.card("bob", "#sales", "1 new:").Text, "- Item 5 http://example.org/5")
	text := b.transcript("bob", "#sales")
	for _, once := range []string{"- Item 3", "- Item 4", "- Item 5", "Caf"} {
		if n := strings.Count(text, once); n != 1 {
			t.Errorf("%s was told %d times:\n%s", once, n, text)
		}
	}
	if strings.Contains(text, "Item 1 ") || strings.Contains(text, "Item 2 ") {
		t.Errorf("what stood there when it was published was told:\n%s", text)
	}
}

// settledBut waits until a flow has so many runs, of which one is in a state and the others have ended.
func (b *botProcess) settledBut(flow string, n int, state string) {
	b.t.Helper()
	var list []runJSON
	eventually(b.t, func() bool {
		list = b.runsOf(flow)
		ended, other := 0, 0
		for _, r := range list {
			switch r.State {
			case "done", "stopped":
				ended++
			case state:
				other++
			}
		}
		return ended == n-1 && other == 1
	}, func() string {
		return fmt.Sprintf("%s has the runs %+v, wanted %d, one of them %s\n%s", flow, list, n, state, b.log())
	})
}

// TestTemplateWatchPage: a page that changes is told, once for each change; one that fails, or shows only its clock
// in another tag, is not.
func TestTemplateWatchPage(t *testing.T) {
	t.Parallel()
	clock, pass := withClock(t)
	b := newTeam(t, clock)
	html := func(lines ...string) http.HandlerFunc {
		return page("text/html", "<html><body><h1>Status</h1><p>"+strings.Join(lines, "</p><p>")+"</p></body></html>")
	}
	s := newSite(t, html("All is well"))
	b.fromTemplate("watch-page", "channel=#sales", "url="+s.url+"/status", "every=1h", "private=true")
	b.watching(1)
	s.shows(b, pass, status(http.StatusBadGateway))
	s.shows(b, pass, page("text/html", "<html><body class='dark'><h1>Status</h1><p>All is well</p></body></html>"))
	s.shows(b, pass, html("All is well", "Mail is slow today"))
	b.settled("watch-page", 1)
	says(t, "the message", b.card("bob", "#sales", "has changed.").Text, s.url+"/status has changed.", "+ Mail is slow today")
	b.kill()
	b.start()
	s.shows(b, pass, html("All is well", "Mail is slow today"))
	s.shows(b, pass, html("All is well"))
	b.settled("watch-page", 2)
	if n := strings.Count(b.transcript("bob", "#sales"), "has changed."); n != 2 {
		t.Errorf("told %d times:\n%s", n, b.transcript("bob", "#sales"))
	}
}

// TestTemplateRota: who is on call is said each Monday, in turn; while nobody is in the rota that is said. The table is
// there from the beginning, and people change it in chat.
func TestTemplateRota(t *testing.T) {
	t.Parallel()
	clock, pass := withClock(t)
	b := newTeam(t, clock)
	b.fromTemplate("on-call-rota", "channel=#sales", "timezone=Europe/Zurich")
	b.watching(1)
	monday := (8 - int(time.Now().UTC().Weekday())) % 7 // days from today; its nine o'clock in Zurich is seven or eight
	if monday == 0 {
		monday = 7
	}
	pass(b, untilHour(9)+time.Duration(monday-1)*24*time.Hour)
	b.settled("on-call-rota", 1)
	b.card("bob", "#sales", "The rota is empty.", "/flow table add rota")
	// Or whoever takes turns is named in the dialog.
	b.draftOf("on-call-rota", "name=rota-of-two", "channel=#sales", "table=turns", "people=ann; bob")
	if rows := b.rows("turns"); len(rows) != 2 || rows[1]["person"] != "bob" || rows[1]["position"] != "2" {
		t.Errorf("the table of those who were named is %v", rows)
	}
	b.cli("chat", "--as", "ann", "--in", "#sales", "-m", "/flow template on-call-rota")
	out, code := b.try("", "chat", "--as", "ann", "--in", "#sales", "--submit", "name=third", "--submit", "channel=#sales", "--submit", "table=No Table")
	if code == 0 {
		t.Error("any name can be a table's")
	}
	says(t, "a wrong name", out, "table: ", "cannot be the name of a table")
	for i, who := range []string{"ann", "bob", "kim"} {
		b.cli("chat", "--as", "ann", "--in", "#sales", "-m", "/flow table add rota")
		b.cli("chat", "--as", "ann", "--in", "#sales", "--submit", "person="+who, "--submit", fmt.Sprintf("position=%d", i+1))
	}
	for week := range 4 {
		b.kill() // the bot was off, and is on again before the next turn
		b.start()
		pass(b, 7*24*time.Hour)
		b.settled("on-call-rota", week+2)
	}
	next := map[string]string{"ann": "bob", "bob": "kim", "kim": "ann"}
	text := b.transcript("bob", "#sales")
	for who, then := range next {
		says(t, "the channel", text, fmt.Sprintf("On call this week: %s. Next week: %s.", who, then))
	}
	if n := strings.Count(text, "On call this week"); n != 4 {
		t.Errorf("%d turns were told:\n%s", n, text)
	}
}
