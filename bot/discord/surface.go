package discord

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"sync"

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
}

// Surface is Discord as the bot sees it. It is safe for concurrent use.
type Surface struct {
	api *discord.Session

	mu    sync.Mutex
	rooms map[string]string // channel ids by GUILD/#name, private threads by alone/CHANNEL/USER
}

var (
	_ bot.Surface  = (*Surface)(nil)
	_ bot.Director = (*Surface)(nil)
)

// New makes a Surface. It does not speak to Discord yet. The error is Invalid for an address that is none.
func New(o Options) (*Surface, error) {
	s, err := discord.New("Bot " + o.Token.Reveal())
	if err != nil {
		return nil, engine.E(engine.Invalid, "the Discord token cannot be used").WithOp("discord.new").Wrap(err)
	}
	base := o.Base
	if base == nil {
		base = http.DefaultTransport
	}
	if o.APIURL != "" {
		u, err := url.Parse(o.APIURL)
		if err != nil || u.Host == "" {
			return nil, engine.E(engine.Invalid, "{address} is no address for Discord", "address", o.APIURL).WithOp("discord.new").
				WithHint("Write it with scheme and version, https://discord.com/api/v9.")
		}
		base = redirect{to: u, next: base}
	}
	s.Client = &http.Client{Transport: base, Timeout: s.Client.Timeout}
	s.ShouldRetryOnRateLimit, s.MaxRestRetries = false, 0 // retries are decided in one place, which is not here (R8)
	return &Surface{api: s, rooms: map[string]string{}}, nil
}

// redirect sends what goes to Discord's API elsewhere: the SDK's addresses are global, ours are not.
type redirect struct {
	to   *url.URL
	next http.RoundTripper
}

func (r redirect) RoundTrip(q *http.Request) (*http.Response, error) {
	path, ok := strings.CutPrefix(q.URL.String(), discord.EndpointAPI)
	if !ok {
		return r.next.RoundTrip(q)
	}
	u, err := url.Parse(strings.TrimSuffix(r.to.String(), "/") + "/" + path)
	if err != nil {
		return nil, err
	}
	q = q.Clone(q.Context())
	q.URL, q.Host = u, u.Host
	return r.next.RoundTrip(q)
}

// Name is "discord".
func (s *Surface) Name() string { return "discord" }

// Limits is what Discord can show.
func (s *Surface) Limits() prompts.Limits { return Limits() }

// Listen is Unavailable: this version posts to Discord, but opens no gateway to it.
func (s *Surface) Listen(context.Context, bot.Handler) error {
	return engine.E(engine.Unavailable, "Discord is not connected yet").WithOp("discord.listen").
		WithHint("This version can post to Discord; clicks and commands work in the console.")
}

// creation is a message with a nonce: the same one sent again soon gives the message that is there already, which is
// how a crash between posting and storing the reference makes no second card.
type creation struct {
	*discord.MessageSend
	Nonce   string `json:"nonce,omitempty"`
	Enforce bool   `json:"enforce_nonce,omitempty"`
}

// Post shows a card, or edits the message that ref names; see bot.Surface for the errors.
func (s *Surface) Post(ctx context.Context, p engine.Place, at bot.Ref, card prompts.Card) (bot.Ref, error) {
	m := Message(prompts.Fit(card, Limits()))
	if at != "" {
		return s.edit(ctx, p, at, m)
	}
	room, err := s.room(ctx, p)
	if err != nil {
		return "", err
	}
	c := creation{MessageSend: m}
	if card.Key != "" {
		sum := sha256.Sum256([]byte(card.Key + "\x00" + card.Text))
		c.Nonce, c.Enforce = hex.EncodeToString(sum[:])[:25], true
	}
	if channel, message, ok := strings.Cut(p.Thread, "/"); ok {
		return s.inThread(ctx, p, channel, message, card.Title.String(), c)
	}
	if p.Thread != "" {
		room = p.Thread
	}
	return s.send(ctx, p, room, c)
}

func (s *Surface) send(ctx context.Context, p engine.Place, room string, c creation) (bot.Ref, error) {
	body, err := s.api.RequestWithBucketID("POST", discord.EndpointChannelMessages(room), c, discord.EndpointChannelMessages(room), discord.WithContext(ctx))
	if err != nil {
		return "", problem(err, p)
	}
	var sent struct {
		ID   string `json:"id"`
		Room string `json:"channel_id"`
	}
	if err := json.Unmarshal(body, &sent); err != nil || sent.ID == "" {
		return "", engine.E(engine.Unreadable, "Discord's answer could not be read").WithOp("discord.post").Wrap(err)
	}
	if sent.Room == "" {
		sent.Room = room
	}
	return ref(sent.Room, sent.ID), nil
}

// inThread posts in the thread that begins with a message; such a thread has the message's id, and is made when it
// is not there yet.
func (s *Surface) inThread(ctx context.Context, p engine.Place, channel, message, name string, c creation) (bot.Ref, error) {
	at, err := s.send(ctx, p, message, c)
	if engine.CodeOf(err) != engine.NotFound {
		return at, err
	}
	title := prompts.Cut(prompts.CleanLine(name), 100)
	if strings.TrimSpace(title) == "" {
		title = "…"
	}
	if _, err := s.api.MessageThreadStart(channel, message, title, 1440, discord.WithContext(ctx)); err != nil {
		return "", problem(err, p)
	}
	return s.send(ctx, p, message, c)
}

func (s *Surface) edit(ctx context.Context, p engine.Place, at bot.Ref, m *discord.MessageSend) (bot.Ref, error) {
	channel, message, ok := strings.Cut(string(at), "/")
	if !ok || !snowflake.MatchString(channel) || !snowflake.MatchString(message) {
		return "", engine.E(engine.NotFound, "this message is gone").WithOp("discord.post")
	}
	e := &discord.MessageEdit{Channel: channel, ID: message, Content: &m.Content, Embeds: &m.Embeds, Components: &m.Components, AllowedMentions: m.AllowedMentions}
	sent, err := s.api.ChannelMessageEditComplex(e, discord.WithContext(ctx))
	if err != nil {
		return "", problem(err, p)
	}
	if sent.ChannelID == "" || sent.ID == "" {
		return at, nil
	}
	return ref(sent.ChannelID, sent.ID), nil
}

// Answer sends the answer of an interaction; in is what Decode gave. Errors are those of Post.
func (s *Surface) Answer(ctx context.Context, in bot.In, r *discord.InteractionResponse) error {
	id, token, _ := trigger(in)
	if r.Type == discord.InteractionApplicationCommandAutocompleteResult { // the SDK leaves an empty list out, which Discord refuses
		address := discord.EndpointInteractionResponse(id, token)
		body := completion{Type: r.Type}
		body.Data.Choices = r.Data.Choices
		if _, err := s.api.RequestWithBucketID("POST", address, body, address, discord.WithContext(ctx)); err != nil {
			return problem(err, in.Place)
		}
		return nil
	}
	if err := s.api.InteractionRespond(&discord.Interaction{ID: id, Token: token}, r, discord.WithContext(ctx)); err != nil {
		return problem(err, in.Place)
	}
	return nil
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
	_, token, app := trigger(in)
	d := r.Data
	if d == nil {
		return nil
	}
	edit := &discord.WebhookEdit{Content: &d.Content, Embeds: &d.Embeds, Components: &d.Components, AllowedMentions: d.AllowedMentions}
	if _, err := s.api.InteractionResponseEdit(&discord.Interaction{AppID: app, Token: token}, edit, discord.WithContext(ctx)); err != nil {
		return problem(err, in.Place)
	}
	return nil
}

// Direct is the direct messages between the bot and the actor, or where they refuse those, a private thread below
// near that only they are in; see bot.Director.
func (s *Surface) Direct(ctx context.Context, a bot.Actor, near engine.Place) (engine.Place, error) {
	c, err := s.api.UserChannelCreate(a.User, discord.WithContext(ctx))
	if err == nil {
		return engine.Place{Surface: "discord", Workspace: DirectMessages, Channel: c.ID}, nil
	}
	why := problem(err, near)
	if code := engine.CodeOf(why); code == engine.Throttled || code == engine.Unavailable || near.Channel == "" || near.Workspace == DirectMessages {
		return engine.Place{}, why
	}
	room, err := s.room(ctx, near)
	if err != nil {
		return engine.Place{}, err
	}
	key := "alone/" + room + "/" + a.User
	s.mu.Lock()
	there := s.rooms[key]
	s.mu.Unlock()
	if there != "" {
		return engine.Place{Surface: "discord", Workspace: near.Workspace, Channel: there}, nil
	}
	name := prompts.Cut("Bretelle · "+prompts.CleanLine(a.Name), 100)
	th, err := s.api.ThreadStartComplex(room, &discord.ThreadStart{Name: name, Type: discord.ChannelTypeGuildPrivateThread, AutoArchiveDuration: 1440},
		discord.WithContext(ctx))
	if err != nil {
		return engine.Place{}, problem(err, near)
	}
	if err := s.api.ThreadMemberAdd(th.ID, a.User, discord.WithContext(ctx)); err != nil {
		return engine.Place{}, problem(err, near)
	}
	s.mu.Lock()
	s.rooms[key] = th.ID
	s.mu.Unlock()
	return engine.Place{Surface: "discord", Workspace: near.Workspace, Channel: th.ID}, nil
}

// room is the id of a place's channel; a name is looked up in the guild and remembered.
func (s *Surface) room(ctx context.Context, p engine.Place) (string, error) {
	name, named := strings.CutPrefix(p.Channel, "#")
	if !named {
		return p.Channel, nil
	}
	key := p.Workspace + "/" + p.Channel
	s.mu.Lock()
	id := s.rooms[key]
	s.mu.Unlock()
	if id != "" {
		return id, nil
	}
	all, err := s.api.GuildChannels(p.Workspace, discord.WithContext(ctx))
	if err != nil {
		return "", problem(err, p)
	}
	for _, c := range all {
		if c.Name == name && (c.Type == discord.ChannelTypeGuildText || c.Type == discord.ChannelTypeGuildNews) {
			s.mu.Lock()
			s.rooms[key] = c.ID
			s.mu.Unlock()
			return c.ID, nil
		}
	}
	return "", engine.E(engine.NotFound, "Discord has no channel {channel} that I can see", "channel", p.Channel).WithOp("discord.post").
		WithHint("Add me to the channel, or name it by its id.")
}

// Groups tells which of the roles asked about the actor has.
func (s *Surface) Groups(ctx context.Context, a bot.Actor, asked []string) ([]string, error) {
	if a.Workspace == DirectMessages || a.Workspace == "" {
		return nil, nil
	}
	m, err := s.api.GuildMember(a.Workspace, a.User, discord.WithContext(ctx))
	if err != nil {
		return nil, problem(err, engine.Place{})
	}
	roles, err := s.api.GuildRoles(a.Workspace, discord.WithContext(ctx))
	if err != nil {
		return nil, problem(err, engine.Place{})
	}
	var out []string
	for _, r := range roles {
		for _, id := range m.Roles {
			if name := "discord:" + a.Workspace + "/@" + r.Name; id == r.ID && slices.Contains(asked, name) {
				out = append(out, name)
			}
		}
	}
	return out, nil
}
