package discord

import (
	"context"
	"crypto/sha256"
	"encoding/binary"
	"encoding/hex"
	"net/http"
	"strings"

	discord "github.com/bwmarrin/discordgo"

	"github.com/bretelle/bretelle/bot"
	"github.com/bretelle/bretelle/engine"
	"github.com/bretelle/bretelle/prompts"
)

// creation is a message with a nonce: the same one sent again within minutes gives the message that is there already,
// which is how a crash between posting and storing the reference makes no second card.
type creation struct {
	*discord.MessageSend
	Nonce       string       `json:"nonce,omitempty"`
	Enforce     bool         `json:"enforce_nonce,omitempty"`
	Attachments []attachment `json:"attachments,omitempty"`
	Answers     *answering   `json:"message_reference,omitempty"`
}

// answering makes a message a reply, where there are no threads. Whether what it answers is still there is not asked.
type answering struct {
	Message string `json:"message_id"`
	Must    bool   `json:"fail_if_not_exists"`
}

// edition is a message's new content; all of it is named, so that nothing of the old one stays.
type edition struct {
	Content     string                          `json:"content"`
	Embeds      []*discord.MessageEmbed         `json:"embeds"`
	Components  []discord.MessageComponent      `json:"components"`
	Allowed     *discord.MessageAllowedMentions `json:"allowed_mentions,omitempty"`
	Attachments []attachment                    `json:"attachments"`
}

// posted is a message as Discord tells of it, as far as it matters here.
type posted struct {
	ID          string                  `json:"id"`
	Room        string                  `json:"channel_id"`
	Author      user                    `json:"author"`
	Content     string                  `json:"content"`
	Embeds      []*discord.MessageEmbed `json:"embeds"`
	Attachments []attachment            `json:"attachments"`
	Rows        []struct {
		ID int64 `json:"id"`
	} `json:"components"`
	Thread *struct {
		ID string `json:"id"`
	} `json:"thread"`
}

// Post shows a card, or edits the message that ref names; see bot.Surface for the errors. A card that a former life of
// the bot has posted is edited (see before). The place's channel is an id or
// "#name"; its thread the id of one, or the reference of the message with which it begins.
func (s *Surface) Post(ctx context.Context, p engine.Place, at bot.Ref, card prompts.Card) (bot.Ref, error) {
	m, pic := pictured(prompts.Fit(card, Limits()))
	mark(m, card.Key)
	if at != "" {
		return s.edit(ctx, p, at, card.Key, m, pic)
	}
	room, err := s.room(ctx, p)
	if err != nil {
		return "", err
	}
	c, list := creation{MessageSend: m}, []bot.File(nil)
	if pic.sum != "" {
		list = []bot.File{pic.file}
	}
	where := p.Thread
	if where == "" {
		where = room
	}
	if before, err := s.before(ctx, p, where, card.Key, m); err != nil {
		return "", err
	} else if before != "" {
		got, err := s.edit(ctx, p, before, card.Key, m, pic)
		if code := engine.CodeOf(err); code != engine.NotFound && code != engine.Denied {
			return got, err
		}
	}
	c.Nonce, c.Enforce = s.nonce(where, card.Key, card.Text), card.Key != ""
	got, err := s.say(ctx, p, room, card.Title.String(), c, list)
	if aside, ok := s.aside(ctx, p, err); ok {
		got, err = s.say(ctx, aside, aside.Channel, card.Title.String(), c, list)
	}
	if err != nil {
		return "", err
	}
	s.shows(got, pic)
	return ref(got.Room, got.ID), nil
}

// say posts a message into a channel, or into the place's thread; title names a thread that has to be begun.
func (s *Surface) say(ctx context.Context, p engine.Place, room, title string, c creation, list []bot.File) (posted, error) {
	channel, message, begun := strings.Cut(p.Thread, "/")
	switch {
	case begun && p.Workspace == DirectMessages:
		c.Answers = &answering{Message: message}
	case begun:
		got, err := s.send(ctx, p, message, c, list)
		if code := codeOf(err); code != discord.ErrCodeUnknownChannel {
			return got, err
		}
		if err := s.begin(ctx, p, channel, message, title); err != nil {
			return posted{}, err
		}
		room = message
	case p.Thread != "":
		room = p.Thread
	}
	return s.send(ctx, p, room, c, list)
}

func (s *Surface) send(ctx context.Context, p engine.Place, room string, c creation, list []bot.File) (posted, error) {
	var body any = c
	if len(list) > 0 {
		c.Attachments = along(list)
		body = files{json: c, files: list}
	}
	var got posted
	err := s.call(ctx, p, http.MethodPost, route("channels", room, "messages"), body, &got)
	switch {
	case codeOf(err) == discord.ErrCodeCannotSendMessagesToThisUser:
		s.refusing(room)
		return got, err
	case err != nil:
		return got, allowed(err, engine.E(engine.Denied, "I am not allowed to speak in {channel}", "channel", named(s.naming(p))).
			WithHint("Give my role Send Messages there (in threads: Send Messages in Threads; with files: Attach Files), then [Try again]."))
	case got.ID == "":
		return got, engine.E(engine.Unreadable, "Discord's answer could not be read").WithOp(op)
	}
	if got.Room == "" {
		got.Room = room
	}
	return got, nil
}

func (s *Surface) edit(ctx context.Context, p engine.Place, at bot.Ref, key string, m *discord.MessageSend, pic image) (bot.Ref, error) {
	channel, message, err := parts(at)
	if err != nil {
		return "", err
	}
	e := edition{Content: m.Content, Embeds: m.Embeds, Components: m.Components, Allowed: m.AllowedMentions, Attachments: []attachment{}}
	var body any = e
	if pic.sum != "" {
		if there := s.shown(at); there.sum == pic.sum && there.id != "" {
			e.Attachments = []attachment{{ID: there.id}} // it stays
			body = e
		} else {
			e.Attachments = along([]bot.File{pic.file})
			body = files{json: e, files: []bot.File{pic.file}}
		}
	}
	var got posted
	if err := s.call(ctx, p, http.MethodPatch, route("channels", channel, "messages", message), body, &got); err != nil {
		if engine.CodeOf(err) == engine.NotFound {
			s.forget(p, channel, key, message)
		}
		return "", allowed(err, engine.E(engine.Denied, "I am not allowed to speak in {channel}", "channel", named(s.naming(p))).
			WithHint("Give my role Send Messages there (in threads: Send Messages in Threads; with files: Attach Files), then [Try again]."))
	}
	got.ID, got.Room = message, channel
	s.shows(got, pic)
	return at, nil
}

// parts are the channel and the message of a reference. NotFound for what is none of Discord's.
func parts(at bot.Ref) (channel, message string, err error) {
	channel, message, ok := strings.Cut(string(at), "/")
	if !ok || !snowflake.MatchString(channel) || !snowflake.MatchString(message) {
		return "", "", engine.E(engine.NotFound, "this message is gone").WithOp(op)
	}
	return channel, message, nil
}

// nonce is what Discord knows a card by for some minutes. It is one for all that an author sends, so the channel is
// part of it: a card stands in several. So is the last message of that card there that somebody deleted, because
// Discord would give that one back.
func (s *Surface) nonce(where, key, text string) string {
	if key == "" {
		return ""
	}
	s.known.mu.Lock()
	lost := s.known.lost[where+"\x00"+key]
	s.known.mu.Unlock()
	sum := sha256.Sum256([]byte(where + "\x00" + key + "\x00" + text + "\x00" + lost))
	return hex.EncodeToString(sum[:])[:25] // docs, "Create Message": at most 25 characters
}

// forget remembers that a card's message is gone.
func (s *Surface) forget(p engine.Place, channel, key, message string) {
	if key == "" {
		return
	}
	s.known.mu.Lock()
	defer s.known.mu.Unlock()
	for _, where := range []string{channel, p.Thread} {
		put(s.known.lost, where+"\x00"+key, message)
	}
}

// mark keeps a card's key where nobody sees it: as the id of the first row of buttons, 31 bits of its hash, which
// Discord gives back with the message (docs, "Anatomy of a Component"). A card without buttons has no place for it.
func mark(m *discord.MessageSend, key string) {
	if key == "" || len(m.Components) == 0 {
		return
	}
	if row, ok := m.Components[0].(discord.ActionsRow); ok {
		row.ID = int(keyMark(key))
		m.Components = append([]discord.MessageComponent{row}, m.Components[1:]...)
	}
}

// keyMark is over 1,000, so that it is none of the numbers that Discord gives itself.
func keyMark(key string) int64 {
	sum := sha256.Sum256([]byte(key))
	return int64(binary.BigEndian.Uint32(sum[:4])&0x7fffffff | 1<<10)
}

// Delete takes back a message of the bot's own; see bot.Deleter. Discord would let it delete others' where it may manage
// messages, so whose it is is asked first.
func (s *Surface) Delete(ctx context.Context, p engine.Place, at bot.Ref) error {
	channel, message, err := parts(at)
	if err != nil {
		return err
	}
	me, err := s.self(ctx)
	if err != nil {
		return err
	}
	var m posted
	if err := s.call(ctx, p, http.MethodGet, route("channels", channel, "messages", message), nil, &m); err != nil {
		return err
	}
	if m.Author.ID != me {
		return engine.E(engine.Denied, "I can take back only my own messages").WithOp(op)
	}
	return s.call(ctx, p, http.MethodDelete, route("channels", channel, "messages", message), nil, nil)
}

// shows remembers the picture on a message, so that an edit need not send it again.
func (s *Surface) shows(m posted, pic image) {
	s.known.mu.Lock()
	defer s.known.mu.Unlock()
	key := string(ref(m.Room, m.ID))
	if pic.sum == "" || len(m.Attachments) == 0 {
		delete(s.known.shown, key)
		return
	}
	put(s.known.shown, key, image{sum: pic.sum, id: m.Attachments[0].ID})
}

func (s *Surface) shown(at bot.Ref) image {
	s.known.mu.Lock()
	defer s.known.mu.Unlock()
	return s.known.shown[string(at)]
}
