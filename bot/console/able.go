package console

import (
	"context"
	"strings"
	"unicode/utf8"

	"github.com/bretelle/bretelle/bot"
	"github.com/bretelle/bretelle/engine"
	"github.com/bretelle/bretelle/prompts"
)

var (
	_ bot.Deleter      = (*Console)(nil)
	_ bot.ThreadOpener = (*Console)(nil)
	_ bot.TopicSetter  = (*Console)(nil)
	_ bot.Uploader     = (*Console)(nil)
)

// Delete takes back a message of the bot's: that there was one stays to be seen, so that answers below it make sense.
// Errors: NotFound, Denied for what a person wrote, Unavailable.
func (c *Console) Delete(ctx context.Context, p engine.Place, ref bot.Ref) error {
	m, err := c.message(ctx, p, ref)
	if err != nil {
		return err
	}
	if m.By != "" {
		return engine.E(engine.Denied, "this message is not mine")
	}
	gone := prompts.T(c.lang(ctx, p), "This message was deleted", nil)
	card := prompts.Card{Blocks: []prompts.Block{prompts.Note{Line: prompts.Line{{Text: gone}}}}, Text: gone, State: engine.CardResolved}
	m.Text, m.Edited = gone, engine.Millis(c.now())
	_, err = c.put(ctx, m, &card)
	return err
}

// lang is the language of a channel.
func (c *Console) lang(ctx context.Context, p engine.Place) string {
	ch, err := c.channel(ctx, p.Channel)
	if err != nil {
		return ""
	}
	return ch.Lang
}

// OpenThread begins a thread with a message that is its title; below a message, the title stands first in its thread.
func (c *Console) OpenThread(ctx context.Context, p engine.Place, message bot.Ref, key, title string) (engine.Place, bot.Ref, error) {
	card := prompts.Card{Key: key, Title: prompts.Line{{Kind: prompts.Strong, Text: title}}, Text: title, State: engine.CardResolved}
	at := base(p)
	if message != "" {
		var err error
		if at, err = c.Thread(ctx, p, message); err != nil {
			return p, "", err
		}
	}
	ref, err := c.Post(ctx, at, "", card)
	if err != nil {
		return p, "", err
	}
	if message != "" {
		return at, message, nil
	}
	at.Thread = string(ref)
	return at, ref, nil
}

// topicMost is the longest topic, in characters.
const topicMost = 250

func topicKey(channel string) string { return "console.topic." + channel }

// SetTopic says below a channel's name what it is about.
func (c *Console) SetTopic(ctx context.Context, p engine.Place, topic string) error {
	if _, err := c.channel(ctx, p.Channel); err != nil {
		return err
	}
	if utf8.RuneCountInString(topic) > topicMost {
		return engine.E(engine.Invalid, "The topic is longer than {max} characters", "max", topicMost).WithHint("Shorten it.")
	}
	if err := c.o.People.SetSetting(ctx, topicKey(p.Channel), topic); err != nil {
		return err
	}
	c.hub.ring()
	return nil
}

// shownMost is how much of a file is shown, in bytes.
const shownMost = 64 << 10

// Upload shows text files as messages; the console keeps no others: Invalid.
func (c *Console) Upload(ctx context.Context, p engine.Place, key, text string, files ...bot.File) (bot.Ref, error) {
	card := prompts.Card{Key: key, State: engine.CardResolved}
	if text != "" {
		card.Blocks = append(card.Blocks, prompts.Para{Line: prompts.Line{{Text: text}}})
	}
	for _, f := range files {
		if !utf8.Valid(f.Data) || strings.ContainsRune(string(f.Data), 0) {
			return "", engine.E(engine.Invalid, "The console shows text files only, and {name} is none", "name", f.Name).
				WithHint("Share it in a channel of Slack or Discord.")
		}
		shown := string(f.Data)
		line := prompts.Line{{Kind: prompts.Code, Text: f.Name}, {Text: " · " + f.Type}}
		if len(shown) > shownMost {
			shown = strings.ToValidUTF8(shown[:shownMost], "")
			line = append(line, prompts.Span{Text: " · " + prompts.T(c.lang(ctx, p), "its beginning: {shown} of {all} bytes", engine.Args("shown", len(shown), "all", len(f.Data)))})
		}
		card.Blocks = append(card.Blocks, prompts.Note{Line: line}, prompts.Pre{Text: shown})
	}
	card.Text = prompts.PlainCard(card)
	return c.Post(ctx, p, "", card)
}
