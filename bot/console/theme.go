package console

import (
	"net/http"
	"time"
)

// themeLife is how long a browser remembers its colours.
const themeLife = 2 * 365 * 24 * time.Hour

const themeCookie = "bretelle_theme"

// themeOf is what a browser wants: "light", "dark", or "" for what the system says.
func themeOf(r *http.Request) string {
	if cookie, err := r.Cookie(themeCookie); err == nil && (cookie.Value == "light" || cookie.Value == "dark") {
		return cookie.Value
	}
	return ""
}

// nextTheme is what the button leads to: automatic, light, dark, automatic.
func nextTheme(now string) string {
	switch now {
	case "":
		return "light"
	case "light":
		return "dark"
	}
	return ""
}

// postTheme remembers the colours in the browser. It is nothing of the person's: each screen has its own.
func (c *Console) postTheme(w http.ResponseWriter, r *http.Request, s seat) {
	theme := r.PostForm.Get("theme")
	if theme != "light" && theme != "dark" {
		theme = ""
	}
	http.SetCookie(w, &http.Cookie{Name: themeCookie, Value: theme, Path: "/", HttpOnly: true, Secure: c.o.Secure,
		SameSite: http.SameSiteLaxMode, Expires: c.now().Add(themeLife)})
	if wantsJSON(r) {
		answer(w, http.StatusOK, struct {
			Theme string `json:"theme"`
			Next  string `json:"next"`
			Label string `json:"label"`
		}{theme, nextTheme(theme), themeWords(s.person.Lang, theme)})
		return
	}
	http.Redirect(w, r, "/", http.StatusSeeOther)
}
