package slack

import (
	"context"
	"errors"
	"net/http"
	"strings"

	slackgo "github.com/slack-go/slack"

	"github.com/bretelle/bretelle/engine"
)

// problem puts what Slack's client says into our words. p is where it was to happen. Sources: "Errors" of the methods
// at docs.slack.dev; the words that all methods share.
func problem(err error, p engine.Place) error {
	var limited *slackgo.RateLimitedError
	if errors.As(err, &limited) {
		e := engine.E(engine.Throttled, "Slack asks me to slow down").WithOp("slack").Wrap(err)
		e.After = limited.RetryAfter
		return e
	}
	var said slackgo.SlackErrorResponse
	if errors.As(err, &said) {
		return refusal(said, p).Wrap(err)
	}
	var ours *engine.Error
	if errors.As(err, &ours) {
		return err
	}
	var status slackgo.StatusCodeError
	if errors.As(err, &status) && status.Code == http.StatusTooManyRequests { // without Retry-After
		return engine.E(engine.Throttled, "Slack asks me to slow down").WithOp("slack").Wrap(err)
	}
	if errors.Is(err, context.Canceled) {
		return engine.E(engine.Canceled, "stopped on request").WithOp("slack").Wrap(err)
	}
	return away().Wrap(err)
}

func away() *engine.Error {
	return engine.E(engine.Unavailable, "Slack cannot be reached").WithOp("slack").WithHint("I try again by myself.")
}

// refusal is what an error word means, and what to do.
func refusal(said slackgo.SlackErrorResponse, p engine.Place) *engine.Error {
	refuse := func(code engine.Code, msg, hint string, args ...any) *engine.Error {
		return engine.E(code, msg, args...).WithOp("slack." + said.Err).WithHint(hint)
	}
	channel := p.Channel
	switch said.Err {
	case "not_in_channel", "no_permission_in_channel":
		return refuse(engine.Denied, "I am not in {channel}, so I could not post there", "Type /invite @Bretelle in it, then [Try again].", "channel", channel)
	case "restricted_action", "restricted_action_read_only_channel", "restricted_action_thread_only_channel", "restricted_action_non_threadable_channel",
		"restricted_action_thread_locked", "as_user_not_supported", "posting_to_general_channel_denied", "messages_tab_disabled":
		return refuse(engine.Denied, "Slack does not let me write in {channel}", "An owner of the workspace can allow it in the channel's settings.", "channel", channel)
	case "channel_not_found", "user_not_in_channel", "method_not_supported_for_channel_type", "invalid_channel", "channel_is_limited_access":
		return refuse(engine.NotFound, "Slack has no channel {channel} that I can see", "Type /invite @Bretelle in it, then try again.", "channel", channel)
	case "is_archived":
		return refuse(engine.NotFound, "{channel} is archived, so nothing can be posted there", "Somebody can unarchive it, or the flow can get another channel.", "channel", channel)
	case "message_not_found", "edit_window_closed", "thread_not_found", "no_item_specified", "bad_timestamp", "invalid_ts_latest":
		return refuse(engine.NotFound, "this message is gone", "")
	case "cant_update_message", "cant_delete_message":
		return refuse(engine.Denied, "this message is not mine, so I cannot change it", "")
	case "hash_conflict":
		return refuse(engine.Conflict, "This window changed while I was at work", "Please press again; nothing you entered is lost.")
	case "expired_trigger_id", "trigger_expired", "trigger_exchanged", "exchanged_trigger_id", "invalid_trigger_id", "not_found", "view_not_found", "push_limit_reached":
		return refuse(engine.Invalid, "Slack closed the window before I could open it", "Please press again; nothing you entered is lost.")
	case "missing_scope":
		return lacking(said)
	case "invalid_auth", "not_authed", "account_inactive", "token_revoked", "token_expired", "org_login_required", "two_factor_setup_required":
		return refuse(engine.Denied, "Slack does not accept my token any more", "An admin can install me anew; bretelle setup slack says how.")
	case "not_allowed_token_type", "no_permission", "access_denied", "ekm_access_denied", "team_access_not_granted", "enterprise_is_restricted":
		return refuse(engine.Denied, "Slack does not allow me this with my token", "An admin can look at the token and its scopes; bretelle setup slack checks them.")
	case "ratelimited", "rate_limited", "message_limit_exceeded":
		return refuse(engine.Throttled, "Slack asks me to slow down", "")
	case "internal_error", "fatal_error", "service_unavailable", "request_timeout", "team_added_to_org", "upgrade_required", "accesslimited":
		return away().WithOp("slack." + said.Err)
	case "msg_too_long", "msg_blocks_too_long", "too_long", "text_too_long":
		return refuse(engine.TooLarge, "this text is too long for Slack", "Shorten it, or send it as a file.")
	case "no_text", "empty_message":
		return refuse(engine.Invalid, "an empty message cannot be posted", "Write a text.")
	case "invalid_name", "no_reaction", "invalid_emoji", "emoji_not_found":
		return refuse(engine.Invalid, "Slack has no such emoji", "Write its name without colons, such as thumbsup.")
	case "too_many_emoji", "too_many_reactions":
		return refuse(engine.Invalid, "this message has all the reactions that Slack allows", "")
	case "not_reactable":
		return refuse(engine.Invalid, "nothing can be put under this message", "")
	case "user_not_found", "users_not_found", "user_not_visible", "users_list_not_supplied", "user_disabled":
		return refuse(engine.NotFound, "Slack has nobody like that whom I can see", "Look at the id, the address or the name.")
	case "cannot_dm_bot":
		return refuse(engine.Denied, "Slack does not let me write to another bot", "")
	case "file_not_found", "file_deleted", "invalid_upload_channel", "file_update_failed", "file_upload_size_restricted", "slack_connect_file_upload_sharing_blocked",
		"file_uploads_disabled", "file_uploads_except_images_disabled", "blocked_file_type", "slack_connect_blocked_file_type", "posting_to_channel_denied":
		return refuse(engine.Invalid, "Slack does not take this file here", "An owner of the workspace can say which files are allowed.")
	case "storage_limit_reached":
		return refuse(engine.TooLarge, "Slack's storage is full", "An owner of the workspace can make room.")
	}
	return &engine.Error{Code: engine.Internal, Op: "slack." + said.Err, Msg: "Something went wrong on my side"}
}

// lacking says which scope is missing and what does not work without it.
func lacking(said slackgo.SlackErrorResponse) *engine.Error {
	needed, _, _ := strings.Cut(said.Needed, ",") // where one of several would do, the first is asked for
	needed = strings.TrimSpace(needed)
	if needed == "" {
		return engine.E(engine.Denied, "Slack does not allow me this with my token").WithOp("slack.missing_scope").
			WithHint("An admin can look at the token and its scopes; bretelle setup slack checks them.")
	}
	for _, s := range Scopes() {
		if s.Name == needed {
			return s.missing()
		}
	}
	return engine.E(engine.Denied, "my Slack token lacks the scope {scope}", "scope", needed).WithOp("slack.missing_scope").WithHint("An admin can add {scope} under OAuth & Permissions of the app and install it again; bretelle setup slack prints the manifest.")
}

// deadToken reports whether an error says that the token will not be accepted again.
func deadToken(err error) bool {
	switch word(err) {
	case "invalid_auth", "not_authed", "account_inactive", "token_revoked", "token_expired":
		return true
	}
	return false
}

// word is Slack's error word; "" when it did not answer with one.
func word(err error) string {
	var said slackgo.SlackErrorResponse
	if errors.As(err, &said) {
		return said.Err
	}
	return ""
}

// doubtful reports whether a request may have been carried out although no answer came.
func doubtful(err error) bool {
	var limited *slackgo.RateLimitedError
	var status slackgo.StatusCodeError
	switch {
	case err == nil || errors.As(err, &limited):
		return false
	case errors.As(err, &status):
		return status.Code >= 500
	}
	switch word(err) {
	case "internal_error", "fatal_error", "service_unavailable", "request_timeout":
		return true
	case "":
		return true
	}
	return false
}
