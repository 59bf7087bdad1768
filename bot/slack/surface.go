package slack

import (
	"context"
	"errors"
	"log/slog"
	"net/http"
	"slices"
	"strings"
	"time"

	slackgo "github.com/slack-go/slack"

	"github.com/bretelle/bretelle/bot"
	"github.com/bretelle/bretelle/engine"
	"github.com/bretelle/bretelle/prompts"
)

// Options of a Surface.
type Options struct {
	Token  engine.Secret // bot token, "xoxb-…"
	APIURL string        // "" is https://slack.com/api/; a missing last slash is added
	Client *http.Client  // nil is http.DefaultClient

	App     engine.Secret // app-level token, "xapp-…": deliveries come through sockets (Socket Mode). None: by HTTP, see Handler
	Signing engine.Secret // signing secret, of deliveries by HTTP
	Inbox   bot.Inbox     // where deliveries are kept before they are acknowledged; Listen and Handler need it
	Sockets int           // sockets side by side; 0 is 2
	Silence time.Duration // a socket that is not pinged for so long is dead; 0 is 30 s. It is noticed within twice the time
	Pause   time.Duration // the longest pause before a socket that was cut is opened again; 0 is 2 s
	Now     func() time.Time
	Log     *slog.Logger // nil is slog.Default
}

// Surface is Slack as the bot sees it. It is safe for concurrent use.
type Surface struct {
	api *slackgo.Client
	in  *inbound
}

var (
	_ bot.Surface  = (*Surface)(nil)
	_ bot.Director = (*Surface)(nil)
)

// New makes a Surface. It does not speak to Slack yet.
func New(o Options) *Surface {
	opts := []slackgo.Option{}
	if o.APIURL != "" {
		opts = append(opts, slackgo.OptionAPIURL(strings.TrimSuffix(o.APIURL, "/")+"/"))
	}
	if o.Client != nil {
		opts = append(opts, slackgo.OptionHTTPClient(o.Client))
	}
	s := &Surface{api: slackgo.New(o.Token.Reveal(), opts...)}
	s.in = newInbound(s, o)
	return s
}

// Name is "slack".
func (s *Surface) Name() string { return "slack" }

// Limits is what Slack can show.
func (s *Surface) Limits() prompts.Limits { return Limits() }

// Post shows a card, or edits the message that ref names; see bot.Surface for the errors.
func (s *Surface) Post(ctx context.Context, p engine.Place, at bot.Ref, card prompts.Card) (bot.Ref, error) {
	post := postOf(bot.In{Place: p}, card, "")
	options := post.options()
	if at != "" {
		channel, ts, ok := strings.Cut(string(at), "/")
		if !ok {
			return "", engine.E(engine.NotFound, "this message is gone").WithOp("slack.post")
		}
		c, t, _, err := s.api.UpdateMessageContext(ctx, channel, ts, options...)
		if err != nil {
			return "", problem(err, p)
		}
		return ref(c, t), nil
	}
	c, t, err := s.api.PostMessageContext(ctx, p.Channel, options...)
	if err != nil {
		return "", problem(err, p)
	}
	return ref(c, t), nil
}

func (p *Post) options() []slackgo.MsgOption {
	out := []slackgo.MsgOption{slackgo.MsgOptionText(p.Text, false), slackgo.MsgOptionBlocks(p.Blocks...),
		slackgo.MsgOptionDisableLinkUnfurl(), slackgo.MsgOptionDisableMediaUnfurl()}
	if p.Thread != "" {
		out = append(out, slackgo.MsgOptionTS(p.Thread))
	}
	if p.Key != "" && p.User == "" {
		out = append(out, slackgo.MsgOptionMetadata(slackgo.SlackMetadata{EventType: "bretelle_card", EventPayload: map[string]any{"key": p.Key}}))
	}
	return out
}

// Direct is the direct messages between the bot and the actor; see bot.Director.
func (s *Surface) Direct(ctx context.Context, a bot.Actor, _ engine.Place) (engine.Place, error) {
	p := engine.Place{Surface: "slack", Workspace: a.Workspace}
	c, _, _, err := s.api.OpenConversationContext(ctx, &slackgo.OpenConversationParameters{Users: []string{a.User}, ReturnIM: true})
	if err != nil {
		return p, problem(err, p)
	}
	p.Channel = c.ID
	return p, nil
}

// Groups tells in which of the user groups asked about the actor is.
func (s *Surface) Groups(ctx context.Context, a bot.Actor, asked []string) ([]string, error) {
	all, err := s.api.GetUserGroupsContext(ctx, slackgo.GetUserGroupsOptionIncludeUsers(true))
	if err != nil {
		return nil, problem(err, engine.Place{})
	}
	var out []string
	for _, g := range all {
		for _, u := range g.Users {
			if u == a.User && (g.TeamID == "" || g.TeamID == a.Workspace) {
				if name := "slack:" + a.Workspace + "/@" + g.Handle; slices.Contains(asked, name) {
					out = append(out, name)
				}
				break
			}
		}
	}
	return out, nil
}

// problem puts Slack's error words into ours (docs.slack.dev, chat.postMessage and views.open, "Errors").
func problem(err error, p engine.Place) error {
	var limited *slackgo.RateLimitedError
	if errors.As(err, &limited) {
		e := engine.E(engine.Throttled, "Slack asks me to slow down").WithOp("slack.post").Wrap(err)
		e.After = limited.RetryAfter
		return e
	}
	var said slackgo.SlackErrorResponse
	if !errors.As(err, &said) {
		return engine.E(engine.Unavailable, "Slack cannot be reached").WithOp("slack.post").
			WithHint("I try again by myself.").Wrap(err)
	}
	switch said.Err {
	case "not_in_channel", "restricted_action", "restricted_action_read_only_channel":
		return engine.E(engine.Denied, "I am not in {channel}, so I could not post there", "channel", p.Channel).WithOp("slack.post").
			WithHint("Type /invite @Bretelle in it, then try again.").Wrap(err)
	case "channel_not_found", "is_archived", "user_not_in_channel":
		return engine.E(engine.NotFound, "Slack has no channel {channel} that I can see", "channel", p.Channel).WithOp("slack.post").
			WithHint("Type /invite @Bretelle in it, then try again.").Wrap(err)
	case "message_not_found", "cant_update_message", "edit_window_closed", "thread_not_found":
		return engine.E(engine.NotFound, "this message is gone").WithOp("slack.post").Wrap(err)
	case "hash_conflict":
		return engine.E(engine.Conflict, "This window changed while I was at work").WithOp("slack.send").
			WithHint("Please press again; nothing you entered is lost.").Wrap(err)
	case "expired_trigger_id", "trigger_expired", "trigger_exchanged", "exchanged_trigger_id", "invalid_trigger_id", "not_found", "view_not_found", "push_limit_reached":
		return engine.E(engine.Invalid, "Slack closed the window before I could open it").WithOp("slack.send").
			WithHint("Please press again; nothing you entered is lost.").Wrap(err)
	case "invalid_auth", "not_authed", "account_inactive", "token_revoked", "token_expired", "missing_scope", "no_permission":
		return engine.E(engine.Denied, "Slack does not accept my token for this").WithOp("slack.post").
			WithHint("An admin can look at the token and its scopes.").Wrap(err)
	case "ratelimited", "internal_error", "fatal_error", "service_unavailable", "request_timeout", "team_added_to_org":
		return engine.E(engine.Unavailable, "Slack cannot be reached").WithOp("slack.post").
			WithHint("I try again by myself.").Wrap(err)
	}
	return &engine.Error{Code: engine.Internal, Op: "slack.post", Msg: "Something went wrong on my side", Err: err}
}
