package discord

import (
	"context"
	"net/http"
	"strings"

	discord "github.com/bwmarrin/discordgo"

	"github.com/bretelle/bretelle/bot"
	"github.com/bretelle/bretelle/engine"
)

// lookBack is how many messages of a channel are looked at for cards of a former life: a page of Discord's.
const lookBack = 50

// former is a message of a former life: the mark of its card, and the words of one that has no buttons and so no mark.
type former struct {
	ref   bot.Ref
	mark  int64
	words string
}

// before is the message on which a former life of the bot has posted a card, "" when there is none. A crash between
// posting and storing where the card stands is bridged by the nonce for some minutes; after that the rule is: before the
// first card of this life in a channel its last 50 messages are read once, and the bot's own from before this life are
// remembered. What was found is used once: a key that is posted anew later on purpose is a new message. A card that
// scrolled further away, in a restart of that length, comes twice. Without the right to read the history nothing is
// found. Errors: Throttled, Unavailable; then nothing was posted.
func (s *Surface) before(ctx context.Context, p engine.Place, where, key string, m *discord.MessageSend) (bot.Ref, error) {
	if key == "" {
		return "", nil
	}
	room := where[strings.LastIndexByte(where, '/')+1:]
	if p.Workspace == DirectMessages {
		room = p.Channel
	}
	s.known.mu.Lock()
	list, read := s.known.past[room]
	s.known.mu.Unlock()
	if !read {
		var err error
		if list, err = s.past(ctx, p, room); err != nil {
			return "", err
		}
	}
	words := ""
	if len(m.Components) == 0 && len(m.Embeds) == 1 {
		words = strings.TrimSpace(m.Embeds[0].Description)
	}
	found, rest := bot.Ref(""), []former{}
	for _, x := range list {
		if found == "" && (words == "" && x.mark == keyMark(key) || words != "" && x.words == words) {
			found = x.ref
			continue
		}
		rest = append(rest, x)
	}
	s.known.mu.Lock()
	defer s.known.mu.Unlock()
	if !read || found != "" {
		put(s.known.past, room, rest)
	}
	return found, nil
}

// past are the bot's messages in a channel from before this life, newest first.
func (s *Surface) past(ctx context.Context, p engine.Place, room string) ([]former, error) {
	me, err := s.self(ctx)
	var list []posted
	if err == nil {
		err = s.call(ctx, p, http.MethodGet, route("channels", room, "messages")+"?limit=50", nil, &list)
	}
	if err != nil && later(err) {
		return nil, err
	}
	var out []former
	for _, x := range list[:min(len(list), lookBack)] {
		if x.Author.ID != me || created(x.ID) > s.born {
			continue
		}
		o := former{ref: ref(room, x.ID)}
		if len(x.Rows) > 0 {
			o.mark = x.Rows[0].ID
		} else if len(x.Embeds) == 1 {
			o.words = strings.TrimSpace(x.Embeds[0].Description)
		}
		out = append(out, o)
	}
	return out, nil
}
