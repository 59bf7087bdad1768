package console

import (
	"embed"
	"html/template"
	"net/http"
	"strings"
	"time"

	"github.com/bretelle/bretelle/engine"
	"github.com/bretelle/bretelle/prompts"
)

//go:embed pages/*.html
var pageFiles embed.FS

//go:embed static/*
var staticFiles embed.FS

// frame is what every page's template sees.
type frame struct {
	Title   string
	Lang    string
	Me      engine.Person
	Seated  bool
	CSRF    string
	Demo    bool
	People  []engine.Person // for the demo's switch
	Channel string          // without "#"
	Theme   string          // "light", "dark" or "": what the system says
	Next    string          // theme that the button leads to
	Colours string          // what the button says
	Wide    bool            // the page has a picture: it may take the whole width
	Here    string          // where the reader is, to come back to
	Other   tongue          // what the language button leads to
	T       chrome
	Page    any
}

type loginPage struct {
	Token   string
	AskName bool
	Name    string
	Error   string
}

type messagePage struct{ Title, Text string }

type formPage struct{ HTML template.HTML }

// instant is a time as pages show it; the script turns it into the browser's own zone.
type instant struct{ Stamp, Clock, Full string }

func instantOf(ms int64, z *time.Location) instant {
	t := engine.Time(ms).In(z)
	return instant{Stamp: t.UTC().Format("2006-01-02T15:04:05.000Z"), Clock: t.Format("15:04"), Full: t.Format("2006-01-02 15:04:05")}
}

// worded is a value together with the page's words.
type worded struct {
	Value valueView
	Words runWords
}

func withWords(v valueView, w runWords) worded { return worded{v, w} }

func parsePages() *template.Template {
	show := template.FuncMap{"clean": prompts.Clean, "line": prompts.CleanLine, "worded": withWords} // what comes from outside
	return template.Must(template.New("").Funcs(show).ParseFS(pageFiles, "pages/*.html"))
}

// page writes a page for somebody not logged in.
func (c *Console) page(w http.ResponseWriter, r *http.Request, status int, name string, page any) {
	lang := reads(r, engine.Person{})
	title := prompts.T(lang, "Log in", nil)
	if m, ok := page.(messagePage); ok {
		title = m.Title
	}
	c.write(w, r, status, name, frame{Title: title, Lang: lang, Page: page})
}

// seated writes a page for somebody logged in.
func (c *Console) seated(w http.ResponseWriter, r *http.Request, s seat, status int, name string, f frame) {
	f.Me, f.CSRF, f.Seated, f.Demo, f.Lang = s.person, s.csrf, true, c.o.Demo, prompts.Lang(s.person.Lang)
	if c.o.Demo {
		people, err := c.o.People.Persons(r.Context())
		if err != nil {
			c.fail(w, r, seat{}, err)
			return
		}
		f.People = people
	}
	c.write(w, r, status, name, f)
}

func (c *Console) write(w http.ResponseWriter, r *http.Request, status int, name string, f frame) {
	f.T = chromeIn(f.Lang)
	f.Other, f.Here = otherTongue(f.Lang), "/"
	if r.Method == http.MethodGet {
		f.Here = r.URL.RequestURI()
	}
	f.Theme = themeOf(r)
	f.Next, f.Colours = nextTheme(f.Theme), themeWords(f.Lang, f.Theme)
	var b strings.Builder
	if err := c.pages.ExecuteTemplate(&b, name, f); err != nil {
		c.log.ErrorContext(r.Context(), "a page could not be made", "page", name, "error", err)
		http.Error(w, "Something went wrong on my side.", http.StatusInternalServerError)
		return
	}
	w.Header().Set("Content-Type", "text/html; charset=utf-8")
	w.WriteHeader(status)
	_, _ = w.Write([]byte(b.String())) // the browser went away: nobody to tell
}

// fail shows an error: as JSON to the script, as a page to everybody else.
func (c *Console) fail(w http.ResponseWriter, r *http.Request, s seat, err error) {
	status, text := statusOf(err), c.words(r.Context(), s, err)
	if status == http.StatusInternalServerError {
		c.log.ErrorContext(r.Context(), "request failed", "method", r.Method, "route", r.Pattern, "error", err)
	}
	if status == http.StatusTooManyRequests {
		w.Header().Set("Retry-After", "60")
	}
	if wantsJSON(r) {
		answer(w, status, reply{Kind: "problem", Text: text})
		return
	}
	lang := reads(r, s.person)
	if s.person.ID == "" && status != http.StatusInternalServerError {
		text = prompts.Problem(prompts.Ctx{Lang: lang, Now: engine.Millis(c.now())}, err, "").Text
	}
	f := frame{Title: http.StatusText(status), Lang: lang, Seated: s.person.ID != "",
		Page: messagePage{Title: prompts.T(lang, "That did not work", nil), Text: text}}
	c.write(w, r, status, "message", f)
}

func (c *Console) getStatic(w http.ResponseWriter, r *http.Request, _ seat) {
	w.Header().Set("Cache-Control", "no-cache")
	http.ServeFileFS(w, r, staticFiles, "static/"+r.PathValue("file"))
}

func (c *Console) getHealth(w http.ResponseWriter, _ *http.Request, _ seat) {
	plain(w, http.StatusOK, "ok\n")
}

func (c *Console) getReady(w http.ResponseWriter, r *http.Request, _ seat) {
	if c.o.Ready != nil {
		if err := c.o.Ready(r.Context()); err != nil {
			plain(w, http.StatusServiceUnavailable, "not ready\n")
			return
		}
	}
	plain(w, http.StatusOK, "ready\n")
}

func plain(w http.ResponseWriter, status int, text string) {
	w.Header().Set("Content-Type", "text/plain; charset=utf-8")
	w.WriteHeader(status)
	_, _ = w.Write([]byte(text)) // the caller went away: nobody to tell
}
