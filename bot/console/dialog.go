package console

import (
	"context"
	"encoding/json"
	"html/template"
	"net/http"
	"strings"
	"sync"

	"github.com/bretelle/bretelle/bot"
	"github.com/bretelle/bretelle/engine"
	"github.com/bretelle/bretelle/prompts"
)

// openDialog is the dialog that a person has before them, with all they typed. A page that is loaded again shows it
// again (R16).
type openDialog struct {
	Channel string
	Thread  string
	Form    prompts.Form
	Typed   map[string]string
	Closed  bool // put away without an answer: offered, not opened
}

// filled is the form with what was typed in it.
func (d openDialog) filled() prompts.Form {
	f := d.Form
	f.Fields = append([]prompts.Field(nil), f.Fields...)
	for i := range f.Fields {
		if v, ok := d.Typed[f.Fields[i].Name]; ok {
			f.Fields[i].Value = v
		}
	}
	return f
}

// dialogs are the open ones, one for each person. In memory they are whole; what is stored has no words above the
// fields, for those may hold a secret that is shown once.
type dialogs struct {
	mu sync.Mutex
	by map[string]openDialog
}

func dialogSetting(person string) string { return "console.dialog." + person }

// keep remembers a person's open dialog. That it could not be stored costs the answer nothing.
func (c *Console) keep(ctx context.Context, person string, d openDialog) {
	c.dialogs.mu.Lock()
	if c.dialogs.by == nil {
		c.dialogs.by = map[string]openDialog{}
	}
	c.dialogs.by[person] = d
	c.dialogs.mu.Unlock()
	d.Form.Intro = nil
	b, err := json.Marshal(d)
	if err == nil && len(d.Form.Fields) > 0 {
		err = c.o.People.SetSetting(ctx, dialogSetting(person), string(b))
	}
	if err != nil {
		c.log.WarnContext(ctx, "an open dialog could not be kept", "err", err)
	}
}

// kept is the dialog that a person has open; ok is false when there is none.
func (c *Console) kept(ctx context.Context, person string) (d openDialog, ok bool) {
	c.dialogs.mu.Lock()
	d, ok = c.dialogs.by[person]
	c.dialogs.mu.Unlock()
	if ok {
		return d, d.Form.Token != ""
	}
	text, err := c.o.People.Setting(ctx, dialogSetting(person))
	if err != nil || text == "" || json.Unmarshal([]byte(text), &d) != nil {
		return openDialog{}, false
	}
	return d, d.Form.Token != ""
}

// forget drops a person's open dialog when it is the one that was answered: another tab may have another one open.
func (c *Console) forget(ctx context.Context, person, token string) {
	if d, ok := c.kept(ctx, person); !ok || d.Form.Token != token {
		return
	}
	c.dialogs.mu.Lock()
	if c.dialogs.by == nil {
		c.dialogs.by = map[string]openDialog{}
	}
	c.dialogs.by[person] = openDialog{}
	c.dialogs.mu.Unlock()
	if err := c.o.People.SetSetting(ctx, dialogSetting(person), ""); err != nil {
		c.log.WarnContext(ctx, "an answered dialog could not be forgotten", "err", err)
	}
}

// typedIn are the fields of a posted form, by name.
func typedIn(r *http.Request) map[string]string {
	fields := map[string]string{}
	for name, values := range r.PostForm {
		if field, ok := strings.CutPrefix(name, fieldPrefix); ok {
			fields[field] = strings.ReplaceAll(strings.Join(values, "\n"), "\r\n", "\n")
		}
	}
	return fields
}

// typed are the fields posted for this dialog, those that the browser does not send included: they are empty, for no box
// of theirs is ticked.
func (d openDialog) typed(r *http.Request) map[string]string {
	fields := typedIn(r)
	for _, f := range d.Form.Fields {
		if _, sent := fields[f.Name]; !sent {
			fields[f.Name] = ""
		}
	}
	return fields
}

// postKeep takes what is being typed into the open dialog.
func (c *Console) postKeep(w http.ResponseWriter, r *http.Request, s seat) {
	ctx := r.Context()
	d, ok := c.kept(ctx, s.person.ID)
	if !ok || d.Form.Token != r.PostForm.Get("token") {
		answer(w, http.StatusOK, reply{Kind: "ok"}) // another page answered it, or opened another one
		return
	}
	d.Typed = d.typed(r)
	d.Closed = r.PostForm.Get("closed") != ""
	c.keep(ctx, s.person.ID, d)
	answer(w, http.StatusOK, reply{Kind: "ok"})
}

// again is the kept dialog as the channel's page shows it.
type keptForm struct {
	HTML   template.HTML
	Title  string
	Closed bool
}

func (v *channelView) kept(ctx context.Context) keptForm {
	d, ok := v.c.kept(ctx, v.seat.person.ID)
	if !ok || d.Channel != v.place.Channel {
		return keptForm{}
	}
	return keptForm{HTML: v.form(d.Thread, d.filled()), Title: d.Form.Title, Closed: d.Closed}
}

// getLook finds the options of a field that is looked up while typing.
func (c *Console) getLook(w http.ResponseWriter, r *http.Request, s seat) {
	ctx, q := r.Context(), r.URL.Query()
	v, err := c.view(ctx, s, channelOf(r.PathValue("channel")))
	if err != nil {
		c.fail(w, r, s, err)
		return
	}
	c.mu.RLock()
	h := c.handler
	c.mu.RUnlock()
	if h == nil {
		c.fail(w, r, s, starting())
		return
	}
	options, err := h.Options(ctx, bot.In{Kind: bot.InLookUp, Token: q.Get("token"), Value: q.Get("field"), Text: cutBytes(q.Get("q")),
		Place: v.place, Actor: actorOf(s)})
	if err != nil {
		c.fail(w, r, s, err)
		return
	}
	offer(w, options)
}

// lookMost bounds what is looked up, in bytes.
const lookMost = 2000

func cutBytes(s string) string { return strings.ToValidUTF8(s[:min(len(s), lookMost)], "") }

func starting() error {
	return engine.E(engine.Unavailable, "the bot is starting or stopping").WithHint("Try again in a moment.")
}

func actorOf(s seat) bot.Actor {
	return bot.Actor{Surface: engine.ConsoleSurface, User: s.person.ID, Name: s.person.Name, Lang: s.person.Lang}
}

// offer answers with options.
func offer(w http.ResponseWriter, options []prompts.Option) {
	type one struct {
		Value string `json:"value"`
		Label string `json:"label"`
		Help  string `json:"help,omitempty"`
	}
	all := make([]one, 0, len(options))
	for _, o := range options {
		all = append(all, one{o.Value, prompts.CleanLine(o.Label), prompts.CleanLine(o.Help)})
	}
	answer(w, http.StatusOK, all)
}
