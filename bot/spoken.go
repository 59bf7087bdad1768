package bot

import (
	"context"
	"encoding/json"
	"errors"
	"strings"
	"sync"
	"time"

	"github.com/bretelle/bretelle/engine"
	"github.com/bretelle/bretelle/prompts"
)

const (
	helloEvery = time.Hour // between two answers to one person that only say how to talk to the bot
	verbLine   = "line"    // the verb of a button that does a command: what its dialog has to be opened by
)

// spoken takes a message that speaks to the bot: by its name in a channel, or in direct messages. It is a command, with
// or without the slash, or something for the flows that listen, which hear a command without a slash as well: it may be
// their words. Somebody whose words are neither is told how to talk to the bot, once an hour. Apps are never answered:
// the two would talk for ever.
func (b *Bot) spoken(ctx context.Context, c *caller, in In) (Reply, error) {
	if c.actor.Bot {
		return Nothing{}, nil
	}
	reply, err := b.respond(ctx, c, in)
	switch engine.CodeOf(err) {
	case "", engine.Unavailable, engine.Throttled, engine.Canceled, engine.Internal:
		return reply, err
	}
	if r := b.pleading(ctx, c, in, err); r != nil {
		return r, nil
	}
	return Private{prompts.Problem(b.private(c, in.Place, nil), err, "")}, nil // whoever speaks to the bot is answered
}

func (b *Bot) respond(ctx context.Context, c *caller, in In) (Reply, error) {
	said, isCommand := b.commandIn(in.Text)
	if strings.HasPrefix(strings.TrimSpace(in.Text), "/") && isCommand {
		return b.saidCommand(ctx, c, in, said)
	}
	reply, taken, err := b.heard(ctx, c, in)
	switch {
	case err != nil:
		return nil, err
	case isCommand && (!taken || b.wellFormed(said)):
		return b.saidCommand(ctx, c, in, said)
	case taken:
		return reply, nil
	}
	return b.hello(ctx, c, in)
}

// commandIn is a message as a command line, and whether it is one: it begins with a verb of ours, a flow's own command
// or a word so close to a verb that it was meant.
func (b *Bot) commandIn(text string) (line string, ok bool) {
	text = strings.TrimSpace(text)
	ws := words(text)
	if len(ws) == 0 {
		return "", false
	}
	if strings.EqualFold(ws[0].text, "/"+b.o.Command) {
		return text, true
	}
	if _, _, own := b.ownCommand(text); own {
		return text, true
	}
	if strings.HasPrefix(ws[0].text, "/") {
		return "", false
	}
	line = "/" + b.o.Command + " " + text
	if strings.EqualFold(ws[0].text, b.o.Command) {
		line = "/" + text
		ws = ws[1:]
	}
	if len(ws) == 0 {
		return line, true
	}
	_, _, err := lookUp(ws, b.o.Command)
	var u *unknown
	if errors.As(err, &u) {
		typed, meant := strings.ToLower(u.typed[strings.LastIndexByte(u.typed, ' ')+1:]), u.meant[strings.LastIndexByte(u.meant, ' ')+1:]
		return line, len(ws) <= 2 && slip(typed, meant) // "pendng", but no sentence
	}
	return line, err == nil
}

// slip reports whether a word is another but for one letter: left out, too much, wrong, or two in the wrong order.
func slip(typed, meant string) bool {
	a, b := []rune(typed), []rune(meant)
	if len(a) > len(b) {
		a, b = b, a
	}
	if len(a) < 3 || len(b)-len(a) > 1 {
		return false
	}
	i, j := 0, 0
	for i < len(a) && a[i] == b[i] {
		i++
	}
	for j < len(a)-i && a[len(a)-1-j] == b[len(b)-1-j] {
		j++
	}
	rest := len(a) - i - j
	return rest == 0 || len(a) == len(b) && (rest == 1 || rest == 2 && a[i] == b[i+1] && a[i+1] == b[i])
}

// wellFormed reports whether a line is a whole command, as opposed to a sentence that begins like one.
func (b *Bot) wellFormed(line string) bool {
	_, err := parse(line, b.o.Command)
	_, _, own := b.ownCommand(line)
	return err == nil || own
}

// saidCommand does a command that came as a message. A message cannot be answered with a dialog, so that is behind a
// button, which does the command again.
func (b *Bot) saidCommand(ctx context.Context, c *caller, in In, line string) (Reply, error) {
	in.Text = line
	reply, err := b.command(ctx, c, in)
	if d, ok := reply.(Dialog); ok && err == nil {
		return b.opener(ctx, c, in, line, d.Form)
	}
	return reply, err
}

// opener is a private card whose button opens what a message could not.
func (b *Bot) opener(ctx context.Context, c *caller, in In, line string, f prompts.Form) (Reply, error) {
	pc := b.private(c, in.Place, nil)
	data, err := json.Marshal(line)
	if err != nil {
		return nil, engine.AsError(err).WithOp("bot.opener")
	}
	return b.reply(ctx, c, in, "opener", &draft{card: prompts.Opener(pc, f.Title, verbs), means: Intent{Data: data}})
}

// pressLine does the command of an opener; rights are asked again.
func (b *Bot) pressLine(ctx context.Context, p *press) (Reply, error) {
	var line string
	if json.Unmarshal(p.it.Data, &line) != nil || line == "" {
		return nil, stale()
	}
	in := p.in
	in.Kind, in.Text = InCommand, line
	return b.command(ctx, p.caller, in)
}

// heard hands a message to the flows that listen and tells whether one of them took it.
func (b *Bot) heard(ctx context.Context, c *caller, in In) (reply Reply, taken bool, err error) {
	var mu sync.Mutex
	reply, err = b.hearing(ctx, c, in, func() { mu.Lock(); taken = true; mu.Unlock() })
	mu.Lock()
	defer mu.Unlock()
	return reply, taken, err
}

// hello tells somebody how to talk to the bot, or why they cannot. Once an hour: whoever goes on gets no answer.
func (b *Bot) hello(ctx context.Context, c *caller, in In) (Reply, error) {
	who := c.actor.Surface + "/" + c.actor.Workspace + "/" + c.actor.User
	if !b.hellos.first(who, b.o.Now(), helloEvery) {
		return Nothing{}, nil
	}
	if err := b.enter(ctx, c, in, "message.refused"); err != nil {
		return nil, err
	}
	pc := b.private(c, in.Place, nil)
	var lines []prompts.HelpLine
	for _, cmd := range Commands() {
		if has([]string{"home", "pending", "new", "runs"}, cmd.Name()) && b.offered(cmd) && b.may(ctx, c, cmd.Deed, "", in.Place, false) == nil {
			lines = append(lines, prompts.HelpLine{Usage: cmd.Verb, Text: cmd.Text})
		}
	}
	card := prompts.Hello(pc, c.person.Name, lines, verbs)
	if b.builds() && b.may(ctx, c, DeedBuild, "", in.Place, false) == nil {
		card.Buttons = append(card.Buttons, prompts.Button{ID: "new", Label: prompts.T(pc.Lang, "New flow", nil), Token: "new"})
	}
	return b.reply(ctx, c, in, "hello", &draft{card: card})
}

// seldom remembers when something was last done for somebody, in memory: after a restart it may be done once more.
type seldom struct {
	mu   sync.Mutex
	last map[string]time.Time
}

// seldomMost bounds what is remembered; over it, what is over and some of the rest is forgotten, to at most half.
const seldomMost = 10_000

// first reports whether it is due for who, and if so counts it as done.
func (s *seldom) first(who string, now time.Time, every time.Duration) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	if at, ok := s.last[who]; ok && now.Sub(at) < every {
		return false
	}
	if s.last == nil {
		s.last = map[string]time.Time{}
	}
	if len(s.last) >= seldomMost {
		for k, at := range s.last {
			if now.Sub(at) >= every || len(s.last) > seldomMost/2 {
				delete(s.last, k)
			}
		}
	}
	s.last[who] = now
	return true
}
