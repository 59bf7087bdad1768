package slack

import (
	"context"
	"strings"

	slackgo "github.com/slack-go/slack"

	"github.com/bretelle/bretelle/bot"
	"github.com/bretelle/bretelle/engine"
	"github.com/bretelle/bretelle/prompts"
)

// cardEvent is the type of the metadata that carries a card's key.
const cardEvent = "bretelle_card"

// Post shows a card, or edits the message that ref names; see bot.Surface for the errors. A card whose key a former
// life of the bot has posted already is edited (see past). A public channel that the bot is not in is joined, where
// the token may.
func (s *Surface) Post(ctx context.Context, p engine.Place, at bot.Ref, card prompts.Card) (bot.Ref, error) {
	w, err := s.at(ctx, p.Workspace)
	if err != nil {
		return "", err
	}
	post := postOf(bot.In{Place: p}, card, "")
	if at != "" {
		return s.edit(ctx, w, p, at, post)
	}
	if post.Channel, err = s.channel(ctx, w, p); err != nil {
		return "", err
	}
	if post.Key != "" {
		found, err := s.past.find(ctx, w, post)
		if err != nil {
			return "", w.failed(err, p, s.o.Now)
		}
		if found != "" {
			got, err := s.edit(ctx, w, p, found, post)
			if code := engine.CodeOf(err); code != engine.NotFound && code != engine.Denied {
				return got, err
			}
		}
	}
	return s.post(ctx, w, p, post)
}

// post makes a new message.
func (s *Surface) post(ctx context.Context, w *workspace, p engine.Place, post *Post) (bot.Ref, error) {
	var late []prompts.Picture
	s.illustrate(ctx, w, post)
	c, ts, err := s.send(ctx, w, post)
	if word(err) == "not_in_channel" && s.join(ctx, w, post.Channel) {
		c, ts, err = s.send(ctx, w, post)
	}
	if refusedPicture(err, post) {
		late = post.words()
		c, ts, err = s.send(ctx, w, post)
	}
	if err != nil {
		return "", w.failed(err, s.shown(w, p), s.o.Now)
	}
	s.hang(ctx, w, ref(c, ts), late)
	return ref(c, ts), nil
}

// share posts what everybody in its channel sees, for Send.
func (s *Surface) share(ctx context.Context, p engine.Place, post *Post) error {
	w, err := s.at(ctx, p.Workspace)
	if err != nil {
		return err
	}
	p.Channel = post.Channel
	if post.Channel, err = s.channel(ctx, w, p); err != nil {
		return err
	}
	_, err = s.post(ctx, w, p, post)
	return err
}

// send posts a message and notes when it is in doubt whether it stands now.
func (s *Surface) send(ctx context.Context, w *workspace, post *Post) (channel, ts string, err error) {
	since := s.o.Now()
	channel, ts, err = w.api.PostMessageContext(ctx, post.Channel, post.options()...)
	if doubtful(err) {
		s.past.doubt(w, post, since)
	}
	return channel, ts, err
}

// join reports whether the bot is in a public channel now.
func (s *Surface) join(ctx context.Context, w *workspace, channel string) bool {
	if !strings.HasPrefix(channel, "C") || !w.canDo("channels:join") {
		return false
	}
	_, _, _, err := w.api.JoinConversationContext(ctx, channel)
	return err == nil
}

// edit changes a message of the bot.
func (s *Surface) edit(ctx context.Context, w *workspace, p engine.Place, at bot.Ref, post *Post) (bot.Ref, error) {
	channel, ts, err := located(at)
	if err != nil {
		return "", err
	}
	var late []prompts.Picture
	s.illustrate(ctx, w, post)
	c, t, _, err := w.api.UpdateMessageContext(ctx, channel, ts, post.edits()...)
	if refusedPicture(err, post) {
		late = post.words()
		c, t, _, err = w.api.UpdateMessageContext(ctx, channel, ts, post.edits()...)
	}
	if err != nil {
		return "", w.failed(err, s.shown(w, p), s.o.Now)
	}
	s.hang(ctx, w, ref(c, t), late)
	return ref(c, t), nil
}

// located is what a Ref names. NotFound when it names no message.
func located(at bot.Ref) (channel, ts string, err error) {
	channel, ts, ok := strings.Cut(string(at), "/")
	if !ok || !channelID.MatchString(channel) || millis(ts) == 0 {
		return "", "", engine.E(engine.NotFound, "this message is gone").WithOp("slack.message")
	}
	return channel, ts, nil
}

// edits are what chat.update takes.
func (p *Post) edits() []slackgo.MsgOption {
	out := []slackgo.MsgOption{slackgo.MsgOptionText(p.Text, false), slackgo.MsgOptionBlocks(p.Blocks...)}
	if p.Key != "" && p.User == "" {
		out = append(out, slackgo.MsgOptionMetadata(slackgo.SlackMetadata{EventType: cardEvent, EventPayload: map[string]any{"key": p.Key}}))
	}
	return out
}

// options are what chat.postMessage and chat.postEphemeral take.
func (p *Post) options() []slackgo.MsgOption {
	out := p.edits()
	if p.User == "" { // chat.postEphemeral never unfurls, and has no such arguments
		out = append(out, slackgo.MsgOptionDisableLinkUnfurl(), slackgo.MsgOptionDisableMediaUnfurl())
	}
	if p.Thread != "" {
		out = append(out, slackgo.MsgOptionTS(p.Thread))
	}
	return out
}

// Direct is the direct messages between the bot and the actor; see bot.Director.
func (s *Surface) Direct(ctx context.Context, a bot.Actor, _ engine.Place) (engine.Place, error) {
	p := engine.Place{Surface: "slack", Workspace: a.Workspace}
	w, err := s.at(ctx, a.Workspace)
	if err != nil {
		return p, err
	}
	p.Channel, err = s.channels.dms.get(ctx, w.id()+"/"+a.User, func(ctx context.Context) (string, error) {
		c, _, _, err := w.api.OpenConversationContext(ctx, &slackgo.OpenConversationParameters{Users: []string{a.User}, ReturnIM: true})
		if err != nil {
			return "", err
		}
		return c.ID, nil
	})
	if err != nil {
		return p, w.failed(err, p, s.o.Now)
	}
	return p, nil
}
