package discord

import (
	"context"
	"encoding/base64"
	"net/http"
	"regexp"
	"strings"

	discord "github.com/bwmarrin/discordgo"

	"github.com/bretelle/bretelle/engine"
)

// application is what Discord knows about the bot's application.
type application struct {
	ID    string `json:"id"`
	Name  string `json:"name"`
	Flags int    `json:"flags"`
}

// app is the bot's application.
func (s *Surface) app(ctx context.Context) (application, error) {
	var a application
	err := s.call(ctx, engine.Place{}, http.MethodGet, route("applications", "@me"), nil, &a)
	return a, err
}

// intents are the bits to ask the gateway for: all that the developer portal allows; missing are those that it does not.
func (s *Surface) intents(ctx context.Context) (bits int, missing []Intent, err error) {
	a, err := s.app(ctx)
	if err != nil {
		return 0, nil, err
	}
	bits, missing = granted(a.Flags)
	return bits, missing, nil
}

// checkGuildsMost is how many guilds are looked at: a bot of one team is in few.
const checkGuildsMost = 50

// Check asks Discord and gives one sentence for each thing that is wrong; see bot.Checker.
func (s *Surface) Check(ctx context.Context) []*engine.Error {
	me, err := s.self(ctx)
	if err != nil {
		if engine.CodeOf(err) == engine.Denied {
			return []*engine.Error{tokenWrong(s.rest.token.Reveal())}
		}
		return []*engine.Error{engine.AsError(err)}
	}
	var out []*engine.Error
	if _, missing, err := s.intents(ctx); err != nil {
		out = append(out, engine.AsError(err))
	} else {
		for _, i := range missing {
			out = append(out, engine.E(engine.Denied, "Discord's {intent} is off, so I cannot {why}", "intent", i.Label, "why", i.Why).WithOp("discord.check").
				WithHint("Switch it on in the developer portal, under Bot, then restart me."))
		}
	}
	var guilds []struct {
		ID   string `json:"id"`
		Name string `json:"name"`
	}
	if err := s.call(ctx, engine.Place{}, http.MethodGet, route("users", "@me", "guilds")+"?limit=200", nil, &guilds); err != nil {
		return append(out, engine.AsError(err))
	}
	if len(guilds) == 0 {
		out = append(out, engine.E(engine.NotFound, "I am on no Discord server yet").WithOp("discord.check").
			WithHint("Open the address that bretelle setup discord prints, and choose a server."))
	}
	for _, g := range guilds[:min(len(guilds), checkGuildsMost)] {
		missing, err := s.lacks(ctx, g.ID, me)
		if err != nil {
			return append(out, engine.AsError(err))
		}
		for _, p := range missing {
			out = append(out, engine.E(engine.Denied, "On the Discord server {server} I lack {permission}, so I cannot {why}", "server", g.Name, "permission", p.Label, "why", p.Why).
				WithOp("discord.check").WithHint("Give it to my role in the server's settings, or open the address that bretelle setup discord prints again."))
		}
	}
	return out
}

// lacks are the permissions that the bot has nowhere in a guild, by its roles; a single channel may give or take more.
func (s *Surface) lacks(ctx context.Context, id, me string) ([]Permit, error) {
	g, err := s.guildOf(ctx, id, groupAge)
	if err != nil {
		return nil, err
	}
	m, err := s.memberOf(ctx, id, me, groupAge)
	if err != nil {
		return nil, err
	}
	var all bits
	for _, r := range g.Roles {
		for _, has := range append(m.Roles, id) { // a role with the guild's id is everybody's
			if r.ID == has {
				all |= r.Permissions
			}
		}
	}
	var out []Permit
	for _, p := range Permits() {
		if !p.Optional && all&(bits(p.Bit)|discord.PermissionAdministrator) == 0 && g.Owner != me {
			out = append(out, p)
		}
	}
	return out, nil
}

var hexKey = regexp.MustCompile(`^[0-9a-fA-F]{64}$`)

// tokenWrong says what was probably pasted instead of the bot's token, by its form alone: a token has three parts, the
// first of which is the bot's number in base64; a public key is 64 hexadecimal digits; a client secret is 32 characters.
func tokenWrong(token string) *engine.Error {
	e := badToken()
	switch parts := strings.Split(token, "."); {
	case token == "":
		e = engine.E(engine.Denied, "DISCORD_TOKEN is empty").WithHint(e.Hint)
	case hexKey.MatchString(token):
		e = engine.E(engine.Denied, "DISCORD_TOKEN holds a public key, not a bot's token").WithHint(e.Hint)
	case strings.HasPrefix(strings.ToLower(token), "bot "):
		e = engine.E(engine.Denied, "DISCORD_TOKEN begins with \"Bot \", which is to be left out")
	case snowflake.MatchString(token):
		e = engine.E(engine.Denied, "DISCORD_TOKEN holds an application's number, not a bot's token").WithHint(e.Hint)
	case len(parts) == 1 && len(token) == 32:
		e = engine.E(engine.Denied, "DISCORD_TOKEN holds a client secret, not a bot's token").WithHint(e.Hint)
	case len(parts) != 3 || !firstPart(parts[0]):
		e = engine.E(engine.Denied, "DISCORD_TOKEN does not look like a bot's token").WithHint(e.Hint)
	}
	return e.WithOp("discord.check")
}

func firstPart(s string) bool {
	b, err := base64.RawStdEncoding.DecodeString(strings.TrimRight(s, "="))
	return err == nil && snowflake.Match(b)
}
