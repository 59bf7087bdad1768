package discord

import (
	"context"
	"errors"
	"net/http"
	"time"

	discord "github.com/bwmarrin/discordgo"

	"github.com/bretelle/bretelle/engine"
)

// Codes of Discord's that the SDK does not name (docs, "Opcodes and Status Codes").
const (
	codeWebhookTokenDead = 50027  // the interaction is older than 15 minutes
	codeInvalidToken     = 50014  // of the bot
	codeMuteableByMod    = 200000 // automatic moderation refused the text
	codeModTitle         = 200001 // and the title
	codeHarmfulLink      = 240000
	codeThreadLocked     = 160005
)

// op is where errors of this file come from.
const op = "discord.call"

// problem puts what went wrong with a request into our codes (docs, "Opcodes and Status Codes", "Rate Limits"); p is what
// it names. Throttled: After says until when, and nothing was done. Unavailable: it may have been done.
func problem(err error, p engine.Place) *engine.Error {
	var f *fault
	if !errors.As(err, &f) {
		return engine.AsError(err)
	}
	e := unanswered(f)
	for _, try := range []func(*fault, engine.Place) *engine.Error{coded, limits, refused} {
		if e == nil {
			e = try(f, p)
		}
	}
	if e == nil {
		e = byStatus(f, p)
	}
	return e.WithOp(op).Wrap(f)
}

// unanswered is a request that nobody answered, or not so that it can be read.
func unanswered(f *fault) *engine.Error {
	switch {
	case f.status >= 200 && f.status < 300:
		return engine.E(engine.Unreadable, "Discord's answer could not be read")
	case f.status != 0:
		return nil
	case errors.Is(f.cause, context.Canceled):
		return engine.E(engine.Canceled, "this was stopped before Discord answered")
	case isTimeout(f.cause):
		return engine.E(engine.Unavailable, "Discord does not answer").WithHint("I try again by myself.")
	}
	return unreachable(f)
}

func isTimeout(err error) bool {
	var t interface{ Timeout() bool }
	return errors.Is(err, context.DeadlineExceeded) || errors.As(err, &t) && t.Timeout()
}

func unreachable(cause error) *engine.Error {
	return engine.E(engine.Unavailable, "Discord cannot be reached").WithHint("I try again by myself.").WithOp(op).Wrap(cause)
}

// coded is what something that is not there, or too late, or not allowed says.
func coded(f *fault, p engine.Place) *engine.Error {
	switch f.code {
	case discord.ErrCodeUnknownChannel, discord.ErrCodeUnknownGuild:
		return noChannel(p)
	case discord.ErrCodeUnknownMessage, discord.ErrCodeCannotEditFromAnotherUser:
		return engine.E(engine.NotFound, "this message is gone")
	case discord.ErrCodeUnknownMember, discord.ErrCodeUnknownUser:
		return engine.E(engine.NotFound, "nobody on this Discord server has that name or number")
	case discord.ErrCodeUnknownEmoji:
		return engine.E(engine.Invalid, "Discord has no such emoji").WithHint("Write its sign, its usual name, or the name of one of this server's own.")
	case discord.ErrCodeUnknownInteraction, discord.ErrCodeUnknownWebhook, codeWebhookTokenDead:
		return asleep("/flow edit")
	case discord.ErrCodeInteractionHasAlreadyBeenAcknowledged:
		return engine.E(engine.Conflict, "this was answered already")
	case discord.ErrCodeMissingAccess:
		return engine.E(engine.Denied, "I cannot see {channel}", "channel", named(p)).
			WithHint("Give my role View Channel there, then [Try again].")
	case discord.ErrCodeMissingPermissions:
		return engine.E(engine.Denied, "I am not allowed to do this in {channel}", "channel", named(p)).
			WithHint("Give my role the right that is missing there, then [Try again].")
	case discord.ErrCodeCannotSendMessagesToThisUser:
		return engine.E(engine.Denied, "This person takes no direct messages from me").
			WithHint("They can allow direct messages from members of the server in its privacy settings.")
	case discord.ErrCodeThreadAlreadyCreatedForThisMessage:
		return engine.E(engine.Conflict, "this message has a thread already")
	case codeThreadLocked, discord.ErrCodePerformedOperationOnArchivedThread:
		return engine.E(engine.Denied, "this thread is closed").WithHint("Open it again, then [Try again].")
	case discord.ErrCodeUnauthorized, codeInvalidToken:
		return badToken()
	}
	return nil
}

// limits are Discord's own, of numbers and of pace.
func limits(f *fault, p engine.Place) *engine.Error {
	slow := func(least time.Duration) *engine.Error {
		e := engine.E(engine.Throttled, "Discord asks me to slow down")
		e.After = max(f.after, least)
		return e
	}
	switch c := f.code; {
	case f.status == http.StatusTooManyRequests:
		return slow(0)
	case c == 20016 || c == 20022 || c == 20028 || c == 20029: // slow mode, announcements, writes of a channel and of a server
		return slow(10 * time.Second)
	case c == discord.ErrCodeOpeningDirectMessagesTooFast:
		return slow(time.Minute)
	case c == discord.ErrCodeMaximumNumberOfEditsToMessagesOlderThanOneHourReached:
		return slow(10 * time.Minute)
	case c == discord.ErrCodeTooManyReactions:
		return engine.E(engine.Refused, "this message has as many reactions as Discord allows")
	case c == discord.ErrCodeMaximumNumberOfActiveThreadsReached, c == discord.ErrCodeMaximumNumberOfActiveAnnouncementThreadsReached:
		return engine.E(engine.Refused, "this server has as many open threads as Discord allows").WithHint("Close some, then [Try again].")
	case c/1000 == 30:
		return engine.E(engine.Refused, "Discord allows no more of these in {channel}", "channel", named(p))
	case f.status == http.StatusRequestEntityTooLarge, c == discord.ErrCodeRequestEntityTooLarge, c == discord.ErrCodeFileUploadedExceedsTheMaximumSize:
		return tooLarge()
	}
	return nil
}

// refused is what Discord understood and does not want.
func refused(f *fault, p engine.Place) *engine.Error {
	switch f.code {
	case codeMuteableByMod, codeModTitle, codeHarmfulLink:
		return engine.E(engine.Refused, "the automatic moderation of this Discord server refused the text")
	case discord.ErrCodeReactionBlocked:
		return engine.E(engine.Denied, "whoever wrote this message has blocked me")
	case discord.ErrCodeCannotExecuteActionOnThisChannelType, discord.ErrCodeCannotSendMessagesInVoiceChannel, discord.ErrCodeCannotExecuteActionOnDMChannel:
		return engine.E(engine.Invalid, "this cannot be done in {channel}: it is no text channel", "channel", named(p))
	case discord.ErrCodeCannotExecuteActionOnSystemMessage:
		return engine.E(engine.Invalid, "this message is Discord's own")
	case discord.ErrCodeAPIResourceIsCurrentlyOverloaded:
		e := unreachable(f)
		e.After = 10 * time.Second
		return e
	}
	return nil
}

func byStatus(f *fault, p engine.Place) *engine.Error {
	switch {
	case f.status >= 500:
		e := unreachable(f)
		e.After = f.after
		return e
	case f.status == http.StatusUnauthorized:
		return badToken()
	case f.status == http.StatusForbidden:
		return engine.E(engine.Denied, "I am not allowed to do this in {channel}", "channel", named(p)).
			WithHint("Give my role the right that is missing there, then [Try again].")
	case f.status == http.StatusNotFound:
		return engine.E(engine.NotFound, "this is not on Discord any more")
	}
	return &engine.Error{Code: engine.Internal, Msg: "Something went wrong on my side"}
}

func noChannel(p engine.Place) *engine.Error {
	return engine.E(engine.NotFound, "Discord has no channel {channel} that I can see", "channel", named(p)).
		WithHint("Add me to the channel, or name it by its number.")
}

func badToken() *engine.Error {
	return engine.E(engine.Denied, "Discord does not accept my token").
		WithHint("An admin can make a new one and put it into DISCORD_TOKEN: bretelle setup discord shows where.")
}

func tooLarge() *engine.Error {
	return engine.E(engine.TooLarge, "Discord takes files of at most {most} MiB", "most", fileMost>>20).WithHint("Send a smaller file, or a link to it.")
}

// named is a place's channel as people know it, "#triage", or the number of one whose name is not known.
func named(p engine.Place) string {
	if p.Channel == "" {
		return "Discord"
	}
	return p.Channel
}

// allowed says which right was missing, where the one who asked knows: what a Denied of problem leaves open. Other
// errors stay as they are.
func allowed(err error, what *engine.Error) error {
	if codeOf(err) != discord.ErrCodeMissingPermissions {
		return err
	}
	return what.WithOp(op).Wrap(errors.Unwrap(err))
}
