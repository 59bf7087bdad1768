package discord

import (
	"context"
	"net/http"
	"net/netip"
	"net/url"
	"strings"
	"time"

	discord "github.com/bwmarrin/discordgo"

	"github.com/bretelle/bretelle/bot"
	"github.com/bretelle/bretelle/engine"
	"github.com/bretelle/bretelle/prompts"
)

// Options of a Surface.
type Options struct {
	Token  engine.Secret     // of the bot, without "Bot "
	APIURL string            // replaces https://discord.com/api/v9, version included; "" is that
	Base   http.RoundTripper // nil is http.DefaultTransport
	Now    func() time.Time  // nil is time.Now
	Live   Live              // what it takes to listen; zero only speaks
}

// Surface is Discord as the bot sees it. It is safe for concurrent use.
type Surface struct {
	rest  *rest
	known *known
	live  *live
	now   func() time.Time
	born  int64 // when this life began
}

var (
	_ bot.Surface      = (*Surface)(nil)
	_ bot.Director     = (*Surface)(nil)
	_ bot.Threader     = (*Surface)(nil)
	_ bot.Reactor      = (*Surface)(nil)
	_ bot.Deleter      = (*Surface)(nil)
	_ bot.Uploader     = (*Surface)(nil)
	_ bot.ThreadOpener = (*Surface)(nil)
	_ bot.TopicSetter  = (*Surface)(nil)
	_ bot.Directory    = (*Surface)(nil)
	_ bot.Paced        = (*Surface)(nil)
	_ bot.Checker      = (*Surface)(nil)
)

// New makes a Surface. It does not speak to Discord yet. The error is Invalid for an address that is none.
func New(o Options) (*Surface, error) {
	base := apiURL
	if o.APIURL != "" {
		u, err := url.Parse(o.APIURL)
		if err != nil || u.Host == "" {
			return nil, engine.E(engine.Invalid, "{address} is no address for Discord", "address", o.APIURL).WithOp("discord.new").
				WithHint("Write it with scheme and version, https://discord.com/api/v9.")
		}
		if u.Scheme != "https" && !atHome(u) {
			return nil, engine.E(engine.Invalid, "{address} would send my token where others can read it", "address", u.Redacted()).WithOp("discord.new").
				WithHint("Write it with https://.")
		}
		base = strings.TrimSuffix(u.String(), "/") + "/"
	}
	if o.Base == nil {
		o.Base = http.DefaultTransport
	}
	if o.Now == nil {
		o.Now = time.Now
	}
	r := &rest{base: base, token: o.Token, now: o.Now, until: map[string]time.Time{},
		http: &http.Client{Transport: o.Base, Timeout: callTimeout, CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}}
	return &Surface{rest: r, known: remember(), live: newLive(o.Live, engine.Millis(o.Now())), now: o.Now, born: engine.Millis(o.Now())}, nil
}

// atHome reports whether an address is this machine: only there may a token go unencrypted.
func atHome(u *url.URL) bool {
	ip, err := netip.ParseAddr(u.Hostname())
	return u.Hostname() == "localhost" || err == nil && ip.IsLoopback()
}

// Name is "discord".
func (s *Surface) Name() string { return "discord" }

// Limits is what Discord can show.
func (s *Surface) Limits() prompts.Limits { return Limits() }

// Answer sends the answer of an interaction; in is what Decode gave. Errors are those of Post; Conflict when it was
// answered before or is too late.
func (s *Surface) Answer(ctx context.Context, in bot.In, r *discord.InteractionResponse) error {
	id, token, _ := trigger(in)
	return s.call(ctx, in.Place, http.MethodPost, route("interactions", id, token, "callback"), answerBody(r), nil)
}

// answerBody is an answer as it is sent.
func answerBody(r *discord.InteractionResponse) any {
	if r.Type == discord.InteractionApplicationCommandAutocompleteResult { // the SDK leaves an empty list out, which Discord refuses
		body := completion{Type: r.Type}
		body.Data.Choices = r.Data.Choices
		return body
	}
	if r.Data == nil || len(r.Data.Files) == 0 {
		return r
	}
	return files{json: answerWith{Type: r.Type, Data: with(r.Data)}, files: filesOf(r.Data)}
}

// answerWith is an answer with files; dataWith is what it says, with a description of each, which the SDK lacks.
type (
	answerWith struct {
		Type discord.InteractionResponseType `json:"type"`
		Data dataWith                        `json:"data"`
	}
	dataWith struct {
		*discord.InteractionResponseData
		Attachments []attachment `json:"attachments"`
	}
)

func with(d *discord.InteractionResponseData) dataWith {
	return dataWith{InteractionResponseData: d, Attachments: along(filesOf(d))}
}

// trigger is an interaction's id, its token and the application it is for.
func trigger(in bot.In) (id, token, app string) {
	parts := append(strings.SplitN(in.Trigger, "/", 3), "", "")
	return parts[0], parts[1], parts[2]
}

// completion is the answer to a completion as it is sent.
type completion struct {
	Type discord.InteractionResponseType `json:"type"`
	Data struct {
		Choices []*discord.ApplicationCommandOptionChoice `json:"choices"`
	} `json:"data"`
}

// Follow changes the answer of an interaction that was deferred, or that is to be shown anew, for as long as Discord
// lets it be changed: 15 minutes. Errors are those of Post; Conflict when it is asleep.
func (s *Surface) Follow(ctx context.Context, in bot.In, r *discord.InteractionResponse) error {
	if r.Data == nil {
		return nil
	}
	_, token, app := trigger(in)
	return s.call(ctx, in.Place, http.MethodPatch, route("webhooks", app, token, "messages", "@original"), change(r.Data), nil)
}

// Beside posts another answer to an interaction that was answered before, a private one, for 15 minutes. Errors as for
// Follow.
func (s *Surface) Beside(ctx context.Context, in bot.In, r *discord.InteractionResponse) error {
	if r.Data == nil {
		return nil
	}
	_, token, app := trigger(in)
	var body any = r.Data
	if len(r.Data.Files) > 0 {
		body = files{json: with(r.Data), files: filesOf(r.Data)}
	}
	return s.call(ctx, in.Place, http.MethodPost, route("webhooks", app, token), body, nil)
}

// change is a message's new content; what it had before goes.
func change(d *discord.InteractionResponseData) any {
	e := edition{Content: d.Content, Embeds: d.Embeds, Components: d.Components, Allowed: d.AllowedMentions, Attachments: []attachment{}}
	if e.Components == nil {
		e.Components = []discord.MessageComponent{}
	}
	if e.Embeds == nil {
		e.Embeds = []*discord.MessageEmbed{}
	}
	if len(d.Files) == 0 {
		return e
	}
	e.Attachments = along(filesOf(d))
	return files{json: e, files: filesOf(d)}
}
