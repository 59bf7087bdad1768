package console

import (
	"context"
	"crypto/hmac"
	"crypto/sha256"
	"crypto/subtle"
	"encoding/hex"
	"net"
	"net/http"
	"strings"

	"github.com/bretelle/bretelle/bot"
	"github.com/bretelle/bretelle/engine"
)

// route is one line of the table; every route that is not public needs a login. A test walks the table.
type route struct {
	method, pattern string
	public          bool
	handle          func(w http.ResponseWriter, r *http.Request, s seat)
}

// seat is who is at the other end of a request; the zero seat is nobody.
type seat struct {
	person  engine.Person // whom they act as
	session bot.Session
	csrf    string // what the session's forms carry
}

func (c *Console) routes() []route {
	return []route{
		{"GET", "/healthz", true, c.getHealth},
		{"GET", "/readyz", true, c.getReady},
		{"GET", "/static/{file}", true, c.getStatic},
		{"GET", "/login/{token}", true, c.getLogin},
		{"POST", "/login/{token}", true, c.postLogin},
		{"GET", "/{$}", false, c.getHome},
		{"POST", "/logout", false, c.postLogout},
		{"POST", "/demo/as", false, c.postActAs},
		{"GET", "/c/{channel}", false, c.getChannel},
		{"GET", "/run/{number}", false, c.getRun},
		{"GET", "/flow", false, c.getFlows},
		{"GET", "/flow/{name}", false, c.getFlow},
		{"GET", "/table", false, c.getTables},
		{"GET", "/table/{name}", false, c.getTable},
		{"GET", "/table/{name}/row", false, c.getRow},
		{"POST", "/table/{name}/row", false, c.postRow},
		{"GET", "/table/{name}/drop", false, c.getDrop},
		{"POST", "/table/{name}/drop", false, c.postDrop},
		{"GET", "/events/{channel}", false, c.getEvents},
		{"GET", "/complete/{channel}", false, c.getComplete},
		{"GET", "/look/{channel}", false, c.getLook},
		{"POST", "/keep", false, c.postKeep},
		{"POST", "/theme", false, c.postTheme},
		{"POST", "/language", false, c.postLanguage},
		{"POST", "/c/{channel}/send", false, c.postSend},
		{"POST", "/c/{channel}/press", false, c.postPress},
		{"POST", "/c/{channel}/choose", false, c.postChoose},
		{"POST", "/c/{channel}/submit", false, c.postSubmit},
	}
}

// bodyMost bounds what a form may send.
const bodyMost = 1 << 20

// Handler serves the console. Every answer carries the security headers; a request for a host that is not this
// console is refused, so that a web page cannot reach it by pointing its own name at this machine (DNS rebinding).
func (c *Console) Handler() http.Handler {
	mux := http.NewServeMux()
	for _, rt := range c.routes() {
		mux.HandleFunc(rt.method+" "+rt.pattern, c.serve(rt))
	}
	mux.HandleFunc("/", func(w http.ResponseWriter, r *http.Request) {
		if _, err := c.seat(r); err != nil {
			c.fail(w, r, seat{}, err)
			return
		}
		c.fail(w, r, seat{}, engine.E(engine.NotFound, "there is no such page"))
	})
	foreign := http.NewCrossOriginProtection()
	foreign.SetDenyHandler(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		c.fail(w, r, seat{}, engine.E(engine.Denied, "this came from another site, so it does not count"))
	}))
	inner := foreign.Handler(mux)
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		headers(w.Header())
		if !c.hostAllowed(r.Host) {
			http.Error(w, "This console does not answer to that host name. Start with --public-url to give it one.", http.StatusMisdirectedRequest)
			return
		}
		inner.ServeHTTP(w, r)
	})
}

// headers are the same on every answer.
func headers(h http.Header) {
	h.Set("Content-Security-Policy", "default-src 'self'; base-uri 'none'; object-src 'none'; frame-ancestors 'none'; form-action 'self'")
	h.Set("X-Content-Type-Options", "nosniff")
	h.Set("X-Frame-Options", "DENY")
	h.Set("Referrer-Policy", "no-referrer")
	h.Set("Cross-Origin-Opener-Policy", "same-origin")
	h.Set("Cross-Origin-Resource-Policy", "same-origin")
	h.Set("Cache-Control", "no-store")
}

// hostAllowed reports whether a Host header names this machine's loopback or the public host.
func (c *Console) hostAllowed(host string) bool {
	if c.o.Host != "" && strings.EqualFold(host, c.o.Host) {
		return true
	}
	name := host
	if h, _, err := net.SplitHostPort(host); err == nil {
		name = h
	}
	name = strings.Trim(name, "[]")
	return strings.EqualFold(name, "localhost") || name == "127.0.0.1" || name == "::1"
}

// serve guards a route: login, and for what changes something the session's CSRF token.
func (c *Console) serve(rt route) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		r.Body = http.MaxBytesReader(w, r.Body, bodyMost)
		if rt.public {
			rt.handle(w, r, seat{})
			return
		}
		s, err := c.seat(r)
		if err != nil {
			c.fail(w, r, seat{}, err)
			return
		}
		if rt.method != http.MethodGet {
			if err := r.ParseForm(); err != nil {
				c.fail(w, r, s, engine.E(engine.TooLarge, "that is too long, or not a form").Wrap(err))
				return
			}
			given := r.PostForm.Get("csrf")
			if subtle.ConstantTimeCompare([]byte(given), []byte(s.csrf)) != 1 {
				c.fail(w, r, s, engine.E(engine.Denied, "this page is too old, so that did not count").WithHint("Reload it and try again."))
				return
			}
		}
		rt.handle(w, r, s)
	}
}

// cookieName differs by port: two consoles on one machine share a cookie jar.
func cookieName(r *http.Request) string {
	if _, port, err := net.SplitHostPort(r.Host); err == nil {
		return "bretelle_" + port
	}
	return "bretelle"
}

// seat finds who is logged in; Unsigned when nobody is.
func (c *Console) seat(r *http.Request) (seat, error) {
	out := engine.E(engine.Unsigned, "you are not logged in").
		WithHint("Open a login link. On the machine that runs Bretelle, this makes one: bretelle login NAME")
	cookie, err := r.Cookie(cookieName(r))
	if err != nil || cookie.Value == "" {
		return seat{}, out
	}
	ctx := r.Context()
	s, err := c.o.People.Session(ctx, hashOf(cookie.Value), engine.Millis(c.now()))
	if engine.CodeOf(err) == engine.NotFound {
		return seat{}, out
	}
	if err != nil {
		return seat{}, err
	}
	p, err := c.person(ctx, s.Person)
	if engine.CodeOf(err) == engine.NotFound {
		return seat{}, out
	}
	return seat{person: p, session: s, csrf: csrfOf(cookie.Value)}, err
}

// hashOf is how tokens are stored: whoever reads the database cannot log in with it.
func hashOf(token string) string {
	h := sha256.Sum256([]byte(token))
	return hex.EncodeToString(h[:])
}

// csrfOf is the token of a session's forms. It follows from the cookie, so that it is stored nowhere.
func csrfOf(cookie string) string {
	m := hmac.New(sha256.New, []byte(cookie))
	m.Write([]byte("csrf"))
	return hex.EncodeToString(m.Sum(nil)[:16])
}

// statusOf is the HTTP status of an error.
func statusOf(err error) int {
	switch engine.CodeOf(err) {
	case engine.Invalid:
		return http.StatusUnprocessableEntity
	case engine.NotFound:
		return http.StatusNotFound
	case engine.Conflict:
		return http.StatusConflict
	case engine.Denied:
		return http.StatusForbidden
	case engine.Unsigned:
		return http.StatusUnauthorized
	case engine.TooLarge:
		return http.StatusRequestEntityTooLarge
	case engine.Throttled:
		return http.StatusTooManyRequests
	case engine.Unavailable, engine.Timeout:
		return http.StatusServiceUnavailable
	}
	return http.StatusInternalServerError
}

// words is an error as a person may read it.
func (c *Console) words(ctx context.Context, s seat, err error) string {
	return c.problem(ctx, s.person.ID, err).Text
}
