package slack

import (
	"context"
	"log/slog"
	"net/http"
	"strings"
	"time"

	slackgo "github.com/slack-go/slack"

	"github.com/bretelle/bretelle/bot"
	"github.com/bretelle/bretelle/engine"
	"github.com/bretelle/bretelle/prompts"
)

// Tokens has the bot's token for each workspace that it is installed in. It is asked at each use, so that a workspace
// that was added or taken away counts at once.
type Tokens interface {
	// Token is the bot token of a workspace; NotFound when the bot is not installed there.
	Token(ctx context.Context, workspace string) (engine.Secret, error)
	// Workspaces are the ids of the workspaces that the bot is installed in.
	Workspaces(ctx context.Context) ([]string, error)
}

// Options of a Surface.
type Options struct {
	Token  engine.Secret // bot token, "xoxb-…", of one workspace, which Slack names; not used with Tokens
	Tokens Tokens        // of several workspaces
	APIURL string        // "" is https://slack.com/api/; a missing last slash is added
	Client *http.Client  // nil is one that gives up after 30 seconds and follows no redirect

	App     engine.Secret // app-level token, "xapp-…": deliveries of all workspaces come through sockets (Socket Mode). None: by HTTP, see Handler
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
	o          Options
	workspaces *workspaces
	channels   *channels
	people     *people
	members    *memo[[]string]            // who is in a user group or a channel, by workspace and id
	groups     *memo[[]slackgo.UserGroup] // by workspace
	past       *past
	pictures   *memo[string] // ids of uploaded files, by workspace and what they show
	uploads    *memo[upload] // by place and key

	in *inbound
}

var (
	_ bot.Surface  = (*Surface)(nil)
	_ bot.Director = (*Surface)(nil)
)

// New makes a Surface. It does not speak to Slack yet.
func New(o Options) *Surface {
	if o.APIURL != "" {
		o.APIURL = strings.TrimSuffix(o.APIURL, "/") + "/"
	}
	if o.Client == nil {
		o.Client = &http.Client{Timeout: callMost, CheckRedirect: stay}
	}
	if o.Now == nil {
		o.Now = time.Now
	}
	s := &Surface{o: o}
	s.workspaces = newWorkspaces(o)
	s.channels = newChannels(o.Now)
	s.people = newPeople(o.Now)
	s.members = newMemo[[]string](o.Now, membersMost, membershipAge)
	s.groups = newMemo[[]slackgo.UserGroup](o.Now, workspacesMost, membershipAge)
	s.past = newPast(o.Now)
	s.pictures = newMemo[string](o.Now, picturesMost, pictureAge)
	s.uploads = newMemo[upload](o.Now, uploadsMost, 0)
	s.in = newInbound(s, o)
	return s
}

// stay follows no redirect: what is sent holds the token, or is private, and Slack leads nowhere else.
func stay(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }

// callMost bounds one request to Slack, so that a server that hangs holds up nobody for ever.
const callMost = 30 * time.Second

// Name is "slack".
func (s *Surface) Name() string { return "slack" }

// Limits is what Slack can show.
func (s *Surface) Limits() prompts.Limits { return Limits() }
