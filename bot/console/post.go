package console

import (
	"encoding/json"
	"html/template"
	"net/http"
	"strings"

	"github.com/bretelle/bretelle/bot"
	"github.com/bretelle/bretelle/engine"
	"github.com/bretelle/bretelle/prompts"
)

// reply is what the page's script gets for a POST.
type reply struct {
	Kind string `json:"kind"`           // "ok", "form", "problem"
	HTML string `json:"html,omitempty"` // of a form
	Text string `json:"text,omitempty"` // of a problem
	ID   string `json:"id,omitempty"`   // a new delivery id for the composer
	// About is the key of a card elsewhere that changed for it, to be shown.
	About string `json:"about,omitempty"`
	// Said is whether the answer is a message in the channel.
	Said bool `json:"said,omitempty"`
}

func wantsJSON(r *http.Request) bool { return r.Header.Get("Accept") == "application/json" }

func answer(w http.ResponseWriter, status int, v any) {
	w.Header().Set("Content-Type", "application/json")
	w.WriteHeader(status)
	_ = json.NewEncoder(w).Encode(v) // the browser went away: nobody to tell
}

func (c *Console) postSend(w http.ResponseWriter, r *http.Request, s seat) {
	text := strings.TrimSpace(strings.ReplaceAll(r.PostForm.Get("text"), "\r\n", "\n"))
	if text == "" {
		c.fail(w, r, s, engine.E(engine.Invalid, "there is nothing to send"))
		return
	}
	if len(text) > 32<<10 {
		c.fail(w, r, s, engine.E(engine.TooLarge, "a message holds at most 32 KB"))
		return
	}
	kind := bot.InMessage
	if strings.HasPrefix(text, "/") {
		kind = bot.InCommand
	}
	c.do(w, r, s, bot.In{Kind: kind, Text: text})
}

func (c *Console) postPress(w http.ResponseWriter, r *http.Request, s seat) {
	c.do(w, r, s, bot.In{Kind: bot.InPress, Token: r.PostForm.Get("token"), Message: bot.Ref(r.PostForm.Get("message"))})
}

func (c *Console) postChoose(w http.ResponseWriter, r *http.Request, s seat) {
	c.do(w, r, s, bot.In{Kind: bot.InChoose, Token: r.PostForm.Get("token"), Value: r.PostForm.Get("value"),
		Message: bot.Ref(r.PostForm.Get("message"))})
}

// nameMost bounds what a page's hidden inputs name: a delivery, a message, a button.
const nameMost = 64

// fieldPrefix keeps a form's fields apart from the page's own.
const fieldPrefix = "f."

func (c *Console) postSubmit(w http.ResponseWriter, r *http.Request, s seat) {
	value := r.PostForm.Get("value")
	if value != "" && (!strings.HasPrefix(value, bot.ActPrefix) || len(value) > nameMost) {
		c.fail(w, r, s, engine.E(engine.Invalid, "{field} is too long", "field", "value"))
		return
	}
	token, fields := r.PostForm.Get("token"), typedIn(r)
	if d, ok := c.kept(r.Context(), s.person.ID); ok && d.Form.Token == token {
		fields = d.typed(r)
	}
	c.do(w, r, s, bot.In{Kind: bot.InSubmit, Token: token, Value: value, Fields: fields})
}

// do carries out what a person did in a channel that they may read, and answers the page.
func (c *Console) do(w http.ResponseWriter, r *http.Request, s seat, in bot.In) {
	ctx := r.Context()
	v, err := c.view(ctx, s, channelOf(r.PathValue("channel")))
	if err != nil {
		c.fail(w, r, s, err)
		return
	}
	for _, name := range []string{"id", "thread", "token", "message"} {
		if len(r.PostForm.Get(name)) > nameMost {
			c.fail(w, r, s, engine.E(engine.Invalid, "{field} is too long", "field", name))
			return
		}
	}
	in.ID = r.PostForm.Get("id")
	in.Place = v.place
	in.Place.Thread = r.PostForm.Get("thread")
	in.Actor = actorOf(s)
	d, err := c.Act(ctx, in)
	if err != nil && (in.Kind == bot.InSubmit || d.Message == nil) {
		c.fail(w, r, s, err)
		return
	}
	next := reply{Kind: "ok", ID: engine.Token(16), Said: d.Message != nil}
	switch rp := d.Reply.(type) {
	case bot.Dialog:
		c.answerForm(w, r, s, v, in, rp.Form)
		return
	case bot.FieldErrors:
		c.answerForm(w, r, s, v, in, rp.Form)
		return
	case bot.Nothing:
		if k, open := c.kept(ctx, s.person.ID); d.Again && open && in.Value != "" {
			c.answerForm(w, r, s, v, in, k.filled()) // its first answer was lost on the way
			return
		}
		next.About = rp.About
	}
	if in.Kind == bot.InSubmit {
		c.forget(ctx, s.person.ID, in.Token)
	}
	if wantsJSON(r) {
		answer(w, http.StatusOK, next)
		return
	}
	to := channelPath(v.place.Channel)
	if strings.HasPrefix(next.About, builderKey) {
		to += "?panel=" + template.URLQueryEscaper(next.About)
	} else if in.Place.Thread != "" {
		to += "?thread=" + template.URLQueryEscaper(in.Place.Thread)
	}
	http.Redirect(w, r, to, http.StatusSeeOther)
}

func (c *Console) answerForm(w http.ResponseWriter, r *http.Request, s seat, v *channelView, in bot.In, f prompts.Form) {
	c.keep(r.Context(), s.person.ID, openDialog{Channel: v.place.Channel, Thread: in.Place.Thread, Form: f})
	html := v.form(in.Place.Thread, f)
	if wantsJSON(r) {
		answer(w, http.StatusOK, reply{Kind: "form", HTML: string(html), ID: engine.Token(16)})
		return
	}
	c.seated(w, r, s, http.StatusOK, "form", frame{Title: f.Title, Channel: strings.TrimPrefix(v.place.Channel, "#"), Page: formPage{HTML: html}})
}

func (c *Console) getComplete(w http.ResponseWriter, r *http.Request, s seat) {
	ctx := r.Context()
	v, err := c.view(ctx, s, channelOf(r.PathValue("channel")))
	if err != nil {
		c.fail(w, r, s, err)
		return
	}
	options, err := c.Complete(ctx, bot.In{Text: cutBytes(r.URL.Query().Get("q")), Place: v.place, Actor: actorOf(s)})
	if err != nil {
		c.fail(w, r, s, err)
		return
	}
	offer(w, options)
}
