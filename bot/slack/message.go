package slack

import (
	"context"
	"unicode/utf16"

	slackgo "github.com/slack-go/slack"

	"github.com/bretelle/bretelle/bot"
	"github.com/bretelle/bretelle/engine"
	"github.com/bretelle/bretelle/prompts"
)

var (
	_ bot.Deleter      = (*Surface)(nil)
	_ bot.Threader     = (*Surface)(nil)
	_ bot.Reactor      = (*Surface)(nil)
	_ bot.ThreadOpener = (*Surface)(nil)
	_ bot.TopicSetter  = (*Surface)(nil)
)

// Delete takes back a message of the bot; see bot.Deleter.
func (s *Surface) Delete(ctx context.Context, p engine.Place, at bot.Ref) error {
	w, channel, ts, err := s.on(ctx, p, at)
	if err != nil {
		return err
	}
	if _, _, err = w.api.DeleteMessageContext(ctx, channel, ts); err != nil {
		return w.failed(err, s.shown(w, p), s.o.Now)
	}
	return nil
}

// on is where a message is.
func (s *Surface) on(ctx context.Context, p engine.Place, at bot.Ref) (w *workspace, channel, ts string, err error) {
	if channel, ts, err = located(at); err != nil {
		return nil, "", "", err
	}
	w, err = s.at(ctx, p.Workspace)
	return w, channel, ts, err
}

// React puts an emoji under a message; see bot.Reactor. One that is there already is there.
func (s *Surface) React(ctx context.Context, p engine.Place, at bot.Ref, emoji string) error {
	w, channel, ts, err := s.on(ctx, p, at)
	if err != nil {
		return err
	}
	name, ok := prompts.EmojiName(emoji)
	if !ok {
		name = prompts.TrimEmoji(emoji) // one of the workspace's own
	}
	if name == "" {
		return engine.E(engine.Invalid, "Slack has no such emoji").WithOp("slack.react").WithHint("Write its name without colons, such as thumbsup.")
	}
	err = w.api.AddReactionContext(ctx, name, slackgo.NewRefToMessage(channel, ts))
	if word(err) == "not_in_channel" && s.join(ctx, w, channel) {
		err = w.api.AddReactionContext(ctx, name, slackgo.NewRefToMessage(channel, ts))
	}
	if err == nil || word(err) == "already_reacted" {
		return nil
	}
	return w.failed(err, s.shown(w, p), s.o.Now)
}

// Thread is the thread below a message, or the one that it stands in; see bot.Threader. Slack's threads hang on the
// message that begins them.
func (s *Surface) Thread(ctx context.Context, p engine.Place, at bot.Ref) (engine.Place, error) {
	w, channel, ts, err := s.on(ctx, p, at)
	if err != nil {
		return p, err
	}
	p.Channel, p.Thread = channel, string(ref(channel, ts))
	list, _, _, err := w.api.GetConversationRepliesContext(ctx, &slackgo.GetConversationRepliesParameters{ChannelID: channel, Timestamp: ts, Limit: 1})
	switch word(err) {
	case "missing_scope", "not_in_channel", "channel_not_found":
		return p, nil // it cannot be looked at: then it begins its own
	}
	if err != nil {
		return p, w.failed(err, s.shown(w, p), s.o.Now)
	}
	if len(list) > 0 && list[0].ThreadTimestamp != "" {
		p.Thread = string(ref(channel, list[0].ThreadTimestamp))
	}
	return p, nil
}

// OpenThread begins a thread; see bot.ThreadOpener. Its title is the message that begins it, or the first one below
// the message given.
func (s *Surface) OpenThread(ctx context.Context, p engine.Place, below bot.Ref, key, title string) (engine.Place, bot.Ref, error) {
	title = prompts.CleanLine(title)
	card := prompts.Card{Key: key, Title: prompts.Line{{Kind: prompts.Strong, Text: title}}, Text: title}
	if below == "" {
		p.Thread = ""
		at, err := s.Post(ctx, p, "", card)
		if err != nil {
			return p, "", err
		}
		channel, _, err := located(at)
		if err != nil {
			return p, "", err
		}
		p.Channel, p.Thread = channel, string(at)
		return p, at, nil
	}
	p, err := s.Thread(ctx, p, below)
	if err != nil || title == "" {
		return p, below, err
	}
	if _, err = s.Post(ctx, p, "", card); err != nil {
		return p, "", err
	}
	return p, below, nil
}

// topicMost is how long a topic may be, in UTF-16 units (docs.slack.dev, conversations.setTopic).
const topicMost = 250

// SetTopic sets a channel's topic; see bot.TopicSetter.
func (s *Surface) SetTopic(ctx context.Context, p engine.Place, topic string) error {
	topic = prompts.CleanLine(topic)
	if n := len(utf16.Encode([]rune(topic))); n > topicMost {
		return engine.E(engine.Invalid, "a topic has at most {most} characters, this one has {n}", "most", topicMost, "n", n).WithOp("slack.topic").WithHint("Shorten it.")
	}
	w, err := s.at(ctx, p.Workspace)
	if err != nil {
		return err
	}
	id, err := s.channel(ctx, w, p)
	if err != nil {
		return err
	}
	_, err = w.api.SetTopicOfConversationContext(ctx, id, Escape(topic))
	if word(err) == "not_in_channel" && s.join(ctx, w, id) {
		_, err = w.api.SetTopicOfConversationContext(ctx, id, Escape(topic))
	}
	switch {
	case err == nil:
		return nil
	case word(err) == "too_long":
		return engine.E(engine.Invalid, "this topic is too long for Slack").WithOp("slack.topic").WithHint("Shorten it.").Wrap(err)
	}
	return w.failed(err, s.shown(w, p), s.o.Now)
}
