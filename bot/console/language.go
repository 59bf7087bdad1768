package console

import (
	"net/http"
	"net/url"
	"strconv"
	"strings"

	"github.com/bretelle/bretelle/engine"
	"github.com/bretelle/bretelle/prompts"
)

// tongue is a language that the console speaks, by its own name.
type tongue struct{ Lang, Name, Brief string }

// otherTongue is the language that the button in the head of the page leads to.
func otherTongue(now string) tongue {
	if prompts.Lang(now) == "fr" {
		return tongue{"en", "English", "EN"}
	}
	return tongue{"fr", "Français", "FR"}
}

// postLanguage has the bot speak another language to a person, on every surface, and goes back to where they were.
func (c *Console) postLanguage(w http.ResponseWriter, r *http.Request, s seat) {
	lang := r.PostForm.Get("lang")
	if lang != "en" && lang != "fr" {
		c.fail(w, r, s, engine.E(engine.Invalid, `I do not speak "{lang}"`, "lang", lang).WithHint("Languages are en and fr."))
		return
	}
	p, err := c.person(r.Context(), s.person.ID)
	if err == nil {
		p.Lang = lang
		err = c.o.People.SetPerson(r.Context(), p)
	}
	if err == nil && c.o.Audit != nil {
		err = c.o.Audit(r.Context(), engine.AuditEntry{At: engine.Millis(c.now()), Actor: p.ID, What: "person.language", Object: "person/" + p.ID, Detail: "lang=" + lang})
	}
	if err != nil {
		c.fail(w, r, s, err)
		return
	}
	http.Redirect(w, r, local(r.PostForm.Get("back")), http.StatusSeeOther)
}

// reads is the language of somebody on a page: their own, else what their browser asks for, as RFC 9110, 12.5.4 has it.
func reads(r *http.Request, p engine.Person) string {
	if p.Lang != "" {
		return prompts.Lang(p.Lang)
	}
	if p.ID != "" {
		return prompts.Lang("")
	}
	best, most := prompts.Lang(""), 0.0
	for part := range strings.SplitSeq(r.Header.Get("Accept-Language"), ",") {
		tag, weight, _ := strings.Cut(strings.ToLower(part), ";")
		tag, _, _ = strings.Cut(strings.TrimSpace(tag), "-")
		q := 1.0
		if text, given := strings.CutPrefix(strings.TrimSpace(weight), "q="); given {
			q, _ = strconv.ParseFloat(text, 64) // what is no number is not wanted
		}
		if (tag == "en" || tag == "fr") && q > most {
			best, most = tag, q
		}
	}
	return best
}

// local is a path of this console, "/" for anything else.
func local(back string) string {
	u, err := url.Parse(back)
	if err != nil || u.Scheme != "" || u.Host != "" || !strings.HasPrefix(back, "/") || strings.HasPrefix(back, "//") || strings.ContainsAny(back, "\\\r\n") {
		return "/"
	}
	return back
}
