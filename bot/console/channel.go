package console

import (
	"context"
	"encoding/json"
	"html/template"
	"maps"
	"net/http"
	"net/url"
	"slices"
	"strings"

	"github.com/bretelle/bretelle/bot"
	"github.com/bretelle/bretelle/engine"
	"github.com/bretelle/bretelle/prompts"
)

// historyMost is how many messages a page shows.
const historyMost = 200

// channelView is a channel as one person sees it.
type channelView struct {
	c     *Console
	seat  seat
	place engine.Place
	names map[string]string // of persons, by id
}

// view opens a channel for who is logged in. Errors: NotFound, Denied.
func (c *Console) view(ctx context.Context, s seat, name string) (*channelView, error) {
	ch, err := c.channel(ctx, name)
	if err != nil {
		return nil, err
	}
	if !mayRead(s.person, ch) {
		return nil, engine.E(engine.Denied, "you may not read {channel}", "channel", name).WithHint("Ask an admin for a role.")
	}
	v := &channelView{c: c, seat: s, place: ch.Place}
	return v, v.learn(ctx)
}

func (v *channelView) learn(ctx context.Context) error {
	all, err := v.c.o.People.Persons(ctx)
	if err != nil {
		return err
	}
	v.names = make(map[string]string, len(all))
	for _, p := range all {
		v.names[p.ID] = p.Name
	}
	return nil
}

type messageView struct {
	ID, Who      string
	Bot, Only    bool
	At           int64
	Stamp, Clock string
	Edited       bool
	Text         string
	HTML         template.HTML
	ThreadPath   string
	Root         bool // shown above its thread
	Replies      int
	RepliesText  string
	Reactions    []reaction
	T            chrome
}

// reaction is an emoji under a message.
type reaction struct {
	Sign  string // the emoji, or its name between colons
	Count int
}

// reactions are in the order of their names, so that a page does not flicker.
func reactions(m bot.Message) []reaction {
	var out []reaction
	for _, name := range slices.Sorted(maps.Keys(m.Reactions)) {
		sign := name
		if strings.Trim(name, "abcdefghijklmnopqrstuvwxyz0123456789_+-") == "" {
			sign = ":" + name + ":"
		}
		out = append(out, reaction{sign, m.Reactions[name]})
	}
	return out
}

// message is one message as HTML.
func (v *channelView) message(ctx context.Context, m bot.Message) (string, error) {
	h, err := v.render(ctx, m, 0, false)
	return string(h), err
}

func (v *channelView) render(ctx context.Context, m bot.Message, n int, root bool) (template.HTML, error) {
	if _, known := v.names[m.By]; m.By != "" && !known {
		if err := v.learn(ctx); err != nil {
			return "", err
		}
	}
	at := instantOf(m.At, zone(v.seat.person))
	mv := messageView{ID: m.ID, At: m.At, Who: v.names[m.By], Bot: m.By == "", Only: m.For != "", Stamp: at.Stamp,
		Clock: at.Clock, Edited: m.Edited != 0 && m.By != "", Text: m.Text, Replies: n,
		RepliesText: replies(v.seat.person.Lang, n), Reactions: reactions(m), T: chromeIn(v.seat.person.Lang)}
	if mv.Bot {
		mv.Who = "Bretelle"
	} else if mv.Who == "" {
		mv.Who = "somebody"
	}
	if mv.Root = root; root {
		mv.ID = "root-" + m.ID
	} else if m.Thread == "" {
		mv.ThreadPath = channelPath(v.place.Channel) + "?thread=" + url.QueryEscape(m.ID)
	}
	if len(m.Card) > 0 {
		var card prompts.Card
		if err := json.Unmarshal(m.Card, &card); err != nil {
			return "", engine.AsError(err).WithOp("console.render")
		}
		mv.HTML = v.card(m, card)
	}
	var b strings.Builder
	err := v.c.pages.ExecuteTemplate(&b, "msg", mv)
	return template.HTML(b.String()), err // made by a template that escapes
}

type channelLink struct {
	Name, Path   string
	Here, Direct bool
}

type composer struct {
	Channel, Name, CSRF, Nonce, Thread, Command string
	T                                           chrome
}

type channelPage struct {
	Channels       []channelLink
	Drafts         []draft
	Panel          bool // the side panel is open
	Kept           keptForm
	Heading        string
	Topic          string
	Direct         bool // these are the person's direct messages
	Now            int64
	Messages       []template.HTML
	Root           template.HTML // the message that the open thread hangs on
	Thread         []template.HTML
	ThreadID       string
	Since          int64
	Composer       composer
	ThreadComposer composer
	Command        string
	RepliesText    string // with {n} in it, for the script
}

// getHome goes to #general, or the first channel there is.
func (c *Console) getHome(w http.ResponseWriter, r *http.Request, s seat) {
	list, err := c.channels(r.Context(), s.person)
	if err != nil {
		c.fail(w, r, s, err)
		return
	}
	if len(list) == 0 {
		c.fail(w, r, s, engine.E(engine.Denied, "there is no channel that you may read").
			WithHint("An admin adds one with: bretelle channel add '#general'"))
		return
	}
	to := list[0].Place.Channel
	for _, ch := range list {
		if ch.Place.Channel == "#general" {
			to = ch.Place.Channel
		}
	}
	http.Redirect(w, r, channelPath(to), http.StatusSeeOther)
}

func (c *Console) getChannel(w http.ResponseWriter, r *http.Request, s seat) {
	ctx, name := r.Context(), r.PathValue("channel")
	v, err := c.view(ctx, s, channelOf(name))
	if err != nil {
		c.fail(w, r, s, err)
		return
	}
	list, err := c.channels(ctx, s.person)
	if err != nil {
		c.fail(w, r, s, err)
		return
	}
	p := channelPage{Now: engine.Millis(c.now()), ThreadID: r.URL.Query().Get("thread"), Command: c.o.Command, Heading: v.place.Channel, Kept: v.kept(ctx),
		RepliesText: prompts.T(s.person.Lang, "Replies: {n}", nil)}
	for _, ch := range list {
		p.Channels = append(p.Channels, channelLink{Name: ch.Place.Channel, Path: channelPath(ch.Place.Channel), Here: ch.Place == v.place})
	}
	words := chromeIn(s.person.Lang)
	mine := directPlace(s.person.ID)
	p.Channels = append(p.Channels, channelLink{Name: words.Direct, Path: channelPath(mine.Channel), Here: mine == v.place, Direct: true})
	if p.Direct = mine == v.place; p.Direct {
		p.Heading = words.Direct
	}
	if p.Drafts, err = v.drafts(ctx, r.URL.Query().Get("panel")); err != nil {
		c.fail(w, r, s, err)
		return
	}
	for _, d := range p.Drafts {
		p.Panel = p.Panel || d.Here
	}
	all, err := c.o.Messages.LastMessages(ctx, v.place, historyMost)
	if err != nil {
		c.fail(w, r, s, err)
		return
	}
	if err := v.fill(ctx, &p, all); err != nil {
		c.fail(w, r, s, err)
		return
	}
	if p.Topic, err = c.o.People.Setting(ctx, topicKey(v.place.Channel)); err != nil {
		c.fail(w, r, s, err)
		return
	}
	p.Composer = composer{Channel: name, Name: p.Heading, CSRF: s.csrf, Nonce: engine.Token(16), Command: c.o.Command, T: words}
	p.ThreadComposer = p.Composer
	p.ThreadComposer.Nonce, p.ThreadComposer.Thread = engine.Token(16), p.ThreadID
	c.seated(w, r, s, http.StatusOK, "channel", frame{Title: p.Heading, Channel: name, Page: p})
}

// fill sorts messages into the channel and the thread that is open.
func (v *channelView) fill(ctx context.Context, p *channelPage, all []bot.Message) error {
	answers := map[string]int{}
	for _, m := range all {
		if m.Thread != "" && (m.For == "" || m.For == v.seat.person.ID) {
			answers[m.Thread]++
		}
	}
	for _, m := range all {
		p.Since = max(p.Since, m.Change)
		if m.For != "" && m.For != v.seat.person.ID {
			continue
		}
		h, err := v.render(ctx, m, answers[m.ID], false)
		if err == nil && m.ID == p.ThreadID {
			p.Root, err = v.render(ctx, m, 0, true)
		}
		if err != nil {
			return err
		}
		switch {
		case m.Thread == "":
			p.Messages = append(p.Messages, h)
		case m.Thread == p.ThreadID:
			p.Thread = append(p.Thread, h)
		}
	}
	return nil
}
