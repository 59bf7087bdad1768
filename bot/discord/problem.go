package discord

import (
	"errors"
	"net/http"

	discord "github.com/bwmarrin/discordgo"

	"github.com/bretelle/bretelle/engine"
)

// problem puts Discord's error codes into ours (discord.com/developers/docs, "Opcodes and Status Codes"). The cause
// is kept as text alone: the SDK's error holds the request with the token in its header.
func problem(err error, p engine.Place) error {
	cause := errors.New(err.Error())
	var limited *discord.RateLimitError
	if errors.As(err, &limited) && limited.RateLimit != nil && limited.TooManyRequests != nil {
		e := engine.E(engine.Throttled, "Discord asks me to slow down").WithOp("discord.post").Wrap(cause)
		e.After = limited.RetryAfter
		return e
	}
	var said *discord.RESTError
	if !errors.As(err, &said) || said.Response == nil {
		return unreachable(cause)
	}
	code := 0
	if said.Message != nil {
		code = said.Message.Code
	}
	switch code {
	case discord.ErrCodeUnknownChannel, discord.ErrCodeUnknownGuild:
		return engine.E(engine.NotFound, "Discord has no channel {channel} that I can see", "channel", p.Channel).WithOp("discord.post").
			WithHint("Add me to the channel, or name it by its id.").Wrap(cause)
	case discord.ErrCodeUnknownMessage, discord.ErrCodeCannotEditFromAnotherUser:
		return engine.E(engine.NotFound, "this message is gone").WithOp("discord.post").Wrap(cause)
	case discord.ErrCodeUnknownInteraction, discord.ErrCodeUnknownWebhook, codeWebhookTokenDead:
		return asleep("/flow edit").Wrap(cause)
	case discord.ErrCodeMissingAccess, discord.ErrCodeMissingPermissions:
		return engine.E(engine.Denied, "I may not write in {channel}", "channel", p.Channel).WithOp("discord.post").
			WithHint("Give me the rights to see the channel and to send messages in it, then try again.").Wrap(cause)
	}
	switch status := said.Response.StatusCode; {
	case status == http.StatusTooManyRequests:
		return engine.E(engine.Throttled, "Discord asks me to slow down").WithOp("discord.post").Wrap(cause)
	case status >= 500:
		return unreachable(cause)
	case status == http.StatusUnauthorized || status == http.StatusForbidden:
		return engine.E(engine.Denied, "Discord does not accept my token for this").WithOp("discord.post").
			WithHint("An admin can look at the token and the bot's rights.").Wrap(cause)
	case status == http.StatusNotFound:
		return engine.E(engine.NotFound, "this message is gone").WithOp("discord.post").Wrap(cause)
	}
	return &engine.Error{Code: engine.Internal, Op: "discord.post", Msg: "Something went wrong on my side", Err: cause}
}

// codeWebhookTokenDead is "Invalid Webhook Token": the interaction is older than 15 minutes.
const codeWebhookTokenDead = 50027

func unreachable(cause error) error {
	return engine.E(engine.Unavailable, "Discord cannot be reached").WithOp("discord.post").
		WithHint("I try again by myself.").Wrap(cause)
}
